// SPDX-License-Identifier: Apache-2.0

package findings

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/lint"
	"sextant/register"
)

// listView is what the list of findings draws.
type listView struct {
	grid.Drawn[raised]
	Open    *openView
	Rules   int // that were asked
	Untold  int // of those, that cannot tell
	Nothing bool
	DateAll string // path of the list with every finding followed back, "" where each has its age
}

// openView is one finding beside the list.
type openView struct {
	raised
	Now      sextant.Instant
	Back     string
	Links    []link
	Task     *link // that somebody made of it and is not done
	MayTask  bool
	MayWaive bool
	Approver string
}

// link leads to an entry or a piece of content.
type link struct{ Name, Path string }

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "lint.title"))
	if p.Query.Get("group") == "" { // grouped unless somebody asks for one list
		p.Query.Set("group", "severity")
	}
	var view listView
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) error { return s.fillList(&view, p, v, m) }); err != nil {
		return err
	}
	s.Draw(w, r, listPage(p, view))
	return nil
}

func (s *section) fillList(view *listView, p page.Page, v *register.View, m evidence.Reader) error {
	report := s.report
	if p.Query.Get("since") == "all" {
		report = s.dated
	}
	verdicts, err := report(v, m)
	if err != nil {
		return err
	}
	view.Rules = len(verdicts)
	for _, verdict := range verdicts {
		if verdict.Outcome() == lint.Unknown {
			view.Untold++
		}
	}
	all := raisedIn(v, verdicts)
	if p.Query.Get("since") != "all" && slices.ContainsFunc(all, func(x raised) bool { return x.Since == 0 }) {
		view.DateAll = p.With("since", "all")
	}
	view.Nothing = len(all) == 0
	if view.Drawn, err = sheet(v, p).Draw(v.Context(), p, all); err != nil {
		return err
	}
	for i, choice := range view.Tools.GroupBy {
		if choice.Key == "" {
			view.Tools.GroupBy[i].Path, view.Tools.GroupBy[i].Chosen = p.With("group", "none"), p.Query.Get("group") == "none"
		}
	}
	for _, x := range all {
		if x.key() == p.Query.Get("in") {
			view.Open, err = s.open(v, m, p, x)
		}
	}
	return err
}

// open follows a finding back to when it began, and says what can be done.
func (s *section) open(v *register.View, m evidence.Reader, p page.Page, x raised) (*openView, error) {
	if x.Since == 0 {
		dated := []lint.Finding{x.Finding}
		if err := lint.Date(lint.Look{View: v, Evidence: m}, s.conditions[x.Rule.ID], x.Rule, dated, time.Time{}); err != nil {
			return nil, err
		}
		x.Since = dated[0].Since
	}
	open := &openView{raised: x, Now: v.Now(), Back: p.With("in", "")}
	for i, key := range x.Entries {
		open.Links = append(open.Links, link{x.Names[i], s.pathOf(v, key)})
	}
	if x.Waiver != nil {
		open.Approver = v.TitleOf("person", x.Waiver.Approver)
	}
	made, err := taskOf(v, x)
	if err != nil {
		return nil, err
	}
	if made != nil {
		open.Task = &link{made.Title(), page.Path(*made)}
	}
	now := v.Moment() == 0 && v.Actor().Person != ""
	tasks, exceptions := defOf(v, "task"), defOf(v, "exception")
	open.MayTask, open.MayWaive = now && made == nil && v.MayCreate(tasks), now && x.Waiver == nil && v.MayCreate(exceptions)
	return open, nil
}

func defOf(v *register.View, name string) *register.Definition {
	def, err := v.Set().Named(name)
	if err != nil {
		panic(err) // the section exists only with it
	}
	return def
}

// pathOf is the page of what a finding is about, "" where there is none.
func (s *section) pathOf(v *register.View, key string) string {
	if def, ok := v.Set().OfKey(key); ok {
		return "/" + def.Plural + "/" + key
	}
	for _, kind := range v.Set().ContentKinds() {
		if _, ok := v.Set().ContentTitle(kind, key); ok {
			return s.ContentPath(kind, key)
		}
	}
	return ""
}

func severityNames() (list []string) {
	for _, s := range lint.Severities() {
		list = append(list, string(s))
	}
	return list
}

func severityWord(ctx context.Context) func(string) string {
	return func(s string) string { return message.T(ctx, "lint.severity."+s) }
}

var standings = []string{"blocks", "stands", "waived"}

func (x raised) standings() string {
	switch {
	case x.Waiver != nil:
		return "waived"
	case x.blocks():
		return "blocks"
	}
	return "stands"
}

func is(field string, values ...string) []string {
	return []string{register.Filter{Field: field, Op: register.Is, Values: values}.String()}
}

func sheet(v *register.View, p page.Page) grid.Sheet[raised] {
	ctx, now := v.Context(), v.Now()
	label := func(key string) string { return message.T(ctx, "lint.col."+key) }
	tab := func(key string, filter []string) grid.Tab {
		return grid.Tab{Label: message.T(ctx, "lint.tab."+key), Filter: filter}
	}
	of := func(one func(raised) string) func(raised) []string {
		return func(x raised) []string { return some(one(x)) }
	}
	return grid.Sheet[raised]{
		Caption: message.T(ctx, "lint.title"),
		Views: []grid.Tab{tab("all", nil), tab("blocks", is("standing", "blocks")), tab("major", is("severity", string(lint.Major))), tab("minor", is("severity", string(lint.Minor))),
			tab("observation", is("severity", string(lint.Observation))), tab("waived", is("standing", "waived"))},
		Row: func(x raised) grid.Row {
			return grid.Row{Key: x.key(), Title: x.Rule.Title, Path: p.With("in", x.key()), Narrow: x.Facts}
		},
		Fields: []grid.Field[raised]{
			{Key: "finding", Label: label("finding"), Class: "main-cell", Of: func(x raised) []string { return []string{x.Rule.Title, x.Facts} },
				Cell: func(x raised, row grid.Row) templ.Component { return findingCell(x, row) }},
			{Key: "severity", Label: label("severity"), Class: "p2 fit", Few: true, Rank: severityNames(), Every: true, Word: severityWord(ctx), Of: of(func(x raised) string { return string(x.Rule.Severity) }),
				Cell: func(x raised, _ grid.Row) templ.Component { return severity(x.Rule.Severity) }},
			{Key: "clause", Label: label("clause"), Class: "p2 fit num t2", Few: true, Of: of(func(x raised) string { return clause(x.Rule) }),
				Cell: func(x raised, _ grid.Row) templ.Component { return grid.Data(clause(x.Rule)) }},
			{Key: "about", Label: label("about"), Class: "p3 aboutcell t2", Of: func(x raised) []string { return x.Names }, Cell: func(x raised, _ grid.Row) templ.Component { return aboutCell(x) }},
			{Key: "owner", Label: label("owner"), Class: "p3 fit", Few: true, Of: of(func(x raised) string { return x.Owner }), Word: func(key string) string { return v.TitleOf("person", key) },
				Cell: func(x raised, _ grid.Row) templ.Component { return page.Avatar(x.Who) }},
			{Key: "since", Label: label("since"), Class: "p4 r num fit t2", Kind: table.DateTime, Of: func(raised) []string { return nil }, Number: func(x raised) (float64, bool) { return float64(x.Since), x.Since != 0 },
				Out: func(x raised) any {
					if x.Since == 0 {
						return nil
					}
					return x.Since
				}, Cell: func(x raised, _ grid.Row) templ.Component { return sinceCell(x.Since, now) }},
			{Key: "standing", Label: label("standing"), Class: "p2 fit", Few: true, Rank: standings, Every: true, Word: func(s string) string { return message.T(ctx, "lint.standing."+s) }, Of: of(raised.standings),
				Cell: func(x raised, _ grid.Row) templ.Component { return standingCell(x) }},
			{Key: "group", Label: label("group"), Class: "p4 fit t2", Few: true, Spare: true, Of: of(func(x raised) string { return x.Rule.Group }), Cell: func(x raised, _ grid.Row) templ.Component { return grid.Data(x.Rule.Group) }},
			{Key: "rule", Label: label("rule"), Class: "p4 fit t2", Few: true, Spare: true, Of: of(func(x raised) string { return x.Rule.ID }), Cell: func(x raised, _ grid.Row) templ.Component { return grid.Data(x.Rule.ID) }},
			{Key: "fix", Label: label("fix"), Class: "p4 t2 beside", Spare: true, Of: of(func(x raised) string { return x.Rule.Fix }), Cell: func(x raised, _ grid.Row) templ.Component { return grid.Data(x.Rule.Fix) }},
		},
	}
}

func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func (s *section) export(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, "")
	return s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		if err := access.May(actor, access.Export, access.Subject{}, s.Kernel.Now()); err != nil {
			return err
		}
		all, err := s.raisedOf(v, m)
		if err != nil {
			return err
		}
		return sheet(v, p).Send(w, p, all, grid.Stamp{Name: "findings", At: v.Now(), By: actor.Name})
	})
}
