// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"sextant"
	"sextant/check"
	"sextant/evidence"
)

// pageSize is how many resources are read at once, and resultChunk how many
// results are written in one transaction: some 30 ms of the organisation's lock.
const (
	pageSize    = 1000
	resultChunk = 2500
)

// evaluators is how many pages are evaluated at a time, beside one that is read
// and one that is written.
const evaluators = 2

// page is some resources of one type and what the checks of a task say of them.
type page struct {
	resources []evidence.Resource
	gone      map[int64]string                     // things that stand no more, with their source
	old       map[string]map[int64]evidence.Result // standing results by check
	flips     []flip
}

// flip is a result that changes; status 0 is none.
type flip struct {
	running *running
	evidence.Result
	source string
	before int
}

// run reads, evaluates and writes a task, each at the same time as the others.
// The first that fails ends them all.
func (e *evaluation) run(ctx context.Context, t *task) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	read, done := make(chan *page), make(chan *page)
	var reading, working sync.WaitGroup
	reading.Go(func() { end(stop, e.pages(ctx, t, read)); close(read) })
	for range evaluators {
		working.Go(func() { end(stop, e.evaluate(ctx, t, read, done)) })
	}
	go func() { working.Wait(); close(done) }()
	end(stop, e.writeAll(ctx, t, done))
	working.Wait()
	reading.Wait()
	for _, r := range t.checks {
		if r.read > 0 || r.changed > 0 || t.full {
			e.report.Ran = append(e.report.Ran, Ran{r.ID, r.input, r.read, r.changed})
		}
		e.report.Changed += r.changed
	}
	return context.Cause(ctx)
}

// end stops the others where one failed.
func end(stop context.CancelCauseFunc, err error) {
	if err != nil {
		stop(err)
	}
}

func send(ctx context.Context, to chan<- *page, p *page) error {
	select {
	case to <- p:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pages reads what the task has to look at.
func (e *evaluation) pages(ctx context.Context, t *task, out chan<- *page) error {
	if t.full {
		return e.allPages(ctx, t, out)
	}
	var changed []int64
	if err := e.store.Machine(ctx, e.org, func(r evidence.Reader) (err error) {
		changed, err = r.ChangedResources(t.kind, t.since, e.head)
		return err
	}); err != nil {
		return err
	}
	for part := range slices.Chunk(changed, pageSize) {
		var p *page
		if err := e.store.Machine(ctx, e.org, func(r evidence.Reader) (err error) {
			p, err = e.changedPage(r, t, part)
			return err
		}); err != nil {
			return err
		}
		if err := send(ctx, out, p); err != nil {
			return err
		}
	}
	return nil
}

func (e *evaluation) changedPage(r evidence.Reader, t *task, ids []int64) (p *page, err error) {
	p = &page{old: map[string]map[int64]evidence.Result{}}
	if p.resources, err = r.ResourcesOf(t.kind, ids, e.head); err != nil {
		return nil, err
	}
	for _, c := range t.checks {
		list, err := r.StandingResults(c.ID, ids)
		if err != nil {
			return nil, err
		}
		p.keep(c.ID, list)
	}
	return p, p.findGone(r)
}

func (p *page) keep(check string, list []evidence.Result) {
	p.old[check] = make(map[int64]evidence.Result, len(list))
	for _, result := range list {
		p.old[check][result.Resource] = result
	}
}

// findGone names the things that have results and stand no more.
func (p *page) findGone(r evidence.Reader) error {
	stands := make(map[int64]bool, len(p.resources))
	for _, resource := range p.resources {
		stands[resource.ID] = true
	}
	p.gone = map[int64]string{}
	for _, list := range p.old {
		for id := range list {
			if _, known := p.gone[id]; stands[id] || known {
				continue
			}
			thing, err := r.Thing(id)
			if err != nil {
				return err
			}
			p.gone[id] = thing.Source
		}
	}
	return nil
}

// allPages walks the resources of a type by id, and beside them the standing
// results of the same range: what has a result and no resource is gone.
func (e *evaluation) allPages(ctx context.Context, t *task, out chan<- *page) error {
	for after, last := int64(0), false; !last; {
		var p *page
		if err := e.store.Machine(ctx, e.org, func(r evidence.Reader) (err error) {
			p = &page{old: map[string]map[int64]evidence.Result{}}
			if p.resources, err = r.ResourcePage(t.kind, after, pageSize, e.head); err != nil {
				return err
			}
			upto := int64(sextant.LatestSeq)
			if last = len(p.resources) < pageSize; !last {
				upto = p.resources[pageSize-1].ID
			}
			err = p.readRange(r, t, after, upto)
			after = upto
			return err
		}); err != nil {
			return err
		}
		if err := send(ctx, out, p); err != nil {
			return err
		}
	}
	return nil
}

func (p *page) readRange(r evidence.Reader, t *task, after, upto int64) error {
	for _, c := range t.checks {
		if c.mark.Turn == 0 {
			continue // never evaluated: there are none
		}
		list, err := r.StandingRange(c.ID, after, upto, 1<<31)
		if err != nil {
			return err
		}
		p.keep(c.ID, list)
	}
	return p.findGone(r)
}

// evaluate decodes each resource once for all checks.
func (e *evaluation) evaluate(ctx context.Context, t *task, in <-chan *page, out chan<- *page) error {
	for p := range in {
		for _, r := range p.resources {
			attributes, err := attributesOf(r)
			if err != nil {
				return err
			}
			for _, c := range t.checks {
				p.add(c, r.ID, r.Source, c.Evaluate(attributes, nil, e.clock.Time()))
			}
		}
		for id, source := range p.gone {
			for _, c := range t.checks {
				p.add(c, id, source, check.Result{})
			}
		}
		if err := send(ctx, out, p); err != nil {
			return err
		}
	}
	return nil
}

func attributesOf(r evidence.Resource) (map[string]any, error) {
	var observed struct {
		Attributes map[string]any `json:"attributes"`
	}
	if err := json.Unmarshal(r.Data, &observed); err != nil {
		return nil, fmt.Errorf("observation of %s %d: %w", r.Type, r.ID, err)
	}
	return observed.Attributes, nil
}

// add keeps what a check says of a thing if it is not what stands.
func (p *page) add(c *running, id int64, source string, result check.Result) {
	old, known := p.old[c.ID][id]
	if known && old.Status == int(result.Status) && old.Reason == result.Reason || !known && result.Status == check.NotEvaluated {
		return
	}
	p.flips = append(p.flips, flip{c, evidence.Result{Check: c.ID, Resource: id, Status: int(result.Status), Reason: result.Reason, Version: c.Version, First: !known}, source, old.Status})
}
