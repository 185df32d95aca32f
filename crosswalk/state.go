// SPDX-License-Identifier: Apache-2.0

package crosswalk

import (
	"sextant"
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
}

// At reads the states of every row in use and lays down the mappings. The view
// and the reader are of one snapshot.
func (b Board) At(v *register.View, r evidence.Reader) (*States, error) {
	own, err := b.Standing(v, r)
	if err != nil {
		return nil, err
	}
	g, err := register.Recall(v, "crosswalk.graph", func() (*graph, sextant.Instant, error) {
		sets, err := b.Sets(v)
		return newGraph(sets), 0, err
	})
	if err != nil {
		return nil, err
	}
	return &States{graph: g, own: own}, nil
}

// Drawn is what mappings let one infer from states that are given, by reference.
func Drawn(sets []framework.MappingSet, own map[string]control.State) *States {
	return &States{graph: newGraph(sets), own: own}
}

// Of gives what is known about one requirement: by its own evidence where it has
// any, else by inference.
func (s *States) Of(reference string) Inferred {
	x := Inferred{Reference: reference}
	if state := s.own[reference]; state != control.NotAssessed {
		x.State, x.Own, x.Coverage = state, true, framework.Full
		return x
	}
	for _, w := range s.graph.ways(reference, s.hasEvidence) {
		x.Paths = append(x.Paths, Path{Hops: w.hops, State: s.own[w.hops[0].From], Coverage: w.relation.Covers()})
	}
	deciding := 0
	x.State, x.Coverage, x.Paths, deciding = Conclude(x.Paths)
	for _, p := range x.Paths[:deciding] {
		for _, h := range p.Hops {
			x.Contested = x.Contested || h.Contested
		}
	}
	for _, h := range s.graph.hops(reference) {
		if h.Kind == framework.RelatedTo {
			x.Beside = append(x.Beside, h)
		}
	}
	return x
}

func (s *States) hasEvidence(reference string) bool { return s.own[reference] != control.NotAssessed }

// Serving gives the mappings that lead from a control to other frameworks, in
// the order of the sets.
func (s *States) Serving(reference string) (list []Hop) {
	for _, h := range s.graph.hops(reference) {
		list = append(list, Hop{From: h.To, To: h.From, Kind: h.Kind.Inverse(), Set: h.Set, Strength: h.Strength, Rationale: h.Rationale, Contested: h.Contested})
	}
	return list
}

// Has says whether a reference is a row in use that is counted.
func (s *States) Has(reference string) bool { _, ok := s.own[reference]; return ok }

// Standing is the evidence state of a row in use; NotAssessed of anything else.
func (s *States) Standing(reference string) control.State { return s.own[reference] }
