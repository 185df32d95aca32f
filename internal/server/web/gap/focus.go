// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"sextant"
	"sextant/access"
	"sextant/framework"
	"sextant/gap"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/library"
	"sextant/register"
)

// focusView is one question on one screen.
type focusView struct {
	Campaign         register.Of[gap.Campaign]
	Row              register.Of[gap.Answer]
	Typed            gap.Answer // what the form shows: what stands, or what was typed and refused
	Question         gap.Question
	Part             string
	SourcePath       string // where a requirement of a library can be read in full
	Unit             string // "" where the campaign asks in one unit only
	Guidance         framework.Guidance
	Tally            gap.Tally
	Levels           []gap.Level
	Known            []knownRow
	Earlier          []earlierRow
	Actions          []actionRow
	People           []choice
	Asked, By, When  string
	NextPath, NextID string
	BackPath         string
	Query            string // carried on: whose questions, which part
	MayEdit          bool
	May              map[string]bool // transitions
	Problem          page.Problem
	Conflict         *conflict
	Saved            string
}

// knownRow is a fact with the page it comes from.
type knownRow struct{ Source, Says, Path, From string }

// earlierRow is what was answered to the same question before.
type earlierRow struct{ Campaign, Path, Says string }

// actionRow is a task that closes the gap.
type actionRow struct{ Key, Title, Who, Due, State, Path string }

type choice struct{ Key, Name string }

// conflict is what somebody else saved first, beside what was typed here.
type conflict struct {
	Who, When string
	Theirs    gap.Answer
	Version   int
}

// sequence is the rows somebody goes through: all, their own, or those of one
// clause or theme.
func sequence(rows []register.Of[gap.Answer], q url.Values, who string) []register.Of[gap.Answer] {
	return slices.DeleteFunc(slices.Clone(rows), func(a register.Of[gap.Answer]) bool {
		return q.Get("mine") != "" && a.Fields.Assignee != who || q.Get("part") != "" && a.Fields.Part != q.Get("part")
	})
}

// carried is what of an address stays while somebody goes through.
func carried(q url.Values) string {
	kept := url.Values{}
	for _, key := range []string{"mine", "part"} {
		if q.Get(key) != "" {
			kept.Set(key, q.Get(key))
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "?" + kept.Encode()
}

// enter leads to the first open question.
func (s *section) enter(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	to := path + "/" + r.PathValue("campaign")
	if err := s.Read(r, actor, func(v *register.View) error {
		if _, err := opened(v, r.PathValue("campaign")); err != nil {
			return err
		}
		rows, err := gap.Rows(v, r.PathValue("campaign"))
		if err != nil {
			return err
		}
		list := sequence(rows, r.URL.Query(), actor.Person)
		if at := firstOpen(list, 0); at >= 0 {
			to += "/focus/" + list[at].Key + carried(r.URL.Query())
		} else if len(list) > 0 {
			to += "/focus/" + list[0].Key + carried(r.URL.Query())
		}
		return nil
	}); err != nil {
		return err
	}
	http.Redirect(w, r, s.Page(r, actor, "").Link(to), http.StatusSeeOther)
	return nil
}

// firstOpen gives the first open row from a place on, round the end; -1 where
// none is left.
func firstOpen(list []register.Of[gap.Answer], from int) int {
	for i := range list {
		if at := (from + i) % len(list); list[at].State == gap.Open {
			return at
		}
	}
	return -1
}

func (s *section) focus(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawFocus(w, r, actor, nil, nil)
}

// drawFocus draws a question, with what was typed and why it was refused.
func (s *section) drawFocus(w http.ResponseWriter, r *http.Request, actor access.Actor, typed url.Values, problem error) error {
	var view focusView
	if err := s.Read(r, actor, func(v *register.View) error { return view.fill(v, r, typed) }); err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		var ok bool
		if view.Problem, ok = page.ProblemOf(problem); !ok {
			return problem
		}
		status = view.Problem.Status
		if sextant.CodeOf(problem) == sextant.Conflict && typed != nil {
			view.Conflict = &conflict{Who: view.By, When: view.When, Theirs: view.Row.Fields, Version: view.Row.Version}
		}
	}
	title := message.T(r.Context(), "gap.focus.title", view.Question.ID, view.Question.Title)
	s.DrawStatus(w, r, status, focusPage(s.Page(r, actor, title), view))
	return nil
}

func (view *focusView) fill(v *register.View, r *http.Request, typed url.Values) (err error) {
	if view.Campaign, err = opened(v, r.PathValue("campaign")); err != nil {
		return err
	}
	rows, err := gap.Rows(v, view.Campaign.Key)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(rows, func(a register.Of[gap.Answer]) bool { return a.Key == r.PathValue("answer") })
	if at < 0 {
		return sextant.Errorf(sextant.NotFound, "%s asks nothing called %q", view.Campaign.Key, r.PathValue("answer"))
	}
	view.Row, view.Typed = rows[at], rows[at].Fields
	if view.Question, _, err = gap.QuestionOf(v, view.Row.Fields.Reference); err != nil {
		return err
	}
	if key, id, ok := library.ParseReference(view.Row.Fields.Reference); ok {
		view.SourcePath = "/libraries/" + key + "/browse?show=framework&at=" + id
	}
	view.Guidance, _ = framework.GuidanceFor(view.Question.Guide)
	view.Part = partOf(v, view.Row.Fields)
	view.Query = carried(r.URL.Query())
	view.Tally = gap.TallyOf(sequence(rows, r.URL.Query(), v.Actor().Person))
	view.Levels = view.Campaign.Fields.Scale
	if len(view.Campaign.Fields.ScopeUnits) > 1 {
		view.Unit = v.TitleOf("scope_unit", view.Row.Fields.ScopeUnit)
	}
	view.neighbours(sequence(rows, r.URL.Query(), v.Actor().Person))
	view.rights(v)
	view.By, view.When = page.Who(v, view.Row.Actor), page.Moment(v.Context(), view.Row.At)
	view.Asked = person(v, view.Row.Fields.Assignee)
	if typed != nil {
		view.Typed = typedOver(view.Typed, typed)
	}
	return view.beside(v)
}

// neighbours finds the question before, and the next one that is open.
func (view *focusView) neighbours(list []register.Of[gap.Answer]) {
	base := path + "/" + view.Campaign.Key
	view.NextPath = base
	at := slices.IndexFunc(list, func(a register.Of[gap.Answer]) bool { return a.Key == view.Row.Key })
	if at > 0 {
		view.BackPath = base + "/focus/" + list[at-1].Key + view.Query
	}
	others := slices.DeleteFunc(slices.Clone(list), func(a register.Of[gap.Answer]) bool { return a.Key == view.Row.Key })
	if next := firstOpen(others, max(at, 0)); next >= 0 {
		view.NextPath, view.NextID = base+"/focus/"+others[next].Key+view.Query, gap.NumberOf(others[next].Fields)
	}
}

func (view *focusView) rights(v *register.View) {
	view.MayEdit = v.MayEdit(view.Row.Entry) && view.Campaign.State == gap.Running && view.Row.State != gap.Reviewed
	view.May = map[string]bool{}
	for _, t := range v.Possible(view.Row.Entry) {
		view.May[t.Name] = t.Refusal == nil && view.Campaign.State == gap.Running
	}
}

// beside reads what stands beside the answer.
func (view *focusView) beside(v *register.View) error {
	for _, f := range view.Row.Fields.Known {
		row := knownRow{Says: f.Says, Path: f.Page(v.Set()), From: f.From}
		source, _ := gap.Answers.Field("known")
		for _, field := range source.Fields {
			if field.Key == "source" {
				row.Source = message.Mark(v.Context(), field.ValueLabel(f.Source))
			}
		}
		view.Known = append(view.Known, row)
	}
	for _, key := range view.Row.Fields.Actions {
		e, err := v.Entry("task", key)
		if sextant.CodeOf(err) == sextant.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		view.Actions = append(view.Actions, actionRow{key, e.Title(), person(v, e.Owner()), page.Day(e.Due()), page.StateLabel(e.Register, e.State), page.Path(e)})
	}
	if err := view.earlier(v); err != nil {
		return err
	}
	people, err := v.List(register.List{Register: "person", Order: "name", Limit: 500})
	for _, e := range people.Entries {
		view.People = append(view.People, choice{e.Key, e.Title()})
	}
	return err
}

// earlierShown is how many earlier answers are told.
const earlierShown = 5

// earlier is what other campaigns answered to the same question in the unit.
func (view *focusView) earlier(v *register.View) error {
	list, err := gap.Answers.All(v, register.Filter{Field: "reference", Op: register.Is, Values: []string{view.Row.Fields.Reference}}, register.Filter{Field: "scope_unit", Op: register.Is, Values: []string{view.Row.Fields.ScopeUnit}})
	slices.Reverse(list)
	for _, a := range list {
		if a.Fields.Campaign == view.Campaign.Key || a.State == gap.Open || len(view.Earlier) == earlierShown {
			continue
		}
		says := message.Mark(v.Context(), gap.Label("answer", a.Fields.Answer))
		if a.Fields.Maturity != nil {
			says = message.T(v.Context(), "gap.earlier.says", says, int(*a.Fields.Maturity))
		}
		view.Earlier = append(view.Earlier, earlierRow{v.TitleOf(gap.Campaigns.Name, a.Fields.Campaign), path + "/" + a.Fields.Campaign + "/focus/" + a.Key, says})
	}
	return err
}

// level gives what a level means for this question, in the words of its
// guidance.
func (view focusView) level(n int) string {
	if n >= 0 && n < len(view.Guidance.Maturity) {
		return view.Guidance.Maturity[n]
	}
	return ""
}

func (view focusView) asks() string { return cmp.Or(view.Question.Asks, view.Guidance.Asked) }

// topic is what the question is about: a clause that is called General is about
// what the one above it is.
func (view focusView) topic() string {
	if c, ok := framework.ClauseByID(view.Question.Guide); ok && c.Title == "General" {
		if above, ok := framework.ClauseByID(c.Parent); ok {
			return above.Title
		}
	}
	return view.Question.Title
}
