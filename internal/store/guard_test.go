// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"testing"

	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/register"
	"sextant/register/registertest"
)

// The filter the store adds is taken away here: PostgreSQL itself must still
// show an organisation its own rows only, and refuse to write another's.
func TestWithoutTheFilterPostgreSQLStillKeepsOrganisationsApart(t *testing.T) {
	database := testserver.PostgreSQL(t)
	clock := registertest.NewClock()
	s, err := store.Open(context.Background(), store.Config{DatabaseURL: database.App, OwnerURL: database.Owner, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	one, two := registertest.NewBench(t, opened(t, s, clock), "One"), registertest.NewBench(t, opened(t, s, clock), "Two")
	one.Pump(t, map[string]any{"name": "theirs", "uses": []any{"deck"}, "backup": nil})
	db, err := sql.Open("pgx", database.App)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range []string{"entry", "entry_version", "entry_link", "entry_tag", "entry_unique", "facet", "tagged", "journal", "tree", "head", "counter", "resource", "result", "outcome", "observation", "job"} {
		count := func(setting string) (n int, err error) {
			tx, err := db.Begin()
			if err != nil {
				return 0, err
			}
			defer tx.Rollback() //nolint:errcheck // nothing was written
			if setting != "" {
				if _, err := tx.Exec("SET LOCAL app.org = '" + setting + "'"); err != nil {
					return 0, err
				}
			}
			err = tx.QueryRow("SELECT count(*) FROM " + table + " WHERE org = " + fmt.Sprint(int64(one.Org))).Scan(&n)
			return n, err
		}
		if n, err := count(fmt.Sprint(int64(two.Org))); err != nil || n != 0 {
			t.Errorf("%s shows %d rows of another organisation, %v", table, n, err)
		}
		if n, err := count(""); err == nil && n != 0 {
			t.Errorf("%s shows %d rows where no organisation is set", table, n)
		}
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	if _, err := tx.Exec(fmt.Sprintf("SET LOCAL app.org = '%d'", two.Org)); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("INSERT INTO counter (org, prefix, n) VALUES ($1, 'X', 1)", int64(one.Org)); err == nil {
		t.Error("a row of another organisation was written")
	}
}

func TestPostgreSQLIsNotUsedAsARoleThatCouldBypassTheGuard(t *testing.T) {
	database := testserver.PostgreSQL(t)
	admin := database.Owner
	db, err := sql.Open("pgx", database.Owner)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s, err := store.Open(context.Background(), store.Config{DatabaseURL: testserver.Superuser(t, admin), OwnerURL: database.Owner})
	if err == nil {
		s.Close()
		t.Error("a superuser was accepted")
	}
}

// A backup moves between the stores: the log keeps its root, entries and search
// come along.
func TestABackupMovesFromSQLiteToPostgreSQLAndBack(t *testing.T) {
	ctx := context.Background()
	clock := registertest.NewClock()
	first, err := store.Open(ctx, store.Config{Folder: t.TempDir(), Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	b := registertest.NewBench(t, opened(t, first, clock), "Moved")
	b.Pump(t, map[string]any{"name": "travels", "notes": "unmistakable word", "litres": 2.5, "maker_key": "secret"})
	database := testserver.PostgreSQL(t)
	second, err := store.Open(ctx, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	third, err := store.Open(ctx, store.Config{Folder: t.TempDir(), Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	move(t, first, second)
	move(t, second, third)
	was, _, err := first.Tree(ctx, b.Org)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*store.Store{"PostgreSQL": second, "SQLite again": third} {
		is, pending, err := s.Tree(ctx, b.Org)
		if err != nil || is.Root() != was.Root() || pending != 0 {
			t.Errorf("%s: root differs, or %d pending, %v", name, pending, err)
		}
		kernel := register.New(s, registertest.Set(), register.Config{Clock: clock.Now})
		if err := kernel.Reindex(ctx, b.Org); err != nil {
			t.Fatal(err)
		}
		err = kernel.Read(ctx, b.Manager(), 0, func(v *register.View) error {
			found, err := v.Find("unmistakable", 5)
			if len(found) != 1 || found[0].Doc["litres"] != 2.5 {
				t.Errorf("%s: found %v", name, found)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func move(t *testing.T, from, to *store.Store) {
	t.Helper()
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(from.Dump(context.Background(), writer)) }()
	if err := to.Load(context.Background(), reader); err != nil {
		t.Fatal(err)
	}
}
