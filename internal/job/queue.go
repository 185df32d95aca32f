// SPDX-License-Identifier: Apache-2.0

package job

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"sextant"
	"sextant/access"
)

// Kind is a sort of work.
type Kind struct {
	Name     string
	Verb     access.Verb // what an actor must be allowed to ask for it or cancel it
	Attempts int         // how often it is tried, 0 = 5
	Limit    time.Duration
	// Run does the work. It stops soon after its context ends. An error of code
	// Unavailable, Throttled or Internal is tried again; any other is final.
	Run func(ctx context.Context, w *Work) error
}

func (k Kind) attempts() int { return cmp.Or(k.Attempts, 5) }

// Config of a queue. The zero durations are sensible.
type Config struct {
	Store         Store
	Clock         sextant.Clock
	Organisations func(context.Context) ([]sextant.Organisation, error)
	Workers       int           // at once in this process, 0 = 2
	Poll          time.Duration // how often others' work is looked for, 0 = 1 s
	Lease         time.Duration // silence after which a runner is taken for dead, 0 = 30 s
	Beat          time.Duration // how often progress is kept and cancelling noticed, 0 = 1 s
	Grace         time.Duration // how long work may take to stop, 0 = 10 s
	Wait          func(attempt int) time.Duration
}

// Queue takes work and, where Run is called, does it. It is safe for
// concurrent use.
type Queue struct {
	config Config
	kinds  map[string]Kind
	names  []string
	wake   chan struct{}
	turn   int // of Run alone

	mu      sync.Mutex
	running map[Fence]context.CancelCauseFunc // of this process
}

// New makes a queue of kinds. Two kinds of one name are a mistake of the program.
func New(config Config, kinds ...Kind) *Queue {
	if config.Clock == nil {
		config.Clock = sextant.SystemClock
	}
	config.Workers, config.Poll, config.Lease = cmp.Or(config.Workers, 2), cmp.Or(config.Poll, time.Second), cmp.Or(config.Lease, 30*time.Second)
	config.Beat, config.Grace = cmp.Or(config.Beat, time.Second), cmp.Or(config.Grace, 10*time.Second)
	if config.Wait == nil {
		config.Wait = backOff
	}
	q := &Queue{config: config, kinds: map[string]Kind{}, wake: make(chan struct{}, 1), running: map[Fence]context.CancelCauseFunc{}}
	for _, k := range kinds {
		if _, twice := q.kinds[k.Name]; twice || k.Run == nil {
			panic(fmt.Sprintf("job: kind %q is there twice, or does nothing", k.Name))
		}
		q.kinds[k.Name], q.names = k, append(q.names, k.Name)
	}
	return q
}

// backOff: 10 s, 20 s, 40 s and so on, an hour at most.
func backOff(attempt int) time.Duration {
	return min(time.Hour, 10*time.Second<<min(attempt-1, 10))
}

// Request asks for work.
type Request struct {
	Kind, Subject string
	Arguments     any             // kept as JSON, nil = none
	Once          string          // idempotency key: asking again with it gives the same job, even an ended one
	At            sextant.Instant // not before, 0 = now
	Again         bool            // where it is running, run it once more afterwards: something new came
}

// Enqueue writes work down; on return it will be done, here or by another
// replica. Where the same kind and subject is open already, that job is given
// and made is false.
func (q *Queue) Enqueue(ctx context.Context, actor access.Actor, r Request) (j Job, made bool, err error) {
	if err := q.may(actor, r.Kind); err != nil {
		return j, false, err
	}
	now := q.config.Clock()
	j = Job{Organisation: actor.Organisation, Kind: r.Kind, Subject: r.Subject, Once: r.Once, Again: r.Again, State: Waiting, RunAt: cmp.Or(r.At, now), Created: now, By: actor.Name}
	if r.Arguments != nil {
		if j.Arguments, err = json.Marshal(r.Arguments); err != nil {
			return j, false, fmt.Errorf("arguments of %s: %w", r.Kind, err)
		}
	}
	j, made, err = q.config.Store.PutJob(ctx, j)
	q.signal()
	return j, made, err
}

func (q *Queue) may(actor access.Actor, kind string) error {
	k, known := q.kinds[kind]
	if !known {
		return sextant.Errorf(sextant.NotFound, "there is no work of kind %q", kind)
	}
	return access.May(actor, k.Verb, access.Subject{}, q.config.Clock())
}

// List gives the newest first. Everybody who may read sees what is under way.
func (q *Queue) List(ctx context.Context, actor access.Actor, f Filter) ([]Job, error) {
	if err := access.May(actor, access.Read, access.Subject{}, q.config.Clock()); err != nil {
		return nil, err
	}
	return q.config.Store.Jobs(ctx, actor.Organisation, f)
}

// Job gives one.
func (q *Queue) Job(ctx context.Context, actor access.Actor, id int64) (Job, error) {
	if err := access.May(actor, access.Read, access.Subject{}, q.config.Clock()); err != nil {
		return Job{}, err
	}
	return q.config.Store.Job(ctx, actor.Organisation, id)
}

// Cancel ends waiting work at once. Running work is told through its context:
// at once in this process, within a beat elsewhere.
func (q *Queue) Cancel(ctx context.Context, actor access.Actor, id int64) (Job, error) {
	j, err := q.config.Store.Job(ctx, actor.Organisation, id)
	if err == nil {
		err = q.may(actor, j.Kind)
	}
	if err != nil {
		return j, err
	}
	if j, err = q.config.Store.CancelJob(ctx, actor.Organisation, id, q.config.Clock()); err != nil {
		return j, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if stop, here := q.running[j.Fence()]; here && j.State == Running {
		stop(errCancelled)
	}
	return j, nil
}

// Retry asks for ended work once more, with the same arguments.
func (q *Queue) Retry(ctx context.Context, actor access.Actor, id int64) (Job, error) {
	j, err := q.config.Store.Job(ctx, actor.Organisation, id)
	if err != nil {
		return j, err
	}
	request := Request{Kind: j.Kind, Subject: j.Subject}
	if j.Arguments != nil {
		request.Arguments = j.Arguments
	}
	j, _, err = q.Enqueue(ctx, actor, request)
	return j, err
}

// Forget removes what ended before a moment, of one organisation.
func (q *Queue) Forget(ctx context.Context, org sextant.Organisation, before sextant.Instant) (int, error) {
	return q.config.Store.RemoveJobs(ctx, org, before)
}

func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
