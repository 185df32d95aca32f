// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"testing"
	"time"

	"sextant/access"
	"sextant/document"
	"sextant/internal/job"
	"sextant/internal/schedule"
	"sextant/organisation"
	"sextant/register"
)

// approved writes an edition that holds from a day and has it approved.
func (h *house) approved(t *testing.T, of, edition, from, author, approver string) string {
	t.Helper()
	key := ""
	for _, step := range []func(tx *register.Tx) error{
		func(tx *register.Tx) error {
			e, err := document.Versions.Create(tx, document.Version{Document: of, Edition: edition, Body: "We keep what we are trusted with.", Author: author, ChangeSummary: "As agreed.", EffectiveFrom: from}, register.Note{})
			key = e.Key
			return err
		},
		func(tx *register.Tx) error {
			_, err := tx.Transition("document_version", key, 0, "submit", nil, register.Note{})
			return err
		},
		func(tx *register.Tx) error {
			_, err := tx.Transition("document_version", key, 0, "approve", nil, register.Note{})
			return err
		},
	} {
		actor := h.boss
		actor.Person, actor.Proof = approver, access.Proof{Method: access.Password, At: h.clock()}
		if err := h.kernel.Write(t.Context(), actor, step); err != nil {
			t.Fatal(err)
		}
	}
	return key
}

func (h *house) day(days int) string {
	return h.clock().Time().AddDate(0, 0, days).Format(time.DateOnly)
}

// An edition approved for a later day comes into force on it without anybody
// doing anything, and what was in force before is superseded with it.
func TestAnApprovedEditionComesIntoForceOnItsDay(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		var of, author string
		if err := h.kernel.Write(t.Context(), h.boss, func(tx *register.Tx) error {
			person, err := organisation.Persons.Create(tx, organisation.Person{Name: "Priya", Email: "priya@example.org", Kind: "employee"}, register.Note{})
			if err != nil {
				return err
			}
			d, err := document.Documents.Create(tx, document.Document{Title: "Policy", Reference: "POL-01", Kind: "policy", Owner: person.Key, Approver: "PER-1", Classification: "internal", ReviewInterval: "P12M"}, register.Note{})
			of, author = d.Key, person.Key
			return err
		}); err != nil {
			t.Fatal(err)
		}
		first := h.approved(t, of, "1.0", "", author, "PER-1")
		second := h.approved(t, of, "2.0", h.day(3), author, "PER-1")
		state := func(key string) (state string) {
			t.Helper()
			if err := h.kernel.Read(t.Context(), h.boss, 0, func(v *register.View) error {
				e, err := v.Entry("document_version", key)
				state = e.State
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return state
		}
		s := h.schedule(false)
		stop := run(t, s)
		time.Sleep(200 * time.Millisecond) // several looks
		if a, b := state(first), state(second); a != "published" || b != "approved" {
			t.Fatalf("before its day: %s and %s", a, b)
		}
		h.later(3 * 24 * time.Hour)
		done := awaitCalendar(t, h, s)
		stop()
		if a, b := state(first), state(second); a != "superseded" || b != "published" {
			t.Errorf("on its day: %s and %s after %s", a, b, done.Result)
		}
		if err := h.kernel.Read(t.Context(), h.boss, 0, func(v *register.View) error {
			d, err := document.Documents.Get(v, of)
			if err == nil && (d.Fields.CurrentVersion != second || d.Fields.Edition != "2.0") {
				t.Errorf("the document shows %s, edition %s", d.Fields.CurrentVersion, d.Fields.Edition)
			}
			moved, err := v.Entry("document_version", second)
			if err == nil && moved.Actor != "system:calendar" {
				t.Errorf("moved by %q", moved.Actor)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func awaitCalendar(t *testing.T, h *house, s *schedule.Schedule) job.Job {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		list, err := s.Queue().List(t.Context(), h.boss, job.Filter{Kind: schedule.Calendar, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range list {
			if !j.State.Open() {
				return j
			}
		}
	}
	t.Fatal("nothing was moved")
	return job.Job{}
}
