// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"cmp"
	"slices"

	"sextant/register"
)

// Rows gives the answers of a campaign, unit by unit, in the standard's order.
func Rows(tx register.Reader, campaign string) ([]register.Of[Answer], error) {
	c, err := Campaigns.Get(tx, campaign)
	if err != nil {
		return nil, err
	}
	list, err := Answers.All(tx, of(campaign))
	if err != nil {
		return nil, err
	}
	asked, err := c.Fields.All(tx)
	if err != nil {
		return nil, err
	}
	place := map[string]int{}
	for i, q := range asked {
		place[q.Reference] = i
	}
	for _, a := range list {
		if _, known := place[a.Fields.Reference]; !known {
			place[a.Fields.Reference] = len(asked) // it is in use no longer
		}
	}
	slices.SortStableFunc(list, func(a, b register.Of[Answer]) int {
		return cmp.Or(cmp.Compare(slices.Index(c.Fields.ScopeUnits, a.Fields.ScopeUnit), slices.Index(c.Fields.ScopeUnits, b.Fields.ScopeUnit)),
			cmp.Compare(place[a.Fields.Reference], place[b.Fields.Reference]))
	})
	return list, nil
}
