// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"

	"sextant"
)

// Account is somebody who can sign in. It may belong to several organisations.
type Account struct {
	ID         int64
	Email      string // normalised
	Name       string
	Hash       string // argon2id, with its parameters
	TOTP       []byte // sealed secret of the second factor, nil = none
	TOTPLast   int64  // last time step used, so that a code works once
	Created    sextant.Instant
	DisabledAt sextant.Instant // 0 = may sign in
}

// Membership is an account's place in one organisation.
type Membership struct {
	Organisation sextant.Organisation
	Account      int64
	Email, Name  string // of the account, for lists
	Roles        []Role
	Person       string          // key of the person entry
	Until        sextant.Instant // end of time-boxed access; 0 = no end
	Seen         sextant.Instant // when the account was last here on the pages, to the minute; 0 = never
}

// Session is somebody signed in on the pages. Only the hash of its token is kept.
type Session struct {
	Hash         string
	Account      int64
	Organisation sextant.Organisation
	Created      sextant.Instant
	Seen         sextant.Instant
	Expires      sextant.Instant
	Proof        Proof
}

// APIToken lets a program act for an account in one organisation.
type APIToken struct {
	Hash         string
	ID           string // shown in lists
	Organisation sextant.Organisation
	Account      int64
	Email        string // of the account, for lists
	Title        string
	Scope        []Verb // nil = all the account's roles allow
	Created      sextant.Instant
	Expires      sextant.Instant
	LastUsed     sextant.Instant
}

// Link is a one-time link: to set up the installation, or to join.
type Link struct {
	Hash         string
	Kind         string // "set-up" or "invitation"
	Organisation sextant.Organisation
	Email        string
	Roles        []Role
	Person       string
	Until        sextant.Instant // end of the membership it makes
	Expires      sextant.Instant
}

// ID names a link in lists and opens nothing.
func (l Link) ID() string { return l.Hash[:16] }

// Event is journalled in the organisation's log together with the change it
// tells of. It holds no secret.
type Event struct {
	By      string         `json:"by"`
	What    string         `json:"what"` // member_added, token_made, …
	Subject string         `json:"subject"`
	Details map[string]any `json:"details,omitempty"`
}

// AccountStore keeps accounts. Methods that take an Event write it into the
// organisation's log in the same transaction. What is not there is NotFound.
type AccountStore interface {
	AccountByEmail(ctx context.Context, email string) (Account, error)
	Account(ctx context.Context, id int64) (Account, error)
	CreateAccount(ctx context.Context, a Account) (int64, error)                           // Conflict if the address is taken
	UpdateAccount(ctx context.Context, a Account) error                                    // for what no one decides: a time step used
	ChangeAccount(ctx context.Context, a Account, org sextant.Organisation, e Event) error // for what somebody decides

	Membership(ctx context.Context, org sextant.Organisation, account int64) (Membership, error)
	Memberships(ctx context.Context, account int64) ([]Membership, error)
	Members(ctx context.Context, org sextant.Organisation) ([]Membership, error)
	PutMembership(ctx context.Context, m Membership, e Event) error
	Admit(ctx context.Context, link string, m Membership, e Event) error // PutMembership by a link, by its hash, that is used up with it: NotFound if it was before
	RemoveMembership(ctx context.Context, org sextant.Organisation, account int64, e Event) error
	SeenMember(ctx context.Context, org sextant.Organisation, account int64, at sextant.Instant) error

	PutSession(ctx context.Context, s Session) error
	Session(ctx context.Context, hash string) (Session, error)
	Sessions(ctx context.Context, account int64) ([]Session, error)
	RemoveSession(ctx context.Context, hash string) error
	RemoveSessions(ctx context.Context, account int64, but string) error
	EndSessions(ctx context.Context, org sextant.Organisation, account int64, e Event) error

	PutToken(ctx context.Context, t APIToken, e Event) error
	Token(ctx context.Context, hash string) (APIToken, error)
	Tokens(ctx context.Context, org sextant.Organisation) ([]APIToken, error)
	UsedToken(ctx context.Context, hash string, at sextant.Instant) error
	RemoveToken(ctx context.Context, org sextant.Organisation, id string, e Event) error

	PutLink(ctx context.Context, l Link, e Event) error // a set-up link belongs to no organisation yet: its event is not written
	Links(ctx context.Context, org sextant.Organisation) ([]Link, error)
	RemoveLink(ctx context.Context, org sextant.Organisation, hash string, e Event) error
	Link(ctx context.Context, hash string) (Link, error)

	Failures(ctx context.Context, key string) (n int, last sextant.Instant, err error)
	PutFailures(ctx context.Context, key string, n int, last sextant.Instant) error
}
