// SPDX-License-Identifier: Apache-2.0

package product

import (
	"strings"

	"sextant/control"
	"sextant/lint"
	"sextant/monitor"
	"sextant/risk"
	"sextant/soa"
)

// Rules is what computes the rules of lint, as the packages that know the
// subjects contribute it. A rule nobody computes cannot tell.
func Rules() lint.Conditions {
	all := lint.Conditions{}
	for _, part := range []lint.Conditions{lint.Registers(), lint.Documents(), control.Conditions(), monitor.Conditions(), risk.Conditions(), soa.Conditions()} {
		for id, condition := range part {
			if _, twice := all[id]; twice {
				panic("product: rule " + id + " has two conditions")
			}
			all[id] = condition
		}
	}
	return all
}

// ruleTitles names the rules of lint by their id, as rule/soa-missing.
type ruleTitles struct{}

// References lists the rules.
func (ruleTitles) References() []string {
	var list []string
	for _, r := range lint.Rules() {
		list = append(list, lint.ReferencePrefix+r.ID)
	}
	return list
}

func (ruleTitles) Title(reference string) (string, bool) {
	id, ok := strings.CutPrefix(reference, lint.ReferencePrefix)
	r, known := lint.Named(id)
	return r.Title, ok && known
}
