// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"fmt"
	"strings"

	"sextant/internal/server/web/page"
)

// lineChart is a line over months as SVG attributes.
type lineChart struct {
	Points       string
	LastX, LastY string
	Lines        []gridLine
	Marks        []axisMark
}

type gridLine struct{ Y, TextY, Label string }

type axisMark struct{ X, Label string }

// monthChart lays the months out between 32 and 292, nothing at 98, most at 8.
func monthChart(months []month) (c lineChart) {
	most := 2
	for _, m := range months {
		most = max(most, m.Broken)
	}
	most += most % 2
	y := func(n int) float64 { return 98 - 90*float64(n)/float64(most) }
	var points []string
	for i, m := range months {
		x := 32 + 260*float64(i)/float64(len(months)-1)
		points = append(points, fmt.Sprintf("%.1f,%.1f", x, y(m.Broken)))
		c.LastX, c.LastY = fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", y(m.Broken))
		if i%3 == 0 || i == len(months)-1 && i%3 > 1 {
			c.Marks = append(c.Marks, axisMark{fmt.Sprintf("%.1f", x), page.MonthLabel(m.At)})
		}
	}
	c.Points = strings.Join(points, " ")
	for _, n := range []int{0, most / 2, most} {
		c.Lines = append(c.Lines, gridLine{fmt.Sprintf("%.1f", y(n)), fmt.Sprintf("%.1f", y(n)+4), fmt.Sprint(n)})
	}
	return c
}
