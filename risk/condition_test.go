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

// promised gives what an acceptance was given on as verdicts, "holds, not_known".
func (d *desk) promised(t *testing.T, key string) string {
	t.Helper()
	var verdicts []string
	of := d.acceptance(t, key)
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		list, err := risk.Promised(v, of)
		for _, p := range list {
			verdicts = append(verdicts, string(p.Verdict))
		}
		return err
	})
	return strings.Join(verdicts, ", ")
}

// TestAnAcceptanceIsBrokenWithWhatItWasGivenOn: a risk that no control lowers was
// accepted while a control works and provided a task is done in time. Neither is
// taken on trust, and each breaks it once.
func TestAnAcceptanceIsBrokenWithWhatItWasGivenOn(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, map[string]any{"treating": nil})
		d.evaluate(t, key, "current", 2, 2)
		due := later(d, 10)
		newTask := func() string {
			return d.Create(t, "task", map[string]any{"title": "Ask for a second offer", "assignee": d.manager.Person, "due_on": due}).Key
		}
		accept := func(provided string) (string, error) {
			a := d.Create(t, "acceptance", map[string]any{"risk": key, "reason": "Cheap.", "valid_until": later(d, 200), "holds_while": []any{d.control}, "provided": []any{provided}}).Key
			return a, d.move(t, d.owner, "acceptance", a, "accept", nil, "")
		}
		d.Evaluate(t)
		wait := newTask()
		first, err := accept(wait)
		must(t, err)
		if got := d.promised(t, first); got != "holds, not_known" {
			t.Fatalf("at the start: %s", got)
		}
		if o, err := d.whatIf(t, risk.ControlFails, d.control); err != nil || len(o.Risks) != 1 || o.Risks[0].Breaks != first || o.Risks[0].Change != risk.Unmoved {
			t.Errorf("what if the control fails: %+v, %v", o.Risks, err)
		}

		d.backups(t, 0)
		for range 2 {
			d.Evaluate(t)
		}
		broken := d.acceptance(t, first)
		if broken.State != risk.Broken || !strings.HasSuffix(broken.Fields.EndedBy, "NQ-1 does not work") {
			t.Fatalf("a control that it was given on fails: %s, %q", broken.State, broken.Fields.EndedBy)
		}
		if n := d.count(t, "notice", register.Filter{Field: "kind", Op: register.Is, Values: []string{"acceptance_broken"}}); n != 1 {
			t.Errorf("its owner was told %d times", n)
		}
		_, err = accept(wait)
		wants(t, err, sextant.Conflict, "what it would be given on does not hold: NQ-1 does not work")

		d.backups(t, 30)
		d.Evaluate(t)
		asked := d.of(t, key).Fields
		if asked.Acceptance != risk.Requested {
			t.Fatalf("works again: %s, its owner decides again", asked.Acceptance)
		}
		var second string
		d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			list, err := risk.Acceptances.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{risk.Requested}})
			second = list[0].Key
			return err
		})
		must(t, d.move(t, d.owner, "acceptance", second, "accept", nil, ""))

		d.Later(11 * 24 * time.Hour)
		d.backups(t, 30)
		d.Evaluate(t)
		late := d.acceptance(t, second)
		if late.State != risk.Broken || !strings.Contains(late.Fields.EndedBy, wait+" was due on "+due+" and is not done") {
			t.Fatalf("a task it was given on is late: %s, %q", late.State, late.Fields.EndedBy)
		}
		must(t, d.move(t, d.manager, "task", wait, "finish", map[string]any{"result": "Two offers.", "outcome": "passed"}, ""))
		third, err := accept(wait)
		must(t, err)
		if got := d.promised(t, third); got != "holds, holds" {
			t.Errorf("done: %s", got)
		}
		d.clean(t, "acceptance-condition-broken")
		words := d.Create(t, "acceptance", map[string]any{"risk": key, "reason": "Cheap.", "valid_until": later(d, 200), "conditions": "While nobody moves."}).Key
		must(t, d.move(t, d.owner, "acceptance", words, "accept", nil, ""))
		d.finds(t, "acceptance-condition-broken", "its condition is words")
	})
}
