// SPDX-License-Identifier: Apache-2.0

package riskfile_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"sextant/interchange/monarc"
	"sextant/interchange/riskfile"
	"sextant/product"
)

func file(t *testing.T, name string) monarc.File {
	t.Helper()
	data, err := os.ReadFile("../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return monarc.File{Name: name, Data: data}
}

func TestAFileIsKnownByWhatItHolds(t *testing.T) {
	set := product.Registers()
	for _, c := range []struct {
		files []monarc.File
		kind  riskfile.Kind
		holds string
	}{
		{[]monarc.File{file(t, "monarc/testdata/analysis-2.12.json")}, riskfile.Analysis, "asset 2"},
		{[]monarc.File{file(t, "monarc/testdata/analysis-2.13.json")}, riskfile.Analysis, "information_risk 3"},
		{[]monarc.File{file(t, "monarc/testdata/mosp-answer.json")}, riskfile.Objects, "threat 2"},
		{[]monarc.File{file(t, "monarc/testdata/mosp-object.json"), file(t, "monarc/testdata/mosp-list.json"), file(t, "monarc/testdata/mosp-one-threat.json")}, riskfile.Objects, "threat"},
		{[]monarc.File{file(t, "riskbook/testdata/vanta-like.csv")}, riskfile.Sheet, "risk 4"},
		{[]monarc.File{{Name: "own.json", Data: []byte(`[{"key": "RSK-1", "title": "Fire"}]`)}}, riskfile.Workbook, "risk 1"},
		{[]monarc.File{{Name: "own.csv", Data: []byte("Key,State,Risk,Category,Units\nRSK-1,,Fire,Cyber,SU-1\n,,Flood,Cyber,SU-1\n")}}, riskfile.Workbook, "risk 2"},
	} {
		f, err := riskfile.Open(set, c.files, riskfile.Options{})
		if err != nil {
			t.Errorf("%s: %v", c.files[0].Name, err)
			continue
		}
		if holds := fmt.Sprint(f.Counts()); f.Kind != c.kind || !strings.Contains(holds, c.holds) {
			t.Errorf("%s is %s with %s", c.files[0].Name, f.Kind, holds)
		}
	}
}

// What a person put a column to before counts where the sheet has it, and gives
// way to what they say now.
func TestWhatWasRememberedGivesWay(t *testing.T) {
	sheet := []monarc.File{{Name: "a.csv", Data: []byte("Risk,Zusatz,Mehr\nFire,a,b\n")}}
	before := map[string]string{"Zusatz": "text", "Anderswo": "title"}
	f, err := riskfile.Open(product.Registers(), sheet, riskfile.Options{Remembered: before})
	if err != nil {
		t.Fatal(err)
	}
	if c := f.Matching.Columns[1]; c.Field != "text" || fmt.Sprint(f.Corrections()) != "map[Zusatz:text]" {
		t.Errorf("%+v, corrected %v", f.Matching.Columns, f.Corrections())
	}
	f, err = riskfile.Open(product.Registers(), sheet, riskfile.Options{Columns: map[string]string{"A": "title", "B": "description", "C": ""}})
	if err != nil || f.Matching.Columns[1].Field != "description" {
		t.Errorf("%+v %v", f.Matching.Columns, err)
	}
	f, err = riskfile.Open(product.Registers(), sheet, riskfile.Options{Columns: map[string]string{"A": "", "B": ""}})
	if err == nil || f == nil || len(f.Matching.Columns) != 3 {
		t.Errorf("a matching that reads nothing comes with its columns: %+v %v", f, err)
	}
}
