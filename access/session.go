// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"slices"
	"time"

	"sextant"
)

// openSession opens a session in the preferred organisation, 0 = the first one
// the account may still enter.
func (a *Accounts) openSession(ctx context.Context, account Account, method Method, preferred sextant.Organisation) (string, error) {
	memberships, err := a.standing(ctx, account.ID)
	if err != nil {
		return "", err
	}
	if len(memberships) == 0 {
		return "", sextant.Errorf(sextant.Denied, "this account belongs to no organisation any more")
	}
	org := memberships[0].Organisation
	if slices.ContainsFunc(memberships, func(m Membership) bool { return m.Organisation == preferred }) {
		org = preferred
	}
	now := a.clock()
	if err := a.store.SeenMember(ctx, org, account.ID, now); err != nil {
		return "", err
	}
	token, hash := newToken("sxs_")
	return token, a.store.PutSession(ctx, Session{Hash: hash, Account: account.ID, Organisation: org,
		Created: now, Seen: now, Expires: now.Add(sessionWhole), Proof: Proof{Method: method, At: now}})
}

// standing gives the memberships of an account that have not ended.
func (a *Accounts) standing(ctx context.Context, account int64) ([]Membership, error) {
	all, err := a.store.Memberships(ctx, account)
	now := a.clock()
	return slices.DeleteFunc(all, func(m Membership) bool { return m.Until != 0 && now >= m.Until }), err
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
		if err := a.store.SeenMember(ctx, session.Organisation, session.Account, now); err != nil {
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
	return Actor{Organisation: org, Name: recordedName(account.ID, m.Person), Account: account.ID, Email: account.Email, Person: m.Person, Roles: m.Roles, Until: m.Until, Proof: proof, Scope: scope}, err
}

// Places gives who the account of a session is in each of its organisations, in
// the order they were made; the session's own is among them.
func (a *Accounts) Places(ctx context.Context, token string) ([]Actor, error) {
	session, err := a.session(ctx, token)
	if err != nil {
		return nil, err
	}
	memberships, err := a.standing(ctx, session.Account)
	var actors []Actor
	for _, m := range memberships {
		actors = append(actors, Actor{Organisation: m.Organisation, Name: recordedName(m.Account, m.Person), Account: m.Account, Email: m.Email, Person: m.Person, Roles: m.Roles, Until: m.Until, Proof: session.Proof})
	}
	return actors, err
}

// SwitchOrganisation turns a session to another organisation of its account.
// One the account does not belong to and one that does not exist are the same.
func (a *Accounts) SwitchOrganisation(ctx context.Context, token string, org sextant.Organisation) error {
	session, err := a.session(ctx, token)
	if err != nil {
		return err
	}
	memberships, err := a.standing(ctx, session.Account)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(memberships, func(m Membership) bool { return m.Organisation == org }) {
		return sextant.Errorf(sextant.NotFound, "there is no such organisation")
	}
	session.Organisation = org
	return a.store.PutSession(ctx, session)
}

// SignOut ends a session.
func (a *Accounts) SignOut(ctx context.Context, token string) error {
	return a.store.RemoveSession(ctx, hashToken(token))
}

// Profile is what somebody sees of their own account.
type Profile struct {
	Email, Name  string
	Created      sextant.Instant
	SecondFactor bool
}

// Profile gives the account of a session.
func (a *Accounts) Profile(ctx context.Context, token string) (Profile, error) {
	session, err := a.session(ctx, token)
	if err != nil {
		return Profile{}, err
	}
	account, err := a.store.Account(ctx, session.Account)
	return Profile{Email: account.Email, Name: account.Name, Created: account.Created, SecondFactor: account.TOTP != nil}, err
}

// OpenSession is a session as its owner sees it. ID names it and opens nothing.
type OpenSession struct {
	ID           string
	Organisation sextant.Organisation
	Created      sextant.Instant
	Seen         sextant.Instant
	Ends         sextant.Instant // at the latest; earlier if it is not used
	Method       Method
	Current      bool
}

func (x Session) id() string { return x.Hash[:16] }

// Sessions lists where the account of a session is signed in, latest first.
func (a *Accounts) Sessions(ctx context.Context, token string) ([]OpenSession, error) {
	session, err := a.session(ctx, token)
	if err != nil {
		return nil, err
	}
	return a.open(ctx, session.Account, session.Hash, 0)
}

// open lists the sessions of an account that have not ended; org 0 = everywhere.
func (a *Accounts) open(ctx context.Context, account int64, current string, org sextant.Organisation) ([]OpenSession, error) {
	all, err := a.store.Sessions(ctx, account)
	var open []OpenSession
	now := a.clock()
	for _, x := range all {
		if now < x.Expires && now <= x.Seen.Add(sessionIdle) && (org == 0 || x.Organisation == org) {
			open = append(open, OpenSession{ID: x.id(), Organisation: x.Organisation, Created: x.Created, Seen: x.Seen, Ends: x.Expires, Method: x.Proof.Method, Current: x.Hash == current})
		}
	}
	return open, err
}

// EndSession ends another session of the same account, "" = all others.
func (a *Accounts) EndSession(ctx context.Context, token, id string) error {
	session, err := a.session(ctx, token)
	if err != nil {
		return err
	}
	if id == "" {
		return a.store.RemoveSessions(ctx, session.Account, session.Hash)
	}
	all, err := a.store.Sessions(ctx, session.Account)
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.id() == id && x.Hash != session.Hash {
			return a.store.RemoveSession(ctx, x.Hash)
		}
	}
	return sextant.Errorf(sextant.NotFound, "this session has ended already")
}

// SessionsOf lists where a member is signed in, for who admits members.
func (a *Accounts) SessionsOf(ctx context.Context, actor Actor, email string) ([]OpenSession, error) {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return nil, err
	}
	account, err := a.member(ctx, actor.Organisation, email)
	if err != nil {
		return nil, err
	}
	return a.open(ctx, account.ID, "", actor.Organisation)
}

// EndSessionsOf ends a member's sessions in the actor's organisation.
func (a *Accounts) EndSessionsOf(ctx context.Context, actor Actor, email string) error {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return err
	}
	account, err := a.member(ctx, actor.Organisation, email)
	if err != nil {
		return err
	}
	return a.store.EndSessions(ctx, actor.Organisation, account.ID, Event{By: actor.Name, What: "sessions_ended", Subject: a.named(ctx, actor.Organisation, account.ID)})
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
	_, method, err := a.tried(ctx, keys, account.Email, password, code)
	if err != nil {
		return err
	}
	session.Proof = Proof{Method: method, At: a.clock()}
	return a.store.PutSession(ctx, session)
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
	return a.decide(ctx, session, account, "password_changed")
}
