// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sextant"
)

// backedUp are the tables of a backup in the order they are restored. What can
// be computed again (the search index) is not among them.
var backedUp = []string{"organisation", "account", "membership", "api_token", "failure",
	"head", "tree", "tree_hash", "journal", "checkpoint", "counter", "secret",
	"entry", "entry_version", "entry_link", "entry_unique",
	"thing", "observation", "resource", "resource_count", "population", "run", "check_id", "result", "outcome", "evaluated", "evaluated_count", "status", "settled", "tally_day"}

// derived are tables that are no truth of their own. The kernel makes them from
// the versions where their mark is missing.
var derived = map[string]bool{"entry_tag": true}

// ofInstallation are the tables without an organisation's guard.
var ofInstallation = map[string]bool{"organisation": true, "account": true, "membership": true, "api_token": true, "failure": true}

// dumpLine is one row of a backup, or the head of a table.
type dumpLine struct {
	Table   string   `json:"t,omitempty"`
	Columns []string `json:"c,omitempty"`
	Values  []any    `json:"v,omitempty"`
	Rows    int64    `json:"rows,omitempty"` // on the last line: how many there were
}

// Dump writes everything as JSON lines, in one snapshot, while others go on
// writing. The master key is not in it; secrets are, as sealed.
func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: s.readIsolation()})
	if err != nil {
		return unavailable(err, "backup")
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	all, err := s.Organisations(ctx)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	var rows int64
	for _, table := range backedUp {
		n, err := s.dumpTable(ctx, tx, enc, table, all)
		if err != nil {
			return fmt.Errorf("backup of %s: %w", table, err)
		}
		rows += n
	}
	if err := enc.Encode(dumpLine{Table: "end", Rows: rows}); err != nil {
		return err
	}
	return out.Flush()
}

func (s *Store) dumpTable(ctx context.Context, tx *sql.Tx, enc *json.Encoder, table string, all []Organisation) (int64, error) {
	if ofInstallation[table] || !s.dialect.isPostgres() {
		return dumpRows(ctx, tx, enc, table)
	}
	var rows int64
	for _, o := range all { // row-level security shows one organisation at a time
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("SET LOCAL app.org = '%d'", int64(o.Number))); err != nil {
			return rows, err
		}
		n, err := dumpRows(ctx, tx, enc, table)
		rows += n
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

func dumpRows(ctx context.Context, tx *sql.Tx, enc *json.Encoder, table string) (n int64, err error) {
	order, err := dumpOrder(ctx, tx, table)
	if err != nil {
		return 0, err
	}
	rows, err := tx.QueryContext(ctx, "SELECT * FROM "+table+" ORDER BY "+order)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return 0, err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name()
	}
	if err := enc.Encode(dumpLine{Table: table, Columns: names}); err != nil {
		return 0, err
	}
	for rows.Next() {
		values := make([]any, len(columns))
		pointers := make([]any, len(columns))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			return n, err
		}
		for i, v := range values {
			values[i] = portable(columns[i].DatabaseTypeName(), v)
		}
		if err := enc.Encode(dumpLine{Values: values}); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

// dumpOrder is the order of a table's rows in a dump: by its first columns,
// three where there are as many. It must not be found out by a statement that
// fails, which on PostgreSQL ends the transaction.
func dumpOrder(ctx context.Context, tx *sql.Tx, table string) (string, error) {
	rows, err := tx.QueryContext(ctx, "SELECT * FROM "+table+" LIMIT 0")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	return [...]string{"", "1", "1, 2", "1, 2, 3"}[min(len(columns), 3)], err
}

// binary marks bytes in a dump, which JSON has no form for.
type binary struct {
	Base64 string `json:"b64"`
}

func portable(kind string, v any) any {
	data, isBytes := v.([]byte)
	switch {
	case !isBytes:
		return v
	case kind == "JSONB" || kind == "TEXT":
		return string(data)
	}
	return binary{base64.StdEncoding.EncodeToString(data)}
}

// Load restores a dump into a store that holds nothing yet, in one transaction:
// all of it or nothing.
func (s *Store) Load(ctx context.Context, r io.Reader) error {
	all, err := s.Organisations(ctx)
	if err != nil {
		return err
	}
	if len(all) > 0 {
		return sextant.Errorf(sextant.Conflict, "there is data here already").WithHint("restore into an empty folder or database")
	}
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return unavailable(err, "restore")
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if err := s.load(ctx, tx, r); err != nil {
		return err
	}
	return unavailable(tx.Commit(), "restore")
}

func (s *Store) load(ctx context.Context, tx *sql.Tx, r io.Reader) error {
	dec := json.NewDecoder(bufio.NewReaderSize(r, 1<<20))
	dec.UseNumber()
	var insert *sql.Stmt
	var head dumpLine
	var rows int64
	for {
		var line dumpLine
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			return sextant.Errorf(sextant.Invalid, "the backup ends in the middle").WithHint("take another copy of the file")
		} else if err != nil {
			return sextant.Errorf(sextant.Invalid, "the backup cannot be read: %s", err)
		}
		switch {
		case line.Table == "end":
			if line.Rows != rows {
				return sextant.Errorf(sextant.Invalid, "the backup should have %d rows and has %d", line.Rows, rows)
			}
			return nil
		case derived[line.Table]: // of an older backup: the kernel makes it anew
			insert, head = nil, line
		case line.Table != "":
			var err error
			if insert, err = s.inserter(ctx, tx, line); err != nil {
				return err
			}
			head = line
		default:
			if derived[head.Table] {
				rows++
				continue
			}
			if err := s.loadRow(ctx, tx, insert, head, line.Values); err != nil {
				return fmt.Errorf("restore of %s: %w", head.Table, err)
			}
			rows++
		}
	}
}

func (s *Store) inserter(ctx context.Context, tx *sql.Tx, line dumpLine) (*sql.Stmt, error) {
	known := false
	for _, table := range backedUp {
		known = known || table == line.Table
	}
	marks := make([]string, len(line.Columns))
	for i, name := range line.Columns {
		if !fieldName.MatchString(name) {
			return nil, sextant.Errorf(sextant.Invalid, "the backup has a column %q", name)
		}
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	if !known || len(line.Columns) == 0 {
		return nil, sextant.Errorf(sextant.Invalid, "the backup has a table %q this version does not know", line.Table)
	}
	return tx.PrepareContext(ctx, "INSERT INTO "+line.Table+" ("+strings.Join(line.Columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")")
}

func (s *Store) loadRow(ctx context.Context, tx *sql.Tx, insert *sql.Stmt, head dumpLine, values []any) error {
	if insert == nil || len(values) != len(head.Columns) {
		return sextant.Errorf(sextant.Invalid, "a row does not fit its table")
	}
	for i, v := range values {
		switch v := v.(type) {
		case json.Number:
			n, err := v.Int64()
			if err != nil {
				return sextant.Errorf(sextant.Invalid, "%s is no whole number", v)
			}
			values[i] = n
		case map[string]any:
			text, _ := v["b64"].(string)
			data, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return sextant.Errorf(sextant.Invalid, "a value is no base64")
			}
			values[i] = data
		}
		if s.dialect.isPostgres() && head.Columns[i] == "org" && !ofInstallation[head.Table] {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("SET LOCAL app.org = '%d'", values[i])); err != nil {
				return err
			}
		}
	}
	_, err := insert.ExecContext(ctx, values...)
	return err
}

// Compact rewrites the files, so that nothing erased lingers in free pages, in
// the write-ahead log or in the search index.
func (s *Store) Compact(ctx context.Context) error {
	if s.dialect.isPostgres() {
		return nil // dead rows go with PostgreSQL's own vacuum
	}
	for _, statement := range []string{`INSERT INTO entry_search(entry_search) VALUES('optimize')`, `VACUUM`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
		if _, err := s.writer.ExecContext(ctx, statement); err != nil {
			return unavailable(err, "the data could not be rewritten")
		}
	}
	return s.removeCopies()
}

// removeCopies removes the copies made before migrations: they hold what was
// erased since.
func (s *Store) removeCopies() error {
	copies, err := filepath.Glob(filepath.Join(s.folder, copyName))
	if err != nil {
		return err
	}
	for _, name := range copies {
		if err := os.Remove(name); err != nil {
			return unavailable(err, "a copy from before a migration could not be removed")
		}
	}
	return nil
}

// Index implements register.WriteTx.
func (t *transaction) Index(kind, key, text string) error {
	row, err := t.Entry(kind, key, sextant.LatestSeq)
	if err != nil {
		return err
	}
	return t.index(row, text, false)
}
