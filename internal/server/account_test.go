// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sextant/access"
	"sextant/internal/server/web/message"
)

var accountPages = []string{"/account", "/account/security", "/account/second-factor", "/account/tokens", "/account/appearance"}

func TestEveryRoleLooksAfterItsOwnAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		for _, path := range accountPages {
			for _, role := range roles {
				if status, _, body := h.call(t, string(role), "GET", path, ""); status != http.StatusOK || strings.Contains(body, "?role.") || strings.Contains(body, "?method.") {
					t.Errorf("%s as %s: %d", path, role, status)
				}
			}
			if status, headers, _ := h.call(t, "stranger", "GET", path, ""); status != http.StatusSeeOther || !strings.HasPrefix(headers.Get("Location"), "/sign-in") {
				t.Errorf("%s as a stranger: %d", path, status)
			}
		}
		if _, _, body := h.call(t, "reader", "GET", "/account", ""); !strings.Contains(body, "reader@example.org") || !strings.Contains(body, message.Keys()["role.reader.help"]) {
			t.Error("the account does not say who one is")
		}
	})
}

// found gives what a pattern's first group matches in a page.
func found(t *testing.T, page, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page has no %s", pattern)
	}
	return m[1]
}

func TestATokenIsShownOnceWorksWithinItsScopeAndIsRevokedByItsOwnerOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		form := url.Values{"title": {"nightly <script>"}, "days": {"30"}, "may": {"some"}, "scope": {"read"}}
		status, _, body := h.call(t, "owner", "POST", "/account/tokens", form.Encode())
		if status != http.StatusOK || strings.Contains(body, "nightly <script>") {
			t.Fatalf("%d", status)
		}
		h.tokens["made"] = found(t, body, `id="made"[^>]*>(sxt_[A-Z0-9]+)<`)
		if status, _, _ := h.call(t, "made", "GET", "/api/v1/pumps", ""); status != http.StatusOK {
			t.Errorf("the token reads: %d", status)
		}
		if status, _, _ := h.call(t, "made", "POST", "/api/v1/pumps", `{"fields":{"name":"x"}}`); status != http.StatusForbidden {
			t.Errorf("a token that reads only writes: %d", status)
		}
		_, _, again := h.call(t, "owner", "GET", "/account/tokens", "")
		if strings.Contains(again, h.tokens["made"]) || !strings.Contains(again, "nightly") {
			t.Error("the token is shown again, or is not listed")
		}
		id := regexp.MustCompile(`name="id" value="([A-Z0-9]{8})"`).FindAllStringSubmatch(again, -1)
		last := id[len(id)-1][1]
		if status, _, _ := h.call(t, "reader", "POST", "/account/revoke-token", "id="+last); status != http.StatusNotFound {
			t.Errorf("somebody else revokes it: %d", status)
		}
		if status, _, _ := h.call(t, "other", "POST", "/account/revoke-token", "id="+last); status != http.StatusNotFound {
			t.Errorf("somebody of another organisation revokes it: %d", status)
		}
		for _, x := range id {
			if status, _, _ := h.call(t, "owner", "POST", "/account/revoke-token", "id="+x[1]); status != http.StatusSeeOther {
				t.Errorf("revoke: %d", status)
			}
		}
		if status, _, _ := h.call(t, "made", "GET", "/api/v1/pumps", ""); status != http.StatusUnauthorized {
			t.Errorf("a revoked token: %d", status)
		}
		for _, bad := range []url.Values{{"title": {""}, "days": {"30"}}, {"title": {"x"}, "days": {"9000"}}, {"title": {"x"}, "days": {"soon"}}, {"title": {"x"}, "days": {"30"}, "may": {"some"}}, {"title": {"x"}, "days": {"30"}, "may": {"some"}, "scope": {"fly"}}} {
			if status, _, body := h.call(t, "owner", "POST", "/account/tokens", bad.Encode()); status != http.StatusUnprocessableEntity || !strings.Contains(body, `role="alert"`) {
				t.Errorf("%v: %d", bad, status)
			}
		}
	})
}

func TestPasswordAndSecondFactorAreChangedOnPlainPages(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		status, _, body := h.call(t, "reader", "POST", "/account/password", url.Values{"old": {"wrong wrong wrong"}, "password": {"eight grey herons"}}.Encode())
		if status != http.StatusForbidden || !strings.Contains(body, `role="alert"`) {
			t.Errorf("a wrong password: %d", status)
		}
		status, _, body = h.call(t, "reader", "POST", "/account/password", url.Values{"old": {password}, "password": {"short"}}.Encode())
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "password-err") {
			t.Errorf("a short password: %d", status)
		}
		if status, _, _ := h.call(t, "reader", "POST", "/account/password", url.Values{"old": {password}, "password": {"eight grey herons"}}.Encode()); status != http.StatusSeeOther {
			t.Errorf("change: %d", status)
		}
		_, _, page := h.call(t, "reader", "GET", "/account/second-factor", "")
		secret := found(t, page, `name="secret" value="([A-Z2-7]+)"`)
		if !strings.Contains(page, `<path d="M`) {
			t.Error("there is no picture to scan")
		}
		if status, _, body := h.call(t, "reader", "POST", "/account/second-factor", "secret="+secret+"&code=000000"); status != http.StatusUnprocessableEntity || !strings.Contains(body, secret) {
			t.Errorf("a wrong code: %d", status)
		}
		code, err := totp.GenerateCode(secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if status, _, body := h.call(t, "reader", "POST", "/account/second-factor", "secret="+secret+"&code="+code); status != http.StatusSeeOther {
			t.Fatalf("turn on: %d %.300s", status, body)
		}
		if _, _, page := h.call(t, "reader", "GET", "/account/security", ""); !strings.Contains(page, "/account/end-second-factor") {
			t.Error("the page does not say that it is on")
		}
		if status, _, _ := h.call(t, "reader", "POST", "/account/end-second-factor", url.Values{"password": {"eight grey herons"}, "code": {"000000"}}.Encode()); status != http.StatusForbidden {
			t.Errorf("turn off without a code: %d", status)
		}
	})
}

func TestSomebodyInvitedJoinsAndTurnsBetweenTheirOrganisations(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		link, err := h.accounts.Invite(t.Context(), access.Actor{Organisation: h.org, Name: "operator:test", Roles: []access.Role{access.Operator}}, "otto@example.org", "", []access.Role{access.Reader}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if status, _, page := h.call(t, "stranger", "GET", "/join?link="+link, ""); status != http.StatusOK || !strings.Contains(page, "otto@example.org") {
			t.Errorf("the invitation: %d", status)
		}
		if status, _, _ := h.call(t, "stranger", "GET", "/join?link=nothing", ""); status != http.StatusNotFound {
			t.Errorf("no invitation: %d", status)
		}
		if status, _, page := h.call(t, "stranger", "POST", "/join", url.Values{"link": {link}, "password": {"not this one at all"}}.Encode()); status != http.StatusForbidden || !strings.Contains(page, link) {
			t.Errorf("a wrong password: %d", status)
		}
		status, headers, _ := h.call(t, "stranger", "POST", "/join", url.Values{"link": {link}, "password": {password}}.Encode())
		if status != http.StatusSeeOther {
			t.Fatalf("join: %d", status)
		}
		h.signOn["otto here"] = found(t, headers.Get("Set-Cookie"), `sextant_session=([^;]+)`)
		if status, _, _ := h.call(t, "otto here", "GET", "/pumps/"+h.pump, ""); status != http.StatusOK {
			t.Errorf("after joining: %d", status)
		}
		_, _, page := h.call(t, "otto here", "GET", "/account", "")
		there := found(t, page, `name="organisation" value="(\d+)"(?:>| >)`)
		if status, _, _ := h.call(t, "otto here", "POST", "/switch", "organisation="+there); status != http.StatusSeeOther {
			t.Fatalf("switch: %d", status)
		}
		if status, _, _ := h.call(t, "otto here", "GET", "/pumps/"+h.pump, ""); status != http.StatusNotFound {
			t.Errorf("after turning away the entry is still there: %d", status)
		}
		for _, bad := range []string{"999", "x", ""} {
			if status, _, _ := h.call(t, "otto here", "POST", "/switch", "organisation="+bad); status != http.StatusNotFound {
				t.Errorf("switch to %q: %d", bad, status)
			}
		}
		if status, _, _ := h.call(t, "reader", "POST", "/switch", "organisation="+there); status != http.StatusNotFound {
			t.Errorf("a stranger to the organisation turns to it: %d", status)
		}
	})
}

func TestRolesVerbsAndMethodsHaveNames(t *testing.T) {
	known := message.Keys()
	for _, role := range access.Roles() {
		for _, key := range []string{"role." + string(role), "role." + string(role) + ".help"} {
			if known[key] == "" {
				t.Errorf("%s is not in message/en", key)
			}
		}
	}
	for _, verb := range access.Verbs() {
		if known["verb."+string(verb)] == "" {
			t.Errorf("verb.%s is not in message/en", verb)
		}
	}
	for _, method := range []access.Method{access.Password, access.SecondFactor, access.Token, access.LocalSocket, access.Program} {
		if known["method."+string(method)] == "" {
			t.Errorf("method.%s is not in message/en", method)
		}
	}
}
