// SPDX-License-Identifier: Apache-2.0

package controls_test

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
	"sextant/product/producttest"
)

var rowPattern = regexp.MustCompile(`<tr class="stackrow[^"]*" id="row-(A\.[0-9.]+)"`)

// rowsOf gives the ids of the controls a list shows.
func rowsOf(body string) (ids []string) {
	for _, m := range rowPattern.FindAllStringSubmatch(body, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

var tabPattern = regexp.MustCompile(`<a href="([^"]+)"[^>]*>\s*([^<]+?)\s*<span class="n">(\d+)</span>`)

// told makes a control that is declared, seen failing, and one that is left out.
func told(t *testing.T, h *producttest.House) {
	t.Helper()
	owner := h.People[access.Owner]
	h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": "SU-1", "implementation": "partly", "planned_on": "2099-12-20", "how": "Snapshots each night.", "owner": owner})
	system := h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."})
	h.Create(t, "soa_row", map[string]any{"management_system": system.Key, "control": "iso27001:2022/A.7.6", "applicability": "not_applicable", "exclusion_justification": "There are no secure areas."})
	h.Create(t, "soa_row", map[string]any{"management_system": system.Key, "control": "iso27001:2022/A.8.13", "applicability": "applicable", "reasons": []string{"risk_assessment"}})
	h.Observe(t, "SRC-1", "aws:rds_instance", map[string]map[string]any{"db:orders": producttest.Database("orders", 1), "db:users": producttest.Database("users", 30)})
	h.Later(100 * time.Hour) // beyond every grace
	h.Observe(t, "SRC-1", "aws:rds_instance", map[string]map[string]any{"db:orders": producttest.Database("orders", 1), "db:users": producttest.Database("users", 30)})
}

func TestTheListShowsWhatIsKnownToEveryRole(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		told(t, h)
		for _, role := range producttest.Roles {
			status, body := h.Get(t, role, "/controls")
			if ids := rowsOf(body); status != http.StatusOK || len(ids) != 93 || ids[0] != "A.5.1" || ids[92] != "A.8.34" {
				t.Fatalf("as %s: %d, %d controls", role, status, len(ids))
			}
			for _, want := range []string{"Information backup", "The owner", "Partly", "Not applicable, by the SoA"} {
				if !strings.Contains(body, want) {
					t.Errorf("as %s the list does not show %q", role, want)
				}
			}
		}
	})
}

func TestEveryTabHasTheNumberItSays(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	_, body := h.Get(t, access.Owner, "/controls")
	tabs := tabPattern.FindAllStringSubmatch(body, -1)
	if len(tabs) < 6 {
		t.Fatalf("%d tabs", len(tabs))
	}
	for _, tab := range tabs {
		_, list := h.Get(t, access.Owner, html.UnescapeString(tab[1]))
		if got := fmt.Sprint(len(rowsOf(list))); got != tab[3] {
			t.Errorf("the tab %s says %s and leads to %s controls", tab[2], tab[3], got)
		}
	}
}

func TestFiltersGroupsAndOrder(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	for filter, want := range map[string]string{
		"state=fail": "A.5.30 A.8.13", "state=not_applicable": "A.7.6", "applicability=not_applicable": "A.7.6", "owner=" + h.People[access.Owner]: "A.8.13", "implementation=partly": "A.8.13",
		"mode=automatic": "A.8.5", "id=A.8.13": "A.8.13", "title~backup": "A.8.13",
	} {
		_, body := h.Get(t, access.Reader, "/controls?filter="+url.QueryEscape(filter))
		if got := strings.Join(rowsOf(body), " "); got != want && !strings.HasPrefix(got, want) {
			t.Errorf("%s gives %q, want %q", filter, got, want)
		}
	}
	for _, theme := range []struct {
		name string
		n    int
	}{{"organizational", 37}, {"people", 8}, {"physical", 14}, {"technological", 34}} {
		if _, body := h.Get(t, access.Reader, "/controls?filter=theme%3D"+theme.name); len(rowsOf(body)) != theme.n {
			t.Errorf("%s has %d controls", theme.name, len(rowsOf(body)))
		}
	}
	if _, body := h.Get(t, access.Reader, "/controls?group=state&order=-id"); len(rowsOf(body)) != 93 || rowsOf(body)[0] != "A.8.13" {
		t.Errorf("grouped by state: %v", rowsOf(body))
	}
	if status, body := h.Get(t, access.Reader, "/controls?filter=state%3Dgreen"); status != http.StatusUnprocessableEntity || !strings.Contains(body, "never") {
		t.Errorf("a state there is not: %d", status)
	}
}

func TestTheExportIsWhatIsListed(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	_, file := h.Get(t, access.ExternalAuditor, "/controls/export?format=csv&filter=theme%3Dpeople")
	if lines := strings.Count(strings.TrimSpace(file), "\n"); lines != 8 || !strings.Contains(file, "Screening") {
		t.Errorf("%d lines:\n%.300s", lines, file)
	}
}

func TestThePastIsShownAsItWas(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	before := h.Clock()
	h.Later(time.Hour)
	told(t, h)
	_, body := h.Get(t, access.Reader, "/controls?filter=state%3Dfail&as_of="+url.QueryEscape(before.String()))
	if ids := rowsOf(body); len(ids) != 0 {
		t.Errorf("before anything was seen %v failed", ids)
	}
	_, body = h.Get(t, access.Reader, "/controls?filter=state%3Dfail&in=A.8.13")
	for _, want := range []string{`id="drawer"`, "orders keeps backups 1 days, 7 are required", "Risk assessment", "2 of 2"} {
		if !strings.Contains(body, want) {
			t.Errorf("the drawer does not show %q", want)
		}
	}
}

func TestThePageOfAControlTellsItsStory(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		told(t, h)
		for _, role := range producttest.Roles {
			status, body := h.Get(t, role, "/controls/A.8.13")
			if status != http.StatusOK {
				t.Fatalf("as %s: %d", role, status)
			}
			for _, want := range []string{"Why it is Fail", "orders keeps backups 1 days, 7 are required", "Whole organisation", "Partly implemented", "Risk assessment", "What would make this green", "Databases are backed up: ", "A record: ",
				"What was observed", "&#34;backup_retention_days&#34;: 1", "/resources/aws:rds_instance/arn:aws:test:eu-central-1:111122223333:db:orders", "Whether a restore works.", "filter=property%3DAvailability", "Agree loss and recovery times", "Not concluded"} {
				if !strings.Contains(body, want) {
					t.Errorf("as %s the page does not show %q", role, want)
				}
			}
			if mayWrite := role == access.ISMSManager || role == access.Owner; strings.Contains(body, "Make task") != mayWrite {
				t.Errorf("as %s a task can be made: %v", role, !mayWrite)
			}
		}
		if status, _ := h.Get(t, access.Reader, "/controls/A.9.1"); status != http.StatusNotFound {
			t.Errorf("a control there is not: %d", status)
		}
	})
}

func TestATaskIsMadeOfAMissingProofOnce(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		told(t, h)
		for range 2 {
			status, to, body := h.Post(t, access.ISMSManager, "/controls/A.8.13/tasks", "proof=check%2Faws.rds-backup&step=0")
			if status != http.StatusSeeOther || !strings.HasPrefix(to, "/controls/A.8.13?made=") {
				t.Fatalf("%d %s %.300s", status, to, body)
			}
		}
		_, list := h.Get(t, access.Reader, "/tasks?filter="+url.QueryEscape("proves=check/aws.rds-backup"))
		if n := strings.Count(list, `<tr class="stackrow`); n != 1 || !strings.Contains(list, "The owner") {
			t.Errorf("%d tasks for one proof", n)
		}
		_, page := h.Get(t, access.Reader, "/controls/A.8.13")
		if !strings.Contains(page, "TSK-1, The owner") {
			t.Error("the page does not name the task that exists")
		}
		if status, _, _ := h.Post(t, access.Reader, "/controls/A.8.13/tasks", "proof=check%2Faws.rds-backup"); status != http.StatusSeeOther && status != http.StatusForbidden {
			t.Errorf("a reader: %d", status)
		}
		if status, _, _ := h.Post(t, access.ISMSManager, "/controls/A.8.13/tasks", "step=99"); status != http.StatusUnprocessableEntity {
			t.Errorf("a step there is not: %d", status)
		}
	})
}

func TestAStatementBeginsWithWhatThePlanAsksFor(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	_, body := h.Get(t, access.ISMSManager, "/controls/A.8.13")
	m := regexp.MustCompile(`href="(/attestations/new\?[^"]*restore-tested[^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatal("no statement is offered")
	}
	status, form := h.Get(t, access.ISMSManager, html.UnescapeString(m[1]))
	for _, want := range []string{"A.8.13/restore-tested", "IMP-1", h.People[access.ISMSManager]} {
		if status != http.StatusOK || !strings.Contains(form, want) {
			t.Errorf("%d, the form does not have %q", status, want)
		}
	}
}

func TestTheOperatedStripeSaysWhatItShows(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	_, body := h.Get(t, access.Reader, "/controls/A.8.13")
	for _, want := range []string{`class="chart stripe"`, "longest failure", "rds instance", `<rect data-s="fail"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if status, _ := h.Get(t, access.Reader, "/controls/A.8.13?from=2026-05-01&to=2026-01-01"); status != http.StatusUnprocessableEntity {
		t.Errorf("a period that ends before it starts: %d", status)
	}
	_, past := h.Get(t, access.ISMSManager, "/controls/A.8.13?as_of="+url.QueryEscape(h.Clock().Add(-time.Hour).String()))
	if !strings.Contains(past, "Why it is Fail") || strings.Contains(past, "Make task") || strings.Contains(past, "Make a statement") {
		t.Error("an hour ago it failed as well, and nothing can be done there")
	}
}
