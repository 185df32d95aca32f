// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"sextant"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/register/registertest"
)

// reported fills two organisations and gives them.
func reported(t *testing.T, s *store.Store, clock *registertest.Clock) (one, two *registertest.Bench) {
	t.Helper()
	one, two = registertest.NewBench(t, opened(t, s, clock), "One"), registertest.NewBench(t, opened(t, s, clock), "Two")
	one.Pump(t, map[string]any{"name": "ours", "kind": "feed", "litres": 12.5, "critical": true, "uses": []any{"deck"}, "price": "1200.00 EUR", "maker_key": "sesame", "keeper": one.Ada})
	two.Pump(t, map[string]any{"name": "theirs", "kind": "fire"})
	return one, two
}

// seen runs a query and gives its rows as text.
func seen(t *testing.T, db *sql.DB, query string) (columns []string, rows []string, err error) {
	t.Helper()
	result, err := db.Query(query)
	if err != nil {
		return nil, nil, err
	}
	defer result.Close()
	if columns, err = result.Columns(); err != nil {
		return nil, nil, err
	}
	for result.Next() {
		values, pointers := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := result.Scan(pointers...); err != nil {
			return nil, nil, err
		}
		rows = append(rows, fmt.Sprint(values...))
	}
	return columns, rows, result.Err()
}

func reads(t *testing.T, db *sql.DB, view string) {
	t.Helper()
	columns, rows, err := seen(t, db, "SELECT * FROM "+view)
	if err != nil || len(rows) != 1 || !strings.Contains(rows[0], "ours") {
		t.Fatalf("%v: the view shows %q", err, rows)
	}
	names := " " + strings.Join(columns, " ") + " "
	for _, name := range []string{"key", "state", "changed", "name", "kind", "litres", "critical", "uses", "keeper"} {
		if !strings.Contains(names, " "+name+" ") {
			t.Errorf("the view has no %s among %s", name, names)
		}
	}
	for _, name := range []string{"price", "maker_key"} {
		if strings.Contains(names, " "+name+" ") {
			t.Errorf("the view shows %s", name)
		}
	}
	if strings.Contains(rows[0], "1200") || strings.Contains(rows[0], "handle") {
		t.Errorf("the view shows what is restricted or secret: %s", rows[0])
	}
	if _, rows, err := seen(t, db, "SELECT sum(litres) FROM "+view+" WHERE critical"); err != nil || len(rows) != 1 || !strings.HasPrefix(rows[0], "12.5") {
		t.Errorf("a sum over the view: %v %v", rows, err)
	}
}

func TestReportingViewsOnSQLite(t *testing.T) {
	folder, clock := t.TempDir(), registertest.NewClock()
	s, err := store.Open(context.Background(), store.Config{Folder: folder, Clock: clock.Now, Views: registertest.Set().ReportViews()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	one, two := reported(t, s, clock)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(folder, "sextant.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	reads(t, db, fmt.Sprintf("report_%d_pump", one.Org))
	if _, rows, err := seen(t, db, fmt.Sprintf("SELECT name FROM report_%d_pump", two.Org)); err != nil || fmt.Sprint(rows) != "[theirs]" {
		t.Errorf("the other organisation's view: %v %v", rows, err)
	}
	if err := s.BindReporting(context.Background(), one.Org, "bi", "test"); sextant.CodeOf(err) != sextant.Invalid {
		t.Errorf("SQLite has no roles: %v", err)
	}
}

// A role bound to one organisation sees that one, whatever it sets in its
// session, and no table at all.
func TestReportingViewsOnPostgreSQLShowARoleItsOwnOrganisation(t *testing.T) {
	database, clock, ctx := testserver.PostgreSQL(t), registertest.NewClock(), context.Background()
	s, err := store.Open(ctx, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner, Clock: clock.Now, Views: registertest.Set().ReportViews()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	one, two := reported(t, s, clock)
	role, url := database.Role(t, "bi")
	if err := s.BindReporting(ctx, one.Org, role, "operator:test"); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // what is set below stays set
	reads(t, db, "report.pump")
	for _, setting := range []string{fmt.Sprintf("SET app.org = '%d'", two.Org), "RESET app.org", "SET row_security = off"} {
		if _, err := db.Exec(setting); err != nil {
			t.Fatal(err)
		}
		if _, rows, err := seen(t, db, "SELECT name FROM report.pump"); err == nil && fmt.Sprint(rows) != "[ours]" {
			t.Errorf("after %s the view shows %v", setting, rows)
		}
	}
	if _, err := db.Exec("RESET row_security"); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"entry", "entry_version", "journal", "account", "session", "secret", "organisation", "entry_search", "report_role", "api_token", "membership"} {
		if _, _, err := seen(t, db, "SELECT * FROM "+table); err == nil {
			t.Errorf("the role reads the table %s", table)
		}
	}
	if _, err := db.Exec("UPDATE report.pump SET state='scrapped'"); err == nil {
		t.Error("the role writes through a view")
	}
	if err := s.BindReporting(ctx, one.Org, "nobody_of_that_name", "operator:test"); sextant.CodeOf(err) != sextant.NotFound {
		t.Errorf("a role that is not there: %v", err)
	}
	again, err := store.Open(ctx, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner, Clock: clock.Now, Views: append(registertest.Set().ReportViews()[1:], registertest.Set().ReportViews()[0])})
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	reads(t, db, "report.pump")
}
