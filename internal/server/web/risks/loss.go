// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"context"
	"fmt"
	"math"
	"strings"

	"sextant"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
	"sextant/risk/quantity"
)

// Settings of the simulation behind a page: enough years for the worst in a
// hundred, and a seed so that a page drawn twice says the same.
const (
	trials = 20_000
	seed   = 20_260_101
)

// lossView is what a risk costs a year, as numbers and as a curve.
type lossView struct {
	Figures []lossRow
	Curves  []curveView
	Table   []lossPoint
	X, Y    []mark
	YLines  []line
	Limit   *limitView
	Title   string
	About   string
	Stages  []string // names of the curves
}

// lossRow is a figure at each stage that has quantities.
type lossRow struct {
	Label  string
	Values []string
	Now    string // at the current stage, where that has quantities
}

type curveView struct{ Class, Key, Label, Points, Band string }

// lossPoint is a row of the table: the chance of more than an amount.
type lossPoint struct {
	Amount string
	Shares []string
}

// limitView is the loss the criteria name as appetite.
type limitView struct{ X, Label string }

// known quantities of a stage, and what came of playing them.
type played struct {
	stage    string
	scenario quantity.Scenario
	result   quantity.Result
	currency string
}

// fillLoss plays the years of each stage that was judged in quantities.
func (view *oneView) fillLoss(v *register.View, _ page.Page) error {
	stages, err := register.Recall(v, "risk.loss."+view.Key, func() (list []played, until sextant.Instant, err error) {
		list, err = view.play(v.Context())
		return list, 0, err
	})
	if err != nil || len(stages) == 0 {
		return err
	}
	view.Loss = drawLoss(v.Context(), stages, view.InForce)
	return nil
}

func (view *oneView) play(ctx context.Context) (list []played, err error) {
	currency := ""
	for _, stage := range []string{risk.Inherent, risk.Current, risk.Target} {
		e, ok := view.Newest[stage]
		scenario, known, err := e.Fields.Quantities()
		if err != nil {
			return nil, err
		}
		of := risk.ParseAmount(firstOf(e.Fields.LossHigh, e.Fields.LossMode, e.Fields.LossLow)).Currency
		if stage == risk.Target && !known {
			scenario, known, err = view.afterwards()
			if err != nil {
				return nil, err
			}
			of, ok = currency, known
		}
		if !ok || !known || currency != "" && of != currency {
			continue // amounts in two currencies are not drawn over each other
		}
		currency = of
		result, err := quantity.Simulate(ctx, []quantity.Scenario{scenario}, quantity.Settings{Trials: trials, Seed: seed})
		if err != nil {
			return nil, err
		}
		list = append(list, played{stage, scenario, result, of})
	}
	return list, nil
}

// afterwards is the current judgement as treatments that are not done expect it
// to become.
func (view *oneView) afterwards() (s quantity.Scenario, known bool, err error) {
	s, known, err = view.Newest[risk.Current].Fields.Quantities()
	if err != nil || !known {
		return s, false, err
	}
	known = false
	for _, t := range view.Treatments {
		if t.State == risk.Refused || t.State == risk.Cancelled || t.State == risk.Done || t.State == risk.Verified {
			continue
		}
		frequency, loss, err := t.Fields.Afterwards()
		if err != nil {
			return s, false, err
		}
		if frequency != nil {
			s.Frequency, known = *frequency, true
		}
		if loss != nil {
			s.Loss, known = *loss, true
		}
	}
	return s, known, nil
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// The geometry of the curve, in its own units.
const (
	curveWidth, curveHeight = 745.0, 250.0
	curveLeft, curveRight   = 44.0, 16.0
	curveTop, curveBottom   = 22.0, 26.0
	curvePoints             = 64
)

// axis is the scale of amounts.
type axis struct{ quantity.Decades }

func axisOf(list []played, limit float64) axis {
	low, high := math.Inf(1), 1.0
	for _, x := range list {
		high = max(high, x.result.Quantile(0.999).Value)
		for _, share := range []float64{0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99} {
			if amount := x.result.Quantile(share).Value; amount > 0 {
				low = min(low, amount)
				break
			}
		}
	}
	if limit > 0 {
		low, high = min(low, limit), max(high, limit)
	}
	low = min(low, high/10)
	return axis{quantity.DecadesOf(max(low, 1), high)}
}

func (a axis) x(amount float64) float64 {
	return curveLeft + (curveWidth-curveLeft-curveRight)*a.At(amount)
}

func (a axis) amount(i, of int) float64 { return a.Amount(float64(i) / float64(of-1)) }

func curveY(share, top float64) float64 {
	return curveHeight - curveBottom - (curveHeight-curveTop-curveBottom)*share/top
}

func drawLoss(ctx context.Context, list []played, y *risk.Yardstick) *lossView {
	view := &lossView{}
	limit, chance := 0.0, 0.0
	if y != nil && y.Criteria.AppetiteLoss != "" {
		if a := risk.ParseAmount(y.Criteria.AppetiteLoss); a.Currency == list[0].currency {
			limit, chance = a.Value, *y.Criteria.AppetiteChance/100
		}
	}
	a := axisOf(list, limit)
	most := 0.0
	for _, x := range list {
		most = max(most, x.result.Exceeds(a.amount(0, 2)).Value)
		view.Stages = append(view.Stages, message.T(ctx, "risks.stage."+x.stage))
	}
	top := math.Ceil(max(most, chance, 0.04)*20) / 20 // the next five of a hundred
	for _, x := range list {
		view.Curves = append(view.Curves, curveOf(ctx, x, a, top))
	}
	view.axes(a, top, list[0].currency)
	if limit > 0 {
		view.Limit = &limitView{fmt.Sprintf("%.1f", a.x(limit)), message.T(ctx, "risk.loss.appetite", percent(chance), page.Money(limit, list[0].currency))}
	}
	view.figures(ctx, list, limit)
	view.table(list, a)
	view.Title = message.T(ctx, "risk.loss.title")
	view.About = message.T(ctx, "risk.loss.about", trials, seed)
	return view
}

func curveOf(ctx context.Context, x played, a axis, top float64) curveView {
	class := map[string]string{risk.Inherent: "l2", risk.Current: "l1", risk.Target: "l3"}[x.stage]
	c := curveView{Class: class, Key: x.stage, Label: message.T(ctx, "risk.loss.curve."+x.stage)}
	var points, upper, lower []string
	for i := range curvePoints {
		amount := a.amount(i, curvePoints)
		e := x.result.Exceeds(amount)
		points = append(points, fmt.Sprintf("%.1f,%.1f", a.x(amount), curveY(e.Value, top)))
		upper = append(upper, fmt.Sprintf("%.1f,%.1f", a.x(amount), curveY(min(e.To, top), top)))
		lower = append([]string{fmt.Sprintf("%.1f,%.1f", a.x(amount), curveY(e.From, top))}, lower...)
	}
	c.Points = strings.Join(points, " ")
	if x.stage == risk.Current {
		c.Band = strings.Join(append(upper, lower...), " ")
	}
	return c
}

func (view *lossView) axes(a axis, top float64, currency string) {
	for i := range 5 {
		share := top * float64(i) / 4
		view.YLines = append(view.YLines, line{fmt.Sprintf("%.1f", curveY(share, top)), percent(share)})
	}
	for _, amount := range a.Marks() {
		view.X = append(view.X, mark{fmt.Sprintf("%.1f", a.x(amount)), page.Money(amount, currency)})
	}
}

// figures are those an owner asks for first.
func (view *lossView) figures(ctx context.Context, list []played, limit float64) {
	add := func(label string, of func(played) string) {
		row := lossRow{Label: label}
		for _, x := range list {
			row.Values = append(row.Values, of(x))
			if x.stage == risk.Current {
				row.Now = of(x)
			}
		}
		view.Figures = append(view.Figures, row)
	}
	add(message.T(ctx, "risk.loss.expected"), func(x played) string { return page.Money(x.scenario.Mean(), x.currency) })
	add(message.T(ctx, "risk.loss.ten"), func(x played) string { return page.Money(x.result.Quantile(0.9).Value, x.currency) })
	add(message.T(ctx, "risk.loss.hundred"), func(x played) string { return page.Money(x.result.Quantile(0.99).Value, x.currency) })
	add(message.T(ctx, "risk.loss.happens"), func(x played) string { return percent(x.result.Scenarios[0].Happens) })
	if limit > 0 {
		add(message.T(ctx, "risk.loss.over", page.Money(limit, list[0].currency)), func(x played) string { return percent(x.result.Exceeds(limit).Value) })
	}
}

// table reads the curves at the amounts that are named on the axis and between.
func (view *lossView) table(list []played, a axis) {
	rows := 2*(a.Most-a.Least) + 1
	for i := range rows {
		amount := a.amount(i, rows)
		row := lossPoint{Amount: page.Money(amount, list[0].currency)}
		for _, x := range list {
			row.Shares = append(row.Shares, percent(x.result.Exceeds(amount).Value))
		}
		view.Table = append(view.Table, row)
	}
}

// percent writes a share: 26 %, 0.4 %.
func percent(share float64) string {
	if share > 0 && share < 0.00995 {
		return fmt.Sprintf("%.1f %%", share*100)
	}
	return fmt.Sprintf("%.0f %%", share*100)
}
