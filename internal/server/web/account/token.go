// SPDX-License-Identifier: Apache-2.0

package account

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
)

// tokensView is the page of one's own tokens.
type tokensView struct {
	Tokens  []access.APIToken
	Made    string // the token just made, shown this once
	Form    tokenForm
	Now     sextant.Instant
	Problem page.Problem
}

// tokenForm asks for a token. Scope is what it may do where it is limited.
type tokenForm struct {
	Title   string
	Days    int
	Limited bool
	Scope   map[access.Verb]bool
}

// tokenDays are the lifetimes that are offered.
var tokenDays = []int{7, 30, 90, 180, 365}

const defaultDays = 90

// header is how a request carries a token.
const header = "Authorization: Bearer sxt_…"

func (f tokenForm) verbs() []access.Verb {
	if !f.Limited {
		return nil
	}
	verbs := []access.Verb{} // not nil: a token that may do nothing is what was asked for
	for _, v := range access.Verbs() {
		if f.Scope[v] {
			verbs = append(verbs, v)
		}
	}
	return verbs
}

func tokenFormOf(r *http.Request) (f tokenForm, err error) {
	f = tokenForm{Title: strings.TrimSpace(r.PostFormValue("title")), Limited: r.PostFormValue("may") == "some", Scope: map[access.Verb]bool{}}
	for _, name := range r.PostForm["scope"] {
		f.Scope[access.Verb(name)] = true
	}
	if f.Days, err = strconv.Atoi(r.PostFormValue("days")); err != nil {
		return f, sextant.Errorf(sextant.Invalid, "%q is no number of days", r.PostFormValue("days")).At("days")
	}
	return f, nil
}

func (s *section) tokens(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawTokens(w, r, actor, tokensView{Form: tokenForm{Days: defaultDays, Scope: map[access.Verb]bool{access.Read: true}}})
}

func (s *section) drawTokens(w http.ResponseWriter, r *http.Request, actor access.Actor, view tokensView) (err error) {
	if view.Tokens, err = s.accounts.OwnTokens(r.Context(), actor); err != nil {
		return err
	}
	view.Now = s.Kernel.Now()
	s.DrawStatus(w, r, max(view.Problem.Status, http.StatusOK), tokensPage(s.Page(r, actor, message.T(r.Context(), "account.tokens.title")), view))
	return nil
}

// makeToken answers with the page itself, not with a redirect: the token is
// nowhere else.
func (s *section) makeToken(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	form, err := tokenFormOf(r)
	view := tokensView{Form: form}
	if err == nil {
		view.Made, err = s.accounts.MakeToken(r.Context(), actor, actor.Email, form.Title, form.verbs(), time.Duration(form.Days)*24*time.Hour)
	}
	if err != nil {
		var ok bool
		if view.Problem, ok = page.ProblemOf(err); !ok {
			return err
		}
	}
	return s.drawTokens(w, r, actor, view)
}

func (s *section) revokeToken(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.accounts.RevokeToken(r.Context(), actor, r.PostFormValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/account/tokens", http.StatusSeeOther)
	return nil
}
