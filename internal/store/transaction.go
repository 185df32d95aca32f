// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"sextant"
	"sextant/register"
)

// transaction is one organisation's view of the database. Every statement gets
// the organisation as $1; one that does not use it is refused, so that no
// statement can forget it.
type transaction struct {
	ctx     context.Context //nolint:containedctx // a transaction lives as long as one call
	tx      *sql.Tx
	org     sextant.Organisation
	dialect dialect

	statements map[string]*sql.Stmt // prepared once a transaction, closed with it

	now  sextant.Instant // of a writing transaction
	seq  sextant.Seq     // last position taken
	from sextant.Seq     // last position before this transaction
}

var _ register.WriteTx = (*transaction)(nil)

func (t *transaction) args(query string, args []any) []any {
	if !strings.Contains(query, "org") || !strings.Contains(query, "$1") {
		panic("store: a statement without its organisation: " + query)
	}
	return append([]any{int64(t.org)}, args...)
}

func (t *transaction) query(query string, args ...any) (*sql.Rows, error) {
	args = t.args(query, args)
	prepared, err := t.prepare(query)
	if err != nil {
		return nil, err
	}
	rows, err := prepared.QueryContext(t.ctx, args...)
	return rows, unavailable(err, "read")
}

func (t *transaction) exec(query string, args ...any) error {
	args = t.args(query, args)
	prepared, err := t.prepare(query)
	if err != nil {
		return err
	}
	_, err = prepared.ExecContext(t.ctx, args...)
	return unavailable(err, "write")
}

// prepare keeps a statement for the rest of the transaction: bulk work runs the
// same dozen ten thousand times.
func (t *transaction) prepare(query string) (*sql.Stmt, error) {
	if prepared, ok := t.statements[query]; ok {
		return prepared, nil
	}
	prepared, err := t.tx.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, unavailable(err, "statement")
	}
	if t.statements == nil {
		t.statements = map[string]*sql.Stmt{}
	}
	t.statements[query] = prepared
	return prepared, nil
}

// execOne is exec for a statement that must meet exactly one row.
func (t *transaction) execOne(query string, args ...any) (bool, error) {
	args = t.args(query, args)
	prepared, err := t.prepare(query)
	if err != nil {
		return false, err
	}
	result, err := prepared.ExecContext(t.ctx, args...)
	if err != nil {
		return false, unavailable(err, "write")
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// scan reads one row; found is false where there is none.
func (t *transaction) scan(query string, args []any, into ...any) (found bool, err error) {
	args = t.args(query, args)
	prepared, err := t.prepare(query)
	if err != nil {
		return false, err
	}
	err = prepared.QueryRowContext(t.ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, unavailable(err, "read")
}

// each calls fn for every row.
func each(rows *sql.Rows, err error, fn func() error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(); err != nil {
			return err
		}
	}
	return unavailable(rows.Err(), "read")
}

// bindOrganisation tells PostgreSQL's row-level security whose rows there are in
// this transaction.
func (t *transaction) bindOrganisation() error {
	_, err := t.tx.ExecContext(t.ctx, fmt.Sprintf("SET LOCAL app.org = '%d'", int64(t.org)))
	return unavailable(err, "the database does not answer")
}

// begin takes the organisation's write lock and reads where its log stands.
func (t *transaction) begin(clock sextant.Instant) error {
	lock := `SELECT seq, at FROM head WHERE org=$1`
	if t.dialect.isPostgres() {
		lock += ` FOR UPDATE`
	}
	var at sextant.Instant
	found, err := t.scan(lock, nil, &t.seq, &at)
	if err != nil {
		return err
	}
	if !found {
		return sextant.Errorf(sextant.NotFound, "there is no organisation %d", t.org)
	}
	t.from, t.now = t.seq, max(clock, at+1)
	if clock+clockTolerance < at {
		_, err = t.Append(register.Record{Kind: "clock", Line: fmt.Appendf(nil, `{"at":%d,"clock":%d,"before":%d}`, int64(t.now), int64(clock), int64(at))})
	}
	return err
}

// clockTolerance is how far back the clock may go unremarked: time servers
// correct by milliseconds all the time.
const clockTolerance = sextant.Instant(2_000_000)

// end keeps where the log stands now.
func (t *transaction) end() error {
	if t.seq == t.from {
		return nil
	}
	if !t.dialect.isPostgres() {
		if _, err := t.seal(int(t.seq - t.from)); err != nil {
			return err
		}
	}
	return t.exec(`UPDATE head SET seq=$2, at=$3 WHERE org=$1`, int64(t.seq), int64(t.now))
}

// Now implements register.WriteTx.
func (t *transaction) Now() sextant.Instant { return t.now }

// NextSeq implements register.WriteTx.
func (t *transaction) NextSeq() sextant.Seq { return t.seq + 1 }

// Head implements register.ReadTx.
func (t *transaction) Head() (seq sextant.Seq, at sextant.Instant, err error) {
	_, err = t.scan(`SELECT seq, at FROM head WHERE org=$1`, nil, &seq, &at)
	return max(seq, t.seq), max(at, t.now), err
}

// SeqAt implements register.ReadTx.
func (t *transaction) SeqAt(at sextant.Instant) (seq sextant.Seq, err error) {
	_, err = t.scan(`SELECT seq FROM journal WHERE org=$1 AND at<=$2 ORDER BY at DESC, seq DESC LIMIT 1`, []any{int64(at)}, &seq)
	return seq, err
}

// NextKey implements register.WriteTx.
func (t *transaction) NextKey(prefix string) (n int, err error) {
	_, err = t.scan(`INSERT INTO counter (org, prefix, n) VALUES ($1,$2,1) ON CONFLICT (org, prefix) DO UPDATE SET n = counter.n + 1 RETURNING n`, []any{prefix}, &n)
	return n, err
}

// SkipKeys implements register.WriteTx.
func (t *transaction) SkipKeys(prefix string, n int) error {
	return t.exec(`INSERT INTO counter (org, prefix, n) VALUES ($1,$2,$3) ON CONFLICT (org, prefix) DO UPDATE SET n = CASE WHEN counter.n < excluded.n THEN excluded.n ELSE counter.n END`, prefix, n)
}

// Secret implements register.ReadTx.
func (t *transaction) Secret(handle string) (sealed []byte, err error) {
	found, err := t.scan(`SELECT sealed FROM secret WHERE org=$1 AND handle=$2`, []any{handle}, &sealed)
	if err == nil && !found {
		err = sextant.Errorf(sextant.NotFound, "that secret is not kept any more")
	}
	return sealed, err
}

// PutSecret implements register.WriteTx.
func (t *transaction) PutSecret(handle string, sealed []byte) error {
	if sealed == nil {
		return t.exec(`DELETE FROM secret WHERE org=$1 AND handle=$2`, handle)
	}
	return t.exec(`INSERT INTO secret (org, handle, sealed) VALUES ($1,$2,$3) ON CONFLICT (org, handle) DO UPDATE SET sealed=excluded.sealed`, handle, sealed)
}
