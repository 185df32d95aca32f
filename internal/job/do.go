// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"sync"
	"time"

	"sextant"
	"sextant/access"
)

// Do asks for work and waits for its end, working itself meanwhile: for a
// command, which may be the only process there is. Where ctx ends first, the
// work is cancelled. report is told of every change; it may be nil. The error is
// that of asking or waiting; how the work went is in the job.
func (q *Queue) Do(ctx context.Context, actor access.Actor, r Request, report func(Job)) (Job, error) {
	j, _, err := q.Enqueue(ctx, actor, r)
	if err != nil {
		return j, err
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	var beside sync.WaitGroup
	beside.Go(func() { q.Run(working) })
	defer beside.Wait()
	defer stop()
	return q.await(ctx, actor, j, report)
}

func (q *Queue) await(ctx context.Context, actor access.Actor, j Job, report func(Job)) (Job, error) {
	keep := context.WithoutCancel(ctx)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	cancelled := ctx.Done()
	for j.State.Open() {
		select {
		case <-cancelled:
			cancelled = nil
			if _, err := q.Cancel(keep, actor, j.ID); err != nil && sextant.CodeOf(err) != sextant.Conflict {
				return j, err
			}
		case <-tick.C:
		}
		before := j
		var err error
		if j, err = q.config.Store.Job(keep, j.Organisation, j.ID); err != nil {
			return j, err
		}
		if report != nil && (j.Progress != before.Progress || j.State != before.State) {
			report(j)
		}
		if j.State == Waiting && j.Attempt > 0 { // it failed and waits for another try: whoever typed the command decides
			return j, nil
		}
	}
	return j, ctx.Err()
}

// Err is how ended work went, as an error: nil where it is done.
func (j Job) Err() error {
	switch {
	case j.State == Done:
		return nil
	case j.State == Cancelled:
		return sextant.Errorf(sextant.Conflict, "cancelled")
	}
	e := sextant.Errorf(sextant.Unavailable, "%s", j.Error)
	e.Hint = j.Hint
	return e
}
