// SPDX-License-Identifier: Apache-2.0

// Package account is where people sign in, set the installation up, and look
// after what is theirs: appearance, sessions, second factor.
package account

import (
	"context"
	"net/http"

	"sextant/internal/server/web/page"
)

// Accounts is what these pages need of accounts. Errors may be shown.
type Accounts interface {
	page.Accounts
	SignIn(ctx context.Context, email, password, code, address string) (session string, err error)
	SignOut(ctx context.Context, session string) error
	// SetUp uses a one-time set-up link to make the first account.
	SetUp(ctx context.Context, link, organisation, name, email, password string) (session string, err error)
	// SetUpPending says whether a set-up link is still good.
	SetUpPending(ctx context.Context, link string) bool
}

type section struct {
	*page.Site
	accounts Accounts
}

// Section gives the pages of one's own account.
func Section(site *page.Site, accounts Accounts) page.Section {
	s := &section{site, accounts}
	return page.Section{Routes: map[string]page.Serve{
		"GET /account":     s.account,
		"POST /appearance": s.appearance,
		"POST /sign-out":   s.signOut,
	}}
}

// Public answers who is not signed in.
func Public(mux *http.ServeMux, site *page.Site, accounts Accounts) {
	s := &section{site, accounts}
	mux.HandleFunc("GET /sign-in", s.signInForm)
	mux.HandleFunc("POST /sign-in", s.signIn)
	mux.HandleFunc("GET /set-up", s.setUpForm)
	mux.HandleFunc("POST /set-up", s.setUp)
}
