// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"

	"sextant"
)

// Scale names one of the three scales of criteria.
type Scale string

// The scales.
const (
	OfLikelihood  Scale = "likelihood"
	OfConsequence Scale = "consequence"
	OfLevel       Scale = "level"
)

// Scales gives the three.
func Scales() []Scale { return []Scale{OfLikelihood, OfConsequence, OfLevel} }

// mostLevels a scale may have.
const mostLevels = 12

// Rescaling is an edition whose scales are being changed: it knows from which
// level of the edition in force each of its levels came, so that a level keeps
// its meaning when it gets another number.
type Rescaling struct {
	Criteria Criteria
	Was      map[Scale][]int       // by position, the level it was in the edition in force; 0 = new
	Gone     map[Scale]map[int]int // level of the edition in force that is no longer there: the one that took its place
}

// Rescale begins with an edition and the one in force, nil where none is.
func Rescale(c Criteria, inForce *Criteria) Rescaling {
	c.Likelihoods, c.Consequences, c.Levels, c.Matrix = slices.Clone(c.Likelihoods), slices.Clone(c.Consequences), slices.Clone(c.Levels), slices.Clone(c.Matrix)
	c.Definitions, c.Appetites, c.Authorities = slices.Clone(c.Definitions), slices.Clone(c.Appetites), slices.Clone(c.Authorities)
	r := Rescaling{Criteria: c, Was: map[Scale][]int{}, Gone: map[Scale]map[int]int{}}
	for _, s := range Scales() {
		r.Was[s], r.Gone[s] = make([]int, len(c.names(s))), map[int]int{}
		if inForce == nil {
			continue
		}
		names := inForce.names(s)
		for old := range names {
			r.place(s, old+1, names[old])
		}
	}
	return r
}

// place finds where a level of the edition in force stands now: the one it is
// said to be now is either itself or took its place.
func (r *Rescaling) place(s Scale, old int, name string) {
	n, ok := r.Criteria.now(string(s), old)
	if !ok {
		r.Gone[s][old] = 0
		return
	}
	was := r.Was[s]
	switch {
	case was[n-1] == 0:
		was[n-1] = old
	case r.Criteria.names(s)[n-1] == name:
		r.Gone[s][was[n-1]] = n
		was[n-1] = old
	default:
		r.Gone[s][old] = n
	}
}

func (c Criteria) names(s Scale) (names []string) {
	switch s {
	case OfLikelihood:
		for _, l := range c.Likelihoods {
			names = append(names, l.Name)
		}
	case OfConsequence:
		for _, l := range c.Consequences {
			names = append(names, l.Name)
		}
	case OfLevel:
		for _, l := range c.Levels {
			names = append(names, l.Name)
		}
	}
	return names
}

// Add puts a level after a position, 0 for the lowest. New pairs get the level
// of the pair below, which is where the matrix keeps rising; new levels of risk
// are given to no pair yet.
func (r *Rescaling) Add(s Scale, after int) error {
	n := len(r.Was[s])
	if n >= mostLevels {
		return sextant.Errorf(sextant.Invalid, "a scale has at most %d levels", mostLevels).At(string(s))
	}
	after = min(max(after, 0), n)
	c := &r.Criteria
	switch s {
	case OfLikelihood:
		c.Likelihoods = slices.Insert(c.Likelihoods, after, Likelihood{})
	case OfConsequence:
		c.Consequences = slices.Insert(c.Consequences, after, Consequence{})
	case OfLevel:
		c.Levels = slices.Insert(c.Levels, after, Level{MayAccept: "owner", AcceptedFor: "P12M", ReviewEvery: "P12M"})
	}
	r.renumber(s, func(level int) int {
		if level > after {
			return level + 1
		}
		return level
	})
	r.Was[s] = slices.Insert(r.Was[s], after, 0)
	r.complete(s, after+1)
	return nil
}

// complete gives the pairs of a new level what its neighbour has.
func (r *Rescaling) complete(s Scale, added int) {
	if s == OfLevel {
		return
	}
	from := max(added-1, 1)
	if from == added {
		from = added + 1
	}
	for _, cell := range slices.Clone(r.Criteria.Matrix) {
		next := cell
		switch {
		case s == OfLikelihood && Whole(cell.Likelihood) == from:
			next.Likelihood = Kept(added)
		case s == OfConsequence && Whole(cell.Consequence) == from:
			next.Consequence = Kept(added)
		default:
			continue
		}
		r.Criteria.Matrix = append(r.Criteria.Matrix, next)
	}
}

// Remove takes the level at a position away. What it was in the edition in force
// is replaced by its neighbour above, the more careful of the two, until
// somebody says otherwise.
func (r *Rescaling) Remove(s Scale, at int) error {
	n := len(r.Was[s])
	switch {
	case at < 1 || at > n:
		return sextant.Errorf(sextant.Invalid, "there is no level %d", at).At(string(s))
	case n <= 2:
		return sextant.Errorf(sextant.Invalid, "a scale has at least two levels").At(string(s))
	}
	c := &r.Criteria
	switch s {
	case OfLikelihood:
		c.Likelihoods = slices.Delete(c.Likelihoods, at-1, at)
		c.Matrix = slices.DeleteFunc(c.Matrix, func(cell Cell) bool { return Whole(cell.Likelihood) == at })
	case OfConsequence:
		c.Consequences = slices.Delete(c.Consequences, at-1, at)
		c.Matrix = slices.DeleteFunc(c.Matrix, func(cell Cell) bool { return Whole(cell.Consequence) == at })
		c.Definitions = slices.DeleteFunc(c.Definitions, func(d Definition) bool { return Whole(d.Level) == at })
	case OfLevel:
		c.Levels = slices.Delete(c.Levels, at-1, at)
	}
	was := r.Was[s][at-1]
	r.Was[s] = slices.Delete(r.Was[s], at-1, at)
	r.renumber(s, func(level int) int {
		if level > at || level == n {
			return level - 1
		}
		return level
	})
	if was > 0 {
		r.Gone[s][was] = min(at, n-1)
	}
	return nil
}

// renumber turns every mention of a level of a scale into its new number.
func (r *Rescaling) renumber(s Scale, to func(int) int) {
	move := func(l *float64) *float64 {
		if l == nil {
			return nil
		}
		return Kept(to(Whole(l)))
	}
	c := &r.Criteria
	for old, n := range r.Gone[s] {
		if n > 0 {
			r.Gone[s][old] = to(n)
		}
	}
	for i := range c.Likelihoods {
		c.Likelihoods[i].Level = Kept(i + 1)
	}
	for i := range c.Consequences {
		c.Consequences[i].Level = Kept(i + 1)
	}
	for i := range c.Levels {
		c.Levels[i].Level = Kept(i + 1)
	}
	for i, cell := range c.Matrix {
		switch s {
		case OfLikelihood:
			c.Matrix[i].Likelihood = move(cell.Likelihood)
		case OfConsequence:
			c.Matrix[i].Consequence = move(cell.Consequence)
		case OfLevel:
			c.Matrix[i].Level = move(cell.Level)
		}
	}
	if s == OfConsequence {
		for i, d := range c.Definitions {
			c.Definitions[i].Level = move(d.Level)
		}
	}
	if s == OfLevel {
		c.AcceptUpTo = move(c.AcceptUpTo)
		for i, a := range c.Appetites {
			c.Appetites[i].UpTo = move(a.UpTo)
		}
		for i, a := range c.Authorities {
			c.Authorities[i].UpTo = move(a.UpTo)
		}
	}
}

// Done gives the edition with what became of each level of the one in force
// whose number is another now.
func (r Rescaling) Done() Criteria {
	c := r.Criteria
	c.Replaced = nil
	for _, s := range Scales() {
		rows := map[int]int{}
		for i, old := range r.Was[s] {
			if old > 0 && old != i+1 {
				rows[old] = i + 1
			}
		}
		for old, n := range r.Gone[s] {
			if n > 0 {
				rows[old] = n
			}
		}
		for old := 1; old <= mostLevels; old++ {
			if n := rows[old]; n > 0 {
				c.Replaced = append(c.Replaced, Replaced{Scale: string(s), Old: Kept(old), New: Kept(n)})
			}
		}
	}
	return c
}
