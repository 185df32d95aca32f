// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sextant"
)

// Why the context of work ended.
var (
	errCancelled = errors.New("cancelled")
	errLost      = errors.New("another runner has taken the work over")
	errStopping  = errors.New("the program is stopping")
)

// Run does work until ctx ends. Then it takes no more, tells what is under way
// to stop, waits for it, and gives back what was not finished, so that it goes
// on elsewhere or after the next start. Work that does not stop within the
// grace is left behind with a word in the log; its lease ends by itself.
func (q *Queue) Run(ctx context.Context) {
	var under sync.WaitGroup
	free := make(chan struct{}, q.config.Workers)
	tick := time.NewTicker(q.config.Poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		free <- struct{}{} // a job ends soon after ctx: this does not wait for ever
		j, found := q.claim(ctx)
		if found {
			under.Go(func() {
				defer func() { <-free; q.signal() }()
				q.do(ctx, j)
			})
			continue
		}
		<-free
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-q.wake:
		}
	}
	stopped := make(chan struct{})
	go func() { under.Wait(); close(stopped) }()
	select {
	case <-stopped:
	case <-time.After(q.config.Grace):
		slog.Error("work did not stop in time and is left behind", "grace", q.config.Grace)
	}
}

// claim takes the next due work of any organisation, beginning with another one
// each time, so that none waits for the others.
func (q *Queue) claim(ctx context.Context) (Job, bool) {
	organisations, err := q.config.Organisations(ctx)
	q.turn++
	for i := range organisations {
		org := organisations[(i+q.turn)%len(organisations)]
		now := q.config.Clock()
		var j Job
		var found bool
		if j, found, err = q.config.Store.ClaimJob(ctx, org, q.names, now, now.Add(q.config.Lease)); err != nil {
			break
		}
		if found {
			return j, true
		}
	}
	if err != nil && ctx.Err() == nil {
		slog.Error("work cannot be looked for", "error", err)
	}
	return Job{}, false
}

// do makes one attempt.
func (q *Queue) do(ctx context.Context, j Job) {
	k := q.kinds[j.Kind]
	w := &Work{Job: j, progress: j.Progress}
	err := error(errCancelled)
	switch {
	case j.Cancelling: // its runner died before it could stop
	case j.Attempt > k.attempts():
		err = sextant.Errorf(sextant.Invalid, "given up: the program ended %d times while doing this", j.Attempt-1).WithHint("look at the log of the server, then ask for it again")
	default:
		err = q.attempt(ctx, k, w)
	}
	if errors.Is(err, errLost) {
		slog.Warn("work was taken over by another runner", "kind", j.Kind, "id", j.ID)
		return
	}
	q.end(context.WithoutCancel(ctx), k, w, err)
}

// attempt runs the work under its fence while the beat goes on.
func (q *Queue) attempt(ctx context.Context, k Kind, w *Work) (err error) {
	fence := w.Job.Fence()
	working, stop := context.WithCancelCause(WithFence(context.WithoutCancel(ctx), fence))
	defer stop(nil)
	defer context.AfterFunc(ctx, func() { stop(errStopping) })()
	if k.Limit > 0 {
		var over context.CancelFunc
		working, over = context.WithTimeoutCause(working, k.Limit, sextant.Errorf(sextant.Unavailable, "not done within %s", k.Limit))
		defer over()
	}
	q.mu.Lock()
	q.running[fence] = stop
	q.mu.Unlock()
	var beating sync.WaitGroup
	beating.Go(func() { q.beat(working, w, stop) })
	err = guarded(working, k, w)
	cause := context.Cause(working)
	stop(nil)
	beating.Wait()
	q.mu.Lock()
	delete(q.running, fence)
	q.mu.Unlock()
	if err != nil && cause != nil {
		return cause // the work's own error only says that its context ended
	}
	return err
}

func guarded(ctx context.Context, k Kind, w *Work) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%s panicked: %v", k.Name, cause)
		}
	}()
	return k.Run(ctx, w)
}

// beat keeps the lease and the progress, and hears that the work is cancelled.
func (q *Queue) beat(ctx context.Context, w *Work, stop context.CancelCauseFunc) {
	tick := time.NewTicker(q.config.Beat)
	defer tick.Stop()
	kept, renewed := w.Job.Progress, time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		progress, _ := w.told()
		var cancelling bool
		var err error
		if progress == kept && time.Since(renewed) < q.config.Lease/3 {
			cancelling, err = q.config.Store.CancelsJob(ctx, w.Job.Fence())
		} else if cancelling, err = q.config.Store.BeatJob(ctx, w.Job.Fence(), progress, q.config.Clock().Add(q.config.Lease)); err == nil {
			kept, renewed = progress, time.Now()
		}
		switch {
		case sextant.CodeOf(err) == sextant.Conflict:
			stop(errLost)
			return
		case cancelling:
			stop(errCancelled)
			return
		case err != nil && ctx.Err() == nil:
			slog.Warn("progress is not kept", "kind", w.Job.Kind, "id", w.Job.ID, "error", err)
		}
	}
}

// end gives the job back with how it went.
func (q *Queue) end(ctx context.Context, k Kind, w *Work, err error) {
	ctx, over := context.WithTimeout(ctx, q.config.Grace)
	defer over()
	now := q.config.Clock()
	j := w.Job
	j.Progress, j.Result = w.told()
	j.Error, j.Hint = shown(err)
	switch {
	case err == nil:
		j.State = Done
	case errors.Is(err, errCancelled):
		j.State, j.Error = Cancelled, ""
	case errors.Is(err, errStopping): // no fault of the work: the attempt does not count
		j.State, j.Error, j.RunAt, j.Attempt = Waiting, "", now, j.Attempt-1
	case again(err) && j.Attempt < k.attempts():
		j.State, j.RunAt = Waiting, now.Add(q.config.Wait(j.Attempt))
	default:
		j.State = Failed
	}
	if err != nil && j.Error != "" {
		slog.Warn("work failed", "kind", j.Kind, "subject", j.Subject, "id", j.ID, "attempt", j.Attempt, "state", j.State, "error", err)
	}
	switch err := q.config.Store.EndJob(ctx, j, now); {
	case sextant.CodeOf(err) == sextant.Conflict:
		slog.Warn("work was taken over by another runner", "kind", j.Kind, "id", j.ID)
	case err != nil:
		slog.Error("the end of work is not kept; it will be done again when its lease ends", "kind", j.Kind, "id", j.ID, "error", err)
	}
}

// again says whether time may mend an error.
func again(err error) bool {
	switch sextant.CodeOf(err) {
	case sextant.Unavailable, sextant.Throttled, sextant.Internal:
		return true
	}
	return false
}

// shown gives what a person may read of an error.
func shown(err error) (text, hint string) {
	if err == nil {
		return "", ""
	}
	if e, ours := errors.AsType[*sextant.Error](err); ours && e.Code != sextant.Internal {
		bare := *e
		bare.Hint = ""
		return bare.Error(), e.Hint
	}
	return "something went wrong here", "the log of the server has the cause"
}
