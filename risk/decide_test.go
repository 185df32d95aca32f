// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
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

func (d *desk) sign(t *testing.T, a access.Actor, terms risk.Terms, picks ...risk.Pick) ([]risk.Signed, error) {
	t.Helper()
	a.Proof = access.Proof{Method: access.Password, At: d.Clock()}
	return risk.Sign(t.Context(), d.Kernel, a, picks, terms)
}

func (d *desk) decisions(t *testing.T, person string) (list []risk.Decision) {
	t.Helper()
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		list, err = risk.Decisions(v, person)
		return err
	})
	return list
}

func (d *desk) count(t *testing.T, name string, filters ...register.Filter) (n int) {
	t.Helper()
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		n, err = v.CountOf(name, filters...)
		return err
	})
	return n
}

// TestAnOwnerSignsSeveralInOneGo: each becomes a record of its own, and what is
// beyond their authority is named and left out as a whole.
func TestAnOwnerSignsSeveralInOneGo(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		bare := map[string]any{"treating": nil}
		low, asked, high, other := d.risk(t, bare), d.risk(t, bare), d.risk(t, bare), d.risk(t, map[string]any{"treating": nil, "owner": d.top.Person})
		unjudged := d.risk(t, bare)
		for key, at := range map[string]int{low: 2, asked: 3, high: 4, other: 2} {
			d.evaluate(t, key, "current", at, at)
		}
		must(t, d.as(d.manager, func(tx *register.Tx) error {
			_, err := tx.Create("acceptance", map[string]any{"risk": asked, "reason": "Insured.", "conditions": "While it is.", "valid_until": later(d, 200)}, register.Note{})
			return err
		}))
		plan := d.Create(t, "treatment", map[string]any{"title": "Copies", "risks": []any{low}, "options": []any{"retain"}, "option_reason": "r", "owner": d.manager.Person, "due_on": later(d, 60), "expected_effect": "none"}).Key
		must(t, d.move(t, d.manager, "treatment", plan, "propose", nil, ""))

		list := d.decisions(t, d.owner.Person)
		var said []string
		for _, x := range list {
			line := x.Key
			if x.Refusal != nil {
				line += ": " + x.Refusal.Message
			}
			said = append(said, line)
		}
		want := []string{asked, plan, high + ": High is more than the risk owner may accept", low, unjudged + ": " + unjudged + " was not judged in levels yet"}
		if strings.Join(said, "\n") != strings.Join(want, "\n") {
			t.Fatalf("to decide:\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
		}

		all := []risk.Pick{{Key: low, Reason: "Cheaper than the cure."}, {Key: asked}, {Key: high}, {Key: other}, {Key: unjudged}, {Key: plan}, {Key: low}}
		_, err := d.sign(t, d.owner, risk.Terms{ValidUntil: later(d, 300)}, risk.Pick{Key: asked}, risk.Pick{Key: low})
		wants(t, err, sextant.Invalid, "say why "+low+" is accepted")
		if n := d.count(t, "acceptance", register.Filter{Field: "state", Op: register.Is, Values: []string{risk.Accepted}}); n != 0 {
			t.Fatalf("%d were signed although a reason was missing", n)
		}
		signed, err := d.sign(t, d.owner, risk.Terms{ValidUntil: later(d, 300)}, all...)
		must(t, err)
		said = nil
		for _, s := range signed {
			if s.Refusal != nil {
				said = append(said, s.Key+" left out: "+s.Refusal.Message)
				continue
			}
			said = append(said, s.Key+" in "+s.Record)
		}
		want = []string{low + " in ACC-2", asked + " in ACC-1", high + " left out: High is more than the risk owner may accept", other + " left out: " + other + " has another risk owner, and nobody signs for them",
			unjudged + " left out: " + unjudged + " was not judged in levels yet", plan + " in " + plan}
		if strings.Join(said, "\n") != strings.Join(want, "\n") {
			t.Errorf("became:\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
		}
		one, two := d.acceptance(t, "ACC-2"), d.acceptance(t, "ACC-1")
		if one.State != risk.Accepted || one.Fields.Reason != "Cheaper than the cure." || one.Fields.AcceptedBy != d.owner.Person || n(one.Fields.Level) != 2 {
			t.Errorf("%s: %+v", one.State, one.Fields)
		}
		if two.State != risk.Accepted || two.Fields.Reason != "Insured." || two.Fields.Conditions != "While it is." || two.Fields.ValidUntil != later(d, 200) {
			t.Errorf("what was asked did not keep its words: %s %+v", two.State, two.Fields)
		}
		if n := d.count(t, "acceptance"); n != 2 {
			t.Errorf("%d acceptances; half of a refused one stayed", n)
		}
		for _, key := range []string{"ACC-1", "ACC-2", plan} {
			if n := d.count(t, "sign_off", register.Filter{Field: "subject", Op: register.Is, Values: []string{key}}); n != 1 {
				t.Errorf("%s has %d sign-offs of its own", key, n)
			}
		}
		again, err := d.sign(t, d.owner, risk.Terms{Reason: "x", ValidUntil: later(d, 300)}, risk.Pick{Key: low})
		must(t, err)
		if again[0].Refusal == nil || !strings.Contains(again[0].Refusal.Message, "is accepted already") {
			t.Errorf("signed twice: %+v", again[0].Refusal)
		}
	})
}

// TestWhatIsSignedIsWhatWasLookedAt: a judgement made meanwhile is not signed
// unseen, nor a time the criteria do not allow, nor without a fresh proof.
func TestWhatIsSignedIsWhatWasLookedAt(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 6e6))
		moved, still, long := d.risk(t, map[string]any{"treating": nil}), d.risk(t, map[string]any{"treating": nil}), d.risk(t, map[string]any{"treating": nil})
		for key, at := range map[string]int{moved: 1, still: 1, long: 3} {
			d.evaluate(t, key, "current", at, at)
		}
		var seen sextant.Seq
		d.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
			seen, _, err = v.Head()
			return err
		})
		d.evaluate(t, moved, "current", 2, 2)
		terms := risk.Terms{Reason: "Within appetite.", ValidUntil: later(d, 600), Seen: seen}
		if _, err := risk.Sign(t.Context(), d.Kernel, d.owner, []risk.Pick{{Key: still}}, terms); sextant.CodeOf(err) != sextant.Unauthenticated {
			t.Errorf("signed without a proof of who signs: %v", err)
		}
		signed, err := d.sign(t, d.owner, terms, risk.Pick{Key: moved}, risk.Pick{Key: still}, risk.Pick{Key: long})
		must(t, err)
		for i, says := range []string{"was judged or written anew since you looked", "", "Medium is accepted until"} {
			if s := signed[i]; says == "" && s.Refusal != nil || says != "" && (s.Refusal == nil || !strings.Contains(s.Refusal.Message, says) || s.Record != "") {
				t.Errorf("%s: %v, record %q; want %q", s.Key, s.Refusal, s.Record, says)
			}
		}
		asked := d.Create(t, "acceptance", map[string]any{"risk": moved, "reason": "x", "valid_until": later(d, 10)}).Key
		d.Later(20 * 24 * time.Hour)
		wants(t, d.move(t, d.owner, "acceptance", asked, "accept", nil, ""), sextant.Invalid, "is over")
	})
}
