// SPDX-License-Identifier: Apache-2.0

package soa_test

import (
	"slices"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/product"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
	"sextant/soa"
)

// office is a house with a management system about which nothing is decided.
type office struct {
	*producttest.House
	t      *testing.T
	system string
}

func newOffice(t *testing.T, h *producttest.House) *office {
	t.Helper()
	return &office{h, t, h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key}
}

func (o *office) duty(kind, title, id string, more map[string]any) register.Entry {
	o.t.Helper()
	values := map[string]any{"title": title, "kind": kind, "citation": "Art. 1", "summary": "Do it.", "owner": "PER-1", "applicability_reason": "We process orders.",
		"controls": []string{"iso27001:2022/" + id}, "review_on": "2099-01-01"}
	for key, value := range more {
		values[key] = value
	}
	return o.Create(o.t, "obligation", values)
}

func (o *office) declares(id, implementation string) register.Entry {
	o.t.Helper()
	return o.Create(o.t, "implementation", map[string]any{"control": "iso27001:2022/" + id, "scope_unit": "SU-1", "implementation": implementation, "how": "As written.", "owner": "PER-1"})
}

func (o *office) proposed() (p soa.Proposed) {
	o.t.Helper()
	o.Look(o.t, 0, func(v *register.View, r evidence.Reader) (err error) {
		p, err = soa.Propose(v, r, o.system, product.Proposers())
		return err
	})
	return p
}

func (o *office) move(e register.Entry, transition string, fields map[string]any) {
	o.t.Helper()
	o.must(func(tx *register.Tx) error {
		_, err := tx.Transition(e.Register.Name, e.Key, 0, transition, fields, register.Note{})
		return err
	})
}

// says writes proposals as "A.5.24 legal OBL-1".
func says(list []soa.Proposal) (texts []string) {
	for _, p := range list {
		text := p.Control.ID + " " + p.Reason
		for _, g := range p.Grounds {
			text += " " + g.Entry
		}
		texts = append(texts, strings.TrimSpace(text))
	}
	return texts
}

func (o *office) wants(list []soa.Proposal, want ...string) {
	o.t.Helper()
	if got := says(list); !slices.Equal(got, want) {
		o.t.Errorf("proposed %q, want %q", got, want)
	}
}

func (o *office) manager() access.Actor {
	return access.Actor{Organisation: o.Org, Name: "manager", Person: o.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}
}

func (o *office) try(fn func(*register.Tx) error) error {
	return o.Kernel.Write(o.t.Context(), o.manager(), fn)
}

func (o *office) must(fn func(*register.Tx) error) {
	o.t.Helper()
	if err := o.try(fn); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) row(id string) (d register.Of[soa.Row], found bool) {
	o.t.Helper()
	o.Look(o.t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		d, found, err = soa.Decided(v, o.system, id)
		return err
	})
	return d, found
}

func TestReasonsAreProposedFromWhatIsOnRecordAndChangeNothing(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		o.wants(o.proposed().Open)
		o.duty("law", "Tell the authority", "A.5.24", nil)
		o.duty("internal_commitment", "Recycle all paper", "A.7.14", nil)
		o.duty("law", "Keep the books", "A.5.33", map[string]any{"in_force_to": "2020-01-01"})
		con := h.Create(t, "contract", map[string]any{"title": "Parcels", "kind": "customer", "counterparty": "Aldane", "owner": "PER-1", "effective_from": "2020-01-01", "reference": "C-1", "security_terms": []string{"incident_notice", "data_location"}})
		h.Create(t, "contract", map[string]any{"title": "Cleaning", "kind": "supplier", "counterparty": "Blank", "owner": "PER-1", "effective_from": "2020-01-01", "security_terms": []string{"confidentiality"}})
		o.duty("contract", "Encrypt what is sent", "A.8.24", map[string]any{"contract": con.Key})
		o.wants(o.proposed().Open, "A.5.24 legal OBL-1", "A.7.14 business OBL-2")
		o.move(con, "sign", map[string]any{"signed_on": "2020-01-01"})
		o.declares("A.5.24", "implemented")
		o.declares("A.8.8", "partly")
		o.declares("A.8.9", "not_started")
		o.wants(o.proposed().Open, "A.5.24 legal OBL-1", "A.5.24 contractual CON-1", "A.5.26 contractual CON-1", "A.7.14 business OBL-2", "A.8.8 good_practice IMP-2", "A.8.24 contractual OBL-4")
		for _, p := range o.proposed().Open {
			if p.Why() == "" || !strings.HasSuffix(p.Why(), ".") {
				t.Errorf("%s says %q", p.Control.ID, p.Why())
			}
		}
		if row, found := o.row("A.5.24"); found {
			t.Errorf("a proposal decided something: %+v", row.Fields)
		}
		o.must(func(tx *register.Tx) error {
			return soa.Decide(tx, o.system, "A.7.14", 0, map[string]any{"applicability": "not_applicable", "exclusion_justification": "There is no paper."}, register.Note{})
		})
		if p := o.proposed(); len(p.Of("A.7.14")) != 0 {
			t.Errorf("proposed for what was left out: %q", says(p.Of("A.7.14")))
		}
	})
}

func TestAProposalIsTakenWithWhatItRestsOnAndUndoneAtOnce(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		o.duty("law", "Tell the authority", "A.5.24", nil)
		o.duty("standard", "Card rules", "A.5.24", nil)
		o.duty("licence", "Keep the licence", "A.5.32", nil)
		o.declares("A.8.8", "implemented")
		o.must(func(tx *register.Tx) error {
			return soa.Decide(tx, o.system, "A.5.32", 0, map[string]any{"applicability": "applicable", "reasons": []string{"good_practice"}, "inclusion_justification": "We like it."}, register.Note{})
		})
		var report register.Report
		o.must(func(tx *register.Tx) (err error) {
			report, err = soa.Take(tx, o.system, o.proposed().Open, register.Note{})
			return err
		})
		if report.Counts[register.Updated] != 3 || len(report.Outcomes) != 3 {
			t.Errorf("took %+v", report)
		}
		o.wants(o.proposed().Open)
		row, _ := o.row("A.5.24")
		if f := row.Fields; f.Applicability != "applicable" || !slices.Equal(f.Reasons, []string{"legal", "business"}) || !slices.Equal(f.ReasonLinks, []string{"OBL-1", "OBL-2"}) || !strings.Contains(f.InclusionJustification, "Tell the authority") || !strings.Contains(f.InclusionJustification, "Card rules") {
			t.Errorf("A.5.24 is %+v", f)
		}
		row, _ = o.row("A.5.32")
		if f := row.Fields; !slices.Equal(f.Reasons, []string{"legal", "good_practice"}) || f.InclusionJustification != "We like it." {
			t.Errorf("what was written is gone: %+v", f)
		}
		row, _ = o.row("A.8.8")
		if f := row.Fields; !slices.Equal(f.Reasons, []string{"good_practice"}) || len(f.ReasonLinks) != 0 {
			t.Errorf("good practice rests on something: %+v", f)
		}
		o.must(func(tx *register.Tx) error { _, err := tx.UndoBatch(report.Batch, register.Note{}); return err })
		if _, found := o.row("A.5.24"); found {
			t.Error("the undo left a row")
		}
		if n := len(o.proposed().Open); n != 4 {
			t.Errorf("%d proposals after the undo", n)
		}
	})
}

func TestWhatWasDeclinedComesBackWhenItsSourceChanges(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		duty := o.duty("law", "Tell the authority", "A.5.24", nil)
		decline := func() {
			t.Helper()
			p, err := o.proposed().FindProposal("A.5.24", "legal")
			if err != nil {
				t.Fatal(err)
			}
			o.must(func(tx *register.Tx) error {
				return soa.Decline(tx, o.system, p, register.Note{Why: "it binds our customer"})
			})
		}
		decline()
		o.wants(o.proposed().Open)
		o.wants(o.proposed().Declined, "A.5.24 legal OBL-1")
		edit := func(values map[string]any) {
			o.must(func(tx *register.Tx) error {
				_, err := tx.Edit("obligation", duty.Key, 0, values, register.Note{})
				return err
			})
		}
		edit(map[string]any{"review_on": "2098-01-01"})
		o.wants(o.proposed().Open)
		edit(map[string]any{"title": "Tell the authority and the press"})
		o.wants(o.proposed().Open, "A.5.24 legal OBL-1")
		decline()
		o.duty("regulation", "Tell the bank", "A.5.24", nil)
		o.wants(o.proposed().Open, "A.5.24 legal OBL-2")
		o.wants(o.proposed().Declined, "A.5.24 legal OBL-1")
		o.must(func(tx *register.Tx) error { return soa.Reconsider(tx, o.system, "A.5.24", "legal", register.Note{}) })
		o.wants(o.proposed().Open, "A.5.24 legal OBL-1 OBL-2")
		for name, err := range map[string]error{
			"nothing of the kind": second(o.proposed().FindProposal("A.5.24", "business")),
			"never declined":      o.try(func(tx *register.Tx) error { return soa.Reconsider(tx, o.system, "A.5.1", "legal", register.Note{}) }),
		} {
			if sextant.CodeOf(err) != sextant.Conflict {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func second(_ soa.Proposal, err error) error { return err }

// A risk that was judged asks for what treats it; one nobody has judged does not,
// nor does one of another management system.
func TestWhatTreatsAJudgedRiskIsThereBecauseOfIt(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		other := h.Create(t, "management_system", map[string]any{"title": "Another", "scope": "The rest."}).Key
		o.criteria(o.system)
		o.criteria(other)
		mine, theirs := o.risk(o.system, "Orders are gone", "A.8.13"), o.risk(other, "Prices are known", "A.8.12")
		o.wants(o.proposed().Open)
		for _, key := range []string{mine, theirs} {
			h.Create(t, "risk_evaluation", map[string]any{"risk": key, "stage": "current", "likelihood": 2.0, "rationale": "Once in five years.", "evaluated_by": "PER-1",
				"consequences": []any{map[string]any{"type": "availability", "level": 3.0}, map[string]any{"type": "legal", "level": 1.0}}})
		}
		o.wants(o.proposed().Open, "A.8.13 risk_assessment "+mine)
		if why := o.proposed().Open[0].Why(); why != `It treats the risk "Orders are gone".` {
			t.Errorf("it says %q", why)
		}
	})
}

// criteria puts criteria for the risks of a management system in force.
func (o *office) criteria(system string) {
	o.t.Helper()
	c := risk.Template(5, "EUR", 6e6)
	c.ManagementSystem, c.Author, c.Approver = system, o.manager().Person, "PER-1"
	key := ""
	o.must(func(tx *register.Tx) error {
		e, err := risk.CriteriaEditions.Create(tx, c, register.Note{})
		if key = e.Key; err == nil {
			_, err = tx.Transition("risk_criteria", key, 0, "submit", nil, register.Note{})
		}
		return err
	})
	if err := o.Kernel.Write(o.t.Context(), signed(o.House, "PER-1", access.Admin), func(tx *register.Tx) error {
		_, err := tx.Transition("risk_criteria", key, 0, "approve", nil, register.Note{})
		return err
	}); err != nil {
		o.t.Fatal(err)
	}
}

// risk enters one that a control treats, and gives its key.
func (o *office) risk(system, title, id string) string {
	o.t.Helper()
	return o.Create(o.t, "risk", map[string]any{"title": title, "management_system": system, "approach": "event", "risk_source": "Thieves", "desired_end_state": "Money", "properties": []any{"availability"}, "category": "cyber",
		"scope_units": []any{"SU-1"}, "owner": "PER-1", "treating": []any{map[string]any{"control": "iso27001:2022/" + id, "lowers_likelihood": 1.0}}}).Key
}

// What our side of a cloud service does is a reason; what the other side does,
// or what nobody has settled, is none.
func TestOurPartOfACloudServiceIsAReason(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		clo := h.Create(t, "cloud_service", map[string]any{"title": "Parcel database", "role": "customer", "other_side": "Nimbus AG", "owner": "PER-1", "review_on": "2099-01-01"})
		o.move(clo, "approve", nil)
		o.wants(o.proposed().Open)
		for id, values := range map[string]map[string]any{
			"A.8.13": {"done_by": "both", "customer": "asks", "provider": "answers", "source": "Terms, 4.2"},
			"A.8.6":  {"done_by": "customer"},
			"A.8.24": {"done_by": "provider"},
		} {
			o.must(func(tx *register.Tx) error {
				rows, err := tx.Select("cloud_responsibility", register.Filter{Field: "control", Op: register.Is, Values: []string{"iso27001:2022/" + id}})
				if err == nil {
					_, err = tx.Edit("cloud_responsibility", rows[0].Key, 0, values, register.Note{})
				}
				return err
			})
		}
		var got []string
		for _, p := range o.proposed().Open {
			got = append(got, p.Control.ID+" "+p.Reason)
		}
		if !slices.Equal(got, []string{"A.8.6 business", "A.8.13 contractual"}) {
			t.Errorf("proposed %q", got)
		}
	})
}

// An answer that a control does not apply speaks for leaving it out only while
// nothing speaks for it.
func TestAGapAnswerSpeaksForLeavingOutAndForWhatIsInUse(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		gap := h.Create(t, "gap_campaign", map[string]any{"title": "First look", "scope_units": []string{"SU-1"}, "starts_on": "2026-01-01", "due_on": "2099-01-01", "owner": "PER-1", "assessors": []string{"PER-1"}, "themes": []string{"physical"}})
		o.move(gap, "start", nil)
		for id, values := range map[string]map[string]any{
			"A.7.6": {"answer": "not_applicable", "not_applicable_reason": "There are no secure areas"},
			"A.7.7": {"answer": "met", "observation": "Clear desks."},
			"A.7.8": {"answer": "not_met", "observation": "Nothing."},
		} {
			o.must(func(tx *register.Tx) error {
				rows, err := tx.Select("gap_answer", register.Filter{Field: "reference", Op: register.Is, Values: []string{"iso27001:2022/" + id}})
				if err == nil {
					if _, err = tx.Edit("gap_answer", rows[0].Key, 0, values, register.Note{}); err == nil {
						_, err = tx.Transition("gap_answer", rows[0].Key, 0, "answer", nil, register.Note{})
					}
				}
				return err
			})
		}
		var got []string
		for _, p := range o.proposed().Open {
			got = append(got, p.Control.ID+" "+p.Reason+": "+p.Why())
		}
		if !slices.Equal(got, []string{"A.7.6 exclusion: There are no secure areas.", `A.7.7 good_practice: The gap analysis "First look" found it in use in Whole organisation.`}) {
			t.Errorf("proposed %q", got)
		}
		p, err := o.proposed().FindProposal("A.7.6", soa.Exclusion)
		if err != nil {
			t.Fatal(err)
		}
		o.must(func(tx *register.Tx) error { return soa.TakeOne(tx, o.system, p, register.Note{}) })
		if row, _ := o.row("A.7.6"); row.Fields.Applicability != "not_applicable" || row.Fields.ExclusionJustification != "There are no secure areas." {
			t.Errorf("A.7.6 is %+v", row.Fields)
		}
		o.duty("law", "Lock the vault", "A.7.7", nil)
		if got := says(o.proposed().Of("A.7.7")); !slices.Equal(got, []string{"A.7.7 legal OBL-1"}) {
			t.Errorf("beside a law practice says %q", got)
		}
	})
}
