// SPDX-License-Identifier: Apache-2.0

package soa_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sextant/soa"
)

func TestADifferenceIsSaidInSentences(t *testing.T) {
	otto, lena := &soa.Named{Key: "PER-2", Title: "Otto Berg"}, &soa.Named{Key: "PER-3", Title: "Lena Brandt"}
	law, contract := soa.Named{Key: "OBL-1", Title: "Keep invoices"}, soa.Named{Key: "CON-2", Title: "Halden Retail"}
	unit := func(key, title, implementation, on string) soa.CapturedUnit {
		return soa.CapturedUnit{Unit: soa.Named{Key: key, Title: title}, Implementation: implementation, PlannedOn: on}
	}
	row := func(id, title string, with func(*soa.CapturedRow)) soa.CapturedRow {
		r := soa.CapturedRow{Reference: "iso27001:2022/" + id, ID: id, Title: title, Applicability: soa.Applicable, Reasons: []string{"risk_assessment"}, Justification: "So.", Implementation: "implemented", Owner: otto}
		if with != nil {
			with(&r)
		}
		return r
	}
	for name, c := range map[string]struct {
		was, is func(*soa.CapturedRow)
		want    []string
	}{
		"the same":       {nil, nil, nil},
		"evidence moved": {func(r *soa.CapturedRow) { r.Evidence = &soa.CapturedEvidence{State: "pass"} }, func(r *soa.CapturedRow) { r.Evidence = &soa.CapturedEvidence{State: "fail"} }, nil},
		"it came in": {func(r *soa.CapturedRow) {
			r.Applicability, r.Reasons, r.Justification = soa.NotApplicable, nil, "No data is masked."
		}, func(r *soa.CapturedRow) {
			r.Reasons, r.Links = []string{"legal", "contractual"}, []soa.Named{law, contract}
		},
			[]string{"now_applies: Masking applies now. It was excluded because “No data is masked.”. Reasons: legal and contractual, because of OBL-1 Keep invoices and CON-2 Halden Retail."}},
		"it went out": {nil, func(r *soa.CapturedRow) {
			r.Applicability, r.Reasons, r.Justification = soa.NotApplicable, nil, "All is done by us."
		}, []string{"now_excluded: Masking no longer applies: “All is done by us.”. Its reason was: risk assessment."}},
		"it is open again": {nil, func(r *soa.CapturedRow) { r.Applicability, r.Reasons = soa.Undecided, nil }, []string{"now_undecided: Masking is undecided again. It was decided that it applies, for risk assessment."}},
		"a reason more":    {nil, func(r *soa.CapturedRow) { r.Reasons = []string{"risk_assessment", "business"} }, []string{"reasons: Masking is now asked for by business requirement too, beside risk assessment."}},
		"a reason less":    {func(r *soa.CapturedRow) { r.Reasons = []string{"legal", "business"} }, func(r *soa.CapturedRow) { r.Reasons = []string{"legal"} }, []string{"reasons: Masking is no longer asked for by business requirement; what stays is legal."}},
		"another reason":   {nil, func(r *soa.CapturedRow) { r.Reasons = []string{"legal"} }, []string{"reasons: Masking is now asked for by legal, no longer by risk assessment."}},
		"another duty": {func(r *soa.CapturedRow) { r.Links = []soa.Named{law} }, func(r *soa.CapturedRow) { r.Links = []soa.Named{contract} },
			[]string{"reasons: Masking rests on CON-2 Halden Retail now and no longer on OBL-1 Keep invoices."}},
		"it went on": {func(r *soa.CapturedRow) { r.Implementation, r.PlannedOn = "planned", "2026-09-30" }, func(r *soa.CapturedRow) { r.Implementation, r.PlannedOn = "partly", "2027-01-31" },
			[]string{"implementation: Masking went from Planned, planned by 2026-09-30 to Partly implemented, planned by 2027-01-31."}},
		"one unit went on": {func(r *soa.CapturedRow) {
			r.Implementation, r.Units = "planned", []soa.CapturedUnit{unit("SU-1", "Group", "planned", ""), unit("SU-2", "Gdańsk", "planned", "")}
		}, func(r *soa.CapturedRow) {
			r.Implementation, r.Units = "planned", []soa.CapturedUnit{unit("SU-1", "Group", "planned", ""), unit("SU-2", "Gdańsk", "implemented", "")}
		}, []string{"implementation: Masking in Gdańsk went from Planned to Implemented."}},
		"other words":   {nil, func(r *soa.CapturedRow) { r.Justification = "Because." }, []string{"justification: Masking was justified by “So.” and is now by “Because.”."}},
		"another owner": {nil, func(r *soa.CapturedRow) { r.Owner = lena }, []string{"owner: The owner of Masking changed from Otto Berg to Lena Brandt."}},
		"a document":    {nil, func(r *soa.CapturedRow) { r.Documents = []soa.Named{{Key: "DOC-1", Title: "POL-1 Masking"}} }, []string{"documents: Masking is described by DOC-1 POL-1 Masking now."}},
	} {
		d := soa.Compare(soa.Captured{Rows: []soa.CapturedRow{row("A.8.11", "Masking", c.was)}}, soa.Captured{Rows: []soa.CapturedRow{row("A.8.11", "Masking", c.is)}})
		var got []string
		for _, s := range d.Sentences {
			got = append(got, string(s.Group)+": "+s.Says)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || d.Of != 1 || d.Rows != min(1, len(c.want)) {
			t.Errorf("%s: %d of %d rows (-want +got):\n%s", name, d.Rows, d.Of, diff)
		}
	}
	one := soa.Captured{System: soa.System{Scope: "Shops."}, Rows: []soa.CapturedRow{row("A.5.1", "Policies", nil), row("A.8.11", "Masking", nil)}}
	two := soa.Captured{System: soa.System{Scope: "Shops and depots."}, Rows: []soa.CapturedRow{row("A.5.1", "Policies", func(r *soa.CapturedRow) { r.Owner = lena }), row("CLD.6.3.1", "Shared roles", nil)}}
	d := soa.Compare(one, two)
	if d.Rows != 3 || d.Of != 3 || len(d.In(soa.RowsChanged)) != 2 || len(d.In(soa.Scoped)) != 1 || d.Sentences[0].Group != soa.RowsChanged {
		t.Errorf("%d of %d rows: %+v", d.Rows, d.Of, d.Sentences)
	}
	for _, g := range soa.Groups() {
		if g.Label() == "" {
			t.Errorf("%s has no label", g)
		}
	}
}
