// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed rules.yaml
var content []byte

// rules reads the rules once. Embedded content that does not load is a defect
// of the build, which the tests catch: hence the panic.
var rules = sync.OnceValue(func() []Rule {
	list, err := load(content)
	if err != nil {
		panic(err)
	}
	return list
})

func load(data []byte) (list []Rule, err error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("rules.yaml: %w", err)
	}
	ids := map[string]bool{}
	for _, r := range list {
		if ids[r.ID] {
			return nil, fmt.Errorf("rules.yaml: %s is there twice", r.ID)
		}
		if problem := r.problem(); problem != "" {
			return nil, fmt.Errorf("rules.yaml: %s: %s", r.ID, problem)
		}
		ids[r.ID] = true
	}
	return list, nil
}

func (r Rule) problem() string {
	switch {
	case r.ID == "" || r.Title == "" || r.Group == "" || r.Condition == "" || r.Why == "" || r.Fix == "":
		return "a text is missing"
	case r.Severity.rank() == len(Severities()):
		return "unknown severity"
	case r.Certainty != Exact && r.Certainty != Heuristic:
		return "unknown certainty"
	case r.Certainty == Heuristic && len(r.Blocks) > 0:
		return "a question cannot block"
	}
	return ""
}

// Rules gives every rule, in the order of the file: by group, the gravest first.
func Rules() []Rule { return slices.Clone(rules()) }

// Named finds a rule by its id.
func Named(id string) (Rule, bool) {
	i := slices.IndexFunc(rules(), func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return Rule{}, false
	}
	return rules()[i], true
}

// Blocking gives the rules that stand in the way of a step, as "soa review".
func Blocking(step string) []Rule {
	return slices.DeleteFunc(Rules(), func(r Rule) bool { return !slices.Contains(r.Blocks, step) })
}
