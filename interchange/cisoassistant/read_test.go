// SPDX-License-Identifier: Apache-2.0

package cisoassistant_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sextant"
	"sextant/interchange/cisoassistant"
	"sextant/library"
)

// fixture reads a library of our own, written to have one quirk.
func fixture(t *testing.T, name string) (*library.Content, *library.Report) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return read(t, string(data))
}

func read(t *testing.T, text string) (*library.Content, *library.Report) {
	t.Helper()
	c, r, err := cisoassistant.Read("quirk.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c, r
}

func TestEveryQuirkOfTheField(t *testing.T) {
	for _, q := range []struct {
		file    string
		counts  library.Counts
		remarks map[library.Code]int // every one there is
	}{
		{"plain", library.Counts{Frameworks: 1, Nodes: 4, Assessable: 2, Controls: 1, Threats: 1}, nil},
		{"plural-keyed", library.Counts{Frameworks: 2, Nodes: 3, Assessable: 3, Controls: 2, Threats: 1, RiskMatrices: 1}, nil},
		{"urns-in-any-case", library.Counts{Frameworks: 1, Nodes: 3, Assessable: 1, MappingSets: 1, Mappings: 1}, map[library.Code]int{library.DuplicateURN: 1, library.DuplicatePair: 1}},
		{"questions-by-urn", library.Counts{Frameworks: 1, Nodes: 3, Assessable: 3, Questions: 5}, nil},
		{"evidence-text-or-list", library.Counts{Frameworks: 1, Nodes: 3, Assessable: 3, Controls: 2}, nil},
		{"scores-list-or-object", library.Counts{Frameworks: 3, Nodes: 3, Assessable: 3}, nil},
		{"missing-ids-and-depth", library.Counts{Frameworks: 1, Nodes: 6, Assessable: 4}, map[library.Code]int{library.MissingURN: 2, library.MissingRefID: 2, library.DepthDiffers: 2, library.MissingParent: 1}},
		{"a-circle", library.Counts{Frameworks: 1, Nodes: 3, Assessable: 0}, map[library.Code]int{library.ParentLoop: 1, library.DepthDiffers: 1}},
		{"mappings", library.Counts{MappingSets: 1, Mappings: 4}, map[library.Code]int{library.DuplicatePair: 2, library.MissingEnd: 1, library.UnknownKind: 1, library.StrengthOut: 1, library.NotAsExpected: 1}},
		{"matrix", library.Counts{RiskMatrices: 1}, map[library.Code]int{library.GridOut: 3}},
		{"what-is-left-out", library.Counts{Threats: 1}, map[library.Code]int{library.UnknownObject: 2, library.UnknownField: 2, library.NotAsExpected: 1}},
		{"unknown-references", library.Counts{Frameworks: 1, Nodes: 1, Assessable: 1, Controls: 1}, map[library.Code]int{library.UnknownReference: 1}},
	} {
		t.Run(q.file, func(t *testing.T) {
			c, r := fixture(t, q.file)
			if got := c.Counts(); got != q.counts {
				t.Errorf("counted %+v, want %+v", got, q.counts)
			}
			for _, k := range r.Remarks {
				if k.Count != q.remarks[k.Code] {
					t.Errorf("%s, want %d: %q", k, q.remarks[k.Code], k.Examples)
				}
			}
			for code, want := range q.remarks {
				if got := r.Count(code); got != want {
					t.Errorf("%s: %d, want %d", code.Says(), got, want)
				}
			}
		})
	}
}

func TestAVersionStaysAsItIsWritten(t *testing.T) {
	for _, version := range []string{"1.10", `"1.10"`, "7", `'7'`, "2024-03-01"} {
		c, _ := read(t, "urn: urn:x\nname: X\nversion: "+version+"\nobjects: {threat: {name: Flood, urn: urn:t:1}}")
		if want := strings.Trim(version, `"'`); c.Version != want {
			t.Errorf("%s is read as %q", version, c.Version)
		}
	}
}

func TestATreeIsLaidOutParentsFirst(t *testing.T) {
	c, _ := fixture(t, "missing-ids-and-depth")
	var got []string
	for _, n := range c.Frameworks[0].Nodes {
		got = append(got, fmt.Sprintf("%d %s < %s", n.Depth, n.ID, n.Parent))
	}
	want := []string{"1 a < ", "2 a.2 < a", "3 node-4 < a.2", "2 a.1 < a", "1 b.9 < ", "1 node-6 < "}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAScaleIsReadInEveryForm(t *testing.T) {
	c, _ := fixture(t, "scores-list-or-object")
	for i, f := range c.Frameworks {
		if len(f.Scores) != 2 || f.Scores[0].Value != "0" || f.Scores[0].Name != "Nothing" || f.Scores[1].Value != "1" || f.Scores[1].Name != "Something" {
			t.Errorf("framework %d: %+v", i, f.Scores)
		}
	}
}

func TestQuestionsAndEvidenceAreReadInEveryForm(t *testing.T) {
	c, _ := fixture(t, "questions-by-urn")
	for _, n := range c.Frameworks[0].Nodes {
		for _, q := range n.Questions {
			if q.Text == "" || q.URN == "" || q.Type != "unique_choice" || len(q.Choices) != 2 || q.Choices[0].Value != "Yes" || q.Choices[1].Value != "No" {
				t.Errorf("%s: %+v", n.RefID, q)
			}
		}
	}
	c, _ = fixture(t, "evidence-text-or-list")
	for _, n := range c.Frameworks[0].Nodes[:2] {
		if !reflect.DeepEqual(n.Evidence, []string{"The register of visitors"}) {
			t.Errorf("%s: %q", n.RefID, n.Evidence)
		}
	}
	if got := c.Controls[1].Evidence; len(got) != 2 {
		t.Errorf("a list of two is %q", got)
	}
}

func TestAMatrixKeepsWhatItKnows(t *testing.T) {
	c, _ := fixture(t, "matrix")
	m := c.Matrices[0]
	if want := [][]int{{0, 1}, {-1, -1}, {1, -1}}; !reflect.DeepEqual(m.Grid, want) {
		t.Errorf("the grid is %v, want %v", m.Grid, want)
	}
	if m.Risk[0].Colour != "#00ff00" || m.Risk[1].Colour != "" {
		t.Errorf("colours %q and %q", m.Risk[0].Colour, m.Risk[1].Colour)
	}
}

func TestWhatIsUnsafeOrNoLibraryIsRefused(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'h'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for what, c := range map[string]struct {
		text string
		code sextant.Code
		says string
	}{
		"an alias bomb":            {bomb, sextant.TooLarge, "aliases written out"},
		"depth":                    {"objects: " + strings.Repeat("[", 200) + strings.Repeat("]", 200), sextant.TooLarge, "deeper"},
		"depth by aliases":         {chained(), sextant.TooLarge, "deeper"},
		"something within itself":  {"objects: &a [*a]", sextant.Invalid, "itself"},
		"size":                     {"objects: " + strings.Repeat("x", 17<<20), sextant.TooLarge, "MiB"},
		"many small values":        {"objects: [" + strings.Repeat("x,", 1_200_000) + "]", sextant.TooLarge, "values"},
		"nothing":                  {"", sextant.Invalid, "empty"},
		"a spreadsheet":            {"PK\x03\x04\x00\x00\xff\xfe", sextant.Invalid, "UTF-8"},
		"a list":                   {"- a\n- b", sextant.Invalid, "no objects"},
		"objects that are a text":  {"urn: urn:x\nobjects: hello", sextant.Invalid, "no objects"},
		"broken YAML":              {"objects: {framework: [", sextant.Invalid, "no YAML"},
		"two libraries":            {"objects: {}\n---\nobjects: {}", sextant.Invalid, "more than one"},
		"nothing that can be used": {"urn: urn:x\nobjects: {preset: {steps: []}}", sextant.Invalid, "preset"},
	} {
		_, _, err := cisoassistant.Read("quirk.yaml", []byte(c.text))
		if sextant.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "quirk.yaml") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// chained is deep only where its aliases are written out.
func chained() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x]\n")
	for i := 1; i < 100; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d]\n", i, i, i-1)
	}
	return b.String()
}

// A merged mapping and an alias are what they stand for.
func TestAliasesAreWrittenOut(t *testing.T) {
	c, r := read(t, `
urn: urn:x
name: X
objects:
  threats:
  - &flood {urn: urn:t:1, name: Flood, description: Water.}
  - {<<: *flood, urn: urn:t:2}
  - *flood
`)
	if len(c.Threats) != 2 || c.Threats[1].Name != "Flood" || c.Threats[1].URN != "urn:t:2" || r.Count(library.DuplicateURN) != 1 {
		t.Errorf("%+v, %+v", c.Threats, r.Remarks)
	}
}

func TestIdsCanStandInAReference(t *testing.T) {
	c, _ := read(t, `
urn: urn:x
name: X
objects:
  framework:
    urn: urn:f
    requirement_nodes:
    - {urn: 'urn:a:req:A.5.1', assessable: true, depth: 1}
    - {urn: 'urn:b:req:a.5.1', assessable: true, depth: 1}
    - {urn: 'urn:a:Größe_der_Öffnung!', assessable: true, depth: 1}
    - {urn: 'urn:a:`+strings.Repeat("long", 60)+`', assessable: true, depth: 1}
    - {urn: 'urn:a:`+strings.Repeat("long", 61)+`', assessable: true, depth: 1}
    - {urn: 'urn:a:!!', assessable: true, depth: 1}
`)
	seen := map[string]bool{}
	for _, n := range c.Frameworks[0].Nodes {
		if strings.Trim(n.ID, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" || n.ID == "" || len(n.ID) > 100 || seen[n.ID] {
			t.Errorf("the id of %s is %q", n.URN, n.ID)
		}
		seen[n.ID] = true
	}
}
