// SPDX-License-Identifier: Apache-2.0

package intake_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/gap"
	"sextant/interchange/intake"
	"sextant/product/producttest"
	"sextant/register"
)

// assessment is a gap assessment on the 2013 edition as a consultant left it.
func assessment(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range [][]any{
		{"ISO 27001 gap assessment, spring 2022"},
		{},
		{"Control", "Description", "Compliance status", "Findings"},
		{"A.12.3.1", "Information backup", "Fully met", "Restored every quarter."},
		{"A.9.2.2", "User access provisioning", "Met", ""},
		{"A.9.2.5", "Review of user access rights", "Partially met", "No record of the last two."},
		{"A.9.2.6", "Removal of access rights", "Met", ""},
		{"A.11.1.1", "Physical security perimeter", "Not met", "The back door."},
		{"A.18.2.3", "Technical compliance review", "Met", "Scanned monthly."},
		{"A.14.2.7", "Outsourced development", "Not applicable", "Nobody outside writes code."},
		{"A.5.1.1", "Policies for information security", "Met", ""},
		{"A.11.1.2", "Physical entry", "so-so", ""},
	} {
		for j, cell := range row {
			name, _ := excelize.CoordinatesToCellName(j+1, i+1)
			must(t, f.SetCellValue("Sheet1", name, cell))
		}
	}
	var out bytes.Buffer
	must(t, f.Write(&out))
	return out.Bytes()
}

func (o office) answers(t *testing.T) map[string]register.Of[gap.Answer] {
	t.Helper()
	found := map[string]register.Of[gap.Answer]{}
	o.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		rows, err := gap.Rows(v, "GAP-1")
		for _, a := range rows {
			found[gap.NumberOf(a.Fields)] = a
		}
		return err
	})
	return found
}

func TestAnOldAssessmentProposesAndAnswersNothing(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		manager := access.Actor{Organisation: h.Org, Name: "person:manager", Person: h.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}
		h.Create(t, "gap_campaign", map[string]any{"title": "Readiness", "scope_units": []any{"SU-1"}, "starts_on": "2026-01-05", "due_on": "2026-02-27", "owner": manager.Person, "assessors": []any{manager.Person}, "themes": []any{"organizational", "physical", "technological"}})
		result := o.read(t, assessment(t))
		if result.Edition != intake.Edition2013 || len(result.Rows) != 8 || len(result.Refused) != 1 {
			t.Fatalf("read as %s: %d rows, refused %+v", result.Edition, len(result.Rows), result.Refused)
		}
		options := intake.Options{File: "gap-2013.xlsx"}
		assess := func(actor access.Actor, dry bool) (register.Report, error) {
			return intake.Assess(t.Context(), h.Kernel, actor, "GAP-1", "SU-1", result, options, dry)
		}
		if _, err := assess(manager, true); sextant.CodeOf(err) != sextant.Conflict {
			t.Errorf("before it starts: %v", err)
		}
		must(t, h.Kernel.Write(t.Context(), manager, func(tx *register.Tx) error {
			_, err := tx.Transition("gap_campaign", "GAP-1", 0, "start", nil, register.Note{})
			return err
		}))
		report, err := assess(manager, true)
		must(t, err)
		if len(o.answers(t)["A.8.13"].Fields.Known) != 0 || report.Counts[register.Updated] == 0 {
			t.Errorf("a try writes, or says nothing: %v", report.Counts)
		}
		reader := manager
		reader.Roles = []access.Role{access.Reader}
		if _, err := assess(reader, false); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("a reader imports: %v", err)
		}
		report, err = assess(manager, false)
		must(t, err)
		now := o.answers(t)
		for id, want := range map[string]string{"A.8.13": gap.Met, "A.7.1": gap.NotMet, "A.5.36": "", "A.8.30": gap.NotApplicable, "A.5.18": "", "A.5.1": "", "A.8.11": ""} {
			a := now[id]
			if a.State != gap.Open || a.Fields.Answer != gap.NotAssessed || a.Fields.Proposed != want {
				t.Errorf("%s is %s with %s and proposes %q, want %q", id, a.State, a.Fields.Answer, a.Fields.Proposed, want)
			}
		}
		if known := now["A.5.18"].Fields.Known; len(known) != 3 || known[1].Source != "assessment" || known[1].From != "A.9.2.5" || !strings.Contains(known[1].Says, "Partly implemented. No record of the last two. (gap-2013.xlsx, row 6)") {
			t.Errorf("beside A.5.18 stand %+v", known)
		}
		if known := now["A.8.8"].Fields.Known; len(known) != 1 || known[0].From != "A.18.2.3" {
			t.Errorf("what A.18.2.3 split into stands beside A.8.8 as %+v", known)
		}
		if again, err := assess(manager, false); err != nil || again.Counts[register.Updated] != 0 {
			t.Errorf("the same sheet again: %v %v", again.Counts, err)
		}
		must(t, h.Kernel.Write(t.Context(), manager, func(tx *register.Tx) error { return gap.Take(tx, now["A.8.13"].Key, 0) }))
		if again, err := assess(manager, false); err != nil || again.Counts[register.Refused] != 2 { // the cell that was not understood, and what is answered
			t.Errorf("after one was taken: %v %v", again.Counts, err)
		}
		if a := o.answers(t)["A.8.13"]; a.State != gap.Answered || a.Fields.AnsweredBy != manager.Person || !strings.Contains(a.Fields.Observation, "Restored every quarter.") {
			t.Errorf("taken: %+v", a.Fields)
		}
		must(t, h.Kernel.Write(t.Context(), manager, func(tx *register.Tx) error { _, err := tx.UndoBatch(report.Batch, register.Note{}); return err }))
	})
}
