// SPDX-License-Identifier: Apache-2.0

package soa_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/framework"
	"sextant/lint"
	"sextant/product"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/soa"
)

// stage is a house with one management system, and what the rules say of it.
type stage struct {
	*testing.T
	*producttest.House
	system string
}

func (s *stage) decide(id string, values map[string]any) {
	s.Helper()
	s.Write(s.T, func(tx *register.Tx) error { return soa.Decide(tx, s.system, id, 0, values, register.Note{}) })
}

func (s *stage) in(id string, reasons ...string) {
	s.Helper()
	s.decide(id, map[string]any{"applicability": "applicable", "reasons": reasons, "inclusion_justification": "Needed for " + id + "."})
}

func (s *stage) out(id, why string) {
	s.Helper()
	s.decide(id, map[string]any{"applicability": "not_applicable", "reasons": nil, "exclusion_justification": why})
}

// declare makes an implementation and gives it back.
func (s *stage) declare(id, unit string, values map[string]any) register.Entry {
	s.Helper()
	all := map[string]any{"control": framework.ControlPrefix + id, "scope_unit": unit, "owner": s.People[access.Owner], "how": "As the handbook says."}
	for k, v := range values {
		all[k] = v
	}
	return s.Create(s.T, "implementation", all)
}

func (s *stage) edit(e register.Entry, values map[string]any) {
	s.Helper()
	s.Write(s.T, func(tx *register.Tx) error {
		_, err := tx.Edit(e.Register.Name, e.Key, 0, values, register.Note{Why: "test"})
		return err
	})
}

func (s *stage) day(days int) string {
	return s.Clock().Time().AddDate(0, 0, days).Format(time.DateOnly)
}

// verdict asks one rule at a moment, 0 for now.
func (s *stage) verdict(rule string, at sextant.Instant) (v lint.Verdict) {
	s.Helper()
	r, known := lint.Named(rule)
	if !known {
		s.Fatalf("there is no rule %s", rule)
	}
	s.Look(s.T, at, func(view *register.View, m evidence.Reader) error {
		list, err := lint.Run(lint.Look{View: view, Evidence: m, Subject: s.system}, product.Rules(), []lint.Rule{r})
		if err == nil {
			v = list[0]
		}
		return err
	})
	return v
}

// finds says whether a rule finds something about an entry or reference, and
// that what it says can be read and followed.
func (s *stage) finds(rule, about string) bool {
	s.Helper()
	for _, f := range s.verdict(rule, 0).Findings {
		if f.Facts == "" || !strings.HasPrefix(f.Place, "/") || strings.Contains(f.Facts, "%!") {
			s.Errorf("%s: %+v", rule, f)
		}
		if slices.Contains(f.Entries, about) {
			return true
		}
	}
	return false
}

func ref(id string) string { return framework.ControlPrefix + id }

// everywhere runs over all controls with a decision of each.
func (s *stage) everywhere(decide func(i int, c framework.Control)) {
	s.Helper()
	for i, c := range framework.Controls() {
		decide(i, c)
	}
}

// Each rule about a statement: what it is about is made sound, then not, then
// sound again.
func TestEachRuleOfTheStatementFiresAndFallsSilent(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		s := &stage{T: t, House: h, system: h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it.", "owner": h.People[access.ISMSManager]}).Key}
		expect := func(rule, about string, want bool) {
			t.Helper()
			if got := s.finds(rule, about); got != want {
				t.Errorf("%s about %s: found %v, want %v: %+v", rule, about, got, want, s.verdict(rule, 0))
			}
		}

		expect("soa-incomplete", s.system, true)
		s.everywhere(func(_ int, c framework.Control) { s.decide(c.ID, map[string]any{"owner": h.People[access.Owner]}) })
		expect("soa-incomplete", s.system, false)

		expect("soa-undecided", ref("A.5.1"), true)
		s.in("A.5.1", "business")
		expect("soa-undecided", ref("A.5.1"), false)

		s.reasons(expect)
		s.exclusions(expect)
		s.implementations(expect)
		s.extensions(expect)
		s.wholes(expect)
	})
}

// reasons: what a reason rests on.
func (s *stage) reasons(expect func(string, string, bool)) {
	s.Helper()
	about := ref("A.5.24")
	s.in("A.5.24", "legal")
	expect("soa-reason-unbacked", about, true)
	duty := s.Create(s.T, "obligation", map[string]any{"title": "Tell the authority", "kind": "law", "citation": "GDPR Art. 33", "summary": "Within 72 hours.", "owner": "PER-1", "applicability_reason": "Orders.", "controls": []string{about}, "review_on": s.day(300)})
	expect("soa-reason-unbacked", about, false)
	s.in("A.5.24", "legal", "contractual")
	expect("soa-reason-unbacked", about, true)
	contract := s.Create(s.T, "contract", map[string]any{"title": "Parcels", "counterparty": "Aldane", "owner": "PER-1", "effective_from": s.day(-3), "reference": "C-118", "signed_on": s.day(-4)})
	s.Create(s.T, "obligation", map[string]any{"title": "Tell Aldane", "kind": "contract", "contract": contract.Key, "citation": "C-118, 9.2", "summary": "Within a day.", "owner": "PER-1", "applicability_reason": "Signed.", "controls": []string{about}, "review_on": s.day(300)})
	expect("soa-reason-unbacked", about, true)
	manager := access.Actor{Organisation: s.Org, Name: "person:" + s.People[access.ISMSManager], Person: s.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}
	for _, move := range []string{"sign", "start"} {
		if err := s.Kernel.Write(s.Context(), manager, func(tx *register.Tx) error {
			_, err := tx.Transition("contract", contract.Key, 0, move, nil, register.Note{})
			return err
		}); err != nil {
			s.Fatal(err)
		}
	}
	expect("soa-reason-unbacked", about, false)

	expect("obligation-without-control", duty.Key, false)
	s.out("A.5.24", "Somebody else handles every incident for us, by contract.")
	expect("obligation-without-control", duty.Key, true)
	expect("soa-excluded-but-owed", about, true)
	s.in("A.5.24", "legal")
	expect("soa-excluded-but-owed", about, false)
	expect("obligation-without-control", duty.Key, false)
}

// exclusions: what was left out, against what is there.
func (s *stage) exclusions(expect func(string, string, bool)) {
	s.Helper()
	about := ref("A.8.4")
	s.out("A.8.4", "No code here.")
	expect("soa-exclusion-thin", about, true)
	s.out("A.8.4", "We write no software: shop and portal are services of others.")
	expect("soa-exclusion-thin", about, false)
	for _, id := range []string{"A.5.6", "A.6.7", "A.7.9", "A.8.30", "A.8.25", "A.8.26"} {
		s.out(id, "It does not concern us, and nothing suggests that this will change soon.")
	}
	expect("soa-exclusion-thin", ref("A.7.9"), true)
	s.out("A.8.30", "Nobody develops for us: what we use is bought and not changed.")
	expect("soa-exclusion-thin", ref("A.7.9"), false)

	expect("soa-excluded-in-use", about, false)
	used := s.declare("A.8.4", "SU-1", map[string]any{"implementation": "implemented"})
	expect("soa-excluded-in-use", used.Key, true)
	s.edit(used, map[string]any{"implementation": "not_started"})
	expect("soa-excluded-in-use", used.Key, false)

	repository := s.Create(s.T, "asset", map[string]any{"title": "Repository shop", "type": "repository", "owner": s.People[access.Owner], "scope_units": []string{"SU-1"}})
	manager := access.Actor{Organisation: s.Org, Name: "person:" + s.People[access.ISMSManager], Person: s.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}
	if err := s.Kernel.Write(s.Context(), manager, func(tx *register.Tx) error {
		_, err := tx.Transition("asset", repository.Key, 0, "activate", nil, register.Note{})
		return err
	}); err != nil {
		s.Fatal(err)
	}
	expect("soa-excluded-but-observed", about, false)
	s.Later(15 * 24 * time.Hour)
	expect("soa-excluded-but-observed", about, true)
	s.in("A.8.4", "business")
	expect("soa-excluded-but-observed", about, false)
}

// implementations: what units declare, and what shows it.
func (s *stage) implementations(expect func(string, string, bool)) {
	s.Helper()
	about := ref("A.5.2")
	s.in("A.5.2", "business")
	expect("soa-no-implementation", about, true)
	s.decide("A.5.2", map[string]any{"owner": nil})
	expect("soa-control-without-owner", about, true)
	imp := s.declare("A.5.2", "SU-1", map[string]any{"implementation": "not_started"})
	expect("soa-no-implementation", about, false)
	expect("soa-control-without-owner", about, false)
	expect("control-without-anything", about, true)
	s.edit(imp, map[string]any{"implementation": "partly"})
	expect("control-without-anything", about, false)
	expect("soa-planned-without-date", about, true)
	s.edit(imp, map[string]any{"implementation": "planned", "planned_on": s.day(2)})
	expect("soa-planned-without-date", about, false)
	expect("soa-planned-date-passed", imp.Key, false)
	s.Later(18 * 24 * time.Hour)
	expect("soa-planned-date-passed", imp.Key, true)
	s.edit(imp, map[string]any{"implementation": "implemented"})
	expect("soa-planned-date-passed", imp.Key, false)
	expect("soa-implemented-not-proven", about, false)
	s.Later(31 * 24 * time.Hour)
	s.Evaluate(s.T)
	expect("soa-implemented-not-proven", about, true)
	s.edit(imp, map[string]any{"implementation": "partly", "planned_on": s.day(30)})
	expect("soa-implemented-not-proven", about, false)

	s.in("A.7.1", "business")
	for i, name := range []string{"Porto", "Hamburg"} {
		s.Create(s.T, "scope_unit", map[string]any{"title": name, "kind": "site", "is_in_scope": true})
		if i == 0 {
			s.declare("A.7.1", "SU-2", map[string]any{"implementation": "implemented"})
			expect("soa-partial-units", ref("A.7.1"), false)
		}
	}
	expect("soa-partial-units", ref("A.7.1"), true)
	s.declare("A.7.1", "SU-3", map[string]any{"implementation": "not_started"})
	expect("soa-partial-units", ref("A.7.1"), false)

	s.in("A.8.13", "business")
	backup := s.declare("A.8.13", "SU-1", map[string]any{"implementation": "implemented"})
	s.Observe(s.T, "SRC-1", "aws:rds_instance", map[string]map[string]any{"db:orders": producttest.Database("orders", 30)})
	expect("soa-evidence-stale", ref("A.8.13"), false)
	s.Later(72 * time.Hour)
	expect("soa-evidence-stale", ref("A.8.13"), true)

	expect("edition-2013-leftover", backup.Key, false)
	s.edit(backup, map[string]any{"how": "As A.12.3.1 asks."})
	expect("edition-2013-leftover", backup.Key, true)
	s.edit(backup, map[string]any{"how": "As A.8.13 asks, daily."})
	expect("edition-2013-leftover", backup.Key, false)
}

// extensions: what another standard adds by role.
func (s *stage) extensions(expect func(string, string, bool)) {
	s.Helper()
	system := func(extensions ...string) {
		s.Write(s.T, func(tx *register.Tx) error {
			_, err := tx.Edit("management_system", s.system, 0, map[string]any{"extensions": extensions}, register.Note{})
			return err
		})
	}
	role := func(value string) {
		s.Write(s.T, func(tx *register.Tx) error {
			_, err := tx.Edit("organisation", "ORG-1", 0, map[string]any{"cloud_role": value}, register.Note{})
			return err
		})
	}
	expect("overlay-role-undefined", s.system, false)
	system(framework.ISO27017)
	expect("overlay-role-undefined", s.system, true)
	expect("overlay-rows-missing", s.system, false)
	role("both")
	expect("overlay-role-undefined", s.system, false)
	expect("overlay-rows-missing", s.system, true)
	for _, c := range framework.RowsOf(framework.ISO27017) {
		s.in(c.ID, "business")
	}
	expect("overlay-rows-missing", s.system, false)
	hardening := framework.ReferenceOf("CLD.9.5.2")
	expect("overlay-base-excluded", hardening, false)
	c, _ := framework.ControlByID("CLD.9.5.2")
	for _, id := range c.Related {
		s.out(id, "It does not concern us: every machine of ours is run by others.")
	}
	expect("overlay-base-excluded", hardening, true)
	for _, id := range c.Related {
		s.in(id, "business")
	}
	expect("overlay-base-excluded", hardening, false)
	role("none")
	system()
}

// wholes: what shows only over the whole statement.
func (s *stage) wholes(expect func(string, string, bool)) {
	s.Helper()
	expect("soa-only-good-practice", s.system, false)
	expect("edition-2013-leftover", s.system, false)
	s.everywhere(func(_ int, c framework.Control) {
		if c.New {
			s.decide(c.ID, map[string]any{"applicability": "undecided", "reasons": nil})
		} else {
			s.in(c.ID, "good_practice")
		}
	})
	expect("soa-only-good-practice", s.system, true)
	expect("edition-2013-leftover", s.system, true)
	expect("soa-all-reasons-everywhere", s.system, false)
	s.everywhere(func(_ int, c framework.Control) { s.in(c.ID, "good_practice", "business", "risk_assessment") })
	expect("soa-only-good-practice", s.system, false)
	expect("edition-2013-leftover", s.system, false)
	expect("soa-all-reasons-everywhere", s.system, true)
	s.everywhere(func(i int, c framework.Control) {
		s.decide(c.ID, map[string]any{"reasons": []string{"business"}, "inclusion_justification": fmt.Sprintf("Sentence %d.", i)})
	})
	expect("soa-all-reasons-everywhere", s.system, false)
	s.everywhere(func(_ int, c framework.Control) {
		s.decide(c.ID, map[string]any{"inclusion_justification": "It is needed."})
	})
	expect("soa-all-reasons-everywhere", s.system, true)
}

func TestRulesOfTheStatementCannotTellWithoutOne(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	h.Look(t, 0, func(v *register.View, m evidence.Reader) error {
		list, err := lint.Run(lint.Look{View: v, Evidence: m}, soa.Conditions(), lint.Blocking("soa review"))
		for _, verdict := range list {
			if verdict.CannotTell == "" || verdict.Outcome() != lint.Unknown {
				t.Errorf("%s is %s of an organisation without a management system", verdict.Rule.ID, verdict.Outcome())
			}
		}
		return err
	})
}
