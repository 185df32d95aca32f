// SPDX-License-Identifier: Apache-2.0

package crosswalk

import (
	"sextant/control"
	"sextant/framework"
)

// step is a relation as a small number, what lets one infer most first.
type step int8

var steps = [...]framework.Relation{framework.Equal, framework.Superset, framework.Subset, framework.Intersect, framework.RelatedTo, framework.Unrelated}

// telling is how many steps let one infer anything.
const telling = 4

func stepOf(kind framework.Relation) step {
	for i, k := range steps {
		if k == kind {
			return step(i)
		}
	}
	return step(len(steps) - 1) // what nobody knows infers nothing
}

func (s step) kind() framework.Relation { return steps[s] }

// after is what is certain of source and target where the source stands to
// something in between as the first, and that to the target as the second; -1
// where nothing is (framework.Relation.Then).
var after = func() (table [telling][telling]step) {
	for i := range table {
		for j := range table[i] {
			table[i][j] = -1
			if kind := steps[i].Then(steps[j]); kind != "" {
				table[i][j] = stepOf(kind)
			}
		}
	}
	return table
}()

// claims is a set of what sources let one claim of a requirement: a bit for each
// relation and each state of the source. All that a conclusion needs is in it, so
// that thousands of requirements are concluded without following any path.
type claims uint64

// states is how many evidence states there are.
const states = int(control.Fail) + 1

func claimOf(s step, state control.State) claims { return 1 << (int(s)*stateBits + int(state)) }

// stateBits is the room of one relation.
const stateBits = 16

const oneRelation = claims(1)<<stateBits - 1

func (c claims) of(s step) claims { return c >> (int(s) * stateBits) & oneRelation }

// over carries claims of something over a mapping to what it is mapped to.
func (c claims) over(s step) (carried claims) {
	if s >= telling {
		return 0
	}
	for r := range step(telling) {
		if to := after[r][s]; to >= 0 {
			carried |= c.of(r) << (int(to) * stateBits)
		}
	}
	return carried
}

// conclude gives the coverage and the state that claims come down to.
func (c claims) conclude() (framework.Coverage, control.State) {
	best, found := framework.None, claims(0)
	for r := range step(telling) {
		if c.of(r) == 0 {
			continue
		}
		switch covers := r.kind().Covers(); {
		case covers > best:
			best, found = covers, c.of(r)
		case covers == best:
			found |= c.of(r)
		}
	}
	return best, concluded(best, found.states())
}

func (c claims) states() (list []control.State) {
	for s := range stateBits {
		if c&(1<<s) != 0 {
			list = append(list, control.State(s))
		}
	}
	return list
}

// claimed are the claims on every requirement of a graph, by how many hops they
// rest on at most: the first on one.
type claimed [framework.MostHops][]claims

// Size is about how much memory they take, in bytes.
func (c *claimed) Size() int { return framework.MostHops * 8 * len(c[0]) }

// claim carries what has evidence over all mappings, a hop at a time. A claim
// does not go through what has evidence of its own: that is not inferred from
// farther away. Walks that come back to where they were are not left out here;
// they claim nothing that the walk without the loop does not.
func (g *graph) claim(own map[string]control.State) *claimed {
	has := make([]control.State, len(g.names))
	for reference, state := range own {
		if n, ok := g.number[reference]; ok {
			has[n] = state
		}
	}
	var c claimed
	for hops := range c {
		c[hops] = make([]claims, len(g.names))
		for to, list := range g.into {
			for _, e := range list {
				switch {
				case e.step >= telling:
				case has[e.from] != control.NotAssessed:
					c[hops][to] |= claimOf(e.step, has[e.from])
				case hops > 0:
					c[hops][to] |= c[hops-1][e.from].over(e.step)
				}
			}
		}
	}
	return &c
}
