// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/access"
	"sextant/internal/server"
	"sextant/internal/terminal"
	"sextant/internal/testserver"
	"sextant/register"
	"sextant/register/registertest"
)

// yard is the whole program over registers that only a test declares.
type yard struct {
	*testing.T
	*httptest.Server
	p      *program
	source string // of the database, for reporting tools
	tokens map[access.Role]string
	cookie map[access.Role]string
	def    *register.Definition
	key    string // of the pump in which every field is filled
}

// filled has a value for every field a person fills.
var filled = map[string]any{"name": "Forepeak", "serial": []any{"S-1", "S-2"}, "kind": "bilge", "uses": []any{"deck", "engine"}, "keeper": "PER-1", "approver": "PER-2", "service_on": "2027-03-01",
	"litres": 90.5, "critical": true, "price": "12.00 EUR", "maker_key": "open sesame", "backup": "PMP-1", "twin": "PMP-1", "notes": "unmistakable gland", "every": "P1Y", "planned_on": "2027-02-01"}

// other has another value for each of them.
var other = map[string]any{"name": "Afterpeak", "serial": []any{"S-3"}, "kind": "feed", "uses": []any{"cargo"}, "keeper": "PER-2", "approver": "PER-1", "service_on": "2027-04-01",
	"litres": 12, "critical": false, "price": "13.00 EUR", "maker_key": "shut sesame", "backup": "PMP-3", "twin": "PMP-3", "notes": "quiet", "every": "P1M", "planned_on": "2027-05-01"}

func newYard(t *testing.T, p *program, source string) *yard {
	t.Helper()
	ctx := context.Background()
	p.registers, p.shell = registertest.Set(), terminal.Here{}
	if err := p.open(ctx); err != nil {
		t.Fatal(err)
	}
	y := &yard{T: t, p: p, source: source, tokens: map[access.Role]string{}, cookie: map[access.Role]string{}, def: registertest.Pumps.Definition}
	made, err := p.store.Found(ctx, access.Founding{Organisation: "Yard"}, func(org sextant.Organisation, w register.WriteTx) (string, error) {
		_, err := p.kernel.WriteIn(ctx, access.SystemActor(org, "test"), w, func(tx *register.Tx) error {
			for _, name := range []string{"Ada", "Ben"} {
				if _, err := registertest.Sailors.Create(tx, registertest.Sailor{Name: name}, register.Note{}); err != nil {
					return err
				}
			}
			for _, name := range []string{"first", "second"} {
				if _, err := tx.Create("pump", map[string]any{"name": name}, register.Note{}); err != nil {
					return err
				}
			}
			return nil
		})
		return "", err
	})
	y.must(err)
	for _, role := range walkers {
		link, err := p.accounts.Invite(ctx, operatorOf(made.Number), string(role)+"@example.org", "", []access.Role{role}, sextant.SystemClock().Add(1<<50))
		y.must(err)
		y.cookie[role], err = p.accounts.Join(ctx, link, string(role), walkPassword, "")
		y.must(err)
		y.tokens[role], err = p.accounts.MakeToken(ctx, operatorOf(made.Number), string(role)+"@example.org", "test", nil, 0)
		y.must(err)
	}
	y.Server = httptest.NewServer(server.Handler(p.served()))
	t.Cleanup(y.Close)
	return y
}

func (y *yard) must(err error) {
	y.Helper()
	if err != nil {
		y.Fatal(err)
	}
}

// call sends a request as a role; headers come in pairs.
func (y *yard) call(role access.Role, method, path, body string, headers ...string) (int, http.Header, string) {
	y.Helper()
	r, err := http.NewRequest(method, y.URL+path, strings.NewReader(body))
	y.must(err)
	if strings.HasPrefix(path, "/api/") {
		r.Header.Set("Authorization", "Bearer "+y.tokens[role])
	} else {
		r.AddCookie(&http.Cookie{Name: "sextant_session", Value: y.cookie[role]})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	y.must(err)
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	y.must(err)
	return answer.StatusCode, answer.Header, string(data)
}

// got gives what an address shows to the ISMS manager.
func (y *yard) got(path string) string {
	y.Helper()
	status, _, body := y.call(access.ISMSManager, http.MethodGet, path, "")
	if status != http.StatusOK {
		y.Fatalf("GET %s: %d %.300s", path, status, body)
	}
	return body
}

// run runs a command line over the test's registers.
func (y *yard) run(code int, args ...string) string {
	y.Helper()
	var out bytes.Buffer
	y.p.stdout, y.p.stderr = &out, &out
	flags := []string{"--data", y.p.data, "--key-file", y.p.keyFile, "--database-url", y.p.databaseURL, "--database-owner-url", y.p.ownerURL}
	if got := y.p.execute(context.Background(), append(flags, args...)); got != code {
		y.Errorf("%v: exit %d, want %d\n%s", args, got, code, out.String())
	}
	return out.String()
}

func (y *yard) json(value any) string {
	y.Helper()
	data, err := json.Marshal(value)
	y.must(err)
	return string(data)
}

// resource: made, read, edited field by field against the version that was seen,
// and refused where another was faster.
func (y *yard) resource() {
	status, headers, body := y.call(access.ISMSManager, http.MethodPost, "/api/v1/pumps", y.json(map[string]any{"fields": filled, "reason": "new"}))
	if status != http.StatusCreated {
		y.Fatalf("create: %d %s", status, body)
	}
	at := headers.Get("Location")
	y.key = at[strings.LastIndex(at, "/")+1:]
	for n, f := range y.typed() {
		seen := fmt.Sprintf(`"%d"`, n+1)
		status, _, body := y.call(access.ISMSManager, http.MethodPatch, at, y.json(map[string]any{"fields": map[string]any{f.Key: other[f.Key]}}), "If-Match", seen)
		if status != http.StatusOK {
			y.Errorf("edit of %s: %d %s", f.Key, status, body)
		}
		status, _, body = y.call(access.ISMSManager, http.MethodPatch, at, y.json(map[string]any{"fields": map[string]any{f.Key: filled[f.Key]}}), "If-Match", seen)
		if status != http.StatusConflict && status != http.StatusPreconditionFailed {
			y.Errorf("a stale edit of %s: %d %s", f.Key, status, body)
		}
	}
	status, _, body = y.call(access.ISMSManager, http.MethodPatch, at, y.json(map[string]any{"fields": filled}))
	if status != http.StatusOK {
		y.Fatalf("edit of all: %d %s", status, body)
	}
}

// typed are the fields people fill.
func (y *yard) typed() (fields []register.Field) {
	for _, f := range y.def.Fields {
		if !f.Derived {
			fields = append(fields, f)
		}
	}
	return fields
}

// surface is one place where the fields of a register appear by themselves.
type surface struct {
	name  string
	text  string
	mark  func(register.Field) string // what stands there for a field
	lacks func(register.Field) bool   // what it rightly leaves out
}

func label(f register.Field) string      { return html.EscapeString(f.Label) }
func asLabelled(f register.Field) string { return f.Label }
func quoted(f register.Field) string     { return `"` + f.Key + `"` }
func input(f register.Field) string      { return `name="` + f.Key + `"` }

func nothing(register.Field) bool        { return false }
func isSecret(f register.Field) bool     { return f.Kind == register.Secret }
func isDerived(f register.Field) bool    { return f.Derived }
func isRestricted(f register.Field) bool { return len(f.Readers) > 0 } // the operator is no reader of it
func reporting(f register.Field) bool    { return isSecret(f) || isRestricted(f) }

func (y *yard) surfaces() []surface {
	y.Helper()
	var keys []string
	for _, f := range y.def.Fields {
		keys = append(keys, f.Key)
	}
	at := "/pumps/" + y.key
	return []surface{
		{"table page", y.got("/pumps?cols=" + strings.Join(keys, ",")), label, isSecret},
		{"page of an entry", y.got(at), label, nothing},
		{"form of a new entry", y.got("/pumps/new"), input, isDerived},
		{"form of an entry", y.got(at + "/edit"), input, isDerived},
		{"resource", y.got("/api/v1" + at), quoted, nothing},
		{"history", y.got("/api/v1" + at + "/history?limit=50"), quoted, nothing},
		{"OpenAPI", y.openAPI(), quoted, nothing},
		{"CSV", y.got("/api/v1/pumps/export?format=csv"), asLabelled, isSecret},
		{"JSON", y.got("/api/v1/pumps/export?format=json"), quoted, isSecret},
		{"XLSX", y.unzipped(y.got("/api/v1/pumps/export?format=xlsx")), asLabelled, isSecret},
		{"sextant registers", y.run(exitOK, "registers"), func(f register.Field) string { return f.Key + " " }, nothing},
		{"sextant show", y.run(exitOK, "show", y.key), asLabelled, isRestricted},
		{"sextant history", y.run(exitOK, "history", y.key), func(f register.Field) string { return f.Key + ": " }, isRestricted},
		{"sextant export", y.run(exitOK, "export", "pump", "--format", "csv"), asLabelled, reporting},
		{"sextant views", y.run(exitOK, "views", "--json"), quoted, reporting},
		{"SQL view", y.view(), func(f register.Field) string { return " " + f.Key + " " }, reporting},
	}
}

// openAPI gives the schema of the register.
func (y *yard) openAPI() string {
	y.Helper()
	var document struct {
		Paths      map[string]any
		Components struct{ Schemas map[string]any }
	}
	y.must(json.Unmarshal([]byte(y.got("/api/openapi.json")), &document))
	for _, path := range []string{"/api/v1/pumps", "/api/v1/pumps/{key}", "/api/v1/pumps/{key}/history", "/api/v1/pumps/export", "/api/v1/pumps/import", "/api/v1/pumps/bulk"} {
		if document.Paths[path] == nil {
			y.Errorf("OpenAPI does not describe %s", path)
		}
	}
	return y.json(document.Components.Schemas["Pump"])
}

// unzipped gives the text of a spreadsheet.
func (y *yard) unzipped(data string) string {
	y.Helper()
	archive, err := zip.NewReader(strings.NewReader(data), int64(len(data)))
	y.must(err)
	var text strings.Builder
	for _, f := range archive.File {
		r, err := f.Open()
		y.must(err)
		content, err := io.ReadAll(r)
		y.must(err)
		text.Write(content)
	}
	return html.UnescapeString(text.String())
}

// view reads the entry through the SQL view and gives its columns.
func (y *yard) view() string {
	y.Helper()
	driver, name := "sqlite", "report_1_pump"
	if y.p.databaseURL != "" {
		driver, name = "pgx", "report.pump"
	}
	db, err := sql.Open(driver, y.source)
	y.must(err)
	defer db.Close()
	rows, err := db.Query(`SELECT * FROM ` + name)
	y.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	y.must(err)
	if y.p.databaseURL == "" && !rows.Next() {
		y.Error("the view is empty")
	}
	return " " + strings.Join(columns, "  ") + " "
}

// files: what was exported comes back as a file that changes nothing, and a file
// made by hand changes what it names.
func (y *yard) files() {
	for _, format := range []string{"csv", "json", "xlsx"} {
		exported := y.got("/api/v1/pumps/export?format=" + format)
		status, _, body := y.call(access.ISMSManager, http.MethodPost, "/api/v1/pumps/import?dry_run=true&format="+format, exported)
		if status != http.StatusOK || !strings.Contains(body, `"counts":{"unchanged":3}`) {
			y.Errorf("%s comes back as %d %.500s", format, status, body)
		}
	}
	path := filepath.Join(y.TempDir(), "pumps.csv")
	write(y, path, "Key,Name,Litres a minute\n"+y.key+",Forepeak,91\n,third,3\n,fourth,many\n")
	if said := y.run(exitFindings, "import", "pump", path, "--dry-run"); !strings.Contains(said, "1 created, 1 updated, 0 unchanged, 1 refused") {
		y.Errorf("the dry run says %s", said)
	}
	y.run(exitOK, "import", "pump", path, "--accept-refused")
	if said := y.run(exitOK, "list", "pump"); !strings.Contains(said, "third") || strings.Contains(said, "fourth") {
		y.Errorf("after the import: %s", said)
	}
}

// desired: a document with every field is planned, applied, and then nothing is
// left to do; a secret cannot be compared, and what the operator may not see
// cannot be set.
func (y *yard) desired() {
	fields := map[string]any{}
	for _, f := range y.typed() {
		if !reporting(f) && f.Key != "serial" {
			fields[f.Key] = filled[f.Key]
		}
	}
	fields["name"] = "Midships"
	data, err := yaml.Marshal(map[string]any{"register": "pump", "key": "PMP-40", "fields": fields})
	y.must(err)
	path := filepath.Join(y.TempDir(), "pump.yaml")
	write(y, path, string(data))
	planned := y.run(exitFindings, "plan", path)
	for key := range fields {
		if !strings.Contains(planned, key+": ") {
			y.Errorf("the plan does not show %s:\n%s", key, planned)
		}
	}
	y.run(exitOK, "apply", path)
	if again := y.run(exitOK, "plan", path); strings.Contains(again, "+") || strings.Contains(again, "~") {
		y.Errorf("a second plan is not empty:\n%s", again)
	}
}

// found: words of every searched kind lead to the entry, on the page and over
// the API, and links lead back.
func (y *yard) found() {
	for _, words := range []string{"Forepeak", "unmistakable gland", "S-1", "forepeak s", y.key} {
		for _, path := range []string{"/search?q=", "/api/v1/search?q="} {
			if body := y.got(path + strings.ReplaceAll(words, " ", "+")); !strings.Contains(body, y.key) {
				y.Errorf("%s does not find %q", path, words)
			}
		}
	}
	if body := y.got("/api/v1/pumps/PMP-1/links"); !strings.Contains(body, y.key) {
		y.Errorf("PMP-1 does not say who names it: %s", body)
	}
	if body := y.got("/api/v1/pumps?count=1&filter=uses%3Ddeck&order=-litres"); !strings.Contains(body, y.key) {
		y.Errorf("a filter does not find it: %s", body)
	}
}

// rights: everybody reads, but not what only some may see; only some write.
func (y *yard) rights() {
	for _, role := range walkers {
		for _, path := range []string{"/pumps", "/pumps/" + y.key, "/api/v1/pumps/" + y.key, "/api/v1/pumps/export?format=csv", "/api/v1/pumps/" + y.key + "/history"} {
			status, _, body := y.call(role, http.MethodGet, path, "")
			if sees := strings.Contains(body, "12.00 EUR") && path != "/pumps"; status != http.StatusOK || (sees && role != access.ISMSManager) || strings.Contains(body, "sesame") {
				y.Errorf("%s as %s: %d, sees the price: %v", path, role, status, sees)
			}
		}
		for _, w := range [][2]string{{http.MethodPost, "/api/v1/pumps"}, {http.MethodPatch, "/api/v1/pumps/" + y.key}} {
			status, _, _ := y.call(role, w[0], w[1], y.json(map[string]any{"fields": map[string]any{"name": w[0] + " by " + string(role)}}))
			if may := status < 300; may != (role == access.ISMSManager) {
				y.Errorf("%s %s as %s: %d", w[0], w[1], role, status)
			}
		}
	}
	if status, _, _ := y.call(access.Reader, http.MethodDelete, "/api/v1/pumps/"+y.key, ""); status != http.StatusForbidden {
		y.Errorf("a reader deletes: %d", status)
	}
	if status, _, body := y.call(access.ISMSManager, http.MethodDelete, "/api/v1/pumps/"+y.key, ""); status != http.StatusNoContent && status != http.StatusOK {
		y.Errorf("the manager deletes: %d %s", status, body)
	}
	if status, _, _ := y.call(access.ISMSManager, http.MethodGet, "/api/v1/pumps/"+y.key, ""); status != http.StatusNotFound {
		y.Errorf("a deleted entry is read: %d", status)
	}
}

func declaredAndNothingElse(y *yard) {
	for _, f := range y.typed() {
		if filled[f.Key] == nil || other[f.Key] == nil {
			y.Fatalf("give the test two values of %s", f.Key)
		}
	}
	y.resource()
	for _, s := range y.surfaces() {
		for _, f := range y.def.Fields {
			if has := strings.Contains(s.text, s.mark(f)); has == s.lacks(f) {
				y.Errorf("%s: has %s: %v", s.name, f.Key, has)
			}
		}
	}
	y.files()
	y.desired()
	y.found()
	y.rights()
}

// A register that only this test's set declares has pages, a resource, commands,
// files, documents, search, rights and a view, each with every field.
func TestARegisterDeclaredInATestGetsEverythingOnSQLite(t *testing.T) {
	p := prepared(t)
	declaredAndNothingElse(newYard(t, p, "file:"+filepath.Join(p.data, "sextant.db")+"?mode=ro"))
}

func TestARegisterDeclaredInATestGetsEverythingOnPostgreSQL(t *testing.T) {
	database := testserver.PostgreSQL(t)
	declaredAndNothingElse(newYard(t, prepared(t, database.App, database.Owner), testserver.Superuser(t, database.Owner)))
}
