// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/blob"
	"sextant/internal/store"
	"sextant/organisation"
	"sextant/product"
	"sextant/register"
	"sextant/secret"
)

// bench is one filled organisation on one store.
type bench struct {
	ctx      context.Context //nolint:containedctx // lives for one size
	folder   string
	files    string    // folder of the files
	database *database // PostgreSQL, nil on SQLite
	store    *store.Store
	kernel   *register.Kernel
	accounts *access.Accounts
	key      *secret.Key
	org      sextant.Organisation
	actor    access.Actor
	session  string
	n, seen  int
	before   sextant.Instant // a moment before the last changes

	put      record
	note     func(name, text string) // beside the name of a row
	only     *regexp.Regexp
	profiled bool
	profiles string // folder in which profiles are kept, "" = nowhere
}

const (
	email    = "bench@example.org"
	password = "a long word for a bench"
)

func newBench(which string, n, seen int, o options) (b *bench, err error) {
	b = &bench{ctx: context.Background(), n: n, seen: seen, only: o.only, profiles: o.profiles}
	config := store.Config{}
	if which == postgres {
		if b.database, err = newDatabase(o.database); err != nil {
			return nil, err
		}
		config.DatabaseURL, config.OwnerURL = b.database.app, b.database.owner
	} else if b.folder, err = os.MkdirTemp("", "sextant-bench"); err != nil {
		return nil, err
	}
	config.Folder = b.folder
	if b.store, err = store.Open(b.ctx, config); err != nil {
		return nil, err
	}
	if b.key, err = secret.New(make([]byte, 32)); err != nil {
		return nil, err
	}
	if b.files, err = os.MkdirTemp("", "sextant-bench-files"); err != nil {
		return nil, err
	}
	files, err := blob.OpenFolder(b.files)
	if err != nil {
		return nil, err
	}
	b.kernel = register.New(b.store, product.Registers(), register.Config{Blobs: files, Sealer: b.key, Functions: product.Functions(), Renderers: product.Renderers(), Follows: product.Follows()})
	if err := b.begin(); err != nil {
		return nil, err
	}
	return b, b.fill()
}

// begin makes the organisation and somebody who is signed in.
func (b *bench) begin() (err error) {
	b.accounts = access.NewAccounts(b.store, b.key, sextant.SystemClock, func(ctx context.Context, f access.Founding) (sextant.Organisation, error) {
		org, _, err := product.Begin(ctx, b.store, b.kernel, f)
		return org, err
	})
	if b.org, err = b.accounts.Create(b.ctx, "Bench", "Bench", email, password); err != nil {
		return err
	}
	b.actor = access.SystemActor(b.org, "bench")
	b.session, err = b.accounts.SignIn(b.ctx, email, password, "", "bench")
	return err
}

// where is the store that is measured.
func (b *bench) where() string {
	if b.database != nil {
		return postgres
	}
	return sqlite
}

func (b *bench) close() {
	b.store.Close()
	if b.database != nil {
		b.database.drop()
	}
	os.RemoveAll(b.files)
	if b.folder != "" {
		os.RemoveAll(b.folder)
	}
}

func (b *bench) measure() error {
	for _, part := range []func() error{b.lists, b.counts, b.searches, b.pages, b.libraries, b.findings, b.writes, b.sheets, b.proofs, b.machine, b.risks, b.inheritance} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// machine measures the way of the evidence, if one of its rows is wanted.
func (b *bench) machine() error {
	if !b.wanted("observations, evaluate, checks, states, explain, settle") {
		return nil
	}
	return b.evidence(func(name, budget, limit string, s sample) { b.put(name, budget, limit, s) })
}

const people = 20

func (b *bench) fill() error {
	if err := b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
		for i := range people {
			if _, err := organisation.Persons.Create(tx, organisation.Person{Name: fmt.Sprintf("Person %d", i), Kind: "employee"}, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	const chunk = 5000
	for from := 0; from < b.n; from += chunk {
		if err := b.add(from, min(b.n, from+chunk)); err != nil {
			return err
		}
	}
	b.before = sextant.SystemClock()
	time.Sleep(10 * time.Millisecond)
	if err := b.rewrite(min(b.n, 2000)); err != nil || b.database == nil {
		return err
	}
	return b.database.analyze()
}

var kinds = []string{"application", "database", "server", "device", "repository"}

// values of one asset. One in a thousand has no custodian, one in a thousand is
// of a rare type.
func values(i int) map[string]any {
	v := map[string]any{"title": fmt.Sprintf("Asset %d of the fleet", i), "type": kinds[i%len(kinds)], "owner": person(i), "scope_units": []string{"SU-1"},
		"environment": []string{"production", "staging", "test"}[i/7%3], "review_on": time.Date(2026, 1, 1+i%700, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
		"acquired_on": time.Date(2020, 1, 1+i%1500, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), "notes": fmt.Sprintf("runs in rack %d and keeps customer orders", i%97)}
	if i%1000 != 0 {
		v["custodian"] = person(i / 20)
	}
	if i%1000 == 500 {
		v["type"] = "key_material"
	}
	return v
}

func person(i int) string { return fmt.Sprintf("PER-%d", 2+i%people) }

func key(i int) string { return fmt.Sprintf("AST-%d", i+1) }

func (b *bench) add(from, to int) error {
	return b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
		for i := from; i < to; i++ {
			if _, err := tx.Create("asset", values(i), register.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// rewrite gives some entries a second version, so that the past differs.
func (b *bench) rewrite(n int) error {
	return b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
		for i := range n {
			if _, err := tx.Edit("asset", key(i), 0, map[string]any{"environment": "office"}, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
}
