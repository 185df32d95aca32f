// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"testing"

	"sextant"
	"sextant/register/registertest"
)

// recounter is a store whose counters can be counted again.
type recounter interface {
	Recount(context.Context, sextant.Organisation) ([]string, error)
}

// After any history the counters kept with the writes say what counting says.
func countersAgree(t *testing.T, open func(testing.TB) registertest.Opened) {
	for seed := range uint64(3) {
		var o registertest.Opened
		registertest.RunHistory(t, func(t testing.TB) registertest.Opened { o = open(t); return o }, 100+seed, 8)
		differences, err := o.Store.(recounter).Recount(context.Background(), 1)
		if err != nil || len(differences) > 0 {
			t.Errorf("seed %d: %v, %v", seed, differences, err)
		}
	}
}

func TestCountersAgreeOnSQLite(t *testing.T) { countersAgree(t, openSQLite) }

func TestCountersAgreeOnPostgreSQL(t *testing.T) { countersAgree(t, openPostgreSQL) }
