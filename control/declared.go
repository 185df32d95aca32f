// SPDX-License-Identifier: Apache-2.0

package control

import (
	"encoding/json"
	"slices"

	"sextant"
	"sextant/register"
)

// Declaration sums up what the owners declared of one control in all units.
type Declaration struct {
	Value     string   // of Implementation.Implementation, or NotDeclared
	PlannedOn string   // the last date on which a unit wants to be done, "" if none
	Owners    []string // keys of persons, each once
}

// NotDeclared says that nobody has declared anything.
const NotDeclared = "not_declared"

// advance orders declarations, the least advanced first.
var advance = []string{"not_started", "planned", "partly", "implemented"}

// Declarations gives the possible values of a Declaration, the least advanced
// first.
func Declarations() []string { return append([]string{NotDeclared}, advance...) }

// DeclarationLabel is what people read.
func DeclarationLabel(value string) string {
	if value == NotDeclared {
		return "Not declared"
	}
	f, _ := Implementations.Definition.Field("implementation")
	return f.ValueLabel(value)
}

// Declared sums up the implementations of one control: it is as far as the unit
// that is least far.
func Declared(of []register.Of[Implementation]) Declaration {
	d := Declaration{Value: NotDeclared}
	for _, imp := range of {
		f := imp.Fields
		if d.Value == NotDeclared || slices.Index(advance, f.Implementation) < slices.Index(advance, d.Value) {
			d.Value = f.Implementation
		}
		if f.Implementation != "implemented" {
			d.PlannedOn = max(d.PlannedOn, f.PlannedOn)
		}
		if f.Owner != "" && !slices.Contains(d.Owners, f.Owner) {
			d.Owners = append(d.Owners, f.Owner)
		}
	}
	return d
}

// Lines counts the plan lines below a node, and those of them that pass.
func (n *Node) Lines() (passed, all int) {
	n.Walk(func(x *Node) {
		if x.Kind == LineNode {
			all++
			if x.State == Pass {
				passed++
			}
		}
	})
	return passed, all
}

// Oldest is the age of what a node rests on: when the population of the check
// that was longest not seen was last whole, or when the period of the oldest
// statement ended. 0 where nothing was looked at.
func (n *Node) Oldest() sextant.Instant {
	oldest := sextant.Instant(0)
	n.Walk(func(x *Node) {
		for _, key := range []string{"observed", "period_to"} {
			text, _ := x.Inputs[key].(string)
			if at, err := sextant.ParseInstant(text); err == nil && at > 0 {
				oldest = earlier(oldest, at)
			}
		}
	})
	return oldest
}

// Expires is when the first of the statements and records a node rests on now
// stops counting, 0 where none does. What systems report is looked at again
// long before it is stale and not counted here.
func (n *Node) Expires() sextant.Instant {
	first := sextant.Instant(0)
	n.Walk(func(x *Node) {
		if x.Kind == AttestationNode && x.State == Pass {
			first = earlier(first, x.Until)
		}
	})
	return first
}

// Counts gives the counts a check's node carries, also where the tree was kept
// and read back; ok is false where there are none.
func (n *Node) Counts() (c Counts, ok bool) {
	switch counts := n.Inputs["counts"].(type) {
	case Counts:
		return counts, true
	case map[string]any:
		data, err := json.Marshal(counts)
		return c, err == nil && json.Unmarshal(data, &c) == nil
	}
	return c, false
}
