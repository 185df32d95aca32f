// SPDX-License-Identifier: Apache-2.0

package control

import (
	"cmp"
	"slices"

	"sextant"
)

// Period is a span of time: From is in it, Until is not.
type Period struct {
	From  sextant.Instant `json:"from"`
	Until sextant.Instant `json:"until"`
}

// Periods are spans in order that neither meet nor overlap.
type Periods []Period

// NewPeriods puts spans in order and joins those that meet.
func NewPeriods(spans ...Period) Periods {
	slices.SortFunc(spans, func(a, b Period) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Until, b.Until)) })
	var all Periods
	for _, p := range spans {
		switch last := len(all) - 1; {
		case p.From >= p.Until:
		case last >= 0 && p.From <= all[last].Until:
			all[last].Until = max(all[last].Until, p.Until)
		default:
			all = append(all, p)
		}
	}
	return all
}

// Holds gives the end of the span a moment lies in.
func (p Periods) Holds(at sextant.Instant) (until sextant.Instant, ok bool) {
	for _, span := range p {
		if span.From <= at && at < span.Until {
			return span.Until, true
		}
	}
	return 0, false
}

// Next is the first moment after at when a span begins or ends, 0 if none does.
func (p Periods) Next(at sextant.Instant) sextant.Instant {
	for _, span := range p {
		for _, edge := range []sextant.Instant{span.From, span.Until} {
			if edge > at {
				return edge
			}
		}
	}
	return 0
}

// Both gives what lies in p and in q.
func (p Periods) Both(q Periods) Periods {
	var all []Period
	for _, a := range p {
		for _, b := range q {
			all = append(all, Period{max(a.From, b.From), min(a.Until, b.Until)})
		}
	}
	return NewPeriods(all...)
}
