// SPDX-License-Identifier: Apache-2.0

package crosswalk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sync"

	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/register"
)

// States is what is known at one moment, ready to be asked about any
// requirement of any framework.
type States struct {
	graph *graph
	own   map[string]control.State // of rows in use that are counted, by reference
	// claimed gives what mappings carry over; it is worked out once.
	claimed func() *claimed
}

// At reads the states of every row in use and lays down the mappings. The view
// and the reader are of one snapshot.
func (b Board) At(v *register.View, r evidence.Reader) (*States, error) {
	own, err := b.Standing(v, r)
	if err != nil {
		return nil, err
	}
	files, err := b.files(v)
	if err != nil {
		return nil, err
	}
	// Laid down once for all that reads the same files, and concluded once for all
	// that has the same states: a write elsewhere throws neither away.
	g, err := register.Combined(v, files, "crosswalk.graph", func() (*graph, error) {
		sets, err := b.Sets(v)
		return newGraph(sets), err
	})
	if err != nil {
		return nil, err
	}
	s := &States{graph: g, own: own}
	c, err := register.Combined(v, files, "crosswalk.claimed "+s.Mark(), func() (*claimed, error) { return g.claim(own), nil })
	s.claimed = func() *claimed { return c }
	return s, err
}

// Drawn is what mappings let one infer from states that are given, by reference.
func Drawn(sets []framework.MappingSet, own map[string]control.State) *States {
	g := newGraph(sets)
	return &States{graph: g, own: own, claimed: sync.OnceValue(func() *claimed { return g.claim(own) })}
}

// Of gives what is known about one requirement, by what mappings call it: by its
// own evidence where it has any, else by inference.
func (s *States) Of(reference string) Inferred { return s.Near(reference, mostWays) }

// Near is Of with so many ways at most, the shortest that decide, and half as
// many of the others.
func (s *States) Near(reference string, most int) Inferred {
	x := Inferred{Reference: reference}
	if state := s.own[reference]; state != control.NotAssessed {
		x.State, x.Own, x.Coverage = state, true, framework.Full
		return x
	}
	to, edges := s.graph.edgesInto(reference)
	if to < 0 {
		return x
	}
	x.follow(s, to, most)
	for _, e := range edges {
		if e.step.kind() == framework.RelatedTo {
			x.Beside = append(x.Beside, s.graph.hop(e, to))
		}
	}
	return x
}

// follow finds the ways to a requirement: those that decide first.
func (x *Inferred) follow(s *States, to int32, most int) {
	all := s.claimed()[framework.MostHops-1][to]
	if all == 0 {
		return
	}
	coverage, state := all.conclude()
	decides := func(c claims) bool { return c&deciding(coverage, state) != 0 }
	found, whole := s.ways(to, most, decides)
	others, rest := s.ways(to, most/2, func(c claims) bool { return c&^deciding(coverage, state) != 0 })
	x.Capped = !whole || !rest
	for i, w := range append(found, others...) {
		hops := s.graph.hops(w, to)
		x.Paths = append(x.Paths, Path{Hops: hops, State: s.own[hops[0].From], Coverage: w.says.kind().Covers()})
		for _, h := range hops {
			x.Contested = x.Contested || i < len(found) && h.Contested
		}
	}
	x.State, x.Coverage, x.Paths, _ = Conclude(x.Paths)
}

// deciding are the claims that decide a conclusion.
func deciding(coverage framework.Coverage, state control.State) (c claims) {
	for r := range step(telling) {
		if r.kind().Covers() != coverage {
			continue
		}
		for s := range states {
			of := control.State(s)
			if coverage == framework.Full && of == state || coverage == framework.Partly && state != control.NotAssessed && shows(of) {
				c |= claimOf(r, of)
			}
		}
	}
	return c
}

// Brief is Of without how: the state, and whether there is anything it comes
// from. It costs next to nothing, so that a framework of thousands can be counted.
func (s *States) Brief(reference string) (state control.State, known bool) {
	if state = s.own[reference]; state != control.NotAssessed {
		return state, true
	}
	if to, ok := s.graph.number[reference]; ok {
		all := s.claimed()[framework.MostHops-1][to]
		_, state = all.conclude()
		known = all != 0
	}
	return state, known || s.Has(reference)
}

// Mark names the states everything is inferred from: what is inferred from the
// same mappings and the same mark is the same. States change by the clock alone,
// so what is remembered of them needs it.
func (s *States) Mark() string {
	hash := sha256.New()
	for _, reference := range slices.Sorted(maps.Keys(s.own)) {
		fmt.Fprintln(hash, reference, int(s.own[reference]))
	}
	return hex.EncodeToString(hash.Sum(nil)[:12])
}

// Serving gives the mappings that lead from a control to other frameworks, in
// the order of the sets.
func (s *States) Serving(reference string) (list []Hop) {
	to, edges := s.graph.edgesInto(reference)
	for _, e := range edges {
		if e.step.kind() != framework.Unrelated {
			list = append(list, s.graph.hop(e, to).turned())
		}
	}
	slices.SortStableFunc(list, func(a, b Hop) int { return s.graph.place[a.Set] - s.graph.place[b.Set] })
	return list
}

// Has says whether a reference is a row in use that is counted.
func (s *States) Has(reference string) bool { _, ok := s.own[reference]; return ok }

// Standing is the evidence state of a row in use; NotAssessed of anything else.
func (s *States) Standing(reference string) control.State { return s.own[reference] }
