// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"encoding/json"
	"slices"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
)

// Change is one time that the outcome of a check became another.
type Change struct {
	Check  *check.Compiled
	Seq    sextant.Seq // position of the new outcome
	At     sextant.Instant
	Before control.State
	After  control.State
	Reason string
	Failed [2]int  // how many resources failed or could not be told, before and after
	Moved  []Moved // resources that began or ceased to fail, capped
	More   int     // further ones
}

// Worse says whether it became worse: another state further down, or more that
// fails.
func (c Change) Worse() bool {
	if c.Before != c.After {
		return rank(c.After) < rank(c.Before)
	}
	return c.Failed[1] > c.Failed[0]
}

// rank is the place in the order of states, worst first.
func rank(s control.State) int {
	if i := slices.Index(control.WorstFirst, s); i >= 0 {
		return i
	}
	return len(control.WorstFirst)
}

// Moved is a resource whose result changed, with what of it the check reads and
// was another before.
type Moved struct {
	ID       int64
	Type     string
	Key      string
	Fails    bool // now; false = no more
	Reason   string
	Moves    []check.Move
	Gone     bool // it does not stand any more
	Observed sextant.Instant
}

// movedShown is how many resources a change names, and changeWeighed among how
// many it looks for them.
const (
	movedShown    = 3
	changeWeighed = 500
)

// Changes gives the newest changes of outcomes up to a position, newest first:
// another state, or more or fewer resources that fail. The first outcome of a
// check is no change. limit is how many outcomes are looked at.
func Changes(r evidence.Reader, at sextant.Seq, limit int) ([]Change, error) {
	outcomes, err := r.Drift(at, limit)
	if err != nil {
		return nil, err
	}
	var list []Change
	before := map[sextant.Seq][]evidence.Outcome{}
	for _, o := range outcomes {
		if before[o.From] == nil {
			if before[o.From], err = r.Outcomes(o.From - 1); err != nil {
				return nil, err
			}
		}
		i := slices.IndexFunc(before[o.From], func(b evidence.Outcome) bool { return b.Check == o.Check })
		c, known := check.Named(o.Check)
		if i < 0 || !known {
			continue
		}
		if change, is := changeOf(c, before[o.From][i], o); is {
			if err := change.name(r, before[o.From][i].From); err != nil {
				return nil, err
			}
			list = append(list, change)
		}
	}
	return list, nil
}

func changeOf(c *check.Compiled, before, after evidence.Outcome) (Change, bool) {
	var was, is Body
	_, _ = json.Unmarshal(before.Body, &was), json.Unmarshal(after.Body, &is) // a body we wrote
	change := Change{Check: c, Seq: after.From, At: after.At, Before: control.State(before.State), After: control.State(after.State), Reason: is.Reason,
		Failed: [2]int{was.Counts.Failed + was.Counts.Errors, is.Counts.Failed + is.Counts.Errors}}
	return change, change.Before != change.After || change.Failed[0] != change.Failed[1]
}

// name finds the resources that began or ceased to fail.
func (c *Change) name(r evidence.Reader, since sextant.Seq) error {
	bad := []int{int(check.Fail), int(check.Error)}
	was, err := r.Results(c.Check.ID, since, changeWeighed, bad...)
	if err != nil {
		return err
	}
	is, err := r.Results(c.Check.ID, c.Seq, changeWeighed, bad...)
	if err != nil {
		return err
	}
	for _, result := range without(is, was) {
		if err := c.add(r, result, true); err != nil {
			return err
		}
	}
	for _, result := range without(was, is) {
		if err := c.add(r, result, false); err != nil {
			return err
		}
	}
	return nil
}

// without gives the results of a whose resources b does not know.
func without(a, b []evidence.Result) (list []evidence.Result) {
	known := map[int64]bool{}
	for _, result := range b {
		known[result.Resource] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(result evidence.Result) bool { return known[result.Resource] })
}

func (c *Change) add(r evidence.Reader, result evidence.Result, fails bool) error {
	if len(c.Moved) == movedShown {
		c.More++
		return nil
	}
	thing, err := r.Thing(result.Resource)
	if err != nil {
		return err
	}
	m := Moved{ID: thing.ID, Type: thing.Type, Key: thing.Key, Fails: fails}
	if fails {
		m.Reason = result.Reason
	}
	m.compare(r, c.Check, c.Seq)
	c.Moved = append(c.Moved, m)
	return nil
}

// versionsCompared is how many versions of a resource are looked at for the one
// a change rests on.
const versionsCompared = 50

// compare finds the version that stood at a position and the one before it.
func (m *Moved) compare(r evidence.Reader, c *check.Compiled, at sextant.Seq) {
	versions, err := r.ResourceHistory(m.Type, m.Key, versionsCompared)
	if err != nil {
		return // a change without its reason is still a change
	}
	versions = slices.DeleteFunc(versions, func(v evidence.Resource) bool { return v.ID != m.ID || v.From > at })
	if len(versions) == 0 {
		return
	}
	m.Gone, m.Observed = versions[0].To <= at, versions[0].At
	if len(versions) > 1 && !m.Gone {
		m.Moves = c.Moves(Attributes(versions[1]), Attributes(versions[0]))
	}
}

// Attributes gives what was observed of a resource; nil where it cannot be read.
func Attributes(r evidence.Resource) map[string]any {
	var observed struct {
		Attributes map[string]any `json:"attributes"`
	}
	if err := json.Unmarshal(r.Data, &observed); err != nil {
		return nil
	}
	return observed.Attributes
}
