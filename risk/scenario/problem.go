// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"regexp"
	"strings"

	"sextant/check"
	"sextant/framework"
)

// idForm keeps ids fit for an address and a reference.
var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+){0,7}$`)

// scenarioProblem says what is wrong with a scenario of the set, or nothing.
func (s *Set) scenarioProblem(c Scenario) string {
	if !idForm.MatchString(c.ID) {
		return fmt.Sprintf("%.60q is no id; write small letters and digits with hyphens", c.ID)
	}
	return firstProblem(
		partsProblem(c),
		s.approachProblem(c),
		s.levelProblem(c),
		names("threats", c.Threats, 1, 8, s.threats.has),
		controlsProblem(c.Controls),
		noticeProblem(c.Notice),
		texts("ask: likelihood", c.Ask.Likelihood, 2, 3),
		texts("ask: consequence", c.Ask.Consequence, 2, 3),
	)
}

func partsProblem(c Scenario) string {
	return firstProblem(
		texts("title, event, consequence", []string{c.Title, c.Event, c.Consequence}, 3, 3),
		words("category", []Category{c.Category}, Categories()),
		words("approach", []Approach{c.Approach}, Approaches()),
		words("level", []Level{c.Level}, Levels()),
		words("asset_types", c.AssetTypes, AssetTypes()),
		words("properties", c.Properties, Properties()),
		words("consequence_types", c.ConsequenceTypes, ConsequenceTypes()),
	)
}

// approachProblem: events have a source and an aim, assets a weakness (the rule
// of the register of scenarios). An event may name weaknesses too.
func (s *Set) approachProblem(c Scenario) string {
	if c.Approach == Asset {
		if c.Source != "" || c.EndState != "" || len(c.Parties) > 0 {
			return "risk_source, desired_end_state and interested_parties belong to approach event"
		}
		return names("vulnerabilities", c.Vulnerabilities, 1, 8, s.vulnerabilities.has)
	}
	switch {
	case !s.sources.has(c.Source):
		return fmt.Sprintf("risk_source: there is no %q", c.Source)
	case !s.endStates.has(c.EndState):
		return fmt.Sprintf("desired_end_state: there is no %q", c.EndState)
	}
	return firstProblem(texts("interested_parties", c.Parties, 1, 6), names("vulnerabilities", c.Vulnerabilities, 0, 8, s.vulnerabilities.has))
}

// levelProblem: an operational scenario goes step by step and may detail a
// strategic one.
func (s *Set) levelProblem(c Scenario) string {
	if c.Level == Strategic {
		if c.Parent != "" || len(c.Steps) > 0 {
			return "parent and steps belong to operational scenarios"
		}
		return ""
	}
	if parent, ok := s.scenarios.find(c.Parent); c.Parent != "" && (!ok || parent.Level != Strategic) {
		return fmt.Sprintf("parent: %q is no strategic scenario", c.Parent)
	}
	return texts("steps", c.Steps, 3, 6)
}

func controlsProblem(list []Suggestion) string {
	var ids, whys []string
	for _, s := range list {
		ids, whys = append(ids, s.Control), append(whys, s.Why)
	}
	return firstProblem(names("suggested_controls", ids, 2, 6, isControl), texts("suggested_controls: why", whys, 2, 6))
}

func noticeProblem(n Notice) string {
	if len(n.Checks) == 0 && strings.TrimSpace(n.Record) == "" {
		return "noticed_by: neither checks nor a record"
	}
	return names("noticed_by: checks", n.Checks, 0, 5, func(id string) bool { c, ok := check.Named(id); return ok && c.ID == id })
}

func isControl(id string) bool {
	c, ok := framework.ControlByID(id)
	return ok && c.ID == id && c.IsBase()
}

func firstProblem(problems ...string) string {
	for _, p := range problems {
		if p != "" {
			return p
		}
	}
	return ""
}

// words holds a part to its word list: at least one, none twice.
func words[T ~string](part string, list, known []T) string {
	in := func(w string) bool {
		for _, k := range known {
			if string(k) == w {
				return true
			}
		}
		return false
	}
	var plain []string
	for _, w := range list {
		plain = append(plain, string(w))
	}
	return names(part, plain, 1, len(known), in)
}

// names holds a part to ids that exist, none twice.
func names(part string, ids []string, least, utmost int, exists func(string) bool) string {
	seen := map[string]bool{}
	for _, id := range ids {
		if !exists(id) {
			return fmt.Sprintf("%s: there is no %.60q", part, id)
		}
		if seen[id] {
			return fmt.Sprintf("%s: %s is named twice", part, id)
		}
		seen[id] = true
	}
	return count(part, len(ids), least, utmost)
}

// texts holds a part to a number of texts, none empty.
func texts(part string, list []string, least, utmost int) string {
	for i, text := range list {
		if strings.TrimSpace(text) == "" {
			return fmt.Sprintf("%s: text %d is empty", part, i+1)
		}
	}
	return count(part, len(list), least, utmost)
}

func count(part string, n, least, utmost int) string {
	if n < least || n > utmost {
		return fmt.Sprintf("%s: %d, %d to %d are meant", part, n, least, utmost)
	}
	return ""
}
