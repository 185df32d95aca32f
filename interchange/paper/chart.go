// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"math"
	"strconv"

	"codeberg.org/go-pdf/fpdf"
)

// Axis is one direction of a radar with what was reached and what is aimed at,
// both from 0 to Most.
type Axis struct {
	Label         string
	Value, Target float64
	Text          string // the figure as people read it, such as "8 of 12"
}

// Radar is a chart of three or more axes. A table with the same figures belongs
// beside it; the chart alone tells nobody enough.
type Radar struct {
	Title string
	Most  float64
	Axes  []Axis
}

// Radar draws a radar of 90 mm.
func (p *Paper) Radar(r Radar) {
	if len(r.Axes) < 3 || r.Most <= 0 {
		return
	}
	const radius = 32.0
	p.keep(2*radius + 26)
	p.font("B", 9, ink)
	p.pdf.SetX(p.left)
	p.pdf.MultiCell(p.width, 5, clean(r.Title), "", "L", false)
	x, y := p.left+p.width/2, p.pdf.GetY()+radius+8
	p.pdf.SetLineWidth(0.15)
	p.pdf.SetDrawColor(line.r, line.g, line.b)
	for step := 1; step <= 4; step++ {
		p.pdf.Polygon(regular(len(r.Axes), x, y, radius*float64(step)/4, -math.Pi/2), "D")
	}
	for i, corner := range regular(len(r.Axes), x, y, radius, -math.Pi/2) {
		p.pdf.Line(x, y, corner.X, corner.Y)
		p.axisLabel(r.Axes[i], x, corner)
	}
	p.area(r, x, y, radius, func(a Axis) float64 { return a.Target }, muted, "D")
	p.area(r, x, y, radius, func(a Axis) float64 { return a.Value }, accent, "FD")
	p.pdf.SetXY(p.left, y+radius+12)
}

func (p *Paper) axisLabel(a Axis, middle float64, at fpdf.PointType) {
	const width = 52.0
	p.font("", smallSize, ink)
	text := a.Label
	if a.Text != "" {
		text += " (" + a.Text + ")"
	}
	left, align := at.X+1.5, "L"
	switch {
	case math.Abs(at.X-middle) < 1:
		left, align = at.X-width/2, "C"
	case at.X < middle:
		left, align = at.X-width-1.5, "R"
	}
	high := at.Y - smallSize*lineOf/2
	if align == "C" {
		high += map[bool]float64{true: -3, false: 3}[at.Y < p.pdf.GetY()+32]
	}
	here := p.pdf.GetY()
	p.pdf.SetXY(left, high)
	p.pdf.CellFormat(width, smallSize*lineOf, p.clipped(text, width), "", 0, align, false, 0, "")
	p.pdf.SetXY(p.left, here)
}

func (p *Paper) area(r Radar, x, y, radius float64, value func(Axis) float64, c colour, style string) {
	var points []fpdf.PointType
	some := false
	for i, a := range r.Axes {
		share := math.Max(0, math.Min(1, value(a)/r.Most))
		some = some || share > 0
		turn := -math.Pi/2 + 2*math.Pi*float64(i)/float64(len(r.Axes))
		points = append(points, fpdf.PointType{X: x + radius*share*math.Cos(turn), Y: y + radius*share*math.Sin(turn)})
	}
	if !some {
		return
	}
	p.pdf.SetDrawColor(c.r, c.g, c.b)
	p.pdf.SetFillColor(c.r, c.g, c.b)
	p.pdf.SetLineWidth(0.5)
	if style == "FD" {
		p.pdf.SetAlpha(0.15, "Normal")
		p.pdf.Polygon(points, "F")
		p.pdf.SetAlpha(1, "Normal")
	}
	p.pdf.Polygon(points, "D")
}

// Part is one piece of a bar.
type Part struct {
	Label string
	Count int
	Heat  *float64 // 0 to 1 where the parts are levels, nil = a shade by its place
}

func (part Part) shade(i, n int) colour {
	if part.Heat != nil {
		return heat(*part.Heat)
	}
	return shade(i, n)
}

// Bar draws counts side by side as one line, with their words and figures
// below: never by colour alone.
func (p *Paper) Bar(parts []Part) {
	total := 0
	for _, part := range parts {
		total += part.Count
	}
	if total == 0 {
		return
	}
	p.keep(14)
	x, y := p.left, p.pdf.GetY()
	for i, part := range parts {
		width := p.width * float64(part.Count) / float64(total)
		c := part.shade(i, len(parts))
		p.pdf.SetFillColor(c.r, c.g, c.b)
		p.pdf.Rect(x, y, math.Max(0, width-0.4), 4, "F")
		x += width
	}
	x = p.left
	p.pdf.SetY(y + 5)
	for i, part := range parts {
		c := part.shade(i, len(parts))
		p.pdf.SetFillColor(c.r, c.g, c.b)
		p.pdf.Rect(x, y+6, 2.4, 2.4, "F")
		p.font("", smallSize, ink)
		text := clean(part.Label) + " " + strconv.Itoa(part.Count)
		p.pdf.SetXY(x+2.6, y+5.4)
		p.pdf.CellFormat(p.pdf.GetStringWidth(text)+3, smallSize*lineOf, text, "", 0, "L", false, 0, "")
		x += p.pdf.GetStringWidth(text) + 8
	}
	p.pdf.SetXY(p.left, y+12)
}

// shade goes from the accent to a light grey.
func shade(i, n int) colour {
	if n < 2 {
		return accent
	}
	mix := func(a, b int) int { return a + (b-a)*i/(n-1) }
	return colour{mix(accent.r, 0xdd), mix(accent.g, 0xe0), mix(accent.b, 0xe6)}
}
