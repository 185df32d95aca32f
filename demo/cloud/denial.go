// SPDX-License-Identifier: Apache-2.0

package cloud

import (
	"slices"

	"sextant/connector"
)

// denial is a right the role lacks, over an interval.
type denial struct {
	Types   []string // names of resource types
	Regions []string
	From    ago // begins
	Until   ago // ends; zero = still so
	Message string
	Hint    string
}

// skip is what a run leaves as an earlier one saw it.
type skip struct {
	Types   []string
	Regions []string
	From    ago
}

func (a *Account) skipped(s connector.Slice) bool {
	return slices.ContainsFunc(a.skips, func(k skip) bool {
		return slices.Contains(k.Types, s.Type) && slices.Contains(k.Regions, s.Region) && a.world.age(a.now) <= k.From.Duration
	})
}

func (a *Account) denied(s connector.Slice) (denial, bool) {
	age := a.world.age(a.now)
	for _, d := range a.denials {
		if slices.Contains(d.Types, s.Type) && slices.Contains(d.Regions, s.Region) && age <= d.From.Duration && (d.Until.Duration == 0 || age > d.Until.Duration) {
			return d, true
		}
	}
	return denial{}, false
}

func (d denial) failure(t connector.Type, s connector.Slice) connector.Failure {
	return connector.Failure{Call: t.Calls[0], Account: s.Account, Region: s.Region, Cause: connector.Denied, Code: "AccessDeniedException", Message: d.Message, Hint: d.Hint, Times: 1}
}
