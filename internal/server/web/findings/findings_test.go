// SPDX-License-Identifier: Apache-2.0

package findings_test

import (
	"html"
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
	"sextant/task"
)

func shows(t *testing.T, h *producttest.House, role access.Role, path string, want ...string) string {
	t.Helper()
	status, body := h.Get(t, role, path)
	if status != http.StatusOK {
		t.Fatalf("%s as %s: %d %.300s", path, role, status, body)
	}
	text := html.UnescapeString(body)
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s as %s does not show %q", path, role, w)
		}
	}
	return text
}

// key finds how the list names the first finding of a rule.
func key(t *testing.T, body, rule string) string {
	t.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(rule) + `\.[0-9a-f]{8}`).FindString(body)
	if found == "" {
		t.Fatalf("the list has no finding of %s", rule)
	}
	return found
}

func TestAFindingIsShownHandedOverAndWaived(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		late := h.Create(t, "task", map[string]any{"title": "Renew the fire extinguishers", "assignee": h.People[access.Owner], "due_on": h.Clock().Time().AddDate(0, 0, -40).Format(time.DateOnly)})
		body := shows(t, h, access.ExternalAuditor, "/lint", "What would an auditor raise?", "Legal register not kept", "6.1.2 Information security risk assessment", "Work far past its date", "cannot tell yet")
		about := key(t, body, "task-overdue")

		open := shows(t, h, access.ISMSManager, "/lint?in="+about, "Go and fix it", "Make a task", "Ask to waive it", "Renew the fire extinguishers", "Do it, hand it over")
		if !strings.Contains(open, `href="/tasks/`+late.Key+`"`) {
			t.Error("the finding leads not to where it is put right")
		}
		if reads := shows(t, h, access.ExternalAuditor, "/lint?in="+about); strings.Contains(reads, "Make a task") || strings.Contains(reads, "Ask to waive it") {
			t.Error("somebody who only reads is offered to act")
		}

		form := url.Values{"about": {about}}.Encode()
		status, to, _ := h.Post(t, access.ISMSManager, "/lint/task-overdue/task", form)
		_, again, _ := h.Post(t, access.ISMSManager, "/lint/task-overdue/task", form)
		if status != http.StatusSeeOther || to != again {
			t.Errorf("a task of it: %d, %s and then %s", status, to, again)
		}
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			made, err := task.Tasks.Get(v, strings.TrimPrefix(to, "/tasks/"))
			if made.Fields.Assignee != h.People[access.Owner] || made.Fields.Subject != late.Key || !strings.Contains(made.Title(), "Work far past its date") {
				t.Errorf("the task is %+v", made.Fields)
			}
			return err
		})

		waive := url.Values{"about": {about}, "reason": {"The supplier is out of stock."}, "approver": {h.People[access.Owner]}, "expires_on": {"2999-01-01"}}
		if status, _, body := h.Post(t, access.ISMSManager, "/lint/task-overdue/waive", waive.Encode()); status != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(body), "The supplier is out of stock.") {
			t.Errorf("until 2999: %d; the form must keep what was typed", status)
		}
		waive.Set("expires_on", h.Clock().Time().AddDate(0, 0, 30).Format(time.DateOnly))
		status, to, body = h.Post(t, access.ISMSManager, "/lint/task-overdue/waive", waive.Encode())
		if status != http.StatusSeeOther || !strings.HasPrefix(to, "/exceptions/") {
			t.Fatalf("asked to waive: %d %s %.300s", status, to, body)
		}
		if body := shows(t, h, access.ISMSManager, "/lint?filter=standing%3Dwaived"); strings.Contains(body, about) {
			t.Error("what nobody approved yet is waived")
		}
		person := h.People[access.Owner]
		approver := access.Actor{Organisation: h.Org, Name: "person:" + person, Person: person, Roles: []access.Role{access.Owner}, Proof: access.Proof{Method: access.Password, At: h.Clock()}}
		if err := h.Kernel.Write(t.Context(), approver, func(tx *register.Tx) error {
			_, err := tx.Transition("exception", strings.TrimPrefix(to, "/exceptions/"), 0, "approve", nil, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		shows(t, h, access.ExternalAuditor, "/lint?filter=standing%3Dwaived&in="+about, about, "answers for it until", "The supplier is out of stock.")
	})
}

func TestRulesSayWhatTheyLookedAtAndWhatTheyCannotTell(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	shows(t, h, access.Reader, "/lint/rules", "What does each rule say?", "Cannot tell", "Clean", "1 finding")
	shows(t, h, access.Reader, "/lint/rules?in=soa-excluded-but-treated", "It cannot tell", "risks and their treatment plans", "Excluded control treats a risk")
	shows(t, h, access.Reader, "/lint/rules?in=role-mandatory-vacant", "Nothing found in 2 entries.")
	shows(t, h, access.Reader, "/lint?filter=rule%3Dobligation-unreviewed", "No law is registered")
	undated := "open the finding to follow it back"
	if body := shows(t, h, access.Reader, "/lint", undated, "since=all"); strings.Contains(shows(t, h, access.Reader, "/lint?since=all", "/lint?"), undated) || body == "" {
		t.Error("followed back, a finding has no age")
	}
	if body := shows(t, h, access.ISMSManager, "/lint/rules?in=document-overdue", "/rule-settings/new?rule=rule%2Fdocument-overdue", "30"); strings.Contains(body, "other numbers") {
		t.Error("a rule as it comes is said to be changed")
	}
	h.Create(t, "rule_setting", map[string]any{"rule": "rule/document-overdue", "params": []any{map[string]any{"name": "days", "value": "14"}}, "reason": "We work in weeks.", "owner": "PER-1"})
	shows(t, h, access.ISMSManager, "/lint/rules?in=document-overdue", "/rule-settings/RS-1/edit", "We work in weeks.", "14 days", "in place of 30")
	if body := shows(t, h, access.ExternalAuditor, "/lint/rules?in=document-overdue&filter=numbers%3Dours", "We work in weeks.", "Ours"); strings.Contains(body, "/rule-settings/RS-1/edit") {
		t.Error("an auditor is offered to change it")
	}
	if status, _ := h.Get(t, access.Reader, "/lint?filter=severity%3Dgrave"); status != http.StatusUnprocessableEntity && status != http.StatusBadRequest {
		t.Errorf("a severity that is none: %d", status)
	}
	for _, path := range []string{"/lint/export?format=csv", "/lint/rules/export?format=xlsx"} {
		if status, _ := h.Get(t, access.ISMSManager, path); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
}
