// SPDX-License-Identifier: Apache-2.0

package soa_test

import (
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/framework"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/soa"
)

// desk is a house whose statement is fully decided, with four people at it.
type desk struct {
	*producttest.House
	system                             string
	author, reviewer, approver, nobody access.Actor
}

// signed is somebody who has just proved who they are.
func signed(h *producttest.House, person string, roles ...access.Role) access.Actor {
	return access.Actor{Organisation: h.Org, Name: "person:" + person, Person: person, Roles: roles, Proof: access.Proof{Method: access.Password, At: h.Clock()}}
}

func newDesk(t *testing.T, h *producttest.House) *desk {
	t.Helper()
	d := &desk{House: h, system: h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key}
	d.author, d.reviewer = signed(h, h.People[access.ISMSManager], access.ISMSManager), signed(h, h.People[access.InternalAuditor], access.InternalAuditor)
	d.approver, d.nobody = signed(h, "PER-1", access.Admin, access.Owner), signed(h, h.People[access.Admin], access.Admin)
	h.Write(t, func(tx *register.Tx) error {
		for _, c := range framework.Controls() {
			values := map[string]any{"applicability": "applicable", "reasons": []string{"risk_assessment"}, "inclusion_justification": "Asked for by the risks to " + c.ID + ".", "owner": h.People[access.Owner]}
			if c.ID == "A.7.6" {
				values = map[string]any{"applicability": "not_applicable", "exclusion_justification": "There are no secure areas: everybody works at home or in a rented room."}
			} else if _, err := tx.Create("implementation", map[string]any{"control": c.Reference().String(), "scope_unit": "SU-1", "implementation": "implemented", "how": "As written for " + c.ID + ".", "owner": h.People[access.Owner]}, register.Note{}); err != nil {
				return err
			}
			if err := soa.Decide(tx, d.system, c.ID, 0, values, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
	return d
}

func (d *desk) fresh(a access.Actor) access.Actor {
	a.Proof.At = d.Clock()
	return a
}

// draft begins a version.
func (d *desk) draft(t *testing.T, change string) register.Entry {
	t.Helper()
	return d.Create(t, "soa", map[string]any{"management_system": d.system, "change_summary": change, "author": d.author.Person, "reviewer": d.reviewer.Person, "approver": d.approver.Person, "review_on": "2099-01-01"})
}

func (d *desk) move(t *testing.T, actor access.Actor, key, transition, why string) error {
	t.Helper()
	return d.Kernel.Write(t.Context(), d.fresh(actor), func(tx *register.Tx) error {
		_, err := tx.Transition("soa", key, 0, transition, nil, register.Note{Why: why})
		return err
	})
}

func (d *desk) state(t *testing.T, key string) (e register.Of[soa.Edition]) {
	t.Helper()
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		e, err = soa.Editions.Get(v, key)
		return err
	})
	return e
}

func wants(t *testing.T, err error, code sextant.Code, says string) {
	t.Helper()
	if sextant.CodeOf(err) != code || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v, want %s that says %q", err, code, says)
	}
}

func TestAVersionIsReviewedByAnotherAndSignedByTopManagement(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		first := d.draft(t, "The first one.")
		if e := d.state(t, first.Key); e.Fields.No() != 1 || e.Title() != "Version 1 of ISMS" {
			t.Errorf("the first is %d, %q", e.Fields.No(), e.Title())
		}
		err := h.Kernel.Write(t.Context(), h.System(), func(tx *register.Tx) error {
			_, err := tx.Create("soa", map[string]any{"management_system": d.system, "change_summary": "x", "author": d.author.Person, "review_on": "2099-01-01"}, register.Note{})
			return err
		})
		wants(t, err, sextant.Conflict, "Version 1 of ISMS is on its way already")
		err = h.Kernel.Write(t.Context(), h.System(), func(tx *register.Tx) error {
			_, err := tx.Edit("soa", first.Key, 0, map[string]any{"reviewer": d.author.Person}, register.Note{})
			return err
		})
		wants(t, err, sextant.Invalid, "the reviewer is not the author")
		for who, actor := range map[string]access.Actor{"the author": d.author, "an administrator": d.nobody, "the approver": d.approver} {
			if err := d.move(t, actor, first.Key, "review", ""); sextant.CodeOf(err) != sextant.Denied {
				t.Errorf("%s reviews: %v", who, err)
			}
		}
		wants(t, d.move(t, d.approver, first.Key, "approve", ""), sextant.Conflict, "not possible in state")
		if err := d.move(t, d.reviewer, first.Key, "review", ""); err != nil {
			t.Fatal(err)
		}
		for who, actor := range map[string]access.Actor{"the author": d.author, "an administrator": d.nobody, "the reviewer": d.reviewer} {
			if err := d.move(t, actor, first.Key, "approve", ""); sextant.CodeOf(err) != sextant.Denied {
				t.Errorf("%s approves: %v", who, err)
			}
		}
		stale := d.approver
		stale.Proof.At = h.Clock().Add(-time.Hour)
		err = h.Kernel.Write(t.Context(), stale, func(tx *register.Tx) error {
			_, err := tx.Transition("soa", first.Key, 0, "approve", nil, register.Note{})
			return err
		})
		wants(t, err, sextant.Unauthenticated, "confirm who you are")
		if err := d.move(t, d.approver, first.Key, "approve", ""); err != nil {
			t.Fatal(err)
		}
		if e := d.state(t, first.Key); e.State != soa.Approved || e.Fields.ApprovedAt == "" {
			t.Errorf("signed, it is %s, %q", e.State, e.Fields.ApprovedAt)
		}
		second := d.draft(t, "A second one.")
		if err := d.move(t, d.reviewer, second.Key, "review", ""); err != nil {
			t.Fatal(err)
		}
		if err := d.move(t, d.approver, second.Key, "return", "A.5.7 reads as if nobody did it"); err != nil {
			t.Fatal(err)
		}
		if e := d.state(t, second.Key); e.State != soa.Draft || e.Fields.StatusAsOf != "" {
			t.Errorf("given back, it is %s as of %q", e.State, e.Fields.StatusAsOf)
		}
		for _, step := range []struct {
			who  access.Actor
			name string
		}{{d.reviewer, "review"}, {d.approver, "approve"}} {
			if err := d.move(t, step.who, second.Key, step.name, ""); err != nil {
				t.Fatal(err)
			}
		}
		if one, two := d.state(t, first.Key), d.state(t, second.Key); one.State != soa.Superseded || two.State != soa.Approved || two.Fields.No() != 2 {
			t.Errorf("the first is %s, the second %s with number %d", one.State, two.State, two.Fields.No())
		}
	})
}

func TestOnlyTopManagementCanBeTheApprover(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	d := newDesk(t, h)
	e := d.draft(t, "The first one.")
	h.Write(t, func(tx *register.Tx) error {
		_, err := tx.Edit("soa", e.Key, 0, map[string]any{"approver": d.nobody.Person}, register.Note{})
		return err
	})
	wants(t, d.move(t, d.reviewer, e.Key, "review", ""), sextant.Denied, "does not belong to top management")
}

func TestAReviewIsRefusedWhileARuleFindsWhatStandsInItsWay(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		e := d.draft(t, "The first one.")
		decide := func(id string, values map[string]any) {
			t.Helper()
			h.Write(t, func(tx *register.Tx) error { return soa.Decide(tx, d.system, id, 0, values, register.Note{}) })
		}
		decide("A.5.7", map[string]any{"applicability": "undecided", "reasons": nil})
		decide("A.7.6", map[string]any{"applicability": "applicable", "reasons": []string{"good_practice"}, "inclusion_justification": "We rent a room now."})
		err := d.move(t, d.reviewer, e.Key, "review", "")
		wants(t, err, sextant.Conflict, "2 findings stand in the way of a review")
		for _, place := range []string{"A.5.7: Nobody has decided", "A.7.6: It applies, and nobody has said how far"} {
			if !strings.Contains(err.Error(), place) {
				t.Errorf("%q does not say %q", err, place)
			}
		}
		h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
			raised, err := soa.RaisedIn(v, r, d.system)
			if soa.Count(raised.Blockers) != 2 || raised.Blockers[0].Findings[0].Place == "" {
				t.Errorf("raised are %+v", raised.Blockers)
			}
			return err
		})
		if got := d.state(t, e.Key); got.State != soa.Draft || got.Version != 1 {
			t.Errorf("refused, it is %s in version %d", got.State, got.Version)
		}
		decide("A.5.7", map[string]any{"applicability": "applicable", "reasons": []string{"risk_assessment"}})
		h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.7.6", "scope_unit": "SU-1", "implementation": "not_started", "owner": h.People[access.Owner]})
		if err := d.move(t, d.reviewer, e.Key, "review", ""); err != nil {
			t.Error(err)
		}
	})
}
