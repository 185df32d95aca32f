// SPDX-License-Identifier: Apache-2.0

package crosswalk

import (
	"cmp"
	"slices"

	"sextant/control"
	"sextant/framework"
)

// Path is how evidence somewhere says something about a requirement.
type Path struct {
	Hops     []Hop // from the source to the requirement
	State    control.State
	Coverage framework.Coverage
}

// Source is the reference the path begins at.
func (p Path) Source() string { return p.Hops[0].From }

// Inferred is what is known about one requirement of a framework.
type Inferred struct {
	Reference string
	State     control.State      // NotAssessed where nothing is certain
	Own       bool               // it has evidence of its own; nothing was inferred
	Coverage  framework.Coverage // the best there is
	Paths     []Path             // what was inferred from, what decided first
	Capped    bool               // there are more paths
	Beside    []Hop              // mappings that infer nothing and are worth reading
	Contested bool               // sources disagree on a mapping that decided
}

// Conclude draws a state from paths (DESIGN 8). The best coverage wins: where
// sources take in all that is asked, one that fails makes it Fail, else one that
// passes makes it Pass, else they are as bad as the worst of them. Where sources
// take in a part only, what passes makes it Partial and what does not says
// nothing, for the fault may lie in the other part. It gives the paths with those
// that decided first; how many those are.
func Conclude(paths []Path) (state control.State, coverage framework.Coverage, ordered []Path, deciding int) {
	for _, p := range paths {
		coverage = max(coverage, p.Coverage)
	}
	var states []control.State
	for _, p := range paths {
		if p.Coverage == coverage {
			states = append(states, p.State)
		}
	}
	state = concluded(coverage, states)
	decides := func(s control.State) bool { return s == state }
	if coverage == framework.Partly {
		decides = shows
	}
	ordered = slices.Clone(paths)
	rank := func(p Path) int {
		if p.Coverage == coverage && state != control.NotAssessed && decides(p.State) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(ordered, func(a, b Path) int {
		return cmp.Or(rank(a)-rank(b), int(b.Coverage-a.Coverage), len(a.Hops)-len(b.Hops))
	})
	for _, p := range ordered {
		if rank(p) == 0 {
			deciding++
		}
	}
	return state, coverage, ordered, deciding
}

// concluded is the state that states of the best coverage lead to.
func concluded(coverage framework.Coverage, states []control.State) control.State {
	switch {
	case coverage == framework.Full:
		return concludeFull(states)
	case slices.ContainsFunc(states, shows):
		return control.Partial
	}
	return control.NotAssessed
}

// shows says whether a source that covers a part shows something by its state.
func shows(s control.State) bool { return s == control.Pass || s == control.Partial }

func concludeFull(states []control.State) control.State {
	switch {
	case slices.Contains(states, control.Fail):
		return control.Fail
	case slices.Contains(states, control.Pass):
		return control.Pass
	}
	return control.Combine(states...)
}
