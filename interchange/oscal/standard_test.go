// SPDX-License-Identifier: Apache-2.0

package oscal_test

import (
	"bytes"
	"testing"

	"sextant"
	"sextant/evidence"
	"sextant/framework"
	"sextant/interchange/oscal"
	"sextant/library"
	"sextant/product/producttest"
	"sextant/register"
)

func TestEveryStandardIsACatalogNISTAccepts(t *testing.T) {
	for _, s := range framework.Standards() {
		rows := framework.RowsOf(s.ID)
		if len(rows) == 0 {
			continue
		}
		var out bytes.Buffer
		if err := oscal.WriteStandard(&out, s.ID, nil, moment); err != nil {
			t.Fatal(err)
		}
		accepted(t, out.Bytes())
		// What is written is read again: each control once.
		d, err := oscal.Read(s.ID, out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		var report library.Report
		c := library.Index(oscal.Content(d.Catalog, library.OSCALCatalog, &report))
		for _, row := range rows {
			if n, ok := c.NodeOfURN(oscal.Token(row.ID)); !ok || n.RefID != row.ID || n.Description != row.Asks {
				t.Errorf("%s: %s is read as %+v", s.ID, row.ID, n)
			}
		}
		if report.Count(library.DuplicateURN) > 0 {
			t.Errorf("%s: %v", s.ID, report.Remarks)
		}
	}
	var own bytes.Buffer
	if err := oscal.WriteStandard(&own, framework.OwnStandard, []framework.Control{{ID: "NQ-1", Standard: framework.OwnStandard, Number: "NQ-1", Title: "Boats are counted", Asks: "Each evening.", Types: []framework.ControlType{framework.Detective}}}, moment); err != nil {
		t.Fatal(err)
	}
	accepted(t, own.Bytes())
	golden(t, "own.json", own.Bytes())
	if err := oscal.WriteStandard(&bytes.Buffer{}, "iso9001:2015", nil, moment); sextant.CodeOf(err) != sextant.NotFound {
		t.Errorf("a standard that is not here: %v", err)
	}
	if err := oscal.WriteStandard(&bytes.Buffer{}, framework.OwnStandard, nil, moment); sextant.CodeOf(err) != sextant.Invalid {
		t.Errorf("no own control: %v", err)
	}
}

// The statement of an organisation as it stands, with an own control, is
// accepted; each row answers a control of a catalog.
func TestAStatementAsItStandsIsAccepted(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		h.Look(t, 0, func(v *register.View, r evidence.Reader) error {
			if _, err := oscal.SheetOf(v, r, ""); sextant.CodeOf(err) != sextant.NotFound {
				t.Errorf("without a management system: %v", err)
			}
			return nil
		})
		ms := h.Create(t, "management_system", map[string]any{"title": "Orders", "scope": "All of it."})
		h.Create(t, "soa_row", map[string]any{"management_system": ms.Key, "control": "iso27001:2022/A.8.13", "applicability": "applicable", "reasons": []string{"legal"}, "inclusion_justification": "The tax office asks."})
		h.Create(t, "soa_row", map[string]any{"management_system": ms.Key, "control": "iso27001:2022/A.7.4", "applicability": "not_applicable", "exclusion_justification": "No rooms."})
		h.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": "SU-1", "implementation": "planned", "planned_on": "2099-01-01", "how": "Later.", "owner": "PER-1"})
		var s oscal.Sheet
		h.Look(t, 0, func(v *register.View, r evidence.Reader) (err error) {
			s, err = oscal.SheetOf(v, r, "")
			return err
		})
		accepted(t, written(t, s))
		var profile bytes.Buffer
		if err := oscal.WriteProfile(&profile, s); err != nil {
			t.Fatal(err)
		}
		accepted(t, profile.Bytes())
		if len(s.Rows) != len(framework.Controls()) || s.System != "Orders" || s.Organisation == "" {
			t.Errorf("%d rows of %q, %q", len(s.Rows), s.System, s.Organisation)
		}
		for _, row := range s.Rows {
			switch row.ID {
			case "A.8.13":
				if row.Justification != "The tax office asks." || len(row.Units) != 1 || row.Units[0].PlannedOn != "2099-01-01" || row.Evidence == "" {
					t.Errorf("%+v", row)
				}
			case "A.7.4":
				if row.Evidence != "" || row.Justification != "No rooms." {
					t.Errorf("%+v", row)
				}
			}
		}
	})
}
