// SPDX-License-Identifier: Apache-2.0

package crosswalk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

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
	g, err := b.graph(v)
	if err != nil {
		return nil, err
	}
	return &States{graph: g, own: own}, nil
}

// graph is laid down once for all that reads the same files.
func (b Board) graph(v *register.View) (*graph, error) {
	files, err := b.files(v)
	if err != nil {
		return nil, err
	}
	return register.Combined(v, files, "crosswalk.graph", func() (*graph, error) {
		sets, err := b.Sets(v)
		return newGraph(sets), err
	})
}

// Drawn is what mappings let one infer from states that are given, by reference.
func Drawn(sets []framework.MappingSet, own map[string]control.State) *States {
	return &States{graph: newGraph(sets), own: own}
}

// Of gives what is known about one requirement, by what mappings call it: by its
// own evidence where it has any, else by inference.
func (s *States) Of(reference string) Inferred {
	x := Inferred{Reference: reference}
	if state := s.own[reference]; state != control.NotAssessed {
		x.State, x.Own, x.Coverage = state, true, framework.Full
		return x
	}
	s.graph.walk(reference, s.hasEvidence, func(w way) {
		hops := s.graph.hops(w, reference)
		x.Paths = append(x.Paths, Path{Hops: hops, State: s.own[hops[0].From], Coverage: w.relation.Covers()})
	})
	deciding := 0
	x.State, x.Coverage, x.Paths, deciding = Conclude(x.Paths)
	for _, p := range x.Paths[:deciding] {
		for _, h := range p.Hops {
			x.Contested = x.Contested || h.Contested
		}
	}
	for _, e := range s.graph.into[reference] {
		if e.kind == framework.RelatedTo {
			x.Beside = append(x.Beside, s.graph.hop(e, reference))
		}
	}
	return x
}

// Brief is Of without how: the state, and whether there is anything it comes
// from. It costs little, so that a framework of thousands can be counted.
func (s *States) Brief(reference string) (state control.State, known bool) {
	if state = s.own[reference]; state != control.NotAssessed {
		return state, true
	}
	var seen [framework.Full + 1][]control.State
	best := framework.None
	s.graph.walk(reference, s.hasEvidence, func(w way) {
		coverage := w.relation.Covers()
		best = max(best, coverage)
		if from := s.own[w.back[len(w.back)-1].from]; !slices.Contains(seen[coverage], from) {
			seen[coverage] = append(seen[coverage], from)
		}
	})
	return concluded(best, seen[best]), best != framework.None || s.Has(reference)
}

func (h Hop) turned() Hop {
	h.From, h.To, h.Kind, h.reversed = h.To, h.From, h.Kind.Inverse(), !h.reversed
	h.Against = slices.Clone(h.Against)
	for i := range h.Against {
		h.Against[i].Kind = h.Against[i].Kind.Inverse()
	}
	return h
}

func (s *States) hasEvidence(reference string) bool { return s.own[reference] != control.NotAssessed }

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
	for _, e := range s.graph.into[reference] {
		if e.kind == framework.Unrelated {
			continue
		}
		h := s.graph.hop(e, reference)
		h = h.turned()
		list = append(list, h)
	}
	slices.SortStableFunc(list, func(a, b Hop) int { return s.graph.place[a.Set] - s.graph.place[b.Set] })
	return list
}

// Has says whether a reference is a row in use that is counted.
func (s *States) Has(reference string) bool { _, ok := s.own[reference]; return ok }

// Standing is the evidence state of a row in use; NotAssessed of anything else.
func (s *States) Standing(reference string) control.State { return s.own[reference] }
