// SPDX-License-Identifier: Apache-2.0

package riskreport

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"sextant"
	"sextant/interchange/paper"
	"sextant/register"
	"sextant/risk"
)

// heat places level n of several on a ramp from 0 to 1.
func heat(n, of int) float64 {
	if of < 2 {
		return 0
	}
	return float64(n-1) / float64(of-1)
}

// matrix draws where risks stand at worst, on the scales of the edition in force.
// Those judged by another, or not yet, stand in no cell and are counted below.
func (l ledger) matrix(p *paper.Paper, share float64) {
	if l.inForce == nil {
		return
	}
	y, c := l.yardsticks[l.inForce.Key], l.inForce.Fields
	at := map[[2]int]int{}
	apart := 0
	for _, r := range l.risks {
		if r.Fields.Criteria != l.inForce.Key || r.Fields.CurrentLevel == nil || r.Fields.Likelihood == nil {
			apart++
			continue
		}
		at[[2]int{risk.Whole(r.Fields.Likelihood), risk.Whole(r.Fields.Consequence)}]++
	}
	g := paper.Grid{}
	for _, s := range c.Consequences {
		g.Columns = append(g.Columns, s.Name)
	}
	for likelihood := len(c.Likelihoods); likelihood >= 1; likelihood-- {
		g.Rows = append(g.Rows, c.Likelihoods[likelihood-1].Name)
		var row []paper.Square
		for consequence := 1; consequence <= len(c.Consequences); consequence++ {
			level := y.Level(likelihood, consequence)
			s := paper.Square{Under: y.LevelName(level), Heat: heat(level, len(c.Levels)), Framed: level > risk.Whole(c.AcceptUpTo)}
			if n := at[[2]int{likelihood, consequence}]; n > 0 {
				s.Text = strconv.Itoa(n)
			}
			row = append(row, s)
		}
		g.Cells = append(g.Cells, row)
	}
	p.Grid(g, share)
	note := "Likelihood upwards, consequence to the right. Framed: above what is acceptable."
	if apart > 0 {
		note += fmt.Sprintf(" %s in no cell: judged by earlier criteria, or not in levels.", number(apart, "risk")+map[bool]string{true: " stands", false: " stand"}[apart == 1])
	}
	p.Note(note)
}

// loss tells what a year may cost, where risks were judged as ranges, and draws
// how often a year costs more. It plays the years the page plays.
func (l ledger) loss(p *paper.Paper, draw bool) error {
	portfolio, err := risk.ReadPortfolio(l.v, "")
	if err != nil || len(portfolio.Scenarios) == 0 {
		return err
	}
	if draw {
		p.Heading(1, "What a year may cost")
	}
	played, err := portfolio.Play(l.v.Context(), risk.UsualYears)
	if err != nil {
		return err
	}
	expected := 0.0
	for _, s := range played.Result.Scenarios {
		expected += s.Expected
	}
	in := func(v float64) string { return money(v, portfolio.Currency) }
	says := fmt.Sprintf("%s judged in money. A year is expected to cost %s; one year in twenty costs more than %s.", number(len(portfolio.Scenarios), "risk")+map[bool]string{true: " is", false: " are"}[len(portfolio.Scenarios) == 1], in(expected), in(played.Result.Quantile(0.95).Value))
	if a := portfolio.Appetite; a != nil {
		says += fmt.Sprintf(" More than %s is lost in %s of the years; the criteria allow %s.", in(a.Loss), percent(played.Result.Exceeds(a.Loss).Value), percent(a.Chance))
	}
	p.Text(says)
	if draw {
		l.curve(p, played)
	}
	return nil
}

func (l ledger) curve(p *paper.Paper, played risk.Played) {
	limit := 0.0
	if played.Appetite != nil {
		limit = played.Appetite.Loss
	}
	points, axis := played.Result.Exceedance(60, limit)
	c := paper.Curve{Title: "How often a year costs more"}
	for _, x := range points {
		c.Line = append(c.Line, paper.Spot{X: axis.At(x.Amount), Y: x.Share.Value})
		c.Low, c.High = append(c.Low, x.Share.From), append(c.High, x.Share.To)
	}
	for _, amount := range axis.Marks() {
		c.X = append(c.X, paper.Tick{At: axis.At(amount), Label: money(amount, played.Currency)})
	}
	for _, share := range []float64{0, 0.25, 0.5, 0.75, 1} {
		c.Y = append(c.Y, paper.Tick{At: share, Label: percent(share)})
	}
	if played.Appetite != nil {
		c.Limit = &paper.Spot{X: axis.At(limit), Y: played.Appetite.Chance}
		c.Says = fmt.Sprintf("Appetite: %s, in at most %s", money(limit, played.Currency), percent(played.Appetite.Chance))
	}
	p.Curve(c)
	p.Note(fmt.Sprintf("%d years played with seed %d; the band is what chance leaves open with 95 %% confidence. Amounts stand on a logarithmic axis.", risk.UsualYears.Trials, risk.UsualYears.Seed))
}

// quarter is how far back the board is told what moved.
const quarter = 91 * 24 * time.Hour

// since says what moved in a quarter; "" where nothing stood then.
func (l ledger) since() (string, error) {
	at := sextant.InstantOf(l.at.Time().Add(-quarter))
	v, err := l.v.AsOf(at)
	if err != nil {
		return "", err
	}
	then, err := risk.Risks.All(v, openRisk)
	if err != nil || len(then) == 0 {
		return "", err
	}
	before := map[string]register.Of[risk.Risk]{}
	for _, r := range then {
		before[r.Key] = r
	}
	rose, fell, fresh := 0, 0, 0
	for _, r := range l.risks {
		was, known := before[r.Key]
		delete(before, r.Key)
		switch is := r.Fields; {
		case !known:
			fresh++
		case is.Criteria != was.Fields.Criteria:
		case risk.Whole(is.CurrentLevel) > risk.Whole(was.Fields.CurrentLevel):
			rose++
		case risk.Whole(is.CurrentLevel) < risk.Whole(was.Fields.CurrentLevel):
			fell++
		}
	}
	return fmt.Sprintf("Since %s: %s, %d came down, %d %s new, %d %s closed.", at.Time().Format("2 January 2006"), number(rose, "risk")+" rose", fell, fresh, isAre(fresh), len(before), isAre(len(before))), nil
}

// money writes an amount to three digits that matter.
func money(v float64, currency string) string {
	if v >= 1000 {
		unit := math.Pow(10, math.Floor(math.Log10(v))-2)
		v = math.Round(v/unit) * unit
	}
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + " " + digits[i:]
	}
	return strings.TrimSpace(digits + " " + currency)
}

func percent(share float64) string {
	if share > 0 && share < 0.01 {
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
