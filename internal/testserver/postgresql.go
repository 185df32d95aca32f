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
	if os.Getenv("SEXTANT_TEST_DATABASE_URL") == "" {
		Missing(t, "no PostgreSQL: set SEXTANT_TEST_DATABASE_URL, or run make test")
	}
	made, drop, err := Lasting()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	return made
}

// Lasting is PostgreSQL for what several tests share: who asked calls drop after
// the last of them.
func Lasting() (made Database, drop func() error, err error) {
	admin := os.Getenv("SEXTANT_TEST_DATABASE_URL")
	suffix := strings.ToLower(rand.Text()[:10])
	name, owner, app := "sextant_"+suffix, "owner_"+suffix, "app_"+suffix
	if err := run(admin, "CREATE ROLE "+owner+" LOGIN", "CREATE ROLE "+app+" LOGIN", "CREATE DATABASE "+name+" OWNER "+owner); err != nil {
		return made, nil, err
	}
	drop = func() error {
		return run(admin, "DROP DATABASE "+name+" WITH (FORCE)", "DROP ROLE "+owner, "DROP ROLE "+app)
	}
	made, err = reached(admin, name, owner, app)
	return made, drop, err
}

// Copy makes a further database with all that is in this one, for the same two
// roles, and drops it when the test ends. Nobody may be connected to this one.
func (d Database) Copy(t testing.TB) Database {
	t.Helper()
	admin := os.Getenv("SEXTANT_TEST_DATABASE_URL")
	name, owner := "sextant_"+strings.ToLower(rand.Text()[:10]), parsed(t, d.Owner).User.Username()
	if err := run(admin, "CREATE DATABASE "+name+" TEMPLATE "+pathOf(t, d.Owner)+" OWNER "+owner); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run(admin, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	made, err := reached(admin, name, owner, parsed(t, d.App).User.Username())
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func run(url string, statements ...string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}

func reached(admin, database, owner, app string) (d Database, err error) {
	if d.Owner, err = as(admin, owner, database); err != nil {
		return d, err
	}
	d.App, err = as(admin, app, database)
	return d, err
}

func as(admin, user, database string) (string, error) {
	u, err := url.Parse(admin)
	if err != nil {
		return "", err
	}
	u.User, u.Path = url.User(user), "/"+database
	return u.String(), nil
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
	if url, err = as(admin, name, pathOf(t, d.Owner)); err != nil {
		t.Fatal(err)
	}
	return name, url
}

func pathOf(t testing.TB, of string) string {
	t.Helper()
	return strings.TrimPrefix(parsed(t, of).Path, "/")
}

func parsed(t testing.TB, of string) *url.URL {
	t.Helper()
	u, err := url.Parse(of)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Superuser gives the administrator's URL for the database another URL names.
func Superuser(t testing.TB, of string) string {
	t.Helper()
	u := parsed(t, of)
	u.User = parsed(t, os.Getenv("SEXTANT_TEST_DATABASE_URL")).User
	return u.String()
}
