// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"sextant/check"
	"sextant/control"
	"sextant/internal/server/web/page"
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
}

func drawerOf(v *register.View, p page.Page, k soa.Known) (*drawerView, error) {
	d := &drawerView{Known: k, Reasons: reasonsOf(k), Cause: causeOf(k.Evidence)}
	for _, key := range k.Owners() {
		d.Owners = append(d.Owners, v.TitleOf("person", key))
	}
	units, err := layout{v: v, checks: check.Library(), p: p}.units(k)
	if err != nil {
		return nil, err
	}
	for _, unit := range units {
		for _, line := range unit.Lines {
			if line.State == control.Pass {
				d.Passing++
				continue
			}
			if len(units) > 1 {
				line.Unit = unit.Title
			}
			d.Open = append(d.Open, line)
		}
	}
	if !k.Counts() {
		return d, nil
	}
	proofs := control.Proofs(k.Evidence)
	made, err := tasksFor(v, proofs[:min(1, len(proofs))])
	for _, p := range proofs[:min(1, len(proofs))] {
		x := wording(v.Context(), p)
		x.Task = made[p.ID]
		d.Proofs = append(d.Proofs, x)
	}
	return d, err
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
