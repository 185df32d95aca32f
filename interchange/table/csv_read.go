// SPDX-License-Identifier: Apache-2.0

package table

import (
	"errors"
	"strings"

	"sextant"
)

func readCSV(s string, o Options) (*Table, error) {
	s, comma := declaredComma(s)
	if comma == 0 {
		comma = likelyComma(s, o)
	}
	in := newIntake(CSV, o)
	err := eachRecord(s, comma, o.Limits, func(n int, record []cell) error {
		return in.row(wireRow{number: n, cells: record})
	})
	if err == nil {
		err = in.end()
	}
	if errors.Is(err, errNoHeader) {
		return nil, noHeader(o)
	}
	if err != nil {
		return nil, err
	}
	return in.table, nil
}

// declaredComma honours the line "sep=;" that Excel puts above some CSV files.
// The line stays in the count of rows only where a spreadsheet would show it:
// it does not.
func declaredComma(s string) (string, byte) {
	if len(s) < 5 || !strings.EqualFold(s[:4], "sep=") {
		return s, 0
	}
	line, rest, _ := strings.Cut(s, "\n")
	if line = strings.TrimSuffix(line, "\r"); len(line) != 5 || !strings.Contains(",;\t|", line[4:]) {
		return s, 0
	}
	return rest, line[4]
}

// likelyComma tries each separator on the first rows. The one that reveals the
// most known headers wins; the comma where none does.
func likelyComma(s string, o Options) byte {
	best, most := byte(','), 0
	for _, comma := range []byte{',', ';', '\t', '|'} {
		in := newIntake(CSV, o)
		rows := 0
		// An error only ends the look; the reading proper reports it.
		_ = eachRecord(s, comma, o.Limits, func(_ int, record []cell) error {
			if n := in.matches(record); n > most {
				best, most = comma, n
			}
			if rows++; rows == headerWithin {
				return errEnough
			}
			return nil
		})
	}
	return best
}

var errEnough = errors.New("enough")

// eachRecord splits CSV text into records and numbers them as a spreadsheet
// numbers rows. encoding/csv drops empty lines, which would shift the numbers,
// and changes line breaks inside a field.
func eachRecord(s string, comma byte, limits Limits, fn func(n int, record []cell) error) error {
	for n := 1; s != ""; n++ {
		var record []cell
		for more := true; more; {
			if len(record) >= limits.Columns {
				return sextant.Errorf(sextant.TooLarge, "row %d has more than %d columns", n, limits.Columns)
			}
			var c cell
			var open bool
			c, s, more, open = field(s, comma)
			if open {
				return sextant.Errorf(sextant.Invalid, "row %d: the quotation mark that opens column %s is never closed", n, columnName(len(record)+1)).
					WithHint("double quotation marks inside a text, or save the table again as CSV from a spreadsheet")
			}
			record = append(record, c)
		}
		if err := fn(n, record); err != nil {
			return err
		}
	}
	return nil
}

// field takes one field off s. more says that the record goes on, open that a
// quotation mark was not closed.
func field(s string, comma byte) (c cell, rest string, more, open bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, string([]byte{comma, '\r', '\n'}))
		if end < 0 {
			return textCell(s), "", false, false
		}
		rest, more = afterField(s[end:], comma)
		return textCell(s[:end]), rest, more, false
	}
	var b strings.Builder
	for s = s[1:]; ; s = s[1:] {
		quote := strings.IndexByte(s, '"')
		if quote < 0 {
			return cell{}, "", false, true
		}
		b.WriteString(s[:quote])
		if s = s[quote+1:]; !strings.HasPrefix(s, `"`) {
			break
		}
		b.WriteByte('"')
	}
	c = textCell(b.String())
	if end := strings.IndexAny(s, string([]byte{comma, '\r', '\n'})); end != 0 && s != "" {
		c = cell{shape: broken, text: "there is text after the closing quotation mark"}
		if end < 0 {
			return c, "", false, false
		}
		s = s[end:]
	}
	rest, more = afterField(s, comma)
	return c, rest, more, false
}

// afterField takes the separator or the line end.
func afterField(s string, comma byte) (rest string, more bool) {
	switch {
	case s == "":
		return "", false
	case s[0] == comma:
		return s[1:], true
	case strings.HasPrefix(s, "\r\n"):
		return s[2:], false
	}
	return s[1:], false
}

func textCell(s string) cell {
	if s == "" {
		return cell{}
	}
	return cell{shape: text, text: unguard(s)}
}
