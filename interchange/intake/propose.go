// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"slices"

	"sextant"
	"sextant/control"
	"sextant/interchange/heading"
	"sextant/interchange/table"
)

const (
	headerWithin = 80 // rows with content that may stand above the first control
	longest      = heading.Longest
)

// Propose gives the matching that fits the file best: the worksheet with the
// most control ids, its header, and a field for each column whose header or
// content says what it is. A file without any control id is refused.
func (f *File) Propose() (Matching, error) {
	best, most := -1, 0
	for i, g := range f.book.Grids {
		_, ids := idColumn(&f.book.Grids[i])
		if g.Hidden {
			ids = min(ids, 1) // only where there is nothing else
		}
		if ids > most {
			best, most = i, ids
		}
	}
	if best < 0 {
		return Matching{}, sextant.Errorf(sextant.Invalid, "no control id such as A.5.1 or 5.1 was found in the file").
			WithHint("it needs one row for each control, with the id of Annex A in a column")
	}
	return f.ProposeFor(f.book.Grids[best].Name, 0)
}

// ProposeFor is Propose for one worksheet, with the header row a person named,
// 0 to look for it.
func (f *File) ProposeFor(sheet string, header int) (Matching, error) {
	g, err := f.grid(sheet)
	if err != nil {
		return Matching{}, err
	}
	at, _ := idColumn(g)
	h := findHeader(g, at)
	if header > 0 {
		h = heading.At(g, header, headerField)
	}
	m := Matching{Sheet: g.Name, Header: h.Last, Edition: edition(g, at)}
	for i := range heading.Width(g) {
		if c, used := heading.Describe(g, h, i, headerField); used {
			m.Columns = append(m.Columns, c)
		}
	}
	assign(m.Columns, at)
	reconsider(g, &m)
	return m, nil
}

// idColumn finds the column with the most control ids, and how many there are.
func idColumn(g *table.Grid) (at, ids int) {
	counts := map[int]int{}
	for _, row := range g.Rows {
		for i, c := range row.Cells {
			if !c.Broken && len(c.Text) < 200 && isID(c.Text) && c.Kind != table.Date && c.Kind != table.Bool {
				counts[i]++
			}
		}
	}
	at = -1
	for i, n := range counts {
		if n > ids || n == ids && i < at {
			at, ids = i, n
		}
	}
	return at, ids
}

// edition: ids of three numbers are those of 2013.
func edition(g *table.Grid, at int) Edition {
	two, three := 0, 0
	for _, row := range g.Rows {
		if at < 0 || at >= len(row.Cells) {
			continue
		}
		if id, ok := identOf(row.Cells[at].Text); ok && len(id.numbers) == 3 {
			three++
		} else if ok && len(id.numbers) == 2 {
			two++
		}
	}
	if three > two/3 && three > 0 {
		return Edition2013
	}
	return Edition2022
}

// findHeader looks above the first control.
func findHeader(g *table.Grid, ids int) heading.Header {
	first := slices.IndexFunc(g.Rows, func(r table.GridRow) bool {
		return ids >= 0 && ids < len(r.Cells) && isID(r.Cells[ids].Text)
	})
	if first < 0 {
		first = min(len(g.Rows), headerWithin)
	}
	return heading.Find(g.Rows[max(0, first-headerWithin):first], heading.Width(g), headerField)
}

// assign gives each field to the column whose header says it best. The ids are
// where ids are, whatever the header says.
func assign(columns []Column, ids int) {
	type claim struct{ column, score int }
	claims := map[Field]claim{}
	for i, c := range columns {
		if c.At == ids {
			claims[Control] = claim{i, 1 << 20}
		}
	}
	for i, c := range columns {
		field, score := headerField(c.Header)
		if field == Control && c.At != ids {
			field = Title // "Control" above the names
		}
		if field != "" && c.At != ids && score > claims[field].score {
			claims[field] = claim{i, score}
		}
	}
	for field, won := range claims {
		columns[won.column].Field = field
	}
}

// reconsider looks at what stands in columns whose headers mislead: "Status" may
// hold yes and no, "Selected" how far it is, "Rationale" nothing but reasons.
func reconsider(g *table.Grid, m *Matching) {
	if column, ok := m.Of(Justification); ok && onlyReasons(g, *m, column) {
		m.rematch(Justification, Reasons)
	}
	if column, ok := m.Of(How); ok && onlyStates(g, *m, column) {
		m.rematch(How, "")
	}
	applies, hasApplies := m.Of(Applicable)
	done, hasDone := m.Of(Implementation)
	if hasApplies == hasDone {
		return
	}
	from, to, column := Applicable, Implementation, applies
	fits, other := yesOrNo, implementationWord
	if hasDone {
		from, to, column = Implementation, Applicable, done
		fits, other = implementationWord, yesOrNo
	}
	meant, instead := 0, 0
	for _, row := range g.Rows {
		if row.Number <= m.Header || column.At >= len(row.Cells) || row.Cells[column.At].Blank() {
			continue
		}
		text := row.Cells[column.At].Text
		if fits(text) != "" {
			meant++
		}
		if other(text) != "" {
			instead++
		}
	}
	if instead > 2*meant {
		m.rematch(from, to)
	}
}

func (m *Matching) rematch(from, to Field) {
	for i := range m.Columns {
		if m.Columns[i].Field == from {
			m.Columns[i].Field = to
		}
	}
}

// onlyReasons says whether every cell of a column names reasons and nothing
// else, where no other column does.
func onlyReasons(g *table.Grid, m Matching, column Column) bool {
	if (Result{Matching: m}).HasReasons() {
		return false
	}
	return every(g, m, column, func(text string) bool {
		reasons, more := reasonsIn(text)
		return len(reasons) > 0 && !more
	})
}

// onlyStates knows the evidence column of our own export: what is derived is
// never read back.
func onlyStates(g *table.Grid, m Matching, column Column) bool {
	return every(g, m, column, func(text string) bool {
		return text == control.Pass.Label() || slices.ContainsFunc(control.WorstFirst, func(s control.State) bool { return s.Label() == text })
	})
}

// every says whether a column has content and all of it is of a kind.
func every(g *table.Grid, m Matching, column Column, is func(string) bool) bool {
	cells := 0
	for _, row := range g.Rows {
		if row.Number <= m.Header || column.At >= len(row.Cells) || row.Cells[column.At].Blank() {
			continue
		}
		if cells++; !is(row.Cells[column.At].Text) {
			return false
		}
	}
	return cells > 0
}
