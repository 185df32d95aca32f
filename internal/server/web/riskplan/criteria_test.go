// SPDX-License-Identifier: Apache-2.0

package riskplan_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

// office is a house with a management system and an auditor who belongs to top
// management; the administrator does not.
type office struct {
	*producttest.House
	system string
}

func newOffice(t *testing.T, h *producttest.House) *office {
	t.Helper()
	o := &office{House: h, system: h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key}
	h.Write(t, func(tx *register.Tx) error {
		_, err := tx.Edit("organisation", "ORG-1", 0, map[string]any{"top_management": []any{h.People[access.InternalAuditor]}}, register.Note{})
		return err
	})
	return o
}

var (
	field  = regexp.MustCompile(`<(input|textarea|select)([^>]*?)name="([^"]+)"([^>]*)>`)
	valued = regexp.MustCompile(`value="([^"]*)"`)
)

// formOf reads the form of a page as a browser would send it.
func formOf(body string) url.Values {
	form := url.Values{}
	at := strings.Index(body, `class="body stack g6 pt4 draftform"`)
	body = body[at:]
	body = body[:strings.Index(body, "</form>")]
	for _, m := range field.FindAllStringSubmatchIndex(body, -1) {
		tag, attributes, name := body[m[2]:m[3]], body[m[0]:m[1]], body[m[6]:m[7]]
		value := ""
		if found := valued.FindStringSubmatch(attributes); found != nil {
			value = found[1]
		}
		rest := body[m[1]:]
		switch {
		case tag == "textarea":
			value = rest[:strings.Index(rest, "</textarea>")]
		case tag == "select":
			value = chosen(rest[:strings.Index(rest, "</select>")])
		case strings.Contains(attributes, `type="checkbox"`) || strings.Contains(attributes, `type="radio"`):
			if !strings.Contains(attributes, " checked") {
				continue
			}
		}
		form.Add(name, strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&").Replace(value))
	}
	return form
}

// chosen gives the value of the selected option, else of the first.
func chosen(options string) string {
	first := ""
	for i, option := range strings.Split(options, "<option ")[1:] {
		value := valued.FindStringSubmatch(option)
		if i == 0 && value != nil {
			first = value[1]
		}
		if strings.Contains(option[:strings.Index(option, ">")], " selected") {
			return value[1]
		}
	}
	return first
}

// draft fetches the form of a draft.
func (o *office) draft(t *testing.T, key string) url.Values {
	t.Helper()
	status, body := o.Get(t, access.ISMSManager, "/risks/criteria/"+key+"/edit")
	if status != http.StatusOK {
		t.Fatalf("%d %.400s", status, body)
	}
	return formOf(body)
}

// change presses a button of the form that saves nothing, and gives the form as
// it is drawn anew.
func (o *office) change(t *testing.T, key string, form url.Values, do string) url.Values {
	t.Helper()
	form.Set("do", do)
	status, _, body := o.Post(t, access.ISMSManager, "/risks/criteria/"+key+"/edit", form.Encode())
	if status != http.StatusOK {
		t.Fatalf("%s: %d %.400s", do, status, alert(body))
	}
	return formOf(body)
}

func (o *office) save(t *testing.T, key string, form url.Values) (int, string) {
	t.Helper()
	form.Set("do", "save")
	status, _, body := o.Post(t, access.ISMSManager, "/risks/criteria/"+key+"/edit", form.Encode())
	return status, body
}

// alert gives what a page says is wrong.
func alert(body string) string {
	var said []string
	for _, part := range strings.Split(body, `role="alert"`)[1:] {
		text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(part[:min(len(part), 600)], " ")
		said = append(said, strings.Join(strings.Fields(text[strings.Index(text, ">")+1:]), " "))
	}
	return strings.Join(said, " | ")
}

func (o *office) criteria(t *testing.T, key string) (c register.Of[risk.Criteria]) {
	t.Helper()
	o.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		c, err = risk.CriteriaEditions.Get(v, key)
		return err
	})
	return c
}

func (o *office) begin(t *testing.T, form string) string {
	t.Helper()
	status, to, body := o.Post(t, access.ISMSManager, "/risks/criteria/begin", form+"&system="+o.system)
	if status != http.StatusSeeOther {
		t.Fatalf("begin: %d %s", status, alert(body))
	}
	return strings.TrimSuffix(strings.TrimPrefix(to, "/risks/criteria/"), "/edit")
}

// inForce has an edition submitted and approved by its pages.
func (o *office) inForce(t *testing.T, key string) {
	t.Helper()
	top := o.People[access.InternalAuditor]
	if status, _, body := o.Post(t, access.ISMSManager, "/risks/criteria/"+key, "do=submit&approver="+top); status != http.StatusSeeOther {
		t.Fatalf("submit: %d %s", status, alert(body))
	}
	if status, _, body := o.Post(t, access.InternalAuditor, "/risks/criteria/"+key, "do=approve&password="+url.QueryEscape(producttest.Password)); status != http.StatusSeeOther {
		t.Fatalf("approve: %d %s", status, alert(body))
	}
}

func TestAMatrixOfFourBySixIsMadeByAPlainForm(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		key := o.begin(t, "from=template&size=4&revenue=6000000&currency=eur")
		form := o.change(t, key, o.draft(t, key), "add consequence 4")
		form = o.change(t, key, form, "add consequence 1")
		if len(form["consequence_name"]) != 6 || form["consequence_name"][0] != "Minor" || form["consequence_name"][1] != "" || form.Get("cell_4_6") != "4" || form.Get("cell_1_2") != "1" {
			t.Fatalf("the form: %v, %q, %q", form["consequence_name"], form.Get("cell_4_6"), form.Get("cell_1_2"))
		}
		if c := o.criteria(t, key); len(c.Fields.Consequences) != 4 {
			t.Errorf("adding levels wrote %d", len(c.Fields.Consequences))
		}
		status, body := o.save(t, key, form)
		if status != http.StatusUnprocessableEntity || !strings.Contains(alert(body), "a level has a name") {
			t.Errorf("levels without a name: %d %s", status, alert(body))
		}
		form["consequence_name"][1], form["consequence_means"][1] = "Noticeable", "A day of one team."
		form["consequence_name"][5], form["consequence_means"][5] = "Catastrophic", "The organisation may not survive it."
		form.Set("cell_4_6", "1")
		if status, body = o.save(t, key, form); status != http.StatusUnprocessableEntity || !strings.Contains(alert(body), "the level falls at likelihood 4 with consequence 6") || !strings.Contains(body, "Catastrophic") {
			t.Errorf("a matrix that falls: %d %s", status, alert(body))
		}
		form.Set("cell_4_6", "4")
		if status, body = o.save(t, key, form); status != http.StatusSeeOther {
			t.Fatalf("saved: %d %s", status, alert(body))
		}
		c := o.criteria(t, key).Fields
		if len(c.Likelihoods) != 4 || len(c.Consequences) != 6 || len(c.Matrix) != 24 || c.Consequences[5].Name != "Catastrophic" {
			t.Errorf("kept %d by %d with %d pairs", len(c.Likelihoods), len(c.Consequences), len(c.Matrix))
		}
		o.inForce(t, key)
		if status, body := h.Get(t, access.Reader, "/risks/criteria"); status != http.StatusOK || strings.Count(body, "<td data-h=") != 24 || !strings.Contains(body, "Catastrophic") || !strings.Contains(body, "May be accepted by") {
			t.Errorf("the criteria in force: %d", status)
		}
	})
}

func TestOnlyTopManagementApprovesCriteriaAndProvesWhoItIs(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		if status, _, _ := h.Post(t, access.Reader, "/risks/criteria/begin", "from=template&size=3&system="+o.system); status != http.StatusForbidden {
			t.Errorf("a reader began: %d", status)
		}
		key := o.begin(t, "from=template&size=3")
		if status, _, body := h.Post(t, access.ISMSManager, "/risks/criteria/"+key, "do=submit&approver="+h.People[access.Admin]); status != http.StatusForbidden || !strings.Contains(alert(body), "does not belong to top management") {
			t.Errorf("submitted to the administrator: %d %s", status, alert(body))
		}
		if status, _, body := h.Post(t, access.ISMSManager, "/risks/criteria/"+key, "do=submit&approver="+h.People[access.InternalAuditor]); status != http.StatusSeeOther {
			t.Fatalf("submit: %d %s", status, alert(body))
		}
		password := "&password=" + url.QueryEscape(producttest.Password)
		for _, role := range []access.Role{access.Admin, access.ISMSManager, access.Owner, access.ExternalAuditor} {
			if status, _, _ := h.Post(t, role, "/risks/criteria/"+key, "do=approve"+password); status != http.StatusForbidden {
				t.Errorf("%s approved: %d", role, status)
			}
		}
		h.Later(10 * 60 * 1e9)
		if status, _, _ := h.Post(t, access.InternalAuditor, "/risks/criteria/"+key, "do=approve&password=wrong"); status < 400 {
			t.Errorf("approved with a wrong password: %d", status)
		}
		if state := o.criteria(t, key).State; state != risk.InReview {
			t.Fatalf("the edition is %s", state)
		}
		if status, _, body := h.Post(t, access.InternalAuditor, "/risks/criteria/"+key, "do=approve"+password); status != http.StatusSeeOther {
			t.Fatalf("approve: %d %s", status, alert(body))
		}
		if state := o.criteria(t, key).State; state != risk.Approved {
			t.Errorf("the edition is %s", state)
		}
	})
}

func TestALevelThatGoesIsReplacedAndTheChangeIsPreviewed(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		first := o.begin(t, "from=template&size=5&revenue=6000000&currency=EUR")
		o.inForce(t, first)
		owner := h.People[access.Owner]
		key := h.Create(t, "risk", map[string]any{"title": "Orders cannot be restored", "approach": "event", "risk_source": "A thief", "properties": []any{"availability"}, "category": "cyber", "scope_units": []any{"SU-1"}, "owner": owner}).Key
		h.Create(t, "risk_evaluation", map[string]any{"risk": key, "stage": "current", "likelihood": 4, "rationale": "Twice a year.", "evaluated_by": owner, "consequences": []any{map[string]any{"type": "availability", "level": 3}}})
		next := o.begin(t, "")
		if c := o.criteria(t, next).Fields; len(c.Matrix) != 25 || whole(c.Number) != 2 || len(c.Replaced) != 0 {
			t.Fatalf("the next edition is no copy: %d pairs, number %d", len(c.Matrix), whole(c.Number))
		}
		form := o.change(t, next, o.draft(t, next), "remove likelihood 4")
		if form.Get("gone_likelihood_4") != "4" || strings.Join(form["likelihood_was"], "") != "1235" {
			t.Fatalf("what is gone: %q, %v", form.Get("gone_likelihood_4"), form["likelihood_was"])
		}
		form.Set("do", "preview")
		status, _, body := h.Post(t, access.ISMSManager, "/risks/criteria/"+next+"/edit", form.Encode())
		if status != http.StatusOK || !strings.Contains(body, "1 higher.") || !strings.Contains(body, "↑ High") {
			t.Errorf("previewed before saving: %d", status)
		}
		form.Set("gone_likelihood_4", "3")
		if status, body := o.save(t, next, form); status != http.StatusSeeOther {
			t.Fatalf("save: %d %s", status, alert(body))
		}
		if status, body := h.Get(t, access.Reader, "/risks/criteria/"+next+"/preview"); status != http.StatusOK || !strings.Contains(body, "1 where it is.") || !strings.Contains(body, key) {
			t.Errorf("the preview: %d", status)
		}
		again := o.draft(t, next)
		if again.Get("gone_likelihood_4") != "3" || strings.Join(again["likelihood_was"], "") != "1235" {
			t.Errorf("read again: %q, %v", again.Get("gone_likelihood_4"), again["likelihood_was"])
		}
		for pressed, says := range map[string]string{"add likelihood x": "not known", "add money 1": "not known"} {
			again.Set("do", pressed)
			if status, _, body := h.Post(t, access.ISMSManager, "/risks/criteria/"+next+"/edit", again.Encode()); status != http.StatusUnprocessableEntity || !strings.Contains(alert(body), says) {
				t.Errorf("%s: %d %s", pressed, status, alert(body))
			}
		}
		o.inForce(t, next)
		if status, _ := h.Get(t, access.ISMSManager, "/risks/criteria/"+next+"/edit"); status != http.StatusConflict {
			t.Errorf("the form of an edition in force: %d", status)
		}
	})
}

func whole(level *float64) int {
	if level == nil {
		return 0
	}
	return int(*level)
}
