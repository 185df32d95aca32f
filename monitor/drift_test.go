// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"sync/atomic"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/connector"
	"sextant/control"
	"sextant/evidence"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/monitor"
	"sextant/product"
	"sextant/register"
)

// watch is an organisation whose databases a test sets by hand, under a clock
// of its own.
type watch struct {
	store  *store.Store
	kernel *register.Kernel
	org    sextant.Organisation
	ahead  atomic.Int64
}

func (w *watch) clock() sextant.Instant {
	return sextant.SystemClock() + sextant.Instant(w.ahead.Load())
}

func watchOnBoth(t *testing.T, test func(*testing.T, *watch)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newWatch(t, store.Config{Folder: t.TempDir()})) })
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		test(t, newWatch(t, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner}))
	})
}

func newWatch(t *testing.T, config store.Config) *watch {
	t.Helper()
	w := &watch{}
	config.Clock = w.clock
	var err error
	if w.store, err = store.Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	w.kernel = register.New(w.store, product.Registers(), register.Config{Clock: w.clock, Functions: product.Functions()})
	if w.org, _, err = product.Found(t.Context(), w.store, w.kernel, "Works", "Mara", "mara@example.org"); err != nil {
		t.Fatal(err)
	}
	return w
}

// databases lets a run see databases with these days of backups, an hour later.
func (w *watch) databases(t *testing.T, days map[string]int) {
	t.Helper()
	w.ahead.Add(int64(time.Hour / time.Microsecond))
	r := &monitor.Recorder{Store: w.store, Organisation: w.org, Source: "SRC-1"}
	slice := connector.Slice{Type: "aws:rds_instance", Account: "111122223333", Region: "eu-central-1"}
	for name, kept := range days {
		if err := r.Observe(t.Context(), connector.Observation{Slice: slice, Key: "arn:aws:rds:eu-central-1:111122223333:db:" + name, Kind: connector.Configuration, Attributes: map[string]any{
			"name": name, "identifier": name, "backup_retention_days": kept, "latest_snapshot_at": "2099-01-01T00:00:00Z", "engine": "postgres",
			"storage_encrypted": true, "multi_az": true, "publicly_accessible": false, "tags": map[string]any{}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Complete(t.Context(), connector.Population{Slice: slice, State: connector.Complete, Count: len(days)}); err != nil {
		t.Fatal(err)
	}
	if _, err := (&monitor.Way{Kernel: w.kernel, Store: w.store}).Evaluate(t.Context(), w.org); err != nil {
		t.Fatal(err)
	}
}

func (w *watch) look(t *testing.T, at sextant.Instant, fn func(*register.View, evidence.Reader) error) {
	t.Helper()
	if err := w.kernel.Read(t.Context(), access.SystemActor(w.org, "test"), at, func(v *register.View) error {
		r, err := evidence.On(v)
		if err == nil {
			err = fn(v, r)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestDriftNamesTheResourceAndWhatOfItChanged(t *testing.T) {
	watchOnBoth(t, func(t *testing.T, w *watch) {
		w.databases(t, map[string]int{"orders": 7, "ledger": 35})
		w.databases(t, map[string]int{"orders": 1, "ledger": 35})
		broken := w.clock()
		w.databases(t, map[string]int{"ledger": 35})
		backup, _ := check.Named("aws.rds-backup")
		w.look(t, 0, func(v *register.View, r evidence.Reader) error {
			drifts, last, err := monitor.Drifts(v, r, []*check.Compiled{backup}, nil, 500)
			if err != nil || last != nil || len(drifts) != 3 {
				t.Fatalf("%d changes, %v, %v", len(drifts), last, err)
			}
			mended, broke, first := drifts[0], drifts[1], drifts[2]
			if !first.First() || len(first.Moved) != 0 || first.After != control.Pass {
				t.Errorf("the first: %+v", first)
			}
			if !broke.Worse() || len(broke.Moved) != 1 || !broke.Moved[0].Fails || len(broke.Moved[0].Moves) != 1 {
				t.Fatalf("the breach: %+v", broke)
			}
			if m := broke.Moved[0].Moves[0]; m.Attribute != "backup_retention_days" || m.Before != 7.0 || m.After != 1.0 || monitor.ShortKey(broke.Moved[0].Key) != "orders" {
				t.Errorf("the breach: %+v of %s", m, broke.Moved[0].Key)
			}
			if mended.Worse() || len(mended.Moved) != 1 || !mended.Moved[0].Gone || mended.Moved[0].Fails || mended.After != control.Pass {
				t.Errorf("the end: %+v", mended)
			}
			return nil
		})
		w.look(t, broken, func(v *register.View, r evidence.Reader) error {
			drifts, _, err := monitor.Drifts(v, r, []*check.Compiled{backup}, nil, 500)
			if err != nil || len(drifts) != 2 {
				t.Errorf("as of the breach: %d changes, %v", len(drifts), err)
			}
			return nil
		})
	})
}

func TestEveryCheckStandsSomehow(t *testing.T) {
	watchOnBoth(t, func(t *testing.T, w *watch) {
		w.databases(t, map[string]int{"orders": 1, "ledger": 35})
		broken := w.clock()
		w.databases(t, map[string]int{"orders": 7, "ledger": 35})
		byID := func(v *register.View, r evidence.Reader) map[string]monitor.Checked {
			checks, err := check.InForce(v)
			if err != nil {
				t.Fatal(err)
			}
			all, err := monitor.CheckedAll(v, r, checks)
			if err != nil || len(all) != len(checks) {
				t.Fatalf("%d of %d, %v", len(all), len(checks), err)
			}
			list := map[string]monitor.Checked{}
			for _, c := range all {
				list[c.ID] = c
			}
			return list
		}
		w.look(t, 0, func(v *register.View, r evidence.Reader) error {
			all := byID(v, r)
			if c := all["aws.rds-backup"]; c.State != control.Pass || c.FailsSince != 0 || c.Applicable() != 2 || c.Counts.Passed != 2 || len(c.Sources) != 1 || c.Observed == 0 {
				t.Errorf("now: %+v", c)
			}
			if c := all["aws.root-mfa"]; c.State != control.NotAssessed || c.Ran || c.Sources != nil || c.Fresh() != 0 {
				t.Errorf("a check nobody looks for: %+v", c)
			}
			return nil
		})
		w.look(t, broken, func(v *register.View, r evidence.Reader) error {
			if c := byID(v, r)["aws.rds-backup"]; c.State != control.Fail && c.State != control.FailInGrace || c.FailsSince == 0 || c.Counts.Failed != 1 {
				t.Errorf("then: %+v", c)
			}
			return nil
		})
	})
}
