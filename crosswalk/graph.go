// SPDX-License-Identifier: Apache-2.0

package crosswalk

import (
	"slices"

	"sextant/framework"
)

// Hop is one mapping as it is walked, from what has evidence towards what is
// asked about.
type Hop struct {
	From, To  string
	Kind      framework.Relation // of From to To, whichever way the set has it
	Set       *framework.MappingSet
	Strength  string
	Rationale string
	Contested bool // another set says something else of the pair
}

// pair is two references in the order a hop is walked.
type pair struct{ from, to string }

// graph is mapping sets ready to be walked back from a target.
type graph struct {
	into   map[string][]Hop              // by To
	sayers map[pair][]framework.Relation // what sets say of a pair
}

// newGraph lays every mapping down in both directions: what takes a requirement
// in is taken in by it.
func newGraph(sets []framework.MappingSet) *graph {
	g := &graph{into: map[string][]Hop{}, sayers: map[pair][]framework.Relation{}}
	for i := range sets {
		for _, m := range sets[i].Links {
			if m.From == m.To {
				continue
			}
			g.add(Hop{From: m.From, To: m.To, Kind: m.Kind, Set: &sets[i], Strength: m.Strength, Rationale: m.Rationale})
			g.add(Hop{From: m.To, To: m.From, Kind: m.Kind.Inverse(), Set: &sets[i], Strength: m.Strength, Rationale: m.Rationale})
		}
	}
	return g
}

func (g *graph) add(h Hop) {
	g.into[h.To] = append(g.into[h.To], h)
	at := pair{h.From, h.To}
	if !slices.Contains(g.sayers[at], h.Kind) {
		g.sayers[at] = append(g.sayers[at], h.Kind)
	}
}

// hops gives the mappings that lead to a requirement.
func (g *graph) hops(to string) []Hop {
	list := slices.Clone(g.into[to])
	for i, h := range list {
		list[i].Contested = len(g.sayers[pair{h.From, h.To}]) > 1
	}
	return list
}

// way is hops from a source to a target, and what they let one claim.
type way struct {
	hops     []Hop
	relation framework.Relation
}

// ways finds every way from something with evidence to a target over at most
// MostHops mappings that leaves a claim. A way ends where there is evidence:
// what something shows by itself is not inferred from farther away.
func (g *graph) ways(target string, hasEvidence func(string) bool) (found []way) {
	edge := []way{{relation: framework.Equal}}
	for range framework.MostHops {
		var next []way
		for _, w := range edge {
			at := target
			if len(w.hops) > 0 {
				at = w.hops[0].From
			}
			for _, h := range g.hops(at) {
				relation := h.Kind.Then(w.relation)
				if relation == "" || h.From == target || slices.ContainsFunc(w.hops, func(been Hop) bool { return been.From == h.From }) {
					continue
				}
				longer := way{append([]Hop{h}, w.hops...), relation}
				if hasEvidence(h.From) {
					found = append(found, longer)
				} else {
					next = append(next, longer)
				}
			}
		}
		edge = next
	}
	return found
}
