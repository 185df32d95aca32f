// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"time"
)

// sample holds durations; p gives a percentile.
type sample []time.Duration

func (s sample) p(percent int) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

// record takes what was measured: budget "p50 / p99" or "p50" in milliseconds.
type record func(name, budget, limit string, s sample)

const (
	quick = "10 / 50" // lists, pages, searches
	none  = "–"
)

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

// row measures one thing, if it is wanted, and finds out by a profile what
// limits it.
func (b *bench) row(name, budget string, n int, fn func(i int) error) error {
	if !b.wanted(name) {
		return nil
	}
	return b.timed(name, budget, n, fn)
}

// once is row for what is needed by the rows that come: it runs wanted or not.
func (b *bench) once(name, budget string, fn func() error) error {
	if !b.wanted(name) {
		return fn()
	}
	return b.timed(name, budget, 1, func(int) error { return fn() })
}

func (b *bench) timed(name, budget string, n int, fn func(i int) error) error {
	limit := ""
	var s sample
	measured := func() (err error) { s, err = times(n, fn); return err }
	err := error(nil)
	if b.profiled {
		limit, err = limited(b.profiles, b.where()+" "+name, measured)
	} else {
		err = measured()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	b.put(name, budget, limit, s)
	return nil
}

func (b *bench) wanted(name string) bool { return b.only == nil || b.only.MatchString(name) }
