// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"sextant"
	"sextant/register"
)

// explain gives SQLite's plan of a list.
func explain(t *testing.T, db *sql.DB, q register.Query) string {
	t.Helper()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	tr := &transaction{ctx: context.Background(), tx: tx, org: 1, dialect: sqlite}
	s, err := tr.statement(q)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.after(q.Order, q.After); err != nil {
		t.Fatal(err)
	}
	text := s.text()
	query := "EXPLAIN QUERY PLAN SELECT e.n" + text + orderBy(q.Order) + " LIMIT " + s.bind(q.Limit)
	rows, err := tx.Query(query, append([]any{int64(1)}, s.args...)...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, detail)
	}
	return strings.Join(plan, "; ")
}

// The lists a register may promise (register.Shape): each must be served from
// an index, now and as of a past position, on the first page and behind a mark.
func TestPromisedListsAreServedFromAnIndex(t *testing.T) {
	s, err := Open(context.Background(), Config{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	is := func(c register.Column, value string) register.Condition {
		return register.Condition{Column: c, Op: register.Is, Values: []string{value}}
	}
	for name, q := range map[string]register.Query{
		"by key":                   {Order: register.Order{Column: register.ColumnKey}},
		"by due date":              {Order: register.Order{Column: register.ColumnDue}},
		"by title":                 {Order: register.Order{Column: register.ColumnTitle}},
		"a state by owner, by due": {Conditions: []register.Condition{is(register.ColumnState, "open"), is(register.ColumnOwner, "PER-1")}, Order: register.Order{Column: register.ColumnDue}},
		"newest change first":      {Order: register.Order{Column: register.ColumnChanged, Descending: true}},
		"by due date, last first":  {Order: register.Order{Column: register.ColumnDue, Descending: true}},
	} {
		for _, at := range []sextant.Seq{sextant.LatestSeq, 100} {
			if at != sextant.LatestSeq && q.Order.Column == register.ColumnChanged {
				continue // not promised for the past
			}
			for _, mark := range []*register.Mark{nil, {Value: "2026-01-01", N: 7}} {
				q.Register, q.At, q.Limit, q.After = "task", at, 50, mark
				if q.Order.Column == register.ColumnChanged && mark != nil {
					q.After = &register.Mark{Value: "5", N: 7}
				}
				if plan := explain(t, s.readers, q); !strings.Contains(plan, "USING") || strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("%s at %d, mark %v: %s", name, at, mark != nil, plan)
				}
			}
		}
	}
}
