// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"sextant/check"
	"sextant/evidence"
)

// writeAll writes what changes, page by page, and counts it.
func (e *evaluation) writeAll(ctx context.Context, t *task, in <-chan *page) error {
	for p := range in {
		for _, c := range t.checks {
			c.read += len(p.resources)
		}
		slices.SortFunc(p.flips, func(a, b flip) int {
			return cmp.Or(strings.Compare(a.Check, b.Check), cmp.Compare(a.Resource, b.Resource))
		})
		for part := range slices.Chunk(p.flips, resultChunk) {
			if err := e.write(ctx, part); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// write keeps a chunk of results with the counts it changes and the marks that
// guard both, in one transaction.
func (e *evaluation) write(ctx context.Context, part []flip) error {
	marks := map[*running]evidence.Mark{}
	for _, f := range part {
		m, ok := marks[f.running]
		if !ok {
			m = f.running.mark
			m.Counts = cloned(m.Counts)
		}
		m.Counts[f.source] = count(count(m.Counts[f.source], f.before, -1), f.Status, 1)
		marks[f.running] = m
	}
	if err := e.store.Record(ctx, e.org, func(w evidence.Writer) error {
		for _, m := range marks {
			if err := w.PutMark(m); err != nil {
				return err
			}
		}
		return putResults(w, part)
	}); err != nil {
		return err
	}
	for c, m := range marks {
		m.Turn++
		c.mark = m
	}
	for _, f := range part {
		f.running.changed++
	}
	return nil
}

func cloned(counts map[string]evidence.Counts) map[string]evidence.Counts {
	all := make(map[string]evidence.Counts, len(counts))
	for source, n := range counts {
		all[source] = n
	}
	return all
}

// count adds results of a status.
func count(n evidence.Counts, status, by int) evidence.Counts {
	switch check.Status(status) {
	case check.NotEvaluated:
		return n
	case check.Pass:
		n.Passed += by
	case check.Fail:
		n.Failed += by
	case check.NotApplicable:
		n.NotApplicable += by
	default:
		n.Errors += by
	}
	n.Population += by
	return n
}

// sealed is what the journal keeps of results: of those that pass only which.
type sealed struct {
	Check   string    `json:"check"`
	Version string    `json:"version"`
	Passed  []int64   `json:"passed,omitempty"`
	NA      []int64   `json:"not_applicable,omitempty"`
	Gone    []int64   `json:"gone,omitempty"`
	Failed  []because `json:"failed,omitempty"`
	Errors  []because `json:"errors,omitempty"`
}

type because struct {
	Resource int64  `json:"resource"`
	Reason   string `json:"reason"`
}

func (s *sealed) add(f flip) {
	switch check.Status(f.Status) {
	case check.NotEvaluated:
		s.Gone = append(s.Gone, f.Resource)
	case check.Pass:
		s.Passed = append(s.Passed, f.Resource)
	case check.NotApplicable:
		s.NA = append(s.NA, f.Resource)
	case check.Fail:
		s.Failed = append(s.Failed, because{f.Resource, f.Reason})
	default:
		s.Errors = append(s.Errors, because{f.Resource, f.Reason})
	}
}

// putResults seals and writes a chunk that is sorted by check.
func putResults(w evidence.Writer, part []flip) error {
	var line []*sealed
	var now []evidence.Result
	for _, f := range part {
		if last := len(line) - 1; last < 0 || line[last].Check != f.Check {
			line = append(line, &sealed{Check: f.Check, Version: f.Version})
		}
		line[len(line)-1].add(f)
		if f.Status != 0 {
			now = append(now, f.Result)
		}
	}
	seq, err := w.Seal("results", line)
	if err != nil {
		return err
	}
	for _, s := range line {
		if err := w.CloseResults(seq, s.Check, s.Gone); err != nil {
			return err
		}
	}
	return w.PutResults(seq, now)
}
