// SPDX-License-Identifier: Apache-2.0

package page

import (
	"context"

	"sextant/control"
	"sextant/internal/server/web/message"
)

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

// StateNames are the names of States, in their order, for lists that rank by them.
func StateNames() (names []string) {
	for _, s := range States {
		names = append(names, s.String())
	}
	return names
}

// StateNamed is the evidence state of a name; false for what is none.
func StateNamed(name string) (control.State, bool) {
	for _, s := range States {
		if s.String() == name {
			return s, true
		}
	}
	return control.NotAssessed, false
}

// StateWord says a state by its name. What is no state is said as it is.
func StateWord(ctx context.Context) func(string) string {
	return func(name string) string {
		if s, ok := StateNamed(name); ok {
			return message.Mark(ctx, s.Label())
		}
		return name
	}
}
