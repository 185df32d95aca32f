// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"math"

	"codeberg.org/go-pdf/fpdf"

	"sextant/interchange/table"
)

// Column of a table. Widths are shares of the page's width.
type Column struct {
	Title string
	Share float64
	Right bool // figures stand at the right
}

// Cell is a text, with the mark of an evidence state before it where Tone is
// one. State is never told by colour alone: shape and word say it too.
type Cell struct {
	Text  string
	Tone  table.Tone
	Bold  bool
	Muted bool
}

// Row of a table. A row with a Section is a line across the table that names
// what follows; its cells are not drawn.
type Row struct {
	Section string
	Cells   []Cell
}

// Table with a head that is repeated on every page. Every text is wrapped and
// drawn in full.
type Table struct {
	Columns []Column
	Rows    []Row
	Size    float64 // points, 0 = 8
}

const cellPad = 1.1 // mm above and below a cell's text

// Table draws a table at the full width of the page.
func (p *Paper) Table(t Table) {
	if t.Size == 0 {
		t.Size = 8
	}
	d := tableDrawing{Paper: p, Table: t, widths: p.widths(t.Columns)}
	p.pdf.SetAutoPageBreak(false, 0)
	d.head()
	for i, row := range t.Rows {
		d.row(row, i+1 < len(t.Rows))
	}
	p.pdf.SetAutoPageBreak(true, footRoom)
	p.pdf.SetX(p.left)
	p.pdf.Ln(3)
}

func (p *Paper) widths(columns []Column) []float64 {
	sum := 0.0
	for _, c := range columns {
		sum += c.Share
	}
	widths := make([]float64, len(columns))
	for i, c := range columns {
		widths[i] = p.width * c.Share / sum
	}
	return widths
}

type tableDrawing struct {
	*Paper
	Table
	widths []float64
}

func (d *tableDrawing) lineHeight() float64 { return d.Size * lineOf }

func (d *tableDrawing) head() {
	d.font("B", d.Size-0.5, muted)
	lines := make([][]string, len(d.Columns))
	tallest := 1
	for i, c := range d.Columns {
		lines[i] = d.wrapped(c.Title, d.widths[i])
		tallest = max(tallest, len(lines[i]))
	}
	height := float64(tallest)*d.lineHeight() + 2*cellPad
	if d.pdf.GetY()+height+3*d.lineHeight() > d.bottom() {
		d.pdf.AddPage()
		d.font("B", d.Size-0.5, muted)
	}
	y := d.pdf.GetY()
	for i := range d.Columns {
		d.draw(i, lines[i], y+cellPad, 0)
	}
	d.rule(y+height, muted)
	d.pdf.SetY(y + height)
}

// row draws one row; one that is taller than what is left of the page begins on
// the next, one taller than a page goes on there.
func (d *tableDrawing) row(row Row, more bool) {
	if row.Section != "" {
		d.section(row.Section, more)
		return
	}
	lines := make([][]string, len(d.Columns))
	rest := 1
	for i := range d.Columns {
		if i < len(row.Cells) {
			c := row.Cells[i]
			d.style(c)
			lines[i] = d.wrapped(c.Text, d.widths[i]-indent(c))
			rest = max(rest, len(lines[i]))
		}
	}
	for first := true; rest > 0; first = false {
		room := d.fit(rest, first)
		y := d.pdf.GetY()
		for i := range d.Columns {
			n := min(room, len(lines[i]))
			if i < len(row.Cells) && n > 0 {
				d.cell(i, row.Cells[i], lines[i][:n], y+cellPad, first)
			}
			lines[i] = lines[i][n:]
		}
		rest -= room
		y += float64(room)*d.lineHeight() + 2*cellPad
		d.rule(y, line)
		d.pdf.SetY(y)
	}
}

// fit gives how many lines of a row can be drawn here, on a new page where that
// keeps the row whole.
func (d *tableDrawing) fit(wanted int, first bool) int {
	room := func() int {
		return int(math.Floor((d.bottom() - d.pdf.GetY() - 2*cellPad) / d.lineHeight()))
	}
	if room() >= wanted {
		return wanted
	}
	if first && d.pdf.GetY() > topMargin+20 || room() < 1 {
		d.pdf.AddPage()
		d.head()
	}
	return min(wanted, max(room(), 1))
}

func (d *tableDrawing) section(text string, more bool) {
	height := d.lineHeight() + 2*cellPad + 1
	need := height
	if more {
		need += 3 * d.lineHeight()
	}
	if d.pdf.GetY()+need > d.bottom() {
		d.pdf.AddPage()
		d.head()
	}
	y := d.pdf.GetY()
	d.pdf.SetFillColor(soft.r, soft.g, soft.b)
	d.pdf.Rect(d.left, y, d.width, height, "F")
	d.font("B", d.Size, ink)
	d.pdf.SetXY(d.left, y+cellPad)
	d.pdf.CellFormat(d.width, d.lineHeight()+1, d.clipped(text, d.width), "", 0, "L", false, 0, "")
	d.rule(y+height, line)
	d.pdf.SetY(y + height)
}

func (d *tableDrawing) style(c Cell) {
	style, tint := "", ink
	if c.Bold {
		style = "B"
	}
	if c.Muted {
		tint = muted
	}
	d.font(style, d.Size, tint)
}

func (d *tableDrawing) cell(column int, c Cell, lines []string, y float64, first bool) {
	if first && c.Tone != table.Plain {
		d.mark(c.Tone, d.at(column)+2.2, y+d.lineHeight()/2, d.Size*0.16)
	}
	d.style(c)
	d.draw(column, lines, y, indent(c))
}

// indent leaves room for the mark of a state.
func indent(c Cell) float64 {
	if c.Tone == table.Plain {
		return 0
	}
	return 3.6
}

func (d *tableDrawing) at(column int) float64 {
	x := d.left
	for _, w := range d.widths[:column] {
		x += w
	}
	return x
}

func (d *tableDrawing) draw(column int, lines []string, y, indent float64) {
	align := "L"
	if d.Columns[column].Right {
		align = "R"
	}
	for _, text := range lines {
		d.pdf.SetXY(d.at(column)+indent, y)
		d.pdf.CellFormat(d.widths[column]-indent, d.lineHeight(), text, "", 0, align, false, 0, "")
		y += d.lineHeight()
	}
}

// inks of the marks, as the design tokens have them.
var inks = map[table.Tone]colour{
	table.Pass: {0x11, 0x73, 0x42}, table.Fail: {0xc0, 0x1e, 0x24}, table.Error: {0xa6, 0x20, 0x7d}, table.Stale: {0x76, 0x61, 0x1b}, table.NoData: {0x51, 0x58, 0x65},
	table.Partial: {0x07, 0x6c, 0x92}, table.FailInGrace: {0xa2, 0x53, 0x17}, table.Excepted: {0x6a, 0x48, 0xad}, table.Quiet: {0x62, 0x68, 0x71},
}

// mark draws the shape of a state: disc passes, octagon fails, triangle is an
// error, square excepted, and so on. Only Pass is filled green.
func (p *Paper) mark(tone table.Tone, x, y, r float64) {
	c := inks[tone]
	p.pdf.SetFillColor(c.r, c.g, c.b)
	p.pdf.SetDrawColor(c.r, c.g, c.b)
	p.pdf.SetLineWidth(0.3)
	switch tone {
	case table.Pass:
		p.pdf.Circle(x, y, r, "F")
	case table.Fail:
		p.pdf.Polygon(regular(8, x, y, r*1.05, math.Pi/8), "F")
	case table.Error:
		p.pdf.Polygon(regular(3, x, y+r*0.2, r*1.2, -math.Pi/2), "F")
	case table.Excepted:
		p.pdf.Rect(x-r*0.85, y-r*0.85, 2*r*0.85, 2*r*0.85, "F")
	case table.FailInGrace:
		p.pdf.Polygon(regular(4, x, y, r*1.15, 0), "F")
	case table.Partial:
		p.pdf.Circle(x, y, r, "D")
		p.pdf.Rect(x-r*0.5, y-r*0.5, r, r, "F")
	case table.NoData:
		p.pdf.Circle(x, y, r, "D")
		p.pdf.Line(x-r*0.7, y+r*0.7, x+r*0.7, y-r*0.7)
	case table.Stale:
		p.pdf.Circle(x, y, r, "D")
		p.pdf.Line(x, y, x, y-r*0.7)
		p.pdf.Line(x, y, x+r*0.55, y)
	default:
		p.pdf.Circle(x, y, r, "D")
	}
}

func regular(corners int, x, y, r, turn float64) (points []fpdf.PointType) {
	for i := range corners {
		a := turn + 2*math.Pi*float64(i)/float64(corners)
		points = append(points, fpdf.PointType{X: x + r*math.Cos(a), Y: y + r*math.Sin(a)})
	}
	return points
}

// Legend says what the marks mean.
func (p *Paper) Legend(entries []Cell) {
	p.space(4)
	x, y := p.left, p.pdf.GetY()
	for _, c := range entries {
		p.font("", smallSize, muted)
		width := p.pdf.GetStringWidth(clean(c.Text)) + 9
		if x+width > p.left+p.width {
			x, y = p.left, y+smallSize*lineOf+0.8
		}
		if y+5 > p.bottom() {
			p.pdf.AddPage()
			x, y = p.left, p.pdf.GetY()
		}
		if c.Tone != table.Plain {
			p.mark(c.Tone, x+1.8, y+smallSize*lineOf/2, smallSize*0.16)
		}
		p.font("", smallSize, muted)
		p.pdf.SetXY(x+3.4, y)
		p.pdf.CellFormat(width, smallSize*lineOf, clean(c.Text), "", 0, "L", false, 0, "")
		x += width
	}
	p.pdf.SetXY(p.left, y+smallSize*lineOf+2)
}
