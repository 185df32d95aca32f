// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"slices"

	"sextant/register"
)

// Cause is why a row stands otherwise in one campaign than in another.
type Cause string

// The causes.
const (
	Scope    Cause = "scope"    // asked in one of the two only
	Edition  Cause = "edition"  // asked from another edition of the standard or the guidance
	Evidence Cause = "evidence" // the evidence state was another, or other evidence was looked at
	Judged   Cause = "answer"   // people answered otherwise, and nothing above tells why
)

// Causes gives the four, in the order they are listed.
func Causes() []Cause { return []Cause{Scope, Edition, Evidence, Judged} }

// Difference is one row that stands otherwise.
type Difference struct {
	Reference, Unit string
	Before, After   *register.Of[Answer] // nil where it was not asked
	Causes          []Cause              // never empty
}

// Compare gives the rows that stand otherwise in a later campaign than in an
// earlier one, in the order of the later, then what only the earlier asked. Rows
// that stand the same are left out, whatever was written beside their answers.
func Compare(before, after []register.Of[Answer]) (list []Difference) {
	earlier := map[[2]string]register.Of[Answer]{}
	for _, a := range before {
		earlier[placeOf(a)] = a
	}
	for _, a := range after {
		was, asked := earlier[placeOf(a)]
		delete(earlier, placeOf(a))
		switch {
		case !asked:
			list = append(list, Difference{Reference: a.Fields.Reference, Unit: a.Fields.ScopeUnit, After: &a, Causes: []Cause{Scope}})
		case !same(was, a):
			list = append(list, Difference{Reference: a.Fields.Reference, Unit: a.Fields.ScopeUnit, Before: &was, After: &a, Causes: causes(was, a)})
		}
	}
	for _, a := range before {
		if _, left := earlier[placeOf(a)]; left {
			list = append(list, Difference{Reference: a.Fields.Reference, Unit: a.Fields.ScopeUnit, Before: &a, Causes: []Cause{Scope}})
		}
	}
	return list
}

func placeOf(a register.Of[Answer]) [2]string {
	return [2]string{a.Fields.Reference, a.Fields.ScopeUnit}
}

// Stands is the answer of a row as it counts: one that nobody took for answered
// is not assessed.
func Stands(a register.Of[Answer]) (answer string, maturity int) {
	if a.State == Open {
		return NotAssessed, -1
	}
	if a.Fields.Maturity == nil {
		return a.Fields.Answer, -1
	}
	return a.Fields.Answer, int(*a.Fields.Maturity)
}

func same(a, b register.Of[Answer]) bool {
	x, low := Stands(a)
	y, high := Stands(b)
	return x == y && low == high
}

func causes(was, is register.Of[Answer]) (list []Cause) {
	if was.Fields.Guidance != is.Fields.Guidance {
		list = append(list, Edition)
	}
	if was.Fields.EvidenceState != is.Fields.EvidenceState || !slices.Equal(slices.Sorted(slices.Values(was.Fields.Evidence)), slices.Sorted(slices.Values(is.Fields.Evidence))) {
		list = append(list, Evidence)
	}
	if len(list) == 0 {
		list = []Cause{Judged}
	}
	return list
}

// Asked is what was asked, as the later campaign has it where it asked.
func (d Difference) Asked() Answer {
	if d.After != nil {
		return d.After.Fields
	}
	return d.Before.Fields
}

// better orders answers: what is further on comes later. What was not assessed
// and what does not apply stand outside of it.
var better = []string{NotMet, Partly, Met}

// Direction says whether a row stands better (1), worse (-1), or just otherwise
// (0): answers and levels have an order, and are compared by nothing else.
func (d Difference) Direction() int {
	if d.Before == nil || d.After == nil {
		return 0
	}
	x, low := Stands(*d.Before)
	y, high := Stands(*d.After)
	i, j := slices.Index(better, x), slices.Index(better, y)
	switch {
	case i < 0 || j < 0:
		return 0
	case i != j:
		return sign(j - i)
	case low < 0 || high < 0:
		return 0
	}
	return sign(high - low)
}

func sign(n int) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// CountCauses counts differences by cause; one with two causes counts in both.
func CountCauses(list []Difference) map[Cause]int {
	counts := map[Cause]int{}
	for _, d := range list {
		for _, c := range d.Causes {
			counts[c]++
		}
	}
	return counts
}
