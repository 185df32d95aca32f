// SPDX-License-Identifier: Apache-2.0

// Package testserver gives tests the real counterparts they need. Where one is
// missing a test is left out with the reason, except in CI, where it fails.
package testserver

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
)

// Missing leaves a test out, or fails it in CI.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s", what)
	}
	t.Skipf("%s", what)
}

// Database is a fresh database with the two roles the product asks for.
type Database struct {
	Owner string // URL of the role that owns the tables
	App   string // URL of the role the program runs as: owns nothing, bound by row-level security
}

// PostgreSQL makes a database of its own for a test and drops it afterwards.
// It needs SEXTANT_TEST_DATABASE_URL, a superuser's URL; `make test` sets it.
func PostgreSQL(t testing.TB) Database {
	t.Helper()
	admin := os.Getenv("SEXTANT_TEST_DATABASE_URL")
	if admin == "" {
		Missing(t, "no PostgreSQL: set SEXTANT_TEST_DATABASE_URL, or run make test")
	}
	db, err := sql.Open("pgx", admin)
	if err != nil {
		t.Fatal(err)
	}
	suffix := strings.ToLower(rand.Text()[:10])
	name, owner, app := "sextant_"+suffix, "owner_"+suffix, "app_"+suffix
	for _, statement := range []string{"CREATE ROLE " + owner + " LOGIN", "CREATE ROLE " + app + " LOGIN", "CREATE DATABASE " + name + " OWNER " + owner} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, statement := range []string{"DROP DATABASE " + name + " WITH (FORCE)", "DROP ROLE " + owner, "DROP ROLE " + app} {
			if _, err := db.Exec(statement); err != nil {
				t.Error(err)
			}
		}
		db.Close()
	})
	return Database{Owner: as(t, admin, owner, name), App: as(t, admin, app, name)}
}

func as(t testing.TB, admin, user, database string) string {
	t.Helper()
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	u.User, u.Path = url.User(user), "/"+database
	return u.String()
}

// Role makes a further role without rights and gives its name and its URL for
// the database.
func (d Database) Role(t testing.TB, prefix string) (name, url string) {
	t.Helper()
	admin := os.Getenv("SEXTANT_TEST_DATABASE_URL")
	db, err := sql.Open("pgx", Superuser(t, d.Owner))
	if err != nil {
		t.Fatal(err)
	}
	name = prefix + "_" + strings.ToLower(rand.Text()[:10])
	if _, err := db.Exec("CREATE ROLE " + name + " LOGIN"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP OWNED BY " + name); err != nil {
			t.Error(err)
		}
		if _, err := db.Exec("DROP ROLE " + name); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	return name, as(t, admin, name, pathOf(t, d.Owner))
}

func pathOf(t testing.TB, of string) string {
	t.Helper()
	u, err := url.Parse(of)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

// Superuser gives the administrator's URL for the database another URL names.
func Superuser(t testing.TB, of string) string {
	t.Helper()
	u, err := url.Parse(of)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := url.Parse(os.Getenv("SEXTANT_TEST_DATABASE_URL"))
	if err != nil {
		t.Fatal(err)
	}
	u.User = admin.User
	return u.String()
}
