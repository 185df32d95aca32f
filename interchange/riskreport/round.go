// SPDX-License-Identifier: Apache-2.0

// Package riskreport writes what is told of risks: the report of an assessment,
// kept as it was when it was approved; the risk report, the treatment plan and
// one page for the board, as of any moment; what bears on one asset; and what
// differs between two moments, in sentences. It judges nothing: every level is
// one that people judged or the program kept.
package riskreport

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sextant"
	"sextant/interchange/paper"
	"sextant/interchange/table"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
)

const spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Render is the register.Renderer of assessments: report and sheet of the
// results, as they stand when one is approved.
func Render(v *register.View, e register.Entry) ([]register.Rendered, error) {
	a, err := register.As[risk.Assessment](e)
	if err != nil {
		return nil, err
	}
	var report, sheet bytes.Buffer
	if err := WriteRound(&report, v, a); err != nil {
		return nil, err
	}
	if err := RoundSheet(&sheet, v, a, table.XLSX); err != nil {
		return nil, err
	}
	name := "Risk assessment " + a.Key + " " + a.Title()
	return []register.Rendered{{Name: register.SafeName(name + ".pdf"), MediaType: "application/pdf", Content: report.Bytes()},
		{Name: register.SafeName(name + ".xlsx"), MediaType: spreadsheet, Content: sheet.Bytes()}}, nil
}

// WriteRound writes the report of an assessment as PDF.
func WriteRound(w io.Writer, v *register.View, a register.Of[risk.Assessment]) error {
	f := a.Fields
	p := paper.New(paper.About{Title: f.Title, Subtitle: "Risk assessment " + a.Key, Organisation: company(v), At: a.At, Draft: a.State != risk.Approved, Facts: roundFacts(v, f)})
	if f.Conclusion != "" {
		p.Heading(1, "What was concluded")
		p.Text(f.Conclusion)
	}
	p.Heading(1, "Results")
	p.Text(fmt.Sprintf("%d risks were looked at. Levels are ordinal: they were judged and looked up by %s, and are never averaged.", len(f.Results), criteriaTitle(v, f.Criteria)))
	p.Bar(byLevel(f.Results))
	t := paper.Table{Columns: []paper.Column{{Title: "Risk", Share: 4.4}, {Title: "Risk owner", Share: 1.8}, {Title: "Likelihood", Share: 1.6}, {Title: "Consequence", Share: 1.6}, {Title: "Level", Share: 1.3}, {Title: "Before", Share: 1.6}}}
	for _, r := range f.Results {
		t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: r.Risk + " " + r.Title}, {Text: person(v, r.Owner)}, {Text: orDash(r.Likelihood)}, {Text: orDash(r.Consequence)}, {Text: orDash(r.LevelName), Bold: true}, {Text: orDash(r.Before), Muted: true}}})
	}
	p.Table(t)
	if err := roundCompared(p, v, a); err != nil {
		return err
	}
	return p.Write(w)
}

func roundFacts(v *register.View, f risk.Assessment) []paper.Fact {
	trigger, _ := risk.Assessments.Field("trigger")
	facts := []paper.Fact{{Label: "Reason", Text: trigger.ValueLabel(f.Trigger)}, {Label: "Units", Text: names(v, "scope_unit", f.ScopeUnits)}, {Label: "Measured by", Text: criteriaTitle(v, f.Criteria)}}
	if f.StartedOn != "" {
		facts = append(facts, paper.Fact{Label: "Held", Text: strings.TrimSuffix(f.StartedOn+" to "+f.CompletedOn, " to ")})
	}
	return append(facts, paper.Fact{Label: "Participants", Text: names(v, "person", f.Participants)}, paper.Fact{Label: "Owner", Text: person(v, f.Owner)}, paper.Fact{Label: "Approver", Text: person(v, f.Approver)})
}

// byLevel counts results by the name of their level, the highest first.
func byLevel(results []risk.Result) (parts []paper.Part) {
	counts, names, top := map[int]int{}, map[int]string{}, 0
	for _, r := range results {
		n := risk.Whole(r.Level)
		counts[n]++
		names[n], top = r.LevelName, max(top, n)
	}
	for n := top; n >= 1; n-- {
		if counts[n] > 0 {
			parts = append(parts, paper.Part{Label: names[n], Count: counts[n]})
		}
	}
	if counts[0] > 0 {
		parts = append(parts, paper.Part{Label: "Not in levels", Count: counts[0]})
	}
	return parts
}

func roundCompared(p *paper.Paper, v *register.View, a register.Of[risk.Assessment]) error {
	before, err := risk.RoundBefore(v, a)
	if sextant.CodeOf(err) == sextant.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	p.Heading(1, "Against "+before.Title())
	if before.Fields.Criteria != a.Fields.Criteria {
		p.Note("The two were made by different criteria; levels of one do not compare with levels of the other.")
	}
	same, other := 0, 0
	for _, m := range risk.CompareRounds(before, a) {
		switch {
		case m.Change == risk.RoundSame:
			same++
			continue
		case m.Change == risk.RoundByOther && before.Fields.Criteria != a.Fields.Criteria:
			other++
			continue
		}
		p.Text("- " + m.Says())
	}
	if other > 0 {
		p.Text(number(other, "risk") + " of both " + isAre(other) + " not compared.")
	}
	if same > 0 {
		p.Text(fmt.Sprintf("%d stay where they were.", same))
	}
	return nil
}

// RoundSheet writes the results of an assessment, a row each.
func RoundSheet(w io.Writer, v *register.View, a register.Of[risk.Assessment], format table.Format) error {
	s := table.Sheet{Name: "Results", Title: a.Title(), At: a.At, By: v.Actor().Name, About: []table.Line{{Label: "Assessment", Text: a.Key + " " + a.Title()}, {Label: "Measured by", Text: criteriaTitle(v, a.Fields.Criteria)}},
		Columns: []table.Column{{Key: "risk", Label: "Risk", Width: 10}, {Key: "title", Label: "Title", Width: 44}, {Key: "owner", Label: "Risk owner", Width: 22}, {Key: "evaluation", Label: "Judgement", Width: 10}, {Key: "likelihood", Label: "Likelihood", Width: 18},
			{Key: "consequence", Label: "Consequence", Width: 18}, {Key: "level", Label: "Level", Width: 14}, {Key: "before", Label: "In the assessment before", Width: 24}}}
	var rows [][]any
	for _, r := range a.Fields.Results {
		rows = append(rows, []any{r.Risk, r.Title, orNil(person(v, r.Owner)), orNil(r.Evaluation), orNil(r.Likelihood), orNil(r.Consequence), orNil(r.LevelName), orNil(r.Before)})
	}
	s.Rows = table.RowsOf(rows...)
	return s.Write(w, format)
}

func criteriaTitle(v *register.View, key string) string {
	if key == "" {
		return "no criteria yet"
	}
	return v.TitleOf(risk.CriteriaEditions.Name, key)
}

func company(v *register.View) string {
	all, err := organisation.Organisations.All(v)
	if err != nil || len(all) == 0 {
		return ""
	}
	return all[0].Fields.LegalName
}

func names(v *register.View, register string, keys []string) string {
	list := make([]string, len(keys))
	for i, key := range keys {
		list[i] = v.TitleOf(register, key)
	}
	return strings.Join(list, ", ")
}

func person(v *register.View, key string) string {
	if key == "" {
		return ""
	}
	return v.TitleOf("person", key)
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func count(n int) string { return strconv.Itoa(n) }
