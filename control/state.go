// SPDX-License-Identifier: Apache-2.0

package control

import (
	"encoding/json"
	"fmt"
	"slices"
)

// State is what the evidence shows. Only Pass is green, and nothing typed by a
// person makes a Pass.
//
// The numbers are kept in the database; they are never changed or used again.
type State int8

// The states. The zero value claims nothing.
const (
	NotAssessed State = 0 // nobody and nothing has looked
	Pass        State = 1 // every line satisfied and fresh, over the whole population
	Partial     State = 2 // some of it passes, the rest has not been looked at
	Excepted    State = 3 // what fails is permitted, by a person, until a date
	FailInGrace State = 4 // fails since less than the check's grace
	NoData      State = 5 // looked, and there was nothing to look at
	Stale       State = 6 // passed once, too long ago to count
	Error       State = 7 // could not look: denied, unreachable, broken
	Fail        State = 8 // looked, and it does not hold
)

// WorstFirst lists the states that are not Pass, worst first (DESIGN 4).
var WorstFirst = []State{Fail, Error, Stale, NoData, FailInGrace, Excepted, Partial, NotAssessed}

var stateNames = map[State]string{
	NotAssessed: "not_assessed", Pass: "pass", Partial: "partial", Excepted: "excepted", FailInGrace: "fail_in_grace",
	NoData: "no_data", Stale: "stale", Error: "error", Fail: "fail",
}

var stateLabels = map[State]string{
	NotAssessed: "Not assessed", Pass: "Pass", Partial: "Partial", Excepted: "Excepted", FailInGrace: "Fail in grace",
	NoData: "No data", Stale: "Stale", Error: "Error", Fail: "Fail",
}

func (s State) String() string { return stateNames[s] }

// Label is what people read.
func (s State) Label() string { return stateLabels[s] }

// MarshalJSON writes the stable name.
func (s State) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// UnmarshalJSON reads the stable name.
func (s *State) UnmarshalJSON(data []byte) error {
	var name string
	if err := json.Unmarshal(data, &name); err != nil {
		return err
	}
	for state, known := range stateNames {
		if known == name {
			*s = state
			return nil
		}
	}
	return fmt.Errorf("unknown evidence state %q", name)
}

// Combine draws one state from parts that are all needed. It is the whole truth
// table, at every level: checks of a line, lines of an implementation,
// implementations of a control.
//
//   - no part at all: NotAssessed
//   - every part Pass: Pass
//   - Pass and NotAssessed mixed, nothing else: Partial
//   - otherwise the worst part, in the order of WorstFirst
//
// The order of the parts does not matter.
func Combine(parts ...State) State {
	if len(parts) == 0 {
		return NotAssessed
	}
	passed := slices.Contains(parts, Pass)
	for _, worst := range WorstFirst {
		if !slices.Contains(parts, worst) {
			continue
		}
		if worst == NotAssessed && passed {
			return Partial
		}
		return worst
	}
	return Pass
}
