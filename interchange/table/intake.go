// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"sextant"
)

// headerWithin is how many rows with content may stand above the first data
// row: titles, a logo's caption, an explanation.
const headerWithin = 20

// intake turns rows of cells into a Table. Every reader feeds one.
type intake struct {
	columns []Column
	names   map[string]int // folded header text to column
	limits  Limits
	table   *Table
	waiting []wireRow   // rows seen before the header was decided
	decided bool        // the header was found
	bound   []binding   // in the order of the file
	headed  []bool      // by column of the file, from 0: it has a header of some kind
	bare    map[int]int // columns without any header, to their first row with content
	taken   int         // rows with content so far
}

// binding says that column at of the file (from 0) holds a known column.
type binding struct{ at, column int }

// wireRow is a row as it stands in the file; cells[0] is column A.
type wireRow struct {
	number int
	cells  []cell
}

// errNoHeader is the answer of a worksheet without any known header.
var errNoHeader = sextant.Errorf(sextant.Invalid, "no header row")

func newIntake(format Format, o Options) *intake {
	in := &intake{columns: o.Columns, limits: o.Limits, table: &Table{Format: format}, names: map[string]int{}, bare: map[int]int{}}
	bind := func(name string, i int) {
		if _, taken := in.names[fold(name)]; !taken && fold(name) != "" {
			in.names[fold(name)] = i
		}
	}
	labels := headers(o.Columns)
	for i, c := range o.Columns { // keys win over labels, labels over aliases
		bind(c.Key, i)
	}
	for i := range o.Columns {
		bind(labels[i], i)
	}
	for i, c := range o.Columns {
		bind(c.label(), i)
		for _, alias := range c.Aliases {
			bind(alias, i)
		}
	}
	for alias, key := range o.Aliases {
		if i := slices.IndexFunc(o.Columns, func(c Column) bool { return c.Key == key }); i >= 0 {
			bind(alias, i)
		}
	}
	return in
}

// known gives the column a header text belongs to.
func (in *intake) known(header string) (int, bool) {
	i, ok := in.names[fold(header)]
	return i, ok
}

// keeps: until the header was found the rows wait.
func (in *intake) keeps() bool { return !in.decided }

// row takes the next row of the file.
func (in *intake) row(r wireRow) error {
	if !slices.ContainsFunc(r.cells, func(c cell) bool { return c.shape != blank }) {
		return nil
	}
	if in.decided {
		return in.take(r)
	}
	in.waiting = append(in.waiting, r)
	if len(in.waiting) < headerWithin {
		return nil
	}
	return in.decide()
}

// end must be called after the last row.
func (in *intake) end() error {
	if !in.decided {
		if err := in.decide(); err != nil {
			return err
		}
	}
	for _, at := range slices.Sorted(maps.Keys(in.bare)) {
		in.table.note(in.bare[at], "column %s has content but no header; it was not read", columnName(at+1))
	}
	return nil
}

// decide picks the header among the waiting rows: the first one with the most
// known headers.
func (in *intake) decide() error {
	best, most := -1, 0
	for i, r := range in.waiting {
		if n := in.matches(r.cells); n > most {
			best, most = i, n
		}
	}
	if best < 0 {
		return errNoHeader
	}
	if err := in.bind(in.waiting[best]); err != nil {
		return err
	}
	if best > 0 {
		in.table.note(0, "%s with content above the header (row %d) skipped", counted(best, "row"), in.table.Header)
	}
	for _, r := range in.waiting[best+1:] {
		if err := in.take(r); err != nil {
			return err
		}
	}
	in.waiting = nil
	return nil
}

func (in *intake) matches(cells []cell) int {
	found := map[int]bool{}
	for _, c := range cells {
		if i, ok := in.known(headerText(c)); ok {
			found[i] = true
		}
	}
	return len(found)
}

// headerText of a cell; a computed header is no header.
func headerText(c cell) string {
	switch c.shape {
	case text:
		return c.text
	case number:
		return plainNumber(c.number)
	}
	return ""
}

func (in *intake) bind(r wireRow) error {
	in.decided, in.table.Header = true, r.number
	first := map[int]int{}
	for at, c := range r.cells {
		in.headed = append(in.headed, c.shape != blank)
		header := headerText(c)
		i, ok := in.known(header)
		if !ok {
			in.unknown(r.number, at, c, header)
			continue
		}
		if before, twice := first[i]; twice {
			return sextant.Errorf(sextant.Invalid, "row %d: columns %s and %s both hold %q", r.number, columnName(before+1), columnName(at+1), in.columns[i].label()).
				At(in.columns[i].Key).WithHint("keep one of them, or give the other a header of its own")
		}
		first[i] = at
		in.bound = append(in.bound, binding{at, i})
		in.table.Columns = append(in.table.Columns, in.columns[i].Key)
	}
	return nil
}

func (in *intake) unknown(row, at int, c cell, header string) {
	switch {
	case c.shape == formula:
		in.table.note(row, "the header of column %s is a formula; the column was not read", columnName(at+1))
	case fold(header) != "":
		in.table.Unknown = append(in.table.Unknown, clip(strings.ToValidUTF8(header, "?"), 200))
	}
}

// take converts one data row. Columns of the table the row does not reach are
// empty cells. A row with nothing in the known columns is no row.
func (in *intake) take(r wireRow) error {
	in.unheaded(r)
	out := Row{Number: r.number, Cells: make(map[string]any, len(in.bound))}
	refused, content := len(in.table.Refused), false
	for _, b := range in.bound {
		c := cell{}
		if b.at < len(r.cells) {
			c = r.cells[b.at]
		}
		content = content || c.shape != blank
		column := in.columns[b.column]
		value, problem := column.value(guarded(c, in.limits))
		if problem != nil {
			in.table.Refused = append(in.table.Refused, Refusal{
				Row: r.number, Column: column.Key, Cell: cellName(b.at+1, r.number), Reason: problem.reason, Fix: problem.fix})
			continue
		}
		out.Cells[column.Key] = value
	}
	if !content {
		return nil
	}
	if refused == len(in.table.Refused) {
		in.table.Rows = append(in.table.Rows, out)
	}
	return in.countRow()
}

// unheaded remembers columns with content below no header.
func (in *intake) unheaded(r wireRow) {
	for at, c := range r.cells {
		if c.shape == blank || at < len(in.headed) && in.headed[at] {
			continue
		}
		if _, known := in.bare[at]; !known {
			in.bare[at] = r.number
		}
	}
}

func (in *intake) countRow() error {
	in.taken++
	return in.limits.rows(in.taken)
}

// rows refuses a file with too many of them.
func (l Limits) rows(n int) error {
	if n > l.Rows {
		return sextant.Errorf(sextant.TooLarge, "the file has more than %d rows with data", l.Rows).WithHint("split it into several files")
	}
	return nil
}

// guarded applies what holds for every kind: the size and the encoding.
func guarded(c cell, limits Limits) cell {
	if len(c.text) > limits.Cell {
		return cell{shape: broken, text: fmt.Sprintf("the text is longer than the %d bytes allowed in a cell", limits.Cell)}
	}
	if c.shape == text && !utf8.ValidString(c.text) {
		return cell{shape: broken, text: "the cell holds characters that cannot be decoded: " + fmt.Sprintf("%.40q", strings.ToValidUTF8(c.text, "�"))}
	}
	return c
}

// noHeader says what was looked for.
func noHeader(o Options) *sextant.Error {
	labels := headers(o.Columns)
	if len(labels) > 8 {
		labels = append(labels[:8:8], "…")
	}
	return sextant.Errorf(sextant.Invalid, "no header row was found in the first %d rows: none of them names a known column", headerWithin).
		WithHint("name the columns in one row above the data: %s", strings.Join(labels, ", "))
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
