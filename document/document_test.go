// SPDX-License-Identifier: Apache-2.0

package document_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/document"
	"sextant/product/producttest"
	"sextant/register"
)

const day = 24 * time.Hour

// shelf is a house with people who write and approve.
type shelf struct {
	*producttest.House
	t                *testing.T
	author, approver string
}

func onShelf(t *testing.T, test func(s *shelf)) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		test(&shelf{h, t, h.People[access.Owner], h.People[access.ISMSManager]})
	})
}

// as does something as a person of a role who has just said who they are.
func (s *shelf) as(role access.Role, fn func(*register.Tx) error) error {
	actor := access.Actor{Organisation: s.Org, Name: "person:" + s.People[role], Person: s.People[role], Roles: []access.Role{role}, Proof: access.Proof{Method: access.Password, At: s.Clock()}}
	return s.Kernel.Write(s.t.Context(), actor, fn)
}

func (s *shelf) move(role access.Role, name, key, step, why string, input map[string]any) error {
	return s.as(role, func(tx *register.Tx) error {
		_, err := tx.Transition(name, key, 0, step, input, register.Note{Why: why})
		return err
	})
}

func (s *shelf) document(title string, more map[string]any) register.Entry {
	values := map[string]any{"title": title, "reference": "REF " + title, "kind": "topic_policy", "owner": s.author, "approver": s.approver}
	for key, value := range more {
		values[key] = value
	}
	return s.Create(s.t, "document", values)
}

func (s *shelf) draft(of register.Entry, edition, body string) register.Entry {
	return s.Create(s.t, "document_version", map[string]any{"document": of.Key, "edition": edition, "body": body, "author": s.author, "change_summary": "As it was agreed."})
}

// inForce writes an edition and brings it through.
func (s *shelf) inForce(of register.Entry, edition, body string) register.Entry {
	s.t.Helper()
	v := s.draft(of, edition, body)
	for _, step := range []struct {
		role access.Role
		name string
	}{{access.Owner, "submit"}, {access.ISMSManager, "approve"}} {
		if err := s.move(step.role, "document_version", v.Key, step.name, "", nil); err != nil {
			s.t.Fatalf("%s: %v", step.name, err)
		}
	}
	return s.entry("document_version", v.Key)
}

func (s *shelf) entry(name, key string) (e register.Entry) {
	s.t.Helper()
	if err := s.Kernel.Read(s.t.Context(), s.System(), 0, func(v *register.View) (err error) {
		e, err = v.Entry(name, key)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return e
}

func refused(t *testing.T, err error, code sextant.Code, word string) {
	t.Helper()
	if sextant.CodeOf(err) != code || !strings.Contains(err.Error(), word) {
		t.Errorf("got %v, want %s about %q", err, code, word)
	}
}

func TestTheNextEditionSupersedesTheOneInForce(t *testing.T) {
	onShelf(t, func(s *shelf) {
		of := s.document("Access control", nil)
		first := s.inForce(of, "1.0", "Access follows the work.")
		if first.State != "published" {
			t.Fatalf("an edition approved for today is %s", first.State)
		}
		today := s.Clock().Time().Format(time.DateOnly)
		got := s.entry("document", of.Key).Doc
		if got.Text("current_version") != first.Key || got.Text("edition") != "1.0" || got.Text("counts_from") != today {
			t.Errorf("the document does not show its edition: %v", got)
		}
		if want := s.Clock().Time().AddDate(1, 0, 0).Format(time.DateOnly); got.Text("next_review_on") != want {
			t.Errorf("next review %s, want %s", got.Text("next_review_on"), want)
		}
		second := s.inForce(of, "2.0", "Access follows the work and ends with it.")
		if was, is := s.entry("document_version", first.Key).State, second.State; was != "superseded" || is != "published" {
			t.Errorf("the editions are %s and %s", was, is)
		}
		if got := s.entry("document", of.Key).Doc; got.Text("edition") != "2.0" {
			t.Errorf("the document shows edition %s", got.Text("edition"))
		}
	})
}

func TestNobodyApprovesWhatTheyWrote(t *testing.T) {
	onShelf(t, func(s *shelf) {
		of := s.document("Cryptography", nil)
		v := s.Create(t, "document_version", map[string]any{"document": of.Key, "edition": "1.0", "body": "Keys are rotated.", "author": s.approver, "change_summary": "New."})
		refused(t, s.move(access.ISMSManager, "document_version", v.Key, "submit", "", nil), sextant.Denied, "author")
		// The approver changes after the submission, and becomes the author's own.
		w := s.draft(s.document("Suppliers", nil), "1.0", "Suppliers are rated.")
		if err := s.move(access.Owner, "document_version", w.Key, "submit", "", nil); err != nil {
			t.Fatal(err)
		}
		refused(t, s.move(access.Owner, "document_version", w.Key, "approve", "", nil), sextant.Denied, "")
		refused(t, s.move(access.Admin, "document_version", w.Key, "approve", "", nil), sextant.Denied, "")
		refused(t, s.as(access.ISMSManager, func(tx *register.Tx) error {
			_, err := tx.Create("document", map[string]any{"title": "Alone", "reference": "A", "kind": "policy", "owner": s.author, "approver": s.author}, register.Note{})
			return err
		}), sextant.Invalid, "other than its owner")
	})
}

func TestAnEditionIsFrozenFromItsSubmissionOn(t *testing.T) {
	onShelf(t, func(s *shelf) {
		v := s.draft(s.document("Backups", nil), "1.0", "Backups are kept.")
		edit := func(field, value string) error {
			return s.as(access.Owner, func(tx *register.Tx) error {
				_, err := tx.Edit("document_version", v.Key, 0, map[string]any{field: value}, register.Note{})
				return err
			})
		}
		if err := edit("body", "Backups are kept and tested."); err != nil {
			t.Fatal(err)
		}
		if err := s.move(access.Owner, "document_version", v.Key, "submit", "", nil); err != nil {
			t.Fatal(err)
		}
		refused(t, edit("body", "Backups."), sextant.Frozen, "body")
		if err := s.move(access.ISMSManager, "document_version", v.Key, "return", "Say for how long.", nil); err != nil {
			t.Fatal(err)
		}
		if err := edit("body", "Backups are kept for 35 days."); err != nil {
			t.Errorf("returned, and cannot be written: %v", err)
		}
		for role, step := range map[access.Role]string{access.Owner: "submit"} {
			if err := s.move(role, "document_version", v.Key, step, "", nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.move(access.ISMSManager, "document_version", v.Key, "approve", "", nil); err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"body", "change_summary", "edition"} {
			refused(t, edit(field, "9.9"), sextant.Frozen, field)
		}
	})
}

func TestWhatIsNotFilledInIsNotSubmitted(t *testing.T) {
	onShelf(t, func(s *shelf) {
		v := s.draft(s.document("Incidents", nil), "1.0", "Call {{ reporting_channel }}, then {{on_call}}, then {{reporting_channel}}.")
		err := s.move(access.Owner, "document_version", v.Key, "submit", "", nil)
		refused(t, err, sextant.Invalid, "reporting_channel, on_call")
		var e *sextant.Error
		if !errors.As(err, &e) || e.Field != "body" || e.Hint == "" {
			t.Errorf("no place and no help: %+v", e)
		}
		empty := s.draft(s.document("Nothing", nil), "1.0", "")
		refused(t, s.move(access.Owner, "document_version", empty.Key, "submit", "", nil), sextant.Invalid, "nothing to approve")
	})
}

func TestUnresolvedVariablesAreNamedOnce(t *testing.T) {
	got := document.Unresolved("{{a}} {{ b_2 }} {{a}} {{Not}} {{}} { {c} }")
	if !slices.Equal(got, []string{"a", "b_2"}) {
		t.Errorf("%v", got)
	}
}

func TestAnEditionForLaterWaits(t *testing.T) {
	onShelf(t, func(s *shelf) {
		of := s.document("Remote work", nil)
		old := s.inForce(of, "1.0", "From home, too.")
		next := s.draft(of, "1.1", "From home and from trains.")
		if err := s.move(access.Owner, "document_version", next.Key, "submit", "", nil); err != nil {
			t.Fatal(err)
		}
		date := func(d time.Duration) map[string]any {
			return map[string]any{"effective_from": s.Clock().Add(d).Time().Format(time.DateOnly)}
		}
		refused(t, s.move(access.ISMSManager, "document_version", next.Key, "approve", "", date(-2*day)), sextant.Invalid, "before it is approved")
		if err := s.move(access.ISMSManager, "document_version", next.Key, "approve", "", date(3*day)); err != nil {
			t.Fatal(err)
		}
		if a, b := s.entry("document_version", old.Key).State, s.entry("document_version", next.Key).State; a != "published" || b != "approved" {
			t.Fatalf("%s and %s", a, b)
		}
		refused(t, s.move(access.ISMSManager, "document_version", next.Key, "publish", "", nil), sextant.Conflict, "holds from")
		s.Later(4 * day)
		if err := s.move(access.ISMSManager, "document_version", next.Key, "publish", "", nil); err != nil {
			t.Fatal(err)
		}
		if a := s.entry("document_version", old.Key).State; a != "superseded" {
			t.Errorf("the old edition is %s", a)
		}
	})
}

func TestOneEditionIsOnItsWayAtATime(t *testing.T) {
	onShelf(t, func(s *shelf) {
		of := s.document("Logging", nil)
		s.draft(of, "1.0", "Logs are kept.")
		refused(t, s.as(access.ISMSManager, func(tx *register.Tx) error {
			_, err := tx.Create("document_version", map[string]any{"document": of.Key, "edition": "1.1", "author": s.author}, register.Note{})
			return err
		}), sextant.Conflict, "on its way already")
	})
}

func TestWhatTheStandardNamesIsNotTakenAwayAlone(t *testing.T) {
	onShelf(t, func(s *shelf) {
		policy := s.document("Information security policy", map[string]any{"kind": "policy", "fulfils": []string{"iso27001:2022/5.2 a)", "iso27001:2022/7.5.1"}})
		v := s.inForce(policy, "1.0", "We protect what customers give us.")
		refused(t, s.move(access.ISMSManager, "document_version", v.Key, "withdraw", "Outdated.", nil), sextant.Conflict, "5.2")
		refused(t, s.move(access.ISMSManager, "document", policy.Key, "retire", "Outdated.", nil), sextant.Conflict, "5.2")
		other := s.document("Group policy", map[string]any{"kind": "policy", "fulfils": []string{"iso27001:2022/5.2"}})
		refused(t, s.move(access.ISMSManager, "document_version", v.Key, "withdraw", "Outdated.", nil), sextant.Conflict, "5.2")
		s.inForce(other, "1.0", "The group protects what customers give it.")
		if err := s.move(access.ISMSManager, "document_version", v.Key, "withdraw", "The group's policy holds here.", nil); err != nil {
			t.Fatal(err)
		}
		if got := s.entry("document", policy.Key).Doc; got.Text("current_version") != "" || got.Text("next_review_on") != "" {
			t.Errorf("a document without an edition in force: %v", got)
		}
	})
}

func TestAReviewCountsFromThePlan(t *testing.T) {
	onShelf(t, func(s *shelf) {
		of := s.document("Suppliers", map[string]any{"review_interval": "P6M"})
		early := s.Create(t, "document_review", map[string]any{"document": of.Key, "done_on": "2026-01-01", "reviewer": s.author, "outcome": "still_right", "inputs": "Nothing."})
		refused(t, s.move(access.Owner, "document_review", early.Key, "record", "", nil), sextant.Conflict, "nothing to review")
		s.inForce(of, "1.0", "Suppliers are rated yearly.")
		planned := s.entry("document", of.Key).Doc.Text("next_review_on")
		s.Later(200 * day) // some days late
		review := s.Create(t, "document_review", map[string]any{"document": of.Key, "done_on": s.Clock().Time().Format(time.DateOnly), "reviewer": s.author, "outcome": "still_right", "inputs": "Two incidents, no audit."})
		if review.Doc.Text("planned_on") != planned {
			t.Errorf("planned on %s, want %s", review.Doc.Text("planned_on"), planned)
		}
		if err := s.move(access.Owner, "document_review", review.Key, "record", "", nil); err != nil {
			t.Fatal(err)
		}
		at, _ := time.Parse(time.DateOnly, planned)
		want := register.AddPeriod(at, "P6M").Format(time.DateOnly)
		if got := s.entry("document", of.Key).Doc.Text("next_review_on"); got != want || review.Doc.Text("next_on") != want {
			t.Errorf("next review %s, the review says %s, want %s", got, review.Doc.Text("next_on"), want)
		}
		s.Later(500 * day) // so late that the next one would be over, too
		late := s.Create(t, "document_review", map[string]any{"document": of.Key, "done_on": s.Clock().Time().Format(time.DateOnly), "reviewer": s.author, "outcome": "still_right", "inputs": "Nobody had looked."})
		if next := late.Doc.Text("next_on"); next <= late.Doc.Text("done_on") {
			t.Errorf("done on %s, and due again on %s", late.Doc.Text("done_on"), next)
		}
	})
}
