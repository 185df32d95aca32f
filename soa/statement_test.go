// SPDX-License-Identifier: Apache-2.0

package soa_test

import (
	"slices"
	"testing"
	"time"

	"sextant/access"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/soa"
)

func TestAReasonIncludesAndItsLastOneGone(t *testing.T) {
	row, err := soa.Toggled(soa.Row{Applicability: "undecided"}, "legal")
	if err != nil || row.Applicability != "applicable" || !slices.Equal(row.Reasons, []string{"legal"}) {
		t.Fatalf("%+v, %v", row, err)
	}
	row, _ = soa.Toggled(row, "contractual")
	row, _ = soa.Toggled(row, "legal")
	if row.Applicability != "applicable" || !slices.Equal(row.Reasons, []string{"contractual"}) {
		t.Errorf("one of two taken away: %+v", row)
	}
	if row, _ = soa.Toggled(row, "contractual"); row.Applicability != "undecided" || len(row.Reasons) != 0 {
		t.Errorf("the last one taken away: %+v", row)
	}
	if _, err := soa.Toggled(soa.Row{Applicability: "not_applicable"}, "legal"); err == nil {
		t.Error("an exclusion takes a reason")
	}
}

func TestAStatementHoldsAllControlsAndItsContradictions(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		system := h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key
		decide := func(id string, values map[string]any) {
			t.Helper()
			h.Write(t, func(tx *register.Tx) error { return soa.Decide(tx, system, id, 0, values, register.Note{}) })
		}
		implemented := func(id string) {
			t.Helper()
			h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/" + id, "scope_unit": "SU-1", "implementation": "implemented", "how": "It is done.", "owner": h.People[access.Owner]})
		}
		decide("A.5.1", map[string]any{"applicability": "applicable", "reasons": []string{"legal"}})
		decide("A.5.1", map[string]any{"inclusion_justification": "A law asks for it."})
		decide("A.7.6", map[string]any{"applicability": "not_applicable", "exclusion_justification": "No secure areas."})
		decide("A.5.2", map[string]any{"applicability": "applicable", "reasons": []string{"legal"}})
		implemented("A.5.1")
		implemented("A.7.6")
		lines := func() []soa.Line {
			t.Helper()
			var list []soa.Line
			h.Look(t, 0, func(v *register.View, r evidence.Reader) (err error) {
				list, err = soa.Statement(v, r, system)
				return err
			})
			return list
		}
		of := func(id string) soa.Line {
			t.Helper()
			list := lines()
			return list[slices.IndexFunc(list, func(l soa.Line) bool { return l.Control.ID == id })]
		}
		if list := lines(); len(list) != 93 || list[0].Row.Justification() != "A law asks for it." || list[0].Entry == nil || list[2].Decision() != soa.Undecided || list[2].Entry != nil {
			t.Fatalf("%d lines, the first %+v", len(list), list[0].Row)
		}
		if got := of("A.7.6").Clashes; !slices.Equal(got, []soa.Clash{soa.ExcludedInUse}) {
			t.Errorf("left out and implemented: %v", got)
		}
		if got := of("A.5.1").Clashes; got != nil {
			t.Errorf("implemented today: %v", got)
		}
		h.Later(91 * 24 * time.Hour)
		h.Evaluate(t)
		if got := of("A.5.1").Clashes; !slices.Equal(got, []soa.Clash{soa.Unproven}) {
			t.Errorf("implemented and unproven for ninety days: %v", got)
		}
		if got := of("A.5.2").Clashes; !slices.Equal(got, []soa.Clash{soa.ApplicableUnused}) {
			t.Errorf("in and nothing declared for ninety days: %v", got)
		}
		if of("A.5.3").Lacks() || of("A.5.1").Lacks() {
			t.Error("a row that says enough lacks something")
		}
	})
}
