// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/internal/blob"
	"sextant/internal/server"
	"sextant/internal/server/api"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/register"
	"sextant/register/registertest"
	"sextant/secret"
)

// house is a whole server over a register that only the tests declare.
type house struct {
	*httptest.Server
	kernel   *register.Kernel
	accounts *access.Accounts
	org      sextant.Organisation
	tokens   map[string]string // by who
	pump     string            // key of a pump of the first organisation
	signOn   map[string]string // session by who
}

const password = "seven grey herons"

func newHouse(t *testing.T, config store.Config, pseudo bool) *house {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	key, err := secret.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{tokens: map[string]string{}, signOn: map[string]string{}}
	h.kernel = register.New(s, registertest.Set(), register.Config{Sealer: key, Blobs: files})
	accounts := access.NewAccounts(s, key, sextant.SystemClock, func(ctx context.Context, f access.Founding) (sextant.Organisation, error) {
		made, err := s.Found(ctx, f, func(org sextant.Organisation, w register.WriteTx) (string, error) {
			_, err := h.kernel.WriteIn(ctx, access.SystemActor(org, "test"), w, func(tx *register.Tx) error {
				_, err := registertest.Sailors.Create(tx, registertest.Sailor{Name: f.Person}, register.Note{})
				return err
			})
			return "PER-1", err
		})
		return made.Number, err
	})
	h.accounts = accounts
	h.Server = httptest.NewServer(server.Handler(server.Config{Kernel: h.kernel, Accounts: accounts, Uploads: files.Tray(), Version: "test", Pseudo: pseudo}))
	t.Cleanup(func() { h.Close(); s.Close() })
	h.people(t, accounts)
	e, err := h.create(access.SystemActor(h.org, "test"), "secret pump")
	if err != nil {
		t.Fatal(err)
	}
	h.pump = e.Key
	return h
}

func (h *house) create(actor access.Actor, name string) (e register.Entry, err error) {
	err = h.kernel.Write(context.Background(), actor, func(tx *register.Tx) error {
		e, err = tx.Create("pump", map[string]any{"name": name, "keeper": "PER-1", "notes": "<script>alert(1)</script> [x](javascript:alert(1)) <b onclick=x>", "price": "12.00 EUR"}, register.Note{})
		return err
	})
	return e, err
}

var roles = []access.Role{access.Admin, access.ISMSManager, access.Owner, access.InternalAuditor, access.ExternalAuditor, access.Reader}

// people makes one account for each role, and one in another organisation.
func (h *house) people(t *testing.T, accounts *access.Accounts) {
	t.Helper()
	ctx := context.Background()
	org, err := accounts.Create(ctx, "First", "Mara", "mara@example.org", password)
	if err != nil {
		t.Fatal(err)
	}
	h.org = org
	other, err := accounts.Create(ctx, "Other", "Otto", "otto@example.org", password)
	if err != nil {
		t.Fatal(err)
	}
	operator := func(org sextant.Organisation) access.Actor {
		return access.Actor{Organisation: org, Name: "operator:test", Roles: []access.Role{access.Operator}}
	}
	for _, role := range roles {
		email := string(role) + "@example.org"
		until := sextant.SystemClock().Add(1 << 40)
		link, err := accounts.Invite(ctx, operator(org), email, "", []access.Role{role}, until)
		if err != nil {
			t.Fatal(err)
		}
		if h.signOn[string(role)], err = accounts.Join(ctx, link, string(role), password, ""); err != nil {
			t.Fatal(err)
		}
		if h.tokens[string(role)], err = accounts.MakeToken(ctx, operator(org), email, "test", nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	if h.tokens["other"], err = accounts.MakeToken(ctx, operator(other), "otto@example.org", "test", nil, 0); err != nil {
		t.Fatal(err)
	}
	if h.signOn["other"], err = accounts.SignIn(ctx, "otto@example.org", password, "", "t"); err != nil {
		t.Fatal(err)
	}
}

// call sends a request as somebody and gives status, headers and body.
func (h *house) call(t *testing.T, who, method, path, body string, headers ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequest(method, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(path, "/api/") {
		if who != "stranger" {
			r.Header.Set("Authorization", "Bearer "+h.tokens[who])
		}
	} else {
		if who != "stranger" {
			r.AddCookie(&http.Cookie{Name: "sextant_session", Value: h.signOn[who]})
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(data)
}

func onBoth(t *testing.T, test func(*testing.T, *house)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newHouse(t, store.Config{Folder: t.TempDir()}, false)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		test(t, newHouse(t, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner}, false))
	})
}

// pages and resources that show one pump, or lists that must not hold it.
func (h *house) addresses() (ofEntry, lists []string) {
	p := h.pump
	return []string{"/pumps/" + p, "/pumps/" + p + "/edit", "/pumps/" + p + "/transitions/scrap", "/api/v1/pumps/" + p, "/api/v1/pumps/" + p + "/history", "/api/v1/pumps/" + p + "/links", "/api/v1/pumps/" + p + "/versions/1"},
		[]string{"/", "/pumps", "/pumps/new", "/pumps/import", "/pumps/bulk", "/search?q=secret", "/account", "/pumps/export?format=csv", "/persons", "/api/v1/pumps", "/api/v1/pumps?count=1&filter=kind%3Dbilge",
			"/api/v1/pumps/groups?by=kind", "/api/v1/pumps/export?format=json", "/api/v1/search?q=secret", "/api/openapi.json"}
}

func TestEveryRouteAnswersEveryRole(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ofEntry, lists := h.addresses()
		for _, path := range append(ofEntry, lists...) {
			for _, role := range roles {
				if status, _, body := h.call(t, string(role), "GET", path, ""); status != http.StatusOK {
					t.Errorf("%s as %s: %d %.200s", path, role, status, body)
				}
			}
			status, _, _ := h.call(t, "stranger", "GET", path, "")
			if want := http.StatusSeeOther; path != "/api/openapi.json" && status != want && (status != http.StatusUnauthorized || !strings.HasPrefix(path, "/api/")) {
				t.Errorf("%s as a stranger: %d", path, status)
			}
		}
		for _, path := range ofEntry {
			if status, _, body := h.call(t, "other", "GET", path, ""); status != http.StatusNotFound || strings.Contains(body, "secret pump") {
				t.Errorf("%s as somebody of another organisation: %d", path, status)
			}
		}
		for _, path := range lists {
			if _, _, body := h.call(t, "other", "GET", path, ""); strings.Contains(body, "secret pump") {
				t.Errorf("%s shows another organisation's entry", path)
			}
		}
	})
}

func TestWhoMayNotWriteIsToldSo(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		p := h.pump
		writes := []struct{ method, path, body string }{
			{"POST", "/api/v1/pumps", `{"fields":{"name":"x"}}`}, {"PATCH", "/api/v1/pumps/" + p, `{"fields":{"name":"x"}}`}, {"DELETE", "/api/v1/pumps/" + p, ""},
			{"POST", "/api/v1/pumps/" + p + "/transitions/scrap", `{"reason":"x"}`}, {"POST", "/api/v1/pumps/bulk", `{"fields":{"name":"x"},"accept_refused":true}`},
			{"POST", "/pumps", "name=x"}, {"POST", "/pumps/" + p + "/edit", "name=x&version=1"}, {"POST", "/pumps/" + p + "/delete", "version=1"},
		}
		for _, who := range []string{"external_auditor", "reader", "admin", "other", "stranger"} {
			for _, w := range writes {
				if who == "other" && !strings.Contains(w.path, p) {
					continue // they may write in their own organisation
				}
				status, _, body := h.call(t, who, w.method, w.path, w.body)
				if status < 300 && !strings.Contains(body, `"refused":1`) {
					t.Errorf("%s %s as %s: %d %.120s", w.method, w.path, who, status, body)
				}
			}
		}
		if status, _, body := h.call(t, "reader", "GET", "/api/v1/pumps/"+p, ""); status != 200 || !strings.Contains(body, "secret pump") || !strings.Contains(body, `"version":1`) {
			t.Errorf("after all that: %d %.300s", status, body)
		}
	})
}

func TestTheAPIKeepsItsPromises(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		status, headers, body := h.call(t, "isms_manager", "POST", "/api/v1/pumps", `{"fields":{"name":"P2","kind":"fire"},"reason":"new"}`)
		if status != http.StatusCreated || headers.Get("ETag") != `"1"` || headers.Get("Location") == "" {
			t.Fatalf("create: %d %v %s", status, headers, body)
		}
		at := headers.Get("Location")
		if status, headers, _ := h.call(t, "isms_manager", "PATCH", at, `{"fields":{"litres":5}}`, "If-Match", `"1"`); status != 200 || headers.Get("ETag") != `"2"` {
			t.Errorf("edit: %d %s", status, headers.Get("ETag"))
		}
		status, headers, body = h.call(t, "isms_manager", "PATCH", at, `{"fields":{"litres":6}}`, "If-Match", `"1"`)
		var problem struct {
			Status             int
			Code, Detail, Hint string
		}
		if err := json.Unmarshal([]byte(body), &problem); err != nil || status != http.StatusConflict || headers.Get("Content-Type") != "application/problem+json" || problem.Hint == "" {
			t.Errorf("stale edit: %d %s", status, body)
		}
		for _, c := range []struct {
			method, path, body string
			want               int
		}{
			{"POST", "/api/v1/pumps", `{"fields":{"kind":"rocket"}}`, 422}, {"POST", "/api/v1/pumps", `{`, 422}, {"POST", "/api/v1/pumps", ``, 422}, {"POST", "/api/v1/pumps", `{"x":1}`, 422},
			{"GET", "/api/v1/nothing", "", 404}, {"GET", "/api/v1/pumps?filter=nonsense", "", 422}, {"GET", "/api/v1/pumps?order=nonsense", "", 422}, {"GET", "/api/v1/pumps?after=nonsense", "", 422},
			{"GET", "/api/v1/pumps?as_of=yesterday", "", 422}, {"GET", "/api/v1/pumps/PMP-1?as_of=2001-01-01", "", 404}, {"PUT", "/api/v1/pumps/PMP-1", "", 404}, {"GET", "/api/v2/pumps", "", 404},
			{"POST", at + "/transitions/approve", `{}`, 403}, {"POST", at + "/transitions/fly", `{}`, 409}, {"GET", "/api/v1/pumps/groups", "", 422}, {"GET", "/api/v1/pumps/export?format=doc", "", 422},
		} {
			if status, _, body := h.call(t, "isms_manager", c.method, c.path, c.body); status != c.want {
				t.Errorf("%s %s %s: %d, want %d: %.200s", c.method, c.path, c.body, status, c.want, body)
			}
		}
		if status, _, body := h.call(t, "isms_manager", "POST", "/api/v1/pumps/import?format=csv&dry_run=true", "Name,Kind\nP9,fire\nP10,rocket\n"); status != 200 || !strings.Contains(body, `"created":1`) || !strings.Contains(body, `"refused":1`) {
			t.Errorf("import: %d %s", status, body)
		}
	})
}

func TestPagesCarryNoActiveContentOfOthers(t *testing.T) {
	h := newHouse(t, store.Config{Folder: t.TempDir()}, false)
	status, headers, body := h.call(t, "isms_manager", "GET", "/pumps/"+h.pump, "")
	if status != 200 {
		t.Fatal(status)
	}
	for _, bad := range []string{"<script", "onclick", "javascript:"} {
		if strings.Contains(strings.ToLower(body), bad) && !strings.Contains(body, "&lt;script") {
			t.Errorf("the page carries %s", bad)
		}
	}
	if csp := headers.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	status, _, _ = h.call(t, "isms_manager", "POST", "/pumps", "name=forged", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site")
	if status != http.StatusForbidden {
		t.Errorf("a form from another site was answered %d", status)
	}
}

func TestAFileComesBackAsAnAttachmentOnly(t *testing.T) {
	h := newHouse(t, store.Config{Folder: t.TempDir()}, false)
	var body bytes.Buffer
	body.WriteString("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../evil<.svg\"\r\nContent-Type: image/svg+xml\r\n\r\n<svg onload=alert(1)>\r\n--x--\r\n")
	status, _, answer := h.call(t, "isms_manager", "POST", "/api/v1/pumps/"+h.pump+"/files", body.String(), "Content-Type", "multipart/form-data; boundary=x")
	var made struct{ Key string }
	if err := json.Unmarshal([]byte(answer), &made); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %s", status, answer)
	}
	status, headers, content := h.call(t, "reader", "GET", "/api/v1/attachments/"+made.Key+"/file", "")
	if status != 200 || content != "<svg onload=alert(1)>" || headers.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(headers.Get("Content-Disposition"), "attachment") ||
		headers.Get("X-Content-Type-Options") != "nosniff" || strings.Contains(headers.Get("Content-Disposition"), "..") {
		t.Errorf("%d %v %s", status, headers, content)
	}
	if status, _, _ := h.call(t, "other", "GET", "/api/v1/attachments/"+made.Key+"/file", ""); status != http.StatusNotFound {
		t.Errorf("another organisation gets the file: %d", status)
	}
}

func TestThePlainPagesDoTheWork(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		form := url.Values{"name": {"from a form"}, "kind": {"feed"}, "uses": {"deck", "cargo"}, "keeper": {"PER-1"}, "litres": {"3.5"}}
		status, headers, body := h.call(t, "isms_manager", "POST", "/pumps", form.Encode())
		if status != http.StatusSeeOther {
			t.Fatalf("create: %d %.300s", status, body)
		}
		at := headers.Get("Location")
		_, _, page := h.call(t, "isms_manager", "GET", at, "")
		for _, want := range []string{"from a form", "Feed pump", "Deck, Cargo", "Mara"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not show %q", want)
			}
		}
		if status, _, body := h.call(t, "isms_manager", "POST", at+"/edit", "version=1&name=&litres=x"); status != 422 || !strings.Contains(body, "is not a number") {
			t.Errorf("a bad form: %d", status)
		}
		if status, _, _ := h.call(t, "isms_manager", "POST", at+"/edit", "version=1&name=first"); status != http.StatusSeeOther {
			t.Errorf("edit: %d", status)
		}
		if status, _, body := h.call(t, "isms_manager", "POST", at+"/edit", "version=1&name=second"); status != http.StatusConflict || !strings.Contains(body, "first") || !strings.Contains(body, "second") {
			t.Errorf("a conflict does not show both: %d", status)
		}
		if status, _, _ := h.call(t, "isms_manager", "POST", at+"/comments", "text=looks+good"); status != http.StatusSeeOther {
			t.Errorf("comment: %d", status)
		}
		if _, _, page := h.call(t, "isms_manager", "GET", at, ""); !strings.Contains(page, "looks good") || !strings.Contains(page, "Back to version 1") {
			t.Error("comment or undo is not on the page")
		}
	})
}

func TestTheDescriptionNamesEveryRegister(t *testing.T) {
	document, err := json.Marshal(api.Document(registertest.Set(), "test"))
	if err != nil {
		t.Fatal(err)
	}
	for _, def := range registertest.Set().All() {
		if !bytes.Contains(document, []byte(fmt.Sprintf("/api/v1/%s/{key}", def.Plural))) {
			t.Errorf("%s is not described", def.Name)
		}
		for _, f := range def.Fields {
			if !bytes.Contains(document, []byte(fmt.Sprintf("%q:{", f.Key))) {
				t.Errorf("%s.%s is not described", def.Name, f.Key)
			}
		}
	}
}
