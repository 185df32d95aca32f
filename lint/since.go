// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"slices"
	"time"

	"sextant"
	"sextant/register"
)

// How far back a finding is followed, and how often a rule is asked again for
// it. Beyond, its age stays open: it is at least as old as the last moment seen.
const (
	mostProbes = 160
	resolution = time.Second
)

// steps are how far back the search leaps before it halves.
var steps = []time.Duration{24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, 91 * 24 * time.Hour, 365 * 24 * time.Hour, 1100 * 24 * time.Hour, 3650 * 24 * time.Hour}

// Date finds since when each finding of a rule has been there without having
// been seen to be gone: the rule is asked again of earlier moments, in leaps and
// then by halves, down to a second. A finding that was there at the first moment
// of the log is as old as the log. What the condition dated itself is kept, and
// what was not come to until a moment by the wall clock, 0 for no end, has no age.
func Date(l Look, condition Condition, rule Rule, findings []Finding, until time.Time) error {
	d := dating{look: l, condition: condition, rule: rule, until: until, seen: map[sextant.Instant][]Finding{}}
	first, err := beginning(l.View)
	if err != nil {
		return err
	}
	for i := range findings {
		if findings[i].Since == 0 {
			if findings[i].Since, err = d.since(findings[i], first); err != nil {
				return err
			}
		}
	}
	return nil
}

// DateAll dates what verdicts found, where a rule has a condition, until a
// moment by the wall clock has passed, as Date does. The findings of a report are
// shared and not changed; those that are given back are copies.
func DateAll(l Look, conditions Conditions, verdicts []Verdict, until time.Time) ([]Verdict, error) {
	dated := slices.Clone(verdicts)
	for i, v := range dated {
		if len(v.Findings) == 0 || conditions[v.Rule.ID] == nil {
			continue
		}
		dated[i].Findings = slices.Clone(v.Findings)
		if err := Date(l, conditions[v.Rule.ID], v.Rule, dated[i].Findings, until); err != nil {
			return nil, err
		}
	}
	return dated, nil
}

// dating asks one rule of many moments, each once.
type dating struct {
	look      Look
	condition Condition
	rule      Rule
	until     time.Time
	seen      map[sextant.Instant][]Finding
}

func (d *dating) late() bool { return !d.until.IsZero() && time.Now().After(d.until) }

func (d *dating) since(f Finding, first sextant.Instant) (sextant.Instant, error) {
	now := d.look.View.Now()
	there, gone := now, first-1
	for _, step := range steps {
		if d.late() {
			return 0, nil
		}
		at := now.Add(-step)
		if at <= first {
			at = first
		}
		found, err := d.found(f, at)
		if err != nil {
			return 0, err
		}
		if !found {
			gone = at
			break
		}
		if there = at; at == first {
			return first, nil
		}
	}
	for there-gone > sextant.Instant(resolution/time.Microsecond) && len(d.seen) < mostProbes {
		if d.late() {
			return 0, nil
		}
		at := gone + (there-gone)/2
		found, err := d.found(f, at)
		if err != nil {
			return 0, err
		}
		if found {
			there = at
		} else {
			gone = at
		}
	}
	return there, nil
}

func (d *dating) found(f Finding, at sextant.Instant) (bool, error) {
	list, known := d.seen[at]
	if !known {
		v, err := d.look.View.AsOf(at)
		if err != nil {
			return false, err
		}
		rules, _, err := InForce(v, []Rule{d.rule})
		if err != nil {
			return false, err
		}
		answer, err := ask(Look{View: v, Evidence: d.look.Evidence, Subject: d.look.Subject, known: map[string]any{}}, d.condition, rules[0])
		if err != nil {
			return false, err
		}
		list, d.seen[at] = answer.Findings, answer.Findings
	}
	for _, other := range list {
		if f.Is(other) {
			return true, nil
		}
	}
	return false, nil
}

// beginning is the first moment of the organisation's log.
func beginning(v *register.View) (sextant.Instant, error) {
	lines, err := v.Beneath().Journal(1, 1, "", "")
	if err != nil || len(lines) == 0 {
		return v.Now(), err
	}
	return lines[0].At, nil
}

// Held gives since when an entry has met a condition without a break, by its
// versions; 0 where it does not meet it.
func Held(v *register.View, name, key string, met func(register.Entry) bool) (since sextant.Instant, err error) {
	for before := 0; ; {
		page, err := v.Past(name, key, before, versionsAtOnce)
		if err != nil {
			return 0, err
		}
		for _, e := range page {
			if e.Deleted || !met(e) {
				return since, nil
			}
			since, before = e.At, e.Version
		}
		if len(page) < versionsAtOnce {
			return since, nil
		}
	}
}

const versionsAtOnce = 50

// After gives the moment a number of days after a date ends: from then on the
// date has passed by more than that. 0 for no date.
func After(date string, days float64) sextant.Instant {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	return sextant.InstantOf(t.AddDate(0, 0, int(days)+1))
}
