// SPDX-License-Identifier: Apache-2.0

package home

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"sextant/control"
	"sextant/evidence"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

// trend is how many controls had passing evidence over a year.
type trend struct {
	Points       string // of the line, in units of the chart
	LastX, LastY float64
	Lines        []chartLine
	Months       []chartMark
	Rows         []trendRow // the same as a table
	First, Last  int
}

type chartLine struct {
	Y     float64
	Label string
}

type chartMark struct {
	X     float64
	Label string
}

type trendRow struct {
	Month string
	Count int
}

// The geometry of the chart, in its own units.
const (
	chartWidth, chartHeight = 745.0, 170.0
	chartLeft, chartRight   = 32.0, 8.0
	chartTop, chartBottom   = 8.0, 22.0
)

func (view *homeView) fillTrend(_ *register.View, _ evidence.Reader) error {
	if len(view.seen.Days) > 1 {
		view.Trend = trendOf(view.seen.Days)
	}
	return nil
}

func passing(d monitor.DayCounts) int { return d.Controls[control.Pass.String()] }

func trendOf(days []monitor.DayCounts) (t trend) {
	most := 0
	for _, d := range days {
		most = max(most, passing(d))
	}
	top := ceiling(most)
	x := func(i int) float64 {
		return chartLeft + (chartWidth-chartLeft-chartRight)*float64(i)/float64(len(days)-1)
	}
	y := func(n int) float64 {
		return chartHeight - chartBottom - (chartHeight-chartTop-chartBottom)*float64(n)/float64(top)
	}
	var points []string
	for i, d := range days {
		n := passing(d)
		if i == 0 || i == len(days)-1 || n != passing(days[i-1]) || n != passing(days[i+1]) {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(i), y(n)))
		}
		at := dayTime(d)
		if i == len(days)-1 || dayTime(days[i+1]).Month() != at.Month() {
			t.Rows = append(t.Rows, trendRow{page.MonthInFull(at), n})
		}
		if at.Day() == 1 && int(at.Month())%2 == 1 && x(i) < chartWidth-30 {
			t.Months = append(t.Months, chartMark{x(i), page.MonthLabel(at)})
		}
	}
	t.Points, t.LastX, t.LastY = strings.Join(points, " "), x(len(days)-1), y(passing(days[len(days)-1]))
	t.First, t.Last = passing(days[0]), passing(days[len(days)-1])
	for i := range 5 {
		n := top * i / 4
		t.Lines = append(t.Lines, chartLine{y(n), strconv.Itoa(n)})
	}
	return t
}

func dayTime(d monitor.DayCounts) time.Time { return time.Unix(int64(d.Day)*86400, 0).UTC() }

// ceiling is the next round number that four lines divide.
func ceiling(n int) int {
	for _, step := range []int{4, 8, 12, 20, 40, 60, 80, 100} {
		if n <= step {
			return step
		}
	}
	return 4 * int(math.Ceil(float64(n)/4))
}

// spark is the points of a small line of the last month, newest at the right.
func (view homeView) spark(state control.State) string {
	days := view.seen.Days[max(0, len(view.seen.Days)-30):]
	if len(days) < 2 {
		return ""
	}
	low, high := math.MaxInt, 0
	for _, d := range days {
		n := d.Controls[state.String()]
		low, high = min(low, n), max(high, n)
	}
	points := make([]string, len(days))
	for i, d := range days {
		height := 10.0
		if high > low {
			height = 18 - 16*float64(d.Controls[state.String()]-low)/float64(high-low)
		}
		points[i] = fmt.Sprintf("%.1f,%.1f", 64*float64(i)/float64(len(days)-1), height)
	}
	return strings.Join(points, " ")
}

// change is by how much a count differs from some days ago; known is false where
// nothing was counted then.
func (view homeView) change(state control.State, days int) (by int, known bool) {
	at := len(view.seen.Days) - 1 - days
	if at < 0 {
		return 0, false
	}
	return view.seen.Days[len(view.seen.Days)-1].Controls[state.String()] - view.seen.Days[at].Controls[state.String()], true
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func signed(n int) string {
	if n > 0 {
		return "+" + strconv.Itoa(n)
	}
	return strings.ReplaceAll(strconv.Itoa(n), "-", "−")
}
