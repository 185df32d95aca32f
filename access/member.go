// SPDX-License-Identifier: Apache-2.0

package access

import (
	"cmp"
	"context"
	"slices"

	"sextant"
)

// Invite makes a one-time link for a further account of the actor's
// organisation, good for seven days. Who invited whom as what is journalled.
func (a *Accounts) Invite(ctx context.Context, actor Actor, email, person string, roles []Role, until sextant.Instant) (string, error) {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return "", err
	}
	email, err := normalise(email)
	if err == nil {
		err = a.checkPlace(roles, until)
	}
	if err != nil {
		return "", err
	}
	token, hash := newToken("sxl_")
	link := Link{Hash: hash, Kind: invitationLink, Organisation: actor.Organisation, Email: email, Roles: roles, Person: person, Until: until, Expires: a.clock().Add(invitation)}
	return token, a.store.PutLink(ctx, link, Event{By: actor.Name, What: "member_invited", Subject: cmp.Or(person, "invitation:"+link.ID()), Details: place(roles, person, until)})
}

func place(roles []Role, person string, until sextant.Instant) map[string]any {
	return map[string]any{"roles": roles, "person": person, "until": until.String()}
}

// checkPlace refuses a membership that could not be: without a role, with an
// unknown one, ended already, or an external auditor's without an end.
func (a *Accounts) checkPlace(roles []Role, until sextant.Instant) error {
	if len(roles) == 0 {
		return sextant.Errorf(sextant.Invalid, "at least one role is needed").At("roles")
	}
	for _, role := range roles {
		if _, err := ParseRole(string(role)); err != nil {
			return err
		}
	}
	if slices.Contains(roles, ExternalAuditor) && until == 0 {
		return sextant.Errorf(sextant.Invalid, "an external auditor's access has an end").At("until")
	}
	if until != 0 && until <= a.clock() {
		return sextant.Errorf(sextant.Invalid, "the end of access lies in the past").At("until").WithHint("give a later day, or remove the member")
	}
	return nil
}

// Invitations lists the links that wait to be used, without the links.
func (a *Accounts) Invitations(ctx context.Context, actor Actor) ([]Link, error) {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return nil, err
	}
	all, err := a.store.Links(ctx, actor.Organisation)
	now := a.clock()
	return slices.DeleteFunc(all, func(l Link) bool { return l.Kind != invitationLink || now >= l.Expires }), err
}

// Withdraw ends an invitation that nobody used.
func (a *Accounts) Withdraw(ctx context.Context, actor Actor, id string) error {
	waiting, err := a.Invitations(ctx, actor)
	if err != nil {
		return err
	}
	for _, l := range waiting {
		if l.ID() == id {
			return a.store.RemoveLink(ctx, actor.Organisation, l.Hash, Event{By: actor.Name, What: "invitation_withdrawn", Subject: cmp.Or(l.Person, "invitation:"+l.ID())})
		}
	}
	return sextant.Errorf(sextant.NotFound, "this invitation has been used or has run out")
}

// Invitation tells what an invitation is for, and who its bearer would be.
func (a *Accounts) Invitation(ctx context.Context, token string) (Link, Actor, error) {
	link, err := a.store.Link(ctx, hashToken(token))
	if err != nil || link.Kind != invitationLink || a.clock() >= link.Expires {
		return Link{}, Actor{}, sextant.Errorf(sextant.NotFound, "this link has been used or has run out").WithHint("ask for a new invitation")
	}
	return link, Actor{Organisation: link.Organisation, Name: "invitation:" + link.Email, Person: link.Person, Roles: link.Roles, Until: link.Until}, nil
}

// Join uses an invitation and opens a session in its organisation. Somebody who
// has an account proves it with its password, counted like a sign-in; somebody
// new chooses one.
func (a *Accounts) Join(ctx context.Context, token, name, password, code string) (string, error) {
	link, _, err := a.Invitation(ctx, token)
	if err != nil {
		return "", err
	}
	account, method, err := a.joining(ctx, link.Email, name, password, code)
	if err != nil {
		return "", err
	}
	if err := a.store.Admit(ctx, link.Hash, Membership{Organisation: link.Organisation, Account: account.ID, Roles: link.Roles, Person: link.Person, Until: link.Until},
		Event{By: recordedName(account.ID, link.Person), What: "member_added", Subject: recordedName(account.ID, link.Person), Details: place(link.Roles, link.Person, link.Until)}); err != nil {
		return "", err
	}
	return a.openSession(ctx, account, method, link.Organisation)
}

func (a *Accounts) joining(ctx context.Context, email, name, password, code string) (Account, Method, error) {
	_, err := a.store.AccountByEmail(ctx, email)
	if sextant.CodeOf(err) == sextant.NotFound {
		account, err := a.newAccount(name, email, password)
		if err == nil {
			account.ID, err = a.store.CreateAccount(ctx, account)
		}
		return account, Password, err
	}
	if err != nil {
		return Account{}, "", err
	}
	keys := []string{"account:" + email}
	return a.tried(ctx, keys, email, password, code)
}

// Members lists who belongs to the actor's organisation.
func (a *Accounts) Members(ctx context.Context, actor Actor) ([]Membership, error) {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return nil, err
	}
	return a.store.Members(ctx, actor.Organisation)
}

// Member gives one of them.
func (a *Accounts) Member(ctx context.Context, actor Actor, email string) (Membership, error) {
	if err := May(actor, Admit, Subject{}, a.clock()); err != nil {
		return Membership{}, err
	}
	account, err := a.member(ctx, actor.Organisation, email)
	if err != nil {
		return Membership{}, err
	}
	return a.store.Membership(ctx, actor.Organisation, account.ID)
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
	if err := a.checkPlace(roles, until); err != nil {
		return err
	}
	if !slices.Contains(roles, Admin) || until != 0 {
		if err := a.anotherAdmin(ctx, actor.Organisation, account.ID); err != nil {
			return err
		}
	}
	return a.store.PutMembership(ctx, Membership{Organisation: actor.Organisation, Account: account.ID, Roles: roles, Person: person, Until: until},
		Event{By: actor.Name, What: "member_changed", Subject: recordedName(account.ID, person), Details: place(roles, person, until)})
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
	if err := a.anotherAdmin(ctx, actor.Organisation, account.ID); err != nil {
		return err
	}
	return a.store.RemoveMembership(ctx, actor.Organisation, account.ID, Event{By: actor.Name, What: "member_removed", Subject: a.named(ctx, actor.Organisation, account.ID)})
}

// anotherAdmin refuses to leave an organisation without an administrator whose
// access has no end: nobody could let anybody in any more.
func (a *Accounts) anotherAdmin(ctx context.Context, org sextant.Organisation, but int64) error {
	lasting := func(m Membership) bool { return slices.Contains(m.Roles, Admin) && m.Until == 0 }
	all, err := a.store.Members(ctx, org)
	if err != nil {
		return err
	}
	was := slices.ContainsFunc(all, func(m Membership) bool { return m.Account == but && lasting(m) })
	if was && !slices.ContainsFunc(all, func(m Membership) bool { return m.Account != but && lasting(m) }) {
		return sextant.Errorf(sextant.Conflict, "this is the last administrator").At("roles").WithHint("make somebody else administrator first, without an end")
	}
	return nil
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
