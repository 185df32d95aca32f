// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"net/http"
	"net/url"
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
	"sextant/supposition"
)

// whatIfView is what would follow from a supposition.
type whatIfView struct {
	Tabs       []tabs.Tab
	Kind       risk.SupposedKind
	Controls   []choice
	Sources    []choice
	Treatments []choice
	Supports   []support // while nothing is supposed
	Outcome    *supposition.Outcome
	Shifted    []shiftedControl
	Rows       map[supposition.Saying][]statedRow
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

// statedRow is a row of a statement of applicability that would not say what is.
type statedRow struct{ ID, Title, Path string }

// frameworkShift is a framework with how many of its requirements would stand
// otherwise.
type frameworkShift struct {
	ID, Title string
	Count     int
	Some      []string // the first of them
}

// mostNamed are the requirements of a framework that are named.
const mostNamed = 6

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
	o, err := supposition.Suppose(v, m, board, risk.Supposition{Kind: view.Kind, Of: of})
	if err != nil {
		return err
	}
	view.Outcome = &o
	for _, c := range o.Controls {
		id := framework.IDOf(c.Control)
		view.Shifted = append(view.Shifted, shiftedControl{id, v.TitleOf("control", c.Control), "/controls/" + url.PathEscape(id), c.Before, c.After})
	}
	view.Rows = map[supposition.Saying][]statedRow{}
	for _, row := range o.Statement {
		view.Rows[row.Says] = append(view.Rows[row.Says], statedRow{row.ID, row.Title, "/statement?system=" + row.System + "&in=" + url.QueryEscape(row.ID)})
	}
	for _, f := range o.Requirements {
		shift := frameworkShift{ID: f.ID, Title: f.Title, Count: len(f.Points)}
		for _, reference := range f.Points[:min(len(f.Points), mostNamed)] {
			shift.Some = append(shift.Some, reference[strings.LastIndex(reference, "/")+1:])
		}
		view.Frameworks = append(view.Frameworks, shift)
	}
	return nil
}
