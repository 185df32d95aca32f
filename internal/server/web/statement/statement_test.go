// SPDX-License-Identifier: Apache-2.0

package statement_test

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

var (
	rows = regexp.MustCompile(`<tr class="stackrow[^"]*" id="row-(A\.[0-9.]+)"`)
	tabs = regexp.MustCompile(`<a href="([^"]+)"[^>]*>\s*([^<]+?)\s*<span class="n">(\d+)</span>`)
)

func system(t *testing.T, h *producttest.House) string {
	t.Helper()
	return h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key
}

func count(body string) int { return len(rows.FindAllString(body, -1)) }

func TestEveryRoleReadsTheStatementAndSomeDecide(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		if _, body := h.Get(t, access.Reader, "/statement"); !strings.Contains(body, "There is no management system yet") {
			t.Error("without a management system it does not say so")
		}
		ms := system(t, h)
		for _, role := range producttest.Roles {
			status, body := h.Get(t, role, "/statement")
			if status != http.StatusOK || count(body) != 93 {
				t.Errorf("as %s: %d, %d rows", role, status, count(body))
			}
			if decides := role == access.ISMSManager || role == access.Owner; strings.Contains(body, "data-toggles") != decides {
				t.Errorf("as %s reasons can be toggled: %v", role, !decides)
			}
			status, _, _ = h.Post(t, role, "/statement/"+ms+"/A.5.4/reasons", "reason=legal&back=/statement")
			if wrote := status == http.StatusSeeOther; wrote != (role == access.ISMSManager) && role != access.Owner {
				t.Errorf("as %s a reason was toggled: %d", role, status)
			}
		}
	})
}

func TestARowComesToBeWhenItIsFirstDecided(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		at := "/statement/" + system(t, h) + "/A.5.1"
		toggle := func(reason string) {
			t.Helper()
			if status, to, body := h.Post(t, access.ISMSManager, at+"/reasons", "reason="+reason+"&back="+url.QueryEscape("/statement?filter=id%3DA.5.1")); status != http.StatusSeeOther || to != "/statement?filter=id%3DA.5.1#row-A.5.1" {
				t.Fatalf("%s: %d %s %.200s", reason, status, to, body)
			}
		}
		row := func() string {
			t.Helper()
			_, body := h.Get(t, access.Reader, "/statement?filter=id%3DA.5.1")
			return body
		}
		toggle("legal")
		if !strings.Contains(row(), "Legal, yes") || !strings.Contains(row(), "1 apply, 0 excluded, 92 undecided") {
			t.Error("the first reason does not include the control")
		}
		if status, _, body := h.Post(t, access.ISMSManager, at+"/edit", "version=1&field=inclusion_justification&inclusion_justification=A+law+asks+for+it."); status != http.StatusSeeOther {
			t.Fatalf("justification: %d %.300s", status, body)
		}
		if !strings.Contains(row(), "A law asks for it.") || !strings.Contains(row(), "Legal, yes") {
			t.Error("the justification is not there, or the reason went with it")
		}
		if status, _, body := h.Post(t, access.ISMSManager, at+"/edit", "version=1&field=inclusion_justification&inclusion_justification=Another"); status != http.StatusConflict || !strings.Contains(body, "Another") {
			t.Errorf("somebody saved first: %d", status)
		}
		status, _, body := h.Post(t, access.ISMSManager, at+"/edit", "version=2&applicability=not_applicable&has=reasons&exclusion_justification=")
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "an exclusion needs a justification") {
			t.Errorf("an exclusion without a justification: %d", status)
		}
		if status, _, _ := h.Post(t, access.ISMSManager, at+"/edit", "version=2&applicability=not_applicable&has=reasons&exclusion_justification=Not+here."); status != http.StatusSeeOther {
			t.Errorf("an exclusion: %d", status)
		}
		if status, _, body := h.Post(t, access.ISMSManager, at+"/reasons", "reason=legal&back=/statement"); status != http.StatusUnprocessableEntity || !strings.Contains(body, "exclusion") {
			t.Errorf("a reason for what is excluded: %d", status)
		}
		if _, form := h.Get(t, access.ISMSManager, at); !strings.Contains(form, "Not here.") || !strings.Contains(form, "Who decided what, and when") {
			t.Error("the form does not show what was decided")
		}
	})
}

func TestTabsAndExportHoldWhatTheySay(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	ms := system(t, h)
	before := h.Clock()
	h.Later(time.Hour)
	for id, form := range map[string]string{"A.5.1": "applicability=applicable&reasons=legal", "A.7.6": "applicability=not_applicable&exclusion_justification=None+here."} {
		if status, _, body := h.Post(t, access.ISMSManager, "/statement/"+ms+"/"+id+"/edit", form); status != http.StatusSeeOther {
			t.Fatalf("%s: %d %.300s", id, status, body)
		}
	}
	h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.7.6", "scope_unit": "SU-1", "implementation": "implemented", "how": "It is done.", "owner": h.People[access.Owner]})
	_, body := h.Get(t, access.Reader, "/statement")
	found := tabs.FindAllStringSubmatch(body, -1)
	want := map[string]string{"All": "93", "Undecided": "91", "Without a reason": "0", "Proposed": "0", "Excluded": "1", "Contradictions": "1", "Blocks a review": "1", "Warnings": "2"}
	for _, tab := range found {
		_, list := h.Get(t, access.Reader, html.UnescapeString(tab[1]))
		if tab[3] != want[tab[2]] || fmt.Sprint(count(list)) != tab[3] {
			t.Errorf("%s says %s, want %s, and lists %d", tab[2], tab[3], want[tab[2]], count(list))
		}
	}
	if len(found) != len(want) {
		t.Errorf("%d tabs", len(found))
	}
	if !strings.Contains(body, "Excluded, and declared in use") {
		t.Error("the contradiction is not named")
	}
	_, file := h.Get(t, access.ExternalAuditor, "/statement/export?format=csv&system="+ms)
	if strings.Count(file, "\nA.") != 93 || !strings.Contains(file, "A.7.6,Working in secure areas,Not applicable,,,,None here.") {
		t.Errorf("the export: %.300s", file)
	}
	_, past := h.Get(t, access.ISMSManager, "/statement?as_of="+url.QueryEscape(before.String()))
	if !strings.Contains(past, "0 apply, 0 excluded, 93 undecided") || strings.Contains(past, "data-toggles") {
		t.Error("the past is not shown as it was, or can be changed")
	}
}

func TestAVersionIsDraftedShownAndCompared(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	if status, body := h.Get(t, access.Reader, "/statement/compare"); status != http.StatusOK || !strings.Contains(body, "There is nothing to compare yet") {
		t.Errorf("without a version: %d", status)
	}
	ms := system(t, h)
	if _, body := h.Get(t, access.ISMSManager, "/statement/versions"); !strings.Contains(body, "There is no version yet") || !strings.Contains(body, "/soa-versions/new?management_system="+ms) {
		t.Error("the first version cannot be drafted from here")
	}
	h.Post(t, access.ISMSManager, "/statement/"+ms+"/A.5.1/edit", "applicability=applicable&reasons=legal&has=reason_links")
	e := h.Create(t, "soa", map[string]any{"management_system": ms, "change_summary": "The **first** one.", "author": h.People[access.ISMSManager], "reviewer": h.People[access.InternalAuditor], "approver": "PER-1", "review_on": "2099-01-01"})
	for _, role := range producttest.Roles {
		status, body := h.Get(t, role, "/soa-versions/"+e.Key)
		for _, text := range []string{"Version 1 of ISMS", "In the way of a review", "nobody has said how far it is implemented", "/statement/" + ms + "/A.5.1", "<strong>first</strong>"} {
			if status != http.StatusOK || !strings.Contains(body, text) {
				t.Errorf("as %s: %d, without %q", role, status, text)
			}
		}
		if signs := role == access.InternalAuditor; strings.Contains(body, "/transitions/review") != signs {
			t.Errorf("as %s the review can be signed: %v", role, !signs)
		}
	}
	status, _, body := h.Post(t, access.InternalAuditor, "/soa-versions/"+e.Key+"/transitions/review", "version=1&password="+url.QueryEscape(producttest.Password))
	if status != http.StatusConflict || !strings.Contains(body, "stand in the way of a review") {
		t.Errorf("a review with blockers: %d", status)
	}
	if _, body := h.Get(t, access.Reader, "/statement"); !strings.Contains(body, "/soa-versions/"+e.Key) || !strings.Contains(body, "Blocks a review") {
		t.Error("the statement does not lead to its version")
	}
	certifier := h.Create(t, "certification_body", map[string]any{"title": "Nordcert", "accreditation": "1234", "accreditation_body": "The national one", "owner": "PER-1"})
	c := h.Create(t, "certificate", map[string]any{"number": "N-1", "management_system": ms, "certification_body": certifier.Key, "soa": e.Key, "scope_wording": "All of it.", "decided_on": "2026-01-01", "valid_from": "2026-01-02", "valid_to": "2028-12-31", "owner": "PER-1"})
	if _, body := h.Get(t, access.Reader, "/soa-versions/"+e.Key); !strings.Contains(body, "/certificates/"+c.Key) || !strings.Contains(body, "valid until 31 Dec 2028") {
		t.Error("the version does not say which certificate cites it")
	}
}
