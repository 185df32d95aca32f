// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sextant/access"
	"sextant/connector/aws/mototest"
	"sextant/internal/store"
	"sextant/internal/testserver"
)

var beginning = []string{"organisation", "units", "scope", "connect", "collect"}

// follow sends a form of the path and gives where it leads.
func (h *house) follow(t *testing.T, who, name string, form url.Values) string {
	t.Helper()
	status, headers, body := h.call(t, who, "POST", "/get-started/"+name, form.Encode())
	if status != http.StatusSeeOther {
		t.Fatalf("%s: %d %.400s", name, status, body)
	}
	return headers.Get("Location")
}

func TestThePathToAFirstStateIsShortResumableAndForThoseWhoMay(t *testing.T) {
	inACompany(t, func(t *testing.T, h *house) {
		for _, name := range beginning {
			for _, role := range roles {
				want := http.StatusForbidden
				if role == access.ISMSManager {
					want = http.StatusOK
				}
				if status, _, body := h.call(t, string(role), "GET", "/get-started/"+name, ""); status != want || strings.Contains(body, ">?") {
					t.Errorf("%s as %s: %d, want %d", name, role, status, want)
				}
			}
			if status, _, _ := h.call(t, "stranger", "GET", "/get-started/"+name, ""); status != http.StatusSeeOther {
				t.Errorf("%s as a stranger: %d", name, status)
			}
			if status, _, _ := h.call(t, "reader", "POST", "/get-started/"+name, "title=x&scope=y&legal_name=Theirs&time_zone=UTC"); status < 400 {
				t.Errorf("POST %s as a reader: %d", name, status)
			}
		}
		resumes := func(at string) {
			t.Helper()
			if _, headers, _ := h.call(t, "isms_manager", "GET", "/get-started", ""); headers.Get("Location") != at {
				t.Errorf("resumes at %s, want %s", headers.Get("Location"), at)
			}
		}
		resumes("/get-started/organisation")
		card := func(who string) bool {
			_, _, page := h.call(t, who, "GET", "/", "")
			return strings.Contains(page, `id="started"`)
		}
		if !card("isms_manager") || card("reader") || card("external_auditor") {
			t.Error("the first page leads on the wrong ones")
		}
		status, _, body := h.call(t, "isms_manager", "POST", "/get-started/organisation", "legal_name=Northquay+B.V.&time_zone=Mars")
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "time_zone-err") || !strings.Contains(body, "Northquay B.V.") {
			t.Errorf("a zone that is none: %d", status)
		}
		h.follow(t, "isms_manager", "organisation", url.Values{"legal_name": {"Northquay B.V."}, "country": {"nl"}, "time_zone": {"Europe/Amsterdam"}, "headcount": {"60"}})
		resumes("/get-started/scope")
		h.follow(t, "isms_manager", "units", url.Values{"title": {"Platform", "", "Orders"}, "kind": {"team", "team", "product"}})
		if status, _, body := h.call(t, "isms_manager", "POST", "/get-started/units", "title=Platform&kind=team"); status < 400 || !strings.Contains(body, `role="alert"`) {
			t.Errorf("a unit of the same name: %d", status)
		}
		h.follow(t, "isms_manager", "scope", url.Values{"title": {"ISMS"}, "scope": {"The order platform."}})
		resumes("/get-started/connect")
		h.follow(t, "isms_manager", "scope", url.Values{"title": {"ISMS"}, "scope": {"The order platform and its teams."}})
		var entries int
		for _, path := range []string{"/management-systems/MS-1", "/scope-units/SU-3"} {
			if status, _, body := h.call(t, "reader", "GET", path, ""); status == http.StatusOK && (strings.Contains(body, "and its teams") || strings.Contains(body, "Orders")) {
				entries++
			}
		}
		if entries != 2 {
			t.Errorf("%d of 2 entries are there", entries)
		}
		if status, _, _ := h.call(t, "reader", "GET", "/management-systems/MS-2", ""); status != http.StatusNotFound {
			t.Error("going over the scope again made a second management system")
		}
		status, _, body = h.call(t, "isms_manager", "POST", "/get-started/connect", url.Values{"title": {"AWS"}, "account": {"not digits"}, "access_key_id": {"AKIAEXAMPLE"}, "secret_access_key": {"very secret"}}.Encode())
		if strings.Contains(body, "very secret") || status >= 500 {
			t.Errorf("connect: %d", status)
		}
		resumes("/get-started/collect")
		if _, _, page := h.call(t, "isms_manager", "GET", "/get-started/connect", ""); !strings.Contains(page, "external id sextant-") {
			t.Error("the external id is not shown")
		}
	})
}

// The whole path of somebody new, against a system that answers, with the work
// going on beside.
func TestTheFirstRunReachesAFirstStateMoto(t *testing.T) {
	world := mototest.StartWorld(t, 20)
	run := func(t *testing.T, config store.Config) {
		h, work := newWorks(t, config, true)
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { work.Run(ctx); close(ended) }()
		defer func() { stop(); <-ended }()
		h.follow(t, "isms_manager", "organisation", url.Values{"legal_name": {"Northquay B.V."}, "time_zone": {"UTC"}})
		h.follow(t, "isms_manager", "scope", url.Values{"title": {"ISMS"}, "scope": {"Everything."}})
		keep := url.Values{"title": {"AWS"}, "account": {mototest.Home}, "access_key_id": {"test"}, "secret_access_key": {"test"}}
		h.call(t, "isms_manager", "POST", "/get-started/connect", keep.Encode())
		if status, _, body := h.call(t, "isms_manager", "PATCH", "/api/v1/sources/SRC-1", `{"fields":{"endpoint":"`+world.Endpoint+`","regions":["`+mototest.Region+`"]}}`); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		_, _, body := h.call(t, "isms_manager", "POST", "/get-started/connect", keep.Encode())
		if !strings.Contains(body, "Account "+mototest.Home+" answers") || !strings.Contains(body, "Collect now") {
			t.Fatalf("the try does not answer: %.600s", found(t, body, `(?s)id="tried"(.*?)</section>`))
		}
		if at := h.follow(t, "isms_manager", "collect", nil); at != "/get-started/collect" {
			t.Errorf("leads to %s", at)
		}
		var page string
		for range 600 {
			if _, _, page = h.call(t, "isms_manager", "GET", "/get-started/collect", ""); strings.Contains(page, "See where you stand") {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if !strings.Contains(page, "checks have said something") || !strings.Contains(page, "populations seen whole") {
			t.Errorf("no first state: %.800s", found(t, page, `(?s)id="collection"(.*)`))
		}
		if _, headers, _ := h.call(t, "isms_manager", "GET", "/get-started", ""); headers.Get("Location") != "/" {
			t.Errorf("after all of it the path leads to %s", headers.Get("Location"))
		}
		if _, _, home := h.call(t, "isms_manager", "GET", "/", ""); strings.Contains(home, `id="started"`) {
			t.Error("the first page still leads on")
		}
	}
	t.Run("SQLite", func(t *testing.T) { run(t, store.Config{Folder: t.TempDir()}) })
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		run(t, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner})
	})
}

func TestSettingUpLeadsOntoThePath(t *testing.T) {
	h := newCompany(t, store.Config{Folder: t.TempDir()})
	link, err := h.accounts.SetUpLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	status, headers, _ := h.call(t, "stranger", "POST", "/set-up", url.Values{"link": {link}, "organisation": {"New"}, "name": {"Nia"}, "email": {"nia@example.net"}, "password": {password}}.Encode())
	if status != http.StatusSeeOther || headers.Get("Location") != "/get-started" {
		t.Errorf("%d, on to %s", status, headers.Get("Location"))
	}
}
