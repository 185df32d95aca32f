// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"net/http"
	"slices"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks/tabs"
	"sextant/internal/server/web/views"
	"sextant/register"
	"sextant/risk"
)

// listView is what the register of risks draws.
type listView struct {
	grid.Drawn[risk.Row]
	Tabs          []tabs.Tab
	Matrix        *matrixView // nil where no criteria are in force
	Months        *monthsView // nil where there is no more than one month
	Figures       []figure
	Open, Over    int // risks that are not over, and that are
	Above, Broken int
	MayMake       bool
	MaySign       bool // the one who looks owns a risk that is not accepted
	MayPlan       bool // or may plan what is done about some
	MayImport     bool
	Expected      []string // loss a year, by currency
	InMoney       int
}

// figure is a number with the list behind it.
type figure struct {
	Label, Path, Note string
	Count             int
}

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "risks.title"))
	var view listView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = listOf(v, p)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, listPage(p, view))
	return nil
}

// board reads all risks, or recalls them: what is kept of a risk changes only
// when something is recorded.
func board(v *register.View) (risk.Board, error) {
	return register.Recall(v, "risks.board", func() (risk.Board, sextant.Instant, error) {
		b, err := risk.ReadBoard(v)
		return b, 0, err
	})
}

func listOf(v *register.View, p page.Page) (view listView, err error) {
	b, err := board(v)
	if err != nil {
		return view, err
	}
	l := lens{b, stageOf(p.Query.Get("stage"))}
	system, systems := l.system(p.Query.Get("system"))
	f := fielder{lens: l, ctx: v.Context(), v: v, p: p, scale: l.Yardsticks[l.InForce[system]]}
	rows, err := listed(p, b.Risks)
	if err != nil {
		return view, err
	}
	if view.Drawn, err = f.sheet().Draw(v.Context(), p, rows); err != nil {
		return view, err
	}
	view.Tools.SaveView = views.SavePath(v, p)
	saved, err := views.Saved(v, p)
	if err != nil {
		return view, err
	}
	view.Tools.Views = append(view.Tools.Views, saved...)
	if view.Tabs, err = tabs.Of(v); err != nil {
		return view, err
	}
	view.MayMake = v.MayCreate(risk.Risks.Definition)
	view.MayImport = access.May(v.Actor(), access.Import, access.Subject{Register: risk.Risks.Name}, v.Now()) == nil
	view.count(v, b.Risks)
	view.MayPlan = v.Moment() == 0 && v.MayCreate(risk.Treatments.Definition)
	view.Table.Pick = view.MaySign || view.MayPlan
	if system == "" {
		return view, nil
	}
	if view.Matrix, err = l.matrixOf(v, p, system, systems); err != nil {
		return view, err
	}
	months, err := monthsOf(v, l.InForce[system])
	view.Months = drawMonths(v, f.scale, months)
	return view, err
}

// listed are the risks that are not over, unless a filter asks for states.
func listed(p page.Page, all []risk.Row) ([]risk.Row, error) {
	filters, err := register.ParseFilters(p.Query["filter"])
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(filters, func(f register.Filter) bool { return f.Field == "state" }) {
		return all, nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(r risk.Row) bool { return !isOpen(r) }), nil
}

// count sums up what stands above the matrix and beside it.
func (view *listView) count(v *register.View, all []risk.Row) {
	soon := v.Now().Add(30 * 24 * 3600 * 1e9).Time().Format(time.DateOnly)
	review, unjudged := 0, 0
	sums := map[string]float64{}
	for _, r := range all {
		if !isOpen(r) {
			view.Over++
			continue
		}
		view.Open++
		if a := r.Fields.Appetite; a == "above" || a == "may_be_above" {
			view.Above++
		}
		if r.Fields.Acceptance == risk.Broken {
			view.Broken++
		}
		if r.State == risk.Identified {
			unjudged++
		}
		if r.Fields.Owner != "" && r.Fields.Owner == v.Actor().Person && r.Fields.Acceptance != risk.Accepted {
			view.MaySign = v.Moment() == 0
		}
		if r.Fields.ReviewOn != "" && r.Fields.ReviewOn <= soon {
			review++
		}
		if r.Fields.ExpectedLoss != "" {
			a := risk.ParseAmount(r.Fields.ExpectedLoss)
			sums[a.Currency] += a.Value
			view.InMoney++
		}
	}
	for currency, sum := range sums {
		view.Expected = append(view.Expected, page.Money(sum, currency))
	}
	slices.Sort(view.Expected)
	ctx := v.Context()
	view.Figures = []figure{
		{message.T(ctx, "risks.figure.unjudged"), listPath(filter("state", risk.Identified)), message.T(ctx, "risks.figure.unjudged.note"), unjudged},
		{message.T(ctx, "risks.figure.review"), listPath(register.Filter{Field: "review_on", Op: register.AtMost, Values: []string{soon}}.String()), message.T(ctx, "risks.figure.review.note"), review},
	}
}

// listPath is the list of the risks that meet some filters.
func listPath(filters ...string) string {
	return grid.Address(path, map[string][]string{"filter": filters})
}

// export writes exactly the risks that are listed.
func (s *section) export(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.Read(r, actor, func(v *register.View) error {
		if err := access.May(actor, access.Export, access.Subject{}, v.Now()); err != nil {
			return err
		}
		b, err := board(v)
		if err != nil {
			return err
		}
		p := page.Page{Path: path, Query: r.URL.Query()}
		l := lens{b, stageOf(p.Query.Get("stage"))}
		system, _ := l.system(p.Query.Get("system"))
		rows, err := listed(p, b.Risks)
		if err != nil {
			return err
		}
		return fielder{lens: l, ctx: v.Context(), v: v, p: p, scale: l.Yardsticks[l.InForce[system]]}.sheet().Send(w, p, rows, grid.Stamp{Name: "risks", At: v.Now(), By: actor.Name})
	})
}

// exportPath keeps the stage the matrix is read at.
func exportPath(p page.Page, format string) string {
	to := grid.Export(p, path+"/export", format)
	if stage := p.Query.Get("stage"); stage != "" {
		to += "&stage=" + stageOf(stage)
	}
	return to
}
