// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"sextant"
	"sextant/check"
	"sextant/connector"
	"sextant/control"
	"sextant/evidence"
)

// Body is what is kept of an outcome beside its state: what it counts in all,
// and what each source has in it, so that a unit can rest on its own sources.
type Body struct {
	Counts  check.Counts    `json:"counts"`
	Reason  string          `json:"reason"`
	Blind   string          `json:"blind,omitempty"` // why the population was not seen whole
	Sources map[string]Part `json:"sources,omitempty"`
}

// Part is what one source has in an outcome.
type Part struct {
	Counts check.Counts    `json:"counts"`
	Blind  string          `json:"blind,omitempty"`
	Since  sextant.Instant `json:"since,omitempty"` // since when its resources alone make the check fail
}

var verdictStates = map[check.Verdict]control.State{check.NothingSeen: control.NoData, check.Passes: control.Pass, check.Fails: control.Fail, check.CannotBeTold: control.Error}

// conclude keeps the outcomes that changed, and moves the marks of what was
// evaluated to the end.
func (e *evaluation) conclude(w evidence.Writer, tasks []*task) error {
	outcomes, err := w.Outcomes(sextant.LatestSeq)
	if err != nil {
		return err
	}
	populations, err := w.Populations(e.head)
	if err != nil {
		return err
	}
	old := map[string]evidence.Outcome{}
	for _, o := range outcomes {
		old[o.Check] = o
	}
	for _, t := range tasks {
		blind := blindness(populations, t.kind)
		for _, c := range t.checks {
			changed, err := e.concludeOne(w, c, old[c.ID], blind)
			if err != nil {
				return err
			}
			if changed && c.read == 0 && c.changed == 0 && !t.full {
				e.report.Ran = append(e.report.Ran, Ran{Check: c.ID, Input: Population})
			}
			if err := e.move(w, c); err != nil {
				return err
			}
		}
	}
	return e.concludeOff(w, old)
}

// move says how far a check has come. Where nothing was read the old mark is as
// good: what changed since is looked for from there, and nothing is written.
func (e *evaluation) move(w evidence.Writer, c *running) error {
	if c.read == 0 && c.changed == 0 && c.input == Observation {
		return nil
	}
	m := c.mark
	m.Type, m.Version, m.Upto = c.Resource, c.Version, e.head
	if c.ReadsClock() {
		m.Clock = e.clock
	}
	return w.PutMark(m)
}

// blindness says, for every source that looks at a type, why it did not see it
// whole, "" where it did.
func blindness(populations []evidence.Population, kind string) map[string]string {
	blind := map[string]string{}
	for _, p := range populations {
		if p.Type != kind {
			continue
		}
		if _, known := blind[p.Source]; !known {
			blind[p.Source] = ""
		}
		if !p.IsWhole() && blind[p.Source] == "" {
			blind[p.Source] = fmt.Sprintf("%s of %s in %s is %s%s", p.Type, p.Account, p.Region, p.State, firstFailure(p.Errors))
		}
	}
	return blind
}

func firstFailure(raw json.RawMessage) string {
	var failures []connector.Failure
	if err := json.Unmarshal(raw, &failures); err != nil || len(failures) == 0 {
		return ""
	}
	return ": " + failures[0].Error()
}

// summarise concludes over some of the sources. Where no source looks, there is
// no data, whatever the aggregate makes of nothing.
func summarise(c *check.Check, parts map[string]Part, sources []string) (control.State, Body) {
	var body Body
	for _, source := range sources {
		n := parts[source].Counts
		body.Counts = check.Counts{Population: body.Counts.Population + n.Population, Passed: body.Counts.Passed + n.Passed, Failed: body.Counts.Failed + n.Failed,
			Errors: body.Counts.Errors + n.Errors, NotApplicable: body.Counts.NotApplicable + n.NotApplicable}
		if body.Blind == "" {
			body.Blind = parts[source].Blind
		}
	}
	if len(sources) == 0 {
		body.Reason = "no source looks at it any more"
		return control.NoData, body
	}
	verdict, reason := c.Summarise(body.Counts, body.Blind == "", body.Blind)
	body.Reason = reason
	return verdictStates[verdict], body
}

func (e *evaluation) concludeOne(w evidence.Writer, c *running, old evidence.Outcome, blind map[string]string) (bool, error) {
	var was Body
	if len(old.Body) > 0 {
		if err := json.Unmarshal(old.Body, &was); err != nil {
			return false, err
		}
	}
	all := maps.Clone(blind)
	for source, n := range c.mark.Counts {
		if _, known := all[source]; !known && n.Population > 0 {
			all[source] = c.Resource + " of " + source + " has not been read to its end yet"
		}
	}
	parts := map[string]Part{}
	for source, why := range all {
		part := Part{Counts: check.Counts(c.mark.Counts[source]), Blind: why}
		if state, _ := summarise(&c.Check, map[string]Part{source: part}, []string{source}); state == control.Fail {
			part.Since = firstOf(was.Sources[source].Since, w.Now())
		}
		parts[source] = part
	}
	state, body := summarise(&c.Check, parts, slices.Sorted(maps.Keys(parts)))
	body.Sources = parts
	return putOutcome(w, old, evidence.Outcome{Check: c.ID, Version: c.Version, State: int(state)}, body)
}

func firstOf(was, now sextant.Instant) sextant.Instant {
	if was != 0 {
		return was
	}
	return now
}

// concludeOff says of checks that were switched off that they are.
func (e *evaluation) concludeOff(w evidence.Writer, old map[string]evidence.Outcome) error {
	for _, c := range e.off {
		if o := old[c.ID]; o.Check != "" {
			if _, err := putOutcome(w, o, evidence.Outcome{Check: c.ID, Version: c.Version, State: int(control.NoData)}, Body{Reason: "switched off"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// putOutcome opens an interval if the outcome says something else than before.
func putOutcome(w evidence.Writer, old, next evidence.Outcome, body Body) (bool, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return false, err
	}
	if next.State == int(control.Fail) {
		next.Since = firstOf(old.Since, w.Now())
	}
	if old.Check != "" && old.State == next.State && old.Version == next.Version && string(old.Body) == string(data) {
		return false, nil
	}
	seq, err := w.Seal("outcome", map[string]any{"check": next.Check, "version": next.Version, "state": control.State(next.State), "outcome": json.RawMessage(data)})
	if err != nil {
		return false, err
	}
	next.At, next.Body = w.Now(), data
	return true, w.PutOutcome(seq, next)
}
