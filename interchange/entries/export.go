// SPDX-License-Identifier: Apache-2.0

package entries

import (
	"errors"
	"io"
	"strings"

	"sextant"
	"sextant/interchange/table"
	"sextant/register"
)

// Export writes exactly the entries of a list, in its order, with the fields
// the actor may see. Secrets never leave; files are left where they are.
func Export(w io.Writer, v *register.View, l register.List, format table.Format) error {
	sheet, err := sheetOf(v, l, false)
	if err != nil {
		return err
	}
	return sheet.Write(w, format)
}

// sheetOf is the table of a list; rows says whether it has columns for fields
// that hold rows.
func sheetOf(v *register.View, l register.List, rows bool) (table.Sheet, error) {
	def, err := v.Set().Named(l.Register)
	if err != nil {
		return table.Sheet{}, err
	}
	fields := v.Fields(def)
	list := columns(def, fields, false, rows)
	sheet := table.Sheet{Name: def.Titles, Title: def.Titles, Columns: list, About: about(v, l), At: v.Now(), By: v.Actor().Name}
	sheet.Rows = func(yield func([]any, error) bool) {
		err := v.Each(l, func(e register.Entry) error {
			if !yield(row(e, list, fields), nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
	return sheet, nil
}

// errStopped ends the reading when the writer wants no more rows.
var errStopped = errors.New("writer stopped")

func row(e register.Entry, list []table.Column, fields []register.Field) []any {
	cells := make([]any, 0, len(list))
	byKey := map[string]register.Field{}
	for _, f := range fieldColumns(list, fields) {
		byKey[f.Key] = f
	}
	for _, c := range list {
		f, isField := byKey[c.Key]
		switch {
		case isField:
			cells = append(cells, cell(f, c, e.Doc))
		case c.Key == keyColumn:
			cells = append(cells, e.Key)
		case c.Key == stateColumn:
			cells = append(cells, e.State)
		case c.Key == versionColumn:
			cells = append(cells, float64(e.Version))
		default:
			cells = append(cells, e.At)
		}
	}
	return cells
}

func about(v *register.View, l register.List) []table.Line {
	var filters []string
	for _, f := range l.Filters {
		filters = append(filters, f.String())
	}
	lines := []table.Line{{Label: "Filter", Text: orNone(strings.Join(filters, " and "))}, {Label: "Search", Text: orNone(l.Search)},
		{Label: "Order", Text: orNone(l.Order)}, {Label: "Exported by", Text: v.Actor().Name}, {Label: "Exported at", Text: v.Now().String()}}
	if v.At() != sextant.LatestSeq {
		lines = append(lines, table.Line{Label: "As of", Text: v.Moment().String()})
	}
	return lines
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
