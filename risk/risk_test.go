// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/framework"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

// desk is a house with criteria in force, an asset, a control that a database's
// backups prove, and people to sign.
type desk struct {
	*producttest.House
	system, asset, control string
	manager, owner, top    access.Actor
}

func newDesk(t *testing.T, h *producttest.House) *desk {
	t.Helper()
	d := &desk{House: h, system: h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key}
	d.manager, d.owner, d.top = d.person(access.ISMSManager, access.ISMSManager), d.person(access.Owner, access.Owner), access.Actor{Organisation: h.Org, Name: "person:PER-1", Person: "PER-1", Roles: []access.Role{access.Admin}}
	d.asset = h.Create(t, "asset", map[string]any{"title": "Orders", "type": "database", "scope_units": []any{"SU-1"}}).Key
	h.Create(t, "own_control", map[string]any{"reference": "NQ-1", "title": "Copies of the orders", "objective": "o", "description": "d", "owner": d.owner.Person})
	d.control = "own/NQ-1"
	imp := h.Create(t, "implementation", map[string]any{"control": d.control, "scope_unit": "SU-1", "implementation": "implemented", "how": "Nightly.", "owner": d.owner.Person})
	h.Create(t, "plan_line", map[string]any{"implementation": imp.Key, "shows": "Databases keep copies", "mode": "automatic", "form": "checks", "checks": []any{"check/aws.rds-backup"}})
	h.Create(t, "source", map[string]any{"title": "AWS", "connector": "aws", "schedule": "P1D"})
	d.backups(t, 30)
	return d
}

func (d *desk) person(role access.Role, roles ...access.Role) access.Actor {
	return access.Actor{Organisation: d.Org, Name: "person:" + d.People[role], Person: d.People[role], Roles: roles}
}

// backups has the database keep copies for so many days.
func (d *desk) backups(t *testing.T, days int) {
	t.Helper()
	d.Observe(t, "SRC-1", "aws:rds_instance", map[string]map[string]any{"db:orders": producttest.Database("orders", days)})
}

func (d *desk) as(a access.Actor, fn func(*register.Tx) error) error {
	a.Proof = access.Proof{Method: access.Password, At: d.Clock()}
	return d.Kernel.Write(context.Background(), a, fn)
}

func (d *desk) move(t *testing.T, a access.Actor, register_, key, transition string, input map[string]any, why string) error {
	t.Helper()
	return d.as(a, func(tx *register.Tx) error {
		_, err := tx.Transition(register_, key, 0, transition, input, register.Note{Why: why})
		return err
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wants(t *testing.T, err error, code sextant.Code, says string) {
	t.Helper()
	if sextant.CodeOf(err) != code || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v, want %s that says %q", err, code, says)
	}
}

// approved puts criteria in force.
func (d *desk) approved(t *testing.T, c risk.Criteria) string {
	t.Helper()
	c.ManagementSystem, c.Author, c.Approver = d.system, d.manager.Person, d.top.Person
	var key string
	d.Write(t, func(tx *register.Tx) error {
		e, err := risk.CriteriaEditions.Create(tx, c, register.Note{})
		key = e.Key
		return err
	})
	must(t, d.move(t, d.manager, "risk_criteria", key, "submit", nil, ""))
	must(t, d.move(t, d.top, "risk_criteria", key, "approve", nil, ""))
	return key
}

func (d *desk) risk(t *testing.T, values map[string]any) string {
	t.Helper()
	all := map[string]any{"title": "Orders cannot be restored", "approach": "asset", "assets": []any{d.asset}, "properties": []any{"availability"}, "category": "continuity",
		"scope_units": []any{"SU-1"}, "owner": d.owner.Person, "treating": []any{map[string]any{"control": d.control, "lowers_likelihood": 2.0}}}
	maps.Copy(all, values)
	return d.Create(t, "risk", all).Key
}

func (d *desk) evaluate(t *testing.T, key, stage string, likelihood, consequence int) string {
	t.Helper()
	return d.Create(t, "risk_evaluation", map[string]any{"risk": key, "stage": stage, "likelihood": float64(likelihood), "rationale": "Two incidents in five years.", "evaluated_by": d.owner.Person,
		"consequences": []any{map[string]any{"type": "availability", "level": float64(consequence)}, map[string]any{"type": "legal", "level": 1.0}}}).Key
}

func (d *desk) of(t *testing.T, key string) (r register.Of[risk.Risk]) {
	t.Helper()
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		r, err = risk.Risks.Get(v, key)
		return err
	})
	return r
}

func (d *desk) acceptance(t *testing.T, key string) (a register.Of[risk.Acceptance]) {
	t.Helper()
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		a, err = risk.Acceptances.Get(v, key)
		return err
	})
	return a
}

func n(level *float64) int {
	if level == nil {
		return 0
	}
	return int(*level)
}

func later(d *desk, days int) string {
	return d.Clock().Time().AddDate(0, 0, days).Format(time.DateOnly)
}

func TestCurrentRiskFollowsEvidenceAndTheSignedResidualDoesNot(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, nil)
		if r := d.of(t, key); r.State != risk.Identified || r.Fields.Appetite != "not_evaluated" || r.Fields.CurrentLevel != nil {
			t.Fatalf("not evaluated, but %s, %s, %v", r.State, r.Fields.Appetite, r.Fields.CurrentLevel)
		}
		d.evaluate(t, key, "current", 1, 3)
		if r := d.of(t, key); r.State != risk.Acceptable || n(r.Fields.CurrentLevel) != 2 || n(r.Fields.BestLevel) != 2 || r.Fields.Appetite != "within" {
			t.Fatalf("judged 1 x 3 with a control that works: %s, level %d to %d, %s, because %q", r.State, n(r.Fields.BestLevel), n(r.Fields.CurrentLevel), r.Fields.Appetite, r.Fields.Because)
		}
		accepted := d.Create(t, "acceptance", map[string]any{"risk": key, "reason": "Cheaper than more copies.", "valid_until": later(d, 300)}).Key
		for who, actor := range map[string]access.Actor{"an administrator": d.top, "the ISMS manager": d.manager} {
			if err := d.move(t, actor, "acceptance", accepted, "accept", nil, ""); sextant.CodeOf(err) != sextant.Denied {
				t.Errorf("%s signs for the risk owner: %v", who, err)
			}
		}
		must(t, d.move(t, d.owner, "acceptance", accepted, "accept", nil, ""))
		if r := d.of(t, key); r.State != risk.Monitored || r.Fields.Acceptance != "accepted" || n(r.Fields.AcceptedLevel) != 2 {
			t.Fatalf("accepted: %s, %s, %d", r.State, r.Fields.Acceptance, n(r.Fields.AcceptedLevel))
		}
		d.backups(t, 0)
		r := d.of(t, key)
		if n(r.Fields.CurrentLevel) != 3 || n(r.Fields.BestLevel) != 3 || r.Fields.Acceptance != "broken" || r.State != risk.Evaluated || r.Fields.Appetite != "above" || !strings.Contains(r.Fields.Because, "NQ-1 does not work") {
			t.Fatalf("the control fails: level %d to %d, %s, %s, %s, because %q", n(r.Fields.BestLevel), n(r.Fields.CurrentLevel), r.Fields.Acceptance, r.State, r.Fields.Appetite, r.Fields.Because)
		}
		if a := d.acceptance(t, accepted); a.State != risk.Broken || n(a.Fields.Level) != 2 || !strings.Contains(a.Fields.EndedBy, "current is Medium: NQ-1 does not work") {
			t.Errorf("the acceptance is %s at %d, because %q", a.State, n(a.Fields.Level), a.Fields.EndedBy)
		}
		d.backups(t, 30)
		if r := d.of(t, key); n(r.Fields.CurrentLevel) != 2 || r.Fields.Acceptance != "broken" {
			t.Errorf("mended: level %d; the acceptance is %s, and only its owner decides again", n(r.Fields.CurrentLevel), r.Fields.Acceptance)
		}
		d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			behind, err := risk.Behind(v)
			if len(behind) > 0 {
				t.Errorf("%v are kept as something else than follows from what is recorded", behind)
			}
			return err
		})
	})
}

func (d *desk) create(name string, values map[string]any) error {
	return d.Kernel.Write(context.Background(), d.System(), func(tx *register.Tx) error {
		_, err := tx.Create(name, values, register.Note{})
		return err
	})
}

func TestWhatCannotBeJudgedIsRefusedWithWhatToDo(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		key := d.risk(t, map[string]any{"owner": nil})
		judge := func(change map[string]any) error {
			values := map[string]any{"risk": key, "stage": "current", "likelihood": 2.0, "rationale": "x", "evaluated_by": d.manager.Person, "consequences": []any{map[string]any{"type": "availability", "level": 2.0}}}
			maps.Copy(values, change)
			return d.create("risk_evaluation", values)
		}
		wants(t, judge(nil), sextant.NotFound, "no risk criteria are in force")
		d.approved(t, fourBySix())
		wants(t, judge(nil), sextant.Conflict, "has no risk owner")
		d.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("risk", key, 0, map[string]any{"owner": d.owner.Person}, register.Note{})
			return err
		})
		for says, change := range map[string]map[string]any{
			"there is no likelihood of level 5":            {"likelihood": 5.0},
			"there is no consequence of level 7":           {"consequences": []any{map[string]any{"type": "legal", "level": 7.0}}},
			"financial is not among the types":             {"consequences": []any{map[string]any{"type": "financial", "level": 1.0}}},
			"legal is there twice":                         {"consequences": []any{map[string]any{"type": "legal", "level": 1.0}, map[string]any{"type": "legal", "level": 2.0}}},
			"judge the likelihood":                         {"likelihood": nil},
			"judge at least one type of consequence":       {"consequences": nil},
			"how often and how much belong together":       {"frequency_shape": "lognormal", "frequency_low": 1.0, "frequency_high": 2.0},
			"the losses are in two currencies":             {"frequency_shape": "fixed", "frequency_low": 1.0, "loss_shape": "lognormal", "loss_low": "1 EUR", "loss_high": "2 USD"},
			"how often:":                                   {"frequency_shape": "lognormal", "frequency_low": 2.0, "frequency_high": 1.0, "loss_shape": "fixed", "loss_low": "1 EUR"},
			"loss:":                                        {"frequency_shape": "fixed", "frequency_low": 1.0, "loss_shape": "pert", "loss_low": "-5 EUR", "loss_mode": "1 EUR", "loss_high": "2 EUR"},
			"is filled by the program and cannot be typed": nil,
		} {
			if change == nil {
				err := h.Kernel.Write(t.Context(), d.manager, func(tx *register.Tx) error {
					_, err := tx.Create("risk_evaluation", map[string]any{"risk": key, "stage": "current", "likelihood": 1.0, "rationale": "x", "level": 1.0}, register.Note{})
					return err
				})
				wants(t, err, sextant.Invalid, says)
				continue
			}
			wants(t, judge(change), sextant.Invalid, says)
		}
		for _, odd := range []any{0.0, 1.5, -1.0, "NaN", "Inf"} {
			if err := judge(map[string]any{"likelihood": odd}); sextant.CodeOf(err) != sextant.Invalid {
				t.Errorf("a likelihood of %v: %v", odd, err)
			}
		}
		if r := d.of(t, key); r.State != risk.Identified || r.Fields.CurrentLevel != nil {
			t.Errorf("something was judged: %s, %v", r.State, r.Fields.CurrentLevel)
		}
		wants(t, d.create("risk", map[string]any{"title": "x", "approach": "asset", "properties": []any{"availability"}, "category": "cyber", "scope_units": []any{"SU-1"}}), sextant.Invalid, "names at least one asset")
		wants(t, d.create("risk", map[string]any{"title": "x", "approach": "event", "properties": []any{"availability"}, "category": "cyber", "scope_units": []any{"SU-1"}}), sextant.Invalid, "names its source")
	})
}

// TestScoresKeepTheirCriteria: a new edition moves no score in silence, loses no
// level in use without saying which took its place, and what was judged stays
// readable as it was.
func TestScoresKeepTheirCriteria(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		first := d.approved(t, fourBySix())
		key := d.risk(t, nil)
		judged := d.evaluate(t, key, "current", 4, 3)
		smaller := risk.Template(3, "EUR", 0)
		smaller.ManagementSystem, smaller.Author, smaller.Approver = d.system, d.manager.Person, d.top.Person
		var second string
		d.Write(t, func(tx *register.Tx) error {
			e, err := risk.CriteriaEditions.Create(tx, smaller, register.Note{})
			second = e.Key
			return err
		})
		must(t, d.move(t, d.manager, "risk_criteria", second, "submit", nil, ""))
		wants(t, d.move(t, d.top, "risk_criteria", second, "approve", nil, ""), sextant.Conflict, "uses level 4 of likelihood, which this edition does not have")
		must(t, d.move(t, d.top, "risk_criteria", second, "return", nil, "say what became of 4"))
		d.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("risk_criteria", second, 0, map[string]any{"replaced": []any{map[string]any{"scale": "likelihood", "old": 4.0, "new": 3.0}}}, register.Note{})
			return err
		})
		must(t, d.move(t, d.manager, "risk_criteria", second, "submit", nil, ""))
		wants(t, d.move(t, d.manager, "risk_criteria", second, "approve", nil, ""), sextant.Denied, "")
		must(t, d.move(t, d.top, "risk_criteria", second, "approve", nil, ""))
		r := d.of(t, key)
		if r.Fields.Criteria != first || r.Fields.Yardstick != "earlier" || r.Fields.Appetite != "not_evaluated" || n(r.Fields.CurrentLevel) != 3 {
			t.Errorf("by %s (%s), appetite %s, level %d: want it as it was judged, and compared with nothing", r.Fields.Criteria, r.Fields.Yardstick, r.Fields.Appetite, n(r.Fields.CurrentLevel))
		}
		d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			e, err := risk.Evaluations.Get(v, judged)
			if e.Fields.LevelName != "Amber" || e.Fields.Criteria != first {
				t.Errorf("the judgement reads %q by %s", e.Fields.LevelName, e.Fields.Criteria)
			}
			c, _ := risk.CriteriaEditions.Get(v, first)
			if c.State != risk.Superseded {
				t.Errorf("the first edition is %s", c.State)
			}
			return err
		})
		d.evaluate(t, key, "current", 2, 2)
		if r := d.of(t, key); r.Fields.Criteria != second || r.Fields.Yardstick != "in_force" || r.Fields.Appetite == "not_evaluated" {
			t.Errorf("judged anew: by %s (%s), %s", r.Fields.Criteria, r.Fields.Yardstick, r.Fields.Appetite)
		}
	})
}

// TestATreatmentWaitsForEveryRiskOwner: plan, comparison with Annex A, two
// owners who sign, done, taken up as controls, verified after a new judgement.
func TestATreatmentWaitsForEveryRiskOwner(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		one := d.risk(t, map[string]any{"treating": nil})
		two := d.risk(t, map[string]any{"title": "Orders are changed in secret", "owner": d.top.Person, "treating": []any{map[string]any{"control": d.control}, map[string]any{"control": "iso27001:2022/A.8.14", "lowers_consequence": 1.0}}})
		d.evaluate(t, one, "current", 4, 3)
		d.evaluate(t, two, "current", 3, 4)
		plan := d.Create(t, "treatment", map[string]any{"title": "Copies in another region", "risks": []any{one, two}, "options": []any{"modify"}, "option_reason": "Cheap.", "owner": d.manager.Person, "due_on": later(d, 90),
			"measures": []any{map[string]any{"title": "Nightly copies", "control": d.control, "lowers_likelihood": 2.0, "due_on": later(d, 60)}}}).Key
		if r := d.of(t, one); n(r.Fields.TargetLevel) != 2 || n(r.Fields.CurrentLevel) != 3 {
			t.Errorf("aims at %d from %d, want 2 from 3", n(r.Fields.TargetLevel), n(r.Fields.CurrentLevel))
		}
		wants(t, d.move(t, d.manager, "treatment", plan, "propose", nil, ""), sextant.Invalid, "needed before this")
		d.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("treatment", plan, 0, map[string]any{"expected_effect": "Two steps less likely."}, register.Note{})
			return err
		})
		wants(t, d.move(t, d.manager, "treatment", plan, "propose", nil, ""), sextant.Conflict, "not compared with Annex A")
		must(t, d.move(t, d.manager, "treatment", plan, "compare", map[string]any{"left_out": "A.8.14: one region is enough for the rest."}, ""))
		must(t, d.move(t, d.manager, "treatment", plan, "propose", nil, ""))
		wants(t, d.move(t, d.manager, "treatment", plan, "sign", nil, ""), sextant.Denied, "")
		must(t, d.move(t, d.owner, "treatment", plan, "sign", nil, ""))
		state := func() string {
			var s string
			d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
				e, err := v.Lookup("treatment", plan)
				s = e.State
				return err
			})
			return s
		}
		if s := state(); s != risk.Proposed {
			t.Errorf("signed by one of two it is %s", s)
		}
		must(t, d.move(t, d.top, "treatment", plan, "sign", nil, ""))
		if s := state(); s != risk.Agreed {
			t.Errorf("signed by both it is %s", s)
		}
		if r := d.of(t, one); r.State != risk.Treating || len(r.Fields.Options) != 1 {
			t.Errorf("the risk is %s with %v", r.State, r.Fields.Options)
		}
		err := d.as(d.manager, func(tx *register.Tx) error {
			_, err := tx.Edit("treatment", plan, 0, map[string]any{"expected_effect": "None."}, register.Note{})
			return err
		})
		wants(t, err, sextant.Frozen, "can no longer be changed")
		must(t, d.move(t, d.manager, "treatment", plan, "finish", map[string]any{"result": "Copies run."}, ""))
		if r := d.of(t, one); len(r.Fields.Treating) != 1 || r.Fields.Treating[0].Control != d.control || n(r.Fields.Treating[0].LowersLikelihood) != 2 {
			t.Errorf("the control was not taken up: %+v", r.Fields.Treating)
		}
		if of := d.of(t, two).Fields.Treating; len(of) != 2 || of[0].Control != d.control || n(of[0].LowersLikelihood) != 2 || of[0].LowersConsequence != nil || n(of[1].LowersConsequence) != 1 {
			t.Errorf("a control that was named before has not got the steps: %+v", of)
		}
		d.Later(48 * time.Hour)
		wants(t, d.move(t, d.owner, "treatment", plan, "verify", nil, ""), sextant.Conflict, "was not judged again")
	})
}

// TestAPlanIsSignedByWhoOwnsTheRiskNow: while it waits, a risk may change hands.
func TestAPlanIsSignedByWhoOwnsTheRiskNow(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		one, two := d.risk(t, map[string]any{"treating": nil}), d.risk(t, map[string]any{"title": "Second", "treating": nil, "owner": d.top.Person})
		plan := d.Create(t, "treatment", map[string]any{"title": "Copies", "risks": []any{one, two}, "options": []any{"retain"}, "option_reason": "Cheap.", "owner": d.manager.Person, "due_on": later(d, 90), "expected_effect": "None."}).Key
		must(t, d.move(t, d.manager, "treatment", plan, "propose", nil, ""))
		must(t, d.move(t, d.top, "treatment", plan, "sign", nil, ""))
		give := func(key, person string) {
			t.Helper()
			d.Write(t, func(tx *register.Tx) error {
				_, err := tx.Edit("risk", key, 0, map[string]any{"owner": person}, register.Note{})
				return err
			})
		}
		stands := func(what, state string, owners, signed []string) {
			t.Helper()
			d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
				e, err := risk.Treatments.Get(v, plan)
				if e.State != state || !slices.Equal(e.Fields.RiskOwners, owners) || !slices.Equal(e.Fields.SignedBy, signed) {
					t.Errorf("%s: %s, owned by %v, signed by %v; want %s, %v, %v", what, e.State, e.Fields.RiskOwners, e.Fields.SignedBy, state, owners, signed)
				}
				return err
			})
		}
		give(one, d.manager.Person)
		stands("given to another", risk.Proposed, []string{d.manager.Person, d.top.Person}, []string{d.top.Person})
		wants(t, d.move(t, d.owner, "treatment", plan, "sign", nil, ""), sextant.Denied, "")
		if n := d.count(t, "notice", register.Filter{Field: "person", Op: register.Is, Values: []string{d.manager.Person}}, register.Filter{Field: "about", Op: register.Is, Values: []string{plan}}); n != 1 {
			t.Errorf("the new owner was told %d times", n)
		}
		give(one, d.top.Person)
		stands("given to who signed for another risk", risk.Proposed, []string{d.top.Person}, nil)
		give(one, "")
		must(t, d.move(t, d.top, "treatment", plan, "sign", nil, ""))
		stands("a risk has no owner", risk.Proposed, []string{d.top.Person}, []string{d.top.Person})
		give(one, d.owner.Person)
		must(t, d.move(t, d.owner, "treatment", plan, "sign", nil, ""))
		stands("signed by who owns them", risk.Agreed, []string{d.owner.Person, d.top.Person}, []string{d.top.Person, d.owner.Person})
	})
}

// TestAnAskedSignatureFollowsTheOwner: who is asked is who owns the risk when
// it is signed.
func TestAnAskedSignatureFollowsTheOwner(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, map[string]any{"treating": nil})
		d.evaluate(t, key, "current", 2, 2)
		asked := d.Create(t, "acceptance", map[string]any{"risk": key, "reason": "x", "valid_until": later(d, 100)}).Key
		d.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("risk", key, 0, map[string]any{"owner": d.top.Person}, register.Note{})
			return err
		})
		wants(t, d.move(t, d.owner, "acceptance", asked, "accept", nil, ""), sextant.Denied, "")
		must(t, d.move(t, d.top, "acceptance", asked, "accept", nil, ""))
		if n := d.count(t, "notice", register.Filter{Field: "person", Op: register.Is, Values: []string{d.top.Person}}, register.Filter{Field: "kind", Op: register.Is, Values: []string{"acceptance_requested"}}); n != 1 {
			t.Errorf("the new owner was told %d times", n)
		}
	})
}

// TestAnnexAIsComparedWithWhatWasDecided: a control that a scenario brought along
// is proposed until somebody said what it takes off, plans it or left it out.
func TestAnnexAIsComparedWithWhatWasDecided(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, map[string]any{"scenarios": []any{"scenario/public-bucket"}, "treating": []any{map[string]any{"control": "iso27001:2022/A.8.3"}, map[string]any{"control": "iso27001:2022/A.5.14", "lowers_likelihood": 1.0}}})
		plan := risk.Treatment{Risks: []string{key}, Options: []string{"modify"}, Measures: []risk.Measure{{Title: "Closed by default", Control: "iso27001:2022/A.8.9"}}}
		d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			list, err := risk.Comparison(v, plan)
			proposed := func(id string) bool {
				return slices.ContainsFunc(list, func(p risk.Proposal) bool { return p.Control == "iso27001:2022/"+id })
			}
			if !proposed("A.8.3") || !proposed("A.5.13") || proposed("A.5.14") || proposed("A.8.9") {
				t.Errorf("proposed are %+v", list)
			}
			return err
		})
	})
}

// TestALevelIsAcceptedByWhoMay: by the owner with authority, for the time the
// criteria allow; a plan that is signed before it is carried out is not broken
// by what the risk still is.
func TestALevelIsAcceptedByWhoMay(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, map[string]any{"treating": nil})
		wants(t, d.create("acceptance", map[string]any{"risk": key, "reason": "x", "valid_until": later(d, 30)}), sextant.Conflict, "was not judged in levels yet")
		d.evaluate(t, key, "current", 4, 4)
		ask := func(until string) (string, error) {
			var e register.Entry
			err := h.Kernel.Write(t.Context(), h.System(), func(tx *register.Tx) (err error) {
				e, err = tx.Create("acceptance", map[string]any{"risk": key, "reason": "The plan brings it down.", "valid_until": until}, register.Note{})
				return err
			})
			return e.Key, err
		}
		_, err := ask(later(d, 500))
		wants(t, err, sextant.Invalid, "is accepted until")
		high, err := ask(later(d, 30))
		must(t, err)
		wants(t, d.move(t, d.owner, "acceptance", high, "accept", nil, ""), sextant.Denied, "High is more than the risk owner may accept")
		must(t, d.move(t, d.owner, "acceptance", high, "refuse", nil, "lower it first"))
		d.evaluate(t, key, "residual", 2, 3)
		low, err := ask(later(d, 300))
		must(t, err)
		must(t, d.move(t, d.owner, "acceptance", low, "accept", nil, ""))
		if a, r := d.acceptance(t, low), d.of(t, key); a.State != risk.Accepted || n(a.Fields.Level) != 2 || n(a.Fields.LiveThen) != 4 || r.Fields.Acceptance != "accepted" {
			t.Errorf("%s at %d while the risk is %d (%s)", a.State, n(a.Fields.Level), n(a.Fields.LiveThen), r.Fields.Acceptance)
		}
		d.evaluate(t, key, "current", 2, 3)
		if a := d.acceptance(t, low); a.Fields.ReachedOn == "" || a.State != risk.Accepted {
			t.Errorf("the risk came down: %s, reached on %q", a.State, a.Fields.ReachedOn)
		}
		d.evaluate(t, key, "current", 3, 3)
		if a := d.acceptance(t, low); a.State != risk.Broken {
			t.Errorf("it rose again to Medium, what was signed is Low: %s", a.State)
		}
		again, err := ask(later(d, 5))
		must(t, err)
		d.evaluate(t, key, "residual", 3, 3)
		must(t, d.move(t, d.owner, "acceptance", again, "accept", nil, ""))
		d.Later(10 * 24 * time.Hour)
		d.Write(t, func(tx *register.Tx) error {
			due, err := tx.DueMoves()
			for _, m := range due {
				if err == nil {
					err = tx.MakeDue(m)
				}
			}
			return err
		})
		if a, r := d.acceptance(t, again), d.of(t, key); a.State != risk.Lapsed || r.Fields.Acceptance != "lapsed" {
			t.Errorf("after its last day it is %s, the risk says %s", a.State, r.Fields.Acceptance)
		}
	})
}

// TestAStageSaysWhatIsToBeDone: what is within appetite is not to be treated, it
// waits for its owner; what has no level that compares is neither.
func TestAStageSaysWhatIsToBeDone(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, map[string]any{"treating": nil})
		stage := func(want, label string) {
			t.Helper()
			r := d.of(t, key)
			state, _ := r.Register.Lifecycle.State(r.State)
			if r.State != want || state.Label != label {
				t.Errorf("it is %s (%q), want %s (%q); appetite %s, acceptance %s", r.State, state.Label, want, label, r.Fields.Appetite, r.Fields.Acceptance)
			}
		}
		stage(risk.Identified, "To be evaluated")
		d.Create(t, "risk_evaluation", map[string]any{"risk": key, "stage": "current", "rationale": "In money only.", "evaluated_by": d.owner.Person, "frequency_shape": "fixed", "frequency_low": 1.0, "loss_shape": "fixed", "loss_low": "10 EUR"})
		stage(risk.NoLevel, "No level by the criteria in force")
		d.evaluate(t, key, "current", 4, 4)
		stage(risk.Evaluated, "To be treated")
		d.evaluate(t, key, "current", 2, 2)
		stage(risk.Acceptable, "Within appetite, to be accepted")
		accepted := d.Create(t, "acceptance", map[string]any{"risk": key, "reason": "x", "valid_until": later(d, 100)}).Key
		stage(risk.Acceptable, "Within appetite, to be accepted")
		must(t, d.move(t, d.owner, "acceptance", accepted, "accept", nil, ""))
		stage(risk.Monitored, "Monitored")
		must(t, d.move(t, d.owner, "acceptance", accepted, "revoke", nil, "decided too early"))
		stage(risk.Acceptable, "Within appetite, to be accepted")
		d.approved(t, risk.Template(5, "EUR", 6e6))
		stage(risk.NoLevel, "No level by the criteria in force")
		must(t, d.move(t, d.owner, "risk", key, "close", nil, "the database is gone"))
		stage(risk.Closed, "Closed")
	})
}

// TestASignatureBindsWhoGaveIt: with another owner it lapses in the same write.
func TestASignatureBindsWhoGaveIt(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, map[string]any{"treating": nil})
		d.evaluate(t, key, "current", 2, 2)
		accepted := d.Create(t, "acceptance", map[string]any{"risk": key, "reason": "x", "valid_until": later(d, 100)}).Key
		must(t, d.move(t, d.owner, "acceptance", accepted, "accept", nil, ""))
		d.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("risk", key, 0, map[string]any{"owner": d.top.Person}, register.Note{})
			return err
		})
		if a, r := d.acceptance(t, accepted), d.of(t, key); a.State != risk.Lapsed || r.Fields.Acceptance != "lapsed" || r.State != risk.Acceptable {
			t.Errorf("with another owner: %s, the risk says %s and is %s", a.State, r.Fields.Acceptance, r.State)
		}
	})
}

// TestAPastAssessmentStaysAsItWas: what a round found is copied in.
func TestAPastAssessmentStaysAsItWas(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		one, two := d.risk(t, map[string]any{"treating": nil}), d.risk(t, map[string]any{"title": "Second", "treating": nil})
		d.evaluate(t, two, "current", 2, 2)
		round := d.Create(t, "risk_assessment", map[string]any{"title": "First round", "trigger": "initial", "scope_units": []any{"SU-1"}, "participants": []any{d.owner.Person}, "planned_on": later(d, 0), "every": "P12M", "owner": d.manager.Person, "approver": d.top.Person}).Key
		must(t, d.move(t, d.manager, "risk_assessment", round, "start", nil, ""))
		wants(t, d.move(t, d.manager, "risk_assessment", round, "complete", nil, ""), sextant.Conflict, "2 risks were not looked at")
		h.Create(t, "risk_evaluation", map[string]any{"risk": one, "assessment": round, "stage": "current", "likelihood": 3.0, "rationale": "x", "evaluated_by": d.owner.Person, "consequences": []any{map[string]any{"type": "legal", "level": 4.0}}})
		d.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("risk_assessment", round, 0, map[string]any{"unchanged": []any{two}}, register.Note{})
			return err
		})
		must(t, d.move(t, d.manager, "risk_assessment", round, "complete", nil, ""))
		d.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("risk", one, 0, map[string]any{"title": "Something else"}, register.Note{})
			return err
		})
		d.evaluate(t, one, "current", 1, 1)
		d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			a, err := risk.Assessments.Get(v, round)
			if err != nil {
				return err
			}
			if len(a.Fields.Results) != 2 || a.Fields.Results[0].Title != "Orders cannot be restored" || a.Fields.Results[0].LevelName != "High" || a.Fields.Results[1].LevelName != "Low" {
				t.Errorf("the round now says %+v", a.Fields.Results)
			}
			return nil
		})
	})
}

// TestAPlanDecidesAboutEveryUsualControl: who says "compared" has decided; a control
// that usually answers the risk is in the plan or left out for a reason.
func TestAPlanDecidesAboutEveryUsualControl(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, map[string]any{"treating": nil, "scenarios": []any{"scenario/public-bucket"}})
		d.evaluate(t, key, "current", 4, 3)
		plan := d.Create(t, "treatment", map[string]any{"title": "Closed for good", "risks": []any{key}, "options": []any{"modify"}, "option_reason": "Cheap.", "owner": d.manager.Person, "due_on": later(d, 90), "expected_effect": "Two steps.",
			"measures": []any{map[string]any{"title": "Block public access", "control": "iso27001:2022/A.8.9", "lowers_likelihood": 2.0}}}).Key
		usual := func() (undecided []string) {
			d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
				e, err := risk.Treatments.Get(v, plan)
				if err != nil {
					return err
				}
				list, err := risk.Comparison(v, e.Fields)
				for _, p := range list {
					if p.LeftOut == "" {
						undecided = append(undecided, framework.IDOf(p.Control))
					}
				}
				return err
			})
			return undecided
		}
		open := usual()
		if len(open) < 2 {
			t.Fatalf("nothing to decide about: %v", open)
		}
		must(t, d.move(t, d.manager, "treatment", plan, "compare", map[string]any{"left_out": risk.WithLeftOut("", open[0], "", "Told by contract.")}, ""))
		wants(t, d.move(t, d.manager, "treatment", plan, "propose", nil, ""), sextant.Conflict, "nothing is decided about "+strings.Join(open[1:], ", ")+", usual for these risks")
		text := ""
		for _, id := range open {
			text = risk.WithLeftOut(text, id, "", "Told by contract.")
		}
		must(t, d.move(t, d.manager, "treatment", plan, "compare", map[string]any{"left_out": text}, ""))
		must(t, d.move(t, d.manager, "treatment", plan, "propose", nil, ""))
	})
}
