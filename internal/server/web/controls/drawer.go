// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"sextant/control"
	"sextant/register"
	"sextant/soa"
)

// drawerView is a control beside the list.
type drawerView struct {
	soa.Known
	At, Of        int // place among what is listed, -1 where it is not
	Before, After string
	Applies       string
	Reasons       []string
	Owners        []string // names
	Cause         *control.Node
	Open          []lineView // lines that do not pass
	Passing       int        // lines that do
	Proofs        []proofView
	MayTask       bool
}

func drawerOf(v *register.View, k soa.Known) *drawerView {
	d := &drawerView{Known: k, Reasons: reasonsOf(k), Cause: causeOf(k.Evidence)}
	for _, key := range k.Owners() {
		d.Owners = append(d.Owners, v.TitleOf("person", key))
	}
	for _, unit := range unitsOf(v, k) {
		for _, line := range unit.Lines {
			if line.State == control.Pass {
				d.Passing++
				continue
			}
			d.Open = append(d.Open, line)
		}
	}
	return d
}

// reasonsOf are the labels of why a control is in, of all management systems.
func reasonsOf(k soa.Known) []string {
	f, _ := soa.Rows.Definition.Field("reasons")
	var labels []string
	seen := map[string]bool{}
	for _, d := range k.Decisions {
		for _, reason := range d.Fields.Reasons {
			if !seen[reason] {
				seen[reason] = true
				labels = append(labels, f.ValueLabel(reason))
			}
		}
	}
	return labels
}

// causeOf follows the worst state down to the node that decided it.
func causeOf(n *control.Node) *control.Node {
	for {
		next := worstChild(n)
		if next == nil {
			return n
		}
		n = next
	}
}

func worstChild(n *control.Node) *control.Node {
	for _, child := range n.Children {
		if child.State == n.State && child.State != control.NotAssessed && child.State != control.Partial {
			return child
		}
	}
	return nil
}
