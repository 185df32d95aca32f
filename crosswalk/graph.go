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

// turned is the hop in the other direction.
func (h Hop) turned() Hop {
	h.From, h.To, h.Kind, h.reversed = h.To, h.From, h.Kind.Inverse(), !h.reversed
	h.Against = slices.Clone(h.Against)
	for i := range h.Against {
		h.Against[i].Kind = h.Against[i].Kind.Inverse()
	}
	return h
}

// edge is a mapping laid down in one direction, as it is kept: an organisation
// may have 75,000 of them, so it points at what its set holds already.
type edge struct {
	from     int32 // a point of the graph
	step     step
	reversed bool
	mapping  *framework.Mapping
	set      *framework.MappingSet
}

// said is what one statement of a set comes down to.
type said struct {
	from, to int32
	step     step
}

// graph is mapping sets ready to be walked back from a target. Requirements are
// numbered.
type graph struct {
	names  []string
	number map[string]int32
	into   [][]edge                         // by To; what lets one infer most comes first
	also   map[said][]*framework.MappingSet // further sets that say what an edge says
	place  map[*framework.MappingSet]int    // in the order of the sets
	size   int
}

// newGraph lays every mapping down in both directions: what takes a requirement
// in is taken in by it. What several sets say alike is one edge. The sets are
// shared with the graph and must not be changed.
func newGraph(sets []framework.MappingSet) *graph {
	g := &graph{number: map[string]int32{}, also: map[said][]*framework.MappingSet{}, place: map[*framework.MappingSet]int{}}
	first := map[said]*framework.MappingSet{}
	for i := range sets {
		links := sets[i].Links
		g.place[&sets[i]] = i
		for j := range links {
			if m := &links[j]; m.From != m.To {
				from, to := g.point(m.From), g.point(m.To)
				g.add(first, to, edge{from, stepOf(m.Kind), false, m, &sets[i]})
				g.add(first, from, edge{to, stepOf(m.Kind.Inverse()), true, m, &sets[i]})
			}
		}
	}
	for _, list := range g.into {
		slices.SortStableFunc(list, func(a, b edge) int { return int(a.step) - int(b.step) })
	}
	return g
}

func (g *graph) point(name string) int32 {
	n, ok := g.number[name]
	if !ok {
		n = int32(len(g.names)) //nolint:gosec // 75,000 mappings have 150,000 ends at most
		g.number[name], g.names, g.into = n, append(g.names, name), append(g.into, nil)
		g.size += pointSize + len(name)
	}
	return n
}

func (g *graph) add(first map[said]*framework.MappingSet, to int32, e edge) {
	key := said{e.from, to, e.step}
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

// What an edge takes in memory, with its half of a mapping, and a point, about
// and in bytes.
const (
	edgeSize  = 100
	pointSize = 80
)

// Size is about how much memory the graph takes, in bytes.
func (g *graph) Size() int { return g.size }

// edgesInto gives the edges that lead to a requirement.
func (g *graph) edgesInto(reference string) (to int32, list []edge) {
	to, ok := g.number[reference]
	if !ok {
		return -1, nil
	}
	return to, g.into[to]
}

// hop is an edge as it is shown.
func (g *graph) hop(e edge, to int32) Hop {
	h := Hop{From: g.names[e.from], To: g.names[to], Kind: e.step.kind(), Set: e.set, Also: g.also[said{e.from, to, e.step}], Strength: e.mapping.Strength, Rationale: e.mapping.Rationale, reversed: e.reversed}
	for _, other := range g.into[to] {
		if other.from == e.from && h.Kind.Disagrees(other.step.kind()) {
			h.Against = append(h.Against, Objection{other.step.kind(), other.set})
		}
	}
	h.Contested = len(h.Against) > 0
	return h
}
