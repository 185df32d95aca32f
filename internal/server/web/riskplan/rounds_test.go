// SPDX-License-Identifier: Apache-2.0

package riskplan_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/internal/testserver"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

func (o *office) round(t *testing.T, title string, values map[string]any) string {
	t.Helper()
	all := map[string]any{"title": title, "scope_units": []any{"SU-1"}, "participants": []any{o.People[access.Owner]}, "planned_on": o.later(0), "every": "P12M", "owner": o.People[access.ISMSManager], "approver": o.People[access.InternalAuditor]}
	for key, value := range values {
		all[key] = value
	}
	return o.Create(t, "risk_assessment", all).Key
}

func (o *office) assessment(t *testing.T, key string) (e register.Of[risk.Assessment], files []register.Rendering) {
	t.Helper()
	o.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		if e, err = risk.Assessments.Get(v, key); err == nil {
			files, err = v.Renderings(e.Entry)
		}
		return err
	})
	return e, files
}

// judge makes a judgement in a round.
func (o *office) judge(t *testing.T, round, key string, likelihood, consequence int) {
	t.Helper()
	o.Create(t, "risk_evaluation", map[string]any{"risk": key, "assessment": round, "stage": "current", "likelihood": likelihood, "rationale": "Looked at together.", "evaluated_by": o.People[access.Owner],
		"consequences": []any{map[string]any{"type": "availability", "level": consequence}}})
}

func TestAnAssessmentIsWorkedThroughApprovedAndKept(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		o.inForce(t, o.begin(t, "from=template&size=5"))
		first, second := o.judged(t, nil, 3, 3), o.judged(t, map[string]any{"title": "Laptops are lost"}, 2, 2)
		key := o.round(t, "Yearly assessment", nil)
		path := "/risks/assessments/" + key
		if status, body := h.Get(t, access.Reader, path); status != http.StatusOK || !strings.Contains(body, "2 open risks are in its units.") {
			t.Errorf("planned: %d", status)
		}
		if status, _, _ := h.Post(t, access.Reader, path, "do=start"); status != http.StatusForbidden {
			t.Errorf("a reader started it: %d", status)
		}
		o.post(t, access.ISMSManager, path, url.Values{"do": {"start"}})
		if _, body := h.Get(t, access.ISMSManager, path); !strings.Contains(body, "0 of 2 looked at") || !strings.Contains(body, "/risks/evaluate/"+first+"?assessment="+key) {
			t.Error("the work list does not lead to the judgement")
		}
		if status, _, body := h.Post(t, access.ISMSManager, path, "do=complete"); status != http.StatusConflict || !strings.Contains(alert(body), "2 risks were not looked at") {
			t.Errorf("completed too early: %d %s", status, alert(body))
		}
		o.judge(t, key, first, 4, 4)
		o.post(t, access.ISMSManager, path, url.Values{"do": {"unchanged"}, "risk": {second}})
		if status, _, body := h.Post(t, access.ISMSManager, path, "do=unchanged&risk="+second); status != http.StatusConflict {
			t.Errorf("looked at twice: %d %s", status, alert(body))
		}
		o.post(t, access.ISMSManager, path, url.Values{"do": {"complete"}})
		for _, role := range []access.Role{access.Admin, access.ISMSManager, access.Owner} {
			if status, _, _ := h.Post(t, role, path, signed("approve").Encode()+"&conclusion=Good."); status != http.StatusForbidden {
				t.Errorf("%s approved it: %d", role, status)
			}
		}
		form := signed("approve")
		form.Set("conclusion", "Copies come first.")
		o.post(t, access.InternalAuditor, path, form)
		a, files := o.assessment(t, key)
		if a.State != risk.Approved || len(a.Fields.Results) != 2 || len(files) != 2 {
			t.Fatalf("%s with %d results and %d files", a.State, len(a.Fields.Results), len(files))
		}
		text := ""
		for _, f := range files {
			if strings.HasSuffix(f.Name, ".pdf") {
				status, body := h.Get(t, access.Reader, "/api/v1/attachments/"+f.Key+"/file")
				if status != http.StatusOK {
					t.Fatalf("the report: %d", status)
				}
				text = testserver.PDFText(t, []byte(body))
			}
		}
		for _, says := range []string{"Copies come first.", "Orders cannot be restored", "2 risks were looked at", "Very likely", "Critical", "High"} {
			if !strings.Contains(text, says) {
				t.Errorf("the report does not say %q", says)
			}
		}
		o.judge(t, "", first, 1, 1)
		if again, _ := o.assessment(t, key); again.Fields.Results[0].LevelName != a.Fields.Results[0].LevelName {
			t.Error("a later judgement changed a past assessment")
		}
		if _, body := h.Get(t, access.Reader, path); !strings.Contains(body, "Next one") || !strings.Contains(body, "very high") && !strings.Contains(body, "High") {
			t.Error("the next one is not planned")
		}
		o.compared(t, first, second, path)
	})
}

// compared holds a second round and reads what differs from the first.
func (o *office) compared(t *testing.T, first, second, path string) {
	t.Helper()
	third := o.judged(t, map[string]any{"title": "The office burns"}, 1, 5)
	next := o.round(t, "After the incident", map[string]any{"trigger": "incident", "every": ""})
	to := "/risks/assessments/" + next
	o.post(t, access.ISMSManager, to, url.Values{"do": {"start"}})
	o.judge(t, next, first, 2, 3)
	o.judge(t, next, second, 2, 2)
	o.judge(t, next, third, 1, 5)
	o.post(t, access.ISMSManager, to, url.Values{"do": {"complete"}})
	_, body := o.Get(t, access.Reader, to)
	for _, says := range []string{"Orders cannot be restored came down from High to Low.", "The office burns was not in the earlier one. It is Medium.", "One stays where it was."} {
		if !strings.Contains(body, says) {
			t.Errorf("the comparison does not say %q", says)
		}
	}
	if status, body := o.Get(t, access.Reader, "/risks/assessments"); status != http.StatusOK || !strings.Contains(body, "After the incident") || !strings.Contains(body, path) {
		t.Errorf("the list: %d", status)
	}
}
