// SPDX-License-Identifier: Apache-2.0

package table

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"sextant"
)

// decode turns text of an unknown encoding into a string. The name is that of
// the encoding guessed, empty for UTF-8. Where a file is UTF-8 but for single
// broken characters, the string keeps them, and the rows that hold them are
// refused one by one.
func decode(data []byte) (string, string, error) {
	var guess encoding.Encoding
	name := ""
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return string(data[3:]), "", nil
	case bytes.HasPrefix(data, []byte("\xff\xfe")), looksWide(data, 1):
		guess, name = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "UTF-16"
	case bytes.HasPrefix(data, []byte("\xfe\xff")), looksWide(data, 0):
		guess, name = unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "UTF-16"
	case bytes.IndexByte(data, 0) >= 0:
		return "", "", wrongFile("a binary file", "export the table as .xlsx or CSV from the program that made it")
	case utf8.Valid(data), mostlyUTF8(data):
		return string(data), "", nil
	default:
		guess, name = charmap.Windows1252, "Windows-1252 (Western European)"
	}
	out, err := guess.NewDecoder().Bytes(data)
	if err != nil {
		return "", "", sextant.Errorf(sextant.Invalid, "the file looks like %s but cannot be decoded", name).WithHint("save it as CSV UTF-8")
	}
	return string(out), name, nil
}

// looksWide finds UTF-16 without a byte order mark: ASCII letters in it have a
// zero in every other byte. zero is where in each pair that byte stands.
func looksWide(data []byte, zero int) bool {
	sample := data[:min(len(data), 512)&^1]
	zeros := 0
	for i := zero; i < len(sample); i += 2 {
		if sample[i] == 0 {
			zeros++
		}
		if sample[i^1] == 0 {
			return false
		}
	}
	return len(sample) >= 4 && zeros*2 > len(sample)/2
}

// mostlyUTF8 says whether broken bytes are the exception among characters that
// only UTF-8 explains. Text of a one-byte encoding hardly ever forms any.
func mostlyUTF8(data []byte) bool {
	good, bad := 0, 0
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		data = data[n:]
	}
	return good > bad
}
