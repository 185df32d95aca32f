// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"sextant"
	"sextant/evidence"
	"sextant/register"
)

var (
	_ evidence.Store  = (*Store)(nil)
	_ evidence.Writer = (*transaction)(nil)
)

// Machine implements evidence.Store.
func (s *Store) Machine(ctx context.Context, org sextant.Organisation, fn func(evidence.Reader) error) error {
	return s.View(ctx, org, func(tx register.ReadTx) error { return fn(tx.(*transaction)) })
}

// Record implements evidence.Store.
func (s *Store) Record(ctx context.Context, org sextant.Organisation, fn func(evidence.Writer) error) error {
	return s.Update(ctx, org, func(tx register.WriteTx) error { return fn(tx.(*transaction)) })
}

// Registers implements evidence.Reader.
func (t *transaction) Registers() register.ReadTx { return t }

// Seal implements evidence.Writer.
func (t *transaction) Seal(kind string, line any) (sextant.Seq, error) {
	data, err := json.Marshal(line)
	if err != nil {
		return 0, fmt.Errorf("journal line: %w", err)
	}
	return t.Append(register.Record{Kind: kind, Line: data})
}

// forever ends an open interval. It is written into statements and not bound
// where a partial index must be recognised.
const forever = `4611686018427387904`

// standingAt is the condition that picks what stands at a position.
func standingAt(prefix, at, to string) string {
	return fmt.Sprintf(" AND %[1]sfrom_seq<=%[2]s AND %[1]sto_seq>%[3]s", prefix, at, to)
}

// batch is how many keys or rows go into one statement.
const batch = 500

// placeholders writes the placeholders of n values, the first one numbered first.
func placeholders(first, n int) string {
	var text strings.Builder
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "$%d", first+i)
	}
	return text.String()
}

// anys makes arguments of a list.
func anys[T any](list []T) []any {
	args := make([]any, len(list))
	for i, v := range list {
		args[i] = v
	}
	return args
}

// insert writes rows of equal shape into a table, the organisation put before
// each: a statement a row on SQLite, where that is fastest, and many rows a
// statement on PostgreSQL, where a round trip costs more than a row. tail is
// what follows the values, such as ON CONFLICT.
func (t *transaction) insert(table string, columns []string, rows [][]any, tail string) error {
	size, text := 1, ""
	if t.dialect.isPostgres() {
		size = batch
	}
	for written := 0; len(rows) > 0; {
		part := rows[:min(size, len(rows))]
		rows = rows[len(part):]
		if len(part) != written {
			written, text = len(part), insertion(table, columns, len(part))+tail
		}
		if err := t.exec(text, flat(part)...); err != nil {
			return err
		}
	}
	return nil
}

func insertion(table string, columns []string, rows int) string {
	var text strings.Builder
	fmt.Fprintf(&text, "INSERT INTO %s (org, %s) VALUES ", table, strings.Join(columns, ", "))
	for i := range rows {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "($1,%s)", placeholders(2+i*len(columns), len(columns)))
	}
	return text.String()
}

func flat(rows [][]any) []any {
	if len(rows) == 1 {
		return rows[0]
	}
	var all []any
	for _, row := range rows {
		all = append(all, row...)
	}
	return all
}

// reserve draws n numbers of a counter at once and gives the first.
func (t *transaction) reserve(counter string, n int) (first int64, err error) {
	var last int64
	_, err = t.scan(`INSERT INTO counter (org, prefix, n) VALUES ($1,$2,$3) ON CONFLICT (org, prefix) DO UPDATE SET n = counter.n + excluded.n RETURNING n`, []any{counter, n}, &last)
	return last - int64(n) + 1, err
}
