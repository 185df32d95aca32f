// SPDX-License-Identifier: Apache-2.0

package account

import (
	"net"
	"net/http"
	"strings"

	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
)

// setUp is what the set-up form asks.
type setUp struct{ Organisation, Name, Email string }

func (s *section) signInForm(w http.ResponseWriter, r *http.Request) {
	s.Draw(w, r, signInPage(s.Site, page.Local(r.URL.Query().Get("next")), "", ""))
}

func (s *section) signIn(w http.ResponseWriter, r *http.Request) {
	next, email := page.Local(r.PostFormValue("next")), r.PostFormValue("email")
	session, err := s.accounts.SignIn(r.Context(), email, r.PostFormValue("password"), r.PostFormValue("code"), addressOf(r))
	if err != nil {
		status, detail, hint := page.Explain(err)
		s.DrawStatus(w, r, status, signInPage(s.Site, next, email, strings.TrimSpace(detail+" "+hint)))
		return
	}
	s.setCookie(w, session)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *section) setCookie(w http.ResponseWriter, session string) {
	http.SetCookie(w, &http.Cookie{Name: page.CookieName, Value: session, Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

func (s *section) signOut(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	if err := s.accounts.SignOut(r.Context(), page.SessionOf(r)); err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: page.CookieName, Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}

func (s *section) setUpForm(w http.ResponseWriter, r *http.Request) {
	link := r.URL.Query().Get("link")
	if !s.accounts.SetUpPending(r.Context(), link) {
		s.DrawStatus(w, r, http.StatusNotFound, page.SoloError(s.Site, message.T(r.Context(), "setup.gone"), "", ""))
		return
	}
	s.Draw(w, r, setUpPage(s.Site, link, setUp{}, ""))
}

func (s *section) setUp(w http.ResponseWriter, r *http.Request) {
	in := setUp{Organisation: r.PostFormValue("organisation"), Name: r.PostFormValue("name"), Email: r.PostFormValue("email")}
	link := r.PostFormValue("link")
	session, err := s.accounts.SetUp(r.Context(), link, in.Organisation, in.Name, in.Email, r.PostFormValue("password"))
	if err != nil {
		status, detail, hint := page.Explain(err)
		s.DrawStatus(w, r, status, setUpPage(s.Site, link, in, strings.TrimSpace(detail+" "+hint)))
		return
	}
	s.setCookie(w, session)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *section) account(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var roles []string
	for _, role := range actor.Roles {
		roles = append(roles, string(role))
	}
	s.Draw(w, r, accountPage(s.Page(r, actor, message.T(r.Context(), "account.title")), strings.Join(roles, ", ")))
	return nil
}

func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
