// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
	"strings"
	"testing"

	"sextant"
	"sextant/product/producttest"
	"sextant/risk"
)

// next is an edition of fourBySix whose levels of risk are others: how many
// there are, and what became of those before.
func next(levels int, became map[int]int) risk.Criteria {
	c := fourBySix()
	c.Levels = nil
	for n := 1; n <= levels; n++ {
		c.Levels = append(c.Levels, risk.Level{Level: lv(n), Name: string(rune('A' + n - 1)), Meaning: "x", MayAccept: "owner", AcceptedFor: "P12M", ReviewEvery: "P6M"})
	}
	for i, cell := range c.Matrix {
		c.Matrix[i].Level = lv(min(int(*cell.Likelihood+*cell.Consequence)/2, levels))
	}
	for _, old := range []int{1, 2, 3, 4} {
		if n := became[old]; n > 0 {
			c.Replaced = append(c.Replaced, risk.Replaced{Scale: "level", Old: lv(old), New: lv(n)})
		}
	}
	return c
}

// TestASignatureIsHeldAgainstLevelsThatMeanTheSame: a number of one edition says
// nothing by another.
func TestASignatureIsHeldAgainstLevelsThatMeanTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		edition                 risk.Criteria
		likelihood, consequence int
		want, because           string
	}{
		"a lower number that means more breaks it":        {next(3, map[int]int{2: 1, 3: 2, 4: 3}), 4, 6, risk.Broken, "current is C"},
		"a higher number that means the same does not":    {next(5, map[int]int{1: 1, 2: 3, 3: 5, 4: 5}), 4, 6, risk.Accepted, ""},
		"a level nothing took the place of is asked anew": {next(2, map[int]int{4: 2}), 1, 1, risk.Broken, "which does not compare with what was signed"},
	} {
		t.Run(name, func(t *testing.T) {
			producttest.Both(t, func(t *testing.T, h *producttest.House) {
				d := newDesk(t, h)
				d.approved(t, fourBySix())
				key := d.risk(t, map[string]any{"treating": nil})
				d.evaluate(t, key, "current", 2, 4) // Amber, 3 of 4
				signed := d.Create(t, "acceptance", map[string]any{"risk": key, "reason": "x", "valid_until": later(d, 100)}).Key
				must(t, d.move(t, d.owner, "acceptance", signed, "accept", nil, ""))
				d.approved(t, c.edition)
				if a := d.acceptance(t, signed); a.State != risk.Accepted {
					t.Fatalf("%s before anybody judged by the new edition", a.State)
				}
				d.evaluate(t, key, "current", c.likelihood, c.consequence)
				a := d.acceptance(t, signed)
				if r := d.of(t, key); a.State != c.want || r.Fields.Acceptance != c.want {
					t.Errorf("%s (%s), the risk says %s; want %s", a.State, a.Fields.EndedBy, r.Fields.Acceptance, c.want)
				}
				if got := a.Fields.EndedBy; (c.because == "") != (got == "") || !strings.Contains(got, c.because) {
					t.Errorf("because %q, want %q", got, c.because)
				}
			})
		})
	}
}

// TestNobodySignsWhileTheCurrentRiskIsJudgedByEarlierCriteria: what is left would
// be held against a level of another scale.
func TestNobodySignsWhileTheCurrentRiskIsJudgedByEarlierCriteria(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, fourBySix())
		key := d.risk(t, map[string]any{"treating": nil})
		d.evaluate(t, key, "current", 2, 4)
		d.approved(t, next(5, nil))
		d.evaluate(t, key, "residual", 2, 2)
		signed := d.Create(t, "acceptance", map[string]any{"risk": key, "reason": "x", "valid_until": later(d, 100)}).Key
		wants(t, d.move(t, d.owner, "acceptance", signed, "accept", nil, ""), sextant.Conflict, "judged by criteria that are no longer in force")
		d.evaluate(t, key, "current", 2, 4)
		must(t, d.move(t, d.owner, "acceptance", signed, "accept", nil, ""))
	})
}
