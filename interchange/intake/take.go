// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/interchange/heading"
	"sextant/interchange/table"
)

// Named is a control as it is stored, and what it is called.
type Named struct{ Reference, Title string }

// Ground is what a sheet is read against.
type Ground struct {
	Controls map[Edition]map[string]Named // by id: A.5.1
	People   heading.Index                // by name, address and key
	Units    heading.Index                // by title and key
	names    []string
}

// Result is what a sheet says.
type Result struct {
	Matching
	Rows    []Row     // understood, in the order of the sheet
	Refused []Refusal // in the order of the sheet
	Passed  []int     // rows that are headings, remarks or repeated headers
	Notes   []string
}

// Refusal says why a row was not taken.
type Refusal struct {
	Row    int    `json:"row"`
	ID     string `json:"id,omitempty"`
	Cell   string `json:"cell,omitempty"`
	Reason string `json:"reason"`
	Fix    string `json:"fix,omitempty"`
}

// Err gives the refusal as the error a person reads.
func (r Refusal) Err() *sextant.Error {
	where := ""
	if r.Cell != "" {
		where = "cell " + r.Cell + ": "
	}
	e := sextant.Errorf(sextant.Invalid, "%s%s", where, r.Reason)
	e.Hint = r.Fix
	return e
}

// Has says whether a field has a column. What has none is left alone.
func (r Result) Has(f Field) bool { _, ok := r.Of(f); return ok }

// HasReasons says whether any column holds reasons.
func (r Result) HasReasons() bool {
	return r.Has(Reasons) || slices.ContainsFunc(Fields(), func(f Field) bool { return flags[f] != "" && r.Has(f) })
}

// Take reads the worksheet by a matching. It fails where the matching cannot be
// used; a row that cannot be read is refused and spoils no other.
func (f *File) Take(m Matching, ground Ground) (Result, error) {
	if err := m.check(); err != nil {
		return Result{}, err
	}
	g, err := f.grid(m.Sheet)
	if err != nil {
		return Result{}, err
	}
	t := &taker{file: f, grid: g, ground: ground, result: Result{Matching: m, Notes: f.notes(g)}, seen: map[string]int{}}
	if err := t.spread(); err != nil {
		return Result{}, err
	}
	column, _ := m.Of(Control)
	t.ids = column.At
	t.lettered = slices.ContainsFunc(g.Rows, func(r table.GridRow) bool {
		if t.ids >= len(r.Cells) {
			return false
		}
		id, ok := identOf(r.Cells[t.ids].Text)
		return ok && id.lettered && len(id.numbers) > 1
	})
	for _, row := range g.Rows {
		if row.Number > m.Header {
			t.row(row)
		}
	}
	t.close()
	return t.result, nil
}

// taker goes through a worksheet.
type taker struct {
	file     *File
	grid     *table.Grid
	ground   Ground
	result   Result
	ids      int                   // column of the ids
	lettered bool                  // ids have the A of Annex A: a bare 5.1 is a clause
	covered  map[[2]int]table.Cell // by row and column: what a merged cell above says
	veiled   map[[2]int]bool       // covered by a merged cell to the left
	block    map[int]string        // by row: the merged ids it belongs to
	seen     map[string]int        // ids, to the row they stand in
	last     ident                 // of the row taken before
}

// rowTaker reads one row.
type rowTaker struct {
	*taker
	m        Matching
	row      table.GridRow
	said     Row
	declared []Declared
	refused  int
}

// most cells a worksheet's merged ranges may cover.
const mostCovered = 500_000

// spread notes what merged cells cover. Below, the value counts for every row;
// to the right it does not reach.
func (t *taker) spread() error {
	t.covered, t.veiled, t.block = map[[2]int]table.Cell{}, map[[2]int]bool{}, map[int]string{}
	ids, _ := t.result.Of(Control)
	work, told := 0, 0
	for _, m := range t.grid.Merged {
		if m.Top <= t.result.Header {
			continue
		}
		first := t.at(m.Top, m.Left-1)
		name := table.ColumnName(m.Left) + strconv.Itoa(m.Top) + ":" + table.ColumnName(m.Right) + strconv.Itoa(m.Bottom)
		from, _ := slices.BinarySearchFunc(t.grid.Rows, m.Top, func(r table.GridRow, n int) int { return r.Number - n })
		for i := from; i < len(t.grid.Rows) && t.grid.Rows[i].Number <= m.Bottom; i++ {
			row := t.grid.Rows[i].Number
			for c := m.Left; c <= m.Right; c++ {
				if work++; work > mostCovered {
					return sextant.Errorf(sextant.TooLarge, "the merged cells of the worksheet cover too much").WithHint("unmerge all cells and fill in the values")
				}
				switch {
				case c > m.Left:
					t.veiled[[2]int{row, c - 1}] = true
				case row == m.Top:
				case c-1 == ids.At:
					t.block[row] = name
				default:
					t.covered[[2]int{row, c - 1}] = first
				}
			}
		}
		if m.Bottom > m.Top && m.Left-1 != ids.At && t.matched(m.Left-1) {
			if told++; told <= 20 {
				t.result.Notes = append(t.result.Notes, fmt.Sprintf("cells %s are merged: what they say counts for each of their rows", name))
			}
		}
	}
	if told > 20 {
		t.result.Notes = append(t.result.Notes, fmt.Sprintf("%d more merged cells were read likewise", told-20))
	}
	return nil
}

func (t *taker) matched(at int) bool {
	return slices.ContainsFunc(t.result.Columns, func(c Column) bool { return c.At == at && c.Field != "" })
}

func (t *taker) at(number, column int) table.Cell {
	i, ok := slices.BinarySearchFunc(t.grid.Rows, number, func(r table.GridRow, n int) int { return cmp.Compare(r.Number, n) })
	if !ok || column >= len(t.grid.Rows[i].Cells) {
		return table.Cell{}
	}
	return t.grid.Rows[i].Cells[column]
}

// row decides what becomes of one row of the worksheet.
func (t *taker) row(row table.GridRow) {
	r := &rowTaker{taker: t, m: t.result.Matching, row: row}
	cell, _ := r.cell(t.ids)
	id, title, found := t.known(cell, r)
	switch {
	case found:
	case !r.decides() || r.repeatsHeader():
		t.result.Passed = append(t.result.Passed, row.Number)
		return
	default:
		r.refuseID(cell)
		return
	}
	if before := t.seen[id]; before != 0 {
		r.said.ID = id
		r.refuse(Control, "keep one of the two rows", "%s stands in row %d already", id, before)
		return
	}
	t.seen[id] = row.Number
	r.said.Row, r.said.ID, r.said.Reference, r.said.Title = row.Number, id, t.ground.Controls[r.m.Edition][id].Reference, cmp.Or(strings.TrimSpace(textOf(r.of(Title))), title)
	r.take()
}

func (r *rowTaker) take() {
	r.decision()
	r.reasons()
	r.words()
	r.inferred()
	r.implementation()
	r.planned()
	r.owner()
	r.unit()
	if r.said.Applicability == "not_applicable" && len(r.said.Reasons) > 0 && r.refused == 0 {
		r.refuse(Control, "decide which of the two holds", "the row excludes the control and gives reasons to include it")
	}
	if r.refused == 0 {
		r.said.Declared = r.declared
		r.result.Rows = append(r.result.Rows, r.said)
	}
}

// known finds the control a cell names.
func (t *taker) known(c table.Cell, r *rowTaker) (id, title string, ok bool) {
	if c.Broken || c.Blank() || c.Kind == table.Date || c.Kind == table.Bool {
		return "", "", false
	}
	controls := t.ground.Controls[t.result.Edition]
	text := strings.TrimSpace(c.Text)
	for _, exact := range []string{text, firstWord(text)} {
		if _, here := controls[exact]; here {
			if parsed, isID := identOf(exact); isID {
				t.last = parsed
			}
			return exact, strings.TrimLeft(strings.TrimSpace(strings.TrimPrefix(text, exact)), " .:-–—)"), true
		}
	}
	parsed, isID := identOf(text)
	if !isID || len(parsed.numbers) < 2 || t.lettered && !parsed.lettered {
		return "", "", false
	}
	if parsed = t.shortened(parsed, c, r); controls[parsed.String()].Reference == "" {
		return "", "", false
	}
	t.last = parsed
	return parsed.String(), parsed.rest, true
}

// shortened gives an id the zero back that a spreadsheet took: 5.10 typed into a
// cell for numbers is 5.1. The title tells, else the place: after 5.9 comes 5.10.
func (t *taker) shortened(id ident, c table.Cell, r *rowTaker) ident {
	if c.Kind != table.Number || len(id.numbers) != 2 || id.numbers[1] > 9 {
		return id
	}
	long := ident{numbers: []int{id.numbers[0], id.numbers[1] * 10}}
	controls := t.ground.Controls[t.result.Edition]
	there := controls[long.String()]
	if there.Reference == "" {
		return id
	}
	title, here := heading.Plain(textOf(r.of(Title))), controls[id.String()]
	byTitle := title != "" && title == heading.Plain(there.Title)
	byPlace := title != heading.Plain(here.Title) && t.last.numbers != nil && t.last.numbers[0] == id.numbers[0] && t.last.numbers[1] == long.numbers[1]-1
	if byTitle || byPlace {
		t.result.Notes = append(t.result.Notes, fmt.Sprintf("row %d: the number %s was read as %s; format the column as text", r.row.Number, c.Text, long))
		return long
	}
	return id
}

// refuseID says why a row that decides something names no control.
func (r *rowTaker) refuseID(c table.Cell) {
	parsed, isID := identOf(c.Text)
	switch {
	case r.block[r.row.Number] != "":
		r.refuse(Control, "put what it says into the first row of the control, or repeat the id", "it continues the row above: cells %s are merged", r.block[r.row.Number])
	case c.Broken:
		r.refuse(Control, correctCell, "%s", c.Text)
	case c.Blank():
		r.refuse(Control, "write the id of the control, such as A.5.1", "there is no control id")
	case c.Kind == table.Date:
		r.refuse(Control, "format the column as text and type the id again", "the cell holds the date %s; spreadsheets turn ids such as 5.1 into dates", c.Text)
	case !isID || len(parsed.numbers) == 1:
		r.refuse(Control, "write the id of the control, such as A.5.1", "%q is no control id", heading.Clip(c.Text, longest))
	case r.lettered && !parsed.lettered:
		r.refuse(Control, "leave the clauses out: a statement is about controls", "%q is a clause of the standard: the controls of this sheet are written with an A", heading.Clip(c.Text, longest))
	default:
		r.refuseEdition(parsed)
	}
}

func (r *rowTaker) refuseEdition(id ident) {
	r.said.ID = id.String()
	other := Edition2013
	if r.m.Edition == Edition2013 {
		other = Edition2022
	}
	switch {
	case r.m.Edition == Edition2013 && len(id.numbers) == 2:
		r.refuse(Control, "decide it for the controls below it", "%s is a control objective of the 2013 edition, not a control", id)
	case r.ground.Controls[other][id.String()].Reference != "":
		r.refuse(Control, "read the sheet as edition "+string(other)+", or leave the row out", "%s is a control of the %s edition; the sheet is read as %s", id, other, r.m.Edition)
	default:
		r.refuse(Control, "correct the id", "Annex A of the %s edition has no %s", r.m.Edition, id)
	}
}

// decides says whether anything but the id and the title is said.
func (r *rowTaker) decides() bool {
	for _, c := range r.m.Columns {
		if c.Field == "" || c.Field == Control || c.Field == Title {
			continue
		}
		if c.At < len(r.row.Cells) && !r.row.Cells[c.At].Blank() { // merged cells above decide nothing here
			return true
		}
	}
	return false
}

// repeatsHeader knows headers that are repeated on every printed page.
func (r *rowTaker) repeatsHeader() bool {
	same := 0
	for _, c := range r.m.Columns {
		if c.Header != "" && c.At < len(r.row.Cells) && heading.Plain(r.row.Cells[c.At].Text) == heading.Plain(c.Header) {
			same++
		}
	}
	return same > 1
}

// cell gives a cell of the row, and whether it is there at all: what a merged
// cell beside it covers is not.
func (r *rowTaker) cell(at int) (table.Cell, bool) {
	where := [2]int{r.row.Number, at}
	if r.veiled[where] {
		return table.Cell{}, false
	}
	if above, ok := r.covered[where]; ok {
		return above, true
	}
	if at >= len(r.row.Cells) {
		return table.Cell{}, true
	}
	return r.row.Cells[at], true
}

func (r *rowTaker) of(f Field) table.Cell {
	column, ok := r.m.Of(f)
	if !ok {
		return table.Cell{}
	}
	c, _ := r.cell(column.At)
	return c
}

func textOf(c table.Cell) string {
	if c.Broken {
		return ""
	}
	return c.Text
}

// text of a field; said is false where there is no column or nothing in it. A
// cell that cannot be read refuses the row.
func (r *rowTaker) text(f Field) (text string, said bool) {
	column, ok := r.m.Of(f)
	if !ok {
		return "", false
	}
	c, present := r.cell(column.At)
	switch {
	case !present || !c.Broken && c.Blank():
		return "", false
	case c.Broken:
		r.refuse(f, leaveOut, "%s", c.Text)
		return "", false
	}
	return strings.TrimSpace(c.Text), true
}

func (r *rowTaker) has(f Field) bool { _, ok := r.m.Of(f); return ok }

// refuse notes why the row is not taken; a row may have several reasons.
func (r *rowTaker) refuse(f Field, fix, format string, args ...any) {
	refusal := Refusal{Row: r.row.Number, ID: r.said.ID, Reason: fmt.Sprintf(format, args...), Fix: fix}
	if column, ok := r.m.Of(f); ok {
		refusal.Cell = column.Letter + strconv.Itoa(r.row.Number)
	}
	r.refused++
	r.result.Refused = append(r.result.Refused, refusal)
}

func (r *rowTaker) refuseErr(f Field, err error) {
	if e, ok := errors.AsType[*sextant.Error](err); ok {
		r.refuse(f, e.Hint, "%s", e.Message)
		return
	}
	r.refuse(f, correctCell, "%s", err.Error())
}

// mostNotes bounds how many rows are remarked on one by one.
const mostNotes = 200

func (r *rowTaker) note(format string, args ...any) {
	if len(r.result.Notes) < mostNotes {
		r.result.Notes = append(r.result.Notes, fmt.Sprintf("row %d: ", r.row.Number)+fmt.Sprintf(format, args...))
	}
}

// close says what was passed over and what is missing.
func (t *taker) close() {
	m := t.result.Matching
	note := func(format string, args ...any) {
		t.result.Notes = append(t.result.Notes, fmt.Sprintf(format, args...))
	}
	if n := len(t.result.Passed); n > 0 {
		note("passed over as headings or remarks: rows %s", numbersOf(t.result.Passed))
	}
	if unmatched := m.Unmatched(); len(unmatched) > 0 {
		note("columns that are not imported: %s", strings.Join(unmatched[:min(len(unmatched), 20)], ", "))
	}
	if _, ok := m.Of(Applicable); !ok && t.result.HasReasons() {
		if _, ok := m.Of(Excluded); !ok {
			note("no column says whether a control applies: it does where a reason is given, and does not where only a justification for exclusion stands")
		}
	}
	var others []string
	for _, g := range t.file.book.Grids {
		if g.Name != t.grid.Name && len(g.Rows) > 0 {
			others = append(others, heading.Clip(g.Name, 40))
		}
	}
	if len(others) > 0 {
		note("worksheets that were not read: %s", strings.Join(others[:min(len(others), 20)], ", "))
	}
}

func numbersOf(rows []int) string {
	var b strings.Builder
	for i := 0; i < len(rows) && i < 100; {
		j := i
		for j+1 < len(rows) && rows[j+1] == rows[j]+1 {
			j++
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(rows[i]))
		if j > i {
			b.WriteString("-" + strconv.Itoa(rows[j]))
		}
		i = j + 1
	}
	if len(rows) > 100 {
		b.WriteString(" and more")
	}
	return b.String()
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return strings.TrimRight(word, ":")
}

// near names a person whose name is close to a text, as a hint.
func (g Ground) near(text string) string {
	parts := strings.Fields(heading.Plain(text))
	if len(parts) == 0 {
		return ""
	}
	last := parts[len(parts)-1]
	for _, name := range g.names {
		if slices.Contains(strings.Fields(heading.Plain(name)), last) {
			return "did you mean " + name + "? Else "
		}
	}
	return ""
}
