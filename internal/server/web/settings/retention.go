// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/organisation"
	"sextant/register"
)

// retentionView is how long each class is kept and what is due.
type retentionView struct {
	Classes  []class
	Edit     string // path of the form that decides it, "" where the actor may not
	Holds    []register.LegalHold
	MayErase bool
	Due      []register.Due
	Free     int // of those, how many no hold keeps
	Erased   string
	Problem  page.Problem
}

// class is one retention class with the registers that follow it.
type class struct {
	Name, Period string
	Registers    []*register.Definition
}

// classes in the order of the page, from the longest.
var classes = []string{register.Permanent, register.TwoCycles, register.Cycle, register.Contract, register.Employment, register.Short}

// dueShown bounds the list of the page.
const dueShown = 200

func (s *section) retention(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawRetention(w, r, actor, retentionView{Erased: r.URL.Query().Get("erased")})
}

func (s *section) drawRetention(w http.ResponseWriter, r *http.Request, actor access.Actor, view retentionView) error {
	if err := s.may(actor, access.Inspect); err != nil {
		return err
	}
	if !s.Has("organisation") {
		return sextant.Errorf(sextant.NotFound, "nothing is decided about retention here")
	}
	view.MayErase = s.Custody != nil && s.allows(actor, access.Erase)
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { return s.fillRetention(v, &view) }); err != nil {
		return err
	}
	s.DrawStatus(w, r, max(view.Problem.Status, http.StatusOK), retentionPage(s.Page(r, actor, message.T(r.Context(), "retention.title")), view))
	return nil
}

func (s *section) fillRetention(v *register.View, view *retentionView) error {
	policy, err := organisation.Retention(v)
	if err != nil {
		return err
	}
	view.Holds = policy.Holds
	for _, name := range classes {
		c := class{Name: name}
		if period := policy.Periods[name]; period != "" {
			c.Period = page.Duration(v.Context(), period)
		}
		for _, def := range v.Set().All() {
			if def.Retention == name && def.Group != "" {
				c.Registers = append(c.Registers, def)
			}
		}
		view.Classes = append(view.Classes, c)
	}
	all, err := organisation.Organisations.All(v)
	if len(all) > 0 && access.May(v.Actor(), access.Edit, access.Subject{Register: "organisation", People: []string{all[0].Fields.ISMSManager}}, v.Now()) == nil {
		view.Edit = page.Path(all[0].Entry) + "/edit"
	}
	if err != nil || !view.MayErase {
		return err // what is due is told to those who decide about it
	}
	view.Due, err = v.DueErasures()
	for _, d := range view.Due {
		if d.Held == "" {
			view.Free++
		}
	}
	return err
}

func (s *section) eraseDue(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.may(actor, access.Erase); err != nil {
		return err
	}
	if s.Custody == nil {
		return sextant.Errorf(sextant.NotFound, "nothing can be erased here")
	}
	err := s.proved(r)
	var n int
	if err == nil {
		n, err = s.Custody.EraseDue(r.Context(), actor)
	}
	if err != nil {
		problem, ok := page.ProblemOf(err)
		if !ok {
			return err
		}
		return s.drawRetention(w, r, actor, retentionView{Problem: problem})
	}
	http.Redirect(w, r, "/settings/retention?erased="+page.Count(n), http.StatusSeeOther)
	return nil
}
