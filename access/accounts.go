// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"
	"math"
	"sync"
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

// Kinds of links.
const (
	setUpLink      = "set-up"
	invitationLink = "invitation"
)

// Accounts signs people and programs in and tells who they are. Everything it
// answers to a stranger is the same whether an account exists or not.
type Accounts struct {
	store  AccountStore
	sealer Sealer
	clock  sextant.Clock
	trying sync.Mutex // guards counting of tries
	found  func(ctx context.Context, f Founding) (sextant.Organisation, error)
}

// Sealer encrypts second factors at rest.
type Sealer interface {
	Seal(org sextant.Organisation, handle string, plain []byte) ([]byte, error)
	Open(org sextant.Organisation, handle string, sealed []byte) ([]byte, error)
}

// NewAccounts makes the service. found makes a new organisation with all that
// belongs to its beginning, or nothing; it is called once a set-up link is used,
// or by Create.
func NewAccounts(store AccountStore, sealer Sealer, clock sextant.Clock, found func(ctx context.Context, f Founding) (sextant.Organisation, error)) *Accounts {
	return &Accounts{store: store, sealer: sealer, clock: clock, found: found}
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
	account, method, err := a.tried(ctx, keys, email, password, code)
	if err != nil {
		return "", err
	}
	if err := a.store.PutFailures(ctx, keys[0], 0, a.clock()); err != nil {
		return "", err
	}
	return a.openSession(ctx, account, method, 0)
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// tried is prove with the try counted under the keys. It is counted before it is
// made and taken back where it was none that failed: many at once are many.
func (a *Accounts) tried(ctx context.Context, keys []string, email, password, code string) (Account, Method, error) {
	before, err := a.beginTry(ctx, keys)
	if err != nil {
		return Account{}, "", err
	}
	account, method, err := a.prove(ctx, email, password, code)
	if sextant.CodeOf(err) != sextant.Unauthenticated {
		err = firstError(err, a.takeBack(context.WithoutCancel(ctx), before))
	}
	return account, method, err
}

// counted is how often a key had failed before a try.
type counted struct {
	key  string
	n    int
	last sextant.Instant
}

// beginTry counts a try, or says how long to wait. One at a time: what is read
// here is written here. Each replica lets its own through, one each.
func (a *Accounts) beginTry(ctx context.Context, keys []string) (before []counted, err error) {
	a.trying.Lock()
	defer a.trying.Unlock()
	now := a.clock()
	for _, key := range keys {
		n, last, err := a.store.Failures(ctx, key)
		if err != nil {
			return nil, err
		}
		if n >= freeTries && now < last.Add(wait(n)) {
			left := last.Add(wait(n)).Time().Sub(now.Time()).Round(time.Second)
			return nil, sextant.Errorf(sextant.Throttled, "too many tries").WithHint("wait %s", left)
		}
		if now > last.Add(forgetFailure) {
			n = 0
		}
		before = append(before, counted{key, n, last})
	}
	for _, c := range before {
		if err := a.store.PutFailures(ctx, c.key, c.n+1, now); err != nil {
			return nil, err
		}
	}
	return before, nil
}

// takeBack uncounts a try; those that failed meanwhile stay counted.
func (a *Accounts) takeBack(ctx context.Context, before []counted) error {
	a.trying.Lock()
	defer a.trying.Unlock()
	for _, c := range before {
		n, last, err := a.store.Failures(ctx, c.key)
		if err != nil {
			return err
		}
		if n == c.n+1 {
			last = c.last
		}
		if err := a.store.PutFailures(ctx, c.key, max(n-1, 0), last); err != nil {
			return err
		}
	}
	return nil
}

func wait(failures int) time.Duration {
	return min(longestWait, time.Duration(math.Pow(2, float64(min(failures-freeTries, 20))))*5*time.Second)
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

// Create makes the first account of a new organisation: administrator and ISMS
// manager at once, linked to a person entry. It gives the organisation. All of
// it becomes durable together, or nothing.
func (a *Accounts) Create(ctx context.Context, organisation, name, email, password string) (sextant.Organisation, error) {
	account, err := a.newAccount(name, email, password)
	if err != nil {
		return 0, err
	}
	return a.found(ctx, Founding{Organisation: organisation, Person: name, Email: account.Email, Account: &account})
}

// newAccount checks what an account is made of; it is not stored yet.
func (a *Accounts) newAccount(name, email, password string) (Account, error) {
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
	return Account{Email: email, Name: name, Hash: hashPassword(password), Created: a.clock()}, nil
}

// SetUpLink makes the one-time link for the first account, good for 30 minutes.
func (a *Accounts) SetUpLink(ctx context.Context) (string, error) {
	token, hash := newToken("sxl_")
	return token, a.store.PutLink(ctx, Link{Hash: hash, Kind: setUpLink, Expires: a.clock().Add(setUpLasts)}, Event{})
}

// SetUpPending says whether a set-up link is still good.
func (a *Accounts) SetUpPending(ctx context.Context, token string) bool {
	link, err := a.store.Link(ctx, hashToken(token))
	return err == nil && link.Kind == setUpLink && a.clock() < link.Expires
}

// SetUp uses a set-up link: organisation, first account, and a session for it.
// A refusal leaves the link good for another try.
func (a *Accounts) SetUp(ctx context.Context, token, organisation, name, email, password string) (string, error) {
	if !a.SetUpPending(ctx, token) {
		return "", sextant.Errorf(sextant.NotFound, "this link has been used or has run out").WithHint("restart the server for a new one")
	}
	if organisation == "" {
		return "", sextant.Errorf(sextant.Invalid, "a name of the organisation is needed").At("organisation")
	}
	account, err := a.newAccount(name, email, password)
	if err != nil {
		return "", err
	}
	if _, err := a.found(ctx, Founding{Organisation: organisation, Person: name, Email: account.Email, Account: &account, Link: hashToken(token)}); err != nil {
		return "", err
	}
	return a.SignIn(ctx, email, password, "", "set-up")
}

func handle(account int64) string { return fmt.Sprintf("account/%d/totp", account) }
