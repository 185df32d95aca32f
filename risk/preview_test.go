// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
	"strings"
	"testing"

	"sextant/control"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

func measuredBy(t *testing.T, c risk.Criteria) *risk.Yardstick {
	t.Helper()
	y, err := risk.NewYardstick(c)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

func at(v float64) *float64 { return &v }

// judgement is a current one in two types, which counts on a control that takes
// two steps off the likelihood.
func judgement(likelihood, availability, legal float64) *risk.Evaluation {
	counted := true
	return &risk.Evaluation{Stage: "current", Likelihood: at(likelihood), Consequence: at(max(availability, legal)),
		Consequences: []risk.Rated{{Type: "availability", Level: at(availability)}, {Type: "legal", Level: at(legal)}},
		Considered:   []risk.Considered{{Control: "own/NQ-1", LowersLikelihood: at(2), Counted: &counted}}}
}

func states(s control.State) func(string) control.State {
	return func(string) control.State { return s }
}

func TestAChangeOfCriteriaPreviewsWhatWouldMove(t *testing.T) {
	five := risk.Template(5, "EUR", 6e6)
	before := measuredBy(t, five)
	stricter := risk.Template(5, "EUR", 6e6)
	for i, cell := range stricter.Matrix {
		if n(cell.Likelihood) == 2 && n(cell.Consequence) >= 3 {
			stricter.Matrix[i].Level = at(max(4, *cell.Level))
		}
		if n(cell.Likelihood) > 2 && n(cell.Consequence) >= 3 {
			stricter.Matrix[i].Level = at(max(4, *cell.Level))
		}
	}
	accepted := &risk.Acceptance{AcceptedBy: "PER-9", Level: at(2), AcceptedAt: "2026-01-10T08:00:00Z", ValidUntil: "2027-06-01", ReachedOn: "2026-01-10"}
	risks := []risk.Judged{
		{Key: "RSK-1", Category: "cyber", Evaluation: judgement(2, 3, 1), State: states(control.Pass), Acceptance: "ACC-1", Accepted: accepted},
		{Key: "RSK-2", Category: "cyber", Evaluation: judgement(1, 1, 1), State: states(control.Pass), Acceptance: "ACC-2", Accepted: accepted},
		{Key: "RSK-3", Category: "cyber", Earlier: true},
		{Key: "RSK-4", Category: "cyber"},
	}
	shifts := risk.Compare(before, measuredBy(t, stricter), risks, nil)
	got := map[string]risk.Shift{}
	for _, s := range shifts {
		got[s.Risk] = s
	}
	if s := got["RSK-1"]; s.Change != risk.Higher || s.Before.Name != "Low" || s.After.Name != "High" || s.Before.Appetite != "within" || s.After.Appetite != "above" || !strings.Contains(s.Refused, "the risk would be High, above Low") {
		t.Errorf("judged 2 x 3: %+v", s)
	}
	if s := got["RSK-2"]; s.Change != risk.Unmoved || s.Refused != "" {
		t.Errorf("judged 1 x 1: %+v", s)
	}
	if got["RSK-3"].Change != risk.ByEarlier || got["RSK-4"].Change != risk.NotJudged || got["RSK-4"].After.Worst != 0 {
		t.Errorf("not judged by the edition in force: %+v, %+v", got["RSK-3"], got["RSK-4"])
	}
	if shifts[0].Risk != "RSK-1" {
		t.Errorf("what rises does not come first: %s", shifts[0].Risk)
	}
}

func TestWhoMayAcceptAndForHowLongIsPreviewed(t *testing.T) {
	before := measuredBy(t, risk.Template(5, "", 0))
	for name, c := range map[string]struct {
		change func(*risk.Level)
		says   string
	}{
		"by top management only": {func(l *risk.Level) { l.MayAccept = "top_management" }, "more than the risk owner may accept"},
		"by nobody":              {func(l *risk.Level) { l.MayAccept = "nobody" }, "nobody may accept Low"},
		"for a month":            {func(l *risk.Level) { l.AcceptedFor = "P1M" }, "until 2026-02-10 at most"},
		"as before":              {func(*risk.Level) {}, ""},
	} {
		next := risk.Template(5, "", 0)
		c.change(&next.Levels[1])
		accepted := &risk.Acceptance{AcceptedBy: "PER-9", Level: at(2), AcceptedAt: "2026-01-10T08:00:00Z", ValidUntil: "2027-06-01", ReachedOn: "2026-01-10"}
		s := risk.Compare(before, measuredBy(t, next), []risk.Judged{{Key: "RSK-1", Evaluation: judgement(2, 2, 1), State: states(control.Pass), Accepted: accepted}}, []string{"PER-1"})[0]
		if c.says == "" && s.Refused != "" || !strings.Contains(s.Refused, c.says) {
			t.Errorf("%s: %q, want %q", name, s.Refused, c.says)
		}
	}
}

func TestLevelsCompareOnlyWhereOneTookThePlaceOfTheOther(t *testing.T) {
	five := risk.Template(5, "", 0)
	before := measuredBy(t, five)
	judged := []risk.Judged{{Key: "RSK-1", Evaluation: judgement(2, 3, 5), State: states(control.Pass)}}

	three := risk.Template(3, "", 0)
	if s := risk.Compare(before, measuredBy(t, three), judged, nil)[0]; s.Change != risk.NotComparable || s.Gone != "consequence 5" || s.After.Worst != 0 {
		t.Errorf("a level is gone: %+v", s)
	}
	judged[0].Accepted = &risk.Acceptance{AcceptedBy: "PER-9", Level: at(4), AcceptedAt: "2026-01-10T08:00:00Z", ValidUntil: "2026-06-01", ReachedOn: "2026-01-10"}
	if s := risk.Compare(before, measuredBy(t, three), judged, nil)[0]; s.Refused != "nothing took the place of High" {
		t.Errorf("what was signed is gone, too: %q", s.Refused)
	}
	judged[0].Accepted = nil
	three.Replaced = []risk.Replaced{{Scale: "consequence", Old: at(5), New: at(3)}, {Scale: "level", Old: at(4), New: at(2)}}
	if s := risk.Compare(before, measuredBy(t, three), judged, nil)[0]; s.Change != risk.Higher || s.After.Name != "High" {
		t.Errorf("replaced: %+v", s)
	}
	fewer := risk.Template(5, "", 0)
	fewer.ConsequenceTypes = []string{"availability"}
	if s := risk.Compare(before, measuredBy(t, fewer), judged, nil)[0]; s.Change != risk.Lower || len(s.Lost) != 1 || s.Lost[0] != "legal" {
		t.Errorf("a type is gone: %+v", s)
	}
}

func TestAChangedRuleIsPreviewed(t *testing.T) {
	first, second := risk.Template(5, "", 0), risk.Template(5, "", 0)
	second.Rule = "2"
	s := risk.Compare(measuredBy(t, first), measuredBy(t, second), []risk.Judged{{Key: "RSK-1", Evaluation: judgement(2, 3, 1), State: states(control.FailInGrace)}}, nil)[0]
	if s.Before.Name != "Low to Medium" || s.After.Name != "Medium" || s.Change != risk.Unmoved {
		t.Errorf("a control fails within its grace: %+v", s)
	}
}

func TestAPreviewReadsWhatStandsAndKeepsNothing(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		inForce := d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, nil)
		d.evaluate(t, key, "current", 1, 3)
		accepted := d.Create(t, "acceptance", map[string]any{"risk": key, "reason": "Cheap.", "valid_until": later(d, 300)}).Key
		must(t, d.move(t, d.owner, "acceptance", accepted, "accept", nil, ""))
		d.risk(t, map[string]any{"title": "Another one"})
		next := risk.Template(5, "EUR", 6e6)
		next.ManagementSystem, next.Author, next.Approver = d.system, d.manager.Person, d.top.Person
		next.Levels[1].MayAccept = "nobody"
		d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			p, err := risk.PreviewOf(v, "", next)
			if err != nil {
				return err
			}
			counts := p.Counts()
			if p.Before != inForce || counts[risk.Unmoved] != 1 || counts[risk.NotJudged] != 1 || p.Refused() != 1 || p.Says() != "1 where it is, 1 not evaluated; acceptances that would no longer be allowed: 1" {
				t.Errorf("%s: %+v", p.Says(), p)
			}
			if s := p.Shifts[0]; s.Acceptance != accepted || s.Before.Name != "Low" {
				t.Errorf("%+v", s)
			}
			return nil
		})
		if a := d.acceptance(t, accepted); a.State != risk.Accepted {
			t.Errorf("the acceptance is %s after a preview", a.State)
		}
	})
}
