// SPDX-License-Identifier: Apache-2.0

package riskbook

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"sextant"
	"sextant/interchange/heading"
	"sextant/interchange/table"
	"sextant/register"
	"sextant/risk"
)

// File is a file that was opened, for as many tries at its matching as a person
// needs.
type File struct {
	set  *register.Set
	data []byte
	book *table.Book // nil for JSON
	own  string      // the worksheet with risks, as this program writes them; "-" where it has no name
}

// Open reads a file of unknown origin as it stands. Errors say what it is and
// what to do.
func Open(set *register.Set, data []byte) (*File, error) {
	f := &File{set: set, data: data}
	if first := bytes.TrimLeft(data, " \t\r\n\ufeff"); len(first) > 0 && (first[0] == '{' || first[0] == '[') {
		f.own = unnamed // a list as it is exported; what it is no list of is said when it is read
		return f, nil
	}
	book, err := table.Open(bytes.NewReader(data), table.Limits{File: MaxBytes, Rows: 51_000})
	if err != nil {
		return nil, err
	}
	f.book = book
	def := risk.Risks.Definition
	for i, g := range book.Grids {
		switch {
		case strings.EqualFold(g.Name, def.Titles), strings.EqualFold(g.Name, def.Plural):
			f.own = g.Name
		case f.own == "" && isOwn(&book.Grids[i]):
			f.own = g.Name
			if g.Name == "" {
				f.own = unnamed
			}
		}
	}
	return f, nil
}

const unnamed = "-"

// isOwn knows a list this program exported: a column of keys, and labels of ours
// beside it.
func isOwn(g *table.Grid) bool {
	for _, row := range g.Rows[:min(len(g.Rows), headerWithin)] {
		keyed, ours := false, 0
		for _, c := range row.Cells {
			keyed = keyed || strings.EqualFold(strings.TrimSpace(c.Text), "key")
			if _, known := ownLabels()[c.Text]; known {
				ours++
			}
		}
		if keyed && ours > 1 {
			return true
		}
	}
	return false
}

func ownLabels() map[string]bool {
	labels := map[string]bool{}
	for _, f := range risk.Risks.Definition.Fields {
		labels[f.Label] = true
	}
	return labels
}

// Own says whether this program wrote the file: then its columns are known.
func (f *File) Own() bool { return f.own != "" }

// Sheets names the worksheets, hidden ones too; one without a name for CSV.
func (f *File) Sheets() (names []string) {
	for _, g := range f.book.Grids {
		names = append(names, g.Name)
	}
	return names
}

// Matching says how a worksheet of another tool is read. Propose makes one; a
// person may change every part of it.
type Matching struct {
	Sheet   string   `json:"sheet,omitempty"`
	Header  int      `json:"header"` // number of the last header row, 0 = none
	Columns []Column `json:"columns"`
}

// Column is one column of the worksheet that has content.
type Column = heading.Column[Field]

// Of gives the column that holds a field.
func (m Matching) Of(f Field) (Column, bool) {
	i := slices.IndexFunc(m.Columns, func(c Column) bool { return c.Field == f })
	if i < 0 {
		return Column{}, false
	}
	return m.Columns[i], true
}

// Match puts a column, named by its header or its letter, to a field, or to none
// with "". Another column that had the field loses it, except that any number may
// be kept as text.
func (m *Matching) Match(column, field string) error {
	f, err := ParseField(field)
	if err != nil {
		return err
	}
	return heading.Match(m.Columns, column, f, f == Text)
}

// Has says whether a column holds a judgement at any stage.
func (m Matching) Has(measure string) bool {
	return slices.ContainsFunc(m.Columns, func(c Column) bool {
		of, _ := c.Field.measure()
		return c.Field.stage() != "" && of == measure
	})
}

// headerWithin is how many rows with content may stand above the header.
const headerWithin = 20

// Propose gives the matching that fits the file best: the worksheet whose header
// names most.
func (f *File) Propose() (Matching, error) {
	best, most := 0, -1
	for i := range f.book.Grids {
		g := &f.book.Grids[i]
		score := heading.Score(findHeader(g), heading.Width(g), fieldOf)
		if g.Hidden {
			score = min(score, 1) // only where there is nothing else
		}
		if score > most && len(g.Rows) > 0 {
			best, most = i, score
		}
	}
	if most < 0 {
		return Matching{}, sextant.Errorf(sextant.Invalid, "the file is empty")
	}
	return f.ProposeFor(f.book.Grids[best].Name, 0)
}

// ProposeFor is Propose for one worksheet, with the header row a person named, 0
// to look for it.
func (f *File) ProposeFor(sheet string, header int) (Matching, error) {
	g, err := f.grid(sheet)
	if err != nil {
		return Matching{}, err
	}
	h := findHeader(g)
	if header > 0 {
		h = headerAt(g, header)
	}
	m := Matching{Sheet: g.Name, Header: h.Last}
	for at := range heading.Width(g) {
		if c, used := heading.Describe(g, h, at, fieldOf); used {
			m.Columns = append(m.Columns, c)
		}
	}
	assign(m.Columns)
	reconsider(g, &m)
	return m, nil
}

func (f *File) grid(name string) (*table.Grid, error) {
	for i := range f.book.Grids {
		if f.book.Grids[i].Name == name {
			return &f.book.Grids[i], nil
		}
	}
	return nil, sextant.Errorf(sextant.Invalid, "there is no worksheet %q", name).At("sheet")
}

// groupMark stands between the two rows of a header that groups columns:
// "Inherent risk: Likelihood".
const groupMark = ": "

// findHeader looks among the first rows. Where two rows name more together than
// one alone, the upper one groups the columns of the lower one.
func findHeader(g *table.Grid) heading.Header {
	rows, width := g.Rows[:min(len(g.Rows), headerWithin)], heading.Width(g)
	best, most := heading.Find(rows, width, fieldOf), 1
	if len(best.Rows) > 0 {
		best = heading.Header{Rows: best.Rows[len(best.Rows)-1:], Last: best.Last}
		most = heading.Score(best, width, fieldOf)
	}
	for i := 1; i < len(rows); i++ {
		h := grouped(rows[i-1], rows[i])
		if score := heading.Score(h, width, fieldOf); score > most {
			best, most = h, score
		}
	}
	if best.Last == 0 && len(rows) > 1 { // nothing is known: the fullest row, for a person to match
		fullest := slices.MaxFunc(rows[:len(rows)-1], func(a, b table.GridRow) int { return filled(a) - filled(b) })
		best = heading.Header{Rows: []table.GridRow{fullest}, Last: fullest.Number}
	}
	return best
}

func filled(r table.GridRow) (n int) {
	for _, c := range r.Cells {
		if !c.Blank() {
			n++
		}
	}
	return n
}

// headerAt is the header that ends in a row a person named.
func headerAt(g *table.Grid, number int) heading.Header {
	i := slices.IndexFunc(g.Rows, func(r table.GridRow) bool { return r.Number == number })
	if i < 0 {
		return heading.Header{Last: number}
	}
	one := heading.Header{Rows: g.Rows[i : i+1], Last: number}
	if i > 0 {
		two := grouped(g.Rows[i-1], g.Rows[i])
		if heading.Score(two, heading.Width(g), fieldOf) > heading.Score(one, heading.Width(g), fieldOf) {
			return two
		}
	}
	return one
}

// grouped joins two rows: each text of the upper one counts for the columns to its
// right up to the next one, where that makes a judgement of the lower text.
func grouped(upper, lower table.GridRow) heading.Header {
	joined, group := table.GridRow{Number: lower.Number}, ""
	for at := range max(len(upper.Cells), len(lower.Cells)) {
		above, below := textAt(upper, at), textAt(lower, at)
		if above != "" {
			group = above
		}
		text := below
		if below == "" {
			text = above
		} else if f, _ := fieldOf(group + groupMark + below); group != "" && f.stage() != "" {
			text = group + groupMark + below
		}
		joined.Cells = append(joined.Cells, table.Cell{Text: text})
	}
	return heading.Header{Rows: []table.GridRow{joined}, Last: lower.Number}
}

func textAt(r table.GridRow, at int) string {
	if at >= len(r.Cells) || r.Cells[at].Broken {
		return ""
	}
	return strings.Join(strings.Fields(r.Cells[at].Text), " ")
}

// assign gives each field to the column whose header says it best, the first of
// those that say it alike. Others are kept as text where they judge something.
func assign(columns []Column) {
	best := map[Field]int{}
	for i, c := range columns {
		field, score := fieldOf(c.Header)
		if field == Text {
			columns[i].Field = Text
			continue
		}
		if at, taken := best[field]; field != "" && (!taken || score > scoreOf(columns[at])) {
			best[field] = i
		}
	}
	for i, c := range columns {
		field, _ := fieldOf(c.Header)
		switch at, won := best[field]; {
		case won && at == i:
			columns[i].Field = field
		case won && field.stage() != "":
			columns[i].Field = Text
		}
	}
}

func scoreOf(c Column) int { _, score := fieldOf(c.Header); return score }

// header is what the header of a column says it is, whatever holds the field.
func header(c Column) Field { f, _ := fieldOf(c.Header); return f }

// reconsider looks at what stands in columns whose headers mislead.
func reconsider(g *table.Grid, m *Matching) {
	for i, c := range m.Columns {
		cells := cellsOf(g, *m, c)
		measure, _ := c.Field.measure()
		switch {
		case len(cells) == 0:
		case c.Field == "" && typeOf(c.Header) != "" && all(cells, short) && !all(cells, yesOrNo):
			m.Columns[i].Field = Judged(risk.Current, Consequence, typeOf(c.Header))
		case c.Field.stage() != "" && measure != Score && !most(cells, short): // it is told, not rated
			m.Columns[i].Field = Text
		case c.Field == "title" && all(cells, number):
			m.Columns[i].Field = ""
			if _, scored := m.Of(Judged(risk.Current, Score, "")); !scored {
				m.Columns[i].Field = Judged(risk.Current, Score, "")
			}
		case c.Field == "category" && !most(cells, isValue("category")), c.Field == "properties" && !most(cells, isValue("properties")):
			m.Columns[i].Field = Text
		case (c.Field == Plan || c.Field == "" && header(c) == Plan) && all(cells, isOption):
			if _, decided := m.Of(Option); !decided {
				m.Columns[i].Field = Option
			}
		case c.Field == Option && !most(cells, isOption):
			m.Columns[i].Field = Text
			if _, planned := m.Of(Plan); !planned {
				m.Columns[i].Field = Plan
			}
		}
	}
}

// typeOf gives the type of consequence a header names and nothing else.
func typeOf(header string) string { return words().types[heading.Plain(header)] }

func cellsOf(g *table.Grid, m Matching, c Column) (texts []string) {
	for _, row := range g.Rows {
		if row.Number > m.Header && c.At < len(row.Cells) && !row.Cells[c.At].Blank() {
			texts = append(texts, row.Cells[c.At].Text)
		}
	}
	return texts
}

func all(cells []string, is func(string) bool) bool {
	return !slices.ContainsFunc(cells, func(s string) bool { return !is(s) })
}

// most says whether more than half of the cells are so; those that leave it open
// do not count.
func most(cells []string, is func(string) bool) bool {
	so, counted := 0, 0
	for _, s := range cells {
		if is(s) {
			so++
		} else if undecidedWord(s) {
			continue
		}
		counted++
	}
	return 2*so > counted || counted == 0
}

// longestLevel is how long the name of a level is at most, in characters.
const longestLevel = 40

func short(s string) bool   { return utf8.RuneCountInString(s) <= longestLevel }
func yesOrNo(s string) bool { return words().yesNo[heading.Plain(s)] }

var numeral = regexp.MustCompile(`^\s*\d+([.,]\d+)?\s*$`)

func number(s string) bool { return numeral.MatchString(s) }

func isOption(s string) bool { options, open := optionsIn(s); return len(options) > 0 || open }

// isValue says whether a text names values of a field of a risk.
func isValue(key string) func(string) bool {
	f, _ := risk.Risks.Definition.Field(key)
	return func(s string) bool {
		value, err := valueOf(&table.Book{}, f, table.Cell{Text: s})
		return err == nil && value != nil
	}
}
