// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"slices"

	"sextant"
	"sextant/check"
	"sextant/evidence"
)

// Evaluate brings results and outcomes up to what is recorded now. checks are
// all that are in force; what another check said ends. Only resources that
// changed since a check's mark are read, all of them where the check itself
// changed (see Input). A result opens a new interval only when its status or
// reason changes, an outcome only when its state, counts or version do.
//
// Each chunk of results is one transaction with the counts it changes, so an
// evaluation that breaks off leaves true counts and is taken up again from its
// marks. Another evaluation at the same time makes it fail with Conflict.
func Evaluate(ctx context.Context, store evidence.Store, org sextant.Organisation, checks []*check.Compiled, now sextant.Instant) (Report, error) {
	e := &evaluation{store: store, org: org, clock: clockAt(now)}
	var tasks []*task
	if err := store.Machine(ctx, org, func(r evidence.Reader) (err error) {
		tasks, err = e.begin(r, checks)
		return err
	}); err != nil {
		return e.report, err
	}
	if err := e.end(ctx, checks); err != nil {
		return e.report, err
	}
	for _, t := range tasks {
		if err := e.run(ctx, t); err != nil {
			return e.report, err
		}
	}
	return e.report, store.Record(ctx, org, func(w evidence.Writer) error { return e.conclude(w, tasks) })
}

type evaluation struct {
	store  evidence.Store
	org    sextant.Organisation
	clock  sextant.Instant
	head   sextant.Seq
	marks  []evidence.Mark
	off    []*check.Compiled
	report Report
}

// begin reads where everything stands. What is recorded later is left for the
// next time.
func (e *evaluation) begin(r evidence.Reader, checks []*check.Compiled) (tasks []*task, err error) {
	if e.head, _, err = r.Head(); err != nil {
		return nil, err
	}
	if e.marks, err = r.Marks(); err != nil {
		return nil, err
	}
	populations, err := r.Populations(e.head)
	if err != nil {
		return nil, err
	}
	for _, c := range checks {
		if c.Off != "" {
			e.off = append(e.off, c)
		}
	}
	reached := map[string]bool{}
	for _, p := range populations {
		reached[p.Type] = true
	}
	return plan(checks, e.marks, reached, e.clock), nil
}

// end takes back what checks said that are not in force any more.
func (e *evaluation) end(ctx context.Context, checks []*check.Compiled) error {
	for _, m := range e.marks {
		i := slices.IndexFunc(checks, func(c *check.Compiled) bool { return c.ID == m.Check })
		if i >= 0 && checks[i].Off == "" {
			continue
		}
		if err := e.endOne(ctx, m, i >= 0); err != nil {
			return err
		}
	}
	return nil
}

// endOne ends the results of a check; its outcome too, unless it is only
// switched off, when another outcome says so.
func (e *evaluation) endOne(ctx context.Context, m evidence.Mark, off bool) error {
	ran := Ran{Check: m.Check, Input: Switch}
	for done := false; !done; {
		if err := e.store.Record(ctx, e.org, func(w evidence.Writer) error {
			list, err := w.StandingRange(m.Check, 0, int64(sextant.LatestSeq), goneChunk)
			if err != nil {
				return err
			}
			ran.Changed += len(list)
			done = len(list) < goneChunk
			return endSome(w, m, list, done, off)
		}); err != nil {
			return err
		}
		m.Upto, m.Turn = 0, m.Turn+1 // a broken-off end is no state to go on from
	}
	e.report.Changed += ran.Changed
	e.report.Ran = append(e.report.Ran, ran)
	return nil
}

func endSome(w evidence.Writer, m evidence.Mark, list []evidence.Result, last, off bool) error {
	seq, err := w.Seal("ended", map[string]any{"check": m.Check, "results": ids(list)})
	if err != nil {
		return err
	}
	if err := w.CloseResults(seq, m.Check, ids(list)); err != nil {
		return err
	}
	if !last {
		m.Upto = 0
		return w.PutMark(m)
	}
	if !off {
		if err := w.CloseOutcome(seq, m.Check); err != nil {
			return err
		}
	}
	return w.DropMark(m)
}

func ids(list []evidence.Result) []int64 {
	all := make([]int64, len(list))
	for i, r := range list {
		all[i] = r.Resource
	}
	return all
}
