// SPDX-License-Identifier: Apache-2.0

package monitoring_test

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

const databases = "aws:rds_instance"

// told makes two databases, of which one loses its backups later. It gives the
// moment before that.
func told(t *testing.T, h *producttest.House) (before sextant.Instant) {
	t.Helper()
	h.Observe(t, "SRC-1", databases, map[string]map[string]any{"db:orders": producttest.Database("orders", 7), "db:users": producttest.Database("users", 30)})
	before = h.Clock()
	h.Later(time.Hour)
	h.Observe(t, "SRC-1", databases, map[string]map[string]any{"db:orders": producttest.Database("orders", 1), "db:users": producttest.Database("users", 30)})
	return before
}

// shows fails where a page does not show every text.
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
	return body
}

func lacks(t *testing.T, body, what string) {
	t.Helper()
	if strings.Contains(body, what) {
		t.Errorf("the page shows %q", what)
	}
}

func TestWhatFailsAndWhatChangedIsShownToEveryRole(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		before := told(t, h)
		resource := regexp.MustCompile(`/resources/(\d+)`).FindString(shows(t, h, access.Reader, "/monitoring"))
		for _, role := range producttest.Roles {
			shows(t, h, role, "/monitoring", "What changed, and what fails?", "Databases are backed up", "1 / 2", "backup retention days", "<del>7</del>", "<ins>1</ins>")
			shows(t, h, role, "/drift", "backup retention days", "<ins>1</ins>")
			shows(t, h, role, "/checks", "Databases are backed up", "Excepted")
			shows(t, h, role, "/checks/aws.rds-backup", "orders keeps backups 1 days, 7 are required", "params.days", "What it does not show", "5 of 5 as expected", "Set the retention")
			shows(t, h, role, "/checks?in=aws.rds-backup", `id="drawer"`, "orders keeps backups 1 days")
			shows(t, h, role, "/resources", "rds instance")
			shows(t, h, role, "/resources?type="+databases, "db:orders", "2 stand")
			shows(t, h, role, resource, `"backup_retention_days": 1`, "−", "Databases are backed up", "SHA-256")
		}
		then := "as_of=" + url.QueryEscape(before.String())
		past := shows(t, h, access.Owner, "/checks/aws.rds-backup?"+then, "2 of 2 pass", "No resource fails")
		lacks(t, past, "/tasks/new")
		past = shows(t, h, access.Owner, resource+"?"+then, `"backup_retention_days": 7`)
		lacks(t, past, `"backup_retention_days": 1`)
		lacks(t, shows(t, h, access.Owner, "/drift?"+then), "backup retention days")
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	for path, want := range map[string]int{"/checks/aws.nothing": 404, "/resources/999": 404, "/resources/orders": 404, "/checks?filter=sail%3D1": 422, "/checks?order=sail": 422,
		"/drift?after=x": 422, "/checks/aws.rds-backup?after=x": 422, "/resources/aws:rds_instance/nothing": 404, "/monitoring?as_of=yesterday": 422} {
		if status, body := h.Get(t, access.Reader, path); status != want {
			t.Errorf("%s: %d, want %d: %.200s", path, status, want, body)
		}
	}
	status, _ := h.Get(t, access.Reader, "/resources/aws:rds_instance/arn:aws:test:eu-central-1:111122223333:db:orders")
	if status != http.StatusSeeOther {
		t.Errorf("a resource by its key: %d", status)
	}
}

var (
	tabPattern  = regexp.MustCompile(`<a href="([^"]+)"[^>]*>\s*([^<]+?)\s*<span class="n">(\d+)</span>`)
	rowPattern  = regexp.MustCompile(`<tr class="stackrow[^"]*" id="row-([a-z0-9.-]+)"`)
	tilePattern = regexp.MustCompile(`<a class="tile" href="(/checks[^"]*)"><span class="k">[^<]*</span> <span class="v">(\d+)`)
)

func rows(body string) int { return len(rowPattern.FindAllString(body, -1)) }

func TestEveryNumberIsThatOfItsList(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	list, overview := shows(t, h, access.Owner, "/checks"), shows(t, h, access.Owner, "/monitoring")
	numbers := append(tabPattern.FindAllStringSubmatch(list, -1), nil)[:5]
	for _, tile := range tilePattern.FindAllStringSubmatch(overview, -1) {
		numbers = append(numbers, []string{"", tile[1], "tile", tile[2]})
	}
	if len(numbers) != 8 {
		t.Fatalf("%d numbers: %v", len(numbers), numbers)
	}
	for _, n := range numbers {
		if got := fmt.Sprint(rows(shows(t, h, access.Owner, html.UnescapeString(n[1])))); got != n[3] {
			t.Errorf("%s says %s and leads to %s checks", n[2], n[3], got)
		}
	}
	_, csv := h.Get(t, access.Reader, "/checks/export?format=csv&filter=severity%3Dcritical")
	if got, want := strings.Count(csv, "\n")-1, rows(shows(t, h, access.Reader, "/checks?filter=severity%3Dcritical")); got != want || want == 0 {
		t.Errorf("exported %d of %d critical checks", got, want)
	}
}

func TestWhoMayActIsOfferedTheForms(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	body := shows(t, h, access.ISMSManager, "/checks/aws.rds-backup", "Make a task", "Ask for an exception", "Settings")
	lacks(t, shows(t, h, access.ExternalAuditor, "/checks/aws.rds-backup"), "/new?")
	for _, form := range regexp.MustCompile(`href="(/(?:tasks|exceptions|check-settings)/new\?[^"]+)"`).FindAllStringSubmatch(body, -1) {
		want := []string{"check/aws.rds-backup"}
		if strings.Contains(form[1], "orders") {
			want = append(want, "orders")
		}
		shows(t, h, access.ISMSManager, html.UnescapeString(form[1]), want...)
	}
}
