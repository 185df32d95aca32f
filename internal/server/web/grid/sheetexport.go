// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"bytes"
	"mime"
	"net/http"
	"strings"

	"sextant"
	"sextant/interchange/table"
	"sextant/internal/server/web/page"
)

// Stamp is what an exported file says about itself.
type Stamp struct {
	Name string // of file and worksheet
	At   sextant.Instant
	By   string
}

// Send answers with a file of the rows the address asks for, in its order, all
// pages of them. Whether the actor may export is the caller's to ask.
func (s Sheet[T]) Send(w http.ResponseWriter, p page.Page, all []T, stamp Stamp) error {
	format, err := table.ParseFormat(p.Query.Get("format"))
	if err != nil {
		return err
	}
	rows, err := s.Chosen(p, all)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := s.sheet(p, rows, stamp).Write(&out, format); err != nil {
		return err
	}
	w.Header().Set("Content-Type", format.MediaType())
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": stamp.Name + "." + string(format)}))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, err = out.WriteTo(w)
	return err
}

func (s Sheet[T]) sheet(p page.Page, rows []T, stamp Stamp) table.Sheet {
	columns := []table.Column{{Key: "key", Label: "Key"}}
	for _, f := range s.Fields {
		columns = append(columns, table.Column{Key: f.Key, Label: f.Label, Kind: f.Kind})
	}
	sheet := table.Sheet{Name: stamp.Name, Title: s.Caption, Columns: columns, At: stamp.At, By: stamp.By, About: []table.Line{
		{Label: "Filter", Text: strings.Join(p.Query["filter"], " and ")}, {Label: "Search", Text: p.Query.Get("search")}, {Label: "Exported by", Text: stamp.By}, {Label: "As of", Text: stamp.At.String()}}}
	sheet.Rows = func(yield func([]any, error) bool) {
		for _, t := range rows {
			if !yield(s.cells(t), nil) {
				return
			}
		}
	}
	return sheet
}

func (s Sheet[T]) cells(t T) []any {
	cells := []any{s.Row(t).Key}
	for _, f := range s.Fields {
		switch {
		case f.Out != nil:
			cells = append(cells, f.Out(t))
		case f.Number != nil && f.Kind == table.Number:
			if n, known := f.Number(t); known {
				cells = append(cells, n)
			} else {
				cells = append(cells, nil)
			}
		default:
			words := f.Of(t)
			texts := make([]string, len(words))
			for i, value := range words {
				texts[i] = f.word(value)
			}
			cells = append(cells, strings.Join(texts, ", "))
		}
	}
	return cells
}
