// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"slices"

	"sextant/framework"
)

// Carried is what an old sheet says about one control of 2022, by way of its
// predecessors: for those who ask something else of it than a statement.
type Carried struct {
	Control        string // reference
	Old            []Old  // what was said, one for each predecessor the sheet speaks of
	Conflicts      []string
	Applicability  string // "" where predecessors do not agree, or the sheet is silent about one
	Implementation string // likewise
}

// Carried gives what the sheet says about each control of 2022 that has a
// predecessor it speaks of, in the standard's order. Where predecessors do not
// agree it says nothing there and names the conflict, as a proposal for a
// statement does.
func (s Sheet) Carried() (list []Carried) {
	said := map[string]Said{}
	for _, row := range s.Said {
		said[row.ID] = row
	}
	for _, control := range framework.Controls() {
		predecessors, _ := framework.Predecessors(control.ID)
		c := Carried{Control: control.Reference().String()}
		for _, id := range predecessors.IDs {
			if row, ok := said[id]; ok {
				c.Old = append(c.Old, s.old(row))
			}
		}
		if len(c.Old) == 0 {
			continue
		}
		c.Conflicts = conflicts(predecessors.IDs, c.Old)
		if !slices.Contains(c.Conflicts, Missing) {
			c.Applicability = agreed(c.Old, func(o Old) string { return settled(o.Applicability) })
			c.Implementation = agreed(c.Old, func(o Old) string { return o.Implementation })
		}
		list = append(list, c)
	}
	return list
}

// As gives what the sheet says of a control in the words of its own edition.
func (s Sheet) As(row Said) Old { return s.old(row) }
