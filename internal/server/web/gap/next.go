// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"net/http"
	"slices"
	"strings"

	"sextant/access"
	"sextant/gap"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// planView is what is missing, what it takes, and what is done about it.
type planView struct {
	Campaign register.Of[gap.Campaign]
	Cells    [][]cell // by effect, then effort
	Gaps     []gapRow
	Steps    []stepRow
	Without  int // gaps nothing is planned for
}

// cell counts the gaps of one effect and effort.
type cell struct {
	Count int
	Path  string
	Says  string
}

type gapRow struct {
	Key, Title, Path, Answer, Unit, Effect, Effort, Who string
	Now, Wanted                                         string
	Actions                                             int
}

// stepRow is one task of the action plan.
type stepRow struct {
	actionRow
	After  []choice
	Closes []choice
	Late   bool
	Date   string
}

func (s *section) plan(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var view planView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = planOf(v, r.PathValue("campaign"))
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, planPage(s.Page(r, actor, message.T(r.Context(), "gap.plan.title")), view))
	return nil
}

func planOf(v *register.View, key string) (view planView, err error) {
	if view.Campaign, err = opened(v, key); err != nil {
		return view, err
	}
	rows, err := gap.Rows(v, key)
	if err != nil {
		return view, err
	}
	gaps := gap.Gaps(rows)
	view.Cells = cellsOf(v, key, gaps)
	several := len(view.Campaign.Fields.ScopeUnits) > 1
	for _, a := range gaps {
		row := gapRow{Key: a.Key, Title: a.Title(), Path: path + "/" + key + "/focus/" + a.Key, Answer: a.Fields.Answer, Effect: a.Fields.Effect, Effort: a.Fields.Effort,
			Who: person(v, a.Fields.Assignee), Now: levelText(a.Fields.Maturity), Wanted: levelText(a.Fields.TargetMaturity), Actions: len(a.Fields.Actions)}
		if several {
			row.Unit = v.TitleOf("scope_unit", a.Fields.ScopeUnit)
		}
		if row.Actions == 0 {
			view.Without++
		}
		view.Gaps = append(view.Gaps, row)
	}
	steps, err := gap.ActionPlan(v, rows)
	for _, step := range steps {
		view.Steps = append(view.Steps, stepOf(v, key, step))
	}
	return view, err
}

func levelText(level *float64) string {
	if level == nil {
		return "–"
	}
	return string(rune('0' + int(*level)))
}

func cellsOf(v *register.View, campaign string, gaps []register.Of[gap.Answer]) (cells [][]cell) {
	for _, effect := range gap.Effects() {
		var line []cell
		for _, effort := range gap.Efforts() {
			c := cell{Path: ListOf(campaign, Given, "answer=not_met,partly", condition("effect", effect), condition("effort", effort))}
			for _, a := range gaps {
				if a.Fields.Effect == effect && a.Fields.Effort == effort {
					c.Count++
				}
			}
			c.Says = message.T(v.Context(), "gap.cell", effectText(v.Context(), effect), effortText(v.Context(), effort), c.Count)
			line = append(line, c)
		}
		cells = append(cells, line)
	}
	return cells
}

func condition(field, value string) string {
	if value == "" {
		return field + ":empty"
	}
	return field + "=" + value
}

func stepOf(v *register.View, campaign string, step gap.Step) stepRow {
	e := step.Task
	state, _ := e.Register.Lifecycle.State(e.State)
	row := stepRow{actionRow: actionRow{e.Key, e.Title(), person(v, e.Owner()), page.Day(e.Due()), page.StateLabel(e.Register, e.State), page.Path(e)},
		Date: e.Due(), Late: !state.Closed && e.State != "done" && page.Overdue(e.Due(), v.Now())}
	for _, key := range e.Doc.Strings("depends_on") {
		row.After = append(row.After, choice{"/tasks/" + key, v.TitleOf("task", key)})
	}
	for _, a := range step.Answers {
		row.Closes = append(row.Closes, choice{path + "/" + campaign + "/focus/" + a.Key, gap.NumberOf(a.Fields)})
	}
	return row
}

// compareView is what stands otherwise than in an earlier campaign, and why.
type compareView struct {
	Campaign, Before register.Of[gap.Campaign]
	Others           []choice // campaigns it can be compared with
	Rows             []differenceRow
	Causes           map[gap.Cause]int
	Better, Worse    int
	Only             gap.Cause
	Was, Is          gap.Tally
}

type differenceRow struct {
	ID, Title, Unit, Was, Is, Path string
	Causes                         []gap.Cause
	Why                            []string
	Direction                      int
}

func (s *section) compare(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var view compareView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = compareOf(v, r.PathValue("campaign"), r.URL.Query().Get("with"), gap.Cause(r.URL.Query().Get("cause")))
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, comparePage(s.Page(r, actor, message.T(r.Context(), "gap.compare.title")), view))
	return nil
}

func compareOf(v *register.View, key, with string, only gap.Cause) (view compareView, err error) {
	if view.Campaign, err = opened(v, key); err != nil {
		return view, err
	}
	all, err := gap.Campaigns.All(v)
	if err != nil {
		return view, err
	}
	if with == "" {
		with = view.Campaign.Fields.Previous
	}
	for _, c := range all {
		if c.Key != key && c.State != gap.Planned {
			view.Others = append(view.Others, choice{c.Key, c.Title()})
		}
	}
	if with == "" && len(view.Others) > 0 {
		with = view.Others[len(view.Others)-1].Key
	}
	if with == "" {
		return view, nil
	}
	if view.Before, err = opened(v, with); err != nil {
		return view, err
	}
	before, err := gap.Rows(v, with)
	if err != nil {
		return view, err
	}
	after, err := gap.Rows(v, key)
	if err != nil {
		return view, err
	}
	if slices.Contains(gap.Causes(), only) {
		view.Only = only
	}
	view.Was, view.Is = gap.TallyOf(before), gap.TallyOf(after)
	view.differ(v, gap.Compare(before, after))
	return view, nil
}

func (view *compareView) differ(v *register.View, list []gap.Difference) {
	view.Causes = gap.CountCauses(list)
	for _, d := range list {
		switch d.Direction() {
		case 1:
			view.Better++
		case -1:
			view.Worse++
		}
		if view.Only == "" || slices.Contains(d.Causes, view.Only) {
			view.Rows = append(view.Rows, differenceOf(v, d))
		}
	}
}

func differenceOf(v *register.View, d gap.Difference) differenceRow {
	asked := d.Asked()
	row := differenceRow{ID: gap.NumberOf(asked), Title: strings.TrimPrefix(asked.Title, gap.NumberOf(asked)+" "), Unit: v.TitleOf("scope_unit", d.Unit), Was: standsText(v, d.Before), Is: standsText(v, d.After), Causes: d.Causes, Direction: d.Direction()}
	if a := d.After; a != nil {
		row.Path = path + "/" + a.Fields.Campaign + "/focus/" + a.Key
	} else {
		row.Path = path + "/" + d.Before.Fields.Campaign + "/focus/" + d.Before.Key
	}
	for _, c := range d.Causes {
		row.Why = append(row.Why, whyText(v, d, c))
	}
	return row
}

func standsText(v *register.View, a *register.Of[gap.Answer]) string {
	if a == nil {
		return message.T(v.Context(), "gap.compare.notasked")
	}
	answer, level := gap.Stands(*a)
	if level < 0 {
		return message.Mark(v.Context(), gap.Label("answer", answer))
	}
	return message.T(v.Context(), "gap.earlier.says", message.Mark(v.Context(), gap.Label("answer", answer)), level)
}

// whyText tells a cause with the facts of the row.
func whyText(v *register.View, d gap.Difference, c gap.Cause) string {
	ctx := v.Context()
	switch {
	case c == gap.Scope && d.Before == nil:
		return message.T(ctx, "gap.why.scope.new")
	case c == gap.Scope:
		return message.T(ctx, "gap.why.scope.gone")
	case c == gap.Edition:
		return message.T(ctx, "gap.why.edition")
	case c == gap.Evidence && d.Before.Fields.EvidenceState != d.After.Fields.EvidenceState:
		return message.T(ctx, "gap.why.evidence.state", stateText(ctx, d.Before.Fields.EvidenceState), stateText(ctx, d.After.Fields.EvidenceState))
	case c == gap.Evidence:
		return message.T(ctx, "gap.why.evidence.looked", len(d.Before.Fields.Evidence), len(d.After.Fields.Evidence))
	}
	return message.T(ctx, "gap.why.answer", person(v, d.After.Fields.AnsweredBy))
}
