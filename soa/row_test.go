// SPDX-License-Identifier: Apache-2.0

package soa_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sextant/product/producttest"
	"sextant/register"
	"sextant/soa"
)

func TestAnOlderJustificationIsWhatItWasFor(t *testing.T) {
	up := soa.Rows.Definition.Upcasters[0]
	for _, c := range []struct{ before, want register.Doc }{
		{register.Doc{"applicability": "applicable", "justification": "A law."}, register.Doc{"applicability": "applicable", "inclusion_justification": "A law."}},
		{register.Doc{"applicability": "not_applicable", "justification": "No rooms."}, register.Doc{"applicability": "not_applicable", "exclusion_justification": "No rooms."}},
		{register.Doc{"applicability": "undecided", "justification": "To be asked."}, register.Doc{"applicability": "undecided", "inclusion_justification": "To be asked."}},
		{register.Doc{"applicability": "undecided"}, register.Doc{"applicability": "undecided"}},
	} {
		if diff := cmp.Diff(c.want, up(c.before)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestAnExclusionStandsBesideNothingThatAsksForIt(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	system := h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key
	for name, c := range map[string]struct {
		values map[string]any
		says   string
	}{
		"no justification":              {map[string]any{"applicability": "not_applicable", "inclusion_justification": "In."}, "needs a justification"},
		"a reason":                      {map[string]any{"applicability": "not_applicable", "exclusion_justification": "Out.", "reasons": []string{"legal"}}, "beside a reason"},
		"something it rests on":         {map[string]any{"applicability": "not_applicable", "exclusion_justification": "Out.", "reason_links": []string{system}}, "asks for the control"},
		"an inclusion without a reason": {map[string]any{"applicability": "applicable", "inclusion_justification": "In."}, "at least one reason"},
		"a link to nothing":             {map[string]any{"reason_links": []string{"OBL-99"}}, "OBL-99"},
	} {
		values := c.values
		err := h.Kernel.Write(t.Context(), h.System(), func(tx *register.Tx) error {
			return soa.Decide(tx, system, "A.7.6", 0, values, register.Note{})
		})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want it to say %q", name, err, c.says)
		}
	}
	practice := soa.Row{Applicability: "applicable", Reasons: []string{"good_practice"}}
	if !practice.OnlyGoodPractice() || (soa.Row{Applicability: "applicable", Reasons: []string{"good_practice", "legal"}}).OnlyGoodPractice() {
		t.Error("good practice alone is not told from good practice beside a law")
	}
}
