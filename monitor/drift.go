// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"encoding/json"
	"slices"
	"strings"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/register"
)

// Drift is a check whose state became another, with the resources that made it
// so.
type Drift struct {
	Change
	Check *check.Compiled
	Moved []Moved // resources that began or ceased to fail, capped
	More  int     // further ones
}

// Worse says whether what needs work became more urgent.
func (c Change) Worse() bool { return Rank(c.After) < Rank(c.Before) }

// First says that nothing was known before.
func (c Change) First() bool { return c.Before == control.NotAssessed }

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

// Drifts gives changes of the checks' states, the newest known first, with what
// moved them. after is the last one of the page before. The page is shorter than
// limit only where nothing more is known, or where a check is no more: the last
// change that was looked at is given beside it, nil at the end.
func Drifts(v *register.View, r evidence.Reader, checks []*check.Compiled, after *Change, limit int) (list []Drift, last *Change, err error) {
	changes, err := Changes(v, r, CheckSubject, after, limit)
	if err != nil {
		return nil, nil, err
	}
	for _, change := range changes {
		i := slices.IndexFunc(checks, func(c *check.Compiled) bool { return CheckSubject+c.ID == change.Subject })
		if i < 0 {
			continue
		}
		d := Drift{Change: change, Check: checks[i]}
		if err := d.name(r); err != nil {
			return nil, nil, err
		}
		list = append(list, d)
	}
	if len(changes) == limit {
		last = &changes[limit-1]
	}
	return list, last, nil
}

// name finds the resources that began or ceased to fail since the state before.
func (d *Drift) name(r evidence.Reader) error {
	before, err := r.StatusHistory(d.Subject, d.Seq, 1)
	if err != nil || len(before) == 0 || d.First() {
		return err
	}
	bad := []int{int(check.Fail), int(check.Error)}
	was, err := r.Results(d.Check.ID, before[0].From, changeWeighed, bad...)
	if err != nil {
		return err
	}
	is, err := r.Results(d.Check.ID, d.Seq, changeWeighed, bad...)
	if err != nil {
		return err
	}
	for _, result := range without(is, was) {
		if err := d.add(r, result, true); err != nil {
			return err
		}
	}
	for _, result := range without(was, is) {
		if err := d.add(r, result, false); err != nil {
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

func (d *Drift) add(r evidence.Reader, result evidence.Result, fails bool) error {
	if len(d.Moved) == movedShown {
		d.More++
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
	err = m.compare(r, d.Check, d.Seq)
	d.Moved = append(d.Moved, m)
	return err
}

// versionsCompared is how many versions of a resource are looked at for the one
// a change rests on.
const versionsCompared = 20

// compare finds the version that stood at a position and the one before it.
func (m *Moved) compare(r evidence.Reader, c *check.Compiled, at sextant.Seq) error {
	versions, err := r.ResourceHistory(m.Type, m.Key, versionsCompared)
	versions = slices.DeleteFunc(versions, func(v evidence.Resource) bool { return v.ID != m.ID || v.From > at })
	if err != nil || len(versions) == 0 {
		return err
	}
	m.Gone, m.Observed = versions[0].To <= at, versions[0].At
	if len(versions) > 1 && !m.Gone {
		m.Moves = c.Moves(Attributes(versions[1]), Attributes(versions[0]))
	}
	return nil
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

// ShortKey is the part of a resource's key people know it by: what follows the
// last colon of an address and its kind.
func ShortKey(key string) string {
	if i := strings.LastIndex(key, ":"); i >= 0 && i < len(key)-1 {
		return key[i+1:]
	}
	return key
}
