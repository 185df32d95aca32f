// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sextant/access"
	"sextant/internal/testserver"
	"sextant/ledger"
	"sextant/register"
)

// What is erased below. Each word stands in one place only: a field, its tag,
// its uniqueness, a past version, a reason, a comment, a file.
var personal = []string{"Brzeczyszczykiewicz", "zygmunt.quux@", "zq-private@", "EMP-77031", "Kettlewright", "seconded-to-Ostrava", "limps-on-the-left", "x-ray-of-the-knee", "knee.pdf"}

// settled is a data set with a person who is known in every place there is.
func settled(t *testing.T, p *program) access.Actor {
	t.Helper()
	ctx := context.Background()
	if err := p.open(ctx); err != nil {
		t.Fatal(err)
	}
	org, mara, err := p.newOrganisation(ctx, "Northquay", "Mara", "mara@northquay.example")
	if err != nil {
		t.Fatal(err)
	}
	operator := access.Actor{Organisation: org, Name: "operator:test", Roles: []access.Role{access.Operator, access.ISMSManager}}
	write := func(fn func(tx *register.Tx) error) {
		t.Helper()
		if err := p.kernel.Write(ctx, operator, fn); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *register.Tx) error {
		_, err := tx.CreateAs("person", "PER-9", map[string]any{"name": "Zygmunt Brzeczyszczykiewicz", "email": "zygmunt.quux@northquay.example", "other_emails": []any{"zq-private@example.org"},
			"employee_number": "EMP-77031", "job_title": "Kettlewright", "manager": mara}, register.Note{Why: "seconded-to-Ostrava"})
		return err
	})
	write(func(tx *register.Tx) error {
		if _, err := tx.Edit("person", "PER-9", 0, map[string]any{"job_title": "Clerk", "other_emails": nil}, register.Note{}); err != nil {
			return err
		}
		if _, err := tx.Create("comment", map[string]any{"subject": "PER-9", "text": "limps-on-the-left"}, register.Note{}); err != nil {
			return err
		}
		_, err := tx.Create("asset", map[string]any{"title": "Order database", "type": "database", "owner": "PER-9", "scope_units": []any{"SU-1"}}, register.Note{})
		return err
	})
	if _, err := p.kernel.Attach(ctx, operator, "person", "PER-9", "knee.pdf", "application/pdf", strings.NewReader("x-ray-of-the-knee")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.prover.Checkpoint(ctx, org); err != nil {
		t.Fatal(err)
	}
	return operator
}

func prepared(t *testing.T, args ...string) *program {
	t.Helper()
	home := t.TempDir()
	p := &program{getenv: func(string) string { return "" }, stdout: io.Discard, stderr: io.Discard, keyFile: filepath.Join(home, "key"), data: filepath.Join(home, "data")}
	if len(args) == 2 {
		p.databaseURL, p.ownerURL = args[0], args[1]
	}
	t.Cleanup(p.close)
	return p
}

// spread gives every byte there is of an organisation: the files of the data
// folder as they lie there, a new backup and a new package, unpacked.
func spread(t *testing.T, p *program, operator access.Actor) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	if err := filepath.WalkDir(p.data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			all[path], err = os.ReadFile(path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(io.Writer) error{
		"backup":  func(w io.Writer) error { return p.backup(context.Background(), w) },
		"package": func(w io.Writer) error { return p.prover.Package(context.Background(), operator.Organisation, w) },
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
		unzip(t, name, out.Bytes(), all)
	}
	for name, data := range all {
		all[name] = plain(data)
	}
	if p.databaseURL != "" {
		rowsOf(t, p.databaseURL, all)
	}
	return all
}

// rowsOf adds every row of every table, as PostgreSQL prints it.
func rowsOf(t *testing.T, url string, all map[string][]byte) {
	t.Helper()
	db, err := sql.Open("pgx", testserver.Superuser(t, url))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var tables []string
	if err := db.QueryRow(`SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname='public'`).Scan((*list)(&tables)); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		var text sql.NullString
		if err := db.QueryRow(`SELECT string_agg(CAST(x AS TEXT), ' ') FROM ` + table + ` x`).Scan(&text); err != nil {
			t.Fatal(err)
		}
		all["table "+table] = []byte(strings.ToLower(text.String))
		for _, run := range regexp.MustCompile(`\\x[0-9a-f]+`).FindAllString(text.String, -1) {
			if decoded, err := hex.DecodeString(run[2:]); err == nil {
				all["table "+table] = append(all["table "+table], bytes.ToLower(decoded)...)
			}
		}
	}
}

type list []string

func (l *list) Scan(value any) error { *l = strings.Split(value.(string), ","); return nil }

func unzip(t *testing.T, name string, data []byte, all map[string][]byte) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if all[name+"/"+f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// run64 finds what may be base64; backups and packages write bytes so.
var run64 = regexp.MustCompile(`[A-Za-z0-9+/]{12,}={0,2}`)

// plain gives content with what is base64 in it decoded behind it, in small letters.
func plain(data []byte) []byte {
	all := bytes.ToLower(data)
	for _, run := range run64.FindAll(data, -1) {
		if decoded, err := base64.StdEncoding.DecodeString(string(run)); err == nil {
			all = append(append(all, '\n'), bytes.ToLower(decoded)...)
		}
	}
	return all
}

func holds(all map[string][]byte, word string) (where []string) {
	for name, data := range all {
		if bytes.Contains(data, []byte(strings.ToLower(word))) {
			where = append(where, name)
		}
	}
	return where
}

func erasedEverywhere(t *testing.T, p *program) {
	operator := settled(t, p)
	before := spread(t, p, operator)
	for _, word := range personal {
		if len(holds(before, word)) == 0 {
			t.Fatalf("%s is nowhere before the erasure: the test would prove nothing", word)
		}
	}
	reports, err := p.erase(context.Background(), operator, false, func(tx *register.Tx) ([]register.ErasureReport, error) {
		report, err := tx.Erase(register.Erasure{Register: "person", Key: "PER-9", Rule: "gdpr-art-17", Person: "PER-9"})
		return []register.ErasureReport{report}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	after := spread(t, p, operator)
	for _, word := range personal {
		if where := holds(after, word); len(where) > 0 {
			t.Errorf("%s is still in %v", word, where)
		}
	}
	verifiesWithErased(t, p, operator, reports[0])
}

// verifiesWithErased: everything else still holds, and what went says why.
func verifiesWithErased(t *testing.T, p *program, operator access.Actor, erased register.ErasureReport) {
	t.Helper()
	report, err := p.prover.VerifyHere(context.Background(), operator.Organisation, ledger.Trust{})
	if err != nil || !report.OK() {
		t.Fatalf("after the erasure: %v %+v", err, report)
	}
	want := len(erased.Lines)
	for _, part := range erased.With {
		want += len(part.Lines)
	}
	if len(report.Erased) != want || want < 4 || report.Erased[0].Rule != "gdpr-art-17" || report.Erased[0].By != "operator:test" || report.Erased[0].Person != "PER-9" {
		t.Errorf("verify names %d erased lines, want %d: %+v", len(report.Erased), want, report.Erased)
	}
}

func TestAnErasedValueIsNowhereOnSQLite(t *testing.T) { erasedEverywhere(t, prepared(t)) }

func TestAnErasedValueIsNowhereOnPostgreSQL(t *testing.T) {
	database := testserver.PostgreSQL(t)
	erasedEverywhere(t, prepared(t, database.App, database.Owner))
}

func TestAFileThatSomethingElseCitesStays(t *testing.T) {
	p := prepared(t)
	operator := settled(t, p)
	ctx := context.Background()
	if _, err := p.kernel.Attach(ctx, operator, "asset", "AST-1", "copy.pdf", "application/pdf", strings.NewReader("x-ray-of-the-knee")); err != nil {
		t.Fatal(err)
	}
	reports, err := p.erase(ctx, operator, false, func(tx *register.Tx) ([]register.ErasureReport, error) {
		report, err := tx.Erase(register.Erasure{Register: "person", Key: "PER-9", Rule: "gdpr-art-17"})
		return []register.ErasureReport{report}, err
	})
	if err != nil || len(reports[0].Files) != 0 {
		t.Fatalf("%v: files %v", err, reports[0].Files)
	}
	if len(holds(spread(t, p, operator), "x-ray-of-the-knee")) == 0 {
		t.Error("another entry's file went with the erasure")
	}
}

func TestRetentionErasesWhatIsOverAndALegalHoldWins(t *testing.T) {
	p := prepared(t)
	operator := settled(t, p)
	ctx := context.Background()
	try := func(fn func(tx *register.Tx) error) error { return p.kernel.Write(ctx, operator, fn) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(try(func(tx *register.Tx) error {
		if _, err := tx.Edit("asset", "AST-1", 0, map[string]any{"owner": "PER-1"}, register.Note{}); err != nil {
			return err
		}
		if _, err := tx.Transition("person", "PER-9", 0, "leave", map[string]any{"ends_on": "2020-01-31"}, register.Note{}); err != nil {
			return err
		}
		_, err := tx.Transition("person", "PER-9", 0, "left", nil, register.Note{})
		return err
	}))
	due := func() (list []register.Due) {
		t.Helper()
		must(p.kernel.Read(ctx, operator, 0, func(v *register.View) (err error) { list, err = v.DueErasures(); return err }))
		return list
	}
	if list := due(); len(list) != 0 {
		t.Errorf("closed just now, and due already: %+v", list)
	}
	must(try(func(tx *register.Tx) error {
		if _, err := tx.Edit("organisation", "ORG-1", 0, map[string]any{"keep_employment": "PT0S"}, register.Note{}); err != nil {
			return err
		}
		_, err := tx.Create("legal_hold", map[string]any{"title": "Case 12", "reason": "court order", "entries": []any{"PER-9"}, "owner": "PER-1"}, register.Note{})
		return err
	}))
	if list := due(); len(list) != 1 || list[0].Key != "PER-9" || list[0].Held != "HLD-1" || list[0].Whole {
		t.Errorf("due %+v", list)
	}
	for name, e := range map[string]register.Erasure{"the person": {Register: "person", Key: "PER-9"}, "their attachment": {Register: "attachment", Key: "ATM-1"}, "their comment": {Register: "comment", Key: "CMT-1"}} {
		e.Rule = "gdpr-art-17"
		if err := try(func(tx *register.Tx) error { _, err := tx.Erase(e); return err }); err == nil || !strings.Contains(err.Error(), "legal hold HLD-1") {
			t.Errorf("%s on hold: %v", name, err)
		}
	}
	must(try(func(tx *register.Tx) error {
		reports, err := tx.EraseDue(10)
		if len(reports) != 0 {
			t.Errorf("erased in spite of the hold: %+v", reports)
		}
		return err
	}))
	must(try(func(tx *register.Tx) error {
		_, err := tx.Transition("legal_hold", "HLD-1", 0, "release", nil, register.Note{Why: "settled"})
		return err
	}))
	must(p.eraseDue(ctx, operator, true))
	if list := due(); len(list) != 1 {
		t.Errorf("a dry run changed what is due: %+v", list)
	}
	must(p.eraseDue(ctx, operator, false))
	if list := due(); len(list) != 0 {
		t.Errorf("still due: %+v", list)
	}
	for _, word := range personal {
		if where := holds(spread(t, p, operator), word); len(where) > 0 {
			t.Errorf("%s is still in %v", word, where)
		}
	}
	if err := try(func(tx *register.Tx) error {
		_, err := tx.Edit("organisation", "ORG-1", 0, map[string]any{"keep_cycle": "P1Y"}, register.Note{})
		return err
	}); err == nil || !strings.Contains(err.Error(), "three years") {
		t.Errorf("retention below the certification minimum: %v", err)
	}
}

// What somebody does is recorded by their person entry, never by their address;
// once they are no member and their entry is erased, the address is nowhere.
func TestNoAddressIsSealedSoAnAccountCanBeForgotten(t *testing.T) {
	p := prepared(t)
	ctx := context.Background()
	if err := p.open(ctx); err != nil {
		t.Fatal(err)
	}
	org, err := p.accounts.Create(ctx, "Northquay", "Mara", "mara@northquay.example", "seven grey herons")
	if err != nil {
		t.Fatal(err)
	}
	operator := access.Actor{Organisation: org, Name: "operator:test", Roles: []access.Role{access.Operator, access.ISMSManager}}
	if err := p.kernel.Write(ctx, operator, func(tx *register.Tx) error {
		_, err := tx.Create("person", map[string]any{"name": "Zygmunt Brzeczyszczykiewicz", "email": "zygmunt.quux@northquay.example"}, register.Note{})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	link, err := p.accounts.Invite(ctx, operator, "zygmunt.quux@northquay.example", "PER-2", []access.Role{access.ISMSManager}, 0)
	if err != nil {
		t.Fatal(err)
	}
	session, err := p.accounts.Join(ctx, link, "Zygmunt Brzeczyszczykiewicz", "nine black storks", "")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = p.accounts.SignIn(ctx, "zygmunt.quux@northquay.example", "wrong", "", "10.0.0.1") // leaves a counted failure
	actor, err := p.accounts.Session(ctx, session)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.kernel.Write(ctx, actor, func(tx *register.Tx) error {
		_, err := tx.Create("task", map[string]any{"title": "Count the storks", "assignee": "PER-1", "due_on": "2027-01-01"}, register.Note{})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.accounts.MakeToken(ctx, actor, "zygmunt.quux@northquay.example", "script", nil, 0); err != nil {
		t.Fatal(err)
	}
	if err := p.accounts.Dismiss(ctx, operator, "zygmunt.quux@northquay.example"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.erase(ctx, operator, false, func(tx *register.Tx) ([]register.ErasureReport, error) {
		report, err := tx.Erase(register.Erasure{Register: "person", Key: "PER-2", Rule: "gdpr-art-17"})
		return []register.ErasureReport{report}, err
	}); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"zygmunt.quux@", "Brzeczyszczykiewicz"} {
		if where := holds(spread(t, p, operator), word); len(where) > 0 {
			t.Errorf("%s is still in %v", word, where)
		}
	}
	if err := p.kernel.Read(ctx, operator, 0, func(v *register.View) error {
		e, err := v.Entry("task", "TSK-1")
		if e.Actor != "person:PER-2" || v.Who(e.Actor) != "PER-2" {
			t.Errorf("written by %q, called %q", e.Actor, v.Who(e.Actor))
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
