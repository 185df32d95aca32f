// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/register"
	"sextant/register/registertest"
)

func openPostgreSQL(t testing.TB) registertest.Opened {
	t.Helper()
	database := testserver.PostgreSQL(t)
	clock := registertest.NewClock()
	s, err := store.Open(context.Background(), store.Config{DatabaseURL: database.App, OwnerURL: database.Owner, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return opened(t, s, clock)
}

func TestKernelOnPostgreSQL(t *testing.T) { registertest.Run(t, openPostgreSQL) }

func TestThePastOnPostgreSQL(t *testing.T) {
	for seed := range uint64(1) {
		registertest.RunHistory(t, counted(openPostgreSQL), seed, 50)
	}
}

// While another replica seals, Seal waits for it: a checkpoint signed after it
// covers every line that was recorded before.
func TestSealWaitsForAnotherIntegrator(t *testing.T) {
	database := testserver.PostgreSQL(t)
	clock := registertest.NewClock()
	s, err := store.Open(t.Context(), store.Config{DatabaseURL: database.App, OwnerURL: database.Owner, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := registertest.NewBench(t, opened(t, s, clock), "Sealed")
	other, err := sql.Open("pgx", database.Owner)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	busy, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Rollback()
	if _, err := busy.Exec(`SELECT set_config('app.org', $1, true)`, fmt.Sprint(b.Org)); err != nil {
		t.Fatal(err)
	}
	var size int64
	if err := busy.QueryRow(`SELECT size FROM tree WHERE org=$1 FOR UPDATE`, b.Org).Scan(&size); err != nil {
		t.Fatal(err)
	}
	b.Pump(t, map[string]any{"name": "P1", "kind": "feed"})
	sealed := make(chan error, 1)
	go func() { sealed <- s.Seal(context.WithoutCancel(t.Context())) }()
	select {
	case err := <-sealed:
		t.Fatalf("Seal came back while another held the tree: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := busy.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-sealed; err != nil {
		t.Fatal(err)
	}
	if tree, pending, err := s.Tree(t.Context(), b.Org); err != nil || pending != 0 || tree.Size == 0 {
		t.Errorf("%d sealed, %d pending, %v", tree.Size, pending, err)
	}
}

// A first import is one transaction nobody counted the rows of before: what it
// writes is found again by key, not by reading the whole register.
func TestAFirstImportFindsItsRowsByKey(t *testing.T) {
	database := testserver.PostgreSQL(t)
	clock := registertest.NewClock()
	s, err := store.Open(t.Context(), store.Config{DatabaseURL: database.App, OwnerURL: database.Owner, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := registertest.NewBench(t, opened(t, s, clock), "First")
	b.Write(t, b.Manager(), func(tx *register.Tx) error {
		for i := range 1000 {
			if _, err := tx.Create("pump", map[string]any{"name": fmt.Sprintf("pump %d", i), "kind": "feed"}, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
	db, err := sql.Open("pgx", database.App)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for statement, index := range map[string]string{
		`SELECT data FROM entry WHERE org=%[1]d AND register='pump' AND key='%[2]s'`:                                                         "entry_key",
		`UPDATE entry SET at=1 WHERE org=%[1]d AND register='pump' AND key='%[2]s' AND version=1`:                                            "entry_key",
		`UPDATE entry_version SET to_seq=9 WHERE org=%[1]d AND register='pump' AND key='%[2]s' AND version=1 AND to_seq=4611686018427387904`: "entry_version_pkey",
	} {
		var plan string
		if err := db.QueryRow(`EXPLAIN (FORMAT JSON) ` + fmt.Sprintf(statement, b.Org, "PMP-500")).Scan(&plan); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, `"Index Name": "`+index+`"`) {
			t.Errorf("%s\ndoes not go along %s: %s", statement, index, plan)
		}
	}
}
