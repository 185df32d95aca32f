// SPDX-License-Identifier: Apache-2.0

package riskbook

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sextant"
	"sextant/interchange/entries"
	"sextant/interchange/heading"
	"sextant/interchange/table"
	"sextant/register"
	"sextant/risk"
)

// said is what a cell says, under the header of its column.
type said struct{ header, text string }

// line is how a text stands beside a risk.
func (s said) line() string {
	return "- " + s.header + ": " + strings.Join(strings.Fields(s.text), " ")
}

// judged is what a row says of one stage.
type judged struct {
	likelihood   said
	consequence  said            // of no type
	typed        map[string]said // by type of consequence
	score        said
	consequences []string // types, in the order of the columns
}

// any says whether something is judged that could become levels.
func (j judged) any() bool { return j.likelihood.text != "" || j.rated() }

// open says that nobody has judged yet, in so many words.
func (j judged) open() bool {
	for _, s := range j.all() {
		if s != j.score && !undecidedWord(s.text) {
			return false
		}
	}
	return true
}

func (j judged) rated() bool { return j.consequence.text != "" || len(j.typed) > 0 }

// all is what the stage says, as it stands.
func (j judged) all() (list []said) {
	list = append(list, j.likelihood, j.consequence)
	for _, kind := range j.consequences {
		list = append(list, j.typed[kind])
	}
	list = append(list, j.score)
	return slices.DeleteFunc(list, func(s said) bool { return s.text == "" })
}

// row is a risk of another tool's sheet.
type row struct {
	number    int
	values    map[string]any      // of fields of the risk
	refs      map[string][]string // what fields that name other entries say
	stages    map[string]judged
	owner     said
	status    said
	rationale string
	option    said
	plan      string
	planOwner said
	due       string
	dueErr    error
	texts     []said
}

// title of the risk, for reports.
func (r row) title() string { text, _ := r.values["title"].(string); return text }

// Take reads the worksheet by a matching. It fails where the matching cannot be
// used; a row that cannot be read is refused by Bring and spoils no other.
func (f *File) Take(m Matching) (*Book, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	g, err := f.grid(m.Sheet)
	if err != nil {
		return nil, err
	}
	if g, err = filledDown(g, m.Header); err != nil {
		return nil, err
	}
	b := &Book{matching: &m, Notes: f.notes(g, m)}
	headings := 0
	for _, line := range g.Rows {
		switch {
		case line.Number <= m.Header, repeats(m, line):
		case isHeading(g, line):
			headings++
		default:
			b.take(f.book, m, line)
		}
	}
	if len(b.rows)+len(b.refused) > mostRows {
		return nil, sextant.Errorf(sextant.TooLarge, "the file has more than %d rows with data", mostRows).WithHint("split it into several files")
	}
	if headings > 0 {
		b.Notes = append(b.Notes, fmt.Sprintf("%d rows are headings across the sheet and were passed over", headings))
	}
	return b, nil
}

// check refuses a matching nothing can be read by.
func (m Matching) check() error {
	seen := map[Field]string{}
	for _, c := range m.Columns {
		if before := seen[c.Field]; c.Field != "" && c.Field != Text && before != "" {
			return sextant.Errorf(sextant.Invalid, "%s and %s are both matched to %s", before, c.Name(), c.Field).At("columns").WithHint("match one of them to something else, or keep it as text")
		}
		seen[c.Field] = c.Name()
	}
	if seen["title"] == "" && seen["description"] == "" {
		return sextant.Errorf(sextant.Invalid, "no column says what the risk is").At("columns").
			WithHint("match the column with its name to title, or the one that tells it to description; the columns are %s", heading.Names(m.Columns))
	}
	return nil
}

// notes is what is worth knowing of the sheet as a whole.
func (f *File) notes(g *table.Grid, m Matching) (texts []string) {
	for _, n := range append(slices.Clone(f.book.Notes), g.Notes...) {
		texts = append(texts, n.Text)
	}
	var left []string
	for _, c := range m.Columns {
		if c.Field == "" {
			left = append(left, c.Name())
		}
	}
	if len(left) > 0 {
		texts = append(texts, "columns that are not imported: "+strings.Join(left, ", "))
	}
	if m.stage(risk.Residual) && !m.stage(risk.Current) {
		texts = append(texts, "residual judgements are what risk owners are asked to accept; where they say how a risk stands today, match their columns to current")
	}
	return texts
}

// stage says whether a column judges a stage.
func (m Matching) stage(name string) bool {
	return slices.ContainsFunc(m.Columns, func(c Column) bool { return c.Field.stage() == name })
}

// mostRows of a worksheet are read.
const mostRows = 50_000

// mostCovered is how many cells merged ranges may cover.
const mostCovered = 500_000

// filledDown gives a worksheet where a cell that is merged downwards says what it
// says in each of its rows.
func filledDown(g *table.Grid, header int) (*table.Grid, error) {
	out, work := *g, 0
	out.Rows = slices.Clone(g.Rows)
	for _, m := range g.Merged {
		from, at := slices.BinarySearchFunc(out.Rows, m.Top, func(r table.GridRow, n int) int { return r.Number - n })
		if m.Top <= header || m.Bottom == m.Top || !at || m.Left > len(out.Rows[from].Cells) {
			continue
		}
		first := out.Rows[from].Cells[m.Left-1]
		for i := from + 1; i < len(out.Rows) && out.Rows[i].Number <= m.Bottom; i++ {
			if work++; work > mostCovered {
				return nil, sextant.Errorf(sextant.TooLarge, "the merged cells of the worksheet cover too much").WithHint("unmerge all cells and fill in the values")
			}
			cells := slices.Clone(out.Rows[i].Cells)
			for len(cells) < m.Left {
				cells = append(cells, table.Cell{})
			}
			cells[m.Left-1] = first
			out.Rows[i].Cells = cells
		}
	}
	return &out, nil
}

// isHeading knows a title across the sheet between rows: one cell, merged over
// several columns.
func isHeading(g *table.Grid, line table.GridRow) bool {
	return filled(line) == 1 && slices.ContainsFunc(g.Merged, func(m table.Range) bool {
		return m.Top <= line.Number && line.Number <= m.Bottom && m.Right-m.Left > 1
	})
}

// repeats knows a header that stands again above a further part.
func repeats(m Matching, line table.GridRow) bool {
	same, of := 0, 0
	for _, c := range m.Columns {
		if c.Header == "" || c.Field == "" {
			continue
		}
		of++
		if strings.HasSuffix(heading.Plain(c.Header), heading.Plain(textAt(line, c.At))) && textAt(line, c.At) != "" {
			same++
		}
	}
	return of > 1 && same == of
}

// take reads one row.
func (b *Book) take(book *table.Book, m Matching, line table.GridRow) {
	r := row{number: line.Number, values: map[string]any{}, refs: map[string][]string{}, stages: map[string]judged{}}
	content := false
	for _, c := range m.Columns {
		if c.Field == "" || c.At >= len(line.Cells) || line.Cells[c.At].Blank() {
			continue
		}
		content = true
		if err := r.read(book, c, line.Cells[c.At]); err != nil {
			b.refused = append(b.refused, refusedRow{line.Number, r.title(), at(c, line.Number, err)})
			return
		}
	}
	if !content {
		return
	}
	r.name()
	b.rows = append(b.rows, r)
}

// refusedRow is a row that cannot be read, and why.
type refusedRow struct {
	number int
	title  string
	err    error
}

// at names the cell an error is about.
func at(c Column, number int, err error) error {
	if e, ok := errors.AsType[*sextant.Error](err); ok {
		return sextant.Errorf(e.Code, "cell %s%d: %s", c.Letter, number, e.Message).At(string(c.Field)).WithHint("%s", e.Hint)
	}
	return err
}

// read takes one cell.
func (r *row) read(book *table.Book, c Column, cell table.Cell) error {
	measure, _ := c.Field.measure()
	if cell.Broken && c.Field != Text && measure != Score { // those are only kept
		return sextant.Errorf(sextant.Invalid, "%s", cell.Text).WithHint("correct the cell, or leave its column out")
	}
	s := said{c.Name(), strings.TrimSpace(cell.Text)}
	switch stage := c.Field.stage(); {
	case stage != "":
		r.judge(stage, c.Field, s)
	case c.Field == Text:
		r.texts = append(r.texts, s)
	case c.Field == Status:
		r.status = s
	case c.Field == Rationale:
		r.rationale = s.text
	case c.Field == Option:
		r.option = s
	case c.Field == Plan:
		r.plan = s.text
	case c.Field == TreatmentOwner:
		r.planOwner = s
	case c.Field == Due:
		r.due, r.dueErr = dayOf(book, c, cell)
	case c.Field == "owner":
		r.owner = s
	default:
		return r.field(book, c, cell, s)
	}
	return nil
}

func dayOf(book *table.Book, c Column, cell table.Cell) (string, error) {
	if undecidedWord(cell.Text) {
		return "", nil
	}
	day, err := book.Day(cell)
	return day, err
}

func (r *row) judge(stage string, f Field, s said) {
	j := r.stages[stage]
	switch measure, kind := f.measure(); {
	case measure == Likelihood:
		j.likelihood = s
	case measure == Score:
		j.score = s
	case kind == "":
		j.consequence = s
	default:
		j.typed = maps.Clone(j.typed)
		if j.typed == nil {
			j.typed = map[string]said{}
		}
		j.typed[kind] = s
		j.consequences = append(j.consequences, kind)
	}
	r.stages[stage] = j
}

// field takes a field of the risk. What names other entries is looked for later.
func (r *row) field(book *table.Book, c Column, cell table.Cell, s said) error {
	f, _ := risk.Risks.Definition.Field(string(c.Field))
	if f.IsReference() && f.Key != "management_system" {
		r.refs[f.Key] = parted(s.text)
		return nil
	}
	value, err := valueOf(book, f, cell)
	if err == nil && value != nil {
		r.values[f.Key] = value
	}
	return err
}

// valueOf reads a cell as a field of a risk, by the words people use elsewhere
// too.
func valueOf(book *table.Book, f register.Field, cell table.Cell) (any, error) {
	if letters := heading.Plain(cell.Text); f.Key == "properties" && len(strings.ReplaceAll(letters, " ", "")) < 4 && strings.Trim(letters, "cia ") == "" {
		cell.Text = strings.Join(strings.Split(strings.ReplaceAll(letters, " ", ""), ""), ",") // CIA, C/I
	}
	if f.Many && f.Kind == register.Enum {
		cell.Text = strings.ReplaceAll(cell.Text, ",", ";")
	}
	return entries.Value(book, f, cell, words().values[f.Key])
}

// parted splits a cell that names several things.
func parted(text string) (parts []string) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;|\n", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// longestTitle is how much of a description names a risk that has no name, in
// characters.
const longestTitle = 140

// name names a risk without a name after what is told of it.
func (r *row) name() {
	description, _ := r.values["description"].(string)
	if r.title() != "" || description == "" {
		return
	}
	first, _, _ := strings.Cut(strings.TrimSpace(description), "\n")
	if sentence, _, more := strings.Cut(first, ". "); more {
		first = sentence
	}
	r.values["title"] = heading.Clip(strings.Join(strings.Fields(first), " "), longestTitle)
}
