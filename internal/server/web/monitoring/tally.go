// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"fmt"
	"math"
	"strings"
	"time"

	"sextant"
	"sextant/check"
	"sextant/evidence"
	"sextant/internal/server/web/page"
)

// tally is what a check counted at the end of a day.
type tally struct {
	Day    time.Time
	Known  bool
	Counts check.Counts
}

// talliesOf lays the intervals of a check's outcome, newest first, over the days
// up to a moment.
func talliesOf(outcomes []evidence.Outcome, now sextant.Instant) []tally {
	today := now.Time().Truncate(24 * time.Hour)
	list := make([]tally, 0, talliedDays)
	for i := talliedDays - 1; i >= 0; i-- {
		day := today.AddDate(0, 0, -i)
		end := min(sextant.InstantOf(day.AddDate(0, 0, 1))-1, now)
		t := tally{Day: day}
		for _, o := range outcomes {
			if o.At <= end && (o.Until == 0 || o.Until > end) {
				t.Known, t.Counts = true, countsOf(o)
				break
			}
		}
		list = append(list, t)
	}
	return list
}

// The geometry of the chart, in its own units.
const (
	chartWidth, chartHeight = 720.0, 168.0
	chartLeft, chartRight   = 34.0, 8.0
	chartTop, chartBottom   = 10.0, 22.0
)

// band is one series of a stacked chart as the points of an area.
type band struct{ State, Points string }

// chart is a stacked area over days.
type chart struct {
	Bands []band
	Lines []line // of the grid, with the number at their left
	Days  []mark // along the foot
	Most  int
}

type line struct {
	Y     float64
	Label string
}

type mark struct {
	X     float64
	Label string
}

// series of the chart from the bottom: what passes carries what does not.
var series = []struct {
	state string
	of    func(check.Counts) int
}{
	{"pass", func(c check.Counts) int { return c.Passed }}, {"error", func(c check.Counts) int { return c.Errors }}, {"fail", func(c check.Counts) int { return c.Failed }},
}

func chartOf(list []tally) (c chart) {
	for _, t := range list {
		c.Most = max(c.Most, t.Counts.Passed+t.Counts.Errors+t.Counts.Failed)
	}
	top := ceiling(c.Most)
	x := func(i int) float64 {
		return chartLeft + (chartWidth-chartLeft-chartRight)*float64(i)/float64(len(list))
	}
	y := func(n int) float64 {
		return chartHeight - chartBottom - (chartHeight-chartTop-chartBottom)*float64(n)/float64(top)
	}
	under := make([]int, len(list))
	for _, s := range series {
		var up, down []string
		for i, t := range list {
			low := under[i]
			under[i] += s.of(t.Counts)
			for _, at := range []int{i, i + 1} { // a step for each day
				up = append(up, fmt.Sprintf("%.1f,%.1f", x(at), y(under[i])))
				down = append([]string{fmt.Sprintf("%.1f,%.1f", x(at), y(low))}, down...)
			}
		}
		c.Bands = append(c.Bands, band{s.state, strings.Join(append(up, down...), " ")})
	}
	for _, n := range []int{0, top / 2, top} {
		c.Lines = append(c.Lines, line{y(n), fmt.Sprint(n)})
	}
	for i := 0; i < len(list); i += 15 {
		c.Days = append(c.Days, mark{x(i), page.DayLabel(list[i].Day)})
	}
	return c
}

// ceiling is the next round and even number.
func ceiling(n int) int {
	for _, step := range []int{2, 4, 6, 8, 10, 12, 16, 20, 40, 100, 200, 400, 1000} {
		if n <= step {
			return step
		}
	}
	size := math.Pow(10, math.Floor(math.Log10(float64(n))))
	return int(math.Ceil(float64(n)/size) * size)
}

// spark is the points of a small line, newest at the right.
func spark(values []float64) string {
	if len(values) < 2 {
		return ""
	}
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = math.Min(low, v), math.Max(high, v)
	}
	points := make([]string, len(values))
	for i, v := range values {
		height := 10.0
		if high > low {
			height = 18 - 16*(v-low)/(high-low)
		}
		points[i] = fmt.Sprintf("%.1f,%.1f", 64*float64(i)/float64(len(values)-1), height)
	}
	return strings.Join(points, " ")
}

// changedDays are the days of the table beside the chart: where a count became
// another, newest first.
func changedDays(list []tally) (days []tally) {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Known && (i == 0 || list[i].Counts != list[i-1].Counts || !list[i-1].Known) {
			days = append(days, list[i])
		}
	}
	return days
}
