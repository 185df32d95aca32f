// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// Progress is how far an organisation is on the way to its first state. It is
// read from what is there, so it can be left and resumed, and done in any order
// and on other pages as well.
type Progress struct {
	Organisation bool // its entry was gone over
	Units        bool // there is more than the one unit it began with
	Scope        bool // a management system says what it covers
	Connected    bool // a source is there
	Collected    bool // a source was read
}

// Done says whether nothing is left that a first state needs.
func (p Progress) Done() bool { return p.Scope && p.Connected && p.Collected }

// Steps counts what is done of what a first state needs.
func (p Progress) Steps() (done, of int) {
	for _, ok := range []bool{p.Organisation, p.Scope, p.Connected, p.Collected} {
		of++
		if ok {
			done++
		}
	}
	return done, of
}

// next is the first screen that has something left to do.
func (p Progress) next() string {
	switch {
	case !p.Organisation:
		return "organisation"
	case !p.Scope:
		return "scope"
	case !p.Connected:
		return "connect"
	}
	return "collect"
}

// ProgressOf reads how far the organisation of a view is.
func ProgressOf(v *register.View, m evidence.Reader) (p Progress, err error) {
	all, err := v.List(register.List{Register: "organisation", Limit: 1})
	if err != nil {
		return p, err
	}
	for _, e := range all.Entries {
		p.Organisation = e.Version > 1
	}
	counts := map[string]int{}
	for _, name := range []string{"scope_unit", "management_system", "source"} {
		if counts[name], err = v.CountOf(name); err != nil {
			return p, err
		}
	}
	runs, err := m.Runs("", sextant.LatestSeq, 1)
	p.Units, p.Scope, p.Connected, p.Collected = counts["scope_unit"] > 1, counts["management_system"] > 0, counts["source"] > 0, len(runs) > 0
	return p, err
}

const hideCookie = "sextant_started"

// Started gives what the first page should lead somebody on with: nil to those
// who may not do the steps, once they are done, at past moments, and where the
// reader put them away.
func Started(r *http.Request, v *register.View, m evidence.Reader) (*Progress, error) {
	cookie, err := r.Cookie(hideCookie)
	hidden := err == nil && cookie.Value == "hidden"
	if hidden || v.Moment() != 0 || access.May(v.Actor(), access.Create, access.Subject{Register: "source"}, v.Now()) != nil {
		return nil, nil
	}
	p, err := ProgressOf(v, m)
	if err != nil || p.Done() {
		return nil, err
	}
	return &p, nil
}

func (s *section) hideStarted(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	http.SetCookie(w, &http.Cookie{Name: hideCookie, Value: "hidden", Path: "/", MaxAge: 365 * 24 * 3600, Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// getStarted leads to the first screen that has something left to do.
func (s *section) getStarted(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p, err := s.progress(r, actor)
	if err != nil {
		return err
	}
	next := "/get-started/" + p.next()
	if p.Done() {
		next = "/"
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (s *section) progress(r *http.Request, actor access.Actor) (p Progress, err error) {
	err = s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		p, err = ProgressOf(v, m)
		return err
	})
	return p, err
}

// screens of the path in their order, after the one that made the account.
var screens = []string{"organisation", "units", "scope", "connect", "collect"}

// screen is what every screen of the path draws.
type screen struct {
	page.Page
	Name     string
	Number   int // of the whole path, the account being the first
	Progress Progress
	Account  string // whose account was made
	Units    int
	Problem  page.Problem
}

func (s *section) screen(r *http.Request, actor access.Actor, name, title string, problem page.Problem) (x screen, err error) {
	if err := s.may(actor, access.Create); err != nil {
		return x, err
	}
	x = screen{Page: s.Page(r, actor, title), Name: name, Problem: problem}
	for i, known := range screens {
		if known == name {
			x.Number = i + 2
		}
	}
	if x.Progress, err = s.progress(r, actor); err != nil {
		return x, err
	}
	x.Account = x.Who
	return x, s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) (err error) {
		x.Units, err = v.CountOf("scope_unit")
		return err
	})
}

// skip is where a screen is left for, undone.
func (x screen) skip() string {
	if x.Number-1 < len(screens) {
		return "/get-started/" + screens[x.Number-1]
	}
	return "/"
}

// back is the screen before, "" on the first.
func (x screen) back() string {
	if x.Number < 3 {
		return ""
	}
	return "/get-started/" + screens[x.Number-3]
}

func (x screen) status() int { return max(x.Problem.Status, http.StatusOK) }

// onward goes to the next screen after one was done.
func onward(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
