// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"slices"

	"sextant/evidence"
	"sextant/organisation"
	"sextant/register"
)

// coverage says which sources speak for which units. A source that names no
// unit speaks for all of them. One that names some speaks for those, for what
// is part of them and for what they are part of, and not for their neighbours:
// that a test account is in order shows nothing of the production one.
type coverage struct {
	parents map[string]string   // of units
	units   map[string][]string // of sources, by key
}

func readCoverage(v *register.View) (*coverage, error) {
	c := &coverage{parents: map[string]string{}, units: map[string][]string{}}
	units, err := organisation.ScopeUnits.All(v)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		c.parents[u.Key] = u.Fields.Parent
	}
	sources, err := evidence.Sources.All(v)
	for _, s := range sources {
		if len(s.Fields.ScopeUnits) > 0 {
			c.units[s.Key] = s.Fields.ScopeUnits
		}
	}
	return c, err
}

// not gives the sources that do not speak for a unit, in order; none for "".
func (c *coverage) not(unit string) (sources []string) {
	for _, source := range keys(c.units) {
		if !c.covers(c.units[source], unit) {
			sources = append(sources, source)
		}
	}
	return sources
}

// covers says whether what names some units speaks for a unit.
func (c *coverage) covers(named []string, unit string) bool {
	return len(named) == 0 || unit == "" || slices.ContainsFunc(named, func(n string) bool { return c.within(n, unit) || c.within(unit, n) })
}

// within says whether a unit is another one or part of it.
func (c *coverage) within(unit, whole string) bool {
	for range len(c.parents) + 1 { // a circle of units ends too
		if unit == whole {
			return true
		}
		if unit = c.parents[unit]; unit == "" {
			return false
		}
	}
	return false
}
