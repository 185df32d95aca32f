// SPDX-License-Identifier: Apache-2.0

package crosswalk

import (
	"slices"

	"sextant/control"
	"sextant/framework"
)

// way is edges from a target back to a source, and what they let one claim.
type way struct {
	back []edge // the one into the target first
	says step
}

// mostWays is how many ways are followed to one requirement where nobody asks
// for fewer; half as many of those that decide nothing.
const mostWays = 200

// walking follows mappings back from a requirement to what has evidence.
type walking struct {
	*States
	target int32
	wanted func(claims) bool // whether any of these claims is looked for
	found  []way
	most   int
	length int
}

// ways finds the ways to a requirement, over at most MostHops mappings, that
// leave one of the wanted claims: the shortest first, at most so many. A way ends
// where there is evidence. It turns back at once where no claim is to be had, so
// it takes no longer than what it finds.
func (s *States) ways(target int32, most int, wanted func(claims) bool) (list []way, all bool) {
	w := walking{States: s, target: target, wanted: wanted, most: most + 1}
	for w.length = 1; w.length <= framework.MostHops && len(w.found) <= most; w.length++ {
		w.from(target, nil, 0)
	}
	return w.found[:min(len(w.found), most)], len(w.found) <= most
}

func (w *walking) from(at int32, back []edge, so step) {
	left := w.length - len(back) - 1
	for _, e := range w.graph.into[at] {
		if len(w.found) >= w.most || e.step >= telling {
			return
		}
		says := after[e.step][so]
		if says < 0 || e.from == w.target || slices.ContainsFunc(back, func(been edge) bool { return been.from == e.from }) {
			continue
		}
		state := w.own[w.graph.names[e.from]]
		switch {
		case left == 0 && state != control.NotAssessed:
			if w.wanted(claimOf(says, state)) {
				w.found = append(w.found, way{append(slices.Clone(back), e), says})
			}
		case left > 0 && state == control.NotAssessed && w.wanted(w.claimed()[left-1][e.from].over(says)):
			w.from(e.from, append(back, e), says)
		}
	}
}

// hops gives a way as it is shown, from the source to the target.
func (g *graph) hops(w way, target int32) []Hop {
	list := make([]Hop, len(w.back))
	to := target
	for i, e := range w.back {
		list[len(list)-1-i] = g.hop(e, to)
		to = e.from
	}
	return list
}
