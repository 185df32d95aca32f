// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"archive/zip"
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/blob"
	"sextant/internal/custody"
	"sextant/internal/proof"
	"sextant/internal/schedule"
	"sextant/internal/server"
	"sextant/internal/server/web/settings"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/ledger"
	"sextant/organisation"
	"sextant/product"
	"sextant/register"
	"sextant/secret"
)

// newCompany is a house with the product's registers and everything the
// settings show; no work runs by itself.
func newCompany(t *testing.T, config store.Config) *house {
	h, _ := newWorks(t, config, false)
	return h
}

// newWorks is newCompany with the schedule that would work in it; ambient lets
// its sources use local endpoints.
func newWorks(t *testing.T, config store.Config, ambient bool) (*house, *schedule.Schedule) {
	t.Helper()
	config.Readers = 1
	s, err := store.Open(t.Context(), config)
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
	h.kernel = register.New(s, product.Registers(), register.Config{Sealer: key, Blobs: files, Functions: product.Functions(), Retention: organisation.Retention})
	prover := &proof.Prover{Store: s, Files: files, Sealer: key, Clock: sextant.SystemClock}
	h.accounts = access.NewAccounts(s, key, sextant.SystemClock, func(ctx context.Context, f access.Founding) (sextant.Organisation, error) {
		org, _, err := product.Begin(ctx, s, h.kernel, f)
		return org, err
	})
	work := schedule.New(schedule.Config{Store: s, Kernel: h.kernel, Prover: prover, Way: product.Way(h.kernel, s), Ambient: ambient, Every: 50 * time.Millisecond, Poll: 20 * time.Millisecond})
	h.Server = httptest.NewServer(server.Handler(server.Config{Kernel: h.kernel, Accounts: h.accounts, Uploads: files.Tray(), Version: "test", Way: product.Way(h.kernel, s), Settings: settings.Config{Sources: work, Log: prover,
		Custody: &custody.Custody{Store: s, Files: files, Kernel: h.kernel}, Fingerprint: key.Fingerprint()}}))
	t.Cleanup(func() { h.Close(); s.Close() })
	h.people(t, h.accounts)
	return h, work
}

func inACompany(t *testing.T, test func(*testing.T, *house)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newCompany(t, store.Config{Folder: t.TempDir()})) })
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		test(t, newCompany(t, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner}))
	})
}

// settingsPages with who may see each; everybody else is told that it is not
// theirs.
var settingsPages = map[string][]access.Role{
	"/settings":                               {access.Admin, access.ISMSManager, access.Owner, access.InternalAuditor, access.Reader},
	"/settings/sources":                       {access.Admin, access.ISMSManager, access.Owner, access.InternalAuditor, access.Reader},
	"/settings/aws-policy":                    {access.Admin, access.ISMSManager, access.Owner, access.InternalAuditor, access.Reader},
	"/settings/retention":                     {access.Admin, access.ISMSManager, access.Owner, access.InternalAuditor, access.Reader},
	"/settings/keys":                          {access.Admin, access.ISMSManager, access.Owner, access.InternalAuditor, access.Reader},
	"/settings/members":                       {access.Admin},
	"/settings/member?email=mara@example.org": {access.Admin},
	"/settings/invite":                        {access.Admin},
	"/settings/tokens":                        {access.Admin},
	"/settings/backups":                       {access.Admin},
}

func holds(list []access.Role, role access.Role) bool {
	for _, r := range list {
		if r == role {
			return true
		}
	}
	return false
}

func TestEachRoleSeesTheSettingsThatAreItsOwn(t *testing.T) {
	inACompany(t, func(t *testing.T, h *house) {
		for path, may := range settingsPages {
			for _, role := range roles {
				want := http.StatusForbidden
				if holds(may, role) {
					want = http.StatusOK
				}
				status, _, body := h.call(t, string(role), "GET", path, "")
				if status != want {
					t.Errorf("%s as %s: %d, want %d: %.200s", path, role, status, want, body)
				}
				if strings.Contains(body, ">?") || strings.Contains(body, "%!") {
					t.Errorf("%s as %s has a text without words", path, role)
				}
			}
			if status, _, _ := h.call(t, "stranger", "GET", path, ""); status != http.StatusSeeOther {
				t.Errorf("%s as a stranger: %d", path, status)
			}
			if _, _, body := h.call(t, "other", "GET", path, ""); strings.Contains(body, "isms_manager@example.org") {
				t.Errorf("%s shows a member of another organisation", path)
			}
		}
		for role, link := range map[access.Role]bool{access.ExternalAuditor: false, access.Reader: true, access.Admin: true} {
			if _, _, body := h.call(t, string(role), "GET", "/", ""); strings.Contains(body, `href="/settings"`) != link {
				t.Errorf("the navigation of %s: settings %v", role, !link)
			}
		}
		_, _, reader := h.call(t, "reader", "GET", "/settings", "")
		_, _, admin := h.call(t, "admin", "GET", "/settings", "")
		for _, only := range []string{"/settings/members", "/settings/tokens", "/settings/backups"} {
			if strings.Contains(reader, only) || !strings.Contains(admin, only) {
				t.Errorf("%s: a reader sees it, or an administrator does not", only)
			}
		}
	})
}

func TestNobodyChangesSettingsThatAreNotTheirs(t *testing.T) {
	inACompany(t, func(t *testing.T, h *house) {
		writes := map[string]string{
			"/settings/invite":         "email=x@example.org&roles=admin",
			"/settings/member":         "email=reader@example.org&roles=admin",
			"/settings/dismiss":        "email=reader@example.org",
			"/settings/withdraw":       "id=0123456789abcdef",
			"/settings/revoke-token":   "id=ABCDEFGH",
			"/settings/checkpoint":     "",
			"/settings/package":        "password=" + url.QueryEscape(password),
			"/settings/backup":         "password=" + url.QueryEscape(password),
			"/settings/erase-due":      "password=" + url.QueryEscape(password),
			"/settings/test-source":    "key=SRC-1",
			"/settings/collect-source": "key=SRC-1",
		}
		may := map[string][]access.Role{"/settings/erase-due": {access.ISMSManager}, "/settings/test-source": {access.Admin, access.ISMSManager}, "/settings/collect-source": {access.Admin, access.ISMSManager}}
		for path, body := range writes {
			for _, role := range roles {
				if holds(may[path], role) || (may[path] == nil && role == access.Admin) {
					continue
				}
				if status, headers, _ := h.call(t, string(role), "POST", path, body); status < 400 || headers.Get("Content-Disposition") != "" {
					t.Errorf("POST %s as %s: %d", path, role, status)
				}
			}
			if status, _, _ := h.call(t, "stranger", "POST", path, body); status != http.StatusSeeOther {
				t.Errorf("POST %s as a stranger: %d", path, status)
			}
		}
		if status, _, _ := h.call(t, "other", "POST", "/settings/dismiss", "email=reader@example.org"); status != http.StatusNotFound {
			t.Errorf("another organisation's administrator removes a member: %d", status)
		}
		if status, _, _ := h.call(t, "other", "GET", "/settings/member?email=reader@example.org", ""); status != http.StatusNotFound {
			t.Errorf("another organisation's administrator sees a member: %d", status)
		}
		if status, _, _ := h.call(t, "reader", "GET", "/account", ""); status != http.StatusOK {
			t.Error("the reader is gone after all that")
		}
	})
}

func TestAnAdministratorInvitesChangesAndRemovesMembers(t *testing.T) {
	inACompany(t, func(t *testing.T, h *house) {
		status, _, body := h.call(t, "admin", "POST", "/settings/invite", "email=vera@example.org&roles=external_auditor")
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "until-err") || !strings.Contains(body, "vera@example.org") {
			t.Errorf("an auditor without an end: %d", status)
		}
		status, _, body = h.call(t, "admin", "POST", "/settings/invite", "email=vera@example.org&roles=external_auditor&until=2099-12-31&person=PER-1")
		if status != http.StatusOK {
			t.Fatalf("invite: %d %.300s", status, body)
		}
		link := found(t, body, `/join\?link=(sxl_[A-Z0-9]+)<`)
		_, _, list := h.call(t, "admin", "GET", "/settings/members", "")
		if strings.Contains(list, link) || !strings.Contains(list, "vera@example.org") {
			t.Error("the link is shown again, or the invitation is not listed")
		}
		if status, _, body := h.call(t, "stranger", "GET", "/join?link="+link, ""); status != http.StatusOK || !strings.Contains(body, "Join First") || !strings.Contains(body, "31 Dec 2099") {
			t.Errorf("the page of the invitation: %d", status)
		}
		if status, _, _ := h.call(t, "stranger", "POST", "/join", url.Values{"link": {link}, "name": {"Vera"}, "password": {password}}.Encode()); status != http.StatusSeeOther {
			t.Fatalf("join: %d", status)
		}
		if status, _, _ := h.call(t, "admin", "POST", "/settings/member", "email=vera@example.org&roles=reader&roles=owner&until=2030-01-02"); status != http.StatusSeeOther {
			t.Errorf("change: %d", status)
		}
		if _, _, list := h.call(t, "admin", "GET", "/settings/members", ""); !strings.Contains(list, "Owner") || !strings.Contains(list, "2 Jan 2030") {
			t.Error("the change is not shown")
		}
		for what, form := range map[string]string{"no role": "email=vera@example.org", "no date": "email=vera@example.org&roles=reader&until=soon", "the past": "email=vera@example.org&roles=reader&until=2001-01-01"} {
			if status, _, body := h.call(t, "admin", "POST", "/settings/member", form); status != http.StatusUnprocessableEntity || !strings.Contains(body, `role="alert"`) {
				t.Errorf("%s: %d", what, status)
			}
		}
		if status, _, _ := h.call(t, "admin", "POST", "/settings/dismiss", "email=vera@example.org"); status != http.StatusSeeOther {
			t.Errorf("dismiss: %d", status)
		}
		if _, _, list := h.call(t, "admin", "GET", "/settings/members?done=dismissed", ""); strings.Contains(list, "vera@example.org") {
			t.Error("a removed member is still listed")
		}
		h.call(t, "admin", "POST", "/settings/invite", "email=late@example.org&roles=reader")
		_, _, list = h.call(t, "admin", "GET", "/settings/members", "")
		if status, _, _ := h.call(t, "admin", "POST", "/settings/withdraw", "id="+found(t, list, `name="id" value="([0-9a-f]{16})"`)); status != http.StatusSeeOther {
			t.Errorf("withdraw: %d", status)
		}
	})
}

func TestACheckpointLeavesTheMachineAndThePackageVerifiesWithTheKeyOfThePage(t *testing.T) {
	inACompany(t, func(t *testing.T, h *house) {
		_, _, page := h.call(t, "isms_manager", "GET", "/settings/keys", "")
		key := strings.ReplaceAll(found(t, page, `id="public">([^<]+)<`), "&#43;", "+")
		if !strings.Contains(page, "Last anchored outside: never.") || strings.Contains(page, "/settings/package") {
			t.Error("the page does not say never, or lets a manager download")
		}
		status, headers, signed := h.call(t, "admin", "POST", "/settings/checkpoint", "")
		if status != http.StatusOK || !strings.HasPrefix(headers.Get("Content-Disposition"), "attachment") {
			t.Fatalf("checkpoint: %d", status)
		}
		if point, err := ledger.OpenCheckpoint([]byte(signed), key); err != nil || point.Size == 0 {
			t.Errorf("the checkpoint does not verify: %v", err)
		}
		if _, _, page := h.call(t, "reader", "GET", "/settings/keys", ""); strings.Contains(page, "Last anchored outside: never.") {
			t.Error("the page still says never")
		}
		if status, headers, _ := h.call(t, "admin", "POST", "/settings/package", "password=wrong+wrong+wrong"); status != http.StatusForbidden || headers.Get("Content-Disposition") != "" {
			t.Errorf("a package with a wrong password: %d", status)
		}
		status, _, packed := h.call(t, "admin", "POST", "/settings/package", "password="+url.QueryEscape(password))
		if status != http.StatusOK {
			t.Fatalf("package: %d", status)
		}
		if _, err := zip.NewReader(bytes.NewReader([]byte(packed)), int64(len(packed))); err != nil {
			t.Errorf("the package is no file: %v", err)
		}
	})
}

func TestABackupIsNotGivenWhereItWouldHoldAnotherOrganisation(t *testing.T) {
	h := newCompany(t, store.Config{Folder: t.TempDir()})
	if _, _, page := h.call(t, "admin", "GET", "/settings/backups", ""); strings.Contains(page, `action="/settings/backup"`) || !strings.Contains(page, "every organisation") {
		t.Error("the page offers a backup of both organisations")
	}
	if status, headers, _ := h.call(t, "admin", "POST", "/settings/backup", "password="+url.QueryEscape(password)); status != http.StatusForbidden || headers.Get("Content-Disposition") != "" {
		t.Errorf("a backup of both: %d", status)
	}
}

func TestSourcesSayWhatTheyNeedAndATryThatFailsSaysWhy(t *testing.T) {
	inACompany(t, func(t *testing.T, h *house) {
		form := url.Values{"title": {"Production"}, "connector": {"aws"}, "access_key_id": {"AKIAEXAMPLE"}, "secret_access_key": {"very secret"}, "endpoint": {"http://127.0.0.1:1"}, "schedule": {"PT1H"}}
		if status, _, body := h.call(t, "isms_manager", "POST", "/sources", form.Encode()); status != http.StatusSeeOther {
			t.Fatalf("source: %d %.300s", status, body)
		}
		_, _, page := h.call(t, "reader", "GET", "/settings/sources", "")
		if !strings.Contains(page, "Production") || !strings.Contains(page, "sextant-") || !strings.Contains(page, "s3:") || strings.Contains(page, "very secret") || strings.Contains(page, "/settings/test-source") {
			t.Error("the page lacks the source, its external id or the policy, or shows too much")
		}
		status, _, body := h.call(t, "isms_manager", "POST", "/settings/test-source", "key=SRC-1")
		if status != http.StatusOK || !strings.Contains(body, `data-s="error"`) || strings.Contains(body, "very secret") {
			t.Errorf("a try that cannot succeed: %d", status)
		}
		if status, _, _ := h.call(t, "other", "POST", "/settings/test-source", "key=SRC-1"); status != http.StatusNotFound {
			t.Errorf("somebody of another organisation tries it: %d", status)
		}
		if status, _, _ := h.call(t, "isms_manager", "POST", "/settings/collect-source", "key=SRC-1&back=/settings/sources"); status != http.StatusSeeOther {
			t.Errorf("collect: %d", status)
		}
		if _, _, page := h.call(t, "reader", "GET", "/settings/sources", ""); !strings.Contains(page, "waits") {
			t.Error("the page does not say that a collection waits")
		}
	})
}

func TestTheRetentionPageShowsWhatIsDueToThoseWhoDecide(t *testing.T) {
	inACompany(t, func(t *testing.T, h *house) {
		_, _, reader := h.call(t, "reader", "GET", "/settings/retention", "")
		_, _, manager := h.call(t, "isms_manager", "GET", "/settings/retention", "")
		if !strings.Contains(reader, "6 years") || strings.Contains(reader, `id="due"`) || !strings.Contains(manager, `id="due"`) {
			t.Error("classes or what is due are not shown to the right ones")
		}
		if status, _, body := h.call(t, "isms_manager", "POST", "/settings/erase-due", "password=wrong+wrong+wrong"); status != http.StatusForbidden || !strings.Contains(body, `role="alert"`) {
			t.Errorf("with a wrong password: %d", status)
		}
		if status, _, _ := h.call(t, "isms_manager", "POST", "/settings/erase-due", "password="+url.QueryEscape(password)); status != http.StatusSeeOther {
			t.Errorf("erase what is due: %d", status)
		}
	})
}
