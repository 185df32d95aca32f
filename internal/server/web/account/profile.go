// SPDX-License-Identifier: Apache-2.0

package account

import (
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// profileView is what the first page of one's account shows.
type profileView struct {
	access.Profile
	Person string // title of the person entry
	Until  sextant.Instant
	Places []page.Place
}

func (s *section) profile(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	me, err := s.accounts.Profile(r.Context(), page.SessionOf(r))
	if err != nil {
		return err
	}
	view := profileView{Profile: me, Until: actor.Until}
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		if actor.Person != "" {
			view.Person = v.TitleOf("person", actor.Person)
		}
		return nil
	}); err != nil {
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "account.title"))
	view.Places = p.Places
	s.Draw(w, r, profilePage(p, view))
	return nil
}

// securityView is what the page about signing in shows.
type securityView struct {
	SecondFactor bool
	Sessions     []access.OpenSession
	Names        map[sextant.Organisation]string
	Now          sextant.Instant
	Problem      page.Problem
	Form         string // the form the problem is about
	Done         string // key of what was done, for a message
}

func (s *section) security(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawSecurity(w, r, actor, securityView{Done: r.URL.Query().Get("done")})
}

// dones are the messages a redirect may name.
var dones = map[string]bool{"password": true, "on": true, "off": true, "ended": true}

func (s *section) drawSecurity(w http.ResponseWriter, r *http.Request, actor access.Actor, view securityView) error {
	me, err := s.accounts.Profile(r.Context(), page.SessionOf(r))
	if err != nil {
		return err
	}
	if view.Sessions, err = s.accounts.Sessions(r.Context(), page.SessionOf(r)); err != nil {
		return err
	}
	if !dones[view.Done] {
		view.Done = ""
	}
	view.SecondFactor, view.Now = me.SecondFactor, s.Kernel.Now()
	p := s.Page(r, actor, message.T(r.Context(), "account.security.title"))
	view.Names = map[sextant.Organisation]string{}
	for _, place := range p.Places {
		view.Names[place.Number] = place.Name
	}
	s.DrawStatus(w, r, max(view.Problem.Status, http.StatusOK), securityPage(p, view))
	return nil
}

// refused shows a problem in the form it belongs to, or gives the error back.
func (s *section) refused(w http.ResponseWriter, r *http.Request, actor access.Actor, form string, err error) error {
	problem, ok := page.ProblemOf(err)
	if !ok {
		return err
	}
	return s.drawSecurity(w, r, actor, securityView{Problem: problem, Form: form})
}

func (s *section) changePassword(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.accounts.ChangePassword(r.Context(), page.SessionOf(r), r.PostFormValue("old"), r.PostFormValue("code"), r.PostFormValue("password")); err != nil {
		return s.refused(w, r, actor, "password", err)
	}
	return done(w, r, "password")
}

func done(w http.ResponseWriter, r *http.Request, what string) error {
	http.Redirect(w, r, "/account/security?done="+what, http.StatusSeeOther)
	return nil
}

func (s *section) endSession(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	if err := s.accounts.EndSession(r.Context(), page.SessionOf(r), r.PostFormValue("id")); err != nil {
		return err
	}
	return done(w, r, "ended")
}

// problem is the problem of one of the page's forms.
func (v securityView) problem(form string) page.Problem {
	if v.Form == form {
		return v.Problem
	}
	return page.Problem{}
}
