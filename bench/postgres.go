// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"database/sql"
	"log"
	"net/url"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
)

// The stores.
const (
	sqlite   = "SQLite"
	postgres = "PostgreSQL"
)

// database is a fresh one with the two roles the product asks for.
type database struct {
	admin      *sql.DB
	name       string
	owner, app string // URLs
	roles      []string
}

func newDatabase(admin string) (d *database, err error) {
	suffix := strings.ToLower(rand.Text()[:10])
	d = &database{name: "bench_" + suffix, roles: []string{"owner_" + suffix, "app_" + suffix}}
	if d.admin, err = sql.Open("pgx", admin); err != nil {
		return nil, err
	}
	for _, statement := range []string{"CREATE ROLE " + d.roles[0] + " LOGIN", "CREATE ROLE " + d.roles[1] + " LOGIN", "CREATE DATABASE " + d.name + " OWNER " + d.roles[0]} {
		if _, err := d.admin.Exec(statement); err != nil {
			return nil, err
		}
	}
	u, err := url.Parse(admin)
	if err != nil {
		return nil, err
	}
	as := func(role string) string {
		one := *u
		one.User, one.Path = url.User(role), "/"+d.name
		return one.String()
	}
	d.owner, d.app = as(d.roles[0]), as(d.roles[1])
	return d, nil
}

// analyze does what autovacuum would have done before long.
func (d *database) analyze() error {
	db, err := sql.Open("pgx", d.owner)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec("VACUUM ANALYZE")
	return err
}

func (d *database) drop() {
	for _, statement := range []string{"DROP DATABASE " + d.name + " WITH (FORCE)", "DROP ROLE " + d.roles[0], "DROP ROLE " + d.roles[1]} {
		if _, err := d.admin.Exec(statement); err != nil {
			log.Print(err)
		}
	}
	d.admin.Close()
}
