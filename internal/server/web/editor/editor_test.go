// SPDX-License-Identifier: Apache-2.0

package editor_test

import (
	"encoding/json"
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
)

const databases = "aws:rds_instance"

// told observes two databases, of which one is shortened later, and declares
// how backups are done. It gives the day before that.
func told(t *testing.T, h *producttest.House) string {
	t.Helper()
	h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": "SU-1", "implementation": "partly", "how": "Snapshots.", "owner": h.People[access.Owner]})
	h.Observe(t, "SRC-1", databases, map[string]map[string]any{"db:orders": producttest.Database("orders", 20), "db:users": producttest.Database("users", 30)})
	before := h.Clock().Time().Format(time.DateOnly)
	h.Later(48 * time.Hour)
	h.Observe(t, "SRC-1", databases, map[string]map[string]any{"db:orders": producttest.Database("orders", 8), "db:users": producttest.Database("users", 30)})
	return before
}

func written(more ...string) url.Values {
	q := url.Values{"reference": {"own.backups-two-weeks"}, "title": {"Backups are kept two weeks"}, "intent": {"We found out late once."}, "resource": {databases}, "pass": {"resource.backup_retention_days >= params.days"},
		"reason": {"resource.identifier + ' keeps ' + string(resource.backup_retention_days)"}, "params": {"days: 14"}, "aggregate": {"all"}, "severity": {"medium"}, "freshness": {"P2D"},
		"supports": {"A.8.13/databases-backed-up"}, "does_not_show": {"That a backup can be restored."}, "remediation": {"Raise the retention."}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q
}

func post(t *testing.T, h *producttest.House, role access.Role, form url.Values) (int, string, string) {
	t.Helper()
	status, to, body := h.Post(t, role, "/checks/editor", form.Encode())
	return status, to, html.UnescapeString(body)
}

func has(t *testing.T, what, body string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(body, w) {
			t.Errorf("%s does not show %q", what, w)
		}
	}
}

func entries(t *testing.T, h *producttest.House) (n int) {
	t.Helper()
	h.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		n, err = v.Count(register.List{Register: "custom_check"})
		return err
	})
	return n
}

func TestACheckIsTriedSampledKeptAndActivated(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		before := told(t, h)
		status, body := h.Get(t, access.ISMSManager, "/checks/new?resource="+databases)
		if status != http.StatusOK {
			t.Fatalf("new: %d", status)
		}
		has(t, "the empty editor", html.UnescapeString(body), "Does this check say what you mean?", databases, "Nothing is stored")
		status, _, tried := post(t, h, access.ISMSManager, written("do", "try"))
		if status != http.StatusOK {
			t.Fatalf("try: %d %.300s", status, tried)
		}
		has(t, "the try", tried, "1 of 2 pass", "orders keeps 8", "If it were active", "A.8.13", "Fail")
		_, _, past := post(t, h, access.ISMSManager, written("do", "try", "at", before))
		has(t, "the try over the past", past, "2 of 2 pass")
		if strings.Contains(past, "orders keeps") {
			t.Error("what the past did not know is shown")
		}
		for _, broken := range []string{"resource.backup_retention_days >=", "'text'", "nothing.here == 1"} {
			_, _, body := post(t, h, access.ISMSManager, written("do", "try", "pass", broken))
			has(t, broken, body, "It does not run", "pass:")
		}
		if n := entries(t, h); n != 0 {
			t.Fatalf("%d checks were kept by trying", n)
		}
		form := written("owner", h.People[access.ISMSManager])
		for _, id := range regexp.MustCompile(`value="sample:(\d+)"`).FindAllStringSubmatch(tried, -1) {
			form.Set("do", "sample:"+id[1])
			_, _, body := post(t, h, access.ISMSManager, form)
			form.Set("samples", regexp.MustCompile(`(?s)<textarea[^>]*id="samples"[^>]*>(.*?)</textarea>`).FindStringSubmatch(body)[1])
		}
		if text := form.Get("samples"); !strings.Contains(text, "pass:") || !strings.Contains(text, "fail:") {
			t.Fatalf("samples %q", text)
		}
		form.Set("do", "activate")
		if status, _, body := post(t, h, access.ISMSManager, form); status != http.StatusUnprocessableEntity || !strings.Contains(body, "samples") {
			t.Errorf("activated without a sample of error: %d", status)
		}
		form.Set("do", "draft")
		status, to, body := post(t, h, access.ISMSManager, form)
		if status != http.StatusSeeOther || to != "/checks/own.backups-two-weeks/edit" {
			t.Fatalf("draft: %d %s %.300s", status, to, body)
		}
		_, body = h.Get(t, access.ISMSManager, to)
		has(t, "the draft", html.UnescapeString(body), "Backups are kept two weeks", "2 of 2 as expected")
		for _, name := range []string{"key", "version"} {
			form.Set(name, regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)[1])
		}
		form.Set("samples", form.Get("samples")+"error:\n- identifier: x\n  _errors: {backup_retention_days: denied}\n")
		form.Set("do", "activate")
		if status, to, body = post(t, h, access.ISMSManager, form); status != http.StatusSeeOther || to != "/checks/own.backups-two-weeks" {
			t.Fatalf("activate: %d %s %.400s", status, to, body)
		}
		h.Evaluate(t)
		_, body = h.Get(t, access.Reader, "/checks/own.backups-two-weeks")
		has(t, "the active check", html.UnescapeString(body), "Backups are kept two weeks", "orders keeps 8", "3 of 3 as expected")
		if status, _ := h.Get(t, access.ISMSManager, "/checks/own.backups-two-weeks/edit"); status != http.StatusSeeOther {
			t.Errorf("an active check is edited: %d", status)
		}
	})
}

func TestCompletionKnowsWhatWasObserved(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	status, body := h.Get(t, access.Reader, "/checks/attributes?type="+databases)
	var list []struct {
		Path, Type string
		Examples   []string
		Seen, Of   int
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != http.StatusOK {
		t.Fatalf("%d %v %.200s", status, err, body)
	}
	for _, a := range list {
		if a.Path == "resource.backup_retention_days" && a.Seen == 2 && a.Of == 2 && len(a.Examples) == 2 {
			return
		}
	}
	t.Errorf("attributes %+v", list)
}

func TestWhoMayNotWriteChecksTriesNone(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	told(t, h)
	for _, role := range []access.Role{access.Reader, access.ExternalAuditor} {
		if status, _, _ := post(t, h, role, written("do", "try")); status != http.StatusForbidden {
			t.Errorf("%s tries a check: %d", role, status)
		}
		_, body := h.Get(t, role, "/checks/new")
		if strings.Contains(body, `value="activate"`) {
			t.Errorf("%s is offered to activate", role)
		}
	}
	if status, _ := h.Get(t, access.Reader, "/checks/own.nothing/edit"); status != http.StatusNotFound {
		t.Errorf("a check there is not: %d", status)
	}
}
