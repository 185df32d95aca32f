// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/internal/testserver"
	"sextant/ledger"
	"sextant/register"
)

// testdata/schema/<n> keeps the data folder and the backup of every released
// schema. go test -run Released -release writes the next one; what lies there
// is never written again.
var release = flag.Bool("release", false, "write testdata/schema/<next> from today's program")

// releasedKey is the master key of the kept folders: it guards nothing.
var releasedKey = strings.Repeat("0", 64)

// releasedIn gives the folders of the released schemas.
func releasedIn(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob("testdata/schema/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no released schema is kept: %v", err)
	}
	return folders
}

func openReleased(t *testing.T, folder string, args ...string) *program {
	t.Helper()
	p := prepared(t, args...)
	p.getenv = func(key string) string {
		return map[string]string{"SEXTANT_MASTER_KEY": releasedKey}[key]
	}
	if folder != "" {
		p.data = folder
	}
	if err := p.open(context.Background()); err != nil {
		t.Fatal(err)
	}
	return p
}

// holdsTheStory: every entry of the released folder is read, now and as it was,
// what was sealed still verifies, and it can be written on.
func holdsTheStory(t *testing.T, p *program) {
	t.Helper()
	ctx := context.Background()
	operator := access.Actor{Organisation: 1, Name: "operator:test", Roles: []access.Role{access.Operator, access.ISMSManager}}
	count := 0
	if err := p.kernel.Read(ctx, operator, 0, func(v *register.View) error {
		for _, def := range v.Set().All() {
			if err := v.Each(register.List{Register: def.Name}, func(e register.Entry) error {
				count++
				_, err := v.History(def.Name, e.Key, 0, 10)
				return err
			}); err != nil {
				return err
			}
		}
		history, err := v.History("person", "PER-9", 0, 10)
		if err != nil || len(history) != 2 || history[1].Doc.Text("job_title") != "Kettlewright" {
			t.Errorf("the history of PER-9: %+v, %v", history, err)
		}
		found, err := v.Find("limps", 5)
		if len(found) != 1 {
			t.Errorf("search finds %d entries", len(found))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if count < 7 {
		t.Errorf("%d entries are left", count)
	}
	report, err := p.prover.VerifyHere(ctx, 1, ledger.Trust{})
	if err != nil || !report.OK() || report.Lines < 10 {
		t.Errorf("the log: %v %+v", err, report)
	}
	if err := p.kernel.Write(ctx, operator, func(tx *register.Tx) error {
		_, err := tx.Edit("asset", "AST-1", 0, map[string]any{"title": "Order database, renamed"}, register.Note{})
		return err
	}); err != nil {
		t.Errorf("it cannot be written on: %v", err)
	}
}

func TestReleasedSchemasAreOpenedOnSQLite(t *testing.T) {
	if *release {
		writeRelease(t)
	}
	for _, folder := range releasedIn(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			here := t.TempDir()
			if err := os.CopyFS(here, os.DirFS(filepath.Join(folder, "folder"))); err != nil {
				t.Fatal(err)
			}
			holdsTheStory(t, openReleased(t, here))
		})
	}
}

func TestReleasedSchemasAreRestoredOnPostgreSQL(t *testing.T) {
	for _, folder := range releasedIn(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			database := testserver.PostgreSQL(t)
			p := openReleased(t, "", database.App, database.Owner)
			data, err := os.ReadFile(filepath.Join(folder, "backup.zip"))
			if err != nil {
				t.Fatal(err)
			}
			archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			if err := p.restore(context.Background(), archive); err != nil {
				t.Fatal(err)
			}
			holdsTheStory(t, p)
		})
	}
}

func TestAFolderOfANewerVersionIsRefusedAndLeftAlone(t *testing.T) {
	here := t.TempDir()
	folders := releasedIn(t)
	if err := os.CopyFS(here, os.DirFS(filepath.Join(folders[len(folders)-1], "folder"))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(here, "sextant.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (900, 1)`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := prepared(t)
	p.data = here
	err = p.open(context.Background())
	if sextant.CodeOf(err) != sextant.Unavailable || !strings.Contains(err.Error(), "newer version") || !strings.Contains(err.Error(), "start the newer version") {
		t.Errorf("opened, or refused without help: %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the refused folder was written to: %v", err)
	}
}

func writeRelease(t *testing.T) {
	t.Helper()
	existing, _ := filepath.Glob("testdata/schema/*")
	target := filepath.Join("testdata", "schema", string(rune('1'+len(existing))))
	p := prepared(t)
	p.data = filepath.Join(target, "folder")
	p.getenv = func(key string) string {
		return map[string]string{"SEXTANT_MASTER_KEY": releasedKey}[key]
	}
	settled(t, p)
	var out bytes.Buffer
	if err := p.backup(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(target, "backup.zip"), out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.store.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	p.close()
	for _, name := range []string{"lock", "sextant.db-wal", "sextant.db-shm"} {
		os.Remove(filepath.Join(p.data, name))
	}
}
