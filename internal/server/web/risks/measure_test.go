// SPDX-License-Identifier: Apache-2.0

package risks_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/interchange/riskbook"
	"sextant/interchange/table"
	"sextant/internal/testserver"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

// lookedUp is the matrix of fourBySix, by likelihood and consequence. It is no
// product of its scales: what is rarest and worst stands above what is commonest
// and mildest.
var lookedUp = [][]int{{1, 1, 1, 2, 4, 4}, {1, 1, 2, 3, 4, 4}, {1, 1, 3, 3, 4, 4}, {1, 2, 3, 4, 4, 4}}

var (
	often = []string{"Rare", "Sometimes", "Often", "Always"}
	bad   = []string{"Nil", "Small", "Felt", "Bad", "Grave", "Fatal"}
	tones = []string{"Green", "Yellow", "Amber", "Red"}
)

func level(n int) *float64 { f := float64(n); return &f }

func fourBySix() risk.Criteria {
	c := risk.Criteria{ChangeSummary: "Ours.", ConsequenceTypes: []string{"availability", "legal", "safety"}, AcceptUpTo: level(2), Rule: "1", AssessEvery: "P6M", AssessWhen: "On change."}
	for i, name := range often {
		c.Likelihoods = append(c.Likelihoods, risk.Likelihood{Level: level(i + 1), Name: name, Definition: name})
	}
	for i, name := range bad {
		c.Consequences = append(c.Consequences, risk.Consequence{Level: level(i + 1), Name: name, Definition: name})
	}
	for i, name := range tones {
		c.Levels = append(c.Levels, risk.Level{Level: level(i + 1), Name: name, Meaning: name, MayAccept: "owner", AcceptedFor: "P12M", ReviewEvery: "P6M"})
	}
	for l, row := range lookedUp {
		for k, n := range row {
			c.Matrix = append(c.Matrix, risk.Cell{Likelihood: level(l + 1), Consequence: level(k + 1), Level: level(n)})
		}
	}
	return c
}

// Pages and files follow the scale that is in force, whatever its size: a risk in
// every cell of a matrix of four by six is counted there, and is told at the level
// that is looked up for it, on paper, in sheets and in the workbook.
func TestEverythingFollowsAMatrixOfFourBySixPoppler(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approve(fourBySix())
		levels := map[string]string{}
		for l, row := range lookedUp {
			for c, n := range row {
				key := d.risk(fmt.Sprintf("Orders are %s and it is %s", often[l], bad[c]), nil)
				d.judge(key, "current", l+1, c+1)
				levels[key] = tones[n-1]
			}
		}
		body := d.get(access.Reader, "/risks")
		matrix := body[strings.Index(body, `<table class="riskmatrix`):]
		matrix = matrix[:strings.Index(matrix, "</table>")]
		if rows, cells := strings.Count(matrix, `scope="row"`), strings.Count(matrix, `data-number="1"`); rows != 4 || cells != 24 || strings.Count(matrix, `scope="col"`) != 6 {
			t.Errorf("the matrix has %d rows and %d cells that count", rows, cells)
		}
		d.counts("/risks")
		for key, want := range levels {
			if r := d.of(key); tones[int(*r.Fields.CurrentLevel)-1] != want {
				t.Errorf("%s is %v, want %s", key, *r.Fields.CurrentLevel, want)
			}
		}

		form := d.get(access.ISMSManager, "/risks/evaluate/RSK-1")
		if want := `data-lookup="1 1 1 2 4 4;1 1 2 3 4 4;1 1 3 3 4 4;1 2 3 4 4 4"`; !strings.Contains(form, want) || strings.Count(form, `name="likelihood" value="`) != 4 {
			t.Error("the form that judges looks something else up")
		}
		for kind, rungs := range map[string]int{"availability": 7, "legal": 7, "safety": 7, "financial": 0, "confidentiality": 0} { // one of them is "none"
			if got := strings.Count(form, `name="consequence.`+kind+`"`); got != rungs {
				t.Errorf("%s has %d rungs, want %d", kind, got, rungs)
			}
		}
		d.onPaper(levels)
		d.inSheets(levels)
	})
}

func (d *desk) onPaper(levels map[string]string) {
	d.Helper()
	for _, file := range []string{"risk-report.pdf", "board.pdf"} {
		said := testserver.PDFText(d.T, []byte(d.get(access.Reader, "/risks/reports/"+file)))
		for _, word := range append(append(append([]string{}, often...), bad...), tones...) {
			if !strings.Contains(said, word) {
				d.Errorf("%s does not say %q", file, word)
			}
		}
		if strings.Contains(said, "Very high") {
			d.Errorf("%s has words of another scale", file)
		}
	}
}

// inSheets holds the sheet of the report and the workbook against the levels; the
// workbook read again changes nothing.
func (d *desk) inSheets(levels map[string]string) {
	d.Helper()
	var book bytes.Buffer
	d.Look(d.T, 0, func(v *register.View, _ evidence.Reader) error { return riskbook.Write(&book, v) })
	for what, data := range map[string][]byte{"the report": []byte(d.get(access.Reader, "/risks/reports/risk-report.xlsx")), "the workbook": book.Bytes()} {
		read, err := table.Open(bytes.NewReader(data), table.Limits{})
		if err != nil {
			d.Fatalf("%s: %v", what, err)
		}
		told := 0
		for _, grid := range read.Grids {
			for _, row := range grid.Rows {
				text := ""
				for _, c := range row.Cells {
					text += c.Text + "|"
				}
				for key, tone := range levels {
					if strings.Contains(text, key+"|") && strings.Contains(text, tone) {
						told++
					}
				}
			}
		}
		if told < len(levels) {
			d.Errorf("%s tells %d of %d risks at their level", what, told, len(levels))
		}
	}
	if _, err := riskbook.Read(d.Kernel.Set(), book.Bytes(), nil); err != nil {
		d.Errorf("the workbook cannot be read: %v", err)
	}
}
