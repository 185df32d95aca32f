// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"io"
	"iter"

	"sextant"
)

// Sheet is a table to write. Rows are pulled once, while writing, so a sheet
// of any length is written in little memory.
type Sheet struct {
	Name    string // tab of the worksheet; adapted where a spreadsheet would refuse it
	Title   string // heading of the About sheet and of the printed pages; Name where empty
	Columns []Column
	// Rows yields one value a column, in canonical form (see Kind), nil for
	// empty. A row may be shorter than Columns. The first error ends the
	// writing and is returned as it is.
	Rows  iter.Seq2[[]any, error]
	About []Line          // what was exported, filter, as-of, when, by whom; XLSX only
	At    sextant.Instant // moment stamped into the XLSX document properties; none where zero
	By    string          // author stamped into them
}

// Line is one labelled line of the About sheet.
type Line struct{ Label, Text string }

// RowsOf yields rows that are at hand.
func RowsOf(rows ...[]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Write writes the sheet in the format. The same sheet gives the same bytes.
// On an error what was written so far is not a table: throw it away.
func (s Sheet) Write(w io.Writer, format Format) error {
	switch format {
	case XLSX:
		return s.WriteXLSX(w)
	case CSV:
		return s.WriteCSV(w, CSVOptions{})
	case JSON:
		return s.WriteJSON(w)
	}
	return sextant.Errorf(sextant.Invalid, "%q is not a table format: xlsx, csv or json", format)
}

func (s Sheet) title() string {
	if s.Title == "" {
		return s.Name
	}
	return s.Title
}

// each calls fn with every row in canonical form; number counts data rows from
// 1. The row is fn's until it returns.
func (s Sheet) each(fn func(number int, row []any) error) error {
	if s.Rows == nil {
		return nil
	}
	row, number := make([]any, len(s.Columns)), 0
	for raw, err := range s.Rows {
		if err != nil {
			return err
		}
		number++
		if len(raw) > len(s.Columns) {
			return sextant.Errorf(sextant.Internal, "row %d has %d values for %d columns", number, len(raw), len(s.Columns))
		}
		for i, c := range s.Columns {
			row[i] = nil
			if i >= len(raw) {
				continue
			}
			if row[i], err = c.canonical(raw[i]); err != nil {
				return refuseWrite(number, c, err)
			}
		}
		if err := fn(number, row); err != nil {
			return err
		}
	}
	return nil
}

func refuseWrite(number int, c Column, err error) *sextant.Error {
	return sextant.Errorf(sextant.Invalid, "data row %d, column %q cannot be written: %w", number, c.label(), err).At(c.Key)
}

var errNotText = fmt.Errorf("it is not valid UTF-8 text")
