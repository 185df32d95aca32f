// SPDX-License-Identifier: Apache-2.0

package table

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"sextant"
)

func readXLSX(data []byte, o Options) (*Table, error) {
	w, err := openWorkbook(data, o.Limits)
	if err != nil {
		return nil, err
	}
	candidates, err := w.candidates(o.Sheet)
	if err != nil {
		return nil, err
	}
	for _, sheet := range candidates {
		t, err := w.readSheet(sheet, o)
		if errors.Is(err, errNoHeader) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t.Sheet = sheet.name
		w.report(t)
		return t, nil
	}
	return nil, noHeader(o)
}

// candidates are the worksheets to look at, in the order of the workbook.
func (w *workbook) candidates(name string) ([]worksheet, error) {
	var visible []worksheet
	for _, s := range w.sheets {
		if name != "" && fold(s.name) == fold(name) {
			return []worksheet{s}, nil
		}
		if !s.hidden && (s.name != aboutName || len(w.sheets) == 1) {
			visible = append(visible, s)
		}
	}
	if name == "" && len(visible) > 0 {
		return visible, nil
	}
	var names []string
	for _, s := range w.sheets[:min(len(w.sheets), 20)] {
		names = append(names, clip(s.name, 40))
	}
	if name == "" {
		return nil, sextant.Errorf(sextant.Invalid, "all worksheets are hidden").WithHint("unhide the one to import, or name it: %s", strings.Join(names, ", "))
	}
	return nil, sextant.Errorf(sextant.Invalid, "there is no worksheet %q", name).WithHint("the workbook has: %s", strings.Join(names, ", "))
}

// report names what else is in the workbook.
func (w *workbook) report(t *Table) {
	var hidden, others []string
	for _, s := range w.sheets {
		switch {
		case s.name == t.Sheet:
		case s.hidden:
			hidden = append(hidden, clip(s.name, 40))
		case s.name != aboutName:
			others = append(others, clip(s.name, 40))
		}
	}
	if len(hidden) > 0 {
		t.note(0, "not read, because hidden: %s", some(hidden))
	}
	if len(others) > 0 {
		t.note(0, "not read: the other worksheets %s", some(others))
	}
	for name := range w.parts {
		if strings.HasPrefix(name, "xl/externallinks/") {
			t.note(0, "the workbook refers to other files; they were not opened")
			break
		}
	}
}

// some lists the first of many.
func some(names []string) string {
	if more := len(names) - 20; more > 0 {
		return strings.Join(names[:20], ", ") + " and " + strconv.Itoa(more) + " more"
	}
	return strings.Join(names, ", ")
}

// merged is a range of merged cells; all ends belong to it.
type merged struct{ left, top, right, bottom int }

// parseRange reads B5:C8.
func parseRange(ref string) (merged, bool) {
	from, to, _ := strings.Cut(ref, ":")
	if to == "" {
		to = from
	}
	left, top, ok := parseRef(from)
	right, bottom, ok2 := parseRef(to)
	return merged{left, top, right, bottom}, ok && ok2 && left <= right && top <= bottom
}

// parseRef reads B5 as column 2, row 5.
func parseRef(ref string) (column, row int, ok bool) {
	i := 0
	for ; i < len(ref) && i < 4; i++ {
		letter := ref[i] &^ 0x20
		if letter < 'A' || letter > 'Z' {
			break
		}
		column = column*26 + int(letter-'A') + 1
	}
	row, err := strconv.Atoi(ref[i:])
	return column, row, err == nil && i > 0 && column <= 16_384 && row > 0 && row <= MaxRowsXLSX
}

// mergeNotes bounds how many merged ranges are named one by one.
const mergeNotes = 50

// applyMerges takes the covered cells of merged ranges out of the rows: their
// emptiness is the look of the sheet, not a wish to clear the field.
func (in *intake) applyMerges(ranges []merged) error {
	rows, named, work := in.table.Rows, 0, 0
	for _, m := range ranges {
		from, _ := slices.BinarySearchFunc(rows, m.top, func(r Row, n int) int { return r.Number - n })
		touched := false
		for i := from; i < len(rows) && rows[i].Number <= m.bottom; i++ {
			if work++; work > 5_000_000 {
				return sextant.Errorf(sextant.TooLarge, "the merged cells of the worksheet overlap").WithHint("unmerge all cells and fill in the values")
			}
			for _, b := range in.bound {
				covered := b.at+1 >= m.left && b.at+1 <= m.right && (rows[i].Number != m.top || b.at+1 != m.left)
				if covered {
					delete(rows[i].Cells, in.columns[b.column].Key)
					touched = true
				}
			}
		}
		if touched {
			if named++; named <= mergeNotes {
				in.table.note(m.top, "cells %s:%s are merged: the value belongs to %s, the other fields are left alone",
					cellName(m.left, m.top), cellName(m.right, m.bottom), cellName(m.left, m.top))
			}
		}
	}
	if named > mergeNotes {
		in.table.note(0, "%d more merged ranges were treated likewise", named-mergeNotes)
	}
	return nil
}
