// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
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
		if r := d.of(t, key); r.State != risk.Evaluated || n(r.Fields.CurrentLevel) != 2 || n(r.Fields.BestLevel) != 2 || r.Fields.Appetite != "within" {
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
