// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"sync"

	"sextant"
)

// Job reads one population. Read returns nil when it has seen everything, a
// Failure when the outside system kept it from that, and any other error to end
// the run.
type Job struct {
	Slice
	Read func(ctx context.Context, r *Reading) error
}

// Run keeps the books of one Collect: it turns jobs into populations, hands
// everything to the sink one call at a time, and writes the manifest.
type Run struct {
	options  Options
	requests func() int64

	mu       sync.Mutex // guards what follows, and every call to sink
	sink     Sink
	manifest Manifest
	total    int
	seen     int64
	broken   error // the sink's refusal, which ends the run
	stop     context.CancelFunc
}

// Begin opens the books. requests tells how many requests were sent so far.
func Begin(sink Sink, name, version string, o Options, requests func() int64) *Run {
	if o.Clock == nil {
		o.Clock = sextant.SystemClock
	}
	m := Manifest{Source: o.Source, Connector: name, Version: version, Started: o.Clock(), Populations: []Population{}, Principals: []Principal{}}
	return &Run{options: o, requests: requests, sink: sink, manifest: m}
}

// SignedIn notes who the run is in an account.
func (r *Run) SignedIn(p Principal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.manifest.Principals = append(r.manifest.Principals, p)
}

// Fail notes a failure that concerns no single population.
func (r *Run) Fail(f Failure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f.Times = cmp.Or(f.Times, 1)
	r.manifest.Errors = append(r.manifest.Errors, f)
}

// Read works the jobs off, workers at a time and in their order, and returns
// when all have ended. Once ctx is cancelled no further job is begun: its
// population is NotReached.
func (r *Run) Read(ctx context.Context, workers int, jobs []Job) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	r.mu.Lock()
	r.total += len(jobs)
	r.stop = stop
	if r.broken != nil {
		stop()
	}
	r.mu.Unlock()
	queue := make(chan Job)
	var all sync.WaitGroup
	for range max(1, workers) {
		all.Go(func() {
			for job := range queue {
				r.one(ctx, job)
			}
		})
	}
	for _, job := range jobs {
		queue <- job
	}
	close(queue)
	all.Wait()
}

func (r *Run) one(ctx context.Context, job Job) {
	p := Population{Slice: job.Slice, State: Complete}
	switch {
	case r.options.Skip != nil && r.options.Skip(job.Slice):
		p.State = Skipped
	case ctx.Err() != nil:
		p.State = NotReached
	default:
		r.progress(Progress{Slice: job.Slice, State: Running})
		reading := &Reading{run: r, population: p, keys: map[[16]byte]struct{}{}}
		p = reading.outcome(job.Read(ctx, reading))
	}
	r.ended(context.WithoutCancel(ctx), p)
}

func (r *Run) ended(ctx context.Context, p Population) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.manifest.Populations = append(r.manifest.Populations, p)
	if r.broken == nil {
		r.refused(r.sink.Complete(ctx, p))
	}
	r.tell(Progress{Slice: p.Slice, State: p.State})
}

func (r *Run) progress(p Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell(p)
}

func (r *Run) tell(p Progress) {
	p.Done, p.Total, p.Observations, p.Requests = len(r.manifest.Populations), r.total, r.seen, r.requests()
	r.sink.Progress(p)
}

func (r *Run) refused(err error) error {
	if err != nil && r.broken == nil {
		r.broken = err
		r.stop()
	}
	return err
}

// Finish closes the books. Populations are sorted, so that equal runs have
// equal manifests but for times and requests. The error is the sink's refusal,
// else the cancellation of ctx.
func (r *Run) Finish(ctx context.Context) (Manifest, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortFunc(r.manifest.Populations, func(a, b Population) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Type, b.Type))
	})
	r.manifest.Finished, r.manifest.Requests = r.options.Clock(), r.requests()
	return r.manifest, cmp.Or(r.broken, ctx.Err())
}

// Reading is one population while it is read. It belongs to its job's
// goroutine.
type Reading struct {
	run        *Run
	population Population
	keys       map[[16]byte]struct{} // of observations handed over, as cut hashes: lists that move while they are paged repeat entries
}

// Page notes that one answer of the listing call was read to its end.
func (r *Reading) Page() { r.population.Pages++ }

// Unread notes a failure that leaves attributes of observations unknown. Equal
// ones are counted.
func (r *Reading) Unread(f Failure) {
	f.Times = cmp.Or(f.Times, 1)
	for i, known := range r.population.Errors {
		if known.Call == f.Call && known.Cause == f.Cause && known.Code == f.Code {
			r.population.Errors[i].Times += f.Times
			return
		}
	}
	r.population.Errors = append(r.population.Errors, f)
}

// Observe hands one observation of the population over, secrets redacted. A key
// that came before is left out.
func (r *Reading) Observe(ctx context.Context, key string, kind Kind, attributes map[string]any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(key))
	cut := [16]byte(sum[:])
	if _, again := r.keys[cut]; again {
		return nil
	}
	if r.run.options.Sample > 0 && r.population.Count >= r.run.options.Sample {
		return errSampled
	}
	r.keys[cut] = struct{}{}
	Redact(attributes)
	o := Observation{Slice: r.population.Slice, Key: key, Kind: kind, Attributes: attributes}
	r.run.mu.Lock()
	defer r.run.mu.Unlock()
	if r.run.broken != nil {
		return r.run.broken
	}
	if err := r.run.refused(r.run.sink.Observe(ctx, o)); err != nil {
		return err
	}
	r.population.Count++
	r.run.seen++
	if _, some := attributes[ErrorsKey]; some {
		r.population.Unknown++
	}
	return nil
}

// errSampled ends a population of which enough was seen.
var errSampled = errors.New("enough was seen")

func (r *Reading) outcome(err error) Population {
	p := &r.population
	if err == nil {
		return *p
	}
	if errors.Is(err, errSampled) {
		p.State = Partial
		return *p
	}
	f, ok := errors.AsType[Failure](err)
	if !ok {
		f = Failure{Call: "-", Account: p.Account, Region: p.Region, Cause: Unclear, Message: err.Error(), Hint: "This is a defect of the connector: please report it."}
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || r.run.ending() {
			f.Cause, f.Message, f.Hint = Cancelled, "the run was stopped before everything was read", "Run it again; what is complete can be skipped."
		}
	}
	p.State = Partial
	if p.Count == 0 && p.Pages == 0 {
		p.State = Failed
		if f.Cause == Denied {
			p.State = Refused
		}
	}
	r.Unread(f)
	return *p
}

func (r *Run) ending() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.broken != nil
}
