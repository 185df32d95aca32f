// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"slices"
	"time"

	"sextant"
)

// How long things last.
const (
	sessionIdle   = 12 * time.Hour
	sessionWhole  = 7 * 24 * time.Hour
	setUpLasts    = 30 * time.Minute
	invitation    = 7 * 24 * time.Hour
	longestToken  = 366 * 24 * time.Hour
	defaultToken  = 90 * 24 * time.Hour
	freeTries     = 5 // sign-ins that fail before waiting begins
	longestWait   = 15 * time.Minute
	forgetFailure = 24 * time.Hour
)

// Accounts signs people and programs in and tells who they are. Everything it
// answers to a stranger is the same whether an account exists or not.
type Accounts struct {
	store  AccountStore
	sealer Sealer
	clock  sextant.Clock
	// NewOrganisation makes the organisation and its first person entry for the
	// account that sets the installation up.
	newOrganisation func(ctx context.Context, name, person, email string) (sextant.Organisation, string, error)
}

// Sealer encrypts second factors at rest.
type Sealer interface {
	Seal(org sextant.Organisation, handle string, plain []byte) ([]byte, error)
	Open(org sextant.Organisation, handle string, sealed []byte) ([]byte, error)
}

// NewAccounts makes the service. newOrganisation is called once a set-up link
// is used, or by Create.
func NewAccounts(store AccountStore, sealer Sealer, clock sextant.Clock, newOrganisation func(ctx context.Context, name, person, email string) (sextant.Organisation, string, error)) *Accounts {
	return &Accounts{store: store, sealer: sealer, clock: clock, newOrganisation: newOrganisation}
}

// wrong is the one answer to every sign-in that fails.
func wrong() error {
	return sextant.Errorf(sextant.Unauthenticated, "e-mail, password or code is not right").WithHint("look at each of them, then try again")
}

// SignIn opens a session in the first organisation the account belongs to.
// Tries are counted per account and per address, kept over restarts; after five
// the wait doubles each time, up to 15 minutes.
func (a *Accounts) SignIn(ctx context.Context, email, password, code, address string) (string, error) {
	email, err := normalise(email)
	if err != nil {
		return "", wrong()
	}
	keys := []string{"account:" + email, "address:" + address}
	if err := a.mayTry(ctx, keys); err != nil {
		return "", err
	}
	account, method, err := a.prove(ctx, email, password, code)
	if err != nil {
		if sextant.CodeOf(err) == sextant.Unauthenticated {
			err = firstError(a.failed(ctx, keys), err)
		}
		return "", err
	}
	if err := a.store.PutFailures(ctx, keys[0], 0, a.clock()); err != nil {
		return "", err
	}
	return a.openSession(ctx, account, method)
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func (a *Accounts) mayTry(ctx context.Context, keys []string) error {
	for _, key := range keys {
		n, last, err := a.store.Failures(ctx, key)
		if err != nil {
			return err
		}
		if now := a.clock(); n >= freeTries && now < last.Add(wait(n)) {
			left := last.Add(wait(n)).Time().Sub(now.Time()).Round(time.Second)
			return sextant.Errorf(sextant.Throttled, "too many tries").WithHint("wait %s", left)
		}
	}
	return nil
}

func wait(failures int) time.Duration {
	return min(longestWait, time.Duration(math.Pow(2, float64(min(failures-freeTries, 20))))*5*time.Second)
}

func (a *Accounts) failed(ctx context.Context, keys []string) error {
	for _, key := range keys {
		n, last, err := a.store.Failures(ctx, key)
		if err != nil {
			return err
		}
		if a.clock() > last.Add(forgetFailure) {
			n = 0
		}
		if err := a.store.PutFailures(ctx, key, n+1, a.clock()); err != nil {
			return err
		}
	}
	return nil
}

// prove checks password and second factor and says how the account proved
// itself.
func (a *Accounts) prove(ctx context.Context, email, password, code string) (Account, Method, error) {
	account, err := a.store.AccountByEmail(ctx, email)
	known := err == nil
	if err != nil && sextant.CodeOf(err) != sextant.NotFound {
		return account, "", err
	}
	hash := account.Hash
	if !known {
		hash = nobody
	}
	if len(password) > 1024 || !matches(hash, password) || !known || account.DisabledAt != 0 {
		return account, "", wrong()
	}
	if account.TOTP == nil {
		return account, Password, nil
	}
	return account, SecondFactor, a.checkCode(ctx, &account, code)
}

func (a *Accounts) openSession(ctx context.Context, account Account, method Method) (string, error) {
	memberships, err := a.store.Memberships(ctx, account.ID)
	if err != nil {
		return "", err
	}
	if len(memberships) == 0 {
		return "", sextant.Errorf(sextant.Denied, "this account belongs to no organisation any more")
	}
	now := a.clock()
	token, hash := newToken("sxs_")
	return token, a.store.PutSession(ctx, Session{Hash: hash, Account: account.ID, Organisation: memberships[0].Organisation,
		Created: now, Seen: now, Expires: now.Add(sessionWhole), Proof: Proof{Method: method, At: now}})
}

// Session tells who is signed in, in the organisation the session is for.
func (a *Accounts) Session(ctx context.Context, token string) (Actor, error) {
	session, err := a.session(ctx, token)
	if err != nil {
		return Actor{}, err
	}
	now := a.clock()
	if now > session.Seen.Add(time.Minute) {
		session.Seen = now
		if err := a.store.PutSession(ctx, session); err != nil {
			return Actor{}, err
		}
	}
	return a.actor(ctx, session.Organisation, session.Account, session.Proof, nil)
}

func (a *Accounts) session(ctx context.Context, token string) (Session, error) {
	over := sextant.Errorf(sextant.Unauthenticated, "you are not signed in")
	if token == "" {
		return Session{}, over
	}
	session, err := a.store.Session(ctx, hashToken(token))
	if sextant.CodeOf(err) == sextant.NotFound {
		return session, over
	}
	if now := a.clock(); err == nil && (now >= session.Expires || now > session.Seen.Add(sessionIdle)) {
		return session, firstError(a.store.RemoveSession(ctx, session.Hash), over)
	}
	return session, err
}

func (a *Accounts) actor(ctx context.Context, org sextant.Organisation, id int64, proof Proof, scope []Verb) (Actor, error) {
	account, err := a.store.Account(ctx, id)
	if err != nil {
		return Actor{}, err
	}
	m, err := a.store.Membership(ctx, org, id)
	if sextant.CodeOf(err) == sextant.NotFound || account.DisabledAt != 0 || (m.Until != 0 && a.clock() >= m.Until) {
		return Actor{}, sextant.Errorf(sextant.Unauthenticated, "this access has ended")
	}
	return Actor{Organisation: org, Name: "account:" + account.Email, Person: m.Person, Roles: m.Roles, Until: m.Until, Proof: proof, Scope: scope}, err
}

// SwitchOrganisation turns a session to another organisation of its account.
// One the account does not belong to and one that does not exist are the same.
func (a *Accounts) SwitchOrganisation(ctx context.Context, token string, org sextant.Organisation) error {
	session, err := a.session(ctx, token)
	if err != nil {
		return err
	}
	if _, err := a.store.Membership(ctx, org, session.Account); err != nil {
		return sextant.Errorf(sextant.NotFound, "there is no such organisation")
	}
	session.Organisation = org
	return a.store.PutSession(ctx, session)
}

// SignOut ends a session.
func (a *Accounts) SignOut(ctx context.Context, token string) error {
	return a.store.RemoveSession(ctx, hashToken(token))
}

// Reauthenticate renews the proof of identity that a sign-off asks for.
func (a *Accounts) Reauthenticate(ctx context.Context, token, password, code string) error {
	session, err := a.session(ctx, token)
	if err != nil {
		return err
	}
	account, err := a.store.Account(ctx, session.Account)
	if err != nil {
		return err
	}
	keys := []string{"account:" + account.Email}
	if err := a.mayTry(ctx, keys); err != nil {
		return err
	}
	_, method, err := a.prove(ctx, account.Email, password, code)
	if err != nil {
		return firstError(a.failed(ctx, keys), err)
	}
	session.Proof = Proof{Method: method, At: a.clock()}
	return a.store.PutSession(ctx, session)
}

// Create makes the first account of a new organisation: administrator and ISMS
// manager at once, linked to a person entry. It gives the organisation.
func (a *Accounts) Create(ctx context.Context, organisation, name, email, password string) (sextant.Organisation, error) {
	account, err := a.newAccount(ctx, name, email, password)
	if err != nil {
		return 0, err
	}
	org, person, err := a.newOrganisation(ctx, organisation, name, account.Email)
	if err != nil {
		return 0, err
	}
	return org, a.store.PutMembership(ctx, Membership{Organisation: org, Account: account.ID, Roles: []Role{Admin, ISMSManager, Owner}, Person: person},
		Event{By: "account:" + account.Email, What: "member_added", Subject: account.Email, Details: map[string]any{"roles": []Role{Admin, ISMSManager, Owner}}})
}

func (a *Accounts) newAccount(ctx context.Context, name, email, password string) (Account, error) {
	email, err := normalise(email)
	if err != nil {
		return Account{}, err
	}
	if name == "" {
		return Account{}, sextant.Errorf(sextant.Invalid, "a name is needed").At("name")
	}
	if err := checkPassword(password, email); err != nil {
		return Account{}, err
	}
	account := Account{Email: email, Name: name, Hash: hashPassword(password), Created: a.clock()}
	account.ID, err = a.store.CreateAccount(ctx, account)
	return account, err
}

// SetUpLink makes the one-time link for the first account, good for 30 minutes.
func (a *Accounts) SetUpLink(ctx context.Context) (string, error) {
	token, hash := newToken("sxl_")
	return token, a.store.PutLink(ctx, Link{Hash: hash, Kind: "set-up", Expires: a.clock().Add(setUpLasts)})
}

// SetUpPending says whether a set-up link is still good.
func (a *Accounts) SetUpPending(ctx context.Context, token string) bool {
	link, err := a.store.Link(ctx, hashToken(token))
	return err == nil && link.Kind == "set-up" && a.clock() < link.Expires
}

// SetUp uses a set-up link: organisation, first account, and a session for it.
// A refusal leaves the link good for another try.
func (a *Accounts) SetUp(ctx context.Context, token, organisation, name, email, password string) (string, error) {
	if !a.SetUpPending(ctx, token) {
		return "", sextant.Errorf(sextant.NotFound, "this link has been used or has run out").WithHint("restart the server for a new one")
	}
	normal, err := normalise(email)
	if err == nil {
		err = checkPassword(password, normal)
	}
	if organisation == "" {
		err = firstError(err, sextant.Errorf(sextant.Invalid, "a name of the organisation is needed").At("organisation"))
	}
	if err != nil {
		return "", err
	}
	if _, err := a.store.TakeLink(ctx, hashToken(token)); err != nil {
		return "", err
	}
	if _, err := a.Create(ctx, organisation, name, email, password); err != nil {
		return "", err
	}
	return a.SignIn(ctx, email, password, "", "set-up")
}

// Invite makes a one-time link for a further account of the actor's
// organisation.
func (a *Accounts) Invite(ctx context.Context, actor Actor, email, person string, roles []Role, until sextant.Instant) (string, error) {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return "", err
	}
	email, err := normalise(email)
	if err != nil {
		return "", err
	}
	if len(roles) == 0 {
		return "", sextant.Errorf(sextant.Invalid, "at least one role is needed").At("roles")
	}
	if slices.Contains(roles, ExternalAuditor) && until == 0 {
		return "", sextant.Errorf(sextant.Invalid, "an external auditor's access has an end").At("until")
	}
	token, hash := newToken("sxl_")
	return token, a.store.PutLink(ctx, Link{Hash: hash, Kind: "invitation", Organisation: actor.Organisation, Email: email, Roles: roles, Person: person, Until: until, Expires: a.clock().Add(invitation)})
}

// Join uses an invitation. Somebody who has an account proves it with its
// password; somebody new chooses one.
func (a *Accounts) Join(ctx context.Context, token, name, password, code string) (string, error) {
	link, err := a.store.Link(ctx, hashToken(token))
	if err != nil || link.Kind != "invitation" || a.clock() >= link.Expires {
		return "", sextant.Errorf(sextant.NotFound, "this link has been used or has run out").WithHint("ask for a new invitation")
	}
	account, err := a.store.AccountByEmail(ctx, link.Email)
	switch {
	case err == nil:
		if account, _, err = a.prove(ctx, link.Email, password, code); err != nil {
			return "", err
		}
	case sextant.CodeOf(err) == sextant.NotFound:
		if account, err = a.newAccount(ctx, name, link.Email, password); err != nil {
			return "", err
		}
	default:
		return "", err
	}
	if link, err = a.store.TakeLink(ctx, hashToken(token)); err != nil {
		return "", err
	}
	if err := a.store.PutMembership(ctx, Membership{Organisation: link.Organisation, Account: account.ID, Roles: link.Roles, Person: link.Person, Until: link.Until},
		Event{By: "account:" + account.Email, What: "member_added", Subject: account.Email, Details: map[string]any{"roles": link.Roles, "until": link.Until.String()}}); err != nil {
		return "", err
	}
	return a.SignIn(ctx, link.Email, password, code, "invitation")
}

// Members lists who belongs to the actor's organisation.
func (a *Accounts) Members(ctx context.Context, actor Actor) ([]Membership, error) {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return nil, err
	}
	return a.store.Members(ctx, actor.Organisation)
}

// Admit changes a member's roles, person and end of access.
func (a *Accounts) Admit(ctx context.Context, actor Actor, email string, roles []Role, person string, until sextant.Instant) error {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return err
	}
	account, err := a.member(ctx, actor.Organisation, email)
	if err != nil {
		return err
	}
	return a.store.PutMembership(ctx, Membership{Organisation: actor.Organisation, Account: account.ID, Roles: roles, Person: person, Until: until},
		Event{By: actor.Name, What: "member_changed", Subject: account.Email, Details: map[string]any{"roles": roles, "person": person, "until": until.String()}})
}

// Dismiss ends a membership; the account's sessions and tokens end with it.
func (a *Accounts) Dismiss(ctx context.Context, actor Actor, email string) error {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return err
	}
	account, err := a.member(ctx, actor.Organisation, email)
	if err != nil {
		return err
	}
	return a.store.RemoveMembership(ctx, actor.Organisation, account.ID, Event{By: actor.Name, What: "member_removed", Subject: account.Email})
}

func (a *Accounts) member(ctx context.Context, org sextant.Organisation, email string) (Account, error) {
	missing := sextant.Errorf(sextant.NotFound, "there is no member %q", email)
	email, err := normalise(email)
	if err != nil {
		return Account{}, err
	}
	account, err := a.store.AccountByEmail(ctx, email)
	if err != nil {
		return account, missing
	}
	if _, err := a.store.Membership(ctx, org, account.ID); err != nil {
		return account, missing
	}
	return account, nil
}

// MakeToken gives an API token of a member, shown once. lasts 0 = 90 days.
func (a *Accounts) MakeToken(ctx context.Context, actor Actor, email, title string, scope []Verb, lasts time.Duration) (string, error) {
	if err := May(actor, Admit, Subject{Personal: actor.Name == "account:"+email}, a.clock()); err != nil {
		return "", err
	}
	if lasts == 0 {
		lasts = defaultToken
	}
	if lasts < 0 || lasts > longestToken {
		return "", sextant.Errorf(sextant.Invalid, "a token lasts at most a year").At("expires")
	}
	account, err := a.member(ctx, actor.Organisation, email)
	if err != nil {
		return "", err
	}
	token, hash := newToken("sxt_")
	t := APIToken{Hash: hash, ID: rand.Text()[:8], Organisation: actor.Organisation, Account: account.ID, Title: title, Scope: scope, Created: a.clock(), Expires: a.clock().Add(lasts)}
	return token, a.store.PutToken(ctx, t, Event{By: actor.Name, What: "token_made", Subject: account.Email, Details: map[string]any{"id": t.ID, "title": title, "scope": scope, "expires": t.Expires.String()}})
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

// RevokeToken ends a token.
func (a *Accounts) RevokeToken(ctx context.Context, actor Actor, id string) error {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return err
	}
	return a.store.RemoveToken(ctx, actor.Organisation, id, Event{By: actor.Name, What: "token_revoked", Subject: id})
}

// ChangePassword sets a new password and ends every other session.
func (a *Accounts) ChangePassword(ctx context.Context, token, old, code, next string) error {
	if err := a.Reauthenticate(ctx, token, old, code); err != nil {
		return err
	}
	session, err := a.session(ctx, token)
	if err != nil {
		return err
	}
	account, err := a.store.Account(ctx, session.Account)
	if err != nil {
		return err
	}
	if err := checkPassword(next, account.Email); err != nil {
		return err
	}
	account.Hash = hashPassword(next)
	if err := a.store.UpdateAccount(ctx, account); err != nil {
		return err
	}
	return a.store.RemoveSessions(ctx, account.ID, session.Hash)
}

func handle(account int64) string { return fmt.Sprintf("account/%d/totp", account) }
