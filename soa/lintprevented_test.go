// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"testing"
)

// What the register refuses today is still judged where an older entry or an
// import has it.
func TestRowsTheRegisterRefusesAreFoundWhereTheyStand(t *testing.T) {
	w := &world{}
	w.system.Created = 7
	for name, c := range map[string]struct {
		found bool
		by    func() (bool, error)
	}{
		"included without a word": {true, func() (bool, error) {
			f, err := noReason(w, Line{Row: Row{Applicability: "applicable"}})
			return f != nil, err
		}},
		"included with a reason": {false, func() (bool, error) {
			f, err := noReason(w, Line{Row: Row{Applicability: "applicable", Reasons: []string{"legal"}}})
			return f != nil, err
		}},
		"left out without a word": {true, func() (bool, error) {
			f, err := unjustified(w, Line{Row: Row{Applicability: "not_applicable", ExclusionJustification: " "}})
			return f != nil, err
		}},
		"left out with a justification": {false, func() (bool, error) {
			f, err := unjustified(w, Line{Row: Row{Applicability: "not_applicable", ExclusionJustification: "No sites."}})
			return f != nil, err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if found, err := c.by(); found != c.found || err != nil {
				t.Errorf("found %v, %v", found, err)
			}
		})
	}
}
