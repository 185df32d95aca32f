// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"strings"
	"testing"

	"sextant"
	"sextant/register"
	"sextant/register/registertest"
)

// The clock goes back by an hour: a line of the log says so, and nothing that is
// recorded afterwards stands before what was recorded already.
func clockGoesBack(t *testing.T, open func(testing.TB) registertest.Opened) {
	b := registertest.NewBench(t, open(t), "Clock")
	first := b.Pump(t, map[string]any{"name": "first"})
	b.Clock.Move(-3_600_000_000)
	second := b.Pump(t, map[string]any{"name": "second"})
	third := b.Pump(t, map[string]any{"name": "third"})
	if second.At <= first.At || third.At <= second.At {
		t.Errorf("recorded at %s, %s, %s", first.At, second.At, third.At)
	}
	remarks := 0
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		lines, err := v.Beneath().Journal(1, 100, "", "")
		for i, l := range lines {
			if i > 0 && l.At < lines[i-1].At {
				t.Errorf("line %d is of %s, the one before of %s", l.Seq, l.At, lines[i-1].At)
			}
			if l.Kind == "clock" {
				remarks++
				if l.Seq != second.Seq-1 && l.Seq != third.Seq-1 || !strings.Contains(string(l.Line), `"before":`) {
					t.Errorf("line %d remarks %s", l.Seq, l.Line)
				}
			}
		}
		return err
	})
	if remarks == 0 {
		t.Error("no line of the log says that the clock went back")
	}
	b.Clock.Move(7_200_000_000)
	for i, at := range []sextant.Instant{first.At, second.At, third.At} {
		b.View(t, b.Manager(), at, func(v *register.View) error {
			n, err := v.Count(register.List{Register: "pump"})
			if n != i+1 {
				t.Errorf("as of %s there were %d pumps, want %d", at, n, i+1)
			}
			return err
		})
	}
}

func TestTheClockGoesBackOnSQLite(t *testing.T) { clockGoesBack(t, openSQLite) }

func TestTheClockGoesBackOnPostgreSQL(t *testing.T) { clockGoesBack(t, openPostgreSQL) }
