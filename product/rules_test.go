// SPDX-License-Identifier: Apache-2.0

package product_test

import (
	"testing"

	"sextant/evidence"
	"sextant/lint"
	"sextant/product"
	"sextant/product/producttest"
	"sextant/register"
)

// Every condition has a rule, every rule without one says what it needs, and
// all of them can be asked of an organisation of which nothing is known yet,
// where none may call itself clean after looking at nothing it should have.
func TestEveryRuleIsReachedAndNoneIsFineWithoutItsData(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		conditions := product.Rules()
		for id := range conditions {
			if _, known := lint.Named(id); !known {
				t.Errorf("condition %s belongs to no rule", id)
			}
		}
		h.Look(t, 0, func(v *register.View, m evidence.Reader) error {
			report, err := lint.Report(v, m, conditions)
			if err != nil {
				return err
			}
			if len(report) != len(lint.Rules()) {
				t.Errorf("%d verdicts of %d rules", len(report), len(lint.Rules()))
			}
			for _, verdict := range report {
				switch _, computed := conditions[verdict.Rule.ID]; {
				case !computed && len(verdict.Rule.Needs) == 0:
					t.Errorf("%s cannot tell and does not say what it needs", verdict.Rule.ID)
				case !computed && verdict.Outcome() != lint.Unknown:
					t.Errorf("%s is %s, and nothing computes it", verdict.Rule.ID, verdict.Outcome())
				}
			}
			again, err := lint.Report(v, m, conditions)
			if err == nil && (len(again) == 0 || &again[0] != &report[0]) {
				t.Error("the report is computed anew while nothing was recorded")
			}
			return err
		})
	})
}
