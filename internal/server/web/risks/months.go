// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
)

// monthsShown is how far back the chart of levels looks.
const monthsShown = 12

// monthCount is how many open risks had which current level at the end of a
// month. Levels by other criteria than those in force now are not compared with
// them: such risks are counted under 0, as are those without a level.
type monthCount struct {
	Month  time.Time
	Levels map[int]int
}

// monthsOf counts at the end of each month, and now. The log answers for every
// past moment the same, so that it is kept until something is recorded.
func monthsOf(v *register.View, criteria string) ([]monthCount, error) {
	return register.Recall(v, "risks.months."+criteria, func() (list []monthCount, until sextant.Instant, err error) {
		now := v.Now().Time()
		first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
		for i := monthsShown - 1; i > 0; i-- {
			end := first.AddDate(0, 1-i, 0).Add(-time.Second)
			then, err := v.AsOf(sextant.InstantOf(end))
			if err != nil {
				return nil, 0, err
			}
			m, err := monthOf(then, end, criteria)
			if err != nil {
				return nil, 0, err
			}
			if len(list) > 0 || len(m.Levels) > 0 {
				list = append(list, m)
			}
		}
		m, err := monthOf(v, now, criteria)
		return append(list, m), sextant.InstantOf(first.AddDate(0, 1, 0)), err
	})
}

func monthOf(v *register.View, at time.Time, criteria string) (monthCount, error) {
	m := monthCount{at, map[int]int{}}
	risks, err := risk.Risks.All(v, register.Filter{Field: "state", Op: register.Is, Values: open})
	for _, r := range risks {
		level := risk.Whole(r.Fields.CurrentLevel)
		if r.Fields.Criteria != criteria {
			level = 0
		}
		m.Levels[level]++
	}
	return m, err
}

// monthsView is the chart of levels by month, and the same as a table.
type monthsView struct {
	Title  string
	Bars   []bar
	Lines  []line
	Months []mark
	Table  []monthRow
	Levels []chip // of the columns of the table, the highest first
}

type bar struct {
	Heat                string // "" = without a level that compares
	X, Y, Width, Height string
	Says                string
}

type line struct{ Y, Label string }

type mark struct{ X, Label string }

type monthRow struct {
	Month  string
	Counts []int // by level, the highest first; those that do not compare last
}

// The geometry of the chart, in its own units.
const (
	barsWidth, barsHeight = 490.0, 196.0
	barsLeft, barsTop     = 28.0, 14.0
	barsBottom            = 24.0
)

func (m monthCount) all() (n int) {
	for _, count := range m.Levels {
		n += count
	}
	return n
}

// drawMonths stacks a bar for each month, the lowest level at the bottom.
func drawMonths(v *register.View, y *risk.Yardstick, months []monthCount) *monthsView {
	if len(months) < 2 {
		return nil
	}
	ctx, levels := v.Context(), len(y.Criteria.Levels)
	view := &monthsView{}
	most := 4
	for _, m := range months {
		most = max(most, m.all())
	}
	most = (most + 3) / 4 * 4
	height := func(n int) float64 { return (barsHeight - barsTop - barsBottom) * float64(n) / float64(most) }
	for i := range 5 {
		view.Lines = append(view.Lines, line{fmt.Sprintf("%.1f", barsHeight-barsBottom-height(most*i/4)), fmt.Sprint(most * i / 4)})
	}
	step := (barsWidth - barsLeft) / float64(len(months))
	width := min(step*0.8, 44)
	for i, m := range months {
		x, bottom := barsLeft+step*float64(i)+(step-width)/2, barsHeight-barsBottom
		name := page.MonthInFull(m.Month)
		for level := 0; level <= levels; level++ {
			n := m.Levels[level]
			if n == 0 {
				continue
			}
			bottom -= height(n)
			b := bar{X: fmt.Sprintf("%.1f", x), Y: fmt.Sprintf("%.1f", bottom), Width: fmt.Sprintf("%.1f", width), Height: fmt.Sprintf("%.1f", max(height(n)-1.2, 0.8)), Says: name + ": " + levelWord(v, y, level, n)}
			if level > 0 {
				b.Heat = heat(level, levels)
			}
			view.Bars = append(view.Bars, b)
		}
		if len(months) <= 6 || i%2 == len(months)%2 || i == len(months)-1 && len(months)%2 == 1 {
			view.Months = append(view.Months, mark{fmt.Sprintf("%.1f", x+width/2), page.MonthLabel(m.Month)})
		}
		row := monthRow{Month: name}
		for level := levels; level >= 0; level-- {
			row.Counts = append(row.Counts, m.Levels[level])
		}
		view.Table = append(view.Table, row)
	}
	for level := levels; level > 0; level-- {
		view.Levels = append(view.Levels, chipOf(y, level))
	}
	last := months[len(months)-1]
	var said []string
	for level := levels; level >= 0; level-- {
		if n := last.Levels[level]; n > 0 {
			said = append(said, levelWord(v, y, level, n))
		}
	}
	view.Title = message.T(ctx, "risks.months.title", page.MonthInFull(last.Month), strings.Join(said, ", "))
	slices.Reverse(view.Table)
	return view
}

// levelWord says "3 Very high".
func levelWord(v *register.View, y *risk.Yardstick, level, n int) string {
	if level == 0 {
		return message.N(v.Context(), "risks.months.without", n)
	}
	return message.T(v.Context(), "risks.months.of", n, y.LevelName(level))
}
