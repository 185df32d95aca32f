// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/asset"
	"sextant/check"
	"sextant/control"
	"sextant/document"
	"sextant/evidence"
	"sextant/gap"
	"sextant/internal/testserver"
	"sextant/library"
	"sextant/lint"
	"sextant/migration"
	"sextant/monitor/custom"
	"sextant/notice"
	"sextant/obligation"
	"sextant/organisation"
	"sextant/register"
	"sextant/register/registertest"
	"sextant/risk"
	"sextant/soa"
	"sextant/supplier"
	"sextant/task"
)

// anything stands for content in the declarations.
type anything struct{}

func (anything) Title(string) (string, bool) { return "", true }

func productSet() *register.Set {
	return register.NewSet(map[string]register.Content{"control": anything{}, "check": anything{}, "requirement": anything{}, "rule": anything{}, "scenario": anything{}, "threat": anything{}, "vulnerability": anything{}},
		control.Implementations.Definition, soa.Rows.Definition, soa.Editions.Definition, soa.DeclinedReasons.Definition, migration.Proposals.Definition, control.PlanLines.Definition, control.OwnControls.Definition, control.Attestations.Definition, control.Exceptions.Definition, control.Standards.Definition, control.Deviations.Definition, control.OwnAttributes.Definition, document.Documents.Definition, document.Versions.Definition, document.Reviews.Definition, check.Settings.Definition, custom.Checks.Definition, evidence.Sources.Definition, evidence.ExpectedSources.Definition, obligation.Obligations.Definition, obligation.Contracts.Definition, library.Libraries.Definition, asset.Assets.Definition, asset.Dependencies.Definition, risk.Risks.Definition, risk.Evaluations.Definition, risk.Treatments.Definition, risk.Acceptances.Definition, risk.Assessments.Definition, risk.CriteriaEditions.Definition, risk.Opportunities.Definition, risk.Scenarios.Definition, risk.Threats.Definition, risk.Vulnerabilities.Definition, risk.Declines.Definition, gap.Campaigns.Definition, gap.Answers.Definition, supplier.CloudServices.Definition, supplier.Responsibilities.Definition, task.Tasks.Definition, notice.Notices.Definition, organisation.Persons.Definition, organisation.ScopeUnits.Definition, organisation.ManagementSystems.Definition, organisation.CertificationBodies.Definition, organisation.Certificates.Definition, organisation.LegalHolds.Definition, organisation.Organisations.Definition, lint.Settings.Definition)
}

// asked gives the query the kernel makes of a list.
type asked struct {
	*Store
	query register.Query
}

type askedTx struct {
	register.ReadTx
	a *asked
}

func (tx askedTx) List(q register.Query) ([]register.Row, error) { tx.a.query = q; return nil, nil }

func (a *asked) View(ctx context.Context, org sextant.Organisation, fn func(register.ReadTx) error) error {
	return a.Store.View(ctx, org, func(tx register.ReadTx) error { return fn(askedTx{tx, a}) })
}

// listed is one list the plans are read of.
type listed struct {
	name string
	register.List
}

// promises are the lists each register declares and those every register is
// asked for, on their first page and behind a mark.
func promises(def *register.Definition) (lists []listed) {
	add := func(order string, filters ...string) {
		l := register.List{Register: def.Name, Order: order}
		for _, key := range filters {
			l.Filters = append(l.Filters, register.Filter{Field: key, Op: register.Is, Values: []string{sample(def, key)}})
		}
		lists = append(lists, listed{fmt.Sprintf("%s %v by %q", def.Name, filters, order), l})
	}
	for _, s := range def.Lists {
		add(s.Order, s.Filter...)
		add("-"+s.Order, s.Filter...)
	}
	add("")
	add("-key")
	add("", "state")
	add("state")
	add("-changed_at")
	for _, f := range def.Fields {
		switch {
		case f.IsTitle || f.IsDue || f.Kind == register.Date || f.Kind == register.Number || f.Kind == register.Duration:
			if !f.Many && (!f.Personal || f.IsTitle) {
				add(f.Key)
			}
		case f.Kind == register.Enum || f.Kind == register.Bool || f.IsReference():
			add("", f.Key)
			if !f.Many {
				add("-" + f.Key)
				add("", f.Key, "state")
				lists = append(lists, listed{def.Name + " without " + f.Key, register.List{Register: def.Name, Filters: []register.Filter{{Field: f.Key, Op: register.Empty}}}})
			}
		}
	}
	return lists
}

func sample(def *register.Definition, key string) string {
	f, _ := def.Field(key)
	switch {
	case key == "state":
		return def.Lifecycle.Initial
	case f.Kind == register.Enum:
		return f.Values[0].Name
	case f.Kind == register.Bool:
		return "true"
	case f.To == "person" || f.Kind == register.Person:
		return "PER-1"
	}
	return "X-1"
}

// queries are a list's, now and in the past, first page and behind a mark.
func queries(t *testing.T, k *register.Kernel, a *asked, actor access.Actor, l register.List) (list []register.Query) {
	t.Helper()
	if err := k.Read(context.Background(), actor, 0, func(v *register.View) error { _, err := v.List(l); return err }); err != nil {
		t.Fatalf("%v: %v", l, err)
	}
	for _, at := range []sextant.Seq{sextant.LatestSeq, 100} {
		if at != sextant.LatestSeq && a.query.Order.Column == register.ColumnChanged {
			continue // the order of changes is a list of now
		}
		for _, mark := range []*register.Mark{nil, {Value: "5", N: 7}} {
			q := a.query
			q.At, q.After = at, mark
			list = append(list, q)
		}
	}
	return list
}

// branchesOf gives the parts of a list that read rows, as the store runs them.
func branchesOf(t *testing.T, tx *transaction, q register.Query) (texts []string, args []any) {
	t.Helper()
	src, err := tx.source(q)
	if err != nil {
		t.Fatal(err)
	}
	s := tx.statement(q.Register, q.At)
	list, err := tx.branches(s, q, src)
	if err != nil {
		t.Fatal(err)
	}
	limit := " LIMIT " + s.bind(q.Limit)
	for _, b := range list {
		texts = append(texts, "SELECT e.data"+b.text()+b.orderBy(q.Order)+limit)
	}
	return texts, append([]any{int64(tx.org)}, s.args...)
}

func eachPromise(t *testing.T, s *Store, org sextant.Organisation, set *register.Set, check func(tx *transaction, name, text string, args []any)) {
	a := &asked{Store: s}
	k := register.New(a, set, register.Config{})
	actor := access.SystemActor(org, "plans")
	for _, def := range set.All() {
		for _, l := range promises(def) {
			for _, q := range queries(t, k, a, actor, l.List) {
				if err := s.View(context.Background(), org, func(read register.ReadTx) error {
					tx := read.(*transaction)
					texts, args := branchesOf(t, tx, q)
					if err := tx.alongIndexes(true); err != nil {
						return err
					}
					for _, text := range texts {
						check(tx, fmt.Sprintf("%s at %d, mark %v", l.name, q.At, q.After != nil), text, args)
					}
					return nil
				}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func planLines(t *testing.T, rows *sql.Rows, err error, columns int) (lines []string) {
	t.Helper()
	into := make([]any, columns)
	for i := range into {
		into[i] = new(string)
	}
	if err := each(rows, err, func() error {
		err := rows.Scan(into...)
		lines = append(lines, *into[columns-1].(*string))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return lines
}

// Every list a register promises comes from an index in its order: nothing is
// scanned, nothing is sorted.
func TestPromisedListsAreServedFromAnIndexOnSQLite(t *testing.T) {
	s, err := Open(context.Background(), Config{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	o, err := s.CreateOrganisation(context.Background(), "Plans")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	eachPromise(t, s, o.Number, productSet(), func(tx *transaction, name, text string, args []any) {
		n++
		rows, err := tx.ask("EXPLAIN QUERY PLAN "+text, args...)
		plan := strings.Join(planLines(t, rows, err, 4), "; ")
		if !strings.Contains(plan, "USING") || strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s:\n%s\n%s", name, plan, text)
		}
	})
	if n < 300 {
		t.Errorf("%d plans were read", n)
	}
}

// The same on PostgreSQL, where a plan depends on the rows there are: with
// thousands of entries a page must not read hundreds.
func TestPromisedListsReadFewRowsOnPostgreSQL(t *testing.T) {
	ctx := context.Background()
	database := testserver.PostgreSQL(t)
	clock := registertest.NewClock()
	s, err := Open(ctx, Config{DatabaseURL: database.App, OwnerURL: database.Owner, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := registertest.NewBench(t, registertest.Opened{Store: s, Clock: clock, NewOrganisation: func(name string) sextant.Organisation {
		o, err := s.CreateOrganisation(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		return o.Number
	}}, "Plans")
	const entries = 4000
	fillPumps(t, b, entries)
	analyze(t, database.Owner)
	eachPromise(t, s, b.Org, registertest.Set(), func(tx *transaction, name, text string, args []any) {
		rows, err := tx.ask("EXPLAIN (ANALYZE, FORMAT JSON) "+text, args...)
		var plan []struct{ Plan planNode }
		lines := planLines(t, rows, err, 1)
		if err := json.Unmarshal([]byte(lines[0]), &plan); err != nil {
			t.Fatal(err)
		}
		if read := plan[0].Plan.read(); read > entries/8 {
			t.Errorf("%s reads %.0f rows of %d:\n%s\n%s", name, read, entries, lines[0], text)
		}
	})
}

func fillPumps(t *testing.T, b *registertest.Bench, n int) {
	t.Helper()
	people := []string{b.Ada, b.Ben, b.Cleo}
	b.Write(t, b.Manager(), func(tx *register.Tx) error {
		for i := range n {
			values := map[string]any{"name": fmt.Sprintf("pump %d", i), "kind": []string{"bilge", "feed"}[i%2], "keeper": people[i%3], "approver": people[i/2%3],
				"service_on": fmt.Sprintf("20%02d-03-01", i%90), "litres": i % 700, "critical": i%5 == 0, "uses": []any{[]string{"deck", "engine", "cargo"}[i%3]}}
			if _, err := tx.Create("pump", values, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
}

func analyze(t *testing.T, owner string) {
	t.Helper()
	db, err := sql.Open("pgx", owner)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("ANALYZE"); err != nil {
		t.Fatal(err)
	}
}

// planNode is what is needed of PostgreSQL's plan.
type planNode struct {
	Type    string     `json:"Node Type"`
	Rows    float64    `json:"Actual Rows"`
	Removed float64    `json:"Rows Removed by Filter"`
	Loops   float64    `json:"Actual Loops"`
	Plans   []planNode `json:"Plans"`
}

// read is how many rows all scans of a plan read.
func (n planNode) read() float64 {
	total := 0.0
	if slices.Contains([]string{"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"}, n.Type) {
		total = (n.Rows + n.Removed) * n.Loops
	}
	for _, child := range n.Plans {
		total += child.read()
	}
	return total
}
