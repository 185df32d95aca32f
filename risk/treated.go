// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"

	"sextant/register"
)

// Treated gives the open risks each control treats, by its stored reference: those
// that count on it, and those a treatment that is not over names it for. Risks
// come in the order of their keys, each once.
func Treated(tx register.Reader) (map[string][]register.Of[Risk], error) {
	risks, err := all[Risk](tx, riskName, isOpen)
	if err != nil {
		return nil, err
	}
	treatments, err := all[Treatment](tx, treatmentName, inState(Planned, Proposed, Agreed, InProgress, Done, Verified))
	if err != nil {
		return nil, err
	}
	planned := map[string][]string{}
	for _, t := range treatments {
		for _, key := range t.Fields.Risks {
			planned[key] = append(planned[key], t.Fields.Controls...)
		}
	}
	by := map[string][]register.Of[Risk]{}
	for _, r := range risks {
		controls := append(slices.Clone(r.Fields.Controls), planned[r.Key]...)
		slices.Sort(controls)
		for _, c := range slices.Compact(controls) {
			by[c] = append(by[c], r)
		}
	}
	return by, nil
}
