// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net"
	"net/http"
	"strings"

	"sextant/access"
)

// setUp is what the set-up form asks.
type setUp struct{ Organisation, Name, Email string }

func (s *server) signInForm(w http.ResponseWriter, r *http.Request) {
	s.draw(w, r, signInPage(localPath(r.URL.Query().Get("next")), "", ""))
}

func (s *server) signIn(w http.ResponseWriter, r *http.Request) {
	next, email := localPath(r.PostFormValue("next")), r.PostFormValue("email")
	session, err := s.Accounts.SignIn(r.Context(), email, r.PostFormValue("password"), r.PostFormValue("code"), addressOf(r))
	if err != nil {
		status, detail, hint := explain(err)
		w.WriteHeader(status)
		s.draw(w, r, signInPage(next, email, strings.TrimSpace(detail+" "+hint)))
		return
	}
	s.setCookie(w, session)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *server) setCookie(w http.ResponseWriter, session string) {
	http.SetCookie(w, &http.Cookie{Name: CookieName, Value: session, Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

func (s *server) signOut(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	if err := s.Accounts.SignOut(r.Context(), sessionOf(r)); err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: CookieName, Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}

func (s *server) setUpForm(w http.ResponseWriter, r *http.Request) {
	link := r.URL.Query().Get("link")
	if !s.Accounts.SetUpPending(r.Context(), link) {
		w.WriteHeader(http.StatusNotFound)
		s.draw(w, r, soloError(t(r.Context(), "setup.gone"), "", ""))
		return
	}
	s.draw(w, r, setUpPage(link, setUp{}, ""))
}

func (s *server) setUp(w http.ResponseWriter, r *http.Request) {
	in := setUp{Organisation: r.PostFormValue("organisation"), Name: r.PostFormValue("name"), Email: r.PostFormValue("email")}
	link := r.PostFormValue("link")
	session, err := s.Accounts.SetUp(r.Context(), link, in.Organisation, in.Name, in.Email, r.PostFormValue("password"))
	if err != nil {
		status, detail, hint := explain(err)
		w.WriteHeader(status)
		s.draw(w, r, setUpPage(link, in, strings.TrimSpace(detail+" "+hint)))
		return
	}
	s.setCookie(w, session)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *server) account(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var roles []string
	for _, role := range actor.Roles {
		roles = append(roles, string(role))
	}
	s.draw(w, r, accountPage(s.page(r, actor, t(r.Context(), "account.title")), strings.Join(roles, ", ")))
	return nil
}

// localPath keeps a redirect on this site.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	return next
}

func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
