// SPDX-License-Identifier: Apache-2.0

package statement_test

import (
	"bytes"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/interchange/statement"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/soa"
)

func TestTheSheetHoldsTheWholeStatementOfOneSystem(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	first := h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key
	second := h.Create(t, "management_system", map[string]any{"title": "Cloud", "scope": "The platform."}).Key
	h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": "SU-1", "implementation": "partly", "planned_on": "2099-01-01", "how": "Snapshots.", "owner": h.People[access.Owner]})
	h.Write(t, func(tx *register.Tx) error {
		return soa.Decide(tx, first, "A.8.13", 0, map[string]any{"applicability": "applicable", "reasons": []string{"legal", "contractual"}, "inclusion_justification": "=cmd"}, register.Note{})
	})
	h.Write(t, func(tx *register.Tx) error {
		return soa.Decide(tx, second, "A.8.13", 0, map[string]any{"applicability": "not_applicable", "exclusion_justification": "Elsewhere."}, register.Note{})
	})
	sheet := func(system string) string {
		t.Helper()
		var out bytes.Buffer
		h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
			c, err := statement.Current(v, r, system)
			if err != nil {
				return err
			}
			return statement.Write(&out, c, statement.CSV)
		})
		return out.String()
	}
	one := sheet("")
	if lines := strings.Count(one, "\nA."); lines != 93 || !strings.Contains(one, `A.8.13,Information backup,Applicable,"Legal, Contractual",,`) || !strings.Contains(one, "Partly implemented, Whole organisation, planned by 2099-01-01") {
		t.Errorf("%d lines:\n%.400s", lines, one[strings.Index(one, "A.8.13"):])
	}
	if two := sheet(second); !strings.Contains(two, "A.8.13,Information backup,Not applicable,,,,Elsewhere.") || !strings.Contains(two, "A.8.12,Data leakage prevention,Undecided") {
		t.Errorf("the other system:\n%.300s", two)
	}
}
