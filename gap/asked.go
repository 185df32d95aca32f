// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"slices"

	"sextant/register"
)

// Asked is what one running campaign asks of a person.
type Asked struct {
	Campaign register.Of[Campaign]
	Open     int
	Due      string // of the question due first, else of the campaign
}

// AskedOf gives what running campaigns ask of a person and nobody answered yet.
func AskedOf(tx register.Reader, person string) (list []Asked, err error) {
	if person == "" {
		return nil, nil
	}
	running, err := Campaigns.All(tx, register.Filter{Field: "state", Op: register.Is, Values: []string{Running}})
	if err != nil {
		return nil, err
	}
	for _, c := range running {
		open, err := Answers.All(tx, of(c.Key), register.Filter{Field: "assignee", Op: register.Is, Values: []string{person}}, register.Filter{Field: "state", Op: register.Is, Values: []string{Open}})
		if err != nil {
			return nil, err
		}
		if len(open) == 0 {
			continue
		}
		dates := []string{c.Fields.DueOn}
		for _, a := range open {
			if a.Fields.DueOn != "" {
				dates = append(dates, a.Fields.DueOn)
			}
		}
		list = append(list, Asked{Campaign: c, Open: len(open), Due: slices.Min(dates)})
	}
	return list, nil
}
