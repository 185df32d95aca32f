// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
	"strings"
	"testing"
	"time"

	"sextant/evidence"
	"sextant/lint"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

// found gives what a rule says now.
func (d *desk) found(t *testing.T, id string) (facts []string) {
	t.Helper()
	rule, ok := lint.Named(id)
	if !ok {
		t.Fatalf("no rule %s", id)
	}
	d.Look(t, 0, func(v *register.View, r evidence.Reader) error {
		verdicts, err := lint.Run(lint.Look{View: v, Evidence: r}, risk.Conditions(), []lint.Rule{rule})
		for _, verdict := range verdicts {
			for _, f := range verdict.Findings {
				facts = append(facts, f.Facts)
			}
		}
		return err
	})
	return facts
}

func (d *desk) finds(t *testing.T, id, says string) {
	t.Helper()
	if got := d.found(t, id); !strings.Contains(strings.Join(got, "\n"), says) {
		t.Errorf("%s finds %q, want something that says %q", id, got, says)
	}
}

func (d *desk) clean(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if got := d.found(t, id); len(got) > 0 {
			t.Errorf("%s finds %q", id, got)
		}
	}
}

// TestTheRulesAboutRisksFindWhatTheySay plays a year: each rule is silent while
// all is well, and speaks when it is not.
func TestTheRulesAboutRisksFindWhatTheySay(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		key := d.risk(t, nil)
		d.finds(t, "criteria-missing", "no criteria are in force")
		d.approved(t, risk.Template(5, "EUR", 6e6))
		d.clean(t, "criteria-missing", "risk-not-evaluated")
		d.Later(90 * 24 * time.Hour)
		d.finds(t, "risk-not-evaluated", "not evaluated")
		d.evaluate(t, key, "current", 4, 4)
		d.clean(t, "risk-not-evaluated", "treatment-missing", "risk-review-overdue", "residual-relies-on-failing-control")
		d.finds(t, "risk-owner-without-authority", "may not accept High, the current risk")
		plan := d.Create(t, "treatment", map[string]any{"title": "Copies", "risks": []any{key}, "options": []any{"share"}, "option_reason": "x", "owner": d.manager.Person, "due_on": later(d, 20), "expected_effect": "x", "measures": []any{map[string]any{"title": "Insurance"}}}).Key
		d.Later(40 * 24 * time.Hour)
		d.finds(t, "treatment-missing", "above appetite")
		d.finds(t, "treatment-overdue", "was to be done by")
		must(t, d.move(t, d.manager, "treatment", plan, "propose", nil, ""))
		d.finds(t, "share-without-contract", "no contract is named")
		must(t, d.move(t, d.manager, "treatment", plan, "return", nil, "x"))
		d.clean(t, "treatment-plan-not-approved")
		d.backups(t, 0)
		d.finds(t, "residual-relies-on-failing-control", "NQ-1")
		d.Later(400 * 24 * time.Hour)
		d.finds(t, "risk-review-overdue", "was to be looked at again")
		d.approved(t, risk.Template(5, "EUR", 7e6))
		d.clean(t, "criteria-mixed-in-register", "criteria-not-used")
		d.Later(120 * 24 * time.Hour)
		d.finds(t, "criteria-mixed-in-register", "judged by earlier criteria")
	})
}

// TestAuthorityIsJudgedByTheLevelThatWouldBeAccepted: not by the worst that may
// be, but by what evidence shows for certain, where the plan leads, or what is
// left as it was judged.
func TestAuthorityIsJudgedByTheLevelThatWouldBeAccepted(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		const rule = "risk-owner-without-authority"
		key := d.risk(t, nil)
		d.evaluate(t, key, "current", 2, 4)
		d.Later(90 * 24 * time.Hour)
		d.Evaluate(t)
		if r := d.of(t, key); n(r.Fields.BestLevel) != 3 || n(r.Fields.CurrentLevel) != 4 {
			t.Fatalf("the evidence is old: level %d to %d", n(r.Fields.BestLevel), n(r.Fields.CurrentLevel))
		}
		d.clean(t, rule)
		d.backups(t, 0)
		d.finds(t, rule, "may not accept High, the current risk")
		d.Create(t, "treatment", map[string]any{"title": "Copies", "risks": []any{key}, "options": []any{"modify"}, "option_reason": "x", "owner": d.manager.Person, "due_on": later(d, 20), "expected_effect": "x",
			"measures": []any{map[string]any{"title": "Copies elsewhere", "lowers_consequence": 1.0}}})
		d.clean(t, rule)
		d.evaluate(t, key, "residual", 4, 4)
		d.finds(t, rule, "may not accept High, the residual risk")
	})
}
