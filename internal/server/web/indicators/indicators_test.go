// SPDX-License-Identifier: Apache-2.0

package indicators_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"sextant/access"
	"sextant/product/producttest"
)

var number = regexp.MustCompile(`(?s)indicatorlabel" href="([^"]+)">([^<]+)<.*?data-number="(\d+)"`)

// shown reads the indicators of the page: the count by what it counts, and the
// address of its list.
func shown(t *testing.T, h *producttest.House) (counts, paths map[string]string) {
	t.Helper()
	status, body := h.Get(t, access.Reader, "/risks/indicators")
	if status != http.StatusOK {
		t.Fatalf("the page answers %d", status)
	}
	counts, paths = map[string]string{}, map[string]string{}
	for _, m := range number.FindAllStringSubmatch(body, -1) {
		counts[m[2]], paths[m[2]] = m[3], strings.ReplaceAll(m[1], "&amp;", "&")
	}
	return counts, paths
}

// TestIndicatorsCountWhatTheirListsHold: those of the program and shared views,
// now and at the end of earlier months.
func TestIndicatorsCountWhatTheirListsHold(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		system := h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All."}).Key
		made := func(title string) {
			h.Create(t, "risk", map[string]any{"title": title, "management_system": system, "approach": "event", "risk_source": "A guest", "properties": []any{"availability"}, "category": "physical", "scope_units": []any{"SU-1"}, "owner": h.People[access.Owner]})
		}
		made("Doors stand open")
		made("Windows stand open")
		h.Create(t, "saved_view", map[string]any{"title": "Windows", "page": "/risks", "query": "filter=title~Windows", "shared": true, "owner": h.People[access.ISMSManager]})
		h.Create(t, "saved_view", map[string]any{"title": "Mine alone", "page": "/risks", "query": "filter=title~Doors", "owner": h.People[access.ISMSManager]})
		h.Create(t, "saved_view", map[string]any{"title": "Of assets", "page": "/assets", "query": "", "shared": true, "owner": h.People[access.ISMSManager]})
		counts, paths := shown(t, h)
		if counts["Risks nobody has judged"] != "2" || counts["Windows"] != "1" || counts["Risks that are or may be above appetite"] != "0" {
			t.Errorf("counted %v", counts)
		}
		for _, private := range []string{"Mine alone", "Of assets"} {
			if _, ok := counts[private]; ok {
				t.Errorf("%q is no indicator", private)
			}
		}
		for label, path := range paths {
			status, body := h.Get(t, access.Reader, path)
			if rows := strings.Count(body, `id="row-`); status != http.StatusOK || fmt.Sprint(rows) != counts[label] {
				t.Errorf("%s says %s, its list %s answers %d with %d rows", label, counts[label], path, status, rows)
			}
		}
		h.Later(40 * 24 * time.Hour)
		made("Roof stands open")
		if counts, _ := shown(t, h); counts["Risks nobody has judged"] != "3" {
			t.Errorf("after a month: %v", counts)
		}
		if _, body := h.Get(t, access.Reader, "/risks/indicators"); !strings.Contains(body, "1 more than a month ago") {
			t.Error("the page does not say that there is one more than a month ago")
		}
	})
}
