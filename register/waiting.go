// SPDX-License-Identifier: Apache-2.0

package register

import (
	"slices"

	"sextant"
)

// Waiting is an entry that stands until a named person signs.
type Waiting struct {
	Entry
	Transitions []Transition // that wait for the person
}

// Waiting gives the entries of every register that wait for a person's
// signature: those in a state from which a sign-off leads that names the person
// in one of its fields. A draft the person writes themselves is among them only
// where they sign it too. Ordered by due date, the undated last.
func (v *View) Waiting(person string) (list []Waiting, err error) {
	for _, def := range v.Set().All() {
		for _, t := range def.Lifecycle.Transitions {
			if t.Sign == "" {
				continue
			}
			if err := v.waitingFor(&list, def, t, person); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Waiting) int {
		switch x, y := a.Due(), b.Due(); {
		case x == y:
			return 0
		case y == "" || (x != "" && x < y):
			return -1
		}
		return 1
	})
	return list, nil
}

func (v *View) waitingFor(list *[]Waiting, def *Definition, t Transition, person string) error {
	for _, who := range t.Who {
		f, ok := def.Field(who)
		if !ok || f.Kind != Person {
			continue
		}
		page, err := v.List(List{Register: def.Name, Limit: largestPage, Filters: []Filter{{Field: "state", Op: Is, Values: t.From}, {Field: f.Key, Op: Is, Values: []string{person}}}})
		if sextant.CodeOf(err) == sextant.Denied {
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if i := slices.IndexFunc(*list, func(w Waiting) bool { return w.Key == e.Key }); i >= 0 {
				(*list)[i].Transitions = append((*list)[i].Transitions, t)
			} else {
				*list = append(*list, Waiting{e, []Transition{t}})
			}
		}
	}
	return nil
}
