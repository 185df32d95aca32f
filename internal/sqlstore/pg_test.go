// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"testing"

	store "sextant/internal/sqlstore"
	"sextant/register/registertest"
)

var dbCount int

func openPostgres(t testing.TB) registertest.Opened {
	t.Helper()
	admin, err := sql.Open("pgx", os.Getenv("SEXTANT_TEST_DATABASE_URL"))
	if err != nil {
		t.Fatal(err)
	}
	dbCount++
	name := fmt.Sprintf("t%d_%d", os.Getpid(), dbCount)
	if _, err := admin.Exec("CREATE DATABASE " + name + " OWNER owner"); err != nil {
		t.Fatal(err)
	}
	clock := registertest.NewClock()
	s, err := store.Open(context.Background(), store.Config{DatabaseURL: "postgres://app@127.0.0.1:55432/" + name, OwnerURL: "postgres://owner@127.0.0.1:55432/" + name, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); admin.Exec("DROP DATABASE " + name); admin.Close() })
	return opened(t, s, clock)
}

func TestKernelOnPostgreSQL(t *testing.T) { registertest.Run(t, openPostgres) }

func TestThePastOnPostgreSQL(t *testing.T) {
	for seed := range uint64(2) {
		registertest.RunHistory(t, openPostgres, seed, 50)
	}
}
