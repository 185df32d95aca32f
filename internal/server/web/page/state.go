// SPDX-License-Identifier: Apache-2.0

package page

import "sextant/control"

// marks are the short names of evidence states in style sheets and icons.
var marks = map[control.State]string{
	control.NotAssessed: "notassessed", control.Pass: "pass", control.Partial: "partial", control.Excepted: "excepted", control.FailInGrace: "grace",
	control.NoData: "nodata", control.Stale: "stale", control.Error: "error", control.Fail: "fail",
}

// StateMark is the short name of a state for attributes and icons.
func StateMark(s control.State) string { return marks[s] }

// States are all evidence states in the order pages list them: what needs work
// first, Pass last.
var States = append(append([]control.State{}, control.WorstFirst...), control.Pass)

type barPart struct {
	state    control.State
	x, width float64
}

// barParts shares 100 units out over the states that occur, Pass first.
func barParts(counts map[control.State]int) (parts []barPart) {
	total := 0
	for _, n := range counts {
		total += n
	}
	x := 0.0
	for i := len(States) - 1; i >= 0 && total > 0; i-- {
		if n := counts[States[i]]; n > 0 {
			width := 100 * float64(n) / float64(total)
			parts = append(parts, barPart{States[i], x, max(width-0.9, 0.4)})
			x += width
		}
	}
	return parts
}
