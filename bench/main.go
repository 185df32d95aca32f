// SPDX-License-Identifier: Apache-2.0

// Command bench measures the product against its budgets at two sizes, on
// SQLite in a temporary folder, and writes a table. It judges nothing by itself
// and never fails because a machine is busy: read the medians and the growth.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"slices"
	"time"

	"sextant"
	"sextant/access"
	"sextant/asset"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/interchange/entries"
	"sextant/interchange/table"
	"sextant/internal/proof"
	"sextant/internal/store"
	"sextant/ledger"
	"sextant/organisation"
	"sextant/register"
	"sextant/secret"
	"sextant/task"
)

func main() {
	small := flag.Int("small", 1000, "entries of the small organisation")
	large := flag.Int("large", 100_000, "entries of the large one")
	seen := flag.Int("observations", 100_000, "observations of the large one; the small one has a hundredth")
	out := flag.String("o", "docs/bench.md", "file to write")
	flag.Parse()
	if err := run(*small, *large, *seen, *out); err != nil {
		log.Fatal(err)
	}
}

// figure is one measured thing at both sizes.
type figure struct {
	name, budget, limit string
	small, large        sample
}

// sample holds durations; p gives a percentile.
type sample []time.Duration

func (s sample) p(percent int) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

func run(small, large, seen int, out string) error {
	figures := map[string]*figure{}
	var order []string
	for _, size := range []struct {
		entries, seen int
		into          func(*figure) *sample
	}{{small, seen / 100, func(f *figure) *sample { return &f.small }}, {large, seen, func(f *figure) *sample { return &f.large }}} {
		b, err := newBench(size.entries, size.seen)
		if err != nil {
			return err
		}
		err = b.measure(func(name, budget, limit string, s sample) {
			if figures[name] == nil {
				figures[name] = &figure{name: name, budget: budget, limit: limit}
				order = append(order, name)
			}
			*size.into(figures[name]) = s
			fmt.Fprintf(os.Stderr, "%7d entries  %-45s p50 %9s  p99 %9s\n", size.entries, name, s.p(50).Round(time.Microsecond), s.p(99).Round(time.Microsecond))
		})
		b.close()
		if err != nil {
			return err
		}
	}
	return write(out, small, large, seen, figures, order)
}

func write(out string, small, large, seen int, figures map[string]*figure, order []string) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "# Measured\n\nWritten by `make bench` on %s, %s/%s, %d processors; SQLite (WAL, synchronous FULL) in a temporary folder, one process, warm. Two sizes: %d and %d entries, %d and %d observations. p50 / p99 in milliseconds; p99 of few runs is their maximum. Permissions are in the figures, HTTP and templates are not.\n\n",
		time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), small, large, seen/100, seen)
	fmt.Fprintln(&text, "| what | budget | small | large | growth | what limits it |\n|---|---|---|---|---|---|")
	for _, name := range order {
		f := figures[name]
		growth := "–"
		if f.small.p(50) > 0 && f.large.p(50) > 0 {
			growth = fmt.Sprintf("%.1fx", float64(f.large.p(50))/float64(f.small.p(50)))
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s |\n", f.name, f.budget, ms(f.small), ms(f.large), growth, f.limit)
	}
	return os.WriteFile(out, text.Bytes(), 0o644)
}

func ms(s sample) string {
	if len(s) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f / %.2f", float64(s.p(50))/1e6, float64(s.p(99))/1e6)
}

type bench struct {
	ctx    context.Context //nolint:containedctx // lives for one size
	folder string
	store  *store.Store
	kernel *register.Kernel
	key    *secret.Key
	org    sextant.Organisation
	actor  access.Actor
	n      int
	seen   int
	before sextant.Instant
}

type known func(string) (string, bool)

func (k known) Title(ref string) (string, bool) { return k(ref) }

func newBench(n, seen int) (b *bench, err error) {
	b = &bench{ctx: context.Background(), n: n, seen: seen}
	if b.folder, err = os.MkdirTemp("", "sextant-bench"); err != nil {
		return nil, err
	}
	if b.store, err = store.Open(b.ctx, store.Config{Folder: b.folder}); err != nil {
		return nil, err
	}
	made, err := b.store.CreateOrganisation(b.ctx, "Bench")
	if err != nil {
		return nil, err
	}
	if b.key, err = secret.New(make([]byte, 32)); err != nil {
		return nil, err
	}
	content := map[string]register.Content{
		"control": known(func(ref string) (string, bool) { c, ok := framework.ControlByID(ref); return c.Title, ok }),
		"check":   known(func(ref string) (string, bool) { c, ok := check.Named(ref); return ref, ok && c != nil }),
	}
	b.org, b.actor = made.Number, access.SystemActor(made.Number, "bench")
	b.kernel = register.New(b.store, register.NewSet(content, asset.Assets.Definition, task.Tasks.Definition, organisation.Persons.Definition, organisation.ScopeUnits.Definition,
		control.Implementations.Definition, control.PlanLines.Definition, control.Attestations.Definition, control.Exceptions.Definition, check.Settings.Definition, evidence.Sources.Definition, evidence.ExpectedSources.Definition), register.Config{Sealer: b.key})
	return b, b.fill()
}

func (b *bench) close() {
	b.store.Close()
	os.RemoveAll(b.folder)
}

var kinds = []string{"application", "database", "server", "device", "repository"}

func (b *bench) fill() error {
	if err := b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
		if _, err := organisation.ScopeUnits.Create(tx, organisation.ScopeUnit{Title: "All", Kind: "entity", IsInScope: true}, register.Note{}); err != nil {
			return err
		}
		for i := range 20 {
			if _, err := organisation.Persons.Create(tx, organisation.Person{Name: fmt.Sprintf("Person %d", i), Kind: "employee"}, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for from := 0; from < b.n; from += 5000 {
		if err := b.add(from, min(b.n, from+5000)); err != nil {
			return err
		}
	}
	b.before = sextant.SystemClock()
	time.Sleep(10 * time.Millisecond)
	return b.rewrite(min(b.n, 2000))
}

func values(i int) map[string]any {
	return map[string]any{"title": fmt.Sprintf("Asset %d of the fleet", i), "type": kinds[i%len(kinds)], "owner": fmt.Sprintf("PER-%d", 1+i%20), "scope_units": []string{"SU-1"},
		"review_on": time.Date(2026, 1, 1+i%700, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), "notes": fmt.Sprintf("runs in rack %d and keeps customer orders", i%97)}
}

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
			if _, err := tx.Edit("asset", fmt.Sprintf("AST-%d", i+1), 0, map[string]any{"environment": "production"}, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// times runs fn again and again for a second, or at most n times.
func times(n int, fn func(i int) error) (s sample, err error) {
	end := time.Now().Add(time.Second)
	for i := 0; i < n && (i < 3 || time.Now().Before(end)); i++ {
		start := time.Now()
		if err := fn(i); err != nil {
			return s, err
		}
		s = append(s, time.Since(start))
	}
	return s, nil
}

type record func(name, budget, limit string, s sample)

func (b *bench) measure(put record) error {
	for _, part := range []func(record) error{b.reads, b.writes, b.proofs, b.evidence} {
		if err := part(put); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) reads(put record) error {
	is := func(field, value string) register.Filter {
		return register.Filter{Field: field, Op: register.Is, Values: []string{value}}
	}
	busy := []register.Filter{is("state", "proposed"), is("owner", "PER-3")}
	deep := b.cursor(register.List{Register: "asset", Order: "review_on"}, min(200, b.n/50-1))
	for _, q := range []struct {
		name, limit string
		at          sextant.Instant
		fn          func(v *register.View) error
	}{
		{"list, first page of 50, state and owner filtered", "decoding 50 documents", 0, list(register.List{Register: "asset", Filters: busy, Order: "review_on"})},
		{"list, page 200 by due date", "decoding 50 documents", 0, list(register.List{Register: "asset", Order: "review_on", After: deep})},
		{"list by kind (side table)", "rows of the kind until 50 are found", 0, list(register.List{Register: "asset", Filters: []register.Filter{is("type", "database")}})},
		{"list as of before the last change", "versions per entry", b.before, list(register.List{Register: "asset", Filters: busy, Order: "review_on"})},
		{"count, exact to 1,000", "1,001 index entries", 0, func(v *register.View) error {
			_, err := v.Count(register.List{Register: "asset", Filters: busy})
			return err
		}},
		{"groups by state over the register", "index entries of the register", 0, func(v *register.View) error {
			_, err := v.Groups(register.List{Register: "asset"}, "state")
			return err
		}},
		{"one entry with history and links both ways", "point reads", 0, detail},
		{"search, two common words, newest first", "match sets of the index", 0, func(v *register.View) error { _, err := v.Find("customer orders", 50); return err }},
		{"search, a rare word", "match sets of the index", 0, func(v *register.View) error { _, err := v.Find("fleet 777", 50); return err }},
	} {
		s, err := times(500, func(int) error { return b.kernel.Read(b.ctx, b.actor, q.at, q.fn) })
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		put(q.name, "10 / 50", q.limit, s)
	}
	return nil
}

func list(l register.List) func(*register.View) error {
	return func(v *register.View) error { _, err := v.List(l); return err }
}

func detail(v *register.View) error {
	e, err := v.Entry("asset", "AST-7")
	if err != nil {
		return err
	}
	if _, err := v.History("asset", "AST-7", 0, 20); err != nil {
		return err
	}
	if _, err := v.Links(e); err != nil {
		return err
	}
	_, err = v.BackLinks(e)
	return err
}

// cursor walks to a page.
func (b *bench) cursor(l register.List, page int) (after string) {
	_ = b.kernel.Read(b.ctx, b.actor, 0, func(v *register.View) error { // an empty cursor measures the first page
		l.Limit = 500
		for range max(1, page/10) {
			p, err := v.List(l)
			if err != nil || p.Next == "" {
				return err
			}
			l.After, after = p.Next, p.Next
		}
		return nil
	})
	return after
}

func (b *bench) writes(put record) error {
	s, err := times(1000, func(i int) error {
		return b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
			_, err := tx.Edit("asset", fmt.Sprintf("AST-%d", 1+i%b.n), 0, map[string]any{"notes": fmt.Sprint("changed ", i, time.Now())}, register.Note{})
			return err
		})
	})
	if err != nil {
		return err
	}
	put("a write: check, version, links, search, journal, seal", "5 / 50", "one sync of the disk", s)
	s, err = times(3, func(i int) error {
		return b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
			for k := range min(1000, b.n) {
				if _, err := tx.Edit("asset", fmt.Sprintf("AST-%d", k+1), 0, map[string]any{"rto": fmt.Sprintf("PT%dH", i+1)}, register.Note{}); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	put("bulk change of 1,000", "1500", "statements per entry", s)
	rows := make([]register.Incoming, 10_000)
	for i := range rows {
		rows[i] = register.Incoming{Row: i, Values: values(i)}
	}
	undone := errors.New("undone")
	s, err = times(1, func(int) error {
		err := b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
			if _, err := tx.Import("asset", rows, register.Note{}); err != nil {
				return err
			}
			return undone
		})
		if errors.Is(err, undone) {
			return nil
		}
		return err
	})
	put("import of 10,000", "5000", "statements per entry", s)
	if err != nil {
		return err
	}
	s, err = times(20, func(int) error {
		return b.kernel.Read(b.ctx, b.actor, 0, func(v *register.View) error {
			return entries.Export(io.Discard, v, register.List{Register: "asset", Filters: []register.Filter{{Field: "owner", Op: register.Is, Values: []string{"PER-3"}}}}, table.XLSX)
		})
	})
	put("export of one owner's entries as XLSX", "–", "rows written", s)
	return err
}

func (b *bench) proofs(put record) error {
	prover := &proof.Prover{Store: b.store, Sealer: b.key, Clock: sextant.SystemClock}
	var pack bytes.Buffer
	s, err := times(1, func(int) error { return prover.Package(b.ctx, b.org, &pack) })
	if err != nil {
		return err
	}
	put("write a package of the whole log", "–", "lines of the log", s)
	s, err = times(3, func(int) error {
		report, err := ledger.Verify(b.ctx, bytes.NewReader(pack.Bytes()), int64(pack.Len()), ledger.Trust{})
		if err == nil && !report.OK() {
			err = fmt.Errorf("the package does not verify: %v", report.Findings)
		}
		return err
	})
	put("verify that package (100,000 leaves in 2 s)", "2000", "hashing and JSON", s)
	return err
}
