// SPDX-License-Identifier: Apache-2.0

package account

import (
	"net/http"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/organisation"
	"sextant/register"
)

// appearance keeps theme and density in cookies, so that the server draws the
// next page right; an empty value follows the system again.
func (s *section) appearance(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	for _, name := range []string{"theme", "density"} {
		if !r.PostForm.Has(name) {
			continue
		}
		cookie := &http.Cookie{Name: "sextant_" + name, Value: r.PostForm.Get(name), Path: "/", MaxAge: 365 * 24 * 3600, Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
		if cookie.Value == "" {
			cookie.MaxAge = -1
		}
		http.SetCookie(w, cookie)
	}
	if r.PostForm.Has("zone") {
		if err := s.keepZone(w, strings.TrimSpace(r.PostForm.Get("zone"))); err != nil {
			return s.drawAppearance(w, r, actor, r.PostForm.Get("zone"), err)
		}
	}
	http.Redirect(w, r, page.Local(r.PostForm.Get("back")), http.StatusSeeOther)
	return nil
}

// keepZone keeps the time zone of this browser: it belongs to where somebody
// sits, and goes with them to no other. "" follows the organisation again.
func (s *section) keepZone(w http.ResponseWriter, zone string) error {
	if _, err := page.ParseZone(zone); err != nil {
		return err
	}
	cookie := &http.Cookie{Name: page.ZoneCookie, Value: zone, Path: "/", MaxAge: 365 * 24 * 3600, Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if zone == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
	return nil
}

// appearanceView is what the form shows.
type appearanceView struct {
	Zone    string // as typed, or as this browser chose
	Ours    string // of the organisation
	Now     sextant.Instant
	Problem page.Problem
}

func (s *section) appearancePage(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawAppearance(w, r, actor, page.OwnZone(r), nil)
}

func (s *section) drawAppearance(w http.ResponseWriter, r *http.Request, actor access.Actor, zone string, problem error) error {
	view := appearanceView{Zone: zone, Now: s.Kernel.Now()}
	status := http.StatusOK
	if problem != nil {
		known, ok := page.ProblemOf(problem)
		if !ok {
			return problem
		}
		view.Problem, status = known, max(known.Status, http.StatusOK)
	}
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		view.Ours = organisation.Zone(v).String()
		return nil
	}); err != nil {
		return err
	}
	s.DrawStatus(w, r, status, appearanceForm(s.Page(r, actor, message.T(r.Context(), "account.appearance.title")), view))
	return nil
}
