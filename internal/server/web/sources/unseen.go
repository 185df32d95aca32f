// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/interchange/table"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

// unseenView is what the page of gaps draws.
type unseenView struct {
	Gaps     []monitor.Gap
	Waived   []register.Of[evidence.ExpectedSource]
	Deciders map[string]string
	Owners   map[string]string
	Connect  map[string]string // where a source of an expected system is made
	Expected [2]int            // systems connected, of those expected and not left out
	Whole    [2]int            // populations seen whole, of all
	Regions  [2]int            // accounts and regions of which everything was seen, of all
	Passing  int               // controls that pass, wholly or where we look
	Resting  int               // of those, how many rest on a check with a gap
	Months   []month
	MayMake  bool
	MayWaive bool
	Now      sextant.Instant
}

// month is how many populations were not seen whole at its end.
type month struct {
	At     time.Time
	Broken int
}

func (s *section) unseen(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var view unseenView
	if err := s.look(r, actor, func(v *seen) (err error) {
		view, err = v.unseen()
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, unseenPage(s.Page(r, actor, message.T(r.Context(), "unseen.title")), view))
	return nil
}

// unseen is the same for everybody who looks within a minute, but for what they
// may do.
func (v *seen) unseen() (unseenView, error) {
	view, err := register.Recall(v.View, "sources.unseen", func() (unseenView, sextant.Instant, error) {
		view, err := v.readUnseen()
		return view, v.Now().Add(time.Minute), err
	})
	if err != nil || v.Moment() != 0 {
		return view, err
	}
	def, err := v.Set().Named("expected_source")
	if err == nil {
		view.MayMake, view.MayWaive = v.MayCreate(def), v.Actor().Holds(access.ISMSManager)
	}
	return view, err
}

func (v *seen) readUnseen() (view unseenView, err error) {
	view.Now, view.Deciders, view.Owners, view.Connect = v.Now(), map[string]string{}, map[string]string{}, map[string]string{}
	if view.Gaps, err = monitor.Gaps(v.View, v.machine, v.checks); err != nil {
		return view, err
	}
	for _, g := range view.Gaps {
		view.Owners[g.Owner] = v.TitleOf("person", g.Owner)
	}
	for _, step := range []func(*unseenView) error{v.expected, v.populations, v.resting, v.months} {
		if err := step(&view); err != nil {
			return view, err
		}
	}
	return view, nil
}

func (v *seen) expected(view *unseenView) error {
	all, err := evidence.ExpectedSources.All(v.View)
	for _, x := range all {
		switch x.State {
		case "connected":
			view.Expected[0]++
			view.Expected[1]++
		case "missing":
			view.Expected[1]++
			view.Connect[x.Key] = connectPath(x)
		case "waived":
			view.Waived = append(view.Waived, x)
			view.Deciders[x.Fields.WaivedBy] = v.TitleOf("person", x.Fields.WaivedBy)
		}
	}
	return err
}

func (v *seen) populations(view *unseenView) error {
	all, err := v.machine.Populations(v.At())
	whole := map[monitor.Place]bool{}
	for _, p := range all {
		place := monitor.Place{Account: p.Account, Region: p.Region}
		if _, known := whole[place]; !known {
			whole[place] = true
		}
		view.Whole[1]++
		if p.IsWhole() {
			view.Whole[0]++
		} else {
			whole[place] = false
		}
	}
	for _, is := range whole {
		view.Regions[1]++
		if is {
			view.Regions[0]++
		}
	}
	return err
}

// resting counts the controls that pass although one of their checks has a gap.
func (v *seen) resting(view *unseenView) error {
	standings, err := monitor.States(v.View, v.machine, monitor.ControlSubject)
	if err != nil {
		return err
	}
	var touched []string
	for _, g := range view.Gaps {
		touched = append(touched, g.Controls()...)
	}
	for _, s := range standings {
		if s.State == control.Pass || s.State == control.Partial {
			view.Passing++
			if slices.Contains(touched, strings.TrimPrefix(s.Subject, monitor.ControlSubject)) {
				view.Resting++
			}
		}
	}
	return nil
}

// monthsShown is how far back the chart goes.
const monthsShown = 12

func (v *seen) months(view *unseenView) error {
	today := v.Now().Time()
	for i := monthsShown - 1; i >= 0; i-- {
		end := time.Date(today.Year(), today.Month()-time.Month(i)+1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Second)
		at := min(sextant.InstantOf(end), v.Now())
		seq, err := v.machine.SeqAt(at)
		if err != nil {
			return err
		}
		all, err := v.machine.Populations(seq)
		if err != nil {
			return err
		}
		m := month{At: at.Time()}
		for _, p := range all {
			if !p.IsWhole() {
				m.Broken++
			}
		}
		if len(all) > 0 {
			view.Months = append(view.Months, m)
		}
	}
	return nil
}

// ofKind gives the gaps of one kind.
func (view unseenView) ofKind(kind monitor.GapKind) (list []monitor.Gap) {
	for _, g := range view.Gaps {
		if g.Kind == kind {
			list = append(list, g)
		}
	}
	return list
}

func gapPath(p page.Page, g monitor.Gap) string {
	if g.Register == "source" {
		return p.Link("/sources/" + g.Key + "/health")
	}
	return p.Link("/expected-sources/" + g.Key)
}

// places names accounts and regions short: one, or how many.
func placesText(g monitor.Gap) string {
	if len(g.Where) == 0 {
		return ""
	}
	first := g.Where[0].Account + " " + g.Where[0].Region
	if len(g.Where) > 1 {
		return fmt.Sprintf("%s +%d", first, len(g.Where)-1)
	}
	return first
}

func checkIDs(checks []*check.Compiled) (ids []string) {
	for _, c := range checks {
		ids = append(ids, c.ID)
	}
	return ids
}

// exportUnseen writes every gap with what rests on it.
func (s *section) exportUnseen(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, "")
	ctx := r.Context()
	texts := func(of func(monitor.Gap) []string) func(monitor.Gap) []string { return of }
	return s.look(r, actor, func(v *seen) error {
		if err := access.May(actor, access.Export, access.Subject{}, s.Kernel.Now()); err != nil {
			return err
		}
		gaps, err := monitor.Gaps(v.View, v.machine, v.checks)
		if err != nil {
			return err
		}
		sheet := grid.Sheet[monitor.Gap]{Caption: message.T(ctx, "unseen.title"), Row: func(g monitor.Gap) grid.Row { return grid.Row{Key: g.Key, Title: g.Title} }, Fields: []grid.Field[monitor.Gap]{
			{Key: "kind", Label: message.T(ctx, "unseen.col.kind"), Of: texts(func(g monitor.Gap) []string { return []string{string(g.Kind)} }), Word: func(k string) string { return message.T(ctx, "unseen.kind."+k) }},
			{Key: "title", Label: message.T(ctx, "unseen.col.what"), Of: texts(func(g monitor.Gap) []string { return []string{g.Title} })},
			{Key: "type", Label: message.T(ctx, "unseen.col.type"), Of: texts(func(g monitor.Gap) []string { return some(g.Type) })},
			{Key: "where", Label: message.T(ctx, "unseen.col.where"), Of: texts(placesOf)},
			{Key: "cause", Label: message.T(ctx, "unseen.col.cause"), Of: texts(func(g monitor.Gap) []string { return some(causeText(g)) })},
			{Key: "since", Label: message.T(ctx, "unseen.col.since"), Kind: table.DateTime, Of: texts(func(monitor.Gap) []string { return nil }), Out: func(g monitor.Gap) any { return instantOrNil(g.Since) }},
			{Key: "checks", Label: message.T(ctx, "unseen.col.checks"), Of: texts(func(g monitor.Gap) []string { return checkIDs(g.Checks) })},
			{Key: "controls", Label: message.T(ctx, "unseen.col.controls"), Of: texts(monitor.Gap.Controls)},
		}}
		return sheet.Send(w, p, gaps, grid.Stamp{Name: "unseen", At: v.Now(), By: actor.Name})
	})
}

func placesOf(g monitor.Gap) (all []string) {
	for _, w := range g.Where {
		all = append(all, w.Account+" "+w.Region)
	}
	return all
}

// causeText says what kept us from it, "" where nothing is known.
func causeText(g monitor.Gap) string {
	if g.Cause.Call == "" {
		return ""
	}
	return g.Cause.Call + ": " + g.Cause.Message
}

func instantOrNil(at sextant.Instant) any {
	if at == 0 {
		return nil
	}
	return at
}
