// SPDX-License-Identifier: Apache-2.0

package entries

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"sextant"
	"sextant/interchange/table"
	"sextant/register"
)

// A field that holds rows is one cell: a line for each row, its values as
// "key: value" parted by semicolons. A value with a semicolon, a line break or a
// quotation mark stands in quotation marks, each inner one doubled.

func rowsHelp(f register.Field) string {
	var names []string
	for _, part := range f.Fields {
		names = append(names, part.Key+": …")
	}
	return "One line for each: " + strings.Join(names, "; ")
}

func rowsText(f register.Field, value any) string {
	list, _ := value.([]any)
	var lines []string
	for _, item := range list {
		row, _ := item.(map[string]any)
		var parts []string
		for _, part := range f.Fields {
			if row[part.Key] != nil {
				parts = append(parts, part.Key+": "+quoted(scalar(row[part.Key])))
			}
		}
		lines = append(lines, strings.Join(parts, "; "))
	}
	return strings.Join(lines, "\n")
}

func scalar(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

func quoted(text string) string {
	if !strings.ContainsAny(text, ";\n\r\"") && strings.TrimSpace(text) == text {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// rowsOf reads a cell that holds rows.
func rowsOf(f register.Field, text string) ([]any, error) {
	var rows []any
	for _, line := range split(text, '\n') {
		if strings.TrimSpace(line) == "" {
			continue
		}
		row := map[string]any{}
		for _, part := range split(line, ';') {
			if strings.TrimSpace(part) == "" {
				continue
			}
			name, value, ok := strings.Cut(part, ":")
			of, known := partOf(f, name)
			if !ok || !known {
				return nil, sextant.Errorf(sextant.Invalid, "line %d: %q is no value of %s", len(rows)+1, shortened(part), f.Label)
			}
			row[of.Key] = bare(value)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func partOf(f register.Field, name string) (register.Field, bool) {
	name = strings.TrimSpace(name)
	for _, part := range f.Fields {
		if strings.EqualFold(part.Key, name) || strings.EqualFold(part.Label, name) {
			return part, true
		}
	}
	return register.Field{}, false
}

// split parts a text where a sign stands outside of quotation marks.
func split(text string, at byte) (parts []string) {
	from, inside := 0, false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			inside = !inside
		case text[i] == at && !inside:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

func bare(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"' {
		return strings.ReplaceAll(text[1:len(text)-1], `""`, `"`)
	}
	return text
}

func shortened(text string) string {
	if r := []rune(strings.TrimSpace(text)); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return strings.TrimSpace(text)
}

// Book writes several lists as one workbook, a worksheet each, with the fields
// that hold rows. Like Export it shows what the actor may see.
func Book(w io.Writer, v *register.View, lists ...register.List) error {
	var sheets []table.Sheet
	for _, l := range lists {
		sheet, err := sheetOf(v, l, true)
		if err != nil {
			return err
		}
		sheets = append(sheets, sheet)
	}
	return table.WriteSeveral(w, sheets...)
}
