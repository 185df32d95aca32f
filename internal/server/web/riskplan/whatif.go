// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/crosswalk"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks/tabs"
	"sextant/register"
	"sextant/risk"
	"sextant/soa"
)

// whatIfView is what would follow from a supposition.
type whatIfView struct {
	Tabs       []tabs.Tab
	Kind       risk.SupposedKind
	Controls   []choice
	Sources    []choice
	Treatments []choice
	Supports   []support // while nothing is supposed
	Outcome    *risk.Outcome
	Shifted    []shiftedControl
	Rows       []statedRow
	Frameworks []frameworkShift
	Troubles   troubles
}

// support is what rests on a control, and where more of it is told.
type support struct {
	risk.Support
	Path string
}

type shiftedControl struct {
	ID, Title, Path string
	Before, After   control.State
}

// statedRow is a row of a statement of applicability that would speak of a
// control as implemented without evidence that passes.
type statedRow struct{ ID, Title, Path, System string }

// frameworkShift counts the requirements of a framework whose inferred state
// would be another.
type frameworkShift struct {
	ID, Title string
	Count     int
	Some      []string // the first of them
}

func (s *section) whatIf(board crosswalk.Board) page.Serve {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		p := s.Page(r, actor, message.T(r.Context(), "riskplan.whatif.title"))
		q := r.URL.Query()
		view := whatIfView{Kind: risk.SupposedKind(q.Get("kind"))}
		var problem error
		if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) (err error) {
			if err := access.May(actor, access.Read, access.Subject{Register: risk.Risks.Name}, v.Now()); err != nil {
				return err
			}
			if err := view.choices(v, q.Get("of")); err != nil {
				return err
			}
			if view.Kind == "" {
				view.Supports, err = supports(v)
				return err
			}
			problem = view.suppose(v, m, board, q.Get("of"))
			return nil
		}); err != nil {
			return err
		}
		status := http.StatusOK
		if problem != nil {
			view.Outcome = nil
			var ok bool
			if view.Troubles, status, ok = troublesOf(problem); !ok {
				if sextant.CodeOf(problem) != sextant.NotFound {
					return problem
				}
				status, view.Troubles = http.StatusNotFound, troubles{{Says: message.T(r.Context(), "riskplan.whatif.nothing")}}
			}
		}
		s.DrawStatus(w, r, status, whatIfPage(p, view))
		return nil
	}
}

// supports lists the controls that hold most. Nothing in it depends on who reads.
func supports(v *register.View) (list []support, err error) {
	held, err := register.Recall(v, "riskplan.supports", func() ([]risk.Support, sextant.Instant, error) {
		list, err := risk.Supports(v)
		return list, 0, err
	})
	for _, s := range held {
		list = append(list, support{s, whatIfPath + "?" + url.Values{"kind": {string(risk.ControlFails)}, "of": {s.Control}}.Encode()})
	}
	return list, err
}

func (view *whatIfView) choices(v *register.View, of string) (err error) {
	if view.Tabs, err = tabs.Of(v); err != nil {
		return err
	}
	treated, err := risk.Treated(v)
	if err != nil {
		return err
	}
	rows, err := control.InUse(v)
	if err != nil {
		return err
	}
	for _, c := range rows {
		if reference := c.Reference().String(); len(treated[reference]) > 0 || reference == of {
			view.Controls = append(view.Controls, choice{reference, c.ID + " " + c.Title, reference == of})
		}
	}
	sources, err := v.Select(evidence.Sources.Name)
	if err != nil {
		return err
	}
	for _, e := range sources {
		view.Sources = append(view.Sources, choice{e.Key, e.Title(), e.Key == of})
	}
	treatments, err := v.Select(risk.Treatments.Name, register.Filter{Field: "state", Op: register.Is, Values: []string{risk.Planned, risk.Proposed, risk.Agreed, risk.InProgress}})
	for _, e := range treatments {
		view.Treatments = append(view.Treatments, choice{e.Key, e.Title(), e.Key == of})
	}
	return err
}

func (view *whatIfView) suppose(v *register.View, m evidence.Reader, board crosswalk.Board, of string) error {
	o, err := risk.WhatIf(v, risk.Supposition{Kind: view.Kind, Of: of})
	if err != nil {
		return err
	}
	view.Outcome = &o
	after := map[string]control.State{}
	for _, c := range o.Controls {
		id := framework.IDOf(c.Control)
		after[c.Control] = c.After
		view.Shifted = append(view.Shifted, shiftedControl{id, v.TitleOf("control", c.Control), "/controls/" + url.PathEscape(id), c.Before, c.After})
	}
	if len(after) == 0 {
		return nil
	}
	if err := view.stated(v, m, after); err != nil {
		return err
	}
	return view.required(v, m, board, after)
}

// stated lists the rows of statements that would no longer be backed.
func (view *whatIfView) stated(v *register.View, m evidence.Reader, after map[string]control.State) error {
	systems, err := v.Select("management_system", register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return err
	}
	for _, system := range systems {
		lines, err := soa.Statement(v, m, system.Key)
		if err != nil {
			return err
		}
		for _, l := range lines {
			state, changes := after[l.Row.Control]
			if !changes || state == control.Pass || l.Evidence.State != control.Pass || l.Decision() != soa.Applicable || l.Declared.Value != "implemented" {
				continue
			}
			view.Rows = append(view.Rows, statedRow{l.Control.ID, l.Control.Title, "/statement?system=" + system.Key + "&in=" + url.QueryEscape(l.Control.ID), system.Title()})
		}
	}
	return nil
}

// required counts, by framework, the requirements whose inferred state would be
// another.
func (view *whatIfView) required(v *register.View, m evidence.Reader, board crosswalk.Board, after map[string]control.State) error {
	if board.Standing == nil {
		return nil
	}
	now, err := board.At(v, m)
	if err != nil {
		return err
	}
	supposed := board
	supposed.Standing = func(v *register.View, r evidence.Reader) (map[string]control.State, error) {
		states, err := board.Standing(v, r)
		if err != nil {
			return nil, err
		}
		states = maps.Clone(states)
		for reference, state := range after {
			if _, counts := states[reference]; counts {
				states[reference] = state
			}
		}
		return states, nil
	}
	then, err := supposed.At(v, m)
	if err != nil {
		return err
	}
	trees, err := board.Trees(v)
	if err != nil {
		return err
	}
	for _, t := range trees {
		asks, err := board.Asking(v, t.ID)
		if err != nil {
			return err
		}
		shift := frameworkShift{ID: t.ID, Title: t.Title}
		for _, reference := range asks {
			if reference == "" {
				continue
			}
			was, _ := now.Brief(reference)
			is, _ := then.Brief(reference)
			if was == is {
				continue
			}
			if shift.Count++; len(shift.Some) < 6 {
				shift.Some = append(shift.Some, reference[strings.LastIndex(reference, "/")+1:])
			}
		}
		if shift.Count > 0 {
			view.Frameworks = append(view.Frameworks, shift)
		}
	}
	slices.SortStableFunc(view.Frameworks, func(a, b frameworkShift) int { return b.Count - a.Count })
	return nil
}
