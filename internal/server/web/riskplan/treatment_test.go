// SPDX-License-Identifier: Apache-2.0

package riskplan_test

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
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
		if status, body := h.Get(t, access.ISMSManager, path); status != http.StatusOK || !strings.Contains(body, `name="add"`) || !strings.Contains(body, "above Low, which is acceptable") {
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
		if !strings.Contains(body, "Unlikely, Serious") || !strings.Contains(body, ">Low</i>") || strings.Contains(body, `name="add" value="iso27001:2022/A.8.13"`) {
			t.Error("what is expected afterwards is not told, or a control of the plan is proposed")
		}
		measures.Set("due_on", o.later(900))
		if status, _, body := h.Post(t, access.ISMSManager, path+"/measures", measures.Encode()); status != http.StatusUnprocessableEntity || !strings.Contains(alert(body), "it is done after the whole") || !strings.Contains(body, "Copies in another region") {
			t.Errorf("a measure after the whole: %d %s", status, alert(body))
		}
		if status, _, body := h.Post(t, access.ISMSManager, path, "do=propose"); status != http.StatusConflict || !strings.Contains(alert(body), "not compared with Annex A") {
			t.Errorf("proposed before it was compared: %d %s", status, alert(body))
		}
		o.comparedWith(t, path)
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

// comparedWith leaves one proposed control out by itself, puts another into the
// plan, and says of the rest at once why it is not necessary.
func (o *office) comparedWith(t *testing.T, path string) {
	t.Helper()
	proposed := func() (list []string) {
		_, body := o.Get(t, access.ISMSManager, path)
		for _, part := range strings.Split(body, `name="add"`)[1:] {
			list = append(list, valued.FindStringSubmatch(part)[1])
		}
		return list
	}
	list, before := proposed(), len(o.treatment(t, strings.TrimPrefix(path, "/risks/treatment/")).Fields.Measures)
	if len(list) < 3 {
		t.Fatalf("%v is too little to compare", list)
	}
	form := url.Values{"do": {"decide"}, "add": {list[1]}, "reason." + list[0]: {"Done by the supplier: see the contract."}, "version": {"1"}}
	if status, _, body := o.Post(t, access.ISMSManager, path+"/compare", form.Encode()); status != http.StatusConflict || !strings.Contains(body, `value="Done by the supplier: see the contract."`) || !strings.Contains(body, `value="`+list[1]+`" checked`) {
		t.Errorf("compared with a plan that was changed since: %d, or what was typed is lost", status)
	}
	form.Del("version")
	o.post(t, access.ISMSManager, path+"/compare", form)
	if left := proposed(); len(left) != len(list)-2 {
		t.Errorf("after two were decided %v are proposed, of %v", left, list)
	}
	o.post(t, access.ISMSManager, path+"/compare", url.Values{"do": {"compared"}, "rest": {"We are too small for it."}})
	f := o.treatment(t, strings.TrimPrefix(path, "/risks/treatment/")).Fields
	if len(proposed()) != 0 || len(f.Measures) != before+1 || f.ComparedOn == "" || strings.Count(f.LeftOut, "We are too small for it.") != len(list)-2 || !strings.Contains(f.LeftOut, "see the contract") {
		t.Errorf("compared: %+v", f)
	}
	if _, body := o.Get(t, access.ISMSManager, path); !strings.Contains(body, "Done by the supplier: see the contract.") {
		t.Error("what was left out is not told with its reason")
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

// What is above appetite and has no treatment is counted where plans are made,
// chosen in the list, and treated together.
func TestWhatIsAboveAppetiteIsTreatedTogether(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		o.inForce(t, o.begin(t, "from=template&size=5"))
		one, two := o.judged(t, nil, 4, 4), o.judged(t, map[string]any{"title": "Orders are stolen"}, 3, 3)
		o.judged(t, map[string]any{"title": "Orders are late"}, 1, 1)
		_, body := h.Get(t, access.ISMSManager, "/risks/treatment")
		to := leftOver.FindStringSubmatch(body)
		if to == nil || to[2] != "2" {
			t.Fatalf("what is left is not told: %v", to)
		}
		list := html.UnescapeString(to[1])
		if _, body := h.Get(t, access.ISMSManager, list); !strings.Contains(body, `formaction="/risks/treatment/new"`) || !strings.Contains(body, "row-"+one) || !strings.Contains(body, "row-"+two) || strings.Count(body, `id="row-`) != 2 {
			t.Errorf("%s lists something else", list)
		}
		if _, body := h.Get(t, access.Reader, list); strings.Contains(body, `formaction="/risks/treatment/new"`) {
			t.Error("a reader is offered to plan")
		}
		_, body = h.Get(t, access.ISMSManager, "/risks/treatment/new?key="+one+"&key="+two)
		soonest := o.risk(t, one).Fields.ReviewOn
		for _, want := range []string{`value="` + one + `" selected`, `value="` + two + `" selected`, `name="due_on" value="` + soonest + `"`} {
			if !strings.Contains(body, want) {
				t.Errorf("the form lacks %s", want)
			}
		}
		if _, body := h.Get(t, access.ISMSManager, "/risks/treatment/new?risk="+two); !strings.Contains(body, `name="title" value="Orders are stolen"`) {
			t.Error("the treatment of one risk does not begin with its name")
		}
		o.planned(t, one, two)
		if _, body := h.Get(t, access.ISMSManager, "/risks/treatment"); leftOver.MatchString(body) {
			t.Error("what is planned is still left")
		}
	})
}

var leftOver = regexp.MustCompile(`href="([^"]+)" data-number="(\d+)">\d+ risks? (?:is|are) or may be above appetite and`)

func (o *office) risk(t *testing.T, key string) (r register.Of[risk.Risk]) {
	t.Helper()
	o.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		r, err = risk.Risks.Get(v, key)
		return err
	})
	return r
}

// What a plan is expected to leave is judged in one go, as a judgement of who
// says so, and is what the owner is asked to accept.
func TestWhatAPlanLeavesIsJudgedAsExpected(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		o.inForce(t, o.begin(t, "from=template&size=5"))
		one, two := o.judged(t, nil, 4, 3), o.judged(t, map[string]any{"title": "Orders are stolen"}, 3, 4)
		plan := o.planned(t, one, two)
		path := "/risks/treatment/" + plan
		if _, body := h.Get(t, access.ISMSManager, path); strings.Contains(body, path+"/residual") {
			t.Error("without a measure there is something to judge")
		}
		o.post(t, access.ISMSManager, path+"/measures", url.Values{"title": {"Copies"}, "control": {"iso27001:2022/A.8.13"}, "lowers_likelihood": {"2"}, "lowers_consequence": {"1"}})
		if _, body := h.Get(t, access.ISMSManager, path); !strings.Contains(body, "Judge the residual of 2 risks as expected") {
			t.Error("what is left is not offered to be judged")
		}
		if _, body := h.Get(t, access.Reader, path); strings.Contains(body, path+"/residual") {
			t.Error("a reader is offered to judge")
		}
		if status, _, _ := h.Post(t, access.Reader, path+"/residual", ""); status != http.StatusForbidden {
			t.Errorf("a reader judged: %d", status)
		}
		o.post(t, access.ISMSManager, path+"/residual", nil)
		if status, _, body := h.Post(t, access.ISMSManager, path+"/residual", ""); status != http.StatusConflict || !strings.Contains(alert(body), "is judged already") {
			t.Errorf("judged twice: %d %s", status, alert(body))
		}
		o.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			list, err := risk.Evaluations.All(v, register.Filter{Field: "stage", Op: register.Is, Values: []string{risk.Residual}})
			for i, e := range list {
				want := [][2]int{{2, 2}, {1, 3}}[i] // of 4 with 3, and of 3 with 4
				if f := e.Fields; int(*f.Likelihood) != want[0] || int(*f.Consequence) != want[1] || f.EvaluatedBy != h.People[access.ISMSManager] || !strings.Contains(f.Rationale, plan+": Restored within a day.") {
					t.Errorf("%s: %+v, want %v", e.Key, f, want)
				}
			}
			if len(list) != 2 {
				t.Errorf("%d judgements of the residual", len(list))
			}
			return err
		})
		if _, body := h.Get(t, access.Owner, "/risks/sign"); strings.Count(body, ">Low</i>") < 2 {
			t.Error("the owner is not asked to accept what is left")
		}
	})
}
