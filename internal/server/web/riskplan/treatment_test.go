// SPDX-License-Identifier: Apache-2.0

package riskplan_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sextant/access"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

// judged is a risk of the house, with a judgement by the criteria in force.
func (o *office) judged(t *testing.T, values map[string]any, likelihood, consequence int) string {
	t.Helper()
	owner := o.People[access.Owner]
	all := map[string]any{"title": "Orders cannot be restored", "approach": "event", "risk_source": "A thief", "properties": []any{"availability"}, "category": "cyber", "scope_units": []any{"SU-1"}, "owner": owner}
	maps.Copy(all, values)
	key := o.Create(t, "risk", all).Key
	o.Create(t, "risk_evaluation", map[string]any{"risk": key, "stage": "current", "likelihood": likelihood, "rationale": "Twice in five years.", "evaluated_by": owner, "consequences": []any{map[string]any{"type": "availability", "level": consequence}}})
	return key
}

func (o *office) treatment(t *testing.T, key string) (e register.Of[risk.Treatment]) {
	t.Helper()
	o.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		e, err = risk.Treatments.Get(v, key)
		return err
	})
	return e
}

// post sends a form that must be accepted.
func (o *office) post(t *testing.T, role access.Role, path string, form url.Values) string {
	t.Helper()
	status, to, body := o.Post(t, role, path, form.Encode())
	if status != http.StatusSeeOther {
		t.Fatalf("%s %v: %d %s", path, form, status, alert(body))
	}
	return to
}

func (o *office) later(days int) string {
	return o.Clock().Time().AddDate(0, 0, days).Format(time.DateOnly)
}

// planned is a treatment of risks made by its form.
func (o *office) planned(t *testing.T, risks ...string) string {
	t.Helper()
	to := o.post(t, access.ISMSManager, "/risks/treatment/new", url.Values{"title": {"Copies elsewhere"}, "risks": risks, "options": {"modify"}, "option_reason": {"Cheap."}, "owner": {o.People[access.ISMSManager]},
		"due_on": {o.later(90)}, "expected_effect": {"Restored within a day."}, "cost_once": {"1200 EUR"}})
	return strings.TrimPrefix(to, "/risks/treatment/")
}

func signed(do string) url.Values {
	return url.Values{"do": {do}, "password": {producttest.Password}}
}

func TestATreatmentIsPlannedComparedSignedAndCarriedOut(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		o.inForce(t, o.begin(t, "from=template&size=5&revenue=6000000&currency=EUR"))
		key := o.judged(t, map[string]any{"scenarios": []any{"scenario/" + anyScenario(t)}}, 3, 4)
		plan := o.planned(t, key)
		path := "/risks/treatment/" + plan
		if status, body := h.Get(t, access.ISMSManager, path); status != http.StatusOK || !strings.Contains(body, `value="leave"`) || !strings.Contains(body, "above Low, which is acceptable") {
			t.Fatalf("%d: the page proposes nothing: %.300s", status, alert(body))
		}
		measures := url.Values{"version": {"0"}, "title": {"Copies in another region", "", ""}, "control": {"iso27001:2022/A.8.13", "iso27001:2022/A.8.14", ""}, "owner": {h.People[access.Owner], "", ""},
			"due_on": {o.later(30), "", ""}, "cost": {"", "", ""}, "lowers_likelihood": {"2", "", ""}, "lowers_consequence": {"0", "1", ""}}
		o.post(t, access.ISMSManager, path+"/measures", measures)
		f := o.treatment(t, plan).Fields
		if len(f.Measures) != 2 || f.Measures[1].Title == "" || f.Measures[1].LowersLikelihood != nil || f.Measures[0].LowersConsequence == nil || len(f.Controls) != 2 {
			t.Fatalf("the measures are %+v", f.Measures)
		}
		_, body := h.Get(t, access.ISMSManager, path)
		if !strings.Contains(body, "Unlikely, Serious") || !strings.Contains(body, ">Low</i>") || strings.Contains(body, `name="control" value="iso27001:2022/A.8.13"`) {
			t.Error("what is expected afterwards is not told, or a control of the plan is proposed")
		}
		measures.Set("due_on", o.later(900))
		if status, _, body := h.Post(t, access.ISMSManager, path+"/measures", measures.Encode()); status != http.StatusUnprocessableEntity || !strings.Contains(alert(body), "it is done after the whole") || !strings.Contains(body, "Copies in another region") {
			t.Errorf("a measure after the whole: %d %s", status, alert(body))
		}
		if status, _, body := h.Post(t, access.ISMSManager, path, "do=propose"); status != http.StatusConflict || !strings.Contains(alert(body), "not compared with Annex A") {
			t.Errorf("proposed before it was compared: %d %s", status, alert(body))
		}
		o.decideAll(t, path)
		o.post(t, access.ISMSManager, path, url.Values{"do": {"compare"}})
		o.post(t, access.ISMSManager, path, url.Values{"do": {"propose"}})
		for _, role := range []access.Role{access.Admin, access.ISMSManager, access.InternalAuditor, access.ExternalAuditor} {
			if status, _, _ := h.Post(t, role, path, signed("sign").Encode()); status != http.StatusForbidden {
				t.Errorf("%s signed for the risk owner: %d", role, status)
			}
		}
		if _, body := h.Get(t, access.Owner, "/risks/signatures"); !strings.Contains(body, "yours to sign") || !strings.Contains(body, `action="`+path+`"`) {
			t.Error("the owner is not asked for the signature")
		}
		h.Later(10 * time.Minute)
		if status, _, _ := h.Post(t, access.Owner, path, "do=sign&password=wrong"); status < 400 {
			t.Errorf("signed with a wrong password: %d", status)
		}
		if status, _, body := h.Post(t, access.Owner, path+"/tasks", ""); status < 400 || o.treatment(t, plan).State != risk.Proposed {
			t.Errorf("work began before it was signed: %d %s", status, alert(body))
		}
		o.post(t, access.Owner, path, signed("sign"))
		if state := o.treatment(t, plan).State; state != risk.Agreed {
			t.Fatalf("signed by everybody, it is %s", state)
		}
		if status, _, _ := h.Post(t, access.Reader, path+"/tasks", ""); status != http.StatusForbidden {
			t.Errorf("a reader made tasks: %d", status)
		}
		o.post(t, access.ISMSManager, path+"/tasks", nil)
		o.post(t, access.ISMSManager, path+"/tasks", nil)
		f = o.treatment(t, plan).Fields
		if len(f.Tasks) < 2 || len(f.Tasks) != len(f.Measures) {
			t.Errorf("%d tasks of %d measures", len(f.Tasks), len(f.Measures))
		}
		o.post(t, access.ISMSManager, path, url.Values{"do": {"finish"}, "result": {"Copies are made."}})
		if status, _, _ := h.Post(t, access.ISMSManager, path, "do=verify"); status != http.StatusForbidden {
			t.Errorf("verified by who did it: %d", status)
		}
		if status, body := h.Get(t, access.Reader, "/risks/treatment?filter=state%3Ddone"); status != http.StatusOK || !strings.Contains(body, "0 of ") || !strings.Contains(body, plan) {
			t.Errorf("the plan: %d", status)
		}
		for _, format := range []string{"csv", "xlsx", "json"} {
			for _, list := range []string{"/risks/treatment", "/risks/signatures"} {
				if status, body := h.Get(t, access.Reader, list+"/export?format="+format); status != http.StatusOK || format != "xlsx" && !strings.Contains(body, "Copies elsewhere") && list == "/risks/treatment" {
					t.Errorf("%s as %s: %d %.200s", list, format, status, body)
				}
			}
		}
	})
}

// anyScenario is one of the library that names several controls.
func anyScenario(t *testing.T) string {
	t.Helper()
	for _, s := range scenarios() {
		if len(s.Controls) >= 3 {
			return s.ID
		}
	}
	t.Fatal("no scenario names three controls")
	return ""
}

// decideAll leaves the first proposed control out and adds the others.
func (o *office) decideAll(t *testing.T, path string) {
	t.Helper()
	for i := 0; ; i++ {
		_, body := o.Get(t, access.ISMSManager, path)
		at := strings.Index(body, `<ul class="proposals">`)
		if at < 0 {
			return
		}
		control := valued.FindStringSubmatch(body[at+strings.Index(body[at:], `name="control"`):])[1]
		form := url.Values{"control": {control}, "do": {"leave"}, "reason": {""}}
		if i == 0 {
			if status, _, body := o.Post(t, access.ISMSManager, path+"/compare", form.Encode()); status != http.StatusUnprocessableEntity || !strings.Contains(alert(body), "say why") {
				t.Errorf("left out without a reason: %d", status)
			}
			form.Set("reason", "Done by the supplier: see the contract.")
		} else {
			form.Set("do", "add")
		}
		o.post(t, access.ISMSManager, path+"/compare", form)
		if _, body = o.Get(t, access.ISMSManager, path); i == 0 && !strings.Contains(body, "Done by the supplier: see the contract.") {
			t.Error("what was left out is not told with its reason")
		}
		if i > 20 {
			t.Fatal("the proposals do not end")
		}
	}
}

func TestAResidualRiskIsSignedByItsOwnerOnly(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		o.inForce(t, o.begin(t, "from=template&size=5"))
		key := o.judged(t, nil, 1, 3)
		asked := h.Create(t, "acceptance", map[string]any{"risk": key, "reason": "Cheaper than more copies.", "conditions": "As long as copies are made.", "valid_until": o.later(300)}).Key
		if _, body := h.Get(t, access.Owner, "/risks/signatures"); !strings.Contains(body, "yours to sign") || !strings.Contains(body, "As long as copies are made.") {
			t.Error("the owner is not told what they would accept")
		}
		if _, body := h.Get(t, access.Admin, "/risks/signatures"); strings.Contains(body, "yours to sign") {
			t.Error("the administrator is asked to sign")
		}
		for _, role := range []access.Role{access.Admin, access.ISMSManager, access.Reader} {
			if status, _, _ := h.Post(t, role, "/risks/signatures/"+asked, signed("accept").Encode()); status != http.StatusForbidden {
				t.Errorf("%s accepted for the risk owner: %d", role, status)
			}
		}
		o.post(t, access.Owner, "/risks/signatures/"+asked, signed("accept"))
		if _, body := h.Get(t, access.Reader, "/risks/signatures?filter=state%3Din_force"); !strings.Contains(body, asked) || strings.Contains(body, "yours to sign") {
			t.Error("what was signed is not in force")
		}
		h.Create(t, "risk_evaluation", map[string]any{"risk": key, "stage": "current", "likelihood": 5, "rationale": "Every week.", "evaluated_by": h.People[access.Owner], "consequences": []any{map[string]any{"type": "availability", "level": 4}}})
		if _, body := h.Get(t, access.Reader, "/risks/signatures?filter=state%3Dbroken"); !strings.Contains(body, asked) || !strings.Contains(body, "current is Very high") {
			t.Error("the broken acceptance is not told with its reason")
		}
	})
}
