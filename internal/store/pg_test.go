// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"testing"

	"sextant/internal/store"
	"sextant/internal/testserver"
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
