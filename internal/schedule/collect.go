// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"fmt"
	"time"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/evidence"
	"sextant/internal/job"
	"sextant/monitor"
	"sextant/register"
)

// order is what a collection is asked with.
type order struct {
	Operator bool `json:"operator,omitempty"` // asked for at the machine's shell: its credentials may be used
}

// Collected is the short answer of a collection; the manifest is kept as a run.
type Collected struct {
	Complete   bool                  `json:"complete"`
	Principals []connector.Principal `json:"principals"`
	Requests   int64                 `json:"requests"`
	Whole      int                   `json:"populations_complete"`
	Of         int                   `json:"populations"`
	Changed    int                   `json:"changed"`
	Gone       int                   `json:"gone"`
	Failures   []connector.Failure   `json:"failures,omitempty"` // distinct ones, the first failuresKept
	Failed     int                   `json:"failed"`             // how many distinct ones there were
}

const failuresKept = 20

// CollectNow asks for a collection of a source. Whoever may collect may call
// it; where one is under way, that one is given.
func (s *Schedule) CollectNow(ctx context.Context, actor access.Actor, key string) (job.Job, error) {
	r, err := s.Collection(ctx, actor, key)
	if err != nil {
		return job.Job{}, err
	}
	j, _, err := s.queue.Enqueue(ctx, actor, r)
	return j, err
}

// Collection is the request for a collection of a source by an actor. Errors:
// NotFound; Conflict where the source is paused or removed.
func (s *Schedule) Collection(ctx context.Context, actor access.Actor, key string) (job.Request, error) {
	err := s.config.Kernel.Read(ctx, actor, 0, func(v *register.View) error {
		source, err := v.Entry("source", key)
		if err == nil {
			err = collectable(source)
		}
		return err
	})
	return job.Request{Kind: Collect, Subject: key, Arguments: order{actor.Holds(access.Operator)}}, err
}

func collectable(source register.Entry) error {
	switch source.State {
	case "paused":
		return sextant.Errorf(sextant.Conflict, "%s is paused", source.Title()).WithHint("resume it first")
	case "removed":
		return sextant.Errorf(sextant.Conflict, "%s was removed", source.Title()).WithHint("make a new source")
	}
	return nil
}

// dueSources asks for the sources whose time has come, and has what removed ones
// told forgotten, once. A draft waits until somebody collects from it, a paused
// one until it is resumed.
func (s *Schedule) dueSources(ctx context.Context, org sextant.Organisation) error {
	var due []job.Request
	var read []tried
	err := s.config.Kernel.Read(ctx, access.SystemActor(org, "schedule"), 0, func(v *register.View) error {
		sources, err := evidence.Sources.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"connected", "failing", "removed"}})
		if err != nil {
			return err
		}
		for _, source := range sources {
			if source.State == "removed" {
				due = append(due, job.Request{Kind: Forget, Subject: source.Key, Once: "forget/" + source.Key})
				continue
			}
			last, err := lastRead(v, source.Key)
			if err != nil {
				return err
			}
			read = append(read, tried{source.Key, source.Fields.Schedule, last})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range read {
		if err = s.lastAsked(ctx, org, &t); err != nil {
			return err
		}
		if next := evidence.NextRun(t.schedule, t.last); s.config.Kernel.Now() >= next {
			due = append(due, job.Request{Kind: Collect, Subject: t.source, Once: fmt.Sprintf("collect/%s/%d", t.source, int64(next))})
		}
	}
	for _, r := range due {
		if err == nil {
			err = s.ask(ctx, org, r)
		}
	}
	return err
}

// tried is a source with when it was last read, or asked to be, 0 = never.
type tried struct {
	source, schedule string
	last             sextant.Instant
}

func lastRead(v *register.View, source string) (last sextant.Instant, err error) {
	runs, err := v.Beneath().(evidence.Reader).Runs(source, sextant.LatestSeq, 1)
	if err != nil {
		return 0, err
	}
	for _, r := range runs {
		last = r.Started
	}
	return last, nil
}

// lastAsked looks at the queue, after the sources were read: who holds one
// connection waits for no other.
func (s *Schedule) lastAsked(ctx context.Context, org sextant.Organisation, t *tried) error {
	asked, err := s.config.Store.Jobs(ctx, org, job.Filter{Kind: Collect, Subject: t.source, Limit: 1})
	for _, j := range asked {
		t.last = max(t.last, j.Created)
	}
	return err
}

// collect reads a source once.
func (s *Schedule) collect(ctx context.Context, w *job.Work) error {
	var asked order
	if err := w.Arguments(&asked); err != nil {
		return err
	}
	org, key := w.Job.Organisation, w.Job.Subject
	skip, err := s.seenAlready(ctx, w.Job)
	if err != nil {
		return err
	}
	conn, source, err := s.open(ctx, org, key, connector.Options{Operator: asked.Operator, Skip: skip})
	if err != nil {
		return s.cannotOpen(ctx, w, err)
	}
	if err := collectable(source.Entry); err != nil {
		return err
	}
	recorder := &monitor.Recorder{Store: s.config.Store, Organisation: org, Source: key, Report: func(p connector.Progress) {
		w.Progress(int64(p.Done), int64(p.Total), fmt.Sprintf("%s in %s: %d resources, %d requests so far", p.Type, p.Region, p.Observations, p.Requests))
	}}
	manifest, err := monitor.Collect(ctx, recorder, conn)
	if err != nil {
		return err
	}
	result := collected(manifest, recorder)
	if err := w.Result(result); err != nil {
		return err
	}
	if err := s.settleSource(ctx, w, manifest, result); err != nil {
		return err
	}
	if err := s.ask(ctx, org, job.Request{Kind: Evaluate, Again: true}); err != nil {
		return err
	}
	if _, tells := conn.(connector.Discoverer); !tells || len(manifest.Principals) == 0 {
		return nil
	}
	today := s.config.Clock().Time().Format(time.DateOnly)
	return s.ask(ctx, org, job.Request{Kind: Discover, Subject: key, Arguments: asked, Once: "discover/" + key + "/" + today})
}

func collected(m connector.Manifest, r *monitor.Recorder) Collected {
	failures := connector.Distinct(m.Failures())
	c := Collected{Complete: m.Complete(), Principals: m.Principals, Requests: m.Requests, Of: len(m.Populations), Changed: r.Changed, Gone: r.Closed,
		Failures: failures[:min(len(failures), failuresKept)], Failed: len(failures)}
	for _, p := range m.Populations {
		if p.State == connector.Complete || p.State == connector.Skipped {
			c.Whole++
		}
	}
	return c
}

// seenAlready lets another attempt at a collection go on where the one before
// it stopped: what was seen whole since the job was asked for is not read again.
func (s *Schedule) seenAlready(ctx context.Context, j job.Job) (skip func(connector.Slice) bool, err error) {
	if j.Token < 2 {
		return nil, nil
	}
	whole := map[connector.Slice]bool{}
	err = s.config.Store.Machine(ctx, j.Organisation, func(r evidence.Reader) error {
		populations, err := r.Populations(sextant.LatestSeq)
		for _, p := range populations {
			if p.Source == j.Subject && p.State == string(connector.Complete) && p.Whole >= j.Created {
				whole[connector.Slice{Type: p.Type, Account: p.Account, Region: p.Region}] = true
			}
		}
		return err
	})
	return func(slice connector.Slice) bool { return whole[slice] }, err
}
