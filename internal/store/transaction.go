// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"database/sql"
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

	prepared   *prepared            // of the store, nil on PostgreSQL
	statements map[string]*sql.Stmt // of this transaction
	compiled   []string             // statements the store does not keep yet
	queue      *queue               // PostgreSQL: writes on their way
	steered    bool                 // PostgreSQL: see alongIndexes

	foreseen map[entryKey]*foreseen // read ahead, see Foresee

	facets map[facet]int  // counters this transaction changes
	keys   map[string]int // counters of keys it has drawn from
	locked bool           // holds the organisation's write lock

	written, look int // PostgreSQL: entries this transaction wrote, and after how many it looks anew

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
	return t.ask(query, t.args(query, args)...)
}

// ask is query for what belongs to no organisation.
func (t *transaction) ask(query string, args ...any) (*sql.Rows, error) {
	if t.queue != nil {
		if err := t.queue.flush(t.ctx); err != nil {
			return nil, err
		}
		rows, err := t.tx.QueryContext(t.ctx, query, args...)
		return rows, unavailable(err, "read")
	}
	statement, err := t.prepare(query)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(t.ctx, args...)
	return rows, unavailable(err, "read")
}

// exec writes. On PostgreSQL the statement may wait for others that go the same
// way; whatever reads or ends the transaction sends them first.
func (t *transaction) exec(query string, args ...any) error {
	return t.run(query, t.args(query, args)...)
}

// run is exec for what belongs to no organisation.
func (t *transaction) run(query string, args ...any) error {
	if t.queue != nil {
		return t.queue.add(t.ctx, query, args, nil)
	}
	statement, err := t.prepare(query)
	if err != nil {
		return err
	}
	_, err = statement.ExecContext(t.ctx, args...)
	return unavailable(err, "write")
}

// execOne is exec that tells whether exactly one row was met.
func (t *transaction) execOne(query string, args ...any) (bool, error) {
	n, err := t.met(query, t.args(query, args))
	return n == 1, err
}

// met runs a statement now and counts the rows it met.
func (t *transaction) met(query string, args []any) (int64, error) {
	var result sql.Result
	err := error(nil)
	if t.queue != nil {
		if err = t.queue.flush(t.ctx); err == nil {
			result, err = t.tx.ExecContext(t.ctx, query, args...)
		}
	} else {
		var statement *sql.Stmt
		if statement, err = t.prepare(query); err == nil {
			result, err = statement.ExecContext(t.ctx, args...)
		}
	}
	if err != nil {
		return 0, unavailable(err, "write")
	}
	return result.RowsAffected()
}

// execMeeting is exec for a statement that must meet exactly one row; otherwise
// it fails with missed, on PostgreSQL when the queue is sent.
func (t *transaction) execMeeting(missed error, query string, args ...any) error {
	args = t.args(query, args)
	if t.queue != nil {
		return t.queue.add(t.ctx, query, args, missed)
	}
	if n, err := t.met(query, args); err != nil || n != 1 {
		return cmp.Or(err, missed)
	}
	return nil
}

// scan reads one row; found is false where there is none.
func (t *transaction) scan(query string, args []any, into ...any) (found bool, err error) {
	rows, err := t.query(query, args...)
	return one(rows, err, into...)
}

func one(rows *sql.Rows, err error, into ...any) (found bool, _ error) {
	if err != nil {
		return false, err
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return false, unavailable(err, "read")
		}
		found = true
	}
	return found, unavailable(rows.Err(), "read")
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
	// Compiling a plan, or starting a worker for it, takes longer than running any
	// of ours (measured: a page of 1 ms took 50 with a worker, 1,000 compiled).
	_, err := t.tx.ExecContext(t.ctx, fmt.Sprintf("SET LOCAL app.org = '%d'; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0", int64(t.org)))
	return unavailable(err, "the database does not answer")
}

// begin takes the organisation's write lock and reads where its log stands.
func (t *transaction) begin(clock sextant.Instant) error {
	var at sextant.Instant
	found, err := t.scan(t.lockHead(), nil, &t.seq, &at)
	if err != nil {
		return err
	}
	if !found {
		return sextant.Errorf(sextant.NotFound, "there is no organisation %d", t.org)
	}
	t.from, t.now, t.locked = t.seq, max(clock, at+1), true
	if clock+clockTolerance < at {
		_, err = t.Append(register.Record{Kind: "clock", Line: fmt.Appendf(nil, `{"at":%d,"clock":%d,"before":%d}`, int64(t.now), int64(clock), int64(at))})
	}
	return err
}

// lockHead takes the organisation's write lock; SQLite took it at the start.
func (t *transaction) lockHead() string {
	if t.dialect.isPostgres() {
		return `SELECT seq, at FROM head WHERE org=$1 FOR UPDATE`
	}
	return `SELECT seq, at FROM head WHERE org=$1`
}

// clockTolerance is how far back the clock may go unremarked: time servers
// correct by milliseconds all the time.
const clockTolerance = sextant.Instant(2_000_000)

// end keeps where the log stands now.
func (t *transaction) end() error {
	if err := t.settle(); err != nil {
		return err
	}
	if err := t.keepKeys(); err != nil {
		return err
	}
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
	if !t.locked {
		_, err = t.scan(`INSERT INTO counter (org, prefix, n) VALUES ($1,$2,1) ON CONFLICT (org, prefix) DO UPDATE SET n = counter.n + 1 RETURNING n`, []any{prefix}, &n)
		return n, err
	}
	err = t.drawKeys(prefix)
	t.keys[prefix]++
	return t.keys[prefix], err
}

// SkipKeys implements register.WriteTx.
func (t *transaction) SkipKeys(prefix string, n int) error {
	err := t.drawKeys(prefix)
	t.keys[prefix] = max(t.keys[prefix], n)
	return err
}

// drawKeys reads a counter once; under the organisation's lock nobody else
// draws.
func (t *transaction) drawKeys(prefix string) error {
	if t.keys == nil {
		t.keys = map[string]int{}
	}
	if _, known := t.keys[prefix]; known {
		return nil
	}
	var n int
	_, err := t.scan(`SELECT n FROM counter WHERE org=$1 AND prefix=$2`, []any{prefix}, &n)
	t.keys[prefix] = n
	return err
}

// keepKeys writes how far the counters were drawn.
func (t *transaction) keepKeys() error {
	for prefix, n := range t.keys {
		if err := t.exec(`INSERT INTO counter (org, prefix, n) VALUES ($1,$2,$3) ON CONFLICT (org, prefix) DO UPDATE SET n = excluded.n`, prefix, n); err != nil {
			return err
		}
	}
	return nil
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
