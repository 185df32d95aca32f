// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
	"slices"
	"testing"

	"sextant"
	"sextant/control"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

func (d *desk) whatIf(t *testing.T, kind risk.SupposedKind, of string) (o risk.Outcome, err error) {
	t.Helper()
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		o, err = risk.WhatIf(v, risk.Supposition{Kind: kind, Of: of})
		return nil
	})
	return o, err
}

func TestWhatWouldFollowIsComputedAndNothingIsWritten(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, nil)
		d.evaluate(t, key, "current", 1, 3)
		accepted := d.Create(t, "acceptance", map[string]any{"risk": key, "reason": "Cheap.", "valid_until": later(d, 300)}).Key
		must(t, d.move(t, d.owner, "acceptance", accepted, "accept", nil, ""))
		before := d.head(t)

		fails, err := d.whatIf(t, risk.ControlFails, d.control)
		must(t, err)
		if len(fails.Risks) != 1 || fails.Risks[0].Before.Name != "Low" || fails.Risks[0].After.Name != "Medium" || fails.Risks[0].Change != risk.Higher || fails.Risks[0].Breaks != accepted || fails.Risks[0].After.Appetite != "above" {
			t.Errorf("the control fails: %+v", fails.Risks)
		}
		if len(fails.Controls) != 1 || fails.Controls[0].Control != d.control || fails.Controls[0].Before != control.Pass || fails.Controls[0].After != control.Fail {
			t.Errorf("the control fails: %+v", fails.Controls)
		}
		lost, err := d.whatIf(t, risk.SourceLost, "SRC-1")
		must(t, err)
		if len(lost.Risks) != 1 || lost.Risks[0].After.Name != "Low to Medium" || lost.Risks[0].After.Appetite != "may_be_above" || lost.Risks[0].Breaks != accepted {
			t.Errorf("the source is lost: %+v", lost.Risks)
		}
		mine := slices.IndexFunc(lost.Controls, func(c risk.ControlShift) bool { return c.Control == d.control })
		if mine < 0 || lost.Controls[mine].Before != control.Pass || lost.Controls[mine].After != control.NoData {
			t.Errorf("the source is lost: %+v", lost.Controls)
		}
		if _, err := d.whatIf(t, risk.ControlFails, "iso27001:2022/A.9.99"); sextant.CodeOf(err) != sextant.NotFound {
			t.Errorf("a control that is not there: %v", err)
		}
		if _, err := d.whatIf(t, "rain", d.control); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("rain: %v", err)
		}
		if other, err := d.whatIf(t, risk.ControlFails, "iso27001:2022/A.5.1"); err != nil || len(other.Risks) != 0 {
			t.Errorf("a control that treats no risk: %+v %v", other, err)
		}
		if head := d.head(t); head != before {
			t.Errorf("the log grew from %d to %d", before, head)
		}
	})
}

func (d *desk) head(t *testing.T) (seq sextant.Seq) {
	t.Helper()
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		seq, _, err = v.Head()
		return err
	})
	return seq
}

func TestATreatmentThatIsDoneTakesItsStepsOff(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, map[string]any{"treating": []any{}})
		d.evaluate(t, key, "current", 4, 4)
		plan := d.Create(t, "treatment", map[string]any{"title": "Copies", "risks": []any{key}, "options": []any{"modify"}, "option_reason": "r", "owner": d.manager.Person, "due_on": later(d, 60),
			"measures": []any{map[string]any{"title": "Copies elsewhere", "lowers_likelihood": 2.0}, map[string]any{"title": "Rehearsals", "lowers_consequence": 1.0}}}).Key
		done, err := d.whatIf(t, risk.TreatmentDone, plan)
		must(t, err)
		if len(done.Risks) != 1 || done.Risks[0].Before.Name != "High" || done.Risks[0].After.Name != "Low" || done.Risks[0].Change != risk.Lower || len(done.Controls) != 0 {
			t.Errorf("the treatment is done: %+v", done)
		}
	})
}

func TestWhatRisksRestOnIsWhatWouldFollowFromEachControl(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		signed, open := d.risk(t, nil), d.risk(t, map[string]any{"title": "Orders are read by strangers"})
		d.evaluate(t, signed, "current", 1, 3)
		d.evaluate(t, open, "current", 1, 2)
		accepted := d.Create(t, "acceptance", map[string]any{"risk": signed, "reason": "Cheap.", "valid_until": later(d, 300)}).Key
		must(t, d.move(t, d.owner, "acceptance", accepted, "accept", nil, ""))
		d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			list, err := risk.Supports(v)
			must(t, err)
			if len(list) == 0 || list[0].Control != d.control || list[0].Breaks != 1 || list[0].Above != 1 || !slices.Contains(list[0].Rises, signed) || list[0].State != control.Pass {
				t.Fatalf("it rests on %+v", list)
			}
			for _, s := range list {
				o, err := risk.WhatIf(v, risk.Supposition{Kind: risk.ControlFails, Of: s.Control})
				must(t, err)
				var rises []string
				breaks := 0
				for _, r := range o.Risks {
					if r.Change == risk.Higher {
						rises = append(rises, r.Risk)
					}
					if r.Breaks != "" {
						breaks++
					}
				}
				slices.Sort(rises)
				if !slices.Equal(rises, s.Rises) || breaks != s.Breaks {
					t.Errorf("%s: %v, %d break; the supposition says %v, %d", s.Control, s.Rises, s.Breaks, rises, breaks)
				}
			}
			return nil
		})
	})
}
