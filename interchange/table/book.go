// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"sextant"
)

// Book is a file as it stands: every worksheet with its rows. Nothing is
// matched, and no row is refused; who reads sheets made by others finds out what
// a column means. Use Read where the columns are known.
type Book struct {
	Format     Format
	Grids      []Grid // in the order of the file; CSV has one, without a name
	Notes      []Note
	system1904 bool
}

// Grid is one worksheet.
type Grid struct {
	Name   string
	Hidden bool
	Rows   []GridRow // those with content, in their order
	Merged []Range
	Notes  []Note
}

// GridRow is a row as it stands; Cells[0] is column A.
type GridRow struct {
	Number int // as a spreadsheet shows it
	Hidden bool
	Cells  []Cell
}

// Cell is what one cell shows. The zero value is an empty cell.
type Cell struct {
	Text   string // dates as 2026-11-24, numbers as a spreadsheet shows them, yes and no as true and false
	Kind   Kind   // Text, Number, Bool or Date
	Broken bool   // the cell cannot be read, and Text says why
}

// Blank says whether the cell holds nothing that can be seen.
func (c Cell) Blank() bool { return !c.Broken && strings.TrimSpace(c.Text) == "" }

// Range is a block of merged cells, columns and rows from 1; all ends belong to it.
type Range struct{ Left, Top, Right, Bottom int }

// ColumnName turns 1 into A, 27 into AA.
func ColumnName(n int) string { return columnName(n) }

// Open reads a file of unknown origin as it stands, under the same limits as
// Read. Formulas count as the value that was saved with them; none is computed.
// JSON is refused: it has no sheet.
func Open(r io.Reader, limits Limits) (*Book, error) {
	limits = limits.withDefaults()
	data, found, err := load(r, limits)
	if err != nil {
		return nil, err
	}
	left := &budget{limits: limits}
	if found == XLSX {
		return openXLSX(data, left)
	}
	decoded, encoding, err := decode(data)
	if err != nil {
		return nil, err
	}
	if textFormat(decoded) == JSON {
		return nil, wrongFile("JSON", "export the sheet as .xlsx or CSV")
	}
	book, err := openCSV(decoded, left)
	if err == nil && encoding != "" {
		book.Notes = append(book.Notes, Note{Text: fmt.Sprintf(guessedEncoding, encoding)})
	}
	return book, err
}

func openXLSX(data []byte, left *budget) (*Book, error) {
	w, err := openWorkbook(data, left.limits)
	if err != nil {
		return nil, err
	}
	book := &Book{Format: XLSX, system1904: w.system1904}
	for _, sheet := range w.sheets {
		if sheet.name == aboutName && len(w.sheets) > 1 {
			continue
		}
		page := &gridReader{grid: Grid{Name: sheet.name, Hidden: sheet.hidden}, left: left}
		r := &sheetReader{workbook: w, to: page, cached: true}
		page.hidden = func() bool { return r.hidden }
		if err := r.read(sheet); err != nil {
			return nil, err
		}
		for _, m := range r.merges {
			page.grid.Merged = append(page.grid.Merged, Range{m.left, m.top, m.right, m.bottom})
		}
		for _, text := range r.hiddenParts() {
			page.grid.Notes = append(page.grid.Notes, Note{Text: text})
		}
		book.Grids = append(book.Grids, page.grid)
	}
	for name := range w.parts {
		if strings.HasPrefix(name, "xl/externallinks/") {
			book.Notes = append(book.Notes, Note{Text: "the workbook refers to other files; they were not opened"})
			break
		}
	}
	return book, nil
}

func openCSV(s string, left *budget) (*Book, error) {
	s, comma := declaredComma(s)
	if comma == 0 {
		comma = evenComma(s, left.limits)
	}
	page := &gridReader{left: left}
	if err := eachRecord(s, comma, left.limits, func(n int, record []cell) error {
		return page.row(wireRow{number: n, cells: record})
	}); err != nil {
		return nil, err
	}
	return &Book{Format: CSV, Grids: []Grid{page.grid}}, nil
}

// evenComma takes the separator that splits most of the first rows into the
// same number of fields, the larger number where several do.
func evenComma(s string, limits Limits) byte {
	best, most := byte(','), 0
	for _, comma := range []byte{',', ';', '\t', '|'} {
		rows, times := 0, map[int]int{}
		// An error only ends the look; the reading proper reports it.
		_ = eachRecord(s, comma, limits, func(_ int, record []cell) error {
			times[len(record)]++
			if rows++; rows == 100 {
				return errEnough
			}
			return nil
		})
		for fields, n := range times {
			if score := (fields - 1) * n; score > most {
				best, most = comma, score
			}
		}
	}
	return best
}

// budget is what may still be kept of a file.
type budget struct {
	limits      Limits
	rows, cells int
}

func (b *budget) take(cells int) error {
	b.rows, b.cells = b.rows+1, b.cells+cells
	if err := b.limits.rows(b.rows); err != nil {
		return err
	}
	if b.cells > b.limits.Cells {
		return sextant.Errorf(sextant.TooLarge, "the file has more than %d cells", b.limits.Cells).WithHint("delete the worksheets and columns that are not needed")
	}
	return nil
}

// gridReader keeps rows as they come.
type gridReader struct {
	grid   Grid
	left   *budget
	hidden func() bool // whether the row under way is, nil for no
}

func (g *gridReader) keeps() bool { return false } // the cells are copied

func (g *gridReader) row(r wireRow) error {
	row := GridRow{Number: r.number, Hidden: g.hidden != nil && g.hidden()}
	content := 0
	for i, c := range r.cells {
		if c.shape != blank {
			content = i + 1
		}
	}
	if content == 0 {
		return nil
	}
	if err := g.left.take(content); err != nil {
		return err
	}
	row.Cells = make([]Cell, content)
	for i, c := range r.cells[:content] {
		row.Cells[i] = shown(guarded(c, g.left.limits))
	}
	g.grid.Rows = append(g.grid.Rows, row)
	return nil
}

func shown(c cell) Cell {
	switch c.shape {
	case text:
		return Cell{Text: c.text}
	case number:
		return Cell{Text: plainNumber(c.number), Kind: Number}
	case logical:
		return Cell{Text: fmt.Sprint(c.number != 0), Kind: Bool}
	case moment:
		return Cell{Text: c.at.Format(time.DateOnly), Kind: Date}
	case broken:
		return Cell{Text: c.text, Broken: true}
	}
	return Cell{}
}

// Value reads a cell as a column of a known table would: the canonical form of
// its kind, nil for an empty cell. A bare number in a column of dates counts as
// the day a spreadsheet would show it as, if that lies between 1954 and 2119.
// Errors say what to do.
func (b *Book) Value(c Column, of Cell) (any, error) {
	value, p := c.value(b.read(c, of))
	if p != nil {
		return nil, sextant.Errorf(sextant.Invalid, "%s", p.reason).WithHint("%s", p.fix)
	}
	return value, nil
}

// read turns a cell as it is shown back into one of a file.
func (b *Book) read(c Column, of Cell) cell {
	n, _ := strconv.ParseFloat(of.Text, 64) // 0 for what is no number
	switch {
	case of.Broken:
		return cell{shape: broken, text: of.Text}
	case of.Kind == Number && c.Kind == Date && n >= 20_000 && n <= 80_000:
		if at, ok := ofSerial(math.Floor(n), b.system1904); ok {
			return cell{shape: moment, at: at}
		}
	case of.Kind == Date:
		if at, err := time.Parse(time.DateOnly, of.Text); err == nil {
			return cell{shape: moment, at: at}
		}
	}
	switch of.Kind {
	case Number:
		return cell{shape: number, number: n}
	case Bool:
		return cell{shape: logical, number: map[string]float64{"true": 1}[of.Text]}
	}
	if of.Text == "" {
		return cell{}
	}
	return cell{shape: text, text: of.Text}
}

// Day reads a cell as a day, 2026-11-24, "" for an empty one.
func (b *Book) Day(c Cell) (string, error) {
	value, err := b.Value(Column{Kind: Date}, c)
	day, _ := value.(string)
	return day, err
}
