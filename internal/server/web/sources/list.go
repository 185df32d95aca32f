// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

// listView is what the list of sources draws.
type listView struct {
	grid.Drawn[monitor.Health]
	Missing  []register.Of[evidence.ExpectedSource]
	Heard    int // sources
	All      int
	Drawer   *healthView
	MayMake  bool
	MayWaive bool
	Now      sextant.Instant
}

// sheet is the list of sources.
func sheet(v *seen, p page.Page) grid.Sheet[monitor.Health] {
	ctx, now := v.Context(), v.Now()
	label := func(key string) string { return message.T(ctx, "hear.col."+key) }
	none := func(monitor.Health) []string { return nil }
	return grid.Sheet[monitor.Health]{
		Caption: message.T(ctx, "hear.title"),
		Row: func(h monitor.Health) grid.Row {
			return grid.Row{Key: h.Source.Key, Title: h.Source.Title(), Path: p.Link("/sources/" + h.Source.Key + "/health"), Narrow: narrow(ctx, h, now)}
		},
		Fields: []grid.Field[monitor.Health]{
			{Key: "title", Label: label("title"), Class: "main-cell", Of: func(h monitor.Health) []string { return []string{h.Source.Title()} }, Cell: func(h monitor.Health, row grid.Row) templ.Component { return nameCell(h, row) }},
			{Key: "condition", Label: label("condition"), Class: "fit", Few: true, Word: conditionWord(ctx), Of: func(h monitor.Health) []string { return []string{conditionOf(h)} },
				Cell: func(h monitor.Health, _ grid.Row) templ.Component { return condition(h) }},
			{Key: "runs", Label: message.T(ctx, "hear.col.runs", 24), Class: "p3 fit", Of: none, Number: func(h monitor.Health) (float64, bool) { return float64(h.Complete()), len(h.Runs) > 0 }, Kind: table.Number,
				Cell: func(h monitor.Health, _ grid.Row) templ.Component { return strip(h) }},
			{Key: "at", Label: label("at"), Class: "p2 r fit num t2", Of: none, Number: func(h monitor.Health) (float64, bool) { return lastAt(h), h.Last() != nil }, Out: func(h monitor.Health) any { return lastOut(h) }, Kind: table.DateTime,
				Cell: func(h monitor.Health, _ grid.Row) templ.Component { return lastCell(ctx, h, now) }},
			{Key: "populations", Label: label("populations"), Class: "p2 r fit num", Of: none, Number: func(h monitor.Health) (float64, bool) { return float64(h.Whole), h.Of > 0 }, Kind: table.Number,
				Cell: func(h monitor.Health, _ grid.Row) templ.Component {
					return grid.Data(fmt.Sprintf("%d / %d", h.Whole, h.Of))
				}},
			{Key: "objects", Label: label("objects"), Class: "p2 r fit num", Of: none, Number: func(h monitor.Health) (float64, bool) { return float64(h.Count), h.Of > 0 }, Kind: table.Number,
				Cell: func(h monitor.Health, _ grid.Row) templ.Component { return grid.Data(fmt.Sprint(h.Count)) }},
			{Key: "next", Label: label("next"), Class: "p4 fit t2", Of: none, Number: func(h monitor.Health) (float64, bool) { return float64(h.Next), h.Next != 0 },
				Cell: func(h monitor.Health, _ grid.Row) templ.Component { return nextCell(ctx, h, now) }},
			{Key: "owner", Label: label("owner"), Class: "p4 fit t2", Few: true, Spare: true, Word: func(key string) string { return v.TitleOf("person", key) }, Of: func(h monitor.Health) []string { return some(h.Source.Fields.Owner) },
				Cell: func(h monitor.Health, _ grid.Row) templ.Component {
					return page.Avatar(v.TitleOf("person", h.Source.Fields.Owner))
				}},
		},
	}
}

func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// conditionOf puts the state of the entry and what the newest run saw into one
// word.
func conditionOf(h monitor.Health) string {
	switch {
	case h.Source.State != "connected":
		return h.Source.State
	case h.Last() == nil:
		return "waiting"
	case !h.Last().Complete:
		return "incomplete"
	}
	return "complete"
}

func conditionWord(ctx context.Context) func(string) string {
	return func(name string) string { return message.T(ctx, "hear.condition."+name) }
}

func lastAt(h monitor.Health) float64 {
	if h.Last() == nil {
		return 0
	}
	return float64(h.Last().Finished)
}

func lastOut(h monitor.Health) any {
	if h.Last() == nil {
		return nil
	}
	return h.Last().Finished
}

func narrow(ctx context.Context, h monitor.Health, now sextant.Instant) string {
	if h.Last() == nil {
		return message.T(ctx, "hear.never")
	}
	return page.Age(ctx, h.Last().Finished, now) + " · " + message.N(ctx, "hear.objects", h.Count)
}

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "hear.title"))
	var view listView
	if err := s.look(r, actor, func(v *seen) (err error) {
		view, err = s.listView(v, p)
		return err
	}); err != nil {
		return err
	}
	if err := s.readJob(r, actor, view.Drawer); err != nil {
		return err
	}
	s.Draw(w, r, listPage(p, view))
	return nil
}

func (s *section) listView(v *seen, p page.Page) (view listView, err error) {
	all, err := monitor.Healths(v.View, v.machine)
	if err != nil {
		return view, err
	}
	if view.Drawn, err = sheet(v, p).Draw(v.Context(), p, all); err != nil {
		return view, err
	}
	view.All, view.Now = len(all), v.Now()
	for _, h := range all {
		if h.Hears() {
			view.Heard++
		}
		if h.Source.Key == p.Query.Get("in") {
			if view.Drawer, err = s.healthView(v, p, h); err != nil {
				return view, err
			}
		}
	}
	def, err := v.Set().Named("source")
	if err != nil {
		return view, err
	}
	view.MayMake = v.Moment() == 0 && v.MayCreate(def)
	view.MayWaive = v.Moment() == 0 && v.Actor().Holds(access.ISMSManager)
	view.Missing, err = evidence.ExpectedSources.All(v.View, register.Filter{Field: "state", Op: register.Is, Values: []string{"missing"}})
	return view, err
}

func (s *section) export(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, "")
	return s.look(r, actor, func(v *seen) error {
		if err := access.May(actor, access.Export, access.Subject{}, s.Kernel.Now()); err != nil {
			return err
		}
		all, err := monitor.Healths(v.View, v.machine)
		if err != nil {
			return err
		}
		return sheet(v, p).Send(w, p, all, grid.Stamp{Name: "sources", At: v.Now(), By: actor.Name})
	})
}

// connectPath makes a source of an expected system.
func connectPath(x register.Of[evidence.ExpectedSource]) string {
	return "/sources/new?" + url.Values{"title": {x.Title()}, "connector": {x.Fields.Connector}, "account": {x.Fields.Identifier}, "scope_units": x.Fields.ScopeUnits}.Encode()
}
