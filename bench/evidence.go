// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"sextant"
	"sextant/check"
	"sextant/connector"
	"sextant/control"
	"sextant/evidence"
	"sextant/monitor"
	"sextant/register"
)

// typesSeen and checksOfType make 200 checks, five to a resource.
const (
	typesSeen    = 40
	checksOfType = 5
)

// holding is the store with the longest hold of the lock it met.
type holding struct {
	evidence.Store
	longest time.Duration
}

// Record implements evidence.Store and remembers the longest hold of the lock.
func (h *holding) Record(ctx context.Context, org sextant.Organisation, fn func(evidence.Writer) error) error {
	return h.Store.Record(ctx, org, func(w evidence.Writer) error {
		began := time.Now()
		err := fn(w)
		h.longest = max(h.longest, time.Since(began))
		return err
	})
}

func typeName(i int) string { return fmt.Sprintf("bench:t%02d", i) }

// checksForBench are 200 checks of five kinds; one of the five looks at the clock.
func checksForBench() (all []*check.Compiled, err error) {
	kinds := [checksOfType][2]string{
		{"!resource.public", `resource.name + " is public"`}, {"resource.encrypted", `resource.name + " is not encrypted"`},
		{`resource.tags.owner != ""`, `resource.name + " has no owner"`}, {"resource.ports.all(p, p != 22)", `resource.name + " is open"`},
		{"days_since(resource.rotated_at, now) < 90", `resource.name + " is old"`},
	}
	for t := range typesSeen {
		for k, kind := range kinds {
			c, err := check.Compile(check.Check{ID: fmt.Sprintf("bench.t%02d-%d", t, k), Title: "Bench", Resource: typeName(t), Pass: kind[0], Reason: kind[1], Aggregate: check.All, Severity: check.Medium, Freshness: "P2D"})
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// observation is some 1,100 bytes as the connectors write them.
func observation(i int, flipped bool) connector.Observation {
	return connector.Observation{Slice: sliceOf(i % typesSeen), Key: fmt.Sprintf("arn:aws:bench:eu-central-1:123456789012:thing/%08d", i), Kind: connector.Configuration, Attributes: map[string]any{
		"name": fmt.Sprintf("thing-%d", i), "public": (i%50 == 0) != flipped, "encrypted": i%7 > 0, "ports": []any{int64(443), int64(80 + i%3)}, "rotated_at": "2026-10-01T00:00:00Z",
		"tags": map[string]any{"owner": "platform", "classification": "internal", "stage": "production"}, "policy": strings.Repeat("statement ", 70)}}
}

func sliceOf(t int) connector.Slice {
	return connector.Slice{Type: typeName(t), Account: "123456789012", Region: "eu-central-1"}
}

// observe records everything; every hundredth is changed in a changed round.
func (b *bench) observe(store evidence.Store, flipped bool) error {
	recorder := &monitor.Recorder{Store: store, Organisation: b.org, Source: "bench"}
	for t := range typesSeen {
		n := 0
		for i := t; i < b.seen; i += typesSeen {
			if err := recorder.Observe(b.ctx, observation(i, flipped && i/typesSeen%100 == 0)); err != nil {
				return err
			}
			n++
		}
		if err := recorder.Complete(b.ctx, connector.Population{Slice: sliceOf(t), State: connector.Complete, Count: n}); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) evidence(put record) error {
	checks, err := checksForBench()
	if err != nil {
		return err
	}
	store := &holding{Store: b.store}
	now := sextant.SystemClock()
	evaluate := func() error { _, err := monitor.Evaluate(b.ctx, store, b.org, checks, now); return err }
	for _, m := range []struct {
		name, budget, limit string
		fn                  func() error
	}{
		{"record the observations, first", "–", "rows: seven trees an observation", func() error { return b.observe(store, false) }},
		{"200 checks over them, first: evaluate and write every result", "5000", "result rows, written while others are evaluated", evaluate},
		{"record them again, nothing changed", "–", "canonical form, hash and one look-up each", func() error { return b.observe(store, false) }},
		{"evaluate, nothing changed", "300", "one look at the marks", evaluate},
		{"record them again, 1 % changed", "–", "canonical form, hash and one look-up each", func() error { return b.observe(store, true) }},
		{"evaluate, 1 % changed", "300", "observations decoded, results replaced", evaluate},
	} {
		s, err := times(1, func(int) error { return m.fn() })
		if err != nil {
			return err
		}
		put(m.name, m.budget, m.limit, s)
	}
	put("longest hold of the organisation's lock in these", "200", "a chunk of 2,500 results", sample{store.longest})
	return b.states(put)
}

// states measures deriving, keeping and reading.
func (b *bench) states(put record) error {
	own, err := checksForBench()
	if err != nil {
		return err
	}
	way := &monitor.Way{Kernel: b.kernel, Store: b.store, Own: func(register.Reader) ([]*check.Compiled, error) { return own, nil }}
	s, err := times(1, func(int) error { _, err := way.Settle(b.ctx, b.org); return err })
	if err != nil {
		return err
	}
	put("settle: derive and keep every state, first", "–", "trees written", s)
	if s, err = times(20, func(int) error { _, err := way.Settle(b.ctx, b.org); return err }); err != nil {
		return err
	}
	put("settle, nothing changed", "–", "deriving", s)
	if err := b.year(); err != nil {
		return err
	}
	return b.readStates(put)
}

// year fills a year of counted days and 2,000 intervals of one control.
func (b *bench) year() error {
	now := sextant.SystemClock()
	return b.store.Record(b.ctx, b.org, func(w evidence.Writer) error {
		for day := range 365 {
			body, err := json.Marshal(map[string]int{"pass": day % 93, "fail": 93 - day%93})
			if err != nil {
				return err
			}
			if err := w.PutDay(evidence.Day{Kind: "controls", Day: int(now/86_400_000_000) - day, Body: body}); err != nil {
				return err
			}
		}
		s, found, err := w.Status("control/A.8.13", sextant.LatestSeq)
		if err != nil || !found {
			return err
		}
		for i := range 2000 {
			seq, err := w.Seal("status", i)
			if err != nil {
				return err
			}
			s.State, s.At = int(control.WorstFirst[i%3]), now.Add(time.Duration(i-2000)*4*time.Hour)
			if err := w.PutStatus(seq, s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *bench) readStates(put record) error {
	now := sextant.SystemClock()
	for _, q := range []struct {
		name, limit string
		fn          func(*register.View, evidence.Reader) error
	}{
		{"states of all 93 controls", "93 rows", func(v *register.View, r evidence.Reader) error {
			_, err := monitor.States(v, r, monitor.ControlSubject)
			return err
		}},
		{"explain all 93 controls with their trees", "decoding the trees", func(v *register.View, r evidence.Reader) error { _, err := monitor.Status(v, r); return err }},
		{"explain one control", "decoding its tree", func(v *register.View, r evidence.Reader) error {
			_, err := monitor.StatusOf(v, r, "control/A.8.13")
			return err
		}},
		{"counts of every day of a year", "365 rows", func(_ *register.View, r evidence.Reader) error {
			_, err := monitor.Days(r, now.Add(-365*24*time.Hour), now)
			return err
		}},
		{"how a control operated over a year, 2,000 intervals", "its intervals", func(v *register.View, r evidence.Reader) error {
			_, err := monitor.Operated(v, r, "control/A.8.13", now.Add(-365*24*time.Hour), now)
			return err
		}},
		{"newest changes of state", "50 rows", func(v *register.View, r evidence.Reader) error {
			_, err := monitor.Changes(v, r, "", nil, 50)
			return err
		}},
		{"failing resources of a check, first page", "50 rows", func(_ *register.View, r evidence.Reader) error {
			_, err := r.Offenders(evidence.ResultList{Check: "bench.t00-1", At: sextant.LatestSeq, Limit: 50, Statuses: []int{int(check.Fail)}})
			return err
		}},
		{"resources of a type, first page", "50 rows", func(_ *register.View, r evidence.Reader) error {
			_, err := r.Resources(evidence.ResourceList{Type: typeName(0), At: sextant.LatestSeq, Limit: 50})
			return err
		}},
	} {
		s, err := times(100, func(int) error {
			return b.kernel.Read(b.ctx, b.actor, 0, func(v *register.View) error {
				r, err := evidence.On(v)
				if err != nil {
					return err
				}
				return q.fn(v, r)
			})
		})
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		put(q.name, "10 / 50", q.limit, s)
	}
	return nil
}
