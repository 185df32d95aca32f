// SPDX-License-Identifier: Apache-2.0

// Package account is where people sign in, set the installation up, join an
// organisation, and look after what is theirs: password, second factor, tokens,
// sessions, appearance. Nothing here touches anybody else's account.
package account

import (
	"context"
	"net/http"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/page"
)

// Accounts is what these pages need of accounts. Errors may be shown.
type Accounts interface {
	page.Accounts
	SignIn(ctx context.Context, email, password, code, address string) (session string, err error)
	SignOut(ctx context.Context, session string) error
	SwitchOrganisation(ctx context.Context, session string, org sextant.Organisation) error

	// SetUp uses a one-time set-up link to make the first account.
	SetUp(ctx context.Context, link, organisation, name, email, password string) (session string, err error)
	// SetUpPending says whether a set-up link is still good.
	SetUpPending(ctx context.Context, link string) bool
	// Invitation tells what an invitation is for; Join uses it.
	Invitation(ctx context.Context, link string) (access.Link, access.Actor, error)
	Join(ctx context.Context, link, name, password, code string) (session string, err error)

	Profile(ctx context.Context, session string) (access.Profile, error)
	ChangePassword(ctx context.Context, session, old, code, next string) error
	BeginSecondFactor(ctx context.Context, session string) (url, secret string, err error)
	ConfirmSecondFactor(ctx context.Context, session, secret, code string) error
	EndSecondFactor(ctx context.Context, session, password, code string) error
	Sessions(ctx context.Context, session string) ([]access.OpenSession, error)
	EndSession(ctx context.Context, session, id string) error

	OwnTokens(ctx context.Context, actor access.Actor) ([]access.APIToken, error)
	MakeToken(ctx context.Context, actor access.Actor, email, title string, scope []access.Verb, lasts time.Duration) (string, error)
	RevokeToken(ctx context.Context, actor access.Actor, id string) error
}

type section struct {
	*page.Site
	accounts Accounts
}

// Section gives the pages of one's own account.
func Section(site *page.Site, accounts Accounts) page.Section {
	s := &section{site, accounts}
	return page.Section{Routes: map[string]page.Serve{
		"GET /account":                    s.profile,
		"GET /account/security":           s.security,
		"POST /account/password":          s.changePassword,
		"GET /account/second-factor":      s.beginSecondFactor,
		"POST /account/second-factor":     s.confirmSecondFactor,
		"POST /account/end-second-factor": s.endSecondFactor,
		"POST /account/end-session":       s.endSession,
		"GET /account/tokens":             s.tokens,
		"POST /account/tokens":            s.makeToken,
		"POST /account/revoke-token":      s.revokeToken,
		"GET /account/appearance":         s.appearancePage,
		"POST /appearance":                s.appearance,
		"POST /switch":                    s.switchOrganisation,
		"POST /sign-out":                  s.signOut,
	}}
}

// Public answers who is not signed in, by pattern of net/http.
func Public(site *page.Site, accounts Accounts) map[string]http.HandlerFunc {
	s := &section{site, accounts}
	return map[string]http.HandlerFunc{
		"GET /sign-in":  s.signInForm,
		"POST /sign-in": page.Stranger(s.signIn),
		"GET /set-up":   s.setUpForm,
		"POST /set-up":  page.Stranger(s.setUp),
		"GET /join":     s.joinForm,
		"POST /join":    page.Stranger(s.join),
	}
}
