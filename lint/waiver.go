// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"slices"
	"time"

	"sextant/register"
)

// ReferencePrefix stands before a rule's id in a stored reference.
const ReferencePrefix = "rule/"

// Waived is a finding somebody answers for until a date: an approved exception
// names the rule. It is shown to auditors like any other.
type Waived struct {
	Finding
	Exception string `json:"exception"` // its key
	Reason    string `json:"reason"`
	Approver  string `json:"approver"` // key of the person
	Until     string `json:"until"`    // the last day
}

type waivers []register.Entry

// readWaivers reads the exceptions on rules that hold on the day of the view.
// The register is declared further out, so it is read by its name.
func readWaivers(v *register.View) (waivers, error) {
	if _, err := v.Set().Named("exception"); err != nil {
		return nil, nil //nolint:nilerr // a program without exceptions waives nothing
	}
	all, err := v.Select("exception", register.Filter{Field: "state", Op: register.Is, Values: []string{"approved"}}, register.Filter{Field: "rule", Op: register.Filled})
	day := v.Now().Time().Format(time.DateOnly)
	return slices.DeleteFunc(all, func(e register.Entry) bool {
		return day < e.Doc.Text("starts_on") || day > e.Doc.Text("expires_on")
	}), err
}

// part separates what an exception covers: every finding of its rule, or those
// whose first entry it names.
func (w waivers) part(rule string, findings []Finding) (standing []Finding, waived []Waived) {
	for _, f := range findings {
		i := slices.IndexFunc(w, func(e register.Entry) bool {
			of := e.Doc.Strings("resources")
			return e.Doc.Text("rule") == ReferencePrefix+rule && (len(of) == 0 || slices.Contains(of, f.first()))
		})
		if i < 0 {
			standing = append(standing, f)
			continue
		}
		e := w[i]
		waived = append(waived, Waived{f, e.Key, e.Doc.Text("reason"), e.Doc.Text("approver"), e.Doc.Text("expires_on")})
	}
	return standing, waived
}
