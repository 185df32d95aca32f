// SPDX-License-Identifier: Apache-2.0

package gap_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
)

// started is a campaign over clause 10 and the controls of people, by its own
// pages.
func started(t *testing.T, h *producttest.House) string {
	t.Helper()
	key := h.Create(t, "gap_campaign", map[string]any{"title": "Clause ten", "clauses": []any{"10"}, "themes": []any{"people"}, "scope_units": []any{"SU-1"}, "starts_on": "2026-01-05", "due_on": "2026-02-27",
		"owner": h.People[access.ISMSManager], "assessors": []any{h.People[access.Owner]}}).Key
	if status, to, body := h.Post(t, access.ISMSManager, "/gap/"+key+"/start", ""); status != http.StatusSeeOther || to != "/gap/"+key {
		t.Fatalf("start: %d %s %.300s", status, to, body)
	}
	return key
}

var (
	versions = regexp.MustCompile(`name="version" value="(\d+)"`)
	numbers  = regexp.MustCompile(`href="(/gap-answers\?[^"]+)"[^>]*data-number="(\d+)"`)
	answers  = regexp.MustCompile(`<tr[^>]*data-key="GA-\d+"`)
)

func version(t *testing.T, body string) string {
	t.Helper()
	found := versions.FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("no form: %.400s", body)
	}
	return found[1]
}

func TestAQuestionIsAnsweredByAPlainForm(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		key := started(t, h)
		status, to, _ := get(t, h, "/gap/"+key+"/focus")
		if status != http.StatusSeeOther || !strings.HasPrefix(to, "/gap/"+key+"/focus/GA-") {
			t.Fatalf("%d %s", status, to)
		}
		_, body := h.Get(t, access.Owner, to)
		if !strings.Contains(body, "Where do we stand on continual improvement?") || strings.Contains(body, `value="not_applicable"`) || strings.Count(body, `name="answer"`) != 4 {
			t.Errorf("the question of a clause: %.600s", body[strings.Index(body, "<main"):])
		}
		form := url.Values{"version": {version(t, body)}, "do": {"next"}, "to": {"/gap/" + key}, "answer": {"partly"}, "maturity": {"2"}, "observation": {""}}
		if status, _, body = h.Post(t, access.Owner, to, form.Encode()); status != http.StatusUnprocessableEntity || !strings.Contains(body, "say what was seen") || !strings.Contains(body, `value="partly" checked`) {
			t.Errorf("without an observation: %d", status)
		}
		form.Set("observation", "Ideas wait.")
		if status, next, _ := h.Post(t, access.Owner, to, form.Encode()); status != http.StatusSeeOther || next != "/gap/"+key {
			t.Errorf("answered: %d %s", status, next)
		}
		form.Set("observation", "Mine, on what stood before.")
		if status, _, body = h.Post(t, access.ISMSManager, to, form.Encode()); status != http.StatusConflict || !strings.Contains(body, "Ideas wait.") || !strings.Contains(body, "Mine, on what stood before.") {
			t.Errorf("a conflict does not show both: %d", status)
		}
		form.Set("version", version(t, body))
		if status, _, _ = h.Post(t, access.ISMSManager, to, form.Encode()); status != http.StatusSeeOther {
			t.Errorf("written over what stands: %d", status)
		}
		form.Set("version", "0")
		if status, _, _ = h.Post(t, access.Reader, to, form.Encode()); status != http.StatusForbidden {
			t.Errorf("a reader answered: %d", status)
		}
	})
}

func get(t *testing.T, h *producttest.House, path string) (int, string, string) {
	t.Helper()
	status, body := h.Get(t, access.Owner, path)
	found := regexp.MustCompile(`href="([^"]+)"`).FindStringSubmatch(body)
	if found == nil {
		return status, "", body
	}
	return status, found[1], body
}

// keys of all answers, in their order.
func keys(t *testing.T, h *producttest.House) (list []string) {
	t.Helper()
	h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		return v.Each(register.List{Register: "gap_answer"}, func(e register.Entry) error { list = append(list, e.Key); return nil })
	})
	return list
}

func TestEveryNumberLeadsToItsRows(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	key := started(t, h)
	rows := keys(t, h)
	for i, values := range []map[string]any{{"answer": "met", "maturity": 3}, {"answer": "not_met", "observation": "Nothing yet.", "effort": "days", "effect": "much"}, {"answer": "partly", "observation": "Some.", "maturity": 1}} {
		if err := h.Kernel.Write(t.Context(), access.Actor{Organisation: h.Org, Name: "m", Person: h.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}, func(tx *register.Tx) error {
			_, err := tx.Transition("gap_answer", rows[i], 0, "answer", values, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	for _, page := range []string{"/gap/" + key, "/gap/" + key + "/plan"} {
		_, body := h.Get(t, access.Reader, page)
		for _, link := range numbers.FindAllStringSubmatch(body, -1) {
			_, list := h.Get(t, access.Reader, strings.ReplaceAll(link[1], "&amp;", "&"))
			if got := fmt.Sprint(len(answers.FindAllString(list, -1))); got != link[2] {
				t.Errorf("%s says %s and lists %s", link[1], link[2], got)
			}
			seen++
		}
	}
	if seen < 30 {
		t.Errorf("%d numbers were looked at", seen)
	}
	for _, page := range []string{"/gap", "/gap/" + key + "/compare"} {
		if status, body := h.Get(t, access.ExternalAuditor, page); status != http.StatusOK || !strings.Contains(body, "<h1") {
			t.Errorf("%s: %d", page, status)
		}
	}
}

func TestWhatWasTypedInTheTableIsTakenAtOnce(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	key := started(t, h)
	rows := keys(t, h)
	h.Write(t, func(tx *register.Tx) error {
		if _, err := tx.Edit("gap_answer", rows[0], 0, map[string]any{"answer": "met"}, register.Note{}); err != nil {
			return err
		}
		_, err := tx.Edit("gap_answer", rows[1], 0, map[string]any{"answer": "partly"}, register.Note{})
		return err
	})
	if _, body := h.Get(t, access.ISMSManager, "/gap/"+key); !strings.Contains(body, "2 answers were typed in the table") {
		t.Error("what was typed is not told")
	}
	status, _, body := h.Post(t, access.ISMSManager, "/gap/"+key+"/take", "")
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, rows[1]) || !strings.Contains(body, "1 answer was typed") {
		t.Errorf("%d: the one that says too little is not named", status)
	}
	if status, _, body = h.Post(t, access.ISMSManager, "/gap/"+key+"/close", "summary=Done."); status != http.StatusConflict || !strings.Contains(body, "questions are open") {
		t.Errorf("closed with open questions: %d", status)
	}
}
