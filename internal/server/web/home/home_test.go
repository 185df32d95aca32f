// SPDX-License-Identifier: Apache-2.0

package home_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sextant/access"
	"sextant/framework"
	"sextant/product/producttest"
	"sextant/register"
)

var (
	numbered = regexp.MustCompile(`<a [^>]*href="([^"]+)"[^>]*data-number="(\d+)"`)
	rows     = regexp.MustCompile(`<tr class="stackrow`)
)

// told is a company in the middle of its work: things fail, run out, wait.
func told(t *testing.T, h *producttest.House) {
	t.Helper()
	owner, manager := h.People[access.Owner], h.People[access.ISMSManager]
	imp := h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": "SU-1", "implementation": "implemented", "how": "Snapshots each night.", "owner": owner})
	system := h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."})
	h.Create(t, "soa_row", map[string]any{"management_system": system.Key, "control": "iso27001:2022/A.7.6", "applicability": "not_applicable", "exclusion_justification": "There are no secure areas."})
	database := map[string]map[string]any{"db:orders": producttest.Database("orders", 1)}
	h.Observe(t, "SRC-1", "aws:rds_instance", database)
	h.Later(100 * time.Hour)
	h.Observe(t, "SRC-1", "aws:rds_instance", database)
	h.Create(t, "task", map[string]any{"title": "Mend the backups", "assignee": owner, "due_on": day(h, 3), "kind": "remediation"})
	h.Create(t, "task", map[string]any{"title": "Of somebody else", "assignee": manager, "due_on": day(h, 3), "kind": "other"})
	h.Create(t, "expected_source", map[string]any{"title": "sandbox", "identifier": "7713"})
	h.Create(t, "attestation", map[string]any{"implementation": imp.Key, "line": "A.8.13/restore-tested", "form": "record", "looked_at": "A restore of orders", "period_from": day(h, -100), "period_to": day(h, -1), "population": "1", "result": "holds",
		"attested_by": owner, "expires_on": day(h, 10)})
	h.Create(t, "comment", map[string]any{"subject": imp.Key, "text": "Look at this, @The owner", "mentions": []string{owner}})
}

func day(h *producttest.House, ahead int) string {
	return h.Clock().Time().AddDate(0, 0, ahead).Format(time.DateOnly)
}

func TestEveryNumberLeadsToAListOfThatMany(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		told(t, h)
		for _, role := range []access.Role{access.ISMSManager, access.Reader, access.ExternalAuditor} {
			status, body := h.Get(t, role, "/")
			if status != http.StatusOK {
				t.Fatalf("as %s: %d", role, status)
			}
			follow(t, h, role, body)
		}
	})
}

// follow asks for every list a number leads to and counts its rows.
func follow(t *testing.T, h *producttest.House, role access.Role, body string) {
	t.Helper()
	found := numbered.FindAllStringSubmatch(body, -1)
	if len(found) < 15 {
		t.Fatalf("%d numbers", len(found))
	}
	for _, m := range found {
		path := html.UnescapeString(m[1])
		status, list := h.Get(t, role, path)
		if path == "/unseen" && status == http.StatusNotFound {
			continue // the page of gaps is another section's
		}
		if n := fmt.Sprint(len(rows.FindAllString(list, -1))); status != http.StatusOK || n != m[2] {
			t.Errorf("as %s, %s: %d, says %s and has %s", role, path, status, m[2], n)
		}
	}
}

func TestThePastAsksWereWeReady(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		h.Later(time.Hour)
		before := h.Clock()
		h.Later(time.Hour)
		told(t, h)
		status, body := h.Get(t, access.ISMSManager, "/?as_of="+url.QueryEscape(before.String()))
		if status != http.StatusOK || !strings.Contains(body, "Were we ready?") || strings.Contains(body, "/?arrange=1") || !strings.Contains(body, "now 2") {
			t.Errorf("%d, the past is not told", status)
		}
		if strings.Contains(body, `aria-label="A.8.13 Information backup: Fail"`) {
			t.Error("what failed later fails before")
		}
		_, now := h.Get(t, access.ISMSManager, "/")
		if !strings.Contains(now, `aria-label="A.8.13 Information backup: Fail"`) || !strings.Contains(now, "7.6") {
			t.Error("what fails does not fail now")
		}
	})
}

func TestWidgetsAreArrangedPerPersonAndShared(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		order := func(role access.Role) string {
			_, body := h.Get(t, role, "/")
			var keys []string
			for _, m := range regexp.MustCompile(`data-widget="([a-z]+)"`).FindAllStringSubmatch(body, -1) {
				keys = append(keys, m[1])
			}
			return strings.Join(keys, " ")
		}
		act := func(role access.Role, act string, want int) {
			t.Helper()
			if status, _, body := h.Post(t, role, "/home/widgets", url.Values{"act": {act}}.Encode()); status != want {
				t.Errorf("%s as %s: %d %.200s", act, role, status, body)
			}
		}
		byDefault := order(access.Reader)
		if !strings.HasPrefix(byDefault, "tiles glance drift trend mine failing") {
			t.Fatalf("by default %q", byDefault)
		}
		act(access.Reader, "up:drift", http.StatusSeeOther)
		act(access.Reader, "hide:failing", http.StatusSeeOther)
		if got := order(access.Reader); !strings.HasPrefix(got, "tiles drift glance trend mine risks themes") {
			t.Errorf("arranged %q", got)
		}
		if got := order(access.Owner); got != byDefault {
			t.Errorf("somebody else sees %q", got)
		}
		act(access.Owner, "share", http.StatusForbidden)
		if status, _, _ := h.Post(t, access.Reader, "/views", "page=/&title=Home&shared=1&query=hide%3Dtiles"); status != http.StatusForbidden {
			t.Errorf("a reader shares a first page as a view: %d", status)
		}
		act(access.ISMSManager, "hide:trend", http.StatusSeeOther)
		act(access.ISMSManager, "share", http.StatusSeeOther)
		if got := order(access.Owner); strings.Contains(got, "trend") {
			t.Errorf("after it was shared somebody sees %q", got)
		}
		if got := order(access.Reader); !strings.Contains(got, "trend") {
			t.Errorf("who arranged their own sees %q", got)
		}
		act(access.Reader, "reset", http.StatusSeeOther)
		if got := order(access.Reader); strings.Contains(got, "trend") || !strings.Contains(got, "failing") {
			t.Errorf("after the reset %q", got)
		}
		act(access.ExternalAuditor, "hide:drift", http.StatusForbidden)
		act(access.Reader, "explode:drift", http.StatusUnprocessableEntity)
	})
}

func TestMyWorkIsMine(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		told(t, h)
		_, body := h.Get(t, access.Owner, "/my-work")
		for _, want := range []string{"Mend the backups", "A restore of orders", "Waiting for your signature", "Look at this", "in 3 d"} {
			if !strings.Contains(body, want) {
				t.Errorf("the owner's work lacks %q", want)
			}
		}
		if strings.Contains(body, "Of somebody else") {
			t.Error("it shows somebody else's task")
		}
		if status, body := h.Get(t, access.Reader, "/my-work"); status != http.StatusOK || !strings.Contains(body, "Nothing is due from you") {
			t.Errorf("a reader without work: %d", status)
		}
	})
}

// A statement of the standard plan that runs out within a month is asked for.
func TestAStatementThatRunsOutIsAskedFor(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	owner := h.People[access.Owner]
	imp := h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.5.1", "scope_unit": "SU-1", "implementation": "implemented", "how": "Written.", "owner": owner})
	plan, _ := framework.PlanFor("A.5.1")
	e := h.Create(t, "attestation", map[string]any{"implementation": imp.Key, "line": plan.Lines[0].ID, "looked_at": "The policy", "period_from": day(h, -100), "period_to": day(h, -1), "population": "1", "result": "holds", "attested_by": owner, "expires_on": day(h, 10)})
	who := access.Actor{Organisation: h.Org, Name: "person:" + owner, Person: owner, Roles: []access.Role{access.Owner}, Proof: access.Proof{Method: access.Password, At: h.Clock()}}
	if err := h.Kernel.Write(t.Context(), who, func(tx *register.Tx) error {
		_, err := tx.Transition("attestation", e.Key, 0, "attest", nil, register.Note{})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_, body := h.Get(t, access.Owner, "/my-work")
	if !strings.Contains(body, "Statements and records that run out") || !strings.Contains(body, html.EscapeString(plan.Lines[0].Shows)) {
		t.Error("the statement is not asked for")
	}
	_, home := h.Get(t, access.Reader, "/")
	if !strings.Contains(home, "first: A.5.1 in 1") {
		t.Error("the first page does not say what goes stale")
	}
	follow(t, h, access.Reader, home)
}
