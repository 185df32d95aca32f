// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/check"
	"sextant/evidence"
)

// Input names what made a check be evaluated, or its conclusion be drawn again.
type Input string

// The inputs. Exceptions, statements and plans decide states, not results:
// Settle looks at them whenever it runs.
const (
	First        Input = "first"         // it never was, or not to the end
	Observation  Input = "observation"   // resources changed, came or went
	CheckVersion Input = "check_version" // its expressions, aggregate or own parameters changed
	Parameter    Input = "parameter"     // the organisation gave it other parameters
	ByClock      Input = "clock"         // an expression looks at now, and the hour is another
	Population   Input = "population"    // what was seen whole, or is looked at, changed
	Switch       Input = "switch"        // it was switched on or off, or is no more
	Exception    Input = "exception"     // Settle: what is excepted changed
)

// clockEvery is how old the moment may be that expressions are given as now.
// They are given the begin of the hour, so that every result of an hour is of
// one moment and a recount meets the same.
const clockEvery = time.Hour

func clockAt(now sextant.Instant) sextant.Instant {
	return sextant.InstantOf(now.Time().Truncate(clockEvery))
}

// Ran is what an evaluation did for one check.
type Ran struct {
	Check     string `json:"check"`
	Input     Input  `json:"input"`
	Resources int    `json:"resources"` // that were read
	Changed   int    `json:"changed"`   // results
}

// Report is what an evaluation did.
type Report struct {
	Changed int   `json:"changed"` // results that changed
	Ran     []Ran `json:"ran"`
	Settled int   `json:"settled"` // states that changed
}

// task is checks of one resource type that read the same resources: all of
// them, or those that changed since a position.
type task struct {
	kind   string
	since  sextant.Seq
	full   bool
	checks []*running
}

// running is one check under way.
type running struct {
	*check.Compiled
	mark    evidence.Mark
	input   Input
	read    int
	changed int
}

// plan decides, for every check in force, whether it has to look at everything
// or at what changed, and puts those together that look at the same.
func plan(checks []*check.Compiled, marks []evidence.Mark, reached map[string]bool, clock sextant.Instant) []*task {
	byCheck := map[string]evidence.Mark{}
	for _, m := range marks {
		byCheck[m.Check] = m
	}
	tasks := map[task0]*task{}
	for _, c := range checks {
		mark, known := byCheck[c.ID]
		if c.Off != "" || !reached[c.Resource] && !known {
			continue
		}
		if mark.Counts == nil {
			mark = evidence.Mark{Check: c.ID, Type: c.Resource, Counts: map[string]evidence.Counts{}}
		}
		r := &running{Compiled: c, mark: mark, input: inputOf(c, mark, clock)}
		key := task0{c.Resource, mark.Upto, r.input != Observation}
		if key.full {
			key.since = 0
		}
		if tasks[key] == nil {
			tasks[key] = &task{kind: key.kind, since: key.since, full: key.full}
		}
		tasks[key].checks = append(tasks[key].checks, r)
	}
	var list []*task
	for _, t := range tasks {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *task) int {
		return cmp.Or(strings.Compare(a.kind, b.kind), cmp.Compare(a.since, b.since), strings.Compare(a.checks[0].ID, b.checks[0].ID))
	})
	return list
}

// task0 is what checks of one task have in common.
type task0 struct {
	kind  string
	since sextant.Seq
	full  bool
}

// inputOf names why a check looks at everything; Observation where it need not.
func inputOf(c *check.Compiled, m evidence.Mark, clock sextant.Instant) Input {
	was, _, _ := strings.Cut(m.Version, "+")
	is, _, _ := strings.Cut(c.Version, "+")
	switch {
	case m.Upto == 0 || m.Type != c.Resource:
		return First
	case was != is:
		return CheckVersion
	case m.Version != c.Version:
		return Parameter
	case c.ReadsClock() && m.Clock != clock:
		return ByClock
	}
	return Observation
}
