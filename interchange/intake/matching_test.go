// SPDX-License-Identifier: Apache-2.0

package intake_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sextant/framework"
	"sextant/interchange/intake"
	"sextant/interchange/table"
)

func TestAPersonCorrectsTheMatching(t *testing.T) {
	data := workbook(t, nil, []any{"Ref", "What", "In?", "Applicable", "Zusatz"}, []any{"A.5.1", "Policies", "yes", "no", "law"}, []any{"A.5.2", "Roles", "yes", "no", "law"})
	r := taken(t, data, "In?=applicable", "E=reasons", "B=title")
	if len(r.Rows) != 2 || r.Rows[0].Applicability != "applicable" || !slices.Equal(r.Rows[1].Reasons, []string{"legal"}) {
		t.Errorf("%+v", r.Rows)
	}
	if got := r.Unmatched(); !slices.Equal(got, []string{"Applicable"}) {
		t.Errorf("the column that lost its field is listed: %v", got)
	}
	_, m := proposed(t, data)
	for _, wrong := range [][2]string{{"Nothing", "title"}, {"Ref", "colour"}} {
		if err := m.Match(wrong[0], intake.Field(wrong[1])); err == nil {
			t.Errorf("%v was accepted", wrong)
		}
	}
	f, m := proposed(t, data)
	if err := m.Match("Ref", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Take(m, ground()); err == nil || !strings.Contains(err.Error(), "no column holds the ids") {
		t.Errorf("without ids: %v", err)
	}
}

func TestAFileWithoutControlsIsRefusedAndSaysWhatIsNeeded(t *testing.T) {
	f, err := intake.Open(strings.NewReader("Name,Colour\nLaptop,red\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Propose(); err == nil || !strings.Contains(err.Error(), "A.5.1") {
		t.Errorf("got %v", err)
	}
}

// Every control of both editions is found, however its id is written.
func TestEveryIDIsFoundHoweverItIsWritten(t *testing.T) {
	for edition, ids := range map[intake.Edition][]string{intake.Edition2022: ids2022(), intake.Edition2013: ids2013()} {
		for name, write := range map[string]func(string) string{
			"as it is": func(id string) string { return id }, "without the A": func(id string) string { return id[2:] }, "with a blank": func(id string) string { return "A " + id[2:] },
			"joined": func(id string) string { return "A" + id[2:] }, "with its title": func(id string) string { return id + " Some title, (with) 12 things" }, "with a colon": func(id string) string { return id + ": title" },
			"with a dot": func(id string) string { return id + "." }, "with a line": func(id string) string { return id + "\nTitle" }, "in small letters": strings.ToLower,
			"with the standard": func(id string) string { return "ISO/IEC 27001:20" + string(edition)[2:] + " " + id }, "with the annex": func(id string) string { return "Annex " + id }, "padded": func(id string) string { return "  " + id + "\u00a0" },
		} {
			var csv strings.Builder
			csv.WriteString("Control;Applicable\n")
			for _, id := range ids {
				fmt.Fprintf(&csv, "\"%s\";yes\n", write(id))
			}
			r := taken(t, []byte(csv.String()))
			var got []string
			for _, row := range r.Rows {
				got = append(got, row.ID)
			}
			if r.Edition != edition || !slices.Equal(got, ids) {
				t.Errorf("%s, %s: edition %s, %d of %d rows, refused %v", edition, name, r.Edition, len(got), len(ids), r.Refused)
			}
		}
	}
}

func ids2022() (ids []string) {
	for _, c := range framework.Controls() {
		ids = append(ids, c.ID)
	}
	return ids
}

func ids2013() (ids []string) {
	for _, c := range framework.Controls2013() {
		ids = append(ids, c.ID)
	}
	return ids
}

// Fifty thousand rows, most of them wrong: each is named.
func TestFiftyThousandRowsAreEachNamed(t *testing.T) {
	const rows = 49_999
	columns := []table.Column{{Key: "id", Label: "Control"}, {Key: "title", Label: "Title"}, {Key: "applies", Label: "Applicable"}, {Key: "status", Label: "Status"}}
	controls := framework.Controls()
	sheet := table.Sheet{Name: "SoA", Columns: columns, Rows: func(yield func([]any, error) bool) {
		for i := range rows {
			c := controls[i%len(controls)]
			if !yield([]any{c.ID, c.Title, "yes", "implemented"}, nil) {
				return
			}
		}
	}}
	var file bytes.Buffer
	if err := sheet.WriteXLSX(&file); err != nil {
		t.Fatal(err)
	}
	r := taken(t, file.Bytes())
	refused := map[int]bool{}
	for _, refusal := range r.Refused {
		refused[refusal.Row] = true
	}
	if len(r.Rows) != 93 || len(refused) != rows-93 {
		t.Errorf("%d rows taken, %d refused", len(r.Rows), len(refused))
	}
}

func FuzzSheet(f *testing.F) {
	for _, data := range awful(f) {
		f.Add(data)
	}
	f.Add([]byte("Control,Applicable,Planned\nA.5.1,yes,46380\n5.1,x,\nA.5.1.1,?,Q4\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := intake.Open(bytes.NewReader(data))
		if err != nil {
			return
		}
		m, err := file.Propose()
		if err != nil {
			return
		}
		for _, m.Edition = range []intake.Edition{intake.Edition2013, intake.Edition2022} {
			r, err := file.Take(m, ground())
			if err != nil {
				if err.Error() == "" {
					t.Fatal("an error says something")
				}
				continue
			}
			fates := map[int]int{}
			for _, row := range r.Rows {
				if fates[row.Row]++; row.Reference == "" {
					t.Fatalf("row %d names no control", row.Row)
				}
			}
			for _, refusal := range r.Refused {
				if fates[refusal.Row] == 1 || refusal.Reason == "" || refusal.Fix == "" {
					t.Fatalf("row %d is taken and refused, or says not why: %+v", refusal.Row, refusal)
				}
			}
			_ = told(r)
		}
	})
}
