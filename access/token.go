// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"sextant"
)

// MakeToken gives an API token of the actor's own account, shown once; at the
// machine's shell, of any member's. scope nil = everything the member's roles
// allow; lasts 0 = 90 days.
func (a *Accounts) MakeToken(ctx context.Context, actor Actor, email, title string, scope []Verb, lasts time.Duration) (string, error) {
	if err := a.mayMake(actor, email, scope); err != nil {
		return "", err
	}
	if lasts == 0 {
		lasts = defaultToken
	}
	if lasts < 0 || lasts > longestToken {
		return "", sextant.Errorf(sextant.Invalid, "a token lasts at most a year").At("expires")
	}
	if title == "" {
		return "", sextant.Errorf(sextant.Invalid, "say what the token is for").At("title")
	}
	if scope != nil && len(scope) == 0 {
		return "", sextant.Errorf(sextant.Invalid, "choose something the token may do").At("scope")
	}
	for _, verb := range scope {
		if !slices.Contains(Verbs(), verb) {
			return "", sextant.Errorf(sextant.Invalid, "%q is nothing a token could do", verb).At("scope")
		}
	}
	account, err := a.member(ctx, actor.Organisation, email)
	if err != nil {
		return "", err
	}
	token, hash := newToken("sxt_")
	t := APIToken{Hash: hash, ID: rand.Text()[:8], Organisation: actor.Organisation, Account: account.ID, Title: title, Scope: scope, Created: a.clock(), Expires: a.clock().Add(lasts)}
	return token, a.store.PutToken(ctx, t, Event{By: actor.Name, What: "token_made", Subject: a.named(ctx, actor.Organisation, account.ID), Details: map[string]any{"id": t.ID, "title": title, "scope": scope, "expires": t.Expires.String()}})
}

// mayMake: a token acts in its account's name, so nobody makes one in another's,
// an administrator neither; and no token makes one that may do more than itself.
func (a *Accounts) mayMake(actor Actor, email string, scope []Verb) error {
	own := actor.Email != "" && actor.Email == email
	if err := May(actor, Admit, Subject{Personal: own}, a.clock()); err != nil {
		return err
	}
	if !own && !actor.Holds(Operator) {
		return sextant.Errorf(sextant.Denied, "a token acts in the name of its account, so only %s can make it", email)
	}
	beyond := func(v Verb) bool { return !slices.Contains(actor.Scope, v) }
	if actor.Scope != nil && (scope == nil || slices.ContainsFunc(scope, beyond)) {
		return sextant.Errorf(sextant.Denied, "a token makes no token that may do more than itself").At("scope")
	}
	return nil
}

// Token tells who holds an API token.
func (a *Accounts) Token(ctx context.Context, token string) (Actor, error) {
	bad := sextant.Errorf(sextant.Unauthenticated, "the token is unknown or has run out")
	t, err := a.store.Token(ctx, hashToken(token))
	if sextant.CodeOf(err) == sextant.NotFound || (err == nil && a.clock() >= t.Expires) {
		return Actor{}, bad
	}
	if err != nil {
		return Actor{}, err
	}
	if now := a.clock(); now > t.LastUsed.Add(time.Minute) {
		if err := a.store.UsedToken(ctx, t.Hash, now); err != nil {
			return Actor{}, err
		}
	}
	return a.actor(ctx, t.Organisation, t.Account, Proof{Method: Token, At: a.clock()}, t.Scope)
}

// Tokens lists the organisation's tokens, without the tokens.
func (a *Accounts) Tokens(ctx context.Context, actor Actor) ([]APIToken, error) {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return nil, err
	}
	return a.store.Tokens(ctx, actor.Organisation)
}

// OwnTokens lists the tokens that act for the actor's own account.
func (a *Accounts) OwnTokens(ctx context.Context, actor Actor) ([]APIToken, error) {
	if err := May(actor, Admit, Subject{Personal: true}, a.clock()); err != nil {
		return nil, err
	}
	all, err := a.store.Tokens(ctx, actor.Organisation)
	return slices.DeleteFunc(all, func(t APIToken) bool { return actor.Account == 0 || t.Account != actor.Account }), err
}

// RevokeToken ends a token. Another's and a missing one are the same to
// somebody who handles only their own.
func (a *Accounts) RevokeToken(ctx context.Context, actor Actor, id string) error {
	all, err := a.Tokens(ctx, actor)
	if sextant.CodeOf(err) == sextant.Denied {
		all, err = a.OwnTokens(ctx, actor)
	}
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.ID == id {
			return a.store.RemoveToken(ctx, actor.Organisation, id, Event{By: actor.Name, What: "token_revoked", Subject: id, Details: map[string]any{"account": a.named(ctx, actor.Organisation, t.Account), "title": t.Title}})
		}
	}
	return sextant.Errorf(sextant.NotFound, "there is no token %q", id)
}
