// SPDX-License-Identifier: Apache-2.0

// Command bench measures the product against its budgets at two sizes, on
// SQLite and on PostgreSQL, and writes a table. It judges nothing by itself and
// never fails because a machine is busy: read the medians and the growth.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"log"
	"os"
	"regexp"
	"time"
)

// options of one run.
type options struct {
	small, large, seen int
	out                string
	only               *regexp.Regexp // rows wanted, nil = all
	database           string         // a PostgreSQL superuser's URL, "" = left out
	stores             string
	profiles           string // folder in which CPU profiles are kept, "" = nowhere
}

func main() {
	var o options
	flag.IntVar(&o.small, "small", 1000, "entries of the small organisation")
	flag.IntVar(&o.large, "large", 100_000, "entries of the large one")
	flag.IntVar(&o.seen, "observations", 100_000, "observations of the large one; the small one has a hundredth")
	flag.StringVar(&o.out, "o", "docs/bench.md", "file to write; with -only standard output")
	flag.StringVar(&o.stores, "store", "sqlite,postgres", "stores to measure")
	flag.StringVar(&o.profiles, "profiles", "", "folder in which the CPU profiles of the large size are kept")
	only := flag.String("only", "", "measure the rows whose name matches this regular expression, and print them")
	flag.Parse()
	o.database = os.Getenv("SEXTANT_TEST_DATABASE_URL")
	if *only != "" {
		o.only, o.out = regexp.MustCompile("(?i)"+*only), ""
	}
	if err := run(o); err != nil {
		log.Fatal(err)
	}
}

func run(o options) error {
	began := time.Now()
	t := newFigures(o)
	if err := t.processRows(o); err != nil {
		return err
	}
	if err := t.quantities(o); err != nil {
		return err
	}
	for _, which := range t.stores() {
		for _, large := range []bool{false, true} {
			if err := t.measure(o, which, large); err != nil {
				return fmt.Errorf("%s: %w", which, err)
			}
		}
	}
	t.took = time.Since(began)
	return t.write(cmp.Or(o.out, "/dev/stdout"))
}

// measure fills one organisation and measures every row on it.
func (t *figures) measure(o options, which string, large bool) error {
	n, seen := o.small, o.seen/100
	if large {
		n, seen = o.large, o.seen
	}
	b, err := newBench(which, n, seen, o)
	if err != nil {
		return err
	}
	defer b.close()
	b.put = func(name, budget, limit string, s sample) { t.put(which, large, name, budget, limit, s) }
	b.note, b.profiled = t.note, large
	return b.measure()
}
