// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"sextant"
	"sextant/internal/store"
	"sextant/register/registertest"
)

// recounter is a store whose counters can be counted again.
type recounter interface {
	Recount(context.Context, sextant.Organisation) ([]string, error)
}

// counted opens a store and, at the end of the test, holds the counters kept
// with all its writes to what counting says.
func counted(open func(testing.TB) registertest.Opened) func(testing.TB) registertest.Opened {
	return func(t testing.TB) registertest.Opened {
		o := open(t)
		t.Cleanup(func() {
			if differences, err := o.Store.(recounter).Recount(context.Background(), 1); err != nil || len(differences) > 0 {
				t.Errorf("counters: %v, %v", differences, err)
			}
		})
		return o
	}
}

func TestACounterThatIsWrongIsNamedAndPutRight(t *testing.T) {
	ctx := context.Background()
	folder, clock := t.TempDir(), registertest.NewClock()
	s, err := store.Open(ctx, store.Config{Folder: folder, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := registertest.NewBench(t, opened(t, s, clock), "Counted")
	b.Pump(t, map[string]any{"name": "P1", "kind": "feed"})
	db, err := sql.Open("sqlite", "file:"+filepath.Join(folder, "sextant.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE facet SET n=7 WHERE register='pump' AND field='kind' AND value='feed'`); err != nil {
		t.Fatal(err)
	}
	differences, err := s.Recount(ctx, b.Org)
	if err != nil || len(differences) != 1 || !strings.Contains(differences[0], `kind="feed": 7 kept, 1 counted`) {
		t.Errorf("%v, %v", differences, err)
	}
	if again, err := s.Recount(ctx, b.Org); err != nil || len(again) != 0 {
		t.Errorf("still %v, %v", again, err)
	}
}
