// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Organisation is one organisation of the installation.
type Organisation struct {
	Number  sextant.Organisation
	LogID   string // names its log for ever, in checkpoints and packages
	Name    string // as given when it was made; its register entry has the current one
	Created sextant.Instant
}

// CreateOrganisation makes an organisation with an empty log and nobody in it.
func (s *Store) CreateOrganisation(ctx context.Context, name string) (Organisation, error) {
	return s.Found(ctx, access.Founding{Organisation: name}, func(sextant.Organisation, register.WriteTx) (string, error) { return "", nil })
}

// Found makes an organisation: its log, the entries begin writes, and its first
// member, for whose person begin gives the key of the entry. All of it becomes
// durable together or nothing of it, the set-up link's end included.
func (s *Store) Found(ctx context.Context, f access.Founding, begin func(sextant.Organisation, register.WriteTx) (person string, err error)) (o Organisation, err error) {
	t, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return o, unavailable(err, "the organisation was not made")
	}
	defer t.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if o, err = s.newOrganisation(ctx, t, f.Organisation); err != nil {
		return o, err
	}
	tx := &transaction{ctx: ctx, tx: t, org: o.Number, dialect: s.dialect}
	if err := s.beginLog(tx); err != nil {
		return o, err
	}
	if err := s.admitFounder(tx, f, begin); err != nil {
		return o, err
	}
	if err := tx.end(); err != nil {
		return o, err
	}
	if err := t.Commit(); err != nil {
		return o, unavailable(err, "the organisation was not made")
	}
	s.recorded(o.Number)
	if s.dialect.isPostgres() {
		return o, nil // one set of views shows every role its own organisation
	}
	return o, refreshViews(ctx, s.writer, s.dialect, s.views)
}

func (s *Store) newOrganisation(ctx context.Context, t *sql.Tx, name string) (Organisation, error) {
	o := Organisation{LogID: "org-" + rand.Text(), Name: name, Created: s.clock()}
	if s.dialect.isPostgres() {
		if _, err := t.ExecContext(ctx, `LOCK TABLE organisation IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return o, unavailable(err, "the organisation was not made")
		}
	}
	err := t.QueryRowContext(ctx, `INSERT INTO organisation (org, log_id, name, created) SELECT COALESCE(max(org),0)+1, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT) FROM organisation RETURNING org`,
		o.LogID, name, int64(o.Created)).Scan(&o.Number)
	return o, unavailable(err, "the organisation was not made")
}

// beginLog makes the empty log of the transaction's organisation and takes its
// write lock.
func (s *Store) beginLog(tx *transaction) error {
	if s.dialect.isPostgres() {
		if err := tx.bindOrganisation(); err != nil {
			return err
		}
	}
	if err := tx.exec(`INSERT INTO head (org, seq, at) VALUES ($1,0,0)`); err != nil {
		return err
	}
	if err := tx.exec(`INSERT INTO tree (org, size, edge) VALUES ($1,0,$2)`, []byte{}); err != nil {
		return err
	}
	return tx.begin(s.clock())
}

func (s *Store) admitFounder(tx *transaction, f access.Founding, begin func(sextant.Organisation, register.WriteTx) (string, error)) error {
	if f.Link != "" {
		if err := tx.useUp(f.Link, 0); err != nil {
			return err
		}
	}
	person, err := begin(tx.org, tx)
	if err != nil || f.Account == nil {
		return err
	}
	id, err := s.createAccount(tx.ctx, tx.tx, *f.Account)
	if err != nil {
		return err
	}
	return tx.admit(f.Admission(tx.org, id, person))
}

// Organisations lists all, in the order they were made.
func (s *Store) Organisations(ctx context.Context) (list []Organisation, err error) {
	rows, err := s.readers.QueryContext(ctx, `SELECT org, log_id, name, created FROM organisation ORDER BY org`)
	err = each(rows, unavailable(err, "read"), func() error {
		var o Organisation
		err := rows.Scan(&o.Number, &o.LogID, &o.Name, &o.Created)
		list = append(list, o)
		return err
	})
	return list, err
}

// LogID gives the name of an organisation's log.
func (s *Store) LogID(ctx context.Context, org sextant.Organisation) (id string, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT log_id FROM organisation WHERE org=$1`, int64(org)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", sextant.Errorf(sextant.NotFound, "there is no organisation %d", org)
	}
	return id, unavailable(err, "read")
}
