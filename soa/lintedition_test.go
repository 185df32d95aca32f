// SPDX-License-Identifier: Apache-2.0

package soa_test

import (
	"testing"
	"time"

	"sextant/framework"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/soa"
)

// What happens to an approved version when duties and the scope move on.
func TestRulesHoldTheApprovedVersionAgainstWhatCameLater(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		s := &stage{T: t, House: h, system: d.system}
		expect := func(rule, about string, want bool) {
			t.Helper()
			if got := s.finds(rule, about); got != want {
				t.Errorf("%s about %s: found %v, want %v: %+v", rule, about, got, want, s.verdict(rule, 0))
			}
		}
		publish := func() {
			t.Helper()
			e := d.draft(t, "As it stands.")
			for _, err := range []error{d.move(t, d.reviewer, e.Key, "review", ""), d.move(t, d.approver, e.Key, "approve", "")} {
				if err != nil {
					t.Fatal(err)
				}
			}
			h.Later(time.Minute)
		}
		about := framework.ReferenceOf("A.5.31")
		expect("soa-missing", d.system, true)
		publish()
		expect("soa-missing", d.system, false)

		duty := h.Create(t, "obligation", map[string]any{"title": "Register with the authority", "kind": "law", "citation": "BSIG", "summary": "Once.", "owner": "PER-1", "applicability_reason": "Size.", "controls": []string{about}, "review_on": s.day(300)})
		expect("soa-older-than-risks", duty.Key, false)
		h.Later(61 * 24 * time.Hour)
		expect("soa-older-than-risks", duty.Key, true)
		h.Write(t, func(tx *register.Tx) error {
			return soa.Decide(tx, d.system, "A.5.31", 0, map[string]any{"reasons": []string{"legal", "risk_assessment"}}, register.Note{})
		})
		expect("soa-older-than-risks", duty.Key, true)
		publish()
		expect("soa-older-than-risks", duty.Key, false)

		h.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("management_system", d.system, 0, map[string]any{"scope": "All of it, and Porto."}, register.Note{})
			return err
		})
		expect("soa-scope-edition-differs", d.system, false)
		h.Later(61 * 24 * time.Hour)
		expect("soa-scope-edition-differs", d.system, true)
		publish()
		expect("soa-scope-edition-differs", d.system, false)
	})
}
