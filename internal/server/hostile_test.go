// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/internal/store"
	"sextant/product/producttest"
	"sextant/register"
)

// multipart is a form of parts; each is its header and its content.
func multipart(parts ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(parts); i += 2 {
		b.WriteString("--x\r\nContent-Disposition: form-data; " + parts[i] + "\r\n\r\n" + parts[i+1] + "\r\n")
	}
	return b.String() + "--x--\r\n"
}

const multipartType = "multipart/form-data; boundary=x"

func TestNoAddressLeadsToAnotherSite(t *testing.T) {
	h := newHouse(t, store.Config{Folder: t.TempDir()}, false)
	for _, next := range []string{"//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)"} {
		form := url.Values{"email": {"reader@example.org"}, "password": {password}, "next": {next}}
		if status, headers, _ := h.call(t, "stranger", "POST", "/sign-in", form.Encode()); status != http.StatusSeeOther || headers.Get("Location") != "/" {
			t.Errorf("next=%q: %d to %q", next, status, headers.Get("Location"))
		}
		if _, headers, _ := h.call(t, "reader", "POST", "/appearance", url.Values{"back": {next}}.Encode()); headers.Get("Location") != "/" {
			t.Errorf("back=%q leads to %q", next, headers.Get("Location"))
		}
		if status, _, _ := h.call(t, "reader", "GET", "/views/new?"+url.Values{"page": {next}}.Encode(), ""); status != http.StatusUnprocessableEntity {
			t.Errorf("a view of %q: %d", next, status)
		}
	}
	for _, path := range []string{"/%2Fevil.example", "/%5Cevil.example"} {
		_, _, body := h.call(t, "reader", "GET", path+"?as_of=2020-01-01", "")
		if strings.Contains(body, `"//evil`) || strings.Contains(body, `"/\evil`) || !strings.Contains(body, `"`+path) {
			t.Errorf("the page at %s links elsewhere, or not to itself", path)
		}
	}
}

func TestAStrangerSendsLittleAndAFormIsNoFile(t *testing.T) {
	h := newHouse(t, store.Config{Folder: t.TempDir()}, false)
	credentials := []string{`name="email"`, "reader@example.org", `name="password"`, password}
	if status, _, _ := h.call(t, "stranger", "POST", "/sign-in", multipart(credentials...), "Content-Type", multipartType); status != http.StatusSeeOther {
		t.Errorf("signing in with a form of parts: %d", status)
	}
	padded := append([]string{`name="pad"; filename="pad"`, strings.Repeat("x", 100<<10)}, credentials...)
	if status, headers, _ := h.call(t, "stranger", "POST", "/sign-in", multipart(padded...), "Content-Type", multipartType); status < 400 || headers.Get("Set-Cookie") != "" {
		t.Errorf("signing in behind a long part: %d", status)
	}
	if status, _, _ := h.call(t, "isms_manager", "POST", "/pumps", "name=x&notes="+strings.Repeat("x", 5<<20)); status != http.StatusUnprocessableEntity {
		t.Errorf("a form of 5 MiB: %d", status)
	}
}

func TestWhoMayWriteNothingLeavesNoFile(t *testing.T) {
	h := newHouse(t, store.Config{Folder: t.TempDir()}, false)
	file := "Name,Kind\nP9,fire\n"
	sum := sha256.Sum256([]byte(file))
	kept := func(who string) bool {
		h.call(t, who, "POST", "/pumps/import", multipart(`name="file"; filename="pumps.csv"`, file), "Content-Type", multipartType)
		h.call(t, who, "POST", "/pumps/"+h.pump+"/files", multipart(`name="file"; filename="pumps.csv"`, file), "Content-Type", multipartType)
		content, err := h.kernel.Blobs().Open(t.Context(), h.org, hex.EncodeToString(sum[:]))
		if err == nil {
			content.Close()
		}
		return err == nil
	}
	if kept("external_auditor") {
		t.Error("a file of an external auditor is kept")
	}
	if !kept("isms_manager") {
		t.Error("the file of an import that can be written is not kept")
	}
}

func TestEveryAnswerCarriesTheHeaders(t *testing.T) {
	h := newHouse(t, store.Config{Folder: t.TempDir()}, false)
	for _, path := range []string{"/", "/sign-in", "/pumps", "/nothing", "/a/b/c/d/e", "/.static/", "/.static/../server.go", "/.static/%2e%2e/%2e%2e/go.mod", "/.static/nothing.css", "/api/v1/nothing", "/api/v1/pumps", "/healthz", "/readyz", "/help/..%2f..%2fgo.mod", "/join?link=x", "/set-up"} {
		for _, who := range []string{"reader", "stranger"} {
			_, headers, body := h.call(t, who, "GET", path, "")
			csp := headers.Get("Content-Security-Policy")
			if !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") || headers.Get("X-Frame-Options") != "DENY" || headers.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s as %s: %v", path, who, headers)
			}
			if strings.Contains(body, "module sextant") || strings.Contains(body, "package server") {
				t.Errorf("%s gives a file of its own", path)
			}
		}
	}
}

func TestNoFormOfAnotherSiteIsTaken(t *testing.T) {
	h := newHouse(t, store.Config{Folder: t.TempDir()}, false)
	p := h.pump
	for _, path := range []string{"/sign-in", "/sign-out", "/switch", "/appearance", "/set-up", "/join", "/account/tokens", "/account/password", "/views", "/pumps", "/pumps/import", "/pumps/" + p + "/edit", "/pumps/" + p + "/files", "/pumps/" + p + "/comments", "/api/v1/pumps", "/api/v1/pumps/" + p + "/files"} {
		for _, kind := range []string{"application/x-www-form-urlencoded", multipartType, "text/plain"} {
			if status, _, _ := h.call(t, "isms_manager", "POST", path, "", "Content-Type", kind, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
				t.Errorf("%s as %s from another site: %d", path, kind, status)
			}
		}
	}
	if status, _, _ := h.call(t, "isms_manager", "GET", "/sign-out", ""); status != http.StatusNotFound {
		t.Errorf("signing out by a link: %d", status)
	}
}

func TestASignInOpensASessionOfItsOwn(t *testing.T) {
	h := newHouse(t, store.Config{Folder: t.TempDir()}, false)
	_, headers, _ := h.call(t, "stranger", "POST", "/sign-in", url.Values{"email": {"reader@example.org"}, "password": {password}}.Encode(), "Cookie", "sextant_session=sxs_planted")
	cookie := headers.Get("Set-Cookie")
	if strings.Contains(cookie, "planted") || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || strings.Contains(cookie, "Domain") {
		t.Errorf("the session's cookie is %q", cookie)
	}
}

// TestAnAuditorFromOutsideWritesNowhere asks every form of the product's pages.
func TestAnAuditorFromOutsideWritesNowhere(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	source := h.Create(t, "source", map[string]any{"title": "Production", "connector": "aws", "account": "111122223333", "role_arn": "arn:aws:iam::111122223333:role/sextant", "owner": h.People[access.ISMSManager]})
	system := h.Create(t, "management_system", map[string]any{"title": "Our ISMS", "standard": "iso27001:2022", "scope": "All of it."})
	at := "/sources/" + source.Key
	check := url.Values{"reference": {"own.x"}, "title": {"X"}, "resource": {"s3_bucket"}, "pass": {"true"}, "reason": {"x"}}.Encode()
	forms := []struct{ path, form string }{
		{"/sources", "title=x"}, {at + "/edit", "title=x&version=1"}, {at + "/delete", "version=1"}, {at + "/undo", "to=1"}, {at + "/comments", "text=x"}, {at + "/transitions/activate", "version=1"},
		{at + "/collect", ""}, {at + "/test", ""}, {"/sources/bulk", "do=write&field=title&title=x&all=1"}, {"/jobs/1/cancel", ""}, {"/jobs/1/retry", ""}, {"/batches/x/undo", ""},
		{"/checks/editor", check + "&do=draft"}, {"/checks/editor", check + "&do=activate"}, {"/checks/editor", check + "&do=try"}, {"/controls/A.5.1/tasks", "step=0"}, {"/views", "page=/controls&title=x"},
		{"/statement/" + system.Key + "/A.5.1/edit", "applicability=applicable"}, {"/statement/" + system.Key + "/A.5.1/reasons", "reason=risk"}, {"/home/widgets", "act=share"}, {"/home/widgets", "act=up:tiles"},
		{"/settings/member", "email=reader@example.org&roles=admin"}, {"/settings/dismiss", "email=reader@example.org"}, {"/settings/invite", "email=x@example.org&roles=admin"}, {"/settings/withdraw", "id=x"},
		{"/settings/revoke-token", "id=x"}, {"/settings/erase-due", "password=" + producttest.Password}, {"/settings/test-source", "key=" + source.Key}, {"/settings/collect-source", "key=" + source.Key},
		{"/get-started/organisation", "legal_name=x"}, {"/get-started/units", "title=x&kind=team"}, {"/get-started/scope", "title=x"}, {"/get-started/connect", "title=x"}, {"/get-started/collect", ""},
	}
	before := position(t, h)
	for _, f := range forms {
		status, to, _ := h.Post(t, access.ExternalAuditor, f.path, f.form)
		if status < 400 && !strings.HasSuffix(to, "&n=0") { // a bulk change answers how many it changed
			t.Errorf("%s %s: %d %s", f.path, f.form, status, to)
		}
	}
	if after := position(t, h); after != before {
		t.Errorf("the log went from %d to %d", before, after)
	}
}

func position(t *testing.T, h *producttest.House) (seq sextant.Seq) {
	t.Helper()
	h.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		seq, _, err = v.Head()
		return err
	})
	return seq
}
