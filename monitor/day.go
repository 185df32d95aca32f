// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"encoding/json"
	"strings"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
)

// DayCounts is what was counted at the end of one day: how many controls, or
// checks of a severity, were in a state.
type DayCounts struct {
	Day      int                               `json:"day"` // since 1970-01-01, UTC
	Controls map[string]int                    `json:"controls,omitempty"`
	Checks   map[check.Severity]map[string]int `json:"checks,omitempty"`
}

// The kinds of counted days.
const (
	controlDays = "controls"
	checkDays   = "checks"
)

const microsecondsADay = 24 * 60 * 60 * 1_000_000

func dayOf(at sextant.Instant) int { return int(at / microsecondsADay) }

// keepDays counts every day up to today in which a state changed. A day in which
// nothing did is like the day before it.
func (s *settling) keepDays(w evidence.Writer) error {
	states := map[string]control.State{}
	for subject, status := range s.before {
		states[subject] = status
	}
	severities := map[string]check.Severity{}
	for _, c := range s.checks {
		severities[c.ID] = c.Severity
	}
	for i, x := range s.steps {
		if x.ends {
			delete(states, x.Subject)
		} else {
			states[x.Subject] = control.State(x.State)
		}
		if i+1 < len(s.steps) && dayOf(s.steps[i+1].At) == dayOf(x.At) {
			continue
		}
		if err := putDay(w, dayOf(x.At), states, severities); err != nil {
			return err
		}
	}
	return nil
}

func putDay(w evidence.Writer, day int, states map[string]control.State, severities map[string]check.Severity) error {
	n := DayCounts{Controls: map[string]int{}, Checks: map[check.Severity]map[string]int{}}
	for subject, state := range states {
		if strings.HasPrefix(subject, ControlSubject) {
			n.Controls[state.String()]++
		}
		if id, ok := strings.CutPrefix(subject, CheckSubject); ok {
			severity := severities[id]
			if n.Checks[severity] == nil {
				n.Checks[severity] = map[string]int{}
			}
			n.Checks[severity][state.String()]++
		}
	}
	for kind, body := range map[string]any{controlDays: n.Controls, checkDays: n.Checks} {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		if err := w.PutDay(evidence.Day{Kind: kind, Day: day, Body: data}); err != nil {
			return err
		}
	}
	return nil
}

// Days gives the counts of every day from one to another, both in it; a day
// before anything was counted is left out.
func Days(r evidence.Reader, from, to sextant.Instant) ([]DayCounts, error) {
	byDay := map[int]DayCounts{}
	first, last := dayOf(from), dayOf(to)
	for _, kind := range []string{controlDays, checkDays} {
		list, err := r.Days(kind, first, last)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			n := byDay[max(d.Day, first)]
			into := any(&n.Controls)
			if kind == checkDays {
				into = &n.Checks
			}
			if err := json.Unmarshal(d.Body, into); err != nil {
				return nil, err
			}
			byDay[max(d.Day, first)] = n
		}
	}
	return everyDay(byDay, first, last), nil
}

// everyDay fills days in which nothing changed from the day before.
func everyDay(byDay map[int]DayCounts, first, last int) (all []DayCounts) {
	var n DayCounts
	known := false
	for day := first; day <= last; day++ {
		if counted, ok := byDay[day]; ok {
			n, known = counted, true
		}
		if known {
			n.Day = day
			all = append(all, n)
		}
	}
	return all
}
