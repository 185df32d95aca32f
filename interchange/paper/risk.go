// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"math"

	"codeberg.org/go-pdf/fpdf"
)

// ramp is what a level is shaded with, from the lowest to the highest. Every
// cell and part also says its level in words.
var ramp = []colour{{0xf0, 0xf5, 0xfd}, {0xf9, 0xf0, 0xd6}, {0xff, 0xdd, 0xb4}, {0xff, 0xbe, 0x97}, {0xfb, 0x97, 0x83}}

// heat gives the shade at a place of the ramp, 0 to 1.
func heat(at float64) colour {
	at = math.Max(0, math.Min(1, at)) * float64(len(ramp)-1)
	i := min(int(at), len(ramp)-2)
	a, b, share := ramp[i], ramp[i+1], at-float64(i)
	mix := func(x, y int) int { return x + int(math.Round(float64(y-x)*share)) }
	return colour{mix(a.r, b.r), mix(a.g, b.g), mix(a.b, b.b)}
}

// Grid is a matrix with words on both axes, such as a risk matrix.
type Grid struct {
	Rows    []string // from the top
	Columns []string
	Cells   [][]Square // by row
}

// Square is a cell of a Grid.
type Square struct {
	Text   string  // what counts, "" = nothing does
	Under  string  // smaller, below it
	Heat   float64 // 0 to 1
	Framed bool
}

// The height of a row of a Grid and of all its rows at most, mm. Rows too low for
// two lines say what counts, or else what is below it.
const (
	gridHigh = 9.0
	gridMost = 54.0
)

// Grid draws a matrix over a share of the width, 0 to 1.
func (p *Paper) Grid(g Grid, share float64) {
	if len(g.Rows) == 0 || len(g.Columns) == 0 {
		return
	}
	high := math.Min(gridHigh, gridMost/float64(len(g.Rows)))
	p.keep(high*float64(len(g.Rows)) + 8)
	label := math.Min(34, p.width*share*0.3)
	wide := (p.width*share - label) / float64(len(g.Columns))
	y := p.pdf.GetY()
	for i, row := range g.Cells {
		p.font("", smallSize, muted)
		p.pdf.SetXY(p.left, y)
		p.pdf.CellFormat(label-1.5, high, p.clipped(g.Rows[i], label-2), "", 0, "R", false, 0, "")
		for j, cell := range row {
			p.square(cell, p.left+label+wide*float64(j), y, wide, high)
		}
		y += high
	}
	p.font("", smallSize, muted)
	for j, name := range g.Columns {
		p.pdf.SetXY(p.left+label+wide*float64(j), y+0.5)
		p.pdf.CellFormat(wide, 4, p.clipped(name, wide-0.5), "", 0, "C", false, 0, "")
	}
	p.pdf.SetXY(p.left, y+7)
}

func (p *Paper) square(c Square, x, y, wide, high float64) {
	const gap = 0.5
	fill := heat(c.Heat)
	p.pdf.SetFillColor(fill.r, fill.g, fill.b)
	style := "F"
	if c.Framed {
		p.pdf.SetDrawColor(0xb0, 0x3a, 0x2e)
		p.pdf.SetLineWidth(0.3)
		style = "FD"
	}
	p.pdf.Rect(x+gap/2, y+gap/2, wide-gap, high-gap, style)
	under := y + (high-3.4)/2
	if c.Text != "" && high < 8 {
		p.font("B", smallSize, ink)
		p.pdf.SetXY(x, under)
		p.pdf.CellFormat(wide, 3.4, c.Text, "", 0, "C", false, 0, "")
		return
	}
	if c.Text != "" {
		p.font("B", bodySize, ink)
		p.pdf.SetXY(x, y+0.9)
		p.pdf.CellFormat(wide, 4, c.Text, "", 0, "C", false, 0, "")
		under = y + 4.7
	}
	p.font("", smallSize-1.5, ink)
	p.pdf.SetXY(x, under)
	p.pdf.CellFormat(wide, 3.4, p.clipped(c.Under, wide-1), "", 0, "C", false, 0, "")
}

// Spot is a place in a chart: 0 is its beginning and foot, 1 its end and top.
type Spot struct{ X, Y float64 }

// Tick is a label on an axis.
type Tick struct {
	At    float64
	Label string
}

// Curve is a line with the band chance leaves open around it, and a limit it is
// held against. The figures that matter belong beside it.
type Curve struct {
	Title     string
	Line      []Spot
	Low, High []float64 // of the band, for each spot; nil = none
	X, Y      []Tick
	Limit     *Spot
	Says      string // of the limit
}

// Curve draws a chart of 52 mm.
func (p *Paper) Curve(c Curve) {
	const high, labels, beyond = 44.0, 14.0, 12.0 // mm; beyond: room for half of the last label
	if len(c.Line) < 2 {
		return
	}
	p.keep(high + 22)
	p.font("B", 9, ink)
	p.pdf.SetX(p.left)
	p.pdf.MultiCell(p.width, 5, clean(c.Title), "", "L", false)
	left, top, wide := p.left+labels, p.pdf.GetY()+2, p.width-labels-beyond
	at := func(s Spot) fpdf.PointType { return fpdf.PointType{X: left + wide*s.X, Y: top + high*(1-s.Y)} }
	p.ticks(c, at)
	if len(c.Low) == len(c.Line) && len(c.High) == len(c.Line) {
		p.band(c, at)
	}
	p.pdf.SetDrawColor(accent.r, accent.g, accent.b)
	p.pdf.SetLineWidth(0.5)
	for i := 1; i < len(c.Line); i++ {
		from, to := at(c.Line[i-1]), at(c.Line[i])
		p.pdf.Line(from.X, from.Y, to.X, to.Y)
	}
	p.limit(c, at)
	p.pdf.SetXY(p.left, top+high+8)
}

func (p *Paper) ticks(c Curve, at func(Spot) fpdf.PointType) {
	p.pdf.SetDrawColor(line.r, line.g, line.b)
	p.pdf.SetLineWidth(0.15)
	p.font("", smallSize, muted)
	for _, t := range c.X {
		foot, head := at(Spot{t.At, 0}), at(Spot{t.At, 1})
		p.pdf.Line(foot.X, foot.Y, head.X, head.Y)
		p.pdf.SetXY(foot.X-12, foot.Y+1)
		p.pdf.CellFormat(24, 4, clean(t.Label), "", 0, "C", false, 0, "")
	}
	for _, t := range c.Y {
		from, to := at(Spot{0, t.At}), at(Spot{1, t.At})
		p.pdf.Line(from.X, from.Y, to.X, to.Y)
		p.pdf.SetXY(p.left, from.Y-2)
		p.pdf.CellFormat(12, 4, clean(t.Label), "", 0, "R", false, 0, "")
	}
}

func (p *Paper) band(c Curve, at func(Spot) fpdf.PointType) {
	var around []fpdf.PointType
	for i, s := range c.Line {
		around = append(around, at(Spot{s.X, c.High[i]}))
	}
	for i := len(c.Line) - 1; i >= 0; i-- {
		around = append(around, at(Spot{c.Line[i].X, c.Low[i]}))
	}
	p.pdf.SetFillColor(accent.r, accent.g, accent.b)
	p.pdf.SetAlpha(0.15, "Normal")
	p.pdf.Polygon(around, "F")
	p.pdf.SetAlpha(1, "Normal")
}

func (p *Paper) limit(c Curve, at func(Spot) fpdf.PointType) {
	if c.Limit == nil {
		return
	}
	p.pdf.SetDrawColor(0xb0, 0x3a, 0x2e)
	p.pdf.SetLineWidth(0.3)
	p.pdf.SetDashPattern([]float64{1.2, 1}, 0)
	here, foot, side := at(*c.Limit), at(Spot{c.Limit.X, 0}), at(Spot{0, c.Limit.Y})
	p.pdf.Line(here.X, foot.Y, here.X, at(Spot{0, 1}).Y)
	p.pdf.Line(side.X, here.Y, here.X, here.Y)
	p.pdf.SetDashPattern(nil, 0)
	p.font("", smallSize, ink)
	width := p.pdf.GetStringWidth(clean(c.Says)) + 3
	x := here.X + 1
	if x+width > p.left+p.width {
		x = here.X - 1 - width
	}
	p.pdf.SetXY(x, at(Spot{0, 1}).Y+1)
	p.pdf.CellFormat(width, 4, clean(c.Says), "", 0, "L", false, 0, "")
}
