// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"context"
	"fmt"
	"math"
	"strings"

	"sextant/gap"
	"sextant/internal/server/web/message"
)

// radar is a chart of one attribute: on each axis the share of the rows with a
// value that are met. It shows counts; levels are never drawn into it.
type radar struct {
	Name, Title string
	Met         string // points of the shape
	Answered    string
	Rings       []string
	Axes        []axis
	Groups      []gap.Group
}

type axis struct {
	X, Y           float64
	LabelX, LabelY float64
	Anchor, Label  string
	Count          string
}

// The geometry of a radar, in its own units.
const (
	radarWidth, radarHeight = 420.0, 300.0
	radarRadius             = 100.0
	fewestAxes              = 3
)

// radarsOf draws the attributes with few values; one with many is told by its
// table alone.
func radarsOf(ctx context.Context, r gap.Result) (list []radar) {
	for _, by := range r.Attributes {
		chart := radar{Name: by.Name, Groups: by.Groups}
		if len(by.Groups) >= fewestAxes {
			chart.draw(ctx)
		}
		list = append(list, chart)
	}
	return list
}

func (c *radar) draw(ctx context.Context) {
	point := func(i int, share float64) (x, y float64) {
		angle := 2*math.Pi*float64(i)/float64(len(c.Groups)) - math.Pi/2
		return radarWidth/2 + radarRadius*share*math.Cos(angle), radarHeight/2 + radarRadius*share*math.Sin(angle)
	}
	shape := func(share func(gap.Tally) float64) string {
		var points []string
		for i, g := range c.Groups {
			x, y := point(i, share(g.Tally))
			points = append(points, fmt.Sprintf("%.1f,%.1f", x, y))
		}
		return strings.Join(points, " ")
	}
	c.Met = shape(func(t gap.Tally) float64 { met, asked := t.Ready(); return part(met, asked) })
	c.Answered = shape(func(t gap.Tally) float64 { return part(t.Answered(), t.All) })
	for _, ring := range []float64{0.25, 0.5, 0.75, 1} {
		c.Rings = append(c.Rings, shape(func(gap.Tally) float64 { return ring }))
	}
	var says []string
	for i, g := range c.Groups {
		a := axis{Label: message.Mark(ctx, gap.Label("attributes", g.Name)), Anchor: "middle"}
		a.X, a.Y = point(i, 1)
		a.LabelX, a.LabelY = point(i, 1.14)
		switch {
		case a.LabelX > radarWidth/2+4:
			a.Anchor = "start"
		case a.LabelX < radarWidth/2-4:
			a.Anchor = "end"
		}
		met, asked := g.Tally.Ready()
		a.Count = message.T(ctx, "gap.of", met, asked)
		says = append(says, a.Label+" "+a.Count)
		c.Axes = append(c.Axes, a)
	}
	c.Title = message.T(ctx, "gap.radar.says", message.T(ctx, "gap.attribute."+c.Name), strings.Join(says, ", "))
}

func part(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
