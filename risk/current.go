// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"sextant/control"
)

// Span is where a risk stands between what is known for certain and what cannot
// be excluded. Levels are of the yardstick it was measured by; 0 is not known.
type Span struct {
	BestLikelihood, BestConsequence, Best    int
	WorstLikelihood, WorstConsequence, Worst int
	Parts                                    []Part
}

// Part is what one control does to the span.
type Part struct {
	Effect  Considered
	State   control.State
	Verdict Verdict
}

// Verdict is what the evidence of a control says about the steps it takes off.
type Verdict string

// The verdicts. A control that was not counted on when the risk was judged has
// nothing to give back.
const (
	Holds      Verdict = "holds"
	GivenBack  Verdict = "given_back"
	NotKnown   Verdict = "not_known"
	NotCounted Verdict = "not_counted"
)

// verdictOf is rule 1 or 2 of the criteria. Only what passes holds. A failure
// that somebody permitted (Excepted) is a failure still: a permission lowers no
// risk.
func verdictOf(rule string, state control.State) Verdict {
	switch state {
	case control.Pass:
		return Holds
	case control.Fail, control.Excepted:
		return GivenBack
	case control.FailInGrace:
		if rule == "2" {
			return GivenBack
		}
	}
	return NotKnown
}

// Now computes the current risk from a judgement and the evidence states of the
// controls it counts on: a control that fails gives its declared steps back, one
// that is not known to work widens the span by them. The steps of several
// controls add up; they never pass the inherent judgement, where there is one by
// the same yardstick, nor the ends of the scales.
func (y *Yardstick) Now(judged Evaluation, inherent *Evaluation, state func(reference string) control.State) Span {
	s := Span{BestLikelihood: Whole(judged.Likelihood), BestConsequence: Whole(judged.Consequence)}
	s.WorstLikelihood, s.WorstConsequence = s.BestLikelihood, s.BestConsequence
	topLikelihood, topConsequence := len(y.Criteria.Likelihoods), len(y.Criteria.Consequences)
	if inherent != nil && inherent.Likelihood != nil {
		topLikelihood = max(Whole(inherent.Likelihood), s.BestLikelihood)
		topConsequence = max(Whole(inherent.Consequence), s.BestConsequence)
	}
	for _, c := range judged.Considered {
		part := Part{Effect: c, State: state(c.Control), Verdict: NotCounted}
		if c.Counted != nil && *c.Counted {
			part.Verdict = verdictOf(y.Criteria.Rule, part.State)
		}
		if s.BestLikelihood == 0 {
			part.Verdict = NotCounted
		}
		switch part.Verdict {
		case GivenBack:
			s.BestLikelihood += Whole(c.LowersLikelihood)
			s.BestConsequence += Whole(c.LowersConsequence)
			fallthrough
		case NotKnown:
			s.WorstLikelihood += Whole(c.LowersLikelihood)
			s.WorstConsequence += Whole(c.LowersConsequence)
		}
		s.Parts = append(s.Parts, part)
	}
	s.BestLikelihood, s.WorstLikelihood = min(s.BestLikelihood, topLikelihood), min(s.WorstLikelihood, topLikelihood)
	s.BestConsequence, s.WorstConsequence = min(s.BestConsequence, topConsequence), min(s.WorstConsequence, topConsequence)
	s.Best, s.Worst = y.Level(s.BestLikelihood, s.BestConsequence), y.Level(s.WorstLikelihood, s.WorstConsequence)
	return s
}

// Aimed is where a risk stands when measures are done: each takes its declared
// steps off, to the lowest level at most.
func (y *Yardstick) Aimed(judged Evaluation, measures []Measure) (likelihood, consequence, level int) {
	likelihood, consequence = Whole(judged.Likelihood), Whole(judged.Consequence)
	if likelihood == 0 {
		return 0, 0, 0
	}
	for _, m := range measures {
		likelihood -= Whole(m.LowersLikelihood)
		consequence -= Whole(m.LowersConsequence)
	}
	likelihood, consequence = max(likelihood, 1), max(consequence, 1)
	return likelihood, consequence, y.Level(likelihood, consequence)
}
