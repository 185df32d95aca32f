// SPDX-License-Identifier: Apache-2.0

package quantity

import (
	"context"
	"math"
	"slices"

	"sextant"
)

// Treated gives the scenarios as they would be after a treatment.
func Treated(scenarios []Scenario, t Treatment) ([]Scenario, error) {
	after := slices.Clone(scenarios)
	changes := append([]Change{{t.Scenario, t.Frequency, t.Loss}}, t.Also...)
	for _, c := range changes {
		i := slices.IndexFunc(after, func(s Scenario) bool { return s.ID == c.Scenario })
		if i < 0 {
			return nil, sextant.Errorf(sextant.NotFound, "treatment %s changes %q, which is no scenario here", t.ID, c.Scenario).At("scenario")
		}
		if c.Frequency != nil {
			after[i].Frequency = *c.Frequency
		}
		if c.Loss != nil {
			after[i].Loss = *c.Loss
		}
	}
	return after, nil
}

// Try plays the same years again as if a treatment were done: every scenario
// draws from the stream it had before, so that the difference is the
// treatment's and not chance's.
func Try(ctx context.Context, scenarios []Scenario, before Result, t Treatment) (Effect, error) {
	if t.Cost < 0 || math.IsNaN(t.Cost) || math.IsInf(t.Cost, 0) {
		return Effect{}, sextant.Errorf(sextant.Invalid, "the cost of %s is no amount", t.ID).At("cost")
	}
	treated, err := Treated(scenarios, t)
	if err != nil {
		return Effect{}, err
	}
	after, err := Simulate(ctx, treated, before.Settings)
	if err != nil {
		return Effect{}, err
	}
	e := Effect{ID: t.ID, Cost: t.Cost, Saves: before.Mean - after.Mean, Tail: before.Quantile(0.95).Value - after.Quantile(0.95).Value}
	if t.Cost > 0 {
		e.Returns = (e.Saves - t.Cost) / t.Cost
	}
	return e, nil
}
