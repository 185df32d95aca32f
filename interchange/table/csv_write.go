// SPDX-License-Identifier: Apache-2.0

package table

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// CSVOptions choose how a CSV file is written. The zero value is what opens
// well in a spreadsheet everywhere but where ; separates.
type CSVOptions struct {
	Comma rune // separator; ',' where zero
	NoBOM bool // leave out the byte order mark that tells Excel the text is UTF-8
	Keys  bool // keys and choice names instead of labels, for programs
}

// WriteCSV writes RFC 4180 CSV in UTF-8. Text that a spreadsheet would take
// for a formula gets one apostrophe in front, which Read takes away again.
func (s Sheet) WriteCSV(w io.Writer, o CSVOptions) error {
	if err := checkColumns(s.Columns); err != nil {
		return err
	}
	if o.Comma == 0 {
		o.Comma = ','
	}
	out := csvWriter{bufio.NewWriter(w), string(o.Comma)}
	if !o.NoBOM {
		out.WriteString("\ufeff")
	}
	fields := headers(s.Columns)
	for i, c := range s.Columns {
		if o.Keys {
			fields[i] = c.Key
		}
		fields[i] = guard(fields[i])
	}
	out.record(fields)
	err := s.each(func(_ int, row []any) error {
		for i, c := range s.Columns {
			fields[i] = c.csv(row[i], o.Keys)
		}
		return out.record(fields)
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

func (c Column) csv(v any, keys bool) string {
	if keys {
		c.Choices = nil
		if b, ok := v.(bool); ok {
			return strconv.FormatBool(b)
		}
	}
	switch shown := c.cell(v); shown.shape {
	case number:
		return strconv.FormatFloat(shown.number, 'f', -1, 64)
	case text:
		return guard(shown.text)
	default:
		return shown.text
	}
}

type csvWriter struct {
	*bufio.Writer
	comma string
}

func (w csvWriter) record(fields []string) error {
	for i, field := range fields {
		if i > 0 {
			w.WriteString(w.comma)
		}
		if strings.ContainsAny(field, "\"\r\n"+w.comma) || (field == "" && len(fields) == 1) {
			field = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
		}
		w.WriteString(field)
	}
	_, err := w.WriteString("\r\n")
	return err
}

// guard puts an apostrophe before text that a spreadsheet would run: CSV has
// no other way to say "this is text" (OWASP, CSV injection). Text that already
// looks guarded gets one more, so that unguard is its exact inverse.
func guard(s string) string {
	if isTrigger(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// unguard takes away the one apostrophe that guard put there.
func unguard(s string) string {
	if strings.HasPrefix(s, "'") && isTrigger(strings.TrimLeft(s, "'")) {
		return s[1:]
	}
	return s
}

// isTrigger knows the wide forms too, which some spreadsheets treat alike.
func isTrigger(s string) bool {
	for _, r := range s {
		return strings.ContainsRune("=+-@\t\r\n＝＋－＠", r)
	}
	return false
}
