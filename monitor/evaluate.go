// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"sextant"
	"sextant/check"
	"sextant/connector"
	"sextant/control"
	"sextant/evidence"
)

// Body is what is kept of an outcome beside its state.
type Body struct {
	Counts check.Counts `json:"counts"`
	Reason string       `json:"reason"`
}

// Evaluate runs the checks over everything that stands and keeps what changed:
// a result opens a new interval only when its status, reason or check changed,
// an outcome only when its state or its counts did. It gives how many results
// changed.
func Evaluate(ctx context.Context, store evidence.Store, org sextant.Organisation, checks []*check.Compiled, now sextant.Instant) (changed int, err error) {
	byType := map[string][]*check.Compiled{}
	for _, c := range checks {
		byType[c.Resource] = append(byType[c.Resource], c)
	}
	var kinds []string
	for kind := range byType {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		n, err := evaluateType(ctx, store, org, kind, byType[kind], now)
		changed += n
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// standing is the result a check has of a resource now.
type standing struct {
	status          int
	reason, version string
}

func evaluateType(ctx context.Context, store evidence.Store, org sextant.Organisation, kind string, checks []*check.Compiled, now sextant.Instant) (int, error) {
	e := &evaluation{checks: checks, kind: kind, now: now, old: map[string]map[int64]standing{}, counts: map[string]*check.Counts{}}
	if err := store.Machine(ctx, org, e.read); err != nil {
		return 0, err
	}
	if !e.reached {
		return 0, nil // no source ever looked: the checks have not run
	}
	for part := range slices.Chunk(e.flips, 500) {
		if err := store.Record(ctx, org, func(w evidence.Writer) error { return putResults(w, part) }); err != nil {
			return 0, err
		}
	}
	return len(e.flips), store.Record(ctx, org, e.conclude)
}

type evaluation struct {
	checks  []*check.Compiled
	kind    string
	now     sextant.Instant
	reached bool
	whole   bool
	why     string
	old     map[string]map[int64]standing
	counts  map[string]*check.Counts
	flips   []evidence.Result
	gone    map[string][]int64
}

// read evaluates in one snapshot; each resource is decoded once for all its
// checks.
func (e *evaluation) read(r evidence.Reader) error {
	if err := e.readPopulations(r); err != nil || !e.reached {
		return err
	}
	for _, c := range e.checks {
		results, err := r.Results(c.ID, sextant.LatestSeq, 10_000_000)
		if err != nil {
			return err
		}
		e.old[c.ID], e.counts[c.ID] = map[int64]standing{}, &check.Counts{}
		for _, result := range results {
			e.old[c.ID][result.Resource] = standing{result.Status, result.Reason, result.Version}
		}
	}
	if err := r.EachResource(e.kind, sextant.LatestSeq, e.evaluate); err != nil {
		return err
	}
	e.gone = map[string][]int64{}
	for id, old := range e.old {
		for resource := range old {
			e.gone[id] = append(e.gone[id], resource)
		}
	}
	return nil
}

// readPopulations finds out whether the type was seen whole, and why not.
func (e *evaluation) readPopulations(r evidence.Reader) error {
	populations, err := r.Populations(sextant.LatestSeq)
	e.whole = true
	for _, p := range populations {
		if p.Type != e.kind {
			continue
		}
		e.reached = true
		if p.State != string(connector.Complete) && p.State != string(connector.Skipped) {
			e.whole = false
			e.why = fmt.Sprintf("%s of %s in %s is %s%s", p.Type, p.Account, p.Region, p.State, firstFailure(p.Errors))
		}
	}
	return err
}

func firstFailure(raw json.RawMessage) string {
	var failures []connector.Failure
	if err := json.Unmarshal(raw, &failures); err != nil || len(failures) == 0 {
		return ""
	}
	return ": " + failures[0].Error()
}

func (e *evaluation) evaluate(r evidence.Resource) error {
	var observed struct {
		Attributes map[string]any `json:"attributes"`
	}
	if err := json.Unmarshal(r.Data, &observed); err != nil {
		return fmt.Errorf("observation of %s: %w", r.Key, err)
	}
	for _, c := range e.checks {
		result := c.Evaluate(observed.Attributes, nil, e.now.Time())
		e.counts[c.ID].Add(result.Status)
		now := standing{int(result.Status), result.Reason, c.Version}
		if before, known := e.old[c.ID][r.ID]; !known || before != now {
			e.flips = append(e.flips, evidence.Result{Check: c.ID, Resource: r.ID, Status: now.status, Reason: now.reason, Version: now.version, First: !known})
		}
		delete(e.old[c.ID], r.ID)
	}
	return nil
}

func putResults(w evidence.Writer, list []evidence.Result) error {
	type sealed struct {
		Check    string `json:"check"`
		Resource int64  `json:"resource"`
		Status   int    `json:"status"`
		Reason   string `json:"reason,omitempty"`
		Version  string `json:"version"`
	}
	line := make([]sealed, len(list))
	for i, r := range list {
		line[i] = sealed{r.Check, r.Resource, r.Status, r.Reason, r.Version}
	}
	seq, err := w.Seal("results", line)
	if err != nil {
		return err
	}
	return w.PutResults(seq, list)
}

var verdictStates = map[check.Verdict]control.State{check.NothingSeen: control.NoData, check.Passes: control.Pass, check.Fails: control.Fail, check.CannotBeTold: control.Error}

// conclude keeps the outcomes that changed and ends the results of what is gone.
func (e *evaluation) conclude(w evidence.Writer) error {
	outcomes, err := w.Outcomes(sextant.LatestSeq)
	if err != nil {
		return err
	}
	for _, c := range e.checks {
		if err := e.concludeOne(w, c, outcomes); err != nil {
			return err
		}
	}
	return nil
}

func (e *evaluation) concludeOne(w evidence.Writer, c *check.Compiled, outcomes []evidence.Outcome) error {
	verdict, reason := c.Summarise(*e.counts[c.ID], e.whole, e.why)
	body, err := json.Marshal(Body{Counts: *e.counts[c.ID], Reason: reason})
	if err != nil {
		return err
	}
	next := evidence.Outcome{Check: c.ID, Version: c.Version, State: int(verdictStates[verdict]), At: w.Now(), Body: body}
	i := slices.IndexFunc(outcomes, func(o evidence.Outcome) bool { return o.Check == c.ID })
	if verdict == check.Fails {
		next.Since = w.Now()
		if i >= 0 && outcomes[i].Since != 0 {
			next.Since = outcomes[i].Since
		}
	}
	same := i >= 0 && outcomes[i].State == next.State && outcomes[i].Version == next.Version && string(outcomes[i].Body) == string(body)
	if same && len(e.gone[c.ID]) == 0 {
		return nil
	}
	seq, err := w.Seal("outcome", map[string]any{"check": c.ID, "version": c.Version, "state": verdictStates[verdict], "outcome": json.RawMessage(body), "gone": e.gone[c.ID]})
	if err != nil {
		return err
	}
	if err := w.CloseResults(seq, c.ID, e.gone[c.ID]); err != nil || same {
		return err
	}
	return w.PutOutcome(seq, next)
}
