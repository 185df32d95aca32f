// SPDX-License-Identifier: Apache-2.0

package soa_test

import (
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/soa"
)

func TestAControlAppliesWhereOneSystemSaysSo(t *testing.T) {
	const u, a, n = soa.Undecided, soa.Applicable, soa.NotApplicable
	for _, c := range []struct {
		decisions []soa.Applicability
		want      soa.Applicability
	}{
		{nil, u}, {[]soa.Applicability{u}, u}, {[]soa.Applicability{a}, a}, {[]soa.Applicability{n}, n},
		{[]soa.Applicability{n, a}, a}, {[]soa.Applicability{n, u}, u}, {[]soa.Applicability{n, n}, n}, {[]soa.Applicability{u, a}, a},
	} {
		var k soa.Known
		for _, d := range c.decisions {
			k.Decisions = append(k.Decisions, register.Of[soa.Row]{Fields: soa.Row{Applicability: string(d), Owner: "PER-7"}})
		}
		if got := k.Applies(); got != c.want {
			t.Errorf("%v gives %s, want %s", c.decisions, got, c.want)
		}
		if k.Counts() != (c.want != n) {
			t.Errorf("%v: counted %v", c.decisions, k.Counts())
		}
		if owners := k.Owners(); len(owners) != min(1, len(c.decisions)) {
			t.Errorf("%v: owners %v", c.decisions, owners)
		}
	}
	for _, value := range soa.Applicabilities() {
		if value.Label() == "" {
			t.Errorf("%s has no label", value)
		}
	}
}

// What is known is recalled while nothing is recorded, and follows every write,
// the clock alone, and the moment that is asked for.
func TestWhatIsKnownFollowsWritesAndTheClock(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		backup := func(at sextant.Instant) (k soa.Known) {
			t.Helper()
			h.Look(t, at, func(v *register.View, r evidence.Reader) error {
				all, err := soa.All(v, r)
				for _, one := range all {
					if one.Control.ID == "A.8.13" {
						k = one
					}
				}
				return err
			})
			return k
		}
		start := h.Clock()
		if k := backup(0); k.Declared.Value != control.NotDeclared || k.Evidence.State != control.NotAssessed {
			t.Fatalf("at first %s, %s", k.Declared.Value, k.Evidence.State)
		}
		h.Later(time.Hour)
		e := h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": "SU-1", "implementation": "planned", "planned_on": "2099-01-01", "how": "Later.", "owner": h.People[access.Owner]})
		if k := backup(0); k.Declared.Value != "planned" {
			t.Errorf("after it was declared it is %s", k.Declared.Value)
		}
		h.Observe(t, "SRC-1", "aws:rds_instance", map[string]map[string]any{"db:orders": producttest.Database("orders", 30)})
		if k := backup(0); k.Evidence.State != control.Partial {
			t.Errorf("after one line was seen to pass it is %s", k.Evidence.State)
		}
		h.Later(72 * time.Hour)
		if k := backup(0); k.Evidence.State != control.Stale {
			t.Errorf("three days later it is %s", k.Evidence.State)
		}
		if k := backup(start); k.Declared.Value != control.NotDeclared {
			t.Errorf("at the start it was %s", k.Declared.Value)
		}
		h.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit(e.Register.Name, e.Key, 0, map[string]any{"implementation": "partly"}, register.Note{})
			return err
		})
		if k := backup(0); k.Declared.Value != "partly" {
			t.Errorf("after the edit it is %s", k.Declared.Value)
		}
	})
}
