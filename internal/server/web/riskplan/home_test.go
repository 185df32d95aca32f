// SPDX-License-Identifier: Apache-2.0

package riskplan_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sextant/access"
	"sextant/product/producttest"
)

// TestALinkLeadsToThePageOfItsOwn: of the address every entry has, to the page
// that tells its story, at the moment that is shown; with all fields beside it,
// and what was said about the entry on it.
func TestALinkLeadsToThePageOfItsOwn(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		criteria := o.begin(t, "from=template&size=5")
		o.inForce(t, criteria)
		key := o.judged(t, nil, 1, 3)
		plan := o.planned(t, key)
		round := h.Create(t, "risk_assessment", map[string]any{"title": "First round", "trigger": "initial", "scope_units": []any{"SU-1"}, "participants": []any{h.People[access.Owner]}, "planned_on": o.later(1), "every": "P12M",
			"owner": h.People[access.ISMSManager], "approver": h.People[access.InternalAuditor]}).Key
		campaign := h.Create(t, "gap_campaign", map[string]any{"title": "Where do we stand?", "scope_units": []any{"SU-1"}, "starts_on": o.later(0), "due_on": o.later(9), "owner": h.People[access.ISMSManager], "assessors": []any{h.People[access.Owner]}}).Key
		now := url.QueryEscape(o.Clock().String())
		for every, own := range map[string]string{"/risk-criteria/" + criteria: "/risks/criteria/" + criteria, "/treatments/" + plan: "/risks/treatment/" + plan, "/risk-assessments/" + round: "/risks/assessments/" + round, "/gap-campaigns/" + campaign: "/gap/" + campaign} {
			status, headers := h.Headers(t, access.Reader, every+"?as_of="+now)
			if to := headers.Get("Location"); status != http.StatusSeeOther || to != own+"?as_of="+now {
				t.Errorf("%s leads to %q (%d), not to %s", every, to, status, own)
			}
			if status, body := h.Get(t, access.Reader, every+"?record=1"); status != http.StatusOK || !strings.Contains(body, `class="page entry"`) {
				t.Errorf("%s: all its fields: %d", every, status)
			}
			status, to, body := h.Post(t, access.ISMSManager, every+"/comments", "text=Seen+by+Anke.")
			if status != http.StatusSeeOther {
				t.Errorf("%s: %d %s", every, status, alert(body))
			}
			if _, headers = h.Headers(t, access.ISMSManager, strings.TrimSuffix(to, "#comments")); headers.Get("Location") != own {
				t.Errorf("after a comment on %s: to %s", every, headers.Get("Location"))
			}
			if status, body := h.Get(t, access.Reader, own); status != http.StatusOK || !strings.Contains(body, "Seen by Anke.") || !strings.Contains(body, every+"?record=1") {
				t.Errorf("%s: %d; it shows neither what was said nor the way to all fields", own, status)
			}
		}
		if status, headers := h.Headers(t, access.Reader, "/risks/"+key); status != http.StatusOK {
			t.Errorf("a page at the address every entry has: %d to %s", status, headers.Get("Location"))
		}
		if status, _ := h.Get(t, access.Reader, "/risks/treatment/TRT-999"); status != http.StatusNotFound {
			t.Errorf("one that is not there: %d", status)
		}
	})
}
