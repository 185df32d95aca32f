// SPDX-License-Identifier: Apache-2.0

package paper_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/interchange/paper"
	"sextant/interchange/table"
	"sextant/internal/testserver"
)

var at = sextant.InstantOf(time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))

var tones = []table.Tone{table.Pass, table.Fail, table.Error, table.Stale, table.NoData, table.Partial, table.FailInGrace, table.Excepted, table.Quiet, table.Plain}

func sample() *paper.Paper {
	p := paper.New(paper.About{Title: "Statement of Applicability", Subtitle: "ISO/IEC 27001:2022 with Amd 1:2024", Organisation: "Northquay", Classification: "Internal", At: at, Draft: true,
		Facts: []paper.Fact{{Label: "Scope", Text: strings.Repeat("Planning and tracking of parcels for shops. ", 8)}, {Label: "Approved by", Text: "Mara Lindqvist"}}})
	p.Heading(1, "What applies")
	p.Text("A *short* text with **bold**, `code`, a [link](https://northquay.example/policy) and\nΑθήνα, Łódź, Київ.\n\n- one\n- two\n  1. inner first\n  2. inner second\n\n> quoted words\n\n| Role | Who |\n|---|---|\n| Manager | Mara |\n\n```\nrestore --all\n```\n\n<script>alert(1)</script>\n\nLast 🦊 words.")
	var rows []paper.Row
	for i := range 120 {
		if i%40 == 0 {
			rows = append(rows, paper.Row{Section: fmt.Sprintf("Theme %d", i/40+1)})
		}
		rows = append(rows, paper.Row{Cells: []paper.Cell{{Text: fmt.Sprintf("A.5.%d", i), Bold: true}, {Text: strings.Repeat("longword", i%5*4) + fmt.Sprintf(" name %d with several words", i)},
			{Text: "state", Tone: tones[i%len(tones)]}, {Text: fmt.Sprint(i)}}})
	}
	rows = append(rows, paper.Row{Cells: []paper.Cell{{Text: "tall"}, {Text: strings.Repeat("very tall cell ", 900) + "END-OF-TALL"}}})
	p.Table(paper.Table{Columns: []paper.Column{{Title: "Control", Share: 1}, {Title: "Title and what it asks", Share: 3}, {Title: "Evidence", Share: 1}, {Title: "Age", Share: 0.6, Right: true}}, Rows: rows})
	p.Legend([]paper.Cell{{Text: "Pass", Tone: table.Pass}, {Text: "Fail", Tone: table.Fail}, {Text: "No data", Tone: table.NoData}})
	p.Heading(2, "Readiness")
	p.Radar(paper.Radar{Title: "Met, by concept", Most: 100, Axes: []paper.Axis{{Label: "Identify", Value: 40, Target: 80, Text: "4 of 10"}, {Label: "Protect", Value: 70, Target: 90}, {Label: "Detect", Value: 20, Target: 60}, {Label: "Respond", Value: 55, Target: 70}, {Label: "Recover", Value: 90, Target: 90}}})
	p.Bar([]paper.Part{{Label: "Met", Count: 40}, {Label: "Partly", Count: 20}, {Label: "Not met", Count: 33}})
	low := 0.0
	p.Bar([]paper.Part{{Label: "High", Count: 2, Heat: new(1.0)}, {Label: "Low", Count: 3, Heat: &low}})
	p.Grid(paper.Grid{Rows: []string{"Often", "Rarely"}, Columns: []string{"Bad", "Worse", "Worst"}, Cells: [][]paper.Square{{{Under: "Low"}, {Text: "7", Under: "High", Heat: 0.75, Framed: true}, {Under: "Peak", Heat: 1}}, {{Under: "Low"}, {Under: "Low"}, {Under: "Middle", Heat: 0.5}}}}, 0.8)
	p.Curve(paper.Curve{Title: "How often more", Line: []paper.Spot{{X: 0, Y: 1}, {X: 0.5, Y: 0.4}, {X: 1, Y: 0}}, Low: []float64{0.9, 0.3, 0}, High: []float64{1, 0.5, 0.1}, X: []paper.Tick{{At: 0, Label: "1 EUR"}, {At: 1, Label: "100 EUR"}}, Y: []paper.Tick{{At: 0, Label: "0 %"}}, Limit: &paper.Spot{X: 0.9, Y: 0.1}, Says: "At most 10 EUR"})
	return p
}

func bytesOf(t testing.TB, p *paper.Paper) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestEqualInputGivesEqualBytes(t *testing.T) {
	if !bytes.Equal(bytesOf(t, sample()), bytesOf(t, sample())) {
		t.Error("two documents of the same input differ")
	}
}

func TestPopplerReadsEveryWord(t *testing.T) {
	text := testserver.PDFText(t, bytesOf(t, sample()))
	flat := regexp.MustCompile(`\s+`).ReplaceAllString(text, "")
	want := []string{"Statement of Applicability", "Northquay", "Scope", "Approved by", "Mara Lindqvist", "Αθήνα, Łódź, Київ.", "bold", "(https://northquay.example/policy)", "inner second", "quoted words", "Role", "restore --all",
		"<script>alert(1)</script>", "Last □ words.", "Theme 3", "END-OF-TALL", "Identify (4 of 10)", "Not met 33", "No data", "DRAFT", "Internal", "High 2", "Often", "Worst", "Peak", "Middle", "How often more", "100 EUR", "At most 10 EUR"}
	for i := range 120 {
		want = append(want, fmt.Sprintf("A.5.%d", i), strings.Repeat("longword", i%5*4)+fmt.Sprintf(" name %d with several words", i))
	}
	for _, w := range want {
		if !strings.Contains(flat, strings.ReplaceAll(w, " ", "")) {
			t.Errorf("%q cannot be found in the document", w)
		}
	}
	if heads := strings.Count(text, "Title and what it asks"); heads < 6 {
		t.Errorf("the head of the table stands on %d pages", heads)
	}
}

func TestNothingIsActive(t *testing.T) {
	for _, word := range []string{"/JavaScript", "/JS", "/Launch", "/Type /EmbeddedFile", "/URI", "/OpenAction"} {
		if bytes.Contains(bytesOf(t, sample()), []byte(word)) {
			t.Errorf("the document holds %s", word)
		}
	}
}

// What people write may be anything; the document is written all the same.
func FuzzText(f *testing.F) {
	f.Add("# a\n\n- b\n\n| c |\n|---|\n| d |", "e")
	f.Add(strings.Repeat("> ", 300)+"deep", "\u202e\x00\U0001f98a")
	f.Fuzz(func(t *testing.T, markdown, cell string) {
		if len(markdown)+len(cell) > 4000 {
			return
		}
		p := paper.New(paper.About{Title: cell, At: at})
		p.Text(markdown)
		p.Table(paper.Table{Columns: []paper.Column{{Title: cell, Share: 1}, {Title: "b", Share: 20}}, Rows: []paper.Row{{Cells: []paper.Cell{{Text: cell}, {Text: markdown}}}}})
		bytesOf(t, p)
	})
}

func BenchmarkStatement(b *testing.B) {
	for b.Loop() {
		bytesOf(b, sample())
	}
}
