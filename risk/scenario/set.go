// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"slices"
	"strings"

	"sextant"
	"sextant/check"
)

// Set is a library in which every reference resolves. It does not change; what
// its functions give is the caller's own.
type Set struct {
	threats         catalogue[Threat]
	vulnerabilities catalogue[Vulnerability]
	sources         catalogue[Source]
	endStates       catalogue[EndState]
	scenarios       catalogue[Scenario]
}

// Threats gives the threats in the catalogue's order.
func (s *Set) Threats() []Threat { return s.threats.all() }

// Threat gives a threat by its id: TH08.
func (s *Set) Threat(id string) (Threat, bool) { return s.threats.find(id) }

// Vulnerabilities gives the weaknesses by category.
func (s *Set) Vulnerabilities() []Vulnerability { return s.vulnerabilities.all() }

// Vulnerability gives a weakness by its id: V-SO-13.
func (s *Set) Vulnerability(id string) (Vulnerability, bool) { return s.vulnerabilities.find(id) }

// Sources gives who and what risks come from, those of the standard first.
func (s *Set) Sources() []Source { return s.sources.all() }

// Source gives a risk source by its id: organised-crime.
func (s *Set) Source(id string) (Source, bool) { return s.sources.find(id) }

// EndStates gives what sources are after, those of the standard first.
func (s *Set) EndStates() []EndState { return s.endStates.all() }

// EndState gives a desired end state by its id: lucrative.
func (s *Set) EndState(id string) (EndState, bool) { return s.endStates.find(id) }

// Scenarios gives the scenarios, ordered by category and then as written.
func (s *Set) Scenarios() []Scenario { return s.scenarios.all() }

// Scenario gives a scenario by its id: public-bucket.
func (s *Set) Scenario(id string) (Scenario, bool) { return s.scenarios.find(id) }

// ForAssetType gives the scenarios that concern assets of one type.
func (s *Set) ForAssetType(t AssetType) []Scenario {
	return s.scenarios.where(func(c Scenario) bool { return slices.Contains(c.AssetTypes, t) })
}

// Under gives the operational scenarios that detail a strategic one.
func (s *Set) Under(strategic string) []Scenario {
	return s.scenarios.where(func(c Scenario) bool { return c.Parent != "" && c.Parent == strategic })
}

// ByCheck gives the scenarios a failing check bears on, by the id of the check
// or its reference check/id. None for a check no scenario names.
func (s *Set) ByCheck(id string) []Scenario {
	id = strings.TrimPrefix(id, check.Prefix)
	return s.scenarios.where(func(c Scenario) bool { return slices.Contains(c.Notice.Checks, id) })
}

// With gives a set that has more scenarios, such as an organisation's own. They
// may use what the set has and detail its strategic scenarios. It refuses an id
// that is taken and a reference to nothing; s stays as it is.
func (s *Set) With(more ...Scenario) (*Set, error) {
	wider := *s
	wider.scenarios = catalogue[Scenario]{}
	for _, c := range slices.Concat(s.scenarios.list, more) {
		if !wider.scenarios.add(c.clone()) {
			return nil, sextant.Errorf(sextant.Conflict, "two scenarios have the id %q", c.ID).WithHint("give each scenario an id of its own")
		}
	}
	for _, c := range more {
		if problem := wider.scenarioProblem(c); problem != "" {
			return nil, sextant.Errorf(sextant.Invalid, "scenario %s: %s", c.ID, problem).WithHint("correct the part; docs/risk-library.md shows the format")
		}
	}
	return &wider, nil
}

// catalogue is a list with an index.
type catalogue[T interface {
	key() string
	clone() T
}] struct {
	list []T
	at   map[string]int
}

// add refuses a key that is there.
func (c *catalogue[T]) add(v T) bool {
	if _, taken := c.at[v.key()]; taken {
		return false
	}
	if c.at == nil {
		c.at = map[string]int{}
	}
	c.at[v.key()] = len(c.list)
	c.list = append(c.list, v)
	return true
}

func (c *catalogue[T]) find(key string) (v T, ok bool) {
	i, ok := c.at[key]
	if !ok {
		return v, false
	}
	return c.list[i].clone(), true
}

func (c *catalogue[T]) has(key string) bool { _, ok := c.at[key]; return ok }

func (c *catalogue[T]) all() []T { return c.where(func(T) bool { return true }) }

func (c *catalogue[T]) where(want func(T) bool) (list []T) {
	for _, v := range c.list {
		if want(v) {
			list = append(list, v.clone())
		}
	}
	return list
}
