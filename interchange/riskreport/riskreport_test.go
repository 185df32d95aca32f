// SPDX-License-Identifier: Apache-2.0

package riskreport_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/interchange/riskreport"
	"sextant/interchange/table"
	"sextant/internal/testserver"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

// furnished is a house with criteria in force, an asset, and a risk that was
// judged.
func furnished(t *testing.T, h *producttest.House) (system, asset, key string) {
	t.Helper()
	return furnishedBy(t, h, risk.Template(5, "EUR", 6e6))
}

func furnishedBy(t *testing.T, h *producttest.House, c risk.Criteria) (system, asset, key string) {
	t.Helper()
	system = h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key
	approved(t, h, system, c)
	asset = h.Create(t, "asset", map[string]any{"title": "Orders database", "type": "database", "scope_units": []any{"SU-1"}}).Key
	key = judged(t, h, asset, "Orders cannot be restored", 3, 4)
	h.Create(t, "treatment", map[string]any{"title": "Copies elsewhere", "risks": []any{key}, "options": []any{"modify"}, "option_reason": "Cheaper than a second site.", "owner": h.People[access.ISMSManager], "due_on": h.Clock().Time().AddDate(0, 3, 0).Format(time.DateOnly), "cost_once": "1200.00 EUR",
		"left_out": "- A.8.14 Redundancy: the supplier has it", "measures": []any{map[string]any{"title": "Nightly copies", "control": "iso27001:2022/A.8.13", "lowers_likelihood": 2}}})
	return system, asset, key
}

// approved puts criteria in force.
func approved(t *testing.T, h *producttest.House, system string, c risk.Criteria) {
	t.Helper()
	manager, top := h.People[access.ISMSManager], h.People[access.InternalAuditor]
	h.Write(t, func(tx *register.Tx) error {
		_, err := tx.Edit("organisation", "ORG-1", 0, map[string]any{"top_management": []any{top}}, register.Note{})
		return err
	})
	c.ManagementSystem, c.Author, c.Approver = system, manager, top
	var edition string
	h.Write(t, func(tx *register.Tx) error {
		e, err := risk.CriteriaEditions.Create(tx, c, register.Note{})
		edition = e.Key
		return err
	})
	for _, move := range []struct{ who, name string }{{manager, "submit"}, {top, "approve"}} {
		actor := access.Actor{Organisation: h.Org, Name: "person:" + move.who, Person: move.who, Roles: []access.Role{access.ISMSManager}, Proof: access.Proof{Method: access.Password, At: h.Clock()}}
		if err := h.Kernel.Write(t.Context(), actor, func(tx *register.Tx) error {
			_, err := tx.Transition("risk_criteria", edition, 0, move.name, nil, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func judged(t *testing.T, h *producttest.House, asset, title string, likelihood, consequence int) string {
	t.Helper()
	owner := h.People[access.Owner]
	key := h.Create(t, "risk", map[string]any{"title": title, "approach": "asset", "assets": []any{asset}, "properties": []any{"availability"}, "category": "continuity", "scope_units": []any{"SU-1"}, "owner": owner,
		"treating": []any{map[string]any{"control": "iso27001:2022/A.8.13", "lowers_likelihood": 1, "why": "Copies exist."}}}).Key
	h.Create(t, "risk_evaluation", map[string]any{"risk": key, "stage": "current", "likelihood": likelihood, "rationale": "Two incidents.", "evaluated_by": owner, "consequences": []any{map[string]any{"type": "availability", "level": consequence}}})
	return key
}

// said gives the words of a report as of a moment, 0 for now.
func said(t *testing.T, h *producttest.House, at sextant.Instant, write func(io.Writer, *register.View) error) string {
	t.Helper()
	var file bytes.Buffer
	h.Look(t, at, func(v *register.View, _ evidence.Reader) error { return write(&file, v) })
	return testserver.PDFText(t, file.Bytes())
}

func contains(t *testing.T, what, text string, words ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(text), " ")
	for _, w := range words {
		if !strings.Contains(flat, w) {
			t.Errorf("%s does not say %q: %.900s", what, w, flat)
		}
	}
}

func TestReportsSayWhatStandsAsOfAnyMoment(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		_, asset, key := furnished(t, h)
		before := h.Clock()
		h.Later(time.Hour)
		second := judged(t, h, asset, "Laptops are lost", 5, 5)

		now := said(t, h, 0, riskreport.Write)
		contains(t, "the report", now, "Risk report", "2 open risks", "Orders cannot be restored", "Laptops are lost", "Very high", "Risk criteria, edition 1", "above appetite", "What the levels mean", "Treated at once; top management decides what runs on until then.")
		then := said(t, h, before, riskreport.Write)
		contains(t, "the report of then", then, "1 open risk", "Orders cannot be restored")
		if strings.Contains(then, "Laptops are lost") {
			t.Error("the report of then knows what came later")
		}
		h.Create(t, "acceptance", map[string]any{"risk": key, "reason": "x", "conditions": "While nobody moves.", "holds_while": []any{"iso27001:2022/A.8.13"}, "valid_until": h.Clock().Time().AddDate(0, 1, 0).Format(time.DateOnly)})
		contains(t, "the signatures", said(t, h, 0, riskreport.Write), "Signatures of risk owners", "While nobody moves; A.8.13 works")
		contains(t, "the plan", said(t, h, 0, riskreport.WritePlan), "Risk treatment plan", "Copies elsewhere", "Cheaper than a second site.", "Nightly copies", "8.13", "1200.00 EUR once", "the supplier has it", "−2")
		contains(t, "the asset's report", said(t, h, 0, func(w io.Writer, v *register.View) error { return riskreport.WriteAsset(w, v, asset) }), "Orders database", key, second, "2 open risks name this asset.", "Copies exist.")
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			var sheet bytes.Buffer
			if err := riskreport.Sheet(&sheet, v, table.CSV); err != nil {
				return err
			}
			if rows := strings.Count(sheet.String(), "\n"); !strings.Contains(sheet.String(), "Laptops are lost") || rows < 3 {
				t.Errorf("the sheet has %d rows: %s", rows, sheet.String())
			}
			return riskreport.PlanSheet(&sheet, v, table.XLSX)
		})
	})
}

// TestALevelIsNamedByTheEditionItIsOf: what was signed by an earlier edition does
// not take a name of the later one.
func TestALevelIsNamedByTheEditionItIsOf(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		system, _, key := furnished(t, h)
		owner := access.Actor{Organisation: h.Org, Name: "person:" + h.People[access.Owner], Person: h.People[access.Owner], Roles: []access.Role{access.Owner}, Proof: access.Proof{Method: access.Password, At: h.Clock()}}
		evaluate := func(stage string, likelihood int) {
			h.Create(t, "risk_evaluation", map[string]any{"risk": key, "stage": stage, "likelihood": likelihood, "rationale": "x", "evaluated_by": owner.Person, "consequences": []any{map[string]any{"type": "availability", "level": 2}}})
		}
		evaluate("inherent", 5) // Medium, 3 of 5
		evaluate("current", 2)
		signed := h.Create(t, "acceptance", map[string]any{"risk": key, "reason": "x", "valid_until": h.Clock().Time().AddDate(0, 1, 0).Format(time.DateOnly)}).Key
		if err := h.Kernel.Write(t.Context(), owner, func(tx *register.Tx) error {
			_, err := tx.Transition("acceptance", signed, 0, "accept", nil, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		later := risk.Template(5, "EUR", 6e6)
		for i, name := range []string{"Calm", "Breeze", "Wind", "Gale", "Storm"} {
			later.Levels[i].Name = name
		}
		approved(t, h, system, later)
		evaluate("current", 2)
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			var sheet bytes.Buffer
			err := riskreport.Sheet(&sheet, v, table.CSV)
			for _, want := range []string{"Medium (edition 1)", "Low (edition 1)", "Calm"} {
				if !strings.Contains(sheet.String(), want) {
					t.Errorf("the sheet does not say %q: %s", want, sheet.String())
				}
			}
			return err
		})
	})
}

// widest are criteria of the largest matrix there can be.
func widest() risk.Criteria {
	c := risk.Template(5, "EUR", 6e6)
	step := func(n int) *float64 { return new(float64(n)) }
	c.Likelihoods, c.Consequences, c.Matrix = nil, nil, nil
	for n := 1; n <= 12; n++ {
		c.Likelihoods = append(c.Likelihoods, risk.Likelihood{Level: step(n), Name: fmt.Sprintf("Likelihood number %d", n)})
		c.Consequences = append(c.Consequences, risk.Consequence{Level: step(n), Name: fmt.Sprintf("Consequence number %d", n)})
		for m := 1; m <= 12; m++ {
			c.Matrix = append(c.Matrix, risk.Cell{Likelihood: step(n), Consequence: step(m), Level: step(min(1+(n+m)/5, 5))})
		}
	}
	return c
}

func TestTheBoardGetsOnePage(t *testing.T) {
	for name, criteria := range map[string]risk.Criteria{"5 by 5": risk.Template(5, "EUR", 6e6), "12 by 12": widest()} {
		t.Run(name, func(t *testing.T) {
			h := producttest.New(t, producttest.Fresh(t))
			_, asset, _ := furnishedBy(t, h, criteria)
			for i := range 14 {
				judged(t, h, asset, fmt.Sprintf("A risk with a title that is as long as people write them when nobody stops them, number %d", i), 1+i%5, 1+i%5)
			}
			var file bytes.Buffer
			h.Look(t, 0, func(v *register.View, _ evidence.Reader) error { return riskreport.WriteBoard(&file, v) })
			contains(t, "the sheet", testserver.PDFText(t, file.Bytes()), "Risks at a glance", "The highest risks", "And 9 risks below.", "Framed: above what is acceptable", "1 of 1")
			if pages := bytes.Count(file.Bytes(), []byte("/Type /Page\n")); pages != 1 {
				t.Errorf("%d pages", pages)
			}
		})
	}
}
