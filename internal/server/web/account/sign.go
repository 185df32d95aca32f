// SPDX-License-Identifier: Apache-2.0

package account

import (
	"net"
	"net/http"

	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
)

// setUp is what the set-up form asks.
type setUp struct{ Organisation, Name, Email string }

func (s *section) signInForm(w http.ResponseWriter, r *http.Request) {
	s.Draw(w, r, signInPage(s.Site, page.Local(r.URL.Query().Get("next")), "", page.Problem{}))
}

func (s *section) signIn(w http.ResponseWriter, r *http.Request) {
	next, email := page.Local(r.PostFormValue("next")), r.PostFormValue("email")
	session, err := s.accounts.SignIn(r.Context(), email, r.PostFormValue("password"), r.PostFormValue("code"), addressOf(r))
	if err != nil {
		problem := solo(err)
		s.DrawStatus(w, r, problem.Status, signInPage(s.Site, next, email, problem))
		return
	}
	s.setCookie(w, session)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// solo gives what a form outside the frame shows of an error; there is no other
// page to show it on.
func solo(err error) page.Problem {
	if problem, ok := page.ProblemOf(err); ok {
		return problem
	}
	status, detail, hint := page.Explain(err)
	return page.Problem{Status: status, Detail: detail, Hint: hint}
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
		s.DrawStatus(w, r, http.StatusNotFound, page.SoloError(s.Site, message.T(r.Context(), "setup.gone"), message.T(r.Context(), "setup.gone.again"), ""))
		return
	}
	s.Draw(w, r, setUpPage(s.Site, link, setUp{}, page.Problem{}))
}

func (s *section) setUp(w http.ResponseWriter, r *http.Request) {
	in := setUp{Organisation: r.PostFormValue("organisation"), Name: r.PostFormValue("name"), Email: r.PostFormValue("email")}
	link := r.PostFormValue("link")
	session, err := s.accounts.SetUp(r.Context(), link, in.Organisation, in.Name, in.Email, r.PostFormValue("password"))
	if err != nil {
		problem := solo(err)
		s.DrawStatus(w, r, problem.Status, setUpPage(s.Site, link, in, problem))
		return
	}
	s.setCookie(w, session)
	http.Redirect(w, r, s.firstPage(), http.StatusSeeOther)
}

// firstPage is where somebody begins who has just set the installation up.
func (s *section) firstPage() string {
	for _, section := range s.Sections {
		if section.Routes["GET /get-started"] != nil {
			return "/get-started"
		}
	}
	return "/"
}

func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
