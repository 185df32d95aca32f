// SPDX-License-Identifier: Apache-2.0

package evidence_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/product/producttest"
)

// told declares how backups are done and observes two databases. It gives the
// moment before anybody stated anything.
func told(t *testing.T, h *producttest.House) sextant.Instant {
	t.Helper()
	h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": "SU-1", "implementation": "partly", "how": "Snapshots each night.", "owner": h.People[access.Owner], "operator": h.People[access.Owner]})
	h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.3", "scope_unit": "SU-1", "implementation": "partly", "how": "Roles.", "owner": h.People[access.ISMSManager], "operator": h.People[access.ISMSManager]})
	h.Observe(t, "SRC-1", "aws:rds_instance", map[string]map[string]any{"db:orders": producttest.Database("orders", 7), "db:users": producttest.Database("users", 30)})
	return h.Clock()
}

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

func lacks(t *testing.T, body string, what ...string) {
	t.Helper()
	for _, w := range what {
		if strings.Contains(body, w) {
			t.Errorf("the page shows %q", w)
		}
	}
}

const restores = "/evidence/new?implementation=IMP-1&line=A.8.13%2Frestore-tested"

func statement(h *producttest.House, more ...string) string {
	today := h.Clock().Time()
	q := url.Values{"implementation": {"IMP-1"}, "line": {"A.8.13/restore-tested"}, "looked_at": {"Restore of orders"}, "period_from": {today.AddDate(0, -3, 0).Format(time.DateOnly)}, "period_to": {today.Format(time.DateOnly)},
		"population": {"2 databases"}, "sample": {"orders"}, "result": {"holds"}, "expires_on": {today.AddDate(0, 6, 0).Format(time.DateOnly)}, "password": {producttest.Password}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q.Encode()
}

func TestAStatementIsGuidedSignedAndShown(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		before := told(t, h)
		shows(t, h, access.ISMSManager, "/evidence/asked", "A.8.13", "Never", "State it")
		shows(t, h, access.ISMSManager, restores, "What is asked", "Holds until", h.Clock().Time().Format(time.DateOnly), "Attest")
		if status, _, body := h.Post(t, access.ISMSManager, "/evidence", statement(h, "do", "attest", "password", "wrong")); status < 400 || !strings.Contains(html.UnescapeString(body), "Restore of orders") {
			t.Errorf("a wrong password: %d; the form must keep what was typed", status)
		}
		if status, _, body := h.Post(t, access.ISMSManager, "/evidence", statement(h, "do", "attest", "period_from", "2999-01-01")); status != http.StatusUnprocessableEntity || !strings.Contains(body, "the period ends before it starts") {
			t.Errorf("a period that ends before it starts: %d", status)
		}
		status, to, body := h.Post(t, access.ISMSManager, "/evidence", statement(h, "do", "attest", "expires_on", h.Clock().Time().AddDate(0, 0, 12).Format(time.DateOnly)))
		if status != http.StatusSeeOther || to != "/evidence?in=ATT-1" {
			t.Fatalf("attest: %d %s %.300s", status, to, body)
		}
		if status, to, _ := h.Post(t, access.ISMSManager, "/evidence", statement(h, "do", "draft", "looked_at", "A second one")); status != http.StatusSeeOther {
			t.Errorf("draft: %d %s", status, to)
		}
		for _, role := range producttest.Roles {
			shows(t, h, role, "/evidence", "Restore of orders", "Databases are backed up", "A second one", "Fresh")
			shows(t, h, role, "/evidence?in=ATT-1", `id="drawer"`, "orders", "counts until", "The isms manager", "A.8.13")
			shows(t, h, role, "/evidence?in=aws.rds-backup", `id="drawer"`, "2 / 2", "A.8.13")
		}
		past := shows(t, h, access.Owner, "/evidence?as_of="+url.QueryEscape(before.String()), "Databases are backed up")
		lacks(t, past, "Restore of orders", "Make a statement")
		h.Later(20 * 24 * time.Hour)
		shows(t, h, access.Reader, "/evidence?filter=age%3Dexpired", "Restore of orders", "Databases are backed up", "Stale")
	})
}

func TestWhoMayNotStateIsNotLedToIt(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	for _, role := range []access.Role{access.Reader, access.ExternalAuditor} {
		lacks(t, shows(t, h, role, "/evidence/asked", "A.8.13"), "State it")
		lacks(t, shows(t, h, role, restores, "Your role does not allow you"), `value="attest"`)
		if status, _, _ := h.Post(t, role, "/evidence", statement(h, "do", "attest")); status != http.StatusForbidden {
			t.Errorf("%s attests: %d", role, status)
		}
	}
	shows(t, h, access.ISMSManager, "/evidence/new?implementation=IMP-2&line=A.8.3%2Fapplications-sampled", "The plan asks for somebody other than the operator")
	if status, _, body := h.Post(t, access.ISMSManager, "/evidence", statement(h, "do", "attest", "implementation", "IMP-2", "line", "A.8.3/applications-sampled")); status != http.StatusForbidden || !strings.Contains(body, "other than the operator") {
		t.Errorf("the operator attests: %d", status)
	}
	lacks(t, shows(t, h, access.Reader, "/evidence"), "Restore of orders")
	for path, want := range map[string]int{"/evidence/new?line=A.8.13%2Fnothing": 404, "/evidence/new": 303, "/attestations/new": 303, "/evidence?filter=x%3D1": 422, "/attestations/new?implementation=IMP-1&line=A.8.13%2Frestore-tested": 200} {
		if status, _ := h.Get(t, access.ISMSManager, path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
}

var (
	tabPattern = regexp.MustCompile(`<a href="([^"]+)"[^>]*>\s*([^<]+?)\s*<span class="n">(\d+)</span>`)
	rowPattern = regexp.MustCompile(`<tr class="stackrow[^"]*" id="row-`)
)

func TestEveryTabHasTheNumberItSays(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	if status, _, body := h.Post(t, access.ISMSManager, "/evidence", statement(h, "do", "draft")); status != http.StatusSeeOther {
		t.Fatalf("%d %.200s", status, body)
	}
	_, body := h.Get(t, access.Owner, "/evidence")
	tabs := tabPattern.FindAllStringSubmatch(body, -1)
	if len(tabs) != 5 {
		t.Fatalf("%d tabs", len(tabs))
	}
	for _, tab := range tabs {
		_, list := h.Get(t, access.Owner, html.UnescapeString(tab[1]))
		if got := fmt.Sprint(len(rowPattern.FindAllString(list, -1))); got != tab[3] {
			t.Errorf("%s says %s and leads to %s", tab[2], tab[3], got)
		}
	}
	_, csv := h.Get(t, access.Reader, "/evidence/export?format=csv&filter=age%3Ddraft")
	if strings.Count(csv, "\n") != 2 || !strings.Contains(csv, "Restore of orders") {
		t.Errorf("exported %q", csv)
	}
}
