// SPDX-License-Identifier: Apache-2.0

package riskplan_test

import (
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sextant/access"
	"sextant/product/producttest"
	"sextant/register"
)

// quantified is a risk judged in ranges.
func (o *office) quantified(t *testing.T, title string, values map[string]any) string {
	t.Helper()
	key := o.judged(t, map[string]any{"title": title}, 3, 3)
	all := map[string]any{"risk": key, "stage": "current", "rationale": "Figures of our insurer.", "evaluated_by": o.People[access.Owner],
		"frequency_shape": "pert", "frequency_low": 0.1, "frequency_mode": 0.5, "frequency_high": 2, "loss_shape": "lognormal", "loss_low": "5000 EUR", "loss_high": "90000 EUR"}
	maps.Copy(all, values)
	o.Create(t, "risk_evaluation", all)
	return key
}

func TestThePortfolioIsPlayedTheSameForTheSameSeed(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		if status, body := h.Get(t, access.Reader, "/risks/portfolio"); status != http.StatusOK || !strings.Contains(body, "No risk was judged in quantities yet") {
			t.Errorf("without a risk: %d", status)
		}
		key := o.begin(t, "from=template&size=5&revenue=6000000&currency=EUR")
		form := o.draft(t, key)
		form.Set("appetite_loss", "100000")
		form.Set("appetite_chance", "1")
		if status, body := o.save(t, key, form); status != http.StatusSeeOther {
			t.Fatalf("%d %s", status, alert(body))
		}
		o.inForce(t, key)
		first, second := o.quantified(t, "Ransom", nil), o.quantified(t, "Laptops are lost", map[string]any{"loss_low": "500 EUR", "loss_high": "4000 EUR"})
		o.quantified(t, "In another currency", map[string]any{"loss_low": "500 USD", "loss_high": "4000 USD"})
		plan := o.planned(t, first)
		h.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("treatment", plan, 0, map[string]any{"frequency_shape": "pert", "frequency_low": 0.01, "frequency_mode": 0.05, "frequency_high": 0.2, "cost_yearly": "800 EUR"}, register.Note{})
			return err
		})
		status, body := h.Get(t, access.Reader, "/risks/portfolio?trials=5000&seed=7")
		for _, says := range []string{"Above appetite: more than 100\u202f000 EUR", `class="band"`, `class="mark"`, first, second, plan, "Of the spread", "1 risks in other currencies are left out", "<td class=\"r num fit p2\">1\u202f200 EUR</td>"} {
			if !strings.Contains(body, says) {
				t.Errorf("%d: the portfolio does not say %q", status, says)
			}
		}
		_, again := h.Get(t, access.Reader, "/risks/portfolio?trials=5000&seed=7")
		_, other := h.Get(t, access.Reader, "/risks/portfolio?trials=5000&seed=8")
		curve := regexp.MustCompile(`<polyline class="l1" points="([^"]+)"`)
		if a, b, c := curve.FindStringSubmatch(body)[1], curve.FindStringSubmatch(again)[1], curve.FindStringSubmatch(other)[1]; a != b || a == c {
			t.Error("equal seeds give unequal curves, or unequal seeds the same")
		}
		for query, says := range map[string]string{"trials=1000000000": "between 1000 and 1000000", "trials=NaN": "is no number of years", "trials=-5": "between 1000", "seed=-1": "is no seed", "seed=x": "is no seed"} {
			if status, body := h.Get(t, access.Reader, "/risks/portfolio?"+query); status != http.StatusUnprocessableEntity || !strings.Contains(alert(body), says) {
				t.Errorf("%s: %d %s", query, status, alert(body))
			}
		}
	})
}
