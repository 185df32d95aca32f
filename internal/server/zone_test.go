// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sextant/access"
	"sextant/register"
)

// drawn are the moments of a page, as what is shown on hover says them.
var drawn = regexp.MustCompile(`title="(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2}))"`)

func TestMomentsStandInTheZoneOfWhoReads(t *testing.T) {
	inACompany(t, func(t *testing.T, h *house) {
		const at = "/persons/PER-1"
		// shown gives the first moment of a page and what its hover says.
		shown := func(cookies string) (time.Time, string) {
			t.Helper()
			_, _, page := h.call(t, "reader", "GET", at, "", "Cookie", "sextant_session="+h.signOn["reader"]+cookies)
			found := drawn.FindStringSubmatch(page)
			if found == nil {
				t.Fatalf("no moment is drawn: %.300s", page)
			}
			moment, err := time.Parse(time.RFC3339, found[1])
			if err != nil {
				t.Fatal(err)
			}
			if text := moment.Format("2 Jan 2006 15:04"); !strings.Contains(page, text) {
				t.Errorf("the page does not say %q, its hover says %s", text, found[1])
			}
			return moment, found[1]
		}
		utc, said := shown("")
		if !strings.HasSuffix(said, "Z") {
			t.Errorf("before anybody said so it is %s", said)
		}
		if err := h.kernel.Write(t.Context(), access.SystemActor(h.org, "test"), func(tx *register.Tx) error {
			_, err := tx.Edit("organisation", "ORG-1", 0, map[string]any{"time_zone": "Asia/Kolkata"}, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for cookies, ending := range map[string]string{"": "+05:30", "; sextant_zone=Asia/Tokyo": "+09:00", "; sextant_zone=Mars": "+05:30", "; sextant_zone=../../etc/passwd": "+05:30", "; sextant_zone=Local": "+05:30"} {
			if moment, said := shown(cookies); !strings.HasSuffix(said, ending) || !moment.Equal(utc) {
				t.Errorf("with %q it is %s, want %s and the moment %s", cookies, said, ending, utc)
			}
		}
		if _, _, answer := h.call(t, "reader", "GET", "/api/v1"+at, ""); strings.Contains(answer, "+05:30") {
			t.Errorf("the API leaves UTC: %.300s", answer)
		}
		status, headers, _ := h.call(t, "reader", "GET", "/persons?as_of=2026-11-20T12:00&filter=name~a", "")
		if to, err := url.Parse(headers.Get("Location")); err != nil || status != http.StatusSeeOther || to.Query().Get("as_of") != "2026-11-20T06:30:00Z" || to.Query().Get("filter") != "name~a" {
			t.Errorf("a moment without a zone leads to %d %s", status, headers.Get("Location"))
		}
	})
}

func TestAZoneIsChosenForABrowser(t *testing.T) {
	inACompany(t, func(t *testing.T, h *house) {
		status, headers, _ := h.call(t, "reader", "POST", "/appearance", "zone=Europe%2FBerlin&back=/account/appearance")
		if kept := headers.Get("Set-Cookie"); status != http.StatusSeeOther || !strings.Contains(kept, "sextant_zone=Europe/Berlin") || !strings.Contains(kept, "HttpOnly") {
			t.Errorf("choosing one: %d %s", status, headers.Get("Set-Cookie"))
		}
		status, headers, page := h.call(t, "reader", "POST", "/appearance", "zone=Mars&back=/account/appearance")
		if status != http.StatusUnprocessableEntity || headers.Get("Set-Cookie") != "" || !strings.Contains(page, "is no time zone") || !strings.Contains(page, `value="Mars"`) {
			t.Errorf("one that is none: %d, kept %q", status, headers.Get("Set-Cookie"))
		}
		if _, headers, _ := h.call(t, "reader", "POST", "/appearance", "zone=&back=/account/appearance"); !strings.Contains(headers.Get("Set-Cookie"), "Max-Age=0") {
			t.Errorf("following the organisation again: %s", headers.Get("Set-Cookie"))
		}
		if _, _, page := h.call(t, "reader", "GET", "/account/appearance", "", "Cookie", "sextant_session="+h.signOn["reader"]+"; sextant_zone=Asia/Tokyo"); !strings.Contains(page, `value="Asia/Tokyo"`) || !strings.Contains(page, `placeholder="UTC"`) {
			t.Error("the page does not show what was chosen, and what the organisation has")
		}
	})
}
