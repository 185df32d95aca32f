// SPDX-License-Identifier: Apache-2.0

// Package tabs leads between the pages about risks. An entry stands here when
// its page exists. It reads counts and decides nothing.
//
// The sections behind it share /risks: addresses of three parts begin with a
// fixed second one (/risks/criteria/{key}), since a pattern such as
// /risks/{key}/x would clash with it.
package tabs

import (
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
)

// Tab is one of the pages.
type Tab struct {
	Label string // key of its message
	Path  string
	Count string // of what its list holds, "" = none shown
}

// entry is a tab before it is counted. Count nil = no number.
type entry struct {
	label, path string
	count       func(*register.View) (int, error)
}

// entries in their order: register, treatment plan, signatures, assessments,
// portfolio, criteria.
var entries = []entry{
	{"risks.tab.register", "/risks", counted(risk.Risks.Name, risk.OpenStates()...)},
	{"risks.tab.treatment", "/risks/treatment", counted(risk.Treatments.Name)},
	{"risks.tab.signatures", "/risks/signatures", nil},
	{"risks.tab.assessments", "/risks/assessments", counted(risk.Assessments.Name)},
	{"risks.tab.portfolio", "/risks/portfolio", nil},
	{"risks.tab.whatif", "/risks/what-if", nil},
	{"risks.tab.reports", "/risks/reports", nil},
	{"risks.tab.indicators", "/risks/indicators", nil},
	{"risks.tab.criteria", "/risks/criteria", nil},
}

// counted gives how many entries of a register are in some states, in any where
// none is named.
func counted(name string, states ...string) func(*register.View) (int, error) {
	return func(v *register.View) (int, error) {
		if len(states) == 0 {
			return v.CountOf(name)
		}
		return v.CountOf(name, register.Filter{Field: "state", Op: register.Is, Values: states})
	}
}

// Of counts what is behind each tab, at the moment the view is of.
func Of(v *register.View) (list []Tab, err error) {
	for _, e := range entries {
		t := Tab{Label: e.label, Path: e.path}
		if e.count != nil {
			n, err := e.count(v)
			if err != nil {
				return nil, err
			}
			t.Count = page.Count(n)
		}
		list = append(list, t)
	}
	return list, nil
}
