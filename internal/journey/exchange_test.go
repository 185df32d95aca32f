// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sextant/internal/testserver"
)

// sextant runs a command on the company's data while the server runs.
func (h *house) sextant(args ...string) string {
	h.t.Helper()
	return command(h.t, append(args, h.where...)...)
}

// Registers that stand before risks, and those of the risks, in the order in
// which one names another.
var (
	beforeRisks = []string{"asset", "risk_criteria", "risk_assessment"}
	ofRisks     = []string{"risk", "risk_evaluation", "treatment"}
)

// comesBack takes the company out as a workbook and as YAML, and brings each into
// a company that has nothing but its people: both have the same risks, levels,
// states, treatments and figures.
func (c *assessment) comesBack(t *testing.T, begin beginning) {
	t.Helper()
	folder := t.TempDir()
	for _, part := range [][]string{beforeRisks, ofRisks} {
		for i, name := range part {
			to := filepath.Join(folder, part[0], fmt.Sprintf("%d-%s.yaml", i, name))
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				t.Fatal(err)
			}
			c.sextant("export", name, "-o", to)
		}
	}
	book := filepath.Join(folder, "risks.xlsx")
	c.sextant("risk", "workbook", "-o", book)
	want := c.figures(t)
	for way, args := range map[string][]string{"the workbook": {"import", "risks", book, "--yes"}, "YAML": {"apply", filepath.Join(folder, "risk")}} {
		h, link := begin()
		d := staffed(t, h, link)
		d.sextant("apply", filepath.Join(folder, "asset"))
		d.inForce()
		d.sextant(args...)
		for what, is := range d.figures(t) {
			if is != want[what] {
				t.Errorf("by %s %s differs: %s", way, what, firstDifference(want[what], is))
			}
		}
	}
}

// derivedOtherwise are fields that say when and how an entry came to be.
var derivedOtherwise = []string{"version", "changed_at", "annex_a_compared_on", "annex_a_compared_by"}

var moment = regexp.MustCompile(`\d\d? \w+ 20\d\d, \d\d:\d\d UTC`)

// figures is what there is of the risks: each entry as people wrote it and with
// all that the program derives, the lists of reports, and the board sheet.
func (c *assessment) figures(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range ofRisks {
		all[name+" as written"] = c.sextant("export", name, "--format", "yaml")
		var list []map[string]any
		if err := json.Unmarshal([]byte(c.sextant("export", name, "--format", "json")), &list); err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, e := range list {
			for _, key := range slices.Sorted(maps.Keys(e)) {
				if !slices.Contains(derivedOtherwise, key) {
					lines = append(lines, fmt.Sprint(e["key"], " ", key, ": ", e[key]))
				}
			}
		}
		all[name] = strings.Join(lines, "\n")
	}
	all["the report"] = c.sextant("risk", "report", "--format", "csv")
	all["the plan"] = c.sextant("risk", "plan", "--format", "csv")
	sheet := filepath.Join(t.TempDir(), "board.pdf")
	c.sextant("risk", "board", "-o", sheet)
	data, err := os.ReadFile(sheet)
	if err != nil {
		t.Fatal(err)
	}
	all["the board sheet"] = moment.ReplaceAllString(testserver.PDFText(t, data), "")
	if len(all["risk"]) < 10_000 || !strings.Contains(all["risk"], "appetite: above") || !strings.Contains(all["the plan"], "TRT-1") || !strings.Contains(all["the board sheet"], "above appetite") {
		t.Fatalf("there is too little to compare: %+v", all)
	}
	return all
}

// firstDifference is the first line that differs, with the one before it.
func firstDifference(was, is string) string {
	a, b := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d, after %q: %q became %q", i+1, a[max(0, i-1)], a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines became %d", len(a), len(b))
}
