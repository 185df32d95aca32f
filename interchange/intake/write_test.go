// SPDX-License-Identifier: Apache-2.0

package intake_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/evidence"
	"sextant/interchange/intake"
	"sextant/interchange/statement"
	"sextant/interchange/table"
	"sextant/internal/testserver"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/soa"
)

// office is a house with a management system.
type office struct {
	*producttest.House
	system string
}

func newOffice(t *testing.T, h *producttest.House) office {
	return office{h, h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key}
}

// read takes a sheet as the house would.
func (o office) read(t *testing.T, data []byte, matches ...string) (r intake.Result) {
	t.Helper()
	f, m := proposed(t, data)
	for _, match := range matches {
		column, field, _ := strings.Cut(match, "=")
		must(t, m.Match(column, intake.Field(field)))
	}
	o.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		ground, err := intake.GroundOf(v, o.system)
		if err == nil {
			r, err = f.Take(m, ground)
		}
		return err
	})
	return r
}

func (o office) bring(t *testing.T, r intake.Result, options intake.Options, dry bool) register.Report {
	t.Helper()
	report, err := intake.Bring(t.Context(), o.Kernel, access.Actor{Organisation: o.Org, Name: "manager", Roles: []access.Role{access.ISMSManager}}, o.system, r, options, dry)
	must(t, err)
	return report
}

func (o office) rows(t *testing.T) map[string]soa.Row {
	t.Helper()
	rows := map[string]soa.Row{}
	o.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		all, err := soa.Rows.All(v)
		for _, row := range all {
			rows[strings.TrimPrefix(row.Fields.Control, "iso27001:2022/")] = row.Fields
		}
		return err
	})
	return rows
}

func (o office) declared(t *testing.T) (list []control.Implementation) {
	t.Helper()
	o.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		all, err := control.Implementations.All(v)
		for _, imp := range all {
			list = append(list, imp.Fields)
		}
		return err
	})
	return list
}

// fates lists rows with what became of them.
func fates(r register.Report) (list []string) {
	for _, o := range r.Outcomes {
		text := fmt.Sprintf("%d %s", o.Row, o.Fate)
		if o.Refusal != nil {
			text += ": " + o.Refusal.Message
		}
		list = append(list, text)
	}
	return list
}

func TestASheetIsWrittenRowByRowAndUndoneAsAWhole(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		h.Write(t, func(tx *register.Tx) error {
			return soa.Decide(tx, o.system, "A.5.3", 0, map[string]any{"applicability": "applicable", "reasons": []string{"business"}, "inclusion_justification": "Kept."}, register.Note{})
		})
		before := o.rows(t)
		data := []byte("Control;Applicable;Reasons;Status;Description of implementation;Owner;Planned date\n" +
			"A.5.1;yes;legal, risk;Implemented;Policy R-01;The owner;\n" +
			"A.5.2;yes;;Implemented;Roles;The owner;\n" + // no reason
			"A.5.3;yes;contractual;Planned;;The owner;\n" + // planned without a date
			"A.5.4;yes;good practice;planned;;owner@example.org;2027-03-01\n" +
			"A.5.5;;;;;;\n" + // says nothing
			"A.5.99;yes;legal;;;;\n" +
			"A.7.6;no;;n/a;;;\n") // no justification
		options := intake.Options{File: "old.csv", Unit: "SU-1"}
		want := []string{"2 created", "3 refused: an applicable control has at least one reason", "4 refused: planned by when?", "5 created", "6 unchanged",
			"7 refused: cell A7: Annex A of the 2022 edition has no A.5.99", "8 refused: an exclusion needs a justification"}
		r := o.read(t, data)
		if got := fates(o.bring(t, r, options, true)); !slices.Equal(got, want) {
			t.Fatalf("dry run\n%q, want\n%q", got, want)
		}
		if got := o.rows(t); len(got) != 1 {
			t.Fatalf("a dry run wrote %d rows", len(got)-1)
		}
		report := o.bring(t, r, options, false)
		if got := fates(report); !slices.Equal(got, want) {
			t.Errorf("written\n%q, want\n%q", got, want)
		}
		rows := o.rows(t)
		if got := rows["A.5.1"]; got.Applicability != "applicable" || !slices.Equal(got.Reasons, []string{"risk_assessment", "legal"}) || got.Owner != h.People[access.Owner] {
			t.Errorf("A.5.1 is %+v", got)
		}
		if got := rows["A.5.3"]; got.Justification() != "Kept." || !slices.Equal(got.Reasons, []string{"business"}) {
			t.Errorf("a refused row was half written: %+v", got)
		}
		if got := o.declared(t); len(got) != 2 || got[0].How != "Policy R-01" || got[1].How != "As stated in old.csv, row 5." || got[1].PlannedOn != "2027-03-01" {
			t.Errorf("declared %+v", got)
		}
		h.Write(t, func(tx *register.Tx) error { _, err := tx.UndoBatch(report.Batch, register.Note{}); return err })
		if got := o.rows(t); len(got) != 1 || got["A.5.3"].Justification() != before["A.5.3"].Justification() || len(o.declared(t)) != 0 {
			t.Errorf("after the undo %+v", got)
		}
	})
}

func TestAMissingColumnLeavesItsFieldAlone(t *testing.T) {
	o := newOffice(t, producttest.New(t, producttest.Fresh(t)))
	o.Write(t, func(tx *register.Tx) error {
		return soa.Decide(tx, o.system, "A.5.1", 0, map[string]any{"applicability": "applicable", "reasons": []string{"legal"}, "inclusion_justification": "A law.", "owner": o.People[access.Owner]}, register.Note{})
	})
	r := o.read(t, []byte("Control,Applicable,Justification\nA.5.1,,Another law.\nA.5.2,yes,\n"))
	o.bring(t, r, intake.Options{Reason: "risk_assessment"}, false)
	rows := o.rows(t)
	if got := rows["A.5.1"]; got.Applicability != "applicable" || !slices.Equal(got.Reasons, []string{"legal"}) || got.Owner == "" || got.Justification() != "Another law." {
		t.Errorf("A.5.1 is %+v", got)
	}
	if got := rows["A.5.2"]; !slices.Equal(got.Reasons, []string{"risk_assessment"}) {
		t.Errorf("the reason for rows that name none: %+v", got)
	}
}

func TestOnlyWhoMayImportIsAnswered(t *testing.T) {
	o := newOffice(t, producttest.New(t, producttest.Fresh(t)))
	r := o.read(t, []byte("Control,Applicable,Reasons\nA.5.1,yes,legal\n"))
	reader := access.Actor{Organisation: o.Org, Name: "r", Roles: []access.Role{access.Reader}}
	for _, dry := range []bool{true, false} {
		if _, err := intake.Bring(t.Context(), o.Kernel, reader, o.system, r, intake.Options{}, dry); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("dry %v: %v", dry, err)
		}
	}
}

// What we export comes back as it is, with columns in any order, whoever saved
// the file in between.
func TestOurOwnExportComesBackUnchanged(t *testing.T) {
	o := decidedOffice(t)
	for name, data := range map[string][]byte{"XLSX": o.export(t, table.XLSX), "CSV": o.export(t, table.CSV), "columns turned round": turned(t, o.export(t, table.XLSX)), "saved by another program": resaved(t, o.export(t, table.XLSX))} {
		o.unchanged(t, name, data)
	}
}

func TestOurOwnExportComesBackUnchangedThroughOpenpyxl(t *testing.T) {
	python := os.Getenv("SEXTANT_TEST_OPENPYXL")
	if python == "" {
		testserver.Missing(t, "SEXTANT_TEST_OPENPYXL names no Python that has openpyxl")
	}
	o := decidedOffice(t)
	o.unchanged(t, "saved by openpyxl", throughPython(t, python, o.export(t, table.XLSX)))
}

func (o office) unchanged(t *testing.T, name string, data []byte) {
	t.Helper()
	report := o.bring(t, o.read(t, data), intake.Options{}, true)
	if report.Counts[register.Unchanged] != 93 || len(report.Outcomes) != 93 {
		t.Errorf("%s: %s\n%v", name, report.Summary(), fates(report)[:5])
	}
}

func (o office) export(t *testing.T, format table.Format) []byte {
	t.Helper()
	var out bytes.Buffer
	o.Look(t, 0, func(v *register.View, e evidence.Reader) error {
		c, err := statement.Current(v, e, o.system)
		if err != nil {
			return err
		}
		return statement.Write(&out, c, statement.Format(format))
	})
	return out.Bytes()
}

// decidedOffice has a statement with a bit of everything.
func decidedOffice(t *testing.T) office {
	t.Helper()
	o := newOffice(t, producttest.New(t, producttest.Fresh(t)))
	o.Create(t, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": "SU-1", "implementation": "partly", "planned_on": "2099-01-01", "how": "Snapshots, daily.", "owner": o.People[access.Owner]})
	o.Write(t, func(tx *register.Tx) error {
		for id, values := range map[string]map[string]any{
			"A.8.13": {"applicability": "applicable", "reasons": []string{"legal", "contractual", "good_practice"}, "inclusion_justification": "=cmd|' /c calc'!A0\nsecond line"},
			"A.5.1":  {"applicability": "applicable", "reasons": []string{"risk_assessment", "business"}},
			"A.7.6":  {"applicability": "not_applicable", "exclusion_justification": "No secure areas; none planned."},
		} {
			if err := soa.Decide(tx, o.system, id, 0, values, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
	return o
}

// turned gives the sheet with its columns in the opposite order.
func turned(t *testing.T, data []byte) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	must(t, err)
	defer f.Close()
	name := f.GetSheetList()[0]
	rows, err := f.GetRows(name)
	must(t, err)
	var back [][]any
	for _, row := range rows {
		turned := make([]any, len(rows[0]))
		for i := range rows[0] {
			if at := len(rows[0]) - 1 - i; at < len(row) {
				turned[i] = row[at]
			}
		}
		back = append(back, turned)
	}
	return workbook(t, nil, back...)
}

func resaved(t *testing.T, data []byte) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	must(t, err)
	defer f.Close()
	var out bytes.Buffer
	must(t, f.Write(&out))
	return out.Bytes()
}

// throughPython opens and saves the file with openpyxl.
func throughPython(t *testing.T, python string, data []byte) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "soa.xlsx")
	must(t, os.WriteFile(path, data, 0o600))
	out, err := exec.Command(python, "-c", "import openpyxl,sys; w=openpyxl.load_workbook(sys.argv[1]); w.save(sys.argv[1])", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	saved, err := os.ReadFile(path)
	must(t, err)
	return saved
}
