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
	h.Create(t, "soa_row", map[string]any{"management_system": system.Key, "control": "iso27001:2022/A.7.6", "applicability": "not_applicable", "justification": "There are no secure areas."})
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
