// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

func (d *desk) told(t *testing.T, from sextant.Instant) (told []risk.Told) {
	t.Helper()
	d.Look(t, 0, func(now *register.View, _ evidence.Reader) error {
		then, err := now.AsOf(from)
		if err != nil {
			return err
		}
		told, err = risk.Differences(then, now)
		return err
	})
	return told
}

// moves counts sentences about levels by the way they went.
func moves(told []risk.Told) map[risk.Change]int {
	n := map[risk.Change]int{}
	for _, x := range told {
		if x.Kind == risk.AboutLevels {
			n[x.Move]++
		}
	}
	return n
}

func says(told []risk.Told) string {
	lines := make([]string, len(told))
	for i, x := range told {
		lines[i] = x.Says
	}
	return strings.Join(lines, "\n")
}

func TestWhatDiffersBetweenTwoMomentsIsToldInSentences(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, nil)
		d.evaluate(t, key, "current", 1, 3)
		from := d.Clock()
		h.Later(time.Hour)
		if told := d.told(t, from); len(told) != 0 {
			t.Errorf("nothing was done, but: %s", says(told))
		}
		d.backups(t, 0)
		second := d.risk(t, map[string]any{"title": "The office burns"})
		d.Create(t, "treatment", map[string]any{"title": "Copies", "risks": []any{key}, "options": []any{"retain"}, "option_reason": "r", "owner": d.manager.Person, "due_on": later(d, 60)})
		text := says(d.told(t, from))
		for _, want := range []string{key + " Orders cannot be restored rose: Low before, Medium now: NQ-1 does not work.", second + " The office burns is new and not evaluated yet.", "Copies is new, for " + key + "."} {
			if !strings.Contains(text, want) {
				t.Errorf("not told: %q in\n%s", want, text)
			}
		}
		if n := moves(d.told(t, from)); n[risk.Higher] != 1 || len(n) != 1 {
			t.Errorf("one rose, but %v", n)
		}
		next := risk.Template(3, "EUR", 6e6)
		next.Replaced = []risk.Replaced{{Scale: "likelihood", Old: at(4), New: at(3)}}
		d.approved(t, next)
		d.evaluate(t, key, "current", 1, 1)
		if text := says(d.told(t, from)); !strings.Contains(text, "Risk criteria, edition 2 came into force.") || !strings.Contains(text, "was Low and is") || !strings.Contains(text, "by other criteria; the two do not compare") {
			t.Errorf("levels by two editions: %s", text)
		}
		if n := moves(d.told(t, from)); n[risk.NotComparable] != 1 || len(n) != 1 {
			t.Errorf("one is judged by other criteria, but %v", n)
		}
	})
}

// TestANewSignatureIsTold: one that took the place of another is another
// decision, and a risk that came and went is not waited for.
func TestANewSignatureIsTold(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, map[string]any{"treating": nil})
		sign := func() {
			asked := d.Create(t, "acceptance", map[string]any{"risk": key, "reason": "x", "valid_until": later(d, 100)}).Key
			must(t, d.move(t, d.owner, "acceptance", asked, "accept", nil, ""))
		}
		d.evaluate(t, key, "current", 1, 2)
		sign()
		from := d.Clock()
		h.Later(time.Hour)
		d.evaluate(t, key, "residual", 2, 4)
		sign()
		gone := d.risk(t, map[string]any{"title": "The same again"})
		must(t, d.move(t, d.manager, "risk", gone, "reject", nil, "twice"))
		text := says(d.told(t, from))
		for _, want := range []string{key + " Orders cannot be restored has its residual risk accepted at Medium.", gone + " The same again is new, and was rejected."} {
			if !strings.Contains(text, want) {
				t.Errorf("not told: %q in\n%s", want, text)
			}
		}
	})
}
