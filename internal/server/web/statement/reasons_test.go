// SPDX-License-Identifier: Apache-2.0

package statement_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sextant/access"
	"sextant/product/producttest"
)

// duties enters two laws, which name three controls.
func duties(t *testing.T, h *producttest.House) {
	t.Helper()
	for title, controls := range map[string][]string{"Tell the authority": {"iso27001:2022/A.5.24", "iso27001:2022/A.5.26"}, "Keep the books": {"iso27001:2022/A.5.33"}} {
		h.Create(t, "obligation", map[string]any{"title": title, "kind": "law", "citation": "Art. 1", "summary": "Do it.", "owner": "PER-1", "applicability_reason": "We trade.", "controls": controls, "review_on": "2099-01-01"})
	}
}

func TestProposedReasonsAreShownTakenDeclinedAndUndone(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		ms := system(t, h)
		duties(t, h)
		const list = "/statement?filter=proposed%3Afilled"
		_, body := h.Get(t, access.Reader, list)
		if count(body) != 3 || !strings.Contains(body, "speaks for reasons of 3 rows") || strings.Contains(body, "Take all") {
			t.Errorf("a reader sees %d rows: %.300s", count(body), body)
		}
		if status, _, _ := h.Post(t, access.Reader, "/statement/reasons/take", "system="+ms+"&back="+url.QueryEscape(list)); status != http.StatusForbidden {
			t.Errorf("a reader takes: %d", status)
		}
		at := "/statement/" + ms + "/A.5.24"
		if _, form := h.Get(t, access.ISMSManager, at); !strings.Contains(form, "It answers the duty &#34;Tell the authority&#34; (Art. 1).") || !strings.Contains(form, "Decline Legal") {
			t.Error("the row does not say what speaks for it")
		}
		post := func(path, form string) (to string) {
			t.Helper()
			status, to, answer := h.Post(t, access.ISMSManager, path, form)
			if status != http.StatusSeeOther {
				t.Fatalf("%s %s: %d %.300s", path, form, status, answer)
			}
			return to
		}
		post(at+"/proposals", "do=decline&reason=legal&back=/statement")
		if _, form := h.Get(t, access.ISMSManager, at); !strings.Contains(form, "1 declined") || strings.Contains(form, "Decline Legal") {
			t.Error("what was declined is still proposed")
		}
		post(at+"/proposals", "do=reconsider&reason=legal&back=/statement")
		if status, _, _ := h.Post(t, access.ISMSManager, at+"/proposals", "do=take&reason=contractual&back=/statement"); status != http.StatusConflict {
			t.Errorf("what nobody proposes is taken: %d", status)
		}
		post(at+"/reasons", "take=legal&back=/statement")
		if _, form := h.Get(t, access.ISMSManager, at); !strings.Contains(form, `value="OBL-`) || strings.Contains(form, "Decline Legal") {
			t.Error("the letter does not take what it rests on")
		}
		shown := list + "&filter=id%3DA.5.26"
		to := post("/statement/reasons/take", "system="+ms+"&back="+url.QueryEscape(shown))
		_, body = h.Get(t, access.ISMSManager, to)
		if !strings.Contains(body, "1 row of the statement changed.") || !strings.Contains(body, "2 apply, 0 excluded, 91 undecided") {
			t.Errorf("of those shown: %s", to)
		}
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		post("/statement/reasons/undo", "system="+ms+"&batch="+u.Query().Get("done"))
		if _, body = h.Get(t, access.Reader, list); count(body) != 2 {
			t.Errorf("after the undo %d rows are proposed", count(body))
		}
		if status, _, _ := h.Post(t, access.ISMSManager, "/statement/reasons/undo", "system="+ms+"&batch=none"); status != http.StatusNotFound {
			t.Errorf("an unknown change is undone: %d", status)
		}
	})
}

func TestTheRowsFormHasDateOwnerAndDocuments(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	at := "/statement/" + system(t, h) + "/A.5.15"
	own := h.Create(t, "document", map[string]any{"title": "Access rules", "kind": "policy", "reference": "POL-1", "approver": "PER-1", "owner": h.People[access.Owner]})
	other := h.Create(t, "document", map[string]any{"title": "Key cupboard", "kind": "procedure", "reference": "PRO-1", "approver": "PER-1", "owner": h.People[access.Owner], "controls": []string{"iso27001:2022/A.5.15"}})
	form := "applicability=applicable&reasons=legal&has=reasons&has=documents&documents=" + own.Key + "&documents=&planned_on=2099-03-01&owner=" + h.People[access.Owner]
	if status, _, body := h.Post(t, access.ISMSManager, at+"/edit", form); status != http.StatusSeeOther {
		t.Fatalf("%d %.400s", status, body)
	}
	_, body := h.Get(t, access.ISMSManager, at)
	for _, want := range []string{`value="2099-03-01"`, "Access rules", other.Key + ", names the control itself"} {
		if !strings.Contains(body, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	if _, body = h.Get(t, access.Reader, at); !strings.Contains(body, "2099-03-01") || !strings.Contains(body, "Access rules") || !strings.Contains(body, "The owner") {
		t.Error("who may not decide does not see them")
	}
	status, _, body := h.Post(t, access.ISMSManager, at+"/edit", "has=documents&documents=DOC-999&planned_on=soon")
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, `value="soon"`) {
		t.Errorf("bad input: %d", status)
	}
	if status, _, _ = h.Post(t, access.ISMSManager, at+"/edit", "has=documents&documents="); status != http.StatusSeeOther {
		t.Errorf("none chosen: %d", status)
	}
	if _, body = h.Get(t, access.Reader, at); strings.Contains(body, "Access rules") || !strings.Contains(body, "2099-03-01") {
		t.Error("the document is still there, or the date went with it")
	}
}
