// SPDX-License-Identifier: Apache-2.0

package connector

import "sextant"

// Manifest is what is written down about a run.
type Manifest struct {
	Source      string          `json:"source"` // the caller's name for the configured source; "" where there is none
	Connector   string          `json:"connector"`
	Version     string          `json:"version"`
	Principals  []Principal     `json:"principals"` // who we were, one per account that could be signed in to
	Started     sextant.Instant `json:"started"`
	Finished    sextant.Instant `json:"finished"`
	Requests    int64           `json:"requests"` // sent over the wire, repeats included
	Populations []Population    `json:"populations"`
	Errors      []Failure       `json:"errors,omitempty"` // what concerns no single population, for example a failed sign-in
}

// Principal is the identity a run used in one account.
type Principal struct {
	Account  string `json:"account"`
	Identity string `json:"identity"`
}

// Complete reports whether every population was seen to the end and nothing
// failed outside of them. A skipped population is not complete in this run.
// A run without populations is not complete.
func (m Manifest) Complete() bool {
	for _, p := range m.Populations {
		if p.State != Complete {
			return false
		}
	}
	return len(m.Populations) > 0 && len(m.Errors) == 0
}

// Failures lists every failure of the run, the run's own first.
func (m Manifest) Failures() []Failure {
	all := append([]Failure(nil), m.Errors...)
	for _, p := range m.Populations {
		all = append(all, p.Errors...)
	}
	return all
}

// Distinct puts failures of one cause together: the same call in the same
// account for the same reason is named once, with how often it happened; region
// and resource are those of the first.
func Distinct(failures []Failure) []Failure {
	type cause struct {
		call, account, code, message string
		cause                        Cause
	}
	var list []Failure
	at := map[cause]int{}
	for _, f := range failures {
		key := cause{f.Call, f.Account, f.Code, f.Message, f.Cause}
		if i, known := at[key]; known {
			list[i].Times += max(f.Times, 1)
			continue
		}
		at[key] = len(list)
		list = append(list, f)
	}
	return list
}
