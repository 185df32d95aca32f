// SPDX-License-Identifier: Apache-2.0

// Package producttest is a whole server over the product's registers, for tests
// of pages and API: real stores, real accounts, a clock the test moves. It
// states nothing itself.
package producttest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/evidence"
	"sextant/internal/blob"
	"sextant/internal/schedule"
	"sextant/internal/server"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/monitor"
	"sextant/product"
	"sextant/register"
	"sextant/secret"
)

// House is an organisation behind a server, with an account for each role.
type House struct {
	*httptest.Server
	Store  *store.Store
	Kernel *register.Kernel
	Org    sextant.Organisation
	People map[access.Role]string // keys of persons; each account has one
	Work   *schedule.Schedule     // takes work; a test that wants it done runs it

	accounts *access.Accounts
	sessions map[access.Role]string // opened when somebody first asks for a page
	ahead    atomic.Int64
}

// Roles are those there is an account for.
var Roles = []access.Role{access.Admin, access.ISMSManager, access.Owner, access.InternalAuditor, access.ExternalAuditor, access.Reader}

// Password is that of every account.
const Password = "seven grey herons"

// Both runs a test over SQLite and over PostgreSQL.
func Both(t *testing.T, test func(*testing.T, *House)) {
	t.Run("SQLite", func(t *testing.T) { test(t, New(t, store.Config{Folder: t.TempDir()})) })
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		test(t, New(t, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner}))
	})
}

// New makes a house over a store.
func New(t testing.TB, config store.Config) *House {
	t.Helper()
	h := &House{People: map[access.Role]string{}, sessions: map[access.Role]string{}}
	config.Clock = h.Clock
	var err error
	config.Readers = 1
	if h.Store, err = store.Open(t.Context(), config); err != nil {
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
	h.Kernel = register.New(h.Store, product.Registers(), register.Config{Sealer: key, Blobs: files, Clock: h.Clock, Functions: product.Functions(), Renderers: product.Renderers(), Follows: product.Follows(), Written: h.written})
	h.accounts = access.NewAccounts(h.Store, key, h.Clock, func(ctx context.Context, f access.Founding) (sextant.Organisation, error) {
		org, _, err := product.Begin(ctx, h.Store, h.Kernel, f)
		return org, err
	})
	way := product.Way(h.Kernel, h.Store)
	h.Work = schedule.New(schedule.Config{Store: h.Store, Kernel: h.Kernel, Way: way, Clock: h.Clock})
	h.Server = httptest.NewServer(server.Handler(server.Config{Kernel: h.Kernel, Accounts: h.accounts, Uploads: files.Tray(), Version: "test", Way: way, Work: h.Work, Types: product.Types(), Frameworks: product.Frameworks(), Rules: product.Rules(), Proposers: product.Proposers()}))
	t.Cleanup(func() { h.Close(); h.Store.Close() })
	h.admit(t)
	return h
}

// Clock is the house's own time.
func (h *House) Clock() sextant.Instant {
	return sextant.SystemClock() + sextant.Instant(h.ahead.Load())
}

// Later moves the clock on; everybody signs in again.
func (h *House) Later(d time.Duration) {
	h.ahead.Add(int64(d / time.Microsecond))
	clear(h.sessions)
}

// admit makes an account and a person for each role.
func (h *House) admit(t testing.TB) {
	t.Helper()
	var err error
	if h.Org, err = h.accounts.Create(t.Context(), "Northquay", "Mara Lindqvist", "mara@example.org", Password); err != nil {
		t.Fatal(err)
	}
	operator := access.Actor{Organisation: h.Org, Name: "operator:test", Roles: []access.Role{access.Operator}}
	for _, role := range Roles {
		e := h.Create(t, "person", map[string]any{"name": "The " + strings.ReplaceAll(string(role), "_", " "), "email": string(role) + "@example.org", "kind": "employee"})
		h.People[role] = e.Key
		link, err := h.accounts.Invite(t.Context(), operator, string(role)+"@example.org", e.Key, []access.Role{role}, h.Clock().Add(1000*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if h.sessions[role], err = h.accounts.Join(t.Context(), link, string(role), Password, ""); err != nil {
			t.Fatal(err)
		}
	}
}

// session gives an open session of a role's account.
func (h *House) session(t testing.TB, role access.Role) string {
	t.Helper()
	if h.sessions[role] == "" {
		session, err := h.accounts.SignIn(t.Context(), string(role)+"@example.org", Password, "", "test")
		if err != nil {
			t.Fatal(err)
		}
		h.sessions[role] = session
	}
	return h.sessions[role]
}

// System is the program itself as an actor.
func (h *House) System() access.Actor { return access.SystemActor(h.Org, "test") }

// Write writes as the program itself.
func (h *House) Write(t testing.TB, fn func(*register.Tx) error) {
	t.Helper()
	if err := h.Kernel.Write(t.Context(), h.System(), fn); err != nil {
		t.Fatal(err)
	}
}

// Create makes an entry as the program itself.
func (h *House) Create(t testing.TB, name string, fields map[string]any) (e register.Entry) {
	t.Helper()
	h.Write(t, func(tx *register.Tx) (err error) {
		e, err = tx.Create(name, fields, register.Note{})
		return err
	})
	return e
}

// Move makes a transition of an entry as the program itself, which signs nothing.
func (h *House) Move(t testing.TB, e register.Entry, transition string, fields map[string]any, reason string) (moved register.Entry) {
	t.Helper()
	h.Write(t, func(tx *register.Tx) (err error) {
		moved, err = tx.Transition(e.Register.Name, e.Key, 0, transition, fields, register.Note{Why: reason})
		return err
	})
	return moved
}

// Look reads as the program itself, at a moment, 0 for now.
func (h *House) Look(t testing.TB, at sextant.Instant, fn func(*register.View, evidence.Reader) error) {
	t.Helper()
	if err := h.Kernel.Read(t.Context(), h.System(), at, func(v *register.View) error {
		r, err := evidence.On(v)
		if err == nil {
			err = fn(v, r)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// Observe lets a run see a whole population: the attributes of each resource of
// a type by the last part of its key; then everything is evaluated.
func (h *House) Observe(t testing.TB, source, kind string, resources map[string]map[string]any) {
	t.Helper()
	recorder := &monitor.Recorder{Store: h.Store, Organisation: h.Org, Source: source}
	slice := connector.Slice{Type: kind, Account: "111122223333", Region: "eu-central-1"}
	for name, attributes := range resources {
		if err := recorder.Observe(t.Context(), connector.Observation{Slice: slice, Key: "arn:aws:test:eu-central-1:111122223333:" + name, Kind: connector.Configuration, Attributes: attributes}); err != nil {
			t.Fatal(err)
		}
	}
	if err := recorder.Complete(t.Context(), connector.Population{Slice: slice, State: connector.Complete, Count: len(resources)}); err != nil {
		t.Fatal(err)
	}
	h.Evaluate(t)
}

// written derives states anew where an entry was written that decides some.
func (h *House) written(ctx context.Context, org sextant.Organisation, registers []string) {
	if !monitor.Written(registers) {
		return
	}
	if _, err := product.Way(h.Kernel, h.Store).Settle(context.WithoutCancel(ctx), org); err != nil {
		panic(err)
	}
}

// Evaluate brings results and states up to date.
func (h *House) Evaluate(t testing.TB) {
	t.Helper()
	if _, err := product.Way(h.Kernel, h.Store).Evaluate(t.Context(), h.Org); err != nil {
		t.Fatal(err)
	}
}

// Database is what is observed of a database that keeps so many days of backups.
func Database(name string, days int) map[string]any {
	return map[string]any{"name": name, "identifier": name, "backup_retention_days": days, "latest_snapshot_at": "2099-01-01T00:00:00Z", "engine": "postgres",
		"storage_encrypted": true, "multi_az": true, "publicly_accessible": false, "tags": map[string]any{}}
}

// Get asks for a page as somebody and gives status and body; redirects are not
// followed.
func (h *House) Get(t testing.TB, role access.Role, path string) (int, string) {
	t.Helper()
	status, _, body := h.call(t, role, http.MethodGet, path, urlEncoded, "")
	return status, body
}

// Post sends a form as somebody and gives status, where it leads, and the body.
func (h *House) Post(t testing.TB, role access.Role, path, form string) (status int, location, body string) {
	t.Helper()
	return h.call(t, role, http.MethodPost, path, urlEncoded, form)
}

// Send sends a body of some type as somebody, such as a form with a file.
func (h *House) Send(t testing.TB, role access.Role, path, mediaType, body string) (int, string) {
	t.Helper()
	status, _, answer := h.call(t, role, http.MethodPost, path, mediaType, body)
	return status, answer
}

// Headers asks for a page as somebody and gives what comes before its body, and
// its status.
func (h *House) Headers(t testing.TB, role access.Role, path string) (int, http.Header) {
	t.Helper()
	answer := h.ask(t, role, http.MethodGet, path, urlEncoded, "")
	answer.Body.Close()
	return answer.StatusCode, answer.Header
}

const urlEncoded = "application/x-www-form-urlencoded"

func (h *House) call(t testing.TB, role access.Role, method, path, mediaType, form string) (int, string, string) {
	t.Helper()
	answer := h.ask(t, role, method, path, mediaType, form)
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Location"), string(data)
}

func (h *House) ask(t testing.TB, role access.Role, method, path, mediaType, form string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "sextant_session", Value: h.session(t, role)})
	r.Header.Set("Content-Type", mediaType)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// Fresh is a store of its own for a test that needs one only.
func Fresh(t testing.TB) store.Config { return store.Config{Folder: t.TempDir()} }
