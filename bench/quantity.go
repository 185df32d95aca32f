// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"sextant/risk/quantity"
)

const monteCarlo = "Monte Carlo, 200 scenarios (small: 2) x 100,000 trials"

// quantities play years of a portfolio; no store is in it.
func (t *figures) quantities(o options) error {
	if o.only != nil && !o.only.MatchString(monteCarlo) {
		return nil
	}
	for _, n := range []int{2, 200} {
		var scenarios []quantity.Scenario
		for i := range n {
			scenarios = append(scenarios, quantity.Scenario{ID: fmt.Sprint(i), Frequency: quantity.Range{Shape: quantity.PERT, Low: 0.02, Mode: 0.1, High: 0.5}, Loss: quantity.Range{Shape: quantity.Lognormal, Low: 4e4, High: 9e5}})
		}
		var s sample
		limit, err := limited(o.profiles, monteCarlo, func() (err error) {
			s, err = times(5, func(int) error {
				_, err := quantity.Simulate(context.Background(), scenarios, quantity.Settings{Trials: 100_000, Seed: 1})
				return err
			})
			return err
		})
		if err != nil {
			return err
		}
		t.put(sqlite, n == 200, monteCarlo, "2000", limit, s)
	}
	return nil
}
