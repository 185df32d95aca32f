// SPDX-License-Identifier: Apache-2.0

package riskbook_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/evidence"
	"sextant/interchange/batch"
	"sextant/interchange/heading"
	"sextant/interchange/riskbook"
	"sextant/product"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

var update = flag.Bool("update", false, "write the golden files anew")

// take opens a sheet of another tool by what is proposed and what a person says.
func (d desk) take(t *testing.T, data []byte, matches ...string) (*riskbook.Book, riskbook.Matching) {
	t.Helper()
	f, err := riskbook.Open(d.Kernel.Set(), data)
	must(t, err)
	m, err := f.Propose()
	must(t, err)
	for _, match := range matches {
		header, field, _ := strings.Cut(match, "=")
		must(t, m.Match(header, field))
	}
	book, err := f.Take(m)
	must(t, err)
	return book, m
}

func (d desk) bringOthers(t *testing.T, book *riskbook.Book, o riskbook.Options, dry bool) batch.Report {
	t.Helper()
	report, err := batch.Bring(t.Context(), d.Kernel, d.manager, batch.Options{File: "risks.csv", Dry: dry, Without: true}, func(b *batch.Batch) error { return book.Bring(b, o) })
	must(t, err)
	return report
}

var whole = riskbook.Options{Unit: "SU-1", Due: "2099-12-31"}

// told is what came of a sheet: what each column was taken for, what was refused
// and said, and what there is now.
func (d desk) toldOf(t *testing.T, m riskbook.Matching, r batch.Report) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprintln(&out, "header in row", m.Header)
	for _, c := range m.Columns {
		fmt.Fprintf(&out, "%s %s = %s\n", c.Letter, c.Name(), c.Field)
	}
	for _, p := range r.Parts {
		fmt.Fprintf(&out, "%s: %d created, %d updated, %d unchanged, %d refused\n", p.Register, p.Counts[register.Created], p.Counts[register.Updated], p.Counts[register.Unchanged], p.Counts[register.Refused])
		for _, o := range p.Outcomes {
			if o.Refusal != nil {
				fmt.Fprintf(&out, "  row %d: %s | %s\n", o.Row, o.Refusal.Message, o.Refusal.Hint)
			}
		}
	}
	for _, note := range r.Notes {
		fmt.Fprintln(&out, "note:", note)
	}
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		for _, name := range []string{"risk", "risk_evaluation", "treatment"} {
			entries, err := v.Select(name)
			if err != nil {
				return err
			}
			for _, e := range entries {
				fmt.Fprintln(&out, e.Key, e.State)
				for _, f := range e.Register.Fields {
					if e.Doc[f.Key] != nil && !slices.Contains([]string{"origin", "management_system", "identified_on", "evaluated_on", "criteria", "yardstick", "acceptance", "review_on", "because"}, f.Key) {
						fmt.Fprintf(&out, "  %s: %v\n", f.Key, e.Doc[f.Key])
					}
				}
			}
		}
		return nil
	})
	return out.String()
}

// Sheets as other tools export them come in with their scores, on both stores;
// brought again they change nothing.
func TestRegistersOfOtherToolsCarryTheirScores(t *testing.T) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			producttest.Both(t, func(t *testing.T, h *producttest.House) {
				d := newDesk(t, h)
				data, err := os.ReadFile(file)
				must(t, err)
				book, m := d.take(t, data)
				told := d.toldOf(t, m, d.bringOthers(t, book, whole, false))
				golden := strings.TrimSuffix(file, ".csv") + ".golden"
				if *update {
					must(t, os.WriteFile(golden, []byte(told), 0o600))
				}
				want, err := os.ReadFile(golden)
				must(t, err)
				if diff := cmp.Diff(string(want), told); diff != "" {
					t.Errorf("%s (- as kept, + as it is):\n%s", golden, diff)
				}
				again := d.bringOthers(t, book, whole, false)
				if n := again.Count(register.Created) + again.Count(register.Updated); n != 0 {
					t.Errorf("brought again it changes %d entries: %+v", n, again.Parts)
				}
			})
		})
	}
}

// scored is a sheet with one risk, named after what is said of it.
func scored(likelihood, impact string) string {
	return fmt.Sprintf("Risk,Likelihood,Impact,Owner\n%s with %s,%s,%s,PER-1\n", likelihood, impact, likelihood, impact)
}

// evaluated brings one risk and gives its evaluation, or why there is none.
func (d desk) evaluated(t *testing.T, sheet string, o riskbook.Options) (level string, said []string) {
	t.Helper()
	book, _ := d.take(t, []byte(sheet))
	r := d.bringOthers(t, book, o, false)
	for _, outcome := range r.Part("risk_evaluation").Outcomes {
		if outcome.Refusal != nil {
			said = append(said, outcome.Refusal.Message+" | "+outcome.Refusal.Hint)
		}
	}
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		list, err := risk.Evaluations.All(v)
		for _, e := range list {
			if !slices.ContainsFunc(r.Part("risk").Outcomes, func(o register.Outcome) bool { return o.Key == e.Fields.Risk }) {
				continue
			}
			level = fmt.Sprintf("%v x %v = %s", *e.Fields.Likelihood, *e.Fields.Consequence, e.Fields.LevelName)
		}
		return err
	})
	return level, append(said, r.Notes...)
}

func TestLevelsAreReadByNumberAndNameAndNeverRescaled(t *testing.T) {
	d := newDesk(t, producttest.New(t, producttest.Fresh(t)))
	levels := "1 Unlikely, 2 Rather unlikely, 3 Likely, 4 Very likely, 5 Almost certain"
	for _, c := range []struct{ likelihood, impact, level, says string }{
		{"4", "3", "4 x 3 = Medium", ""},
		{"4.0", "serious", "4 x 3 = Medium", ""},
		{"very-likely", "3 - Serious", "4 x 3 = Medium", ""},
		{"Very likely (4)", "3: Serious", "4 x 3 = Medium", ""},
		{"4/5", "3 of 5", "4 x 3 = Medium", ""},
		{"6", "3", "", `"6" is off the scale of likelihood of RC-1 | its levels are ` + levels},
		{"0", "3", "", `"0" is off the scale`},
		{"2.5", "3", "", `"2.5" is no likelihood of RC-1`},
		{"4/4", "3", "", `"4/4" is on a scale of 4, and RC-1 has 5 levels of likelihood`},
		{"4 - Probable", "3", "", `"4 - Probable" is no likelihood of RC-1, whose level 4 is Very likely`},
		{"Probable", "3", "", `"Probable" is no likelihood of RC-1`},
		{"80 %", "3", "", `"80 %" is off the scale`},
		{"4", "", "", "1 judgements have only one of likelihood and consequence"},
		{"n/a", "tbd", "", ""},
	} {
		level, said := d.evaluated(t, scored(c.likelihood, c.impact), whole)
		if all := strings.Join(said, "\n"); level != c.level || !strings.Contains(all, c.says) {
			t.Errorf("%s with %s: %q, want %q\n%s", c.likelihood, c.impact, level, c.level, all)
		}
	}
}

func TestAPersonSaysWhatAValueMeans(t *testing.T) {
	d := newDesk(t, producttest.New(t, producttest.Fresh(t)))
	o := whole
	o.Consequence = "legal"
	o.Levels = map[riskbook.Said]int{riskbook.Meant(riskbook.Likelihood, "Probable"): 4, riskbook.Meant(riskbook.Consequence, "Bad"): 9}
	if _, said := d.evaluated(t, scored("probable", "bad"), o); !strings.Contains(strings.Join(said, "\n"), `"bad" is off the scale of consequence`) {
		t.Error(said)
	}
	o.Levels[riskbook.Meant(riskbook.Consequence, "Bad")] = 3
	level, said := d.evaluated(t, scored("probable", "bad"), o)
	if level != "4 x 3 = Medium" || !strings.Contains(strings.Join(said, "\n"), `likelihood was read by RC-1: "probable" as 4 Very likely`) {
		t.Error(level, said)
	}
	if told := d.told(t); !strings.Contains(told, "map[level:3 type:legal]") || !strings.Contains(told, `Likelihood "probable", Impact "bad"`) {
		t.Error(told)
	}
	book, _ := d.take(t, []byte(scored("probable", "bad")))
	d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
		seen, err := book.Seen(v, "MS-1", whole)
		if len(seen) != 2 || seen[0].Text != "probable" || seen[0].Level != 0 || seen[0].Count != 1 {
			t.Errorf("%+v", seen)
		}
		return err
	})
}

func TestWithoutCriteriaOrOwnerRisksComeInNotEvaluated(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := desk{h, h.System()}
		h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."})
		level, said := d.evaluated(t, scored("4", "3"), whole)
		if all := strings.Join(said, "\n"); level != "" || !strings.Contains(all, "no risk criteria are in force: 1 judgements are not evaluations and stay as text") {
			t.Error(level, all)
		}
		if told := d.told(t); !strings.Contains(told, "- Likelihood: 4\n- Impact: 3") {
			t.Error(told)
		}
	})
	d := newDesk(t, producttest.New(t, producttest.Fresh(t)))
	level, said := d.evaluated(t, "Risk,Likelihood,Impact\nFire,4,3\n", whole)
	if level != "" || !strings.Contains(strings.Join(said, "\n"), "1 judgements are not evaluations: their risks have no risk owner") {
		t.Error(level, said)
	}
}

// A German list as people keep it in Excel: a title, a header of two rows with
// merged cells, a heading across the sheet, merged categories and a formula.
func TestAGermanExcelListIsRead(t *testing.T) {
	d := newDesk(t, producttest.New(t, producttest.Fresh(t)))
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range [][]any{
		{"Risikoregister Hafen"}, {},
		{"Lfd. Nr.", "Gefährdung", "Kategorie", "Bruttorisiko", nil, nil, "Restrisiko", nil, nil, "Risikoverantwortlicher"},
		{nil, nil, nil, "Eintrittswahrscheinlichkeit", "Schadensausmaß", "Wert", "EW", "Wahrscheinlichkeit", "Auswirkung"},
		{"1. Gebäude"},
		{1, "Brand im Lager", "Physisch", 3, 5, nil, nil, "2 Rather unlikely", "Critical", "Mara Lindqvist"},
		{2, "Sturmflut", nil, 2, 5, nil, nil, 2, 4, "Mara Lindqvist"},
	} {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		must(t, f.SetSheetRow("Sheet1", cell, &row))
	}
	must(t, f.SetCellFormula("Sheet1", "F6", "D6*E6"))
	for _, merged := range [][2]string{{"D3", "F3"}, {"G3", "I3"}, {"A5", "J5"}, {"C6", "C7"}} {
		must(t, f.MergeCell("Sheet1", merged[0], merged[1]))
	}
	var out bytes.Buffer
	must(t, f.Write(&out))
	book, m := d.take(t, out.Bytes())
	r := d.bringOthers(t, book, whole, false)
	told := d.toldOf(t, m, r)
	for _, want := range []string{"header in row 4", "D Bruttorisiko: Eintrittswahrscheinlichkeit = inherent.likelihood", "I Restrisiko: Auswirkung = residual.consequence", "A Lfd. Nr. = external_id",
		"risk: 2 created", "risk_evaluation: 4 created", "1 rows are headings across the sheet", "Sturmflut", "residual judgements are what risk owners are asked to accept"} {
		if !strings.Contains(told, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.Count(told, "category: physical") != 2 {
		t.Error("a merged category does not count for both rows")
	}
	if t.Failed() {
		t.Log(told)
	}
}

func TestAMatchingThatReadsNothingIsRefused(t *testing.T) {
	d := newDesk(t, producttest.New(t, producttest.Fresh(t)))
	f, err := riskbook.Open(d.Kernel.Set(), []byte("Was kann passieren,Spalte X\nFeuer,1\n"))
	must(t, err)
	m, err := f.Propose()
	must(t, err)
	if len(m.Columns) != 2 || m.Columns[0].Examples[0] != "Feuer" {
		t.Errorf("the columns are %+v", m.Columns)
	}
	if _, err := f.Take(m); err == nil || !strings.Contains(err.Error(), "no column says what the risk is") {
		t.Error(err)
	}
	for _, wrong := range [][2]string{{"Spalte Y", "title"}, {"Spalte X", "colour"}, {"Spalte X", "current.colour"}, {"Spalte X", "inherent.likelihood.legal"}} {
		if err := m.Match(wrong[0], wrong[1]); err == nil {
			t.Errorf("%v was accepted", wrong)
		}
	}
	must(t, m.Match("Was kann passieren", "title"))
	must(t, m.Match("B", "likelihood"))
	if c, _ := m.Of("current.likelihood"); c.Letter != "B" {
		t.Errorf("%+v", m)
	}
}

// FuzzSheet: whatever bytes come, the answer is rows, or an error a person can
// read; nothing panics.
func FuzzSheet(f *testing.F) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	set := product.Registers()
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := riskbook.Open(set, data)
		if err == nil && !file.Own() {
			var m riskbook.Matching
			if m, err = file.Propose(); err == nil {
				_, err = file.Take(m)
			}
		}
		if code := sextant.CodeOf(err); err != nil && code != sextant.Invalid && code != sextant.TooLarge {
			t.Fatalf("refused with %s: %v", code, err)
		}
	})
}

// One undo takes a file back with its judgements, but not a judgement that
// somebody has signed for since, nor what they changed.
func TestOneUndoTakesAFileBack(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		data, err := os.ReadFile("testdata/deutsche-liste.csv")
		must(t, err)
		book, _ := d.take(t, data)
		undo := func(of string) (r register.Report) {
			must(t, d.Kernel.Write(t.Context(), d.manager, func(tx *register.Tx) (err error) { r, err = tx.UndoBatch(of, register.Note{}); return err }))
			return r
		}
		if r := undo(d.bringOthers(t, book, whole, false).Batch); r.Counts[register.Refused] > 0 {
			t.Errorf("%+v", r.Outcomes)
		}
		if told := d.told(t); told != "" {
			t.Errorf("it left %s", told)
		}
		r := d.bringOthers(t, book, whole, false)
		made := func(name string) []register.Outcome {
			return slices.DeleteFunc(slices.Clone(r.Part(name).Outcomes), func(o register.Outcome) bool { return o.Key == "" })
		}
		signed, changed := made("risk_evaluation")[1], made("risk")[3]
		h.Create(t, "acceptance", map[string]any{"risk": made("risk")[0].Key, "evaluation": signed.Key, "valid_until": h.Clock().Time().AddDate(0, 6, 0).Format("2006-01-02"), "reason": "Insured."})
		d.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("risk", changed.Key, 0, map[string]any{"description": "Seen to."}, register.Note{})
			return err
		})
		var said []string
		for _, o := range undo(r.Batch).Outcomes {
			if o.Refusal != nil {
				said = append(said, o.Refusal.Message)
			}
		}
		if all := strings.Join(said, "\n"); !strings.Contains(all, signed.Key+" is referred to by ACC-1 already") || !strings.Contains(all, changed.Key+" was changed again since") || len(said) > 4 {
			t.Error(all)
		}
	})
}

// A word in two lists of a vocabulary would mean either, as chance has it.
func TestNoWordMeansTwoThings(t *testing.T) {
	data, err := os.ReadFile("words.yaml")
	must(t, err)
	var file map[string]any
	must(t, yaml.Unmarshal(data, &file))
	values, _ := file["values"].(map[string]any)
	for _, name := range []string{"headers", "judged", "stages", "types", "options"} {
		values[name] = file[name]
	}
	for name, lists := range values {
		means := map[string]string{}
		lists, _ := lists.(map[string]any)
		for meaning, list := range lists {
			list, _ := list.([]any)
			for _, word := range list {
				plain := heading.Plain(fmt.Sprint(word))
				if other := means[plain]; other != "" && other != meaning {
					t.Errorf("%s: %q is both %s and %s", name, word, other, meaning)
				}
				means[plain] = meaning
			}
		}
	}
}
