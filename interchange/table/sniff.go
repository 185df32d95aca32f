// SPDX-License-Identifier: Apache-2.0

package table

import (
	"bytes"
	"strings"
	"unicode/utf16"

	"sextant"
)

const saveAsXLSX = "open it in a spreadsheet program, choose Save as, Excel workbook (.xlsx), and import that file"

// foreign are files people take for tables, known by their first bytes.
var foreign = []struct{ magic, what, fix string }{
	{"%PDF", "a PDF document", "ask for the spreadsheet it was made from"},
	{"{\\rtf", "an RTF text document", "copy the table into a spreadsheet and save it as .xlsx"},
	{"\x1f\x8b", "a gzip archive", "unpack it and import the file inside"},
	{"7z\xbc\xaf", "a 7z archive", "unpack it and import the file inside"},
	{"Rar!", "a RAR archive", "unpack it and import the file inside"},
	{"\x89PNG", "a PNG picture", "a picture holds no cells: ask for the spreadsheet"},
	{"\xff\xd8\xff", "a JPEG picture", "a picture holds no cells: ask for the spreadsheet"},
	{"SQLite format 3", "a SQLite database", "export the table from it as CSV"},
	{"MZ", "a Windows program", "do not run it; ask the sender what it is"},
	{"\x7fELF", "a program", "do not run it; ask the sender what it is"},
	{"\x09\x04\x06\x00", "a spreadsheet of Excel 4 or older", saveAsXLSX},
	{"\x09\x08\x10\x00", "a spreadsheet of Excel 95 or older (.xls)", saveAsXLSX},
}

// sniff tells XLSX from text and refuses, by name, what is neither.
func sniff(data []byte) (Format, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return Unknown, sextant.Errorf(sextant.Invalid, "the file is empty")
	}
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return XLSX, nil
	}
	if bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return Unknown, sniffOLE(data)
	}
	for _, f := range foreign {
		if bytes.HasPrefix(data, []byte(f.magic)) {
			return Unknown, wrongFile(f.what, f.fix)
		}
	}
	head := strings.ToLower(strings.TrimLeft(string(data[:min(len(data), 1024)]), "\ufeff \t\r\n"))
	switch {
	case strings.HasPrefix(head, "<html"), strings.HasPrefix(head, "<!doctype html"), strings.HasPrefix(head, "<table"), strings.HasPrefix(head, "<meta"):
		return Unknown, wrongFile("a web page (HTML), even if its name ends in .xls", saveAsXLSX)
	case strings.HasPrefix(head, "<?xml") && strings.Contains(head, "urn:schemas-microsoft-com:office:spreadsheet"):
		return Unknown, wrongFile("an XML spreadsheet of Excel 2003", saveAsXLSX)
	case strings.HasPrefix(head, "<?xml"):
		return Unknown, wrongFile("an XML file", "export the table as .xlsx or CSV from the program that made it")
	case strings.HasPrefix(head, "mime-version:"):
		return Unknown, wrongFile("a web archive (MHTML), even if its name ends in .xls", saveAsXLSX)
	}
	return Unknown, nil
}

// sniffOLE looks at the stream names inside the container that old and
// encrypted Office files share. The names stand there in UTF-16.
func sniffOLE(data []byte) error {
	switch {
	case bytes.Contains(data, wide("EncryptedPackage")):
		return wrongFile("a spreadsheet protected with a password", "open it, remove the password (File, Info, Protect workbook), save it and import it again")
	case bytes.Contains(data, wide("WordDocument")):
		return wrongFile("a Word document (.doc)", "copy the table into a spreadsheet and save it as .xlsx")
	case bytes.Contains(data, wide("Workbook")), bytes.Contains(data, wide("Book")):
		return wrongFile("an old Excel workbook (.xls)", saveAsXLSX)
	}
	return wrongFile("an old Office file", saveAsXLSX)
}

func wide(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func wrongFile(what, fix string) *sextant.Error {
	return sextant.Errorf(sextant.Invalid, "the file is %s, not a table that can be imported (.xlsx, .csv or .json)", what).WithHint("%s", fix)
}

// textFormat tells JSON from CSV: a CSV header hardly starts with a bracket
// that is followed by what only JSON has.
func textFormat(decoded string) Format {
	rest := strings.TrimLeft(decoded, " \t\r\n")
	if rest == "" || (rest[0] != '[' && rest[0] != '{') {
		return CSV
	}
	next := strings.TrimLeft(rest[1:], " \t\r\n")
	if next == "" || strings.ContainsRune(`{}]"[`, rune(next[0])) {
		return JSON
	}
	return CSV
}
