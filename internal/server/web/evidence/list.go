// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"sextant"
	"sextant/access"
	"sextant/framework"
	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

// listView is what the list of evidence draws.
type listView struct {
	grid.Drawn[monitor.Proving]
	Drawer   *provingView
	MayState bool
	Now      sextant.Instant
}

// provingView is one piece of evidence beside the list.
type provingView struct {
	monitor.Proving
	Named   []framework.Line
	Who     string
	Sources []string
	Entry   *register.Entry // of a statement or record
	Unit    string
	Now     sextant.Instant
}

func ageFilter(ages ...monitor.Age) []string {
	values := make([]string, len(ages))
	for i, a := range ages {
		values[i] = string(a)
	}
	return []string{register.Filter{Field: "age", Op: register.Is, Values: values}.String()}
}

func sheet(v *seen, p page.Page) grid.Sheet[monitor.Proving] {
	ctx, now := v.Context(), v.Now()
	label := func(key string) string { return message.T(ctx, "evidence.col."+key) }
	var ages []string
	for _, a := range monitor.Ages {
		ages = append(ages, string(a))
	}
	return grid.Sheet[monitor.Proving]{
		Caption: message.T(ctx, "evidence.title"),
		Views: []grid.Tab{{Label: message.T(ctx, "evidence.tab.all")}, {Label: message.T(ctx, "evidence.age.fresh"), Filter: ageFilter(monitor.Fresh)}, {Label: message.T(ctx, "evidence.age.going_stale"), Filter: ageFilter(monitor.Going)},
			{Label: message.T(ctx, "evidence.age.expired"), Filter: ageFilter(monitor.Expired)}, {Label: message.T(ctx, "evidence.tab.drafts"), Filter: ageFilter(monitor.Draft)}},
		Row: func(x monitor.Proving) grid.Row {
			return grid.Row{Key: x.Key, Title: x.Title, Path: pathOf(p, x), Narrow: narrow(ctx, x, now)}
		},
		Fields: []grid.Field[monitor.Proving]{
			{Key: "title", Label: label("title"), Class: "main-cell", Of: func(x monitor.Proving) []string { return []string{x.Title} }, Cell: func(_ monitor.Proving, row grid.Row) templ.Component { return grid.Link(row) }},
			{Key: "control", Label: label("control"), Class: "fit num", Few: true, Of: monitor.Proving.Controls, Cell: func(x monitor.Proving, _ grid.Row) templ.Component { return controlsCell(p, x) }},
			{Key: "form", Label: label("form"), Class: "p2 fit", Few: true, Word: func(f string) string { return message.T(ctx, "evidence.form."+f) }, Of: func(x monitor.Proving) []string { return []string{string(x.Form)} },
				Cell: func(x monitor.Proving, _ grid.Row) templ.Component { return formCell(string(x.Form)) }},
			{Key: "by", Label: label("by"), Class: "p3 fit", Few: true, Word: func(key string) string { return v.TitleOf("person", key) }, Of: func(x monitor.Proving) []string { return some(x.By) },
				Cell: func(x monitor.Proving, _ grid.Row) templ.Component { return byCell(v.TitleOf("person", x.By), x.By) }},
			{Key: "effective", Label: label("effective"), Class: "p3 fit num t2", Kind: table.DateTime, Of: func(monitor.Proving) []string { return nil }, Number: instant(func(x monitor.Proving) sextant.Instant { return x.Effective }), Out: func(x monitor.Proving) any { return orNil(x.Effective) },
				Cell: func(x monitor.Proving, _ grid.Row) templ.Component { return effectiveCell(x) }},
			{Key: "population", Label: label("population"), Class: "p4 fit t2 popcell", Spare: true, Of: func(x monitor.Proving) []string { return some(x.Population) }, Cell: func(x monitor.Proving, _ grid.Row) templ.Component { return grid.Data(x.Population) }},
			{Key: "state", Label: label("state"), Class: "fit", Few: true, Rank: page.StateNames(), Word: page.StateWord(ctx), Of: func(x monitor.Proving) []string { return []string{x.State.String()} },
				Cell: func(x monitor.Proving, _ grid.Row) templ.Component { return stateCell(x) }},
			{Key: "age", Label: label("age"), Class: "p2 fit", Few: true, Rank: ages, Spare: true, Word: func(a string) string { return message.T(ctx, "evidence.age."+a) }, Of: func(x monitor.Proving) []string { return []string{string(x.Age)} },
				Cell: func(x monitor.Proving, _ grid.Row) templ.Component {
					return grid.Tag(message.T(ctx, "evidence.age."+string(x.Age)))
				}},
			{Key: "until", Label: label("until"), Class: "p2 r num fit t2", Kind: table.DateTime, Of: func(monitor.Proving) []string { return nil }, Number: instant(func(x monitor.Proving) sextant.Instant { return x.Until }), Out: func(x monitor.Proving) any { return orNil(x.Until) },
				Cell: func(x monitor.Proving, _ grid.Row) templ.Component { return untilCell(x, now) }},
			{Key: "seal", Label: label("seal"), Class: "p4 r num fit t2", Spare: true, Kind: table.Number, Of: func(monitor.Proving) []string { return nil }, Number: func(x monitor.Proving) (float64, bool) { return float64(x.Seq), x.Seq != 0 },
				Cell: func(x monitor.Proving, _ grid.Row) templ.Component { return sealCell(x) }},
		},
	}
}

func instant(of func(monitor.Proving) sextant.Instant) func(monitor.Proving) (float64, bool) {
	return func(x monitor.Proving) (float64, bool) { return float64(of(x)), of(x) != 0 }
}

func orNil(at sextant.Instant) any {
	if at == 0 {
		return nil
	}
	return at
}

func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// pathOf is the page of a piece of evidence: its check, or its entry.
func pathOf(p page.Page, x monitor.Proving) string {
	if x.Form == framework.Checks {
		return p.Link("/checks/" + x.Key)
	}
	return p.Link("/attestations/" + x.Key)
}

func narrow(ctx context.Context, x monitor.Proving, now sextant.Instant) string {
	text := message.T(ctx, "evidence.form."+string(x.Form))
	if x.Until != 0 && x.Age != monitor.Draft {
		text += " · " + until(ctx, x.Until, now)
	}
	return text
}

// farAway is how many days are still counted; beyond, the date says more.
const farAway = 60

// until says how long something counts still, or since when it has not.
func until(ctx context.Context, at, now sextant.Instant) string {
	days := int(at.Time().Sub(now.Time()).Hours() / 24)
	switch {
	case days > farAway || days < -farAway:
		return page.DayOf(ctx, at)
	case at <= now:
		return message.T(ctx, "evidence.over", page.Age(ctx, at, now))
	}
	return page.Age(ctx, now, at)
}

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "evidence.title"))
	var view listView
	if err := s.look(r, actor, func(v *seen) error {
		all, err := v.proving()
		if err != nil {
			return err
		}
		if view.Drawn, err = sheet(v, p).Draw(v.Context(), p, all); err != nil {
			return err
		}
		view.Now, view.MayState = v.Now(), v.mayState()
		for _, x := range all {
			if x.Key == p.Query.Get("in") {
				view.Drawer, err = v.provingView(x)
			}
		}
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, listPage(p, view))
	return nil
}

// mayState says whether the actor may write a statement now.
func (v *seen) mayState() bool {
	def, err := v.Set().Named("attestation")
	return err == nil && v.Moment() == 0 && v.Actor().Person != "" && v.MayCreate(def)
}

func (v *seen) provingView(x monitor.Proving) (*provingView, error) {
	view := &provingView{Proving: x, Who: v.TitleOf("person", x.By), Now: v.Now()}
	for _, id := range x.Lines {
		if line, ok := framework.LineByID(id); ok {
			view.Named = append(view.Named, line)
		}
	}
	for _, key := range x.Sources {
		view.Sources = append(view.Sources, v.TitleOf("source", key))
	}
	if x.Form == framework.Checks {
		return view, nil
	}
	view.Unit = v.TitleOf("implementation", x.Implementation)
	e, err := v.Entry("attestation", x.Key)
	view.Entry = &e
	return view, err
}

func (s *section) export(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, "")
	return s.look(r, actor, func(v *seen) error {
		if err := access.May(actor, access.Export, access.Subject{}, s.Kernel.Now()); err != nil {
			return err
		}
		all, err := v.proving()
		if err != nil {
			return err
		}
		return sheet(v, p).Send(w, p, all, grid.Stamp{Name: "evidence", At: v.Now(), By: actor.Name})
	})
}
