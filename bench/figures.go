// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// figure is one measured thing on each store at both sizes.
type figure struct {
	name, budget string
	note         string
	limit        map[string]string // by store
	samples      map[column]sample
}

type column struct {
	store string
	large bool
}

// figures collects the figures in the order they come.
type figures struct {
	o      options
	rows   []*figure
	byName map[string]*figure
	took   time.Duration
}

func newFigures(o options) *figures { return &figures{o: o, byName: map[string]*figure{}} }

func (t *figures) stores() (list []string) {
	for name := range strings.SplitSeq(t.o.stores, ",") {
		switch strings.ToLower(name) {
		case "sqlite":
			list = append(list, sqlite)
		case "postgres", "postgresql":
			if t.o.database != "" {
				list = append(list, postgres)
			}
		}
	}
	return list
}

func (t *figures) put(store string, large bool, name, budget, limit string, s sample) {
	f := t.byName[name]
	if f == nil {
		f = &figure{name: name, budget: budget, limit: map[string]string{}, samples: map[column]sample{}}
		t.byName[name] = f
		t.rows = append(t.rows, f)
	}
	f.samples[column{store, large}] = s
	if limit != "" {
		f.limit[store] = limit
	}
	fmt.Fprintf(os.Stderr, "%-10s large %-5v %-60s %s  %s\n", store, large, name, ms(s), limit)
}

func (t *figures) note(name, text string) { t.byName[name].note = text }

// reasons are written by hand: why what misses its budget does.
//
//go:embed reasons.md
var reasons string

func (t *figures) write(path string) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "# Measured\n\nWritten by `make bench` on %s in %s. %s\n\n", time.Now().UTC().Format(time.DateOnly), t.took.Round(time.Second), settings(t.o))
	fmt.Fprintf(&text, "Two sizes: %d and %d entries in a register, %d and %d observations. p50 / p99 in milliseconds; p99 of few runs is their maximum. Ratio: the large p50 to its budget, the worse of the stores; bold where it is missed. Growth: large to small p50. "+
		"What limits it: of the wall clock at the large size, from a CPU profile of the run. `go run ./bench -only 'list of a type'` measures one row.\n\n", t.o.small, t.o.large, t.o.seen/100, t.o.seen)
	fmt.Fprintln(&text, "| what | budget | SQLite small | large | growth | PostgreSQL small | large | growth | ratio | what limits it |\n|---|---|---|---|---|---|---|---|---|---|")
	for _, f := range t.rows {
		fmt.Fprintln(&text, f.line(t.stores()))
	}
	if t.o.out != "" {
		fmt.Fprintf(&text, "\n%s", reasons)
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}

func (f *figure) line(stores []string) string {
	name := f.name
	if f.note != "" {
		name += " (" + f.note + ")"
	}
	cells := []string{name, f.budget}
	for _, store := range []string{sqlite, postgres} {
		small, large := f.samples[column{store, false}], f.samples[column{store, true}]
		cells = append(cells, ms(small), ms(large), growth(small, large))
	}
	return "| " + strings.Join(append(cells, f.ratio(stores), f.limits(stores)), " | ") + " |"
}

func (f *figure) limits(stores []string) string {
	var texts []string
	for _, store := range stores {
		if limit := f.limit[store]; limit != "" {
			texts = append(texts, store+": "+limit)
		}
	}
	if len(texts) == 2 && f.limit[sqlite] == f.limit[postgres] {
		return f.limit[sqlite]
	}
	return strings.Join(texts, "; ")
}

// ratio is the largest p50 to the budget's.
func (f *figure) ratio(stores []string) string {
	first, _, _ := strings.Cut(f.budget, " /")
	budget, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return none
	}
	worst := 0.0
	for _, store := range stores {
		for _, large := range []bool{false, true} {
			worst = max(worst, float64(f.samples[column{store, large}].p(50))/1e6/budget)
		}
	}
	if worst > 1 {
		return fmt.Sprintf("**%.2f**", worst)
	}
	return fmt.Sprintf("%.2f", worst)
}

func growth(small, large sample) string {
	if small.p(50) == 0 || large.p(50) == 0 {
		return none
	}
	return fmt.Sprintf("%.1fx", float64(large.p(50))/float64(small.p(50)))
}

func ms(s sample) string {
	if len(s) == 0 {
		return none
	}
	return fmt.Sprintf("%.2f / %.2f", float64(s.p(50))/1e6, float64(s.p(99))/1e6)
}
