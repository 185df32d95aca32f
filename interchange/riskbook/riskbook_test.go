// SPDX-License-Identifier: Apache-2.0

package riskbook_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/interchange/batch"
	"sextant/interchange/desired"
	"sextant/interchange/riskbook"
	"sextant/internal/testserver"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

// desk is a house with criteria in force and an asset.
type desk struct {
	*producttest.House
	manager access.Actor
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newDesk(t *testing.T, h *producttest.House) desk {
	t.Helper()
	person := h.People[access.ISMSManager]
	d := desk{h, access.Actor{Organisation: h.Org, Name: "person:" + person, Person: person, Roles: []access.Role{access.ISMSManager}}}
	system := h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key
	h.Create(t, "asset", map[string]any{"title": "Orders", "type": "database", "scope_units": []any{"SU-1"}})
	c := risk.Template(5, "EUR", 1e6)
	c.ManagementSystem, c.Author, c.Approver = system, person, "PER-1"
	var key string
	h.Write(t, func(tx *register.Tx) error {
		e, err := risk.CriteriaEditions.Create(tx, c, register.Note{})
		key = e.Key
		return err
	})
	top := access.Actor{Organisation: h.Org, Name: "person:PER-1", Person: "PER-1", Roles: []access.Role{access.Admin}, Proof: access.Proof{Method: access.Password, At: h.Clock()}}
	for actor, move := range map[*access.Actor]string{&d.manager: "submit"} {
		must(t, d.move(t, *actor, key, move))
	}
	must(t, d.move(t, top, key, "approve"))
	return d
}

func (d desk) move(t *testing.T, a access.Actor, key, move string) error {
	t.Helper()
	return d.Kernel.Write(t.Context(), a, func(tx *register.Tx) error {
		_, err := tx.Transition("risk_criteria", key, 0, move, nil, register.Note{})
		return err
	})
}

// written is the workbook of the house.
func (d desk) written(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) error { return riskbook.Write(&out, v) })
	return out.Bytes()
}

func (d desk) bring(t *testing.T, data []byte, matches map[string]string, without bool) batch.Report {
	t.Helper()
	book, err := riskbook.Read(d.Kernel.Set(), data, matches)
	must(t, err)
	report, err := batch.Bring(t.Context(), d.Kernel, d.manager, batch.Options{File: "risks", Without: without}, func(b *batch.Batch) error {
		return book.Bring(b, riskbook.Options{Unit: "SU-1", Owner: "PER-1"})
	})
	must(t, err)
	return report
}

const company = `register: risk
key: RSK-1
fields: {title: Orders cannot be restored, approach: asset, assets: [AST-1], properties: [availability], category: continuity, scope_units: [SU-1], owner: PER-1, management_system: MS-1, identified_on: 2026-02-01,
  treating: [{control: iso27001:2022/A.8.13, lowers_likelihood: 1, why: "Nightly; \"tested\""}]}
---
register: risk
key: RSK-2
fields: {title: =SUM(A1) is told to a stranger, approach: event, risk_source: Organised crime, properties: [confidentiality], category: cyber, scope_units: [SU-1], owner: PER-1, management_system: MS-1, identified_on: 2026-02-01}
---
register: risk_evaluation
key: RE-1
fields: {risk: RSK-1, stage: current, likelihood: 4, consequences: [{type: availability, level: 4}, {type: legal, level: 2}], rationale: "Two incidents\nin five years.", confidence: high, evaluated_by: PER-1}
---
register: risk_evaluation
key: RE-2
fields: {risk: RSK-2, stage: current, likelihood: 1, consequences: [{type: confidentiality, level: 2}], rationale: Seldom., confidence: low, evaluated_by: PER-1}
---
register: treatment
key: TRT-1
fields: {title: Restore every month, risks: [RSK-1], options: [modify], option_reason: Cheap., owner: PER-1, due_on: 2099-01-31, cost_once: 1200.50 EUR,
  measures: [{title: Restore into an empty account, control: iso27001:2022/A.8.13, lowers_likelihood: 2}]}
`

// told is what there is of the risks: levels, states and all that is derived.
func (d desk) told(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		for _, name := range []string{"risk", "risk_evaluation", "treatment"} {
			entries, err := v.Select(name)
			if err != nil {
				return err
			}
			for _, e := range entries {
				fmt.Fprintln(&out, e.Key, e.State)
				for _, f := range e.Register.Fields {
					if f.Key != "origin" {
						fmt.Fprintf(&out, "  %s: %v\n", f.Key, e.Doc[f.Key])
					}
				}
			}
		}
		return nil
	})
	return out.String()
}

func (d desk) applied(t *testing.T, dry bool) []register.Step {
	t.Helper()
	wanted, err := desired.Parse("company.yaml", []byte(company))
	must(t, err)
	run := d.Kernel.Write
	if dry {
		run = d.Kernel.Rehearse
	}
	var steps []register.Step
	must(t, run(t.Context(), d.manager, func(tx *register.Tx) (err error) {
		steps, err = tx.Apply("git", wanted, false)
		return err
	}))
	return steps
}

const shuffle = `import sys, openpyxl
src = openpyxl.load_workbook(sys.argv[1]); out = openpyxl.Workbook(); out.remove(out.active)
for ws in reversed(src.worksheets):
    to = out.create_sheet(ws.title); rows = list(ws.iter_rows(values_only=True)); order = list(range(len(rows[0])))[::-1]
    for row in rows: to.append([row[i] for i in order])
    for r in to.iter_rows():
        for c in r:
            if isinstance(c.value, str): c.data_type = 's'
out.save(sys.argv[2])`

// The same company by YAML and by a workbook that another program wrote anew,
// worksheets and columns turned round, gives the same risks, levels and states.
func TestARegisterComesBackByYAMLAndByWorkbookAsTheSame(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		first := newDesk(t, h)
		if steps := first.applied(t, true); len(steps) != 5 || steps[0].Action != "create" {
			t.Fatalf("the plan is %+v", steps)
		}
		first.applied(t, false)
		for _, s := range first.applied(t, false) {
			if s.Action != "keep" {
				t.Errorf("applied again it would %s %s: %+v", s.Action, s.Key, s.Changes)
			}
		}
		told := first.told(t)
		if !strings.Contains(told, "judged_level: 4") || !strings.Contains(told, "appetite: above") {
			t.Fatal(told)
		}
		book := first.written(t)
		if r := first.bring(t, book, nil, false); !r.Written || r.Count(register.Unchanged) != 5 || r.Count(register.Created)+r.Count(register.Updated)+r.Count(register.Refused) != 0 {
			t.Errorf("its own workbook changes it: %+v", r.Parts)
		}

		second := newDesk(t, producttest.New(t, producttest.Fresh(t)))
		r := second.bring(t, turned(t, book), nil, false)
		if !r.Written || r.Count(register.Created) != 5 {
			t.Fatalf("the workbook gave %+v %q", r.Parts, r.Notes)
		}
		if again := second.told(t); again != told {
			t.Errorf("by YAML:\n%s\nby workbook:\n%s", told, again)
		}
	})
}

func turned(t *testing.T, book []byte) []byte {
	t.Helper()
	python := os.Getenv("SEXTANT_TEST_OPENPYXL")
	if python == "" {
		testserver.Missing(t, "SEXTANT_TEST_OPENPYXL names no Python that has openpyxl")
	}
	in, out := filepath.Join(t.TempDir(), "in.xlsx"), filepath.Join(t.TempDir(), "out.xlsx")
	must(t, os.WriteFile(in, book, 0o600))
	if said, err := exec.Command(python, "-c", shuffle, in, out).CombinedOutput(); err != nil { //nolint:gosec // our own script
		t.Fatalf("openpyxl: %v: %s", err, said)
	}
	data, err := os.ReadFile(out)
	must(t, err)
	return data
}

func TestRegistersOfOtherToolsAreMatchedByTheirHeaders(t *testing.T) {
	d := newDesk(t, producttest.New(t, producttest.Fresh(t)))
	sheet := "Nr.;Risikobezeichnung;Was sonst;Kategorie\nR-7;Das Lager brennt;Feuer;physical\nR-8;;;cyber\nR-9;Der Lieferant fällt aus;;Wetter\nR-10;Streik;;people\n"
	r := d.bring(t, []byte(sheet), map[string]string{"Was sonst": "description"}, false)
	if r.Written || r.Count(register.Refused) != 2 || r.Count(register.Created) != 2 {
		t.Fatalf("%+v", r.Parts)
	}
	var said []string
	for _, o := range r.Part("risk").Outcomes {
		if o.Refusal != nil {
			said = append(said, fmt.Sprint(o.Row, " ", o.Refusal))
		}
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "3 ") || !strings.Contains(all, "4 ") || !strings.Contains(all, "Wetter") {
		t.Error(all)
	}
	if r := d.bring(t, []byte(sheet), map[string]string{"Was sonst": "description"}, true); !r.Written {
		t.Fatal("nothing was written")
	}
	if told := d.told(t); !strings.Contains(told, "Das Lager brennt") || !strings.Contains(told, "description: Feuer") || !strings.Contains(told, "external_id: R-7") {
		t.Error(told)
	}
	if r := d.bring(t, []byte(sheet), map[string]string{"Was sonst": "description"}, true); r.Count(register.Unchanged) != 2 {
		t.Errorf("the same again: %+v", r.Parts)
	}
	if _, err := riskbook.Read(d.Kernel.Set(), []byte(sheet), map[string]string{"Was sonst": "current_level"}); err == nil {
		t.Error("a level was imported")
	}
}

func TestFiftyThousandRowsAreReadAndOneMoreIsRefused(t *testing.T) {
	d := producttest.New(t, producttest.Fresh(t))
	var b strings.Builder
	b.WriteString("title,category\n")
	for i := range 50_000 {
		fmt.Fprintf(&b, "Risk %d,cyber\n", i)
	}
	if _, err := riskbook.Read(d.Kernel.Set(), []byte(b.String()), nil); err != nil {
		t.Error(err)
	}
	b.WriteString("One more,cyber\n")
	if _, err := riskbook.Read(d.Kernel.Set(), []byte(b.String()), nil); err == nil || !strings.Contains(err.Error(), "50000") {
		t.Error(err)
	}
}
