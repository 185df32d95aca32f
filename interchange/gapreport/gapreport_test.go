// SPDX-License-Identifier: Apache-2.0

package gapreport_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/gap"
	"sextant/interchange/gapreport"
	"sextant/interchange/table"
	"sextant/product/producttest"
	"sextant/register"
)

// closed is a campaign over clause 10, answered and closed.
func closed(t *testing.T, h *producttest.House) register.Entry {
	t.Helper()
	manager := access.Actor{Organisation: h.Org, Name: "person:" + h.People[access.ISMSManager], Person: h.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}
	e := h.Create(t, "gap_campaign", map[string]any{"title": "Clause ten", "clauses": []any{"10"}, "scope_units": []any{"SU-1"}, "starts_on": "2026-01-05", "due_on": "2026-02-27", "owner": manager.Person, "assessors": []any{manager.Person}})
	must := func(fn func(*register.Tx) error) {
		t.Helper()
		if err := h.Kernel.Write(t.Context(), manager, fn); err != nil {
			t.Fatal(err)
		}
	}
	must(func(tx *register.Tx) error {
		_, err := tx.Transition("gap_campaign", e.Key, 0, "start", nil, register.Note{})
		return err
	})
	must(func(tx *register.Tx) error {
		rows, err := gap.Rows(tx, e.Key)
		for _, a := range rows {
			if err == nil {
				_, err = tx.Transition("gap_answer", a.Key, 0, "answer", map[string]any{"answer": "partly", "maturity": 2, "observation": "=Ideas wait for " + a.Key, "effort": "days"}, register.Note{})
			}
		}
		return err
	})
	must(func(tx *register.Tx) (err error) {
		e, err = tx.Transition("gap_campaign", e.Key, 0, "close", map[string]any{"summary": "Little is missing."}, register.Note{})
		return err
	})
	return e
}

func TestAClosedCampaignKeepsItsReportAsItWas(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		e := closed(t, h)
		var kept []register.Rendering
		var again bytes.Buffer
		look := func(at sextant.Instant) {
			t.Helper()
			again.Reset()
			h.Look(t, at, func(v *register.View, _ evidence.Reader) (err error) {
				if kept, err = v.Renderings(e); err != nil {
					return err
				}
				c, err := gap.Campaigns.Get(v, e.Key)
				if err != nil {
					return err
				}
				return gapreport.Write(&again, v, c)
			})
		}
		look(0)
		if len(kept) != 2 || !strings.HasSuffix(kept[0].Name, ".pdf") || !strings.HasSuffix(kept[1].Name, ".xlsx") || kept[0].Version != e.Version {
			t.Fatalf("%+v", kept)
		}
		r, err := h.Kernel.Blobs().Open(t.Context(), h.Org, kept[0].SHA256)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		pdf, err := io.ReadAll(r)
		if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Equal(pdf, again.Bytes()) {
			t.Errorf("kept %d bytes, written again %d: %v", len(pdf), again.Len(), err)
		}
		h.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("scope_unit", "SU-1", 0, map[string]any{"title": "Renamed since"}, register.Note{})
			return err
		})
		before := kept[0].SHA256
		look(0)
		if kept[0].SHA256 != before || bytes.Equal(pdf, again.Bytes()) {
			t.Error("what was kept follows what changed beneath it, or nothing beneath it changed")
		}
	})
}

func TestTheSheetHoldsEveryAnswerAsText(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	e := closed(t, h)
	var out bytes.Buffer
	h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		c, err := gap.Campaigns.Get(v, e.Key)
		if err != nil {
			return err
		}
		return gapreport.Sheet(&out, v, c, table.CSV)
	})
	text := out.String()
	if strings.Count(text, "\nGA-") != 2 || !strings.Contains(text, "10.1 Continual improvement,Whole organisation,10 Improvement,Partly met,answered,,2,") || !strings.Contains(text, "Ideas wait for GA-1") {
		t.Errorf("%s", text)
	}
}
