// SPDX-License-Identifier: Apache-2.0

// Package connectortest is the suite every connector has to pass: it streams,
// it says what it could not see and names the call, its keys and hashes do not
// depend on the order or moment of reading, its memory does not grow with the
// source, and it stops when told to.
package connectortest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant/connector"
)

// Spec says how to run the suite over a connector.
type Spec struct {
	// Open makes the connector for a source that stays the same and answers
	// everything, restricted to types where there are any.
	Open func(t testing.TB, o connector.Options, types ...string) connector.Connector
	// Calls are the calls the connector makes, each with a type whose reading
	// makes it.
	Calls map[string]string
	// Faults are the ways a call can be made to fail, with the cause the
	// manifest must then name.
	Faults []Fault
	// Paged reports whether a call's answers carry a page token.
	Paged func(call string) bool
}

// Fault is a way a call fails.
type Fault struct {
	Name  string
	Cause connector.Cause
	Paged bool // only calls that are paged can fail this way
	// Break makes call fail until mend.
	Break func(call string) (mend func())
}

// Run runs the suite.
func Run(t *testing.T, s Spec) {
	t.Run("a whole run is complete and keeps to the declared types", s.whole)
	t.Run("two runs give equal observations", s.equal)
	t.Run("a skipped population is not read", s.skipped)
	t.Run("a cancelled run names what it did not reach", s.cancelled)
	t.Run("a run ends when the sink refuses", s.sinkRefuses)
	for _, f := range s.Faults {
		t.Run("each call failing in turn is named: "+f.Name, func(t *testing.T) { s.faults(t, f) })
	}
}

// Record is a sink that keeps everything.
type Record struct {
	Observations map[string]connector.Observation // by type and key
	Populations  []connector.Population
	Reports      []connector.Progress
	// Hook may refuse an observation.
	Hook func(connector.Observation) error

	busy, done bool
	faults     []string
}

// Collect runs c into a new record.
func Collect(ctx context.Context, c connector.Connector) (*Record, connector.Manifest, error) {
	r := &Record{}
	m, err := c.Collect(ctx, r)
	return r, m, err
}

func (r *Record) enter() func() {
	if r.busy {
		r.faults = append(r.faults, "the sink was called from two goroutines")
	}
	r.busy = true
	return func() { r.busy = false }
}

// Observe keeps o.
func (r *Record) Observe(_ context.Context, o connector.Observation) error {
	defer r.enter()()
	if r.Observations == nil {
		r.Observations = map[string]connector.Observation{}
	}
	id := o.Type + " " + o.Key
	if _, again := r.Observations[id]; again {
		r.faults = append(r.faults, id+" came twice")
	}
	for _, p := range r.Populations {
		if p.Slice == o.Slice {
			r.faults = append(r.faults, id+" came after its population had ended")
		}
	}
	r.Observations[id] = o
	if r.Hook != nil {
		return r.Hook(o)
	}
	return nil
}

// Complete keeps p.
func (r *Record) Complete(ctx context.Context, p connector.Population) error {
	defer r.enter()()
	if ctx.Err() != nil {
		r.faults = append(r.faults, "Complete came with a cancelled context")
	}
	r.Populations = append(r.Populations, p)
	return nil
}

// Progress keeps p.
func (r *Record) Progress(p connector.Progress) {
	defer r.enter()()
	r.Reports = append(r.Reports, p)
}

// Hashes gives the hash of every observation.
func (r *Record) Hashes(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for id, o := range r.Observations {
		sum, err := o.Hash()
		if err != nil {
			t.Fatal(err)
		}
		all[id] = fmt.Sprintf("%x", sum)
	}
	return all
}

func (s Spec) whole(t *testing.T) {
	c := s.Open(t, connector.Options{Source: "src"})
	r, m, err := Collect(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(r.faults, Mismatches(c.Types(), r)...) {
		t.Error(f)
	}
	if !m.Complete() || len(m.Failures()) > 0 {
		t.Errorf("the run is not complete, or something is unknown: %v", m.Failures())
	}
	if m.Source != "src" || m.Connector != c.Name() || m.Version != c.Version() || m.Requests == 0 || m.Finished < m.Started || len(m.Principals) == 0 {
		t.Errorf("the manifest lacks something: %+v", m)
	}
	if len(r.Populations) != len(m.Populations) {
		t.Errorf("the sink saw %d populations, the manifest has %d", len(r.Populations), len(m.Populations))
	}
	if n := len(r.Reports); n < 2*len(m.Populations) || r.Reports[n-1].Done != r.Reports[n-1].Total {
		t.Errorf("%d reports of progress for %d populations", n, len(m.Populations))
	}
	s.streamed(t, r)
}

// streamed: something was handed over before the last population was begun.
func (s Spec) streamed(t *testing.T, r *Record) {
	for i, p := range r.Reports {
		if p.Observations > 0 && i < len(r.Reports)/2 {
			return
		}
	}
	t.Error("no observation came in the first half of the run: the connector collects before it hands over")
}

func (s Spec) equal(t *testing.T) {
	a, _, err := Collect(t.Context(), s.Open(t, connector.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := Collect(t.Context(), s.Open(t, connector.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	ha, hb := a.Hashes(t), b.Hashes(t)
	for _, id := range slices.Sorted(maps.Keys(ha)) {
		if ha[id] != hb[id] {
			x, _ := a.Observations[id].Canonical()
			y, _ := b.Observations[id].Canonical()
			t.Errorf("%s differs:\n%s\n%s", id, x, y)
		}
	}
	if len(ha) != len(hb) {
		t.Errorf("%d observations, then %d", len(ha), len(hb))
	}
}

func (s Spec) skipped(t *testing.T) {
	var first connector.Slice
	c := s.Open(t, connector.Options{Skip: func(p connector.Slice) bool {
		if first == (connector.Slice{}) {
			first = p
		}
		return p == first
	}})
	r, m, err := Collect(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if m.Complete() {
		t.Error("a run that skipped something says it is complete")
	}
	for _, p := range m.Populations {
		if (p.Slice == first) != (p.State == connector.Skipped) {
			t.Errorf("%v is %s", p.Slice, p.State)
		}
	}
	for id, o := range r.Observations {
		if o.Slice == first {
			t.Errorf("%s belongs to a skipped population", id)
		}
	}
}

func (s Spec) cancelled(t *testing.T) {
	_, all, err := Collect(t.Context(), s.Open(t, connector.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := &Record{Hook: func(connector.Observation) error { cancel(); return nil }}
	began := time.Now()
	m, err := s.Open(t, connector.Options{}).Collect(ctx, r)
	if err == nil {
		t.Error("a cancelled run gives no error")
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s to stop", took)
	}
	if m.Complete() {
		t.Error("a cancelled run says it is complete")
	}
	states := map[connector.State]int{}
	for _, p := range m.Populations {
		states[p.State]++
	}
	if states[connector.NotReached] == 0 {
		t.Errorf("no population is not_reached: %v", states)
	}
	if len(m.Populations) > len(all.Populations) || len(r.Populations) != len(m.Populations) {
		t.Errorf("%d populations, the whole run has %d, the sink saw %d", len(m.Populations), len(all.Populations), len(r.Populations))
	}
}

func (s Spec) sinkRefuses(t *testing.T) {
	full := fmt.Errorf("disk full")
	r := &Record{Hook: func(connector.Observation) error { return full }}
	m, err := s.Open(t, connector.Options{}).Collect(t.Context(), r)
	if err != full {
		t.Errorf("got %v, want the sink's error", err)
	}
	if m.Complete() {
		t.Error("a run the sink refused says it is complete")
	}
	if len(r.Observations) > 1 {
		t.Errorf("%d observations after the refusal", len(r.Observations)-1)
	}
}

// faults breaks each call in turn: the manifest names it with its cause, no
// population that lacks something says it has everything, and what was read is
// the same as without the fault.
func (s Spec) faults(t *testing.T, f Fault) {
	for _, call := range slices.Sorted(maps.Keys(s.Calls)) {
		if f.Paged && !s.Paged(call) {
			continue
		}
		t.Run(call, func(t *testing.T) {
			kind := s.Calls[call]
			whole, _, err := Collect(t.Context(), s.Open(t, connector.Options{}, kind))
			if err != nil {
				t.Fatal(err)
			}
			mend := f.Break(call)
			defer mend()
			r, m, err := Collect(t.Context(), s.Open(t, connector.Options{}, kind))
			if err != nil {
				t.Fatal(err)
			}
			if !named(m, call, f.Cause) {
				t.Errorf("the manifest does not name %s as %s: %v", call, f.Cause, m.Failures())
			}
			for _, p := range Pretenders(whole, r, m) {
				t.Error(p)
			}
		})
	}
}

func named(m connector.Manifest, call string, cause connector.Cause) bool {
	return slices.ContainsFunc(m.Failures(), func(f connector.Failure) bool {
		return f.Call == call && f.Cause == cause && f.Account != "" && f.Message != "" && f.Hint != "" && f.Times > 0
	})
}

// Pretenders names what a broken run pretends to know: a complete population
// that lacks a resource, and an attribute that is gone or changed without being
// named as unknown.
func Pretenders(whole, broken *Record, m connector.Manifest) []string {
	complete := map[connector.Slice]bool{}
	for _, p := range m.Populations {
		complete[p.Slice] = p.State == connector.Complete
	}
	var wrong []string
	for _, id := range slices.Sorted(maps.Keys(whole.Observations)) {
		was := whole.Observations[id]
		is, seen := broken.Observations[id]
		switch {
		case !seen && complete[was.Slice]:
			wrong = append(wrong, id+" is missing and its population says it is complete")
		case seen:
			wrong = append(wrong, lies(id, was, is)...)
		}
	}
	return wrong
}

func lies(id string, was, is connector.Observation) []string {
	unknown, wrong := is.Unknown(), []string(nil)
	for name, v := range was.Attributes {
		now, has := is.Attributes[name]
		if slices.Contains(unknown, name) == has && !strings.HasPrefix(name, "_") {
			wrong = append(wrong, fmt.Sprintf("%s: %s was %v, is %v, and unknown are %v", id, name, v, now, unknown))
		} else if has && fmt.Sprint(v) != fmt.Sprint(now) && !strings.HasPrefix(name, "_") {
			wrong = append(wrong, fmt.Sprintf("%s: %s was %v, is %v", id, name, v, now))
		}
	}
	return wrong
}
