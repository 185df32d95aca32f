// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks/tabs"
	"sextant/register"
	"sextant/risk"
	"sextant/risk/quantity"
)

// mostTrials is how many years are played at most on a page: one plays them all
// again for each treatment.
const mostTrials = 1_000_000

// figures are what is drawn of a portfolio that was played. They are recalled,
// and hold no name: names are read when they are drawn.
type figures struct {
	Currency      string
	Expected      float64 // the mean in closed form, as other pages show it of each risk
	Mean, Error   float64 // as played
	Deviation     float64
	Quantiles     []quantileView
	Curve         []quantity.Point
	Axis          quantity.Decades
	Contributions []quantity.Contribution // the largest first
	Effects       []effectFigures
	Appetite      *risk.Appetites
	Exceeds       quantity.Amount // share of years above the appetite
	Others        []string
	Without       int
}

type quantileView struct {
	Share     float64
	Loss      quantity.Amount
	Shortfall float64
}

type effectFigures struct {
	Key, Title string
	quantity.Effect
}

type portfolioView struct {
	Tabs     []tabs.Tab
	Trials   string
	Seed     string
	Figures  *figures
	Titles   map[string]string
	Chart    *lossChart
	Troubles troubles
	None     bool
	Without  int
}

func (s *section) portfolio(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "riskplan.portfolio.title"))
	q := r.URL.Query()
	view := portfolioView{Trials: firstText(q.Get("trials"), strconv.Itoa(risk.UsualYears.Trials)), Seed: firstText(q.Get("seed"), strconv.FormatUint(risk.UsualYears.Seed, 10)), Titles: map[string]string{}}
	settings, problem := settingsOf(view.Trials, view.Seed)
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if view.Tabs, err = tabs.Of(v); err != nil {
			return err
		}
		if err := access.May(actor, access.Read, access.Subject{Register: risk.Evaluations.Name}, v.Now()); err != nil {
			return err
		}
		if problem != nil {
			return nil
		}
		view.Figures, err = played(v, settings, q.Get("currency"))
		if err == nil {
			err = view.names(v)
		}
		return err
	}); err != nil {
		problem = err
	}
	if sextant.CodeOf(problem) == sextant.Conflict {
		view.None, problem = true, nil
	}
	said, status, err := shown(problem)
	if err != nil {
		return err
	}
	view.Troubles = said
	if view.Figures != nil {
		view.Chart = chartOf(r.Context(), *view.Figures)
	}
	s.DrawStatus(w, r, status, portfolioPage(p, view))
	return nil
}

func firstText(list ...string) string {
	for _, text := range list {
		if text != "" {
			return text
		}
	}
	return ""
}

// settingsOf reads how many years are played, and with which seed.
func settingsOf(trials, seed string) (quantity.Settings, error) {
	n, err := strconv.Atoi(strings.NewReplacer(" ", "", ",", "").Replace(trials))
	if err != nil {
		return quantity.Settings{}, sextant.Errorf(sextant.Invalid, "%.40q is no number of years", trials).At("trials").WithHint("between %d and %d are possible", quantity.LeastTrials, mostTrials)
	}
	if n < quantity.LeastTrials || n > mostTrials {
		return quantity.Settings{}, sextant.Errorf(sextant.Invalid, "%d years: between %d and %d are possible here", n, quantity.LeastTrials, mostTrials).At("trials").WithHint("50000 settle the mean of most portfolios; the command sextant risk simulate plays more")
	}
	s, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return quantity.Settings{}, sextant.Errorf(sextant.Invalid, "%.40q is no seed", seed).At("seed").WithHint("any whole number from 0; equal seeds give equal results")
	}
	return quantity.Settings{Trials: n, Seed: s}, nil
}

// played plays the portfolio, or recalls what it came out at.
func played(v *register.View, settings quantity.Settings, currency string) (*figures, error) {
	return register.Recall(v, fmt.Sprintf("riskplan.portfolio.%d.%d.%s", settings.Trials, settings.Seed, currency), func() (*figures, sextant.Instant, error) {
		p, err := risk.ReadPortfolio(v, currency)
		if err != nil {
			return nil, 0, err
		}
		played, err := p.Play(v.Context(), settings)
		if err != nil {
			return nil, 0, err
		}
		return figuresOf(played), 0, nil
	})
}

func figuresOf(p risk.Played) *figures {
	f := &figures{Currency: p.Currency, Mean: p.Result.Mean, Error: p.Result.MeanError, Deviation: p.Result.Deviation, Contributions: slices.Clone(p.Result.Scenarios), Appetite: p.Appetite, Others: p.Others, Without: p.Without}
	for _, share := range []float64{0.5, 0.9, 0.95, 0.99} {
		f.Quantiles = append(f.Quantiles, quantileView{share, p.Result.Quantile(share), p.Result.Shortfall(share)})
	}
	slices.SortStableFunc(f.Contributions, func(a, b quantity.Contribution) int { return cmp.Compare(b.Expected, a.Expected) })
	for _, c := range f.Contributions {
		f.Expected += c.Expected
	}
	for i, e := range p.Effects {
		f.Effects = append(f.Effects, effectFigures{p.Treatments[i].Treatment.Key, p.Treatments[i].Treatment.Title(), e})
	}
	appetite := 0.0
	if p.Appetite != nil {
		appetite = p.Appetite.Loss
		f.Exceeds = p.Result.Exceeds(p.Appetite.Loss)
	}
	f.Curve, f.Axis = p.Result.Exceedance(curvePoints, appetite)
	return f
}

func (view *portfolioView) names(v *register.View) error {
	for _, c := range view.Figures.Contributions {
		view.Titles[c.ID] = v.TitleOf(risk.Risks.Name, c.ID)
	}
	return nil
}

// above says whether the appetite is met: how often a year costs more against
// how often it may.
func (f figures) above() bool {
	return f.Appetite != nil && f.Exceeds.Value > f.Appetite.Chance
}

// lossChart is the exceedance curve, in its own units.
type lossChart struct {
	Line, Band string
	Rows       []lossRow
	XMarks     []chartMark
	YMarks     []chartMark
	AppetiteX  float64 // where a year costs more than the appetite; 0 = not drawn
	AppetiteY  float64
	Appetite   string
	Says       string

	LabelX      float64 // of the words about the appetite
	LabelAnchor string
}

type chartMark struct {
	At    float64
	Label string
}

type lossRow struct {
	Amount, Share, From, To string
}

// The geometry of the chart.
const (
	curvePoints           = 60
	lossWidth, lossHeight = 745.0, 300.0
	lossLeft, lossRight   = 44.0, 12.0
	lossTop, lossBottom   = 12.0, 26.0
)

// chartOf draws the curve over a logarithmic axis of amounts; years without a
// loss stand at its left end.
func chartOf(ctx context.Context, f figures) *lossChart {
	if len(f.Curve) < 2 {
		return nil
	}
	x := func(amount float64) float64 { return lossLeft + f.Axis.At(amount)*(lossWidth-lossLeft-lossRight) }
	y := func(share float64) float64 { return lossTop + (1-share)*(lossHeight-lossTop-lossBottom) }
	c := &lossChart{Says: message.T(ctx, "riskplan.curve.says", moneyOf(f.Expected, f.Currency), moneyOf(f.Quantiles[2].Loss.Value, f.Currency))}
	var line, upper, lower []string
	for _, p := range f.Curve {
		line = append(line, fmt.Sprintf("%.1f,%.1f", x(p.Amount), y(p.Share.Value)))
		upper = append(upper, fmt.Sprintf("%.1f,%.1f", x(p.Amount), y(p.Share.To)))
		lower = append(lower, fmt.Sprintf("%.1f,%.1f", x(p.Amount), y(p.Share.From)))
		c.Rows = append(c.Rows, lossRow{moneyOf(p.Amount, f.Currency), shareText(p.Share.Value), shareText(p.Share.From), shareText(p.Share.To)})
	}
	slices.Reverse(lower)
	c.Line, c.Band = strings.Join(line, " "), strings.Join(append(upper, lower...), " ")
	for _, amount := range f.Axis.Marks() {
		c.XMarks = append(c.XMarks, chartMark{x(amount), page.Money(amount, f.Currency)})
	}
	for _, share := range []float64{0, 0.25, 0.5, 0.75, 1} {
		c.YMarks = append(c.YMarks, chartMark{y(share), strconv.Itoa(int(100*share)) + " %"})
	}
	if f.Appetite != nil {
		c.AppetiteX, c.AppetiteY = x(f.Appetite.Loss), y(f.Appetite.Chance)
		if c.LabelX, c.LabelAnchor = c.AppetiteX+6, "start"; c.AppetiteX > lossWidth*0.62 {
			c.LabelX, c.LabelAnchor = c.AppetiteX-6, "end"
		}
		c.Appetite = message.T(ctx, "riskplan.curve.appetite", page.Money(f.Appetite.Loss, f.Currency), shareText(f.Appetite.Chance))
	}
	return c
}

// moneyOf writes an amount in full, thousands apart.
func moneyOf(value float64, currency string) string {
	return strings.TrimSpace(spaced(strconv.FormatFloat(value, 'f', 0, 64)) + " " + currency)
}

func shareText(share float64) string {
	if share > 0 && share < 0.001 {
		return "< 0.1 %"
	}
	return strconv.FormatFloat(100*share, 'f', 1, 64) + " %"
}

// signedShare writes a return with its sign.
func signedShare(v float64) string { return fmt.Sprintf("%+.0f %%", 100*v) }

// barWidth is a share of 100 units, never quite nothing.
func barWidth(share float64) string {
	return fmt.Sprintf("%.1f", math.Max(0.5, 100*math.Min(1, math.Max(0, share))))
}
