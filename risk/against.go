// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"

	"sextant/register"
)

// against says how a level stands to what was signed.
type against int

const (
	apart   against = iota // by editions that do not compare
	exceeds                // above what the signature allows
	within                 // not yet at the level that was signed, and no higher than it was then
	reached                // at the level that was signed, or below
)

// against compares a level by an edition of the criteria with an acceptance. A
// signature outlives the edition it was given under; a number of one scale says
// nothing by another, so both are read in levels of the later edition.
func (w *world) against(a register.Of[Acceptance], level int, by string) (against, error) {
	signedBy, err := w.criteriaOf(a)
	if err != nil {
		return apart, err
	}
	signed, is, ok := w.inOne(Whole(a.Fields.Level), signedBy, level, by)
	allowed, _, allowedOK := w.inOne(a.Fields.allows(), signedBy, level, by)
	switch {
	case !ok:
		return apart, nil
	case is <= signed:
		return reached, nil
	case allowedOK && is <= allowed:
		return within, nil
	}
	return exceeds, nil
}

// criteriaOf gives the edition an acceptance was signed by: that of the
// judgement it accepts, also where that was voided since.
func (w *world) criteriaOf(a register.Of[Acceptance]) (string, error) {
	for _, e := range w.evaluations[a.Fields.Risk] {
		if e.Key == a.Fields.Evaluation {
			return e.Fields.Criteria, nil
		}
	}
	e, err := get[Evaluation](w.v, evaluationName, a.Fields.Evaluation)
	return e.Fields.Criteria, err
}

// inOne gives two levels in those of the later of their editions; false where
// nothing took the place of the earlier one.
func (w *world) inOne(a int, byA string, b int, byB string) (int, int, bool) {
	if lifted, ok := w.lifted(a, byA, byB); ok {
		return lifted, b, true
	}
	lifted, ok := w.lifted(b, byB, byA)
	return a, lifted, ok
}

// lifted follows a level of one edition through those after it up to another;
// false where one of them lost it, or the other is no later edition of the same
// management system.
func (w *world) lifted(level int, from, to string) (int, bool) {
	if from == to {
		return level, true
	}
	first, last := w.yardsticks[from], w.yardsticks[to]
	if first == nil || last == nil || first.Criteria.ManagementSystem != last.Criteria.ManagementSystem || first.number() > last.number() {
		return 0, false
	}
	ok := true
	for _, y := range w.between(first, last) {
		if level, ok = y.Criteria.now(string(OfLevel), level); !ok {
			return 0, false
		}
	}
	return level, true
}

// between gives the editions after one up to another, in their order.
func (w *world) between(first, last *Yardstick) (list []*Yardstick) {
	for _, y := range w.yardsticks {
		if y.Criteria.ManagementSystem == first.Criteria.ManagementSystem && y.number() > first.number() && y.number() <= last.number() {
			list = append(list, y)
		}
	}
	slices.SortFunc(list, func(a, b *Yardstick) int { return a.number() - b.number() })
	return list
}

func (y *Yardstick) number() int { return Whole(y.Criteria.Number) }
