// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"cmp"
	"maps"
	"slices"

	"sextant"
	"sextant/register"
)

// Step is one task of the action plan of a campaign.
type Step struct {
	Task    register.Entry
	Answers []register.Of[Answer] // what it closes
}

// ActionPlan gives the tasks the gaps of a campaign lead to, each once: what
// others wait for comes before them, otherwise by due date. A task that was
// deleted since is left out.
func ActionPlan(tx register.Reader, rows []register.Of[Answer]) ([]Step, error) {
	steps := map[string]*Step{}
	for _, a := range rows {
		for _, key := range a.Fields.Actions {
			if steps[key] == nil {
				e, err := tx.Lookup("task", key)
				if sextant.CodeOf(err) == sextant.NotFound {
					continue
				}
				if err != nil {
					return nil, err
				}
				steps[key] = &Step{Task: e}
			}
			steps[key].Answers = append(steps[key].Answers, a)
		}
	}
	return ordered(steps), nil
}

// ordered sorts by due date and puts what a step waits for before it.
func ordered(steps map[string]*Step) (list []Step) {
	keys := slices.SortedFunc(maps.Keys(steps), func(a, b string) int {
		return cmp.Or(cmp.Compare(steps[a].Task.Due(), steps[b].Task.Due()), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	placed := map[string]bool{}
	var put func(string)
	put = func(key string) {
		if placed[key] || steps[key] == nil {
			return
		}
		placed[key] = true
		for _, first := range steps[key].Task.Doc.Strings("depends_on") {
			put(first)
		}
		list = append(list, *steps[key])
	}
	for _, key := range keys {
		put(key)
	}
	return list
}
