// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"sextant"
	"sextant/access"
	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks/tabs"
	"sextant/internal/server/web/views"
	"sextant/register"
	"sextant/risk"
)

// planRow is one treatment of the plan.
type planRow struct {
	register.Of[risk.Treatment]
	Risks   []choice // with their titles
	Tasks   int
	Done    int
	Worst   levelView // current level of the highest of its risks
	Overdue bool
	Missing []string // risk owners who did not sign yet
}

// planView is what the treatment plan draws.
type planView struct {
	grid.Drawn[planRow]
	Tabs    []tabs.Tab
	None    bool
	MayMake bool
	Left    int    // risks that are or may be above appetite and have no treatment
	LeftTo  string // the list of exactly these
}

// untreated are the risks above appetite nobody planned anything for.
var untreated = []register.Filter{{Field: "appetite", Op: register.Is, Values: []string{"above", "may_be_above"}}, {Field: "options", Op: register.Empty}}

func (s *section) plan(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "riskplan.plan.title"))
	var view planView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = planOf(p, v)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, planPage(p, view))
	return nil
}

func planOf(p page.Page, v *register.View) (view planView, err error) {
	if view.Tabs, err = tabs.Of(v); err != nil {
		return view, err
	}
	rows, err := planRows(v)
	if err != nil {
		return view, err
	}
	filters := slices.Concat(untreated, []register.Filter{{Field: "state", Op: register.Is, Values: risk.OpenStates()}})
	if view.Left, err = v.Count(register.List{Register: risk.Risks.Name, Filters: filters}); err != nil {
		return view, err
	}
	view.LeftTo = grid.Address("/risks", url.Values{"filter": {untreated[0].String(), untreated[1].String()}})
	view.None, view.MayMake = len(rows) == 0, v.Moment() == 0 && v.MayCreate(risk.Treatments.Definition)
	if view.Drawn, err = planSheet(v, p).Draw(v.Context(), p, rows); err != nil {
		return view, err
	}
	view.Tools.SaveView = views.SavePath(v, p)
	saved, err := views.Saved(v, p)
	view.Tools.Views = append(view.Tools.Views, saved...)
	return view, err
}

// planRows reads the plan, or recalls it: its rows change when something is
// recorded, and with the day.
func planRows(v *register.View) ([]planRow, error) {
	if err := access.May(v.Actor(), access.Read, access.Subject{Register: risk.Treatments.Name}, v.Now()); err != nil {
		return nil, err
	}
	today := v.Now().Time().Format(time.DateOnly)
	rows, err := register.Recall(v, "riskplan.plan "+today, func() ([]planRow, sextant.Instant, error) {
		rows, err := readPlan(v, today)
		return rows, 0, err
	})
	return slices.Clone(rows), err
}

func readPlan(v *register.View, today string) ([]planRow, error) {
	all, err := risk.Treatments.All(v)
	if err != nil {
		return nil, err
	}
	risks, err := risk.Risks.All(v)
	if err != nil {
		return nil, err
	}
	editions, err := risk.CriteriaEditions.All(v)
	if err != nil {
		return nil, err
	}
	tasks, err := v.Select("task", register.Filter{Field: "kind", Op: register.Is, Values: []string{"treatment_step"}})
	if err != nil {
		return nil, err
	}
	read := planReading{risks: map[string]register.Of[risk.Risk]{}, criteria: map[string]risk.Criteria{}, tasks: map[string]string{}, today: today}
	for _, r := range risks {
		read.risks[r.Key] = r
	}
	for _, e := range editions {
		read.criteria[e.Key] = e.Fields
	}
	for _, t := range tasks {
		read.tasks[t.Key] = t.State
	}
	rows := make([]planRow, len(all))
	for i, t := range all {
		rows[i] = read.row(t)
	}
	return rows, nil
}

// planReading is what rows of the plan are filled from.
type planReading struct {
	risks    map[string]register.Of[risk.Risk]
	criteria map[string]risk.Criteria
	tasks    map[string]string // state by key
	today    string
}

func (read planReading) row(t register.Of[risk.Treatment]) planRow {
	row := planRow{Of: t, Tasks: len(t.Fields.Tasks), Overdue: isOpen(t.State) && t.Fields.DueOn != "" && t.Fields.DueOn < read.today}
	for _, key := range t.Fields.Risks {
		r := read.risks[key]
		row.Risks = append(row.Risks, choice{Key: key, Name: r.Title()})
		if n := risk.Whole(r.Fields.CurrentLevel); n > row.Worst.N {
			row.Worst = levelOf(read.criteria[r.Fields.Criteria], n)
		}
	}
	for _, key := range t.Fields.Tasks {
		if state := read.tasks[key]; state == "done" || state == "verified" {
			row.Done++
		}
	}
	if t.State == risk.Proposed {
		for _, owner := range t.Fields.RiskOwners {
			if !has(t.Fields.SignedBy, owner) {
				row.Missing = append(row.Missing, owner)
			}
		}
	}
	return row
}

// isOpen: it is neither done nor over.
func isOpen(state string) bool {
	return slices.Contains([]string{risk.Planned, risk.Proposed, risk.Agreed, risk.InProgress}, state)
}

func planSheet(v *register.View, p page.Page) grid.Sheet[planRow] {
	ctx := v.Context()
	open := "state=" + strings.Join([]string{risk.Planned, risk.Proposed, risk.Agreed, risk.InProgress}, ",")
	list := []grid.Tab{{Label: message.T(ctx, "list.all")}, {Label: message.T(ctx, "riskplan.plan.open"), Filter: []string{open}}, {Label: message.T(ctx, "riskplan.plan.overdue"), Filter: []string{"overdue=overdue"}},
		{Label: message.T(ctx, "riskplan.plan.waits"), Filter: []string{"state=" + risk.Proposed}}}
	if v.Actor().Person != "" {
		list = append(list, grid.Tab{Label: message.T(ctx, "riskplan.plan.mine"), Filter: []string{open, "owner=" + v.Actor().Person}})
	}
	return grid.Sheet[planRow]{
		Caption: message.T(ctx, "riskplan.plan"), Fields: planFields(ctx, v), Order: "due_on", Views: list,
		Row: func(t planRow) grid.Row {
			return grid.Row{Key: t.Key, Title: t.Fields.Title, Path: p.Link(treatmentPath + "/" + t.Key), Narrow: person(v, t.Fields.Owner) + " · " + page.StateLabel(t.Register, t.State)}
		},
	}
}

func planFields(ctx context.Context, v *register.View) []grid.Field[planRow] {
	def := risk.Treatments.Definition
	heading := func(key string) string { f, _ := def.Field(key); return message.Mark(ctx, f.Label) }
	option := func(name string) string { f, _ := def.Field("options"); return message.Mark(ctx, f.ValueLabel(name)) }
	state := func(name string) string { return message.Mark(ctx, page.StateLabel(def, name)) }
	who := func(key string) string { return person(v, key) }
	one := func(text string) []string {
		if text == "" {
			return nil
		}
		return []string{text}
	}
	return []grid.Field[planRow]{
		{Key: "treatment", Label: message.T(ctx, "riskplan.plan.key"), Class: "id num fit", Of: func(t planRow) []string { return []string{t.Key} }, Cell: func(t planRow, _ grid.Row) templ.Component { return grid.Data(t.Key) }},
		{Key: "title", Label: heading("title"), Class: "main-cell", Of: func(t planRow) []string { return []string{t.Fields.Title} }, Cell: func(_ planRow, r grid.Row) templ.Component { return grid.Link(r) }},
		{Key: "risks", Label: heading("risks"), Class: "p2 fit", Of: func(t planRow) []string { return t.Fields.Risks }, Cell: func(t planRow, _ grid.Row) templ.Component { return riskCell(t) }},
		{Key: "options", Label: heading("options"), Class: "p3 fit t2", Spare: true, Few: true, Word: option, Of: func(t planRow) []string { return t.Fields.Options },
			Cell: func(t planRow, _ grid.Row) templ.Component {
				return grid.Data(strings.Join(page.Names(t.Fields.Options, option), ", "))
			}},
		{Key: "measures", Label: heading("measures"), Class: "p4 fit num r", Spare: true, Kind: table.Number, Of: func(t planRow) []string {
			return page.Names([]string{""}, func(string) string { return count(len(t.Fields.Measures)) })
		},
			Number: func(t planRow) (float64, bool) { return float64(len(t.Fields.Measures)), true }, Out: func(t planRow) any { return float64(len(t.Fields.Measures)) },
			Cell: func(t planRow, _ grid.Row) templ.Component { return grid.Data(count(len(t.Fields.Measures))) }},
		{Key: "owner", Label: heading("owner"), Class: "p3 fit", Few: true, Word: who, Of: func(t planRow) []string { return one(t.Fields.Owner) }, Cell: func(t planRow, _ grid.Row) templ.Component { return page.Avatar(who(t.Fields.Owner)) }},
		{Key: "due_on", Label: heading("due_on"), Class: "p2 num fit", Kind: table.Date, Of: func(t planRow) []string { return one(t.Fields.DueOn) },
			Cell: func(t planRow, _ grid.Row) templ.Component {
				if !isOpen(t.State) {
					return grid.Data(page.Day(t.Fields.DueOn))
				}
				return grid.Due(page.Until(ctx, t.Fields.DueOn, v.Now()), t.Fields.DueOn, t.Overdue)
			}},
		{Key: "cost_once", Label: heading("cost_once"), Class: "p4 num fit r", Spare: true, Of: func(t planRow) []string { return one(t.Fields.CostOnce) }, Cell: func(t planRow, _ grid.Row) templ.Component { return grid.Data(moneyText(t.Fields.CostOnce)) }},
		{Key: "cost_yearly", Label: heading("cost_yearly"), Class: "p4 num fit r", Spare: true, Of: func(t planRow) []string { return one(t.Fields.CostYearly) }, Cell: func(t planRow, _ grid.Row) templ.Component { return grid.Data(moneyText(t.Fields.CostYearly)) }},
		{Key: "state", Label: message.T(ctx, "riskplan.state"), Class: "p2 fit", Few: true, Every: true, Rank: []string{risk.Planned, risk.Proposed, risk.Agreed, risk.InProgress, risk.Done, risk.Verified, risk.Refused, risk.Cancelled}, Word: state,
			Of: func(t planRow) []string { return []string{t.State} }, Cell: func(t planRow, _ grid.Row) templ.Component { return grid.Tag(page.StateLabel(def, t.State)) }},
		{Key: "progress", Label: message.T(ctx, "riskplan.progress"), Class: "p3 num fit", Number: func(t planRow) (float64, bool) { return float64(t.Done), t.Tasks > 0 }, Of: func(t planRow) []string { return one(progressText(ctx, t)) },
			Cell: func(t planRow, _ grid.Row) templ.Component { return progressCell(t) }},
		{Key: "current", Label: message.T(ctx, "riskplan.plan.current"), Class: "p4 fit", Number: func(t planRow) (float64, bool) { return float64(t.Worst.N), t.Worst.N > 0 }, Of: func(t planRow) []string { return one(t.Worst.Name) },
			Cell: func(t planRow, _ grid.Row) templ.Component { return levelMark(t.Worst) }},
		{Key: "overdue", Label: message.T(ctx, "riskplan.plan.overdue"), Few: true, Every: true, Rank: []string{"overdue", "in_time"}, Word: func(name string) string { return message.T(ctx, "riskplan.due."+name) },
			Of: func(t planRow) []string {
				if t.Overdue {
					return []string{"overdue"}
				}
				return []string{"in_time"}
			}},
		{Key: "missing", Label: message.T(ctx, "riskplan.plan.missing"), Class: "p4 fit", Spare: true, Few: true, Word: who, Of: func(t planRow) []string { return t.Missing },
			Cell: func(t planRow, _ grid.Row) templ.Component {
				return grid.Data(strings.Join(page.Names(t.Missing, who), ", "))
			}},
	}
}

func progressText(ctx context.Context, t planRow) string {
	if t.Tasks == 0 {
		return ""
	}
	return message.T(ctx, "riskplan.of", t.Done, t.Tasks)
}

// exportPlan writes exactly the treatments that are listed.
func (s *section) exportPlan(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.Read(r, actor, func(v *register.View) error {
		if err := access.May(actor, access.Export, access.Subject{Register: risk.Treatments.Name}, v.Now()); err != nil {
			return err
		}
		rows, err := planRows(v)
		if err != nil {
			return err
		}
		p := page.Page{Path: treatmentPath, Query: r.URL.Query()}
		return planSheet(v, p).Send(w, p, rows, grid.Stamp{Name: "risk-treatment-plan", At: v.Now(), By: actor.Name})
	})
}
