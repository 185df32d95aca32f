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
	Also      []*framework.MappingSet // other sets that say the same
	Strength  string
	Rationale string
	Contested bool // another set says something else of the pair
	Against   []Objection
	reversed  bool // the set has it the other way round
}

// Objection is what another set says of the pair of a hop, in its direction.
type Objection struct {
	Kind framework.Relation
	Set  *framework.MappingSet
}

// FromFramework is the urn of the framework the hop begins in, as an imported set
// has it; empty for sets on board.
func (h Hop) FromFramework() string {
	if h.reversed {
		return h.Set.Between[1]
	}
	return h.Set.Between[0]
}

// ToFramework: see FromFramework.
func (h Hop) ToFramework() string {
	if h.reversed {
		return h.Set.Between[0]
	}
	return h.Set.Between[1]
}

// edge is a mapping laid down in one direction, as it is kept: an organisation
// may have 75,000 of them, so it points at what its set holds already.
type edge struct {
	from     string
	kind     framework.Relation
	mapping  *framework.Mapping
	set      *framework.MappingSet
	reversed bool
}

// said is what one statement of a set comes down to.
type said struct {
	from, to string
	kind     framework.Relation
}

// graph is mapping sets ready to be walked back from a target.
type graph struct {
	into  map[string][]edge                // by To; what lets one infer most comes first
	also  map[said][]*framework.MappingSet // further sets that say what an edge says
	place map[*framework.MappingSet]int    // in the order of the sets
	size  int
}

// newGraph lays every mapping down in both directions: what takes a requirement
// in is taken in by it. What several sets say alike is one edge. The sets are
// shared with the graph and must not be changed.
func newGraph(sets []framework.MappingSet) *graph {
	g := &graph{into: map[string][]edge{}, also: map[said][]*framework.MappingSet{}, place: map[*framework.MappingSet]int{}}
	first := map[said]*framework.MappingSet{}
	for i := range sets {
		links := sets[i].Links
		g.place[&sets[i]] = i
		for j := range links {
			if m := &links[j]; m.From != m.To {
				g.add(first, m.To, edge{m.From, m.Kind, m, &sets[i], false})
				g.add(first, m.From, edge{m.To, m.Kind.Inverse(), m, &sets[i], true})
			}
		}
	}
	for _, list := range g.into {
		slices.SortStableFunc(list, func(a, b edge) int { return rank(a.kind) - rank(b.kind) })
	}
	return g
}

func (g *graph) add(first map[said]*framework.MappingSet, to string, e edge) {
	key := said{e.from, to, e.kind}
	switch before := first[key]; {
	case before == nil:
		first[key] = e.set
		g.into[to] = append(g.into[to], e)
		g.size += edgeSize
	case before.Library != e.set.Library || before.Library == "" && before != e.set:
		// A library often has each table twice, there and back: that is one voice.
		if !slices.ContainsFunc(g.also[key], func(s *framework.MappingSet) bool { return s == e.set || s.Library != "" && s.Library == e.set.Library }) {
			g.also[key] = append(g.also[key], e.set)
		}
	}
}

// edgeSize is about what an edge takes in memory, with its half of a mapping and
// its part of the index, in bytes.
const edgeSize = 160

// Size is about how much memory the graph takes, in bytes.
func (g *graph) Size() int { return g.size }

// rank orders relations by what they let one infer.
func rank(kind framework.Relation) int {
	switch kind {
	case framework.Equal:
		return 0
	case framework.Superset:
		return 1
	case framework.Subset:
		return 2
	case framework.Intersect:
		return 3
	}
	return 4
}

// hop is an edge as it is shown.
func (g *graph) hop(e edge, to string) Hop {
	h := Hop{From: e.from, To: to, Kind: e.kind, Set: e.set, Also: g.also[said{e.from, to, e.kind}], Strength: e.mapping.Strength, Rationale: e.mapping.Rationale, reversed: e.reversed}
	for _, other := range g.into[to] {
		if other.from == e.from && e.kind.Disagrees(other.kind) {
			h.Against = append(h.Against, Objection{other.kind, other.set})
		}
	}
	h.Contested = len(h.Against) > 0
	return h
}

// way is edges from a target back to a source, and what they let one claim.
type way struct {
	back     []edge // the one into the target first; only valid until walk goes on
	relation framework.Relation
}

// walk finds every way from something with evidence to a target over at most
// MostHops mappings that leaves a claim. A way ends where there is evidence:
// what something shows by itself is not inferred from farther away.
func (g *graph) walk(target string, hasEvidence func(string) bool, found func(way)) {
	var back [framework.MostHops]edge
	g.step(target, target, back[:0], framework.Equal, hasEvidence, found)
}

func (g *graph) step(target, at string, back []edge, so framework.Relation, hasEvidence func(string) bool, found func(way)) {
	for _, e := range g.into[at] {
		relation := e.kind.Then(so)
		if relation == "" {
			if leavesNothing(e.kind, so) {
				return
			}
			continue
		}
		if e.from == target || slices.ContainsFunc(back, func(been edge) bool { return been.from == e.from }) {
			continue
		}
		longer := append(back, e)
		switch {
		case hasEvidence(e.from):
			found(way{longer, relation})
		case len(longer) < framework.MostHops:
			g.step(target, e.from, longer, relation, hasEvidence, found)
		}
	}
}

// leavesNothing says whether neither this kind nor any that follows in the order
// of rank leaves a claim before so.
func leavesNothing(kind, so framework.Relation) bool {
	return so != framework.Subset && so != framework.Equal && rank(kind) >= rank(framework.Subset)
}

// hops gives a way as it is shown, from the source to the target.
func (g *graph) hops(w way, target string) []Hop {
	list := make([]Hop, len(w.back))
	to := target
	for i, e := range w.back {
		list[len(list)-1-i] = g.hop(e, to)
		to = e.from
	}
	return list
}
