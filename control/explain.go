// SPDX-License-Identifier: Apache-2.0

package control

import (
	"fmt"

	"sextant"
)

// Kind says what a node of an explanation is about.
type Kind string

// The kinds, from the top of the tree down.
const (
	ControlNode        Kind = "control"
	ImplementationNode Kind = "implementation"
	LineNode           Kind = "line"
	CheckNode          Kind = "check"
	ResourceNode       Kind = "resource"
	SourceNode         Kind = "source"
	AttestationNode    Kind = "attestation"
)

// Node is one step of the explanation of a state: which rule drew what from
// which inputs. A tree of nodes leads from a control down to the resource, the
// statement or the missing source that decided it.
type Node struct {
	ID       string          `json:"id"` // stable within the tree: control:A.8.13, check:aws.rds-backup
	Kind     Kind            `json:"kind"`
	Title    string          `json:"title"`
	State    State           `json:"state"`
	Rule     string          `json:"rule"`   // name of the rule that drew the state
	Reason   string          `json:"reason"` // the same in a sentence, with values
	Mode     string          `json:"mode,omitempty"`
	Inputs   map[string]any  `json:"inputs,omitempty"` // the values the rule looked at
	Passed   int             `json:"passed,omitempty"` // of its parts
	Parts    int             `json:"parts,omitempty"`
	Link     string          `json:"link,omitempty"`  // page of the thing
	Until    sextant.Instant `json:"until,omitempty"` // when the clock alone may change it
	Clock    *Clock          `json:"clock,omitempty"` // until it is judged
	Children []*Node         `json:"children,omitempty"`
}

// combine draws a node's state from its children and counts them.
func (n *Node) combine() {
	states := make([]State, len(n.Children))
	n.Passed, n.Parts, n.Until = 0, len(n.Children), 0
	for i, child := range n.Children {
		states[i] = child.State
		if child.State == Pass {
			n.Passed++
		}
		n.Until = earlier(n.Until, child.Until)
	}
	n.State = Combine(states...)
	n.Reason = n.because()
}

func (n *Node) because() string {
	if n.Parts == 0 || n.State == NotAssessed {
		return "nothing shows it yet"
	}
	if n.State == Pass {
		return fmt.Sprintf("all %d pass", n.Parts)
	}
	for _, child := range n.Children {
		if child.State == n.State {
			return fmt.Sprintf("%d of %d pass; %s: %s", n.Passed, n.Parts, child.Title, child.Reason)
		}
	}
	return fmt.Sprintf("%d of %d pass, the rest has not been looked at", n.Passed, n.Parts)
}

// earlier gives the earlier of two moments; 0 is none.
func earlier(a, b sextant.Instant) sextant.Instant {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

// Walk calls fn for the node and everything below it, parents first.
func (n *Node) Walk(fn func(*Node)) {
	fn(n)
	for _, child := range n.Children {
		child.Walk(fn)
	}
}
