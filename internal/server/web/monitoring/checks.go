// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/control"
	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

// group is states that are looked at together; its path is their list.
type group []control.State

var (
	failing  = group{control.Fail, control.FailInGrace}
	untold   = group{control.Error, control.Stale, control.NoData}
	excepted = group{control.Excepted}
	notRun   = group{control.NotAssessed}
)

func (g group) filter() string {
	names := make([]string, len(g))
	for i, state := range g {
		names[i] = state.String()
	}
	return register.Filter{Field: "state", Op: register.Is, Values: names}.String()
}

func (g group) path() string { return "/checks?" + url.Values{"filter": {g.filter()}}.Encode() }

func (g group) count(all []monitor.Checked) (n int) {
	for _, c := range all {
		if slices.Contains(g, c.State) {
			n++
		}
	}
	return n
}

var severities = []check.Severity{check.Critical, check.High, check.Medium, check.Low}

// urgentFirst orders checks by state, then severity, then how long they fail.
func urgentFirst(all []monitor.Checked) {
	slices.SortStableFunc(all, func(a, b monitor.Checked) int {
		return cmp.Or(cmp.Compare(monitor.Rank(a.State), monitor.Rank(b.State)),
			cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)), cmp.Compare(a.FailsSince, b.FailsSince))
	})
}

// checkSheet is the list of checks.
func checkSheet(s *seen, p page.Page) grid.Sheet[monitor.Checked] {
	ctx, now := s.Context(), s.Now()
	label := func(key string) string { return message.T(ctx, "monitoring.col."+key) }
	return grid.Sheet[monitor.Checked]{
		Caption: message.T(ctx, "monitoring.checks"),
		Views: []grid.Tab{{Label: message.T(ctx, "monitoring.tab.all")}, {Label: message.T(ctx, "monitoring.tab.failing"), Filter: []string{failing.filter()}},
			{Label: message.T(ctx, "monitoring.tab.untold"), Filter: []string{untold.filter()}}, {Label: message.T(ctx, "monitoring.tab.excepted"), Filter: []string{excepted.filter()}},
			{Label: message.T(ctx, "monitoring.tab.notrun"), Filter: []string{notRun.filter()}}},
		Row: func(c monitor.Checked) grid.Row {
			return grid.Row{Key: c.ID, Title: c.Title, Path: p.Link("/checks/" + c.ID), Narrow: narrow(ctx, c, now)}
		},
		Fields: []grid.Field[monitor.Checked]{
			{Key: "state", Label: label("state"), Class: "fit", Few: true, Rank: page.StateNames(), Word: page.StateWord(ctx), Of: func(c monitor.Checked) []string { return []string{c.State.String()} },
				Cell: func(c monitor.Checked, _ grid.Row) templ.Component { return page.State(c.State) }},
			{Key: "title", Label: label("title"), Class: "main-cell", Of: func(c monitor.Checked) []string { return []string{c.Title} },
				Cell: func(_ monitor.Checked, row grid.Row) templ.Component { return grid.Link(row) }},
			{Key: "severity", Label: label("severity"), Class: "p2 fit", Few: true, Rank: severityNames(), Word: severityWord(ctx), Of: func(c monitor.Checked) []string { return []string{string(c.Severity)} },
				Cell: func(c monitor.Checked, _ grid.Row) templ.Component { return page.Severity(string(c.Severity)) }},
			number("passing", label("passing"), "p2 r num fit", func(c monitor.Checked) int { return c.Counts.Passed },
				func(c monitor.Checked) templ.Component { return passing(c) }),
			number("failed", label("failed"), "p3 r num fit", func(c monitor.Checked) int { return c.Counts.Failed }, nil),
			number("errors", label("errors"), "p3 r num fit", func(c monitor.Checked) int { return c.Counts.Errors }, nil),
			{Key: "since", Label: label("since"), Class: "p3 r num fit t2", Kind: table.DateTime, Of: func(monitor.Checked) []string { return nil },
				Number: func(c monitor.Checked) (float64, bool) { return days(c.FailsSince, now), c.FailsSince != 0 },
				Out:    func(c monitor.Checked) any { return instantOrNil(c.FailsSince) },
				Cell:   func(c monitor.Checked, _ grid.Row) templ.Component { return ago(ctx, c.FailsSince, now) }},
			{Key: "control", Label: label("control"), Class: "p3 fit num", Few: true, Of: func(c monitor.Checked) []string { return monitor.ControlsOf([]*check.Compiled{c.Compiled}) },
				Cell: func(c monitor.Checked, _ grid.Row) templ.Component { return controls(p, c.Compiled) }},
			{Key: "type", Label: label("type"), Class: "p4 fit t2", Few: true, Word: typeName, Of: func(c monitor.Checked) []string { return []string{c.Resource} },
				Cell: func(c monitor.Checked, _ grid.Row) templ.Component { return grid.Data(typeName(c.Resource)) }},
			{Key: "service", Label: label("service"), Class: "p4 fit t2", Few: true, Spare: true, Of: func(c monitor.Checked) []string { return []string{service(c.Resource)} },
				Cell: func(c monitor.Checked, _ grid.Row) templ.Component { return grid.Data(service(c.Resource)) }},
			{Key: "source", Label: label("source"), Class: "p4 fit t2", Few: true, Spare: true, Word: func(key string) string { return s.TitleOf("source", key) },
				Of: func(c monitor.Checked) []string { return c.Sources }, Cell: func(c monitor.Checked, _ grid.Row) templ.Component { return grid.Data(sourceNames(s, c)) }},
		},
	}
}

func number(key, label, class string, of func(monitor.Checked) int, cell func(monitor.Checked) templ.Component) grid.Field[monitor.Checked] {
	f := grid.Field[monitor.Checked]{Key: key, Label: label, Class: class, Kind: table.Number, Of: func(monitor.Checked) []string { return nil },
		Number: func(c monitor.Checked) (float64, bool) { return float64(of(c)), c.Ran }}
	f.Cell = func(c monitor.Checked, _ grid.Row) templ.Component {
		switch {
		case cell != nil:
			return cell(c)
		case !c.Ran || of(c) == 0:
			return dash()
		}
		return grid.Data(fmt.Sprint(of(c)))
	}
	return f
}

func severityNames() (names []string) {
	for _, s := range severities {
		names = append(names, string(s))
	}
	return names
}

func severityWord(ctx context.Context) func(string) string {
	return func(name string) string { return message.T(ctx, "severity."+name) }
}

func sourceNames(s *seen, c monitor.Checked) string {
	names := make([]string, len(c.Sources))
	for i, key := range c.Sources {
		names[i] = s.TitleOf("source", key)
	}
	return strings.Join(names, ", ")
}

// narrow is what a narrow table keeps under the title.
func narrow(ctx context.Context, c monitor.Checked, now sextant.Instant) string {
	text := message.T(ctx, "severity."+string(c.Severity))
	if c.Ran {
		text += fmt.Sprintf(" · %d / %d", c.Counts.Passed, c.Applicable())
	}
	if c.FailsSince != 0 {
		text += " · " + page.Age(ctx, c.FailsSince, now)
	}
	return text
}

func days(from, to sextant.Instant) float64 { return to.Time().Sub(from.Time()).Hours() / 24 }

func instantOrNil(at sextant.Instant) any {
	if at == 0 {
		return nil
	}
	return at
}

// checksView is what the list of checks draws.
type checksView struct {
	grid.Drawn[monitor.Checked]
	Drawer   *checkView
	MayWrite bool // checks of our own
}

func (s *section) checks(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "monitoring.checks"))
	var view checksView
	err := s.look(r, actor, func(v *seen) error {
		all, err := v.checked()
		if err != nil {
			return err
		}
		if view.Drawn, err = checkSheet(v, p).Draw(v.Context(), p, all); err != nil {
			return err
		}
		view.MayWrite = v.Moment() == 0 && v.mayCreate("custom_check")
		if key := p.Query.Get("in"); key != "" {
			view.Drawer, err = v.checkView(key)
			if sextant.CodeOf(err) == sextant.NotFound {
				return nil
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	s.Draw(w, r, checksPage(p, view))
	return nil
}

func (s *section) exportChecks(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, "")
	return s.look(r, actor, func(v *seen) error {
		if err := access.May(actor, access.Export, access.Subject{}, s.Kernel.Now()); err != nil {
			return err
		}
		all, err := v.checked()
		if err != nil {
			return err
		}
		return checkSheet(v, p).Send(w, p, all, grid.Stamp{Name: "checks", At: v.Now(), By: actor.Name})
	})
}
