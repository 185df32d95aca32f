// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"testing"

	"sextant"
	"sextant/internal/store"
	"sextant/register/registertest"
)

func openSQLite(t testing.TB) registertest.Opened {
	t.Helper()
	clock := registertest.NewClock()
	s, err := store.Open(context.Background(), store.Config{Folder: t.TempDir(), Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return opened(t, s, clock)
}

func opened(t testing.TB, s *store.Store, clock *registertest.Clock) registertest.Opened {
	return registertest.Opened{Store: s, Clock: clock, NewOrganisation: func(name string) sextant.Organisation {
		o, err := s.CreateOrganisation(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		return o.Number
	}}
}

func TestKernelOnSQLite(t *testing.T) { registertest.Run(t, openSQLite) }

func TestThePastOnSQLite(t *testing.T) {
	for seed := range uint64(2) {
		registertest.RunHistory(t, counted(openSQLite), seed, 50)
	}
}
