// SPDX-License-Identifier: Apache-2.0

package soa_test

import (
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/framework"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/soa"
)

func TestAStatementHasTheRowsOfItsStandardItsExtensionsAndOwnControls(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		isms := h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All.", "extensions": []any{framework.ISO27017}}).Key
		privacy := h.Create(t, "management_system", map[string]any{"title": "PIMS", "scope": "Customers.", "standard": framework.ISO27701}).Key
		h.Create(t, "own_control", map[string]any{"reference": "NQ-10", "title": "Ten", "objective": "o", "description": "d", "owner": h.People[access.Owner]})
		h.Create(t, "own_control", map[string]any{"reference": "NQ-9", "title": "Nine", "objective": "o", "description": "d", "owner": h.People[access.Owner], "attributes": []any{"preventive"}, "related_controls": []any{"iso27001:2022/A.5.3"}})
		roles := func(cloud, pii string) {
			h.Write(t, func(tx *register.Tx) error {
				_, err := tx.Edit("organisation", "ORG-1", 0, map[string]any{"cloud_role": cloud, "pii_role": pii}, register.Note{})
				return err
			})
		}
		ids := func(system string) (ids []string) {
			t.Helper()
			h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
				lines, err := soa.Statement(v, r, system)
				for _, l := range lines {
					ids = append(ids, l.Control.ID)
				}
				return err
			})
			return ids
		}
		all := func() (n int) {
			h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
				known, err := soa.All(v, r)
				n = len(known)
				return err
			})
			return n
		}
		if got := ids(isms); len(got) != 93+2 || got[93] != "NQ-9" || got[94] != "NQ-10" {
			t.Errorf("without a role there are %d rows, the last are %v", len(got), got[93:])
		}
		roles("customer", "processor")
		if got := ids(isms); len(got) != 93+5+2 || got[93] != "CLD.6.3.1" {
			t.Errorf("a cloud customer has %d rows: %v", len(got), got[93:])
		}
		if got := ids(privacy); len(got) != 18+29+2 || got[0] != "27701:A.2.2.2" {
			t.Errorf("the privacy system of a processor has %d rows, the first is %s", len(got), got[0])
		}
		if n := all(); n != 93+47+5+2 {
			t.Errorf("%d rows are in use", n)
		}
		decide := func(system, id string) error {
			return h.Kernel.Write(t.Context(), h.System(), func(tx *register.Tx) error {
				return soa.Decide(tx, system, id, 0, map[string]any{"applicability": "applicable", "reasons": []string{"legal"}}, register.Note{})
			})
		}
		for _, id := range []string{"CLD.6.3.1", "NQ-9"} {
			if err := decide(isms, id); err != nil {
				t.Errorf("%s cannot be decided: %v", id, err)
			}
		}
		if err := decide(isms, "27701:A.2.2.2"); sextant.CodeOf(err) != sextant.NotFound || !strings.Contains(err.Error(), "extension") {
			t.Errorf("a row that is not in the statement: %v", err)
		}
		h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
			lines, err := soa.Statement(v, r, isms)
			for _, l := range lines {
				if l.Control.ID == "NQ-9" && (l.Decision() != soa.Applicable || l.Entry.Title() != "NQ-9 Nine" || l.Mode != framework.Human || l.Control.Related[0] != "A.5.3") {
					t.Errorf("the own control is %+v, entitled %q", l.Row, l.Entry.Title())
				}
			}
			return err
		})
	})
}
