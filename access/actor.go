// SPDX-License-Identifier: Apache-2.0

// Package access says who is acting and what they may do. The one decision is
// May; pages, API, CLI and imports all ask it and nothing else decides.
//
// It does not know any register: a caller describes what is touched by a
// Subject. It keeps no session and reads no database; accounts, sign-in and
// tokens are kept by this package's Accounts through a store.
package access

import (
	"slices"

	"sextant"
)

// Role is what an account may be in one organisation.
type Role string

// The roles. An account may hold several; the zero value grants nothing.
const (
	Admin           Role = "admin"            // accounts, settings, keys; no right to approve
	ISMSManager     Role = "isms_manager"     // runs the whole ISMS
	Owner           Role = "owner"            // edits what is theirs
	InternalAuditor Role = "internal_auditor" // reads all, writes audit work
	ExternalAuditor Role = "external_auditor" // reads all until a date
	Reader          Role = "reader"           // reads what is not restricted
	System          Role = "system"           // the program itself, with the cause recorded
	Operator        Role = "operator"         // somebody at the machine's shell, over the local socket
)

// Roles lists what may be given to an account, in order of power.
func Roles() []Role {
	return []Role{Admin, ISMSManager, Owner, InternalAuditor, ExternalAuditor, Reader}
}

// ParseRole reads a role that may be given to an account.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", sextant.Errorf(sextant.Invalid, "%q is no role; the roles are admin, isms_manager, owner, internal_auditor, external_auditor and reader", s)
}

// Actor is who does something, in one organisation. It is made anew for every
// request from a session, a token or the local socket, never stored.
type Actor struct {
	Organisation sextant.Organisation
	Name         string          // as recorded with every version: "person:PER-3", "account:7", "operator:root", "system:collect"; never an address
	Account      int64           // 0 = none
	Email        string          // of the account, to be shown; never recorded
	Person       string          // key of the person entry, "" where the account has none
	Roles        []Role          // what the account holds here
	Until        sextant.Instant // end of time-boxed access; 0 = no end
	Proof        Proof           // how and when the actor proved who they are
	Scope        []Verb          // a token's scope; nil = everything the roles allow
}

// Proof is how an actor signed in, and when they last proved it again. Sign-off
// asks for a proof that is not older than ReauthenticateWithin.
type Proof struct {
	Method Method
	At     sextant.Instant
}

// Method of authentication.
type Method string

// The methods, as written into sign-offs.
const (
	Password     Method = "password"
	SecondFactor Method = "second_factor"
	Token        Method = "token"
	LocalSocket  Method = "local_socket"
	Program      Method = "program"
)

// Holds says whether the actor has one of the roles.
func (a Actor) Holds(roles ...Role) bool {
	return slices.ContainsFunc(a.Roles, func(r Role) bool { return slices.Contains(roles, r) })
}

// SystemActor is the program acting by itself; cause is recorded ("collect",
// "due transitions").
func SystemActor(org sextant.Organisation, cause string) Actor {
	return Actor{Organisation: org, Name: "system:" + cause, Roles: []Role{System}, Proof: Proof{Method: Program}}
}
