// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/register"
)

var _ access.AccountStore = (*Store)(nil)

// one reads one row of an installation's table; NotFound where there is none.
func (s *Store) one(ctx context.Context, into []any, query string, args ...any) error {
	err := s.readers.QueryRowContext(ctx, query, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return sextant.Errorf(sextant.NotFound, "there is no such thing")
	}
	return unavailable(err, "read")
}

func (s *Store) run(ctx context.Context, query string, args ...any) error {
	_, err := s.writer.ExecContext(ctx, query, args...)
	return unavailable(err, "write")
}

// withEvent writes in an organisation together with a line of its log.
func (s *Store) withEvent(ctx context.Context, org sextant.Organisation, e access.Event, query string, args ...any) error {
	return s.Update(ctx, org, func(w register.WriteTx) error {
		t := w.(*transaction)
		if err := t.exec(query, args...); err != nil {
			return err
		}
		_, err := t.Seal("account", e)
		return err
	})
}

const accountColumns = `SELECT id, email, name, hash, totp, totp_last, created, disabled FROM account`

func into(a *access.Account) []any {
	return []any{&a.ID, &a.Email, &a.Name, &a.Hash, &a.TOTP, &a.TOTPLast, &a.Created, &a.DisabledAt}
}

// AccountByEmail implements access.AccountStore.
func (s *Store) AccountByEmail(ctx context.Context, email string) (a access.Account, err error) {
	return a, s.one(ctx, into(&a), accountColumns+` WHERE email=$1`, email)
}

// Account implements access.AccountStore.
func (s *Store) Account(ctx context.Context, id int64) (a access.Account, err error) {
	return a, s.one(ctx, into(&a), accountColumns+` WHERE id=$1`, id)
}

// CreateAccount implements access.AccountStore.
func (s *Store) CreateAccount(ctx context.Context, a access.Account) (id int64, err error) {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return 0, unavailable(err, "the account was not made")
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if id, err = s.createAccount(ctx, tx, a); err != nil {
		return 0, err
	}
	return id, unavailable(tx.Commit(), "the account was not made")
}

// createAccount draws the next number. On PostgreSQL two must not draw the same.
func (s *Store) createAccount(ctx context.Context, tx *sql.Tx, a access.Account) (id int64, err error) {
	if s.dialect.isPostgres() {
		if _, err := tx.ExecContext(ctx, `LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return 0, unavailable(err, "the account was not made")
		}
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO account (id, email, name, hash, totp, totp_last, created, disabled)
		SELECT COALESCE(max(id),0)+1, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), NULL, 0, CAST($4 AS BIGINT), 0 FROM account WHERE true ON CONFLICT (email) DO NOTHING RETURNING id`,
		a.Email, a.Name, a.Hash, int64(a.Created)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, sextant.Errorf(sextant.Conflict, "there is an account with this address").At("email")
	}
	return id, unavailable(err, "write")
}

// UpdateAccount implements access.AccountStore.
func (s *Store) UpdateAccount(ctx context.Context, a access.Account) error {
	return s.run(ctx, `UPDATE account SET name=$1, hash=$2, totp=$3, totp_last=$4, disabled=$5 WHERE id=$6`, a.Name, a.Hash, a.TOTP, a.TOTPLast, int64(a.DisabledAt), a.ID)
}

// ChangeAccount implements access.AccountStore.
func (s *Store) ChangeAccount(ctx context.Context, a access.Account, org sextant.Organisation, e access.Event) error {
	return s.withEvent(ctx, org, e, `UPDATE account SET name=$2, hash=$3, totp=$4, totp_last=$5, disabled=$6 WHERE id=$7 AND EXISTS (SELECT m.org FROM membership m WHERE m.org=$1 AND m.account=$7)`,
		a.Name, a.Hash, a.TOTP, a.TOTPLast, int64(a.DisabledAt), a.ID)
}

const membershipColumns = `SELECT m.org, m.account, a.email, a.name, m.roles, m.person, m.until_at, m.seen FROM membership m JOIN account a ON a.id=m.account`

func scanMembership(scan func(...any) error) (m access.Membership, err error) {
	var roles string
	err = scan(&m.Organisation, &m.Account, &m.Email, &m.Name, &roles, &m.Person, &m.Until, &m.Seen)
	m.Roles = roleList(roles)
	return m, err
}

func roleList(text string) (roles []access.Role) {
	for name := range strings.SplitSeq(text, ",") {
		if name != "" {
			roles = append(roles, access.Role(name))
		}
	}
	return roles
}

func roleText(roles []access.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ",")
}

// Membership implements access.AccountStore.
func (s *Store) Membership(ctx context.Context, org sextant.Organisation, account int64) (access.Membership, error) {
	m, err := scanMembership(s.readers.QueryRowContext(ctx, membershipColumns+` WHERE m.org=$1 AND m.account=$2`, int64(org), account).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return m, sextant.Errorf(sextant.NotFound, "there is no such member")
	}
	return m, unavailable(err, "read")
}

// Memberships implements access.AccountStore.
func (s *Store) Memberships(ctx context.Context, account int64) ([]access.Membership, error) {
	return s.memberships(ctx, membershipColumns+` WHERE m.account=$1 ORDER BY m.org`, account)
}

// Members implements access.AccountStore.
func (s *Store) Members(ctx context.Context, org sextant.Organisation) ([]access.Membership, error) {
	return s.memberships(ctx, membershipColumns+` WHERE m.org=$1 ORDER BY a.email`, int64(org))
}

func (s *Store) memberships(ctx context.Context, query string, args ...any) (list []access.Membership, err error) {
	rows, err := s.readers.QueryContext(ctx, query, args...)
	err = each(rows, unavailable(err, "read"), func() error {
		m, err := scanMembership(rows.Scan)
		list = append(list, m)
		return err
	})
	return list, err
}

// PutMembership implements access.AccountStore.
func (s *Store) PutMembership(ctx context.Context, m access.Membership, e access.Event) error {
	return s.Update(ctx, m.Organisation, func(w register.WriteTx) error { return w.(*transaction).admit(m, e) })
}

// Admit implements access.AccountStore.
func (s *Store) Admit(ctx context.Context, link string, m access.Membership, e access.Event) error {
	return s.Update(ctx, m.Organisation, func(w register.WriteTx) error {
		t := w.(*transaction)
		if err := t.useUp(link, m.Organisation); err != nil {
			return err
		}
		return t.admit(m, e)
	})
}

// admit puts a membership together with a line of the log.
func (t *transaction) admit(m access.Membership, e access.Event) error {
	if err := t.exec(`INSERT INTO membership (org, account, roles, person, until_at) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (org, account) DO UPDATE SET roles=excluded.roles, person=excluded.person, until_at=excluded.until_at`, m.Account, roleText(m.Roles), m.Person, int64(m.Until)); err != nil {
		return err
	}
	_, err := t.Seal("account", e)
	return err
}

// useUp takes a one-time link away; it belongs to an organisation, a set-up link
// to none (0).
func (t *transaction) useUp(link string, org sextant.Organisation) error {
	taken, err := t.execOne(`DELETE FROM link WHERE CAST($1 AS BIGINT) IS NOT NULL AND hash=$2 AND org=$3`, link, int64(org))
	if err == nil && !taken {
		err = sextant.Errorf(sextant.NotFound, "this link has been used or has run out")
	}
	return err
}

// leaving ends a membership with all that acts by it. An account that belongs to
// no organisation any more keeps its number, which is never given again, and
// nothing about a person.
var leaving = []string{
	`DELETE FROM membership WHERE org=$1 AND account=$2`,
	`DELETE FROM session WHERE org=$1 AND account=$2`,
	`DELETE FROM api_token WHERE org=$1 AND account=$2`,
	`DELETE FROM failure WHERE CAST($1 AS BIGINT) IS NOT NULL AND key IN (SELECT 'account:' || a.email FROM account a WHERE a.id=$2 AND NOT EXISTS (SELECT m.org FROM membership m WHERE m.account=a.id))`,
	`UPDATE account SET email='removed:' || CAST(id AS TEXT), name='', hash='', totp=NULL, disabled=1 WHERE CAST($1 AS BIGINT) IS NOT NULL AND id=$2 AND NOT EXISTS (SELECT m.org FROM membership m WHERE m.account=account.id)`,
}

// RemoveMembership implements access.AccountStore.
func (s *Store) RemoveMembership(ctx context.Context, org sextant.Organisation, account int64, e access.Event) error {
	return s.Update(ctx, org, func(w register.WriteTx) error {
		t := w.(*transaction)
		for _, query := range leaving {
			if err := t.exec(query, account); err != nil {
				return err
			}
		}
		_, err := t.Seal("account", e)
		return err
	})
}

// SeenMember implements access.AccountStore.
func (s *Store) SeenMember(ctx context.Context, org sextant.Organisation, account int64, at sextant.Instant) error {
	return s.run(ctx, `UPDATE membership SET seen=$3 WHERE org=$1 AND account=$2`, int64(org), account, int64(at))
}

// PutSession implements access.AccountStore.
func (s *Store) PutSession(ctx context.Context, x access.Session) error {
	return s.run(ctx, `INSERT INTO session (hash, account, org, created, seen, expires, method, proof_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
		ON CONFLICT (hash) DO UPDATE SET org=excluded.org, seen=excluded.seen, method=excluded.method, proof_at=excluded.proof_at`,
		x.Hash, x.Account, int64(x.Organisation), int64(x.Created), int64(x.Seen), int64(x.Expires), string(x.Proof.Method), int64(x.Proof.At))
}

const sessionColumns = `SELECT hash, account, org, created, seen, expires, method, proof_at FROM session`

func intoSession(x *access.Session) []any {
	return []any{&x.Hash, &x.Account, &x.Organisation, &x.Created, &x.Seen, &x.Expires, &x.Proof.Method, &x.Proof.At}
}

// Session implements access.AccountStore.
func (s *Store) Session(ctx context.Context, hash string) (x access.Session, err error) {
	return x, s.one(ctx, intoSession(&x), sessionColumns+` WHERE hash=$1`, hash)
}

// Sessions implements access.AccountStore.
func (s *Store) Sessions(ctx context.Context, account int64) (list []access.Session, err error) {
	rows, err := s.readers.QueryContext(ctx, sessionColumns+` WHERE account=$1 ORDER BY seen DESC, hash`, account)
	err = each(rows, unavailable(err, "read"), func() error {
		var x access.Session
		err := rows.Scan(intoSession(&x)...)
		list = append(list, x)
		return err
	})
	return list, err
}

// RemoveSession implements access.AccountStore.
func (s *Store) RemoveSession(ctx context.Context, hash string) error {
	return s.run(ctx, `DELETE FROM session WHERE hash=$1`, hash)
}

// RemoveSessions implements access.AccountStore.
func (s *Store) RemoveSessions(ctx context.Context, account int64, but string) error {
	return s.run(ctx, `DELETE FROM session WHERE account=$1 AND hash<>$2`, account, but)
}

// EndSessions implements access.AccountStore.
func (s *Store) EndSessions(ctx context.Context, org sextant.Organisation, account int64, e access.Event) error {
	return s.withEvent(ctx, org, e, `DELETE FROM session WHERE org=$1 AND account=$2`, account)
}

// PutToken implements access.AccountStore.
func (s *Store) PutToken(ctx context.Context, x access.APIToken, e access.Event) error {
	var scope []string
	for _, verb := range x.Scope {
		scope = append(scope, string(verb))
	}
	return s.withEvent(ctx, x.Organisation, e, `INSERT INTO api_token (org, hash, id, account, title, scope, created, expires, used) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,0)`,
		x.Hash, x.ID, x.Account, x.Title, strings.Join(scope, ","), int64(x.Created), int64(x.Expires))
}

const tokenColumns = `SELECT t.hash, t.id, t.org, t.account, a.email, t.title, t.scope, t.created, t.expires, t.used FROM api_token t JOIN account a ON a.id=t.account`

func scanToken(scan func(...any) error) (x access.APIToken, err error) {
	var scope string
	err = scan(&x.Hash, &x.ID, &x.Organisation, &x.Account, &x.Email, &x.Title, &scope, &x.Created, &x.Expires, &x.LastUsed)
	for verb := range strings.SplitSeq(scope, ",") {
		if verb != "" {
			x.Scope = append(x.Scope, access.Verb(verb))
		}
	}
	return x, err
}

// Token implements access.AccountStore.
func (s *Store) Token(ctx context.Context, hash string) (access.APIToken, error) {
	x, err := scanToken(s.readers.QueryRowContext(ctx, tokenColumns+` WHERE t.hash=$1`, hash).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return x, sextant.Errorf(sextant.NotFound, "there is no such token")
	}
	return x, unavailable(err, "read")
}

// Tokens implements access.AccountStore.
func (s *Store) Tokens(ctx context.Context, org sextant.Organisation) (list []access.APIToken, err error) {
	rows, err := s.readers.QueryContext(ctx, tokenColumns+` WHERE t.org=$1 ORDER BY t.created, t.id`, int64(org))
	err = each(rows, unavailable(err, "read"), func() error {
		x, err := scanToken(rows.Scan)
		list = append(list, x)
		return err
	})
	return list, err
}

// UsedToken implements access.AccountStore.
func (s *Store) UsedToken(ctx context.Context, hash string, at sextant.Instant) error {
	return s.run(ctx, `UPDATE api_token SET used=$2 WHERE hash=$1`, hash, int64(at))
}

// RemoveToken implements access.AccountStore.
func (s *Store) RemoveToken(ctx context.Context, org sextant.Organisation, id string, e access.Event) error {
	return s.withEvent(ctx, org, e, `DELETE FROM api_token WHERE org=$1 AND id=$2`, id)
}

// PutLink implements access.AccountStore.
func (s *Store) PutLink(ctx context.Context, l access.Link, e access.Event) error {
	const insert = `INSERT INTO link (org, hash, kind, email, roles, person, until_at, expires) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`
	args := []any{l.Hash, l.Kind, l.Email, roleText(l.Roles), l.Person, int64(l.Until), int64(l.Expires)}
	if l.Organisation == sextant.Instance {
		return s.run(ctx, insert, append([]any{int64(l.Organisation)}, args...)...)
	}
	return s.withEvent(ctx, l.Organisation, e, insert, args...)
}

const linkColumns = `hash, kind, org, email, roles, person, until_at, expires`

func scanLink(scan func(...any) error) (l access.Link, err error) {
	var roles string
	err = scan(&l.Hash, &l.Kind, &l.Organisation, &l.Email, &roles, &l.Person, &l.Until, &l.Expires)
	l.Roles = roleList(roles)
	if errors.Is(err, sql.ErrNoRows) {
		return l, sextant.Errorf(sextant.NotFound, "this link has been used or has run out")
	}
	return l, unavailable(err, "read")
}

// Link implements access.AccountStore.
func (s *Store) Link(ctx context.Context, hash string) (access.Link, error) {
	return scanLink(s.readers.QueryRowContext(ctx, `SELECT `+linkColumns+` FROM link WHERE hash=$1`, hash).Scan)
}

// Links implements access.AccountStore.
func (s *Store) Links(ctx context.Context, org sextant.Organisation) (list []access.Link, err error) {
	rows, err := s.readers.QueryContext(ctx, `SELECT `+linkColumns+` FROM link WHERE org=$1 ORDER BY expires, hash`, int64(org))
	err = each(rows, unavailable(err, "read"), func() error {
		l, err := scanLink(rows.Scan)
		list = append(list, l)
		return err
	})
	return list, err
}

// RemoveLink implements access.AccountStore.
func (s *Store) RemoveLink(ctx context.Context, org sextant.Organisation, hash string, e access.Event) error {
	return s.withEvent(ctx, org, e, `DELETE FROM link WHERE org=$1 AND hash=$2`, hash)
}

// Failures implements access.AccountStore.
func (s *Store) Failures(ctx context.Context, key string) (n int, last sextant.Instant, err error) {
	err = s.one(ctx, []any{&n, &last}, `SELECT n, last FROM failure WHERE key=$1`, key)
	if sextant.CodeOf(err) == sextant.NotFound {
		err = nil
	}
	return n, last, err
}

// PutFailures implements access.AccountStore.
func (s *Store) PutFailures(ctx context.Context, key string, n int, last sextant.Instant) error {
	return s.run(ctx, `INSERT INTO failure (key, n, last) VALUES ($1,$2,$3) ON CONFLICT (key) DO UPDATE SET n=excluded.n, last=excluded.last`, key, n, int64(last))
}
