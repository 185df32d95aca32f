// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"net/http"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/registers"
	"sextant/internal/server/web/risks/tabs"
	"sextant/register"
	"sextant/risk"
)

// roundsView lists the assessments.
type roundsView struct {
	Tabs    []tabs.Tab
	Rounds  []roundRow
	MayMake bool
	Ready   bool // criteria are in force
	Next    string
}

type roundRow struct {
	Key, Title, State, Label, Reason string
	Owner, Units                     string
	When, Due                        string
	Late                             bool
	Done, All                        int
	Levels                           []levelCount
}

type levelCount struct {
	Level levelView
	Count int
}

// roundView is one assessment: the work list while it runs, the results after.
type roundView struct {
	Tabs            []tabs.Tab
	Entry           register.Of[risk.Assessment]
	Label, Reason   string
	Owner, Approver string
	Units           string
	Participants    []string
	Criteria        choice
	Subject         string
	Covers          int
	Open            []lookRow
	Done            []resultRow
	Levels          []levelCount
	Before          choice // the assessment it is compared with
	Others          []choice
	Moved           []risk.Moved
	OtherCriteria   bool
	Conclusion      string // HTML
	Files           []register.Rendering
	Steps           []stepView
	MayLook         bool
	Next            choice // the one planned after it
	Parts           registers.Parts
	Troubles        troubles
}

// lookRow is a risk that is still to be looked at.
type lookRow struct {
	Key, Title, Owner string
	Last, On          string // of the newest judgement
	Now               levelView
	Stands            bool // it may be said to hold still
	Changed           bool // current is not what was judged
	Judge             string
}

type resultRow struct {
	risk.Result
	Level     levelView
	Owner     string
	Unchanged bool
}

func (s *section) rounds(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var view roundsView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = roundsOf(v)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, roundsPage(s.Page(r, actor, message.T(r.Context(), "riskplan.rounds.title")), view))
	return nil
}

func roundsOf(v *register.View) (view roundsView, err error) {
	if view.Tabs, err = tabs.Of(v); err != nil {
		return view, err
	}
	if err := access.May(v.Actor(), access.Read, access.Subject{Register: risk.Assessments.Name}, v.Now()); err != nil {
		return view, err
	}
	list, err := risk.Assessments.All(v)
	if err != nil {
		return view, err
	}
	view.MayMake = v.Moment() == 0 && v.MayCreate(risk.Assessments.Definition)
	inForce, err := risk.CriteriaEditions.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{risk.Approved}})
	if err != nil {
		return view, err
	}
	view.Ready = len(inForce) > 0
	for _, a := range list {
		row, err := roundRowOf(v, a)
		if err != nil {
			return view, err
		}
		view.Rounds = append(view.Rounds, row)
	}
	slices.Reverse(view.Rounds)
	slices.SortStableFunc(view.Rounds, func(a, b roundRow) int { return rank(a.State) - rank(b.State) })
	return view, nil
}

// rank: what runs, then what is to come, then what is over.
func rank(state string) int {
	return slices.Index([]string{risk.Running, risk.Completed, risk.ToCome, risk.Approved, risk.Cancelled}, state)
}

func roundRowOf(v *register.View, a register.Of[risk.Assessment]) (row roundRow, err error) {
	f, trigger := a.Fields, risk.Assessments.Definition
	reason, _ := trigger.Field("trigger")
	row = roundRow{Key: a.Key, Title: f.Title, State: a.State, Label: page.StateLabel(a.Register, a.State), Reason: message.Mark(v.Context(), reason.ValueLabel(f.Trigger)), Owner: person(v, f.Owner), Units: units(v, f.ScopeUnits),
		Due: page.Until(v.Context(), f.DueOn, v.Now()), When: page.Day(f.PlannedOn), Late: (a.State == risk.ToCome || a.State == risk.Running) && page.Overdue(f.DueOn, v.Now())}
	switch a.State {
	case risk.Running:
		done, open, err := risk.ResultsOf(v, a.Key, f)
		row.Done, row.All = len(done), len(done)+len(open)
		return row, err
	case risk.Completed, risk.Approved:
		row.When = page.Day(f.CompletedOn)
		row.Levels, err = levelCounts(v, f.Criteria, f.Results)
		row.Done, row.All = len(f.Results), len(f.Results)
	}
	return row, err
}

func units(v *register.View, keys []string) string {
	return strings.Join(page.Names(keys, func(key string) string { return v.TitleOf("scope_unit", key) }), ", ")
}

// levelCounts counts results by level, the highest first.
func levelCounts(v *register.View, criteria string, results []risk.Result) (list []levelCount, err error) {
	c, err := risk.CriteriaEditions.Get(v, criteria)
	if err != nil {
		return nil, err
	}
	for n := len(c.Fields.Levels); n >= 1; n-- {
		row := levelCount{Level: levelOf(c.Fields, n)}
		for _, r := range results {
			if risk.Whole(r.Level) == n {
				row.Count++
			}
		}
		if row.Count > 0 {
			list = append(list, row)
		}
	}
	return list, nil
}

func (s *section) round(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawRound(w, r, actor, nil)
}

func (s *section) drawRound(w http.ResponseWriter, r *http.Request, actor access.Actor, problem error) error {
	var view roundView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if view, err = roundOf(v, r.PathValue("assessment"), r.URL.Query().Get("with")); err != nil {
			return err
		}
		view.Parts, err = registers.PartsOf(s.Site, v, r, view.Entry.Entry)
		return err
	}); err != nil {
		return err
	}
	said, status, err := shown(problem)
	if err != nil {
		return err
	}
	view.Troubles = said
	s.DrawStatus(w, r, status, roundPage(s.Page(r, actor, view.Entry.Fields.Title), view))
	return nil
}

func readRound(v *register.View, key string) (register.Of[risk.Assessment], error) {
	e, err := v.Entry(risk.Assessments.Name, key)
	if err != nil {
		return register.Of[risk.Assessment]{}, err
	}
	return register.As[risk.Assessment](e)
}

func roundOf(v *register.View, key, with string) (view roundView, err error) {
	if view.Entry, err = readRound(v, key); err != nil {
		return view, err
	}
	a := view.Entry
	f := a.Fields
	reason, _ := risk.Assessments.Field("trigger")
	view.Label, view.Reason, view.Owner, view.Approver, view.Units = page.StateLabel(a.Register, a.State), message.Mark(v.Context(), reason.ValueLabel(f.Trigger)), person(v, f.Owner), person(v, f.Approver), units(v, f.ScopeUnits)
	view.Participants = page.Names(f.Participants, func(key string) string { return person(v, key) })
	view.Conclusion = page.Markdown(f.Conclusion)
	if f.Criteria != "" {
		view.Criteria = choice{Key: f.Criteria, Name: v.TitleOf(risk.CriteriaEditions.Name, f.Criteria)}
	}
	view.Steps = steps(v, a.Entry)
	for i := range view.Steps {
		switch view.Steps[i].Name {
		case "start", "complete", "approve":
			view.Steps[i].Lead = message.T(v.Context(), "riskplan.round."+view.Steps[i].Name)
		}
	}
	view.MayLook = a.State == risk.Running && v.Moment() == 0 && v.MayEdit(a.Entry)
	covered, err := risk.Covers(v, f)
	if err != nil {
		return view, err
	}
	view.Covers = len(covered)
	for _, fill := range []func(*register.View) error{view.work, func(v *register.View) error { return view.compared(v, with) }, view.after} {
		if err := fill(v); err != nil {
			return view, err
		}
	}
	view.Tabs, err = tabs.Of(v)
	return view, err
}

// work fills the work list of a running round, or what was kept of one.
func (view *roundView) work(v *register.View) error {
	a := view.Entry
	results := a.Fields.Results
	if a.State == risk.Running {
		open, done, err := risk.ToLookAt(v, a.Key, a.Fields)
		if err != nil {
			return err
		}
		results = done
		for _, l := range open {
			row, err := lookAt(v, a.Key, l)
			if err != nil {
				return err
			}
			view.Open = append(view.Open, row)
		}
	}
	if a.Fields.Criteria == "" {
		return nil
	}
	c, err := risk.CriteriaEditions.Get(v, a.Fields.Criteria)
	if err != nil {
		return err
	}
	for _, r := range results {
		view.Done = append(view.Done, resultRow{r, levelOf(c.Fields, risk.Whole(r.Level)), person(v, r.Owner), has(a.Fields.Unchanged, r.Risk)})
	}
	slices.SortStableFunc(view.Done, func(x, y resultRow) int { return y.Level.N - x.Level.N })
	view.Levels, err = levelCounts(v, a.Fields.Criteria, results)
	return err
}

func lookAt(v *register.View, round string, l risk.LookAtLast) (lookRow, error) {
	row := lookRow{Key: l.Risk.Key, Title: l.Risk.Title(), Owner: person(v, l.Risk.Fields.Owner), Stands: l.Stands, Judge: "/risks/evaluate/" + l.Risk.Key + "?assessment=" + round}
	if l.Judgement == nil {
		return row, nil
	}
	f := l.Judgement.Fields
	row.Last, row.On = f.LevelName, page.Day(f.EvaluatedOn)
	c, err := risk.CriteriaEditions.Get(v, f.Criteria)
	if err != nil {
		return row, err
	}
	row.Now = levelOf(c.Fields, risk.Whole(l.Risk.Fields.CurrentLevel))
	row.Changed = row.Now.N != risk.Whole(f.Level)
	return row, nil
}

// compared fills what differs from the assessment before, or another one.
func (view *roundView) compared(v *register.View, with string) error {
	a := view.Entry
	if a.State != risk.Completed && a.State != risk.Approved {
		return nil
	}
	all, err := risk.Assessments.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{risk.Completed, risk.Approved}})
	if err != nil {
		return err
	}
	before, err := risk.RoundBefore(v, a)
	if err != nil && sextant.CodeOf(err) != sextant.NotFound {
		return err
	}
	for _, o := range all {
		if o.Key == a.Key {
			continue
		}
		if o.Key == with {
			before = o
		}
		view.Others = append(view.Others, choice{Key: o.Key, Name: o.Title()})
	}
	if before.Key == "" {
		return nil
	}
	view.Before, view.OtherCriteria = choice{Key: before.Key, Name: before.Title()}, before.Fields.Criteria != a.Fields.Criteria
	view.Moved = risk.CompareRounds(before, a)
	return nil
}

// after fills what was kept when it was approved, and the round planned next.
func (view *roundView) after(v *register.View) (err error) {
	if view.Entry.State != risk.Approved {
		return nil
	}
	if view.Files, err = v.Renderings(view.Entry.Entry); err != nil {
		return err
	}
	planned, err := risk.Assessments.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{risk.ToCome}})
	for _, a := range planned {
		if a.Fields.ManagementSystem == view.Entry.Fields.ManagementSystem {
			view.Next = choice{Key: a.Key, Name: page.Day(a.Fields.PlannedOn)}
			break
		}
	}
	return err
}

// moveRound starts, completes, opens again, approves or cancels one; 'unchanged'
// says that the last judgement of a risk holds still.
func (s *section) moveRound(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("assessment")
	var err error
	if r.PostFormValue("do") == "unchanged" {
		err = s.unchanged(r, actor, key, r.PostFormValue("risk"))
	} else {
		err = s.step(r, actor, risk.Assessments.Definition, key)
	}
	if err != nil {
		return s.drawRound(w, r, actor, err)
	}
	http.Redirect(w, r, roundPath+"/"+key, http.StatusSeeOther)
	return nil
}

func (s *section) unchanged(r *http.Request, actor access.Actor, key, of string) error {
	return s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		a, err := readRound(&tx.View, key)
		if err != nil {
			return err
		}
		open, _, err := risk.ToLookAt(tx, key, a.Fields)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(open, func(l risk.LookAtLast) bool { return l.Risk.Key == of })
		switch {
		case i < 0:
			return sextant.Errorf(sextant.Conflict, "%s is not to be looked at in this round, or was already", of).At("unchanged")
		case !open[i].Stands:
			return sextant.Errorf(sextant.Conflict, "%s was not judged by the criteria of this round; its last judgement cannot hold still", of).At("unchanged").WithHint("judge it again")
		}
		_, err = tx.Edit(risk.Assessments.Name, key, a.Version, map[string]any{"unchanged": anyOf(append(a.Fields.Unchanged, of))}, register.Note{Why: of + " was looked at"})
		return err
	})
}
