// SPDX-License-Identifier: Apache-2.0

package migration_test

import (
	"slices"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/migration"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/soa"
)

// house has a management system and an old statement on all 114 controls.
type house struct {
	*testing.T
	*producttest.House
	system string
}

func newHouse(t *testing.T, h *producttest.House) house {
	return house{t, h, h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key}
}

// full is an old statement in which everything applies and nothing is in doubt.
func full(h house) migration.Sheet {
	s := migration.Sheet{File: "soa-2013.xlsx", Digest: "ab12", Unit: "SU-1"}
	for i, c := range framework.Controls2013() {
		s.Said = append(s.Said, migration.Said{Row: i + 5, ID: c.ID, Title: c.Title, Applicability: "applicable", Reasons: []string{"risk_assessment"}, Justification: "Because of " + c.ID + ".", Implementation: "implemented", Owner: h.People[access.Owner], OwnerText: "The owner"})
	}
	return s
}

func (h house) propose(s migration.Sheet) (report migration.Report) {
	h.Helper()
	h.must(func(tx *register.Tx) (err error) {
		report, err = migration.Propose(tx, h.system, s)
		return err
	})
	return report
}

func (h house) lines() (lines map[string]migration.Line) {
	h.Helper()
	lines = map[string]migration.Line{}
	h.Look(h.T, 0, func(v *register.View, _ evidence.Reader) error {
		all, err := migration.All(v, h.system)
		for _, l := range all {
			lines[l.Fields.ID()] = l
		}
		return err
	})
	return lines
}

func (h house) row(id string) (row soa.Row, found bool) {
	h.Helper()
	h.Look(h.T, 0, func(v *register.View, _ evidence.Reader) error {
		d, ok, err := soa.Decided(v, h.system, id)
		row, found = d.Fields, ok
		return err
	})
	return row, found
}

func (h house) try(fn func(*register.Tx) error) error {
	return h.Kernel.Write(h.Context(), h.manager(), fn)
}

// manager is who decides: the program itself may more than a person.
func (h house) manager() access.Actor {
	return access.Actor{Organisation: h.Org, Name: "manager", Person: h.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}
}

func (h house) must(fn func(*register.Tx) error) {
	h.Helper()
	if err := h.try(fn); err != nil {
		h.Fatal(err)
	}
}

func at(s *migration.Sheet, id string) *migration.Said {
	return &s.Said[slices.IndexFunc(s.Said, func(r migration.Said) bool { return r.ID == id })]
}

func TestAnOldStatementGivesAProposalForEachControl(t *testing.T) {
	producttest.Both(t, func(t *testing.T, p *producttest.House) {
		h := newHouse(t, p)
		report := h.propose(full(h))
		if len(report.Outcomes) != 114 || report.Counts[register.Created] != 114 {
			t.Errorf("fates: %s", report.Summary())
		}
		if got := report.Proposals; got[framework.OneToOne] != 58 || got[framework.Merged] != 24 || got[framework.Added] != 11 {
			t.Errorf("proposals: %v", got)
		}
		lines := h.lines()
		ready := 0
		for id, l := range lines {
			if l.Ready() {
				ready++
			}
			if l.Decided || l.Fields.Decision != migration.Open {
				t.Errorf("%s became something by itself: %+v", id, l.Fields)
			}
		}
		if len(lines) != 93 || ready != 82 {
			t.Errorf("%d lines, %d ready", len(lines), ready)
		}
		media := lines["A.7.10"].Fields
		if len(media.Old) != 4 || media.Change != "merged" || media.Applicability != "applicable" || media.Implementation != "implemented" || !strings.Contains(media.Justification, "A.8.3.2: Because of A.8.3.2.\n\nA.8.3.3: ") {
			t.Errorf("merged: %+v", media)
		}
		if old, ok := media.Of("A.11.2.5"); !ok || old.File != "soa-2013.xlsx" || old.Digest != "ab12" || old.Row == 0 || old.Title != "Removal of assets" || old.Owner != "The owner" {
			t.Errorf("where it is from: %+v", old)
		}
		if fresh := lines["A.5.7"].Fields; fresh.Change != "new" || fresh.Applicability != "undecided" || !slices.Equal(fresh.Lacks(), []string{"applicability"}) {
			t.Errorf("new: %+v", fresh)
		}
		for _, id := range []string{"A.5.36", "A.8.8"} {
			if _, ok := lines[id].Fields.Of("A.18.2.3"); !ok {
				t.Errorf("%s does not show A.18.2.3, which was split", id)
			}
		}
		if i := slices.IndexFunc(report.Outcomes, func(o register.Outcome) bool { return strings.HasPrefix(o.Title, "A.18.2.3 ") }); !strings.HasSuffix(report.Outcomes[i].Title, "→ A.5.36, A.8.8") {
			t.Errorf("the fate of the split: %+v", report.Outcomes[i])
		}
		h.must(func(tx *register.Tx) error { _, err := tx.UndoBatch(report.Batch, register.Note{}); return err })
		if left := h.lines(); len(left) != 0 {
			t.Errorf("%d proposals are left after the undo", len(left))
		}
	})
}

func TestPredecessorsThatDoNotAgreeAreAConflictToDecide(t *testing.T) {
	h := newHouse(t, producttest.New(t, producttest.Fresh(t)))
	s := full(h)
	at(&s, "A.8.1.3").Applicability = "not_applicable"
	at(&s, "A.8.1.3").Reasons = nil
	at(&s, "A.9.2.2").Implementation = "partly"
	at(&s, "A.12.4.1").PlannedOn, at(&s, "A.12.4.2").PlannedOn = "2026-01-01", "2026-02-01"
	at(&s, "A.14.2.8").Applicability = ""
	s.Said = slices.DeleteFunc(s.Said, func(r migration.Said) bool { return r.ID == "A.15.2.1" || r.ID == "A.5.1.1" || r.ID == "A.5.1.2" })
	h.propose(s)
	lines := h.lines()
	for id, want := range map[string][]string{"A.5.10": {migration.OfApplicability}, "A.5.18": {migration.OfImplementation}, "A.8.15": {migration.OfDates}, "A.8.29": nil, "A.5.22": {migration.Missing}, "A.5.1": {migration.Missing}, "A.5.7": nil} {
		if got := lines[id].Fields.Conflicts; !slices.Equal(got, want) {
			t.Errorf("%s: conflicts %v, want %v", id, got, want)
		}
	}
	if f := lines["A.5.10"].Fields; f.Applicability != "undecided" || f.Implementation != "" || f.Justification != "" {
		t.Errorf("a conflict proposes nothing: %+v", f)
	}
	if f := lines["A.5.18"].Fields; f.Applicability != "applicable" || f.Implementation != "" {
		t.Errorf("of two states none is taken: %+v", f)
	}
	if f := lines["A.8.29"].Fields; f.Applicability != "applicable" {
		t.Errorf("one that says nothing does not contradict: %+v", f)
	}
}

func TestAPersonConfirmsChangesAndDeclines(t *testing.T) {
	producttest.Both(t, func(t *testing.T, p *producttest.House) {
		h := newHouse(t, p)
		s := full(h)
		at(&s, "A.11.1.5").Applicability, at(&s, "A.11.1.5").Reasons = "not_applicable", nil
		h.propose(s)
		lines := h.lines()
		key := func(id string) string { return lines[id].Key }
		h.must(func(tx *register.Tx) error {
			if err := migration.Confirm(tx, key("A.8.13"), lines["A.8.13"].Version, register.Note{}, nil); err != nil {
				return err
			}
			if err := migration.Confirm(tx, key("A.7.6"), 0, register.Note{}, nil); err != nil {
				return err
			}
			if err := migration.Confirm(tx, key("A.5.7"), 0, register.Note{}, func(p *migration.Proposal) {
				p.Applicability, p.Reasons, p.ScopeUnit = "applicable", []string{"good_practice"}, ""
			}); err != nil {
				return err
			}
			return migration.Decline(tx, key("A.8.6"), 0, register.Note{Why: "it was wrong then"})
		})
		after := h.lines()
		for id, want := range map[string]string{"A.8.13": migration.Confirmed, "A.7.6": migration.Confirmed, "A.5.7": migration.Changed, "A.8.6": migration.Declined, "A.8.7": migration.Open} {
			if got := after[id].Fields.Decision; got != want {
				t.Errorf("%s is %s, want %s", id, got, want)
			}
		}
		if row, _ := h.row("A.8.13"); row.Applicability != "applicable" || !slices.Equal(row.Reasons, []string{"risk_assessment"}) || row.Justification() != "Because of A.12.3.1." || row.Owner != h.People[access.Owner] {
			t.Errorf("A.8.13 is %+v", row)
		}
		if row, _ := h.row("A.7.6"); row.Applicability != "not_applicable" || len(row.Reasons) != 0 {
			t.Errorf("A.7.6 is %+v", row)
		}
		if _, found := h.row("A.8.6"); found {
			t.Error("what was declined is in the statement")
		}
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			all, err := control.Implementations.All(v)
			if len(all) != 1 || all[0].Fields.Control != "iso27001:2022/A.8.13" || !strings.Contains(all[0].Fields.How, "soa-2013.xlsx, row ") {
				t.Errorf("declared: %+v", all)
			}
			return err
		})
		for name, fn := range map[string]func(*register.Tx) error{
			"confirmed twice":       func(tx *register.Tx) error { return migration.Confirm(tx, key("A.8.13"), 0, register.Note{}, nil) },
			"an old version":        func(tx *register.Tx) error { return migration.Confirm(tx, key("A.8.7"), 99, register.Note{}, nil) },
			"declined when decided": func(tx *register.Tx) error { return migration.Decline(tx, key("A.8.13"), 0, register.Note{}) },
			"undecided and new":     func(tx *register.Tx) error { return migration.Confirm(tx, key("A.8.9"), 0, register.Note{}, nil) },
			"an inclusion by nobody": func(tx *register.Tx) error {
				return migration.Confirm(tx, key("A.8.7"), 0, register.Note{}, func(p *migration.Proposal) { p.Owner = "" })
			},
			"written past the statement": func(tx *register.Tx) error {
				_, err := tx.Edit(migration.Proposals.Name, key("A.8.7"), 0, map[string]any{"decision": "confirmed"}, register.Note{})
				return err
			},
		} {
			if err := h.try(fn); sextant.CodeOf(err) != sextant.Invalid && sextant.CodeOf(err) != sextant.Conflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.must(func(tx *register.Tx) error { return migration.Reopen(tx, key("A.8.13"), register.Note{}) })
		if l := h.lines()["A.8.13"]; l.Fields.Decision != migration.Open || !l.Decided || l.Differs {
			t.Errorf("reopened: %+v", l)
		}
	})
}

func TestAllThatIsReadyIsConfirmedAndUndoneAtOnce(t *testing.T) {
	producttest.Both(t, func(t *testing.T, p *producttest.House) {
		h := newHouse(t, p)
		s := full(h)
		at(&s, "A.9.2.2").Implementation = "partly"
		at(&s, "A.6.1.1").Reasons = nil
		at(&s, "A.6.2.2").Owner = ""
		h.propose(s)
		h.must(func(tx *register.Tx) error {
			return soa.Decide(tx, h.system, "A.8.34", 0, map[string]any{"applicability": "not_applicable", "exclusion_justification": "Decided anew."}, register.Note{})
		})
		report, err := migration.ConfirmReady(t.Context(), h.Kernel, h.manager(), h.system)
		if err != nil || report.Counts[register.Updated] != 82-4 || report.Counts[register.Refused] != 0 {
			t.Fatalf("%s, %v", report.Summary(), err)
		}
		lines := h.lines()
		for _, id := range []string{"A.5.18", "A.5.2", "A.6.7", "A.8.34", "A.5.7"} {
			if lines[id].Fields.Decision != migration.Open {
				t.Errorf("%s was confirmed without a person looking", id)
			}
		}
		if row, _ := h.row("A.8.34"); row.Justification() != "Decided anew." || !lines["A.8.34"].Differs {
			t.Errorf("what was decided since: %+v", row)
		}
		h.must(func(tx *register.Tx) error { _, err := tx.UndoBatch(report.Batch, register.Note{}); return err })
		for id, l := range h.lines() {
			if l.Fields.Decision != migration.Open || l.Decided && id != "A.8.34" {
				t.Errorf("%s after the undo: %s", id, l.Fields.Decision)
			}
		}
	})
}

func TestALaterSheetAddsToWhatIsOpen(t *testing.T) {
	h := newHouse(t, producttest.New(t, producttest.Fresh(t)))
	s := full(h)
	s.Said = slices.DeleteFunc(s.Said, func(r migration.Said) bool { return r.ID == "A.5.1.2" })
	h.propose(s)
	line := h.lines()["A.5.2"]
	h.must(func(tx *register.Tx) error { return migration.Confirm(tx, line.Key, 0, register.Note{}, nil) })
	report := h.propose(migration.Sheet{File: "rest.csv", Said: []migration.Said{{Row: 2, ID: "A.5.1.2", Applicability: "applicable", Reasons: []string{"legal"}}, {Row: 3, ID: "A.6.1.1", Applicability: "not_applicable"}}})
	if report.Counts[register.Updated] != 1 || report.Counts[register.Refused] != 1 || report.Outcomes[1].Row != 3 || report.Outcomes[1].Refusal == nil {
		t.Errorf("%+v", report)
	}
	f := h.lines()["A.5.1"].Fields
	if first, _ := f.Of("A.5.1.1"); first.File != "soa-2013.xlsx" || len(f.Old) != 2 || f.Conflicting() || !slices.Equal(f.Reasons, []string{"risk_assessment", "legal"}) {
		t.Errorf("%+v", f)
	}
}
