// SPDX-License-Identifier: Apache-2.0

// Package gapreport writes the report of a gap campaign: a PDF that is read, and
// a sheet of all answers that is reckoned with. Both are kept as they were when
// the campaign was closed. It concludes nothing: it counts what people answered,
// and averages no level.
package gapreport

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"sextant/framework"
	"sextant/gap"
	"sextant/interchange/paper"
	"sextant/interchange/table"
	"sextant/organisation"
	"sextant/register"
)

const spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Render is the register.Renderer of campaigns: report and sheet, as they stand
// when one is closed.
func Render(v *register.View, e register.Entry) ([]register.Rendered, error) {
	c, err := register.As[gap.Campaign](e)
	if err != nil {
		return nil, err
	}
	var report, sheet bytes.Buffer
	if err := Write(&report, v, c); err != nil {
		return nil, err
	}
	if err := Sheet(&sheet, v, c, table.XLSX); err != nil {
		return nil, err
	}
	name := "Gap analysis " + c.Key + " " + c.Title()
	return []register.Rendered{{Name: register.SafeName(name + ".pdf"), MediaType: "application/pdf", Content: report.Bytes()},
		{Name: register.SafeName(name + ".xlsx"), MediaType: spreadsheet, Content: sheet.Bytes()}}, nil
}

// Write writes the report of a campaign as PDF.
func Write(w io.Writer, v *register.View, c register.Of[gap.Campaign]) error {
	rows, err := gap.Rows(v, c.Key)
	if err != nil {
		return err
	}
	p := paper.New(about(v, c))
	result := gap.ResultOf(rows)
	if c.Fields.Summary != "" {
		p.Heading(1, "What was concluded")
		p.Text(c.Fields.Summary)
	}
	standing(p, v, c, result)
	attributes(p, result)
	gaps(p, v, gap.Gaps(rows))
	if err := plan(p, v, rows); err != nil {
		return err
	}
	if err := compared(p, v, c, rows); err != nil {
		return err
	}
	answers(p, v, c, rows)
	return p.Write(w)
}

func about(v *register.View, c register.Of[gap.Campaign]) paper.About {
	f := c.Fields
	facts := []paper.Fact{{Label: "Period", Text: f.StartsOn + " to " + f.DueOn}, {Label: "Units", Text: names(v, "scope_unit", f.ScopeUnits)}, {Label: "Asked", Text: selection(f)},
		{Label: "Asked from", Text: f.GuidanceEdition}, {Label: "Owner", Text: v.TitleOf("person", f.Owner)}, {Label: "Assessors", Text: names(v, "person", f.Assessors)}}
	if f.ClosedOn != "" {
		facts = append(facts, paper.Fact{Label: "Closed on", Text: f.ClosedOn})
	}
	return paper.About{Title: f.Title, Subtitle: "Gap analysis " + c.Key, Organisation: company(v), Facts: facts, At: c.At, Zone: organisation.Zone(v), Draft: c.State != gap.Closed}
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

// selection says what was chosen, everything where nothing was.
func selection(f gap.Campaign) string {
	var parts []string
	for _, chosen := range []struct {
		field  string
		values []string
	}{{"clauses", f.Clauses}, {"themes", f.Themes}, {"attributes", f.Attributes}} {
		def, _ := gap.Campaigns.Field(chosen.field)
		for _, value := range chosen.values {
			parts = append(parts, def.ValueLabel(value))
		}
	}
	if len(parts) == 0 && len(f.Questions()) > 0 {
		parts = append(parts, "all clauses and all controls")
	}
	for _, id := range f.Frameworks {
		if id != framework.StandardID {
			parts = append(parts, gap.FrameworkTitle(id))
		}
	}
	parts = append(parts, f.Libraries...)
	return strings.Join(append(parts, f.Chapters...), ", ")
}

func standing(p *paper.Paper, v *register.View, c register.Of[gap.Campaign], r gap.Result) {
	p.Heading(1, "Where the organisation stands")
	met, asked := r.All.Ready()
	p.Text(fmt.Sprintf("%d of the %d questions that apply are met, %d partly, %d not. %d do not apply, %d were left open. Answers are the judgement of people; they are no evidence state and no statement of conformity.",
		met, asked, r.All.By[gap.Partly], r.All.By[gap.NotMet], r.All.By[gap.NotApplicable], r.All.Open))
	var parts []paper.Part
	for _, answer := range gap.Choices() {
		if answer != gap.NotAssessed {
			parts = append(parts, paper.Part{Label: gap.Label("answer", answer), Count: r.All.By[answer]})
		}
	}
	p.Bar(append(parts, paper.Part{Label: "Open", Count: r.All.Open}))
	if parts := slices.Concat(r.Clauses, r.Themes); len(parts) > 0 {
		groupTable(p, "Clause or theme", labelOf("part"), parts)
	}
	for _, by := range r.Beyond {
		of, _ := gap.ChapterTitle(v, by.Framework)
		p.Heading(2, of)
		groupTable(p, "Chapter", func(name string) string { _, title := gap.ChapterTitle(v, name); return title }, by.Groups)
	}
	levels := paper.Table{Columns: []paper.Column{{Title: "Level", Share: 1}, {Title: "Name", Share: 2}, {Title: "Meaning", Share: 8}}}
	for _, l := range c.Fields.Scale {
		levels.Rows = append(levels.Rows, paper.Row{Cells: []paper.Cell{{Text: level(l.Level)}, {Text: l.Name}, {Text: l.Meaning}}})
	}
	p.Heading(2, "Maturity levels")
	p.Table(levels)
	p.Note("The level of a group is the one in the middle of those given, the lower of two. Levels have an order and no distances; they are never averaged.")
}

func labelOf(field string) func(string) string {
	return func(name string) string { return gap.Label(field, name) }
}

func groupTable(p *paper.Paper, title string, label func(string) string, groups []gap.Group) {
	t := paper.Table{Columns: []paper.Column{{Title: title, Share: 4}, {Title: "Met", Share: 1.3, Right: true}, {Title: "Partly", Share: 1, Right: true}, {Title: "Not met", Share: 1, Right: true},
		{Title: "Not applicable", Share: 1.4, Right: true}, {Title: "Open", Share: 1, Right: true}, {Title: "Maturity", Share: 1, Right: true}}}
	for _, g := range groups {
		met, asked := g.Tally.Ready()
		middle := "–"
		if l, ok := g.Tally.Median(); ok {
			middle = strconv.Itoa(l)
		}
		cells := []paper.Cell{{Text: label(g.Name)}, {Text: fmt.Sprintf("%d of %d", met, asked)}}
		for _, n := range []int{g.Tally.By[gap.Partly], g.Tally.By[gap.NotMet], g.Tally.By[gap.NotApplicable], g.Tally.Open} {
			cells = append(cells, paper.Cell{Text: strconv.Itoa(n)})
		}
		t.Rows = append(t.Rows, paper.Row{Cells: append(cells, paper.Cell{Text: middle})})
	}
	p.Table(t)
}

var attributeNames = map[string]string{"type": "Control type", "property": "Security property", "concept": "Cybersecurity concept", "capability": "Operational capability", "domain": "Security domain"}

func attributes(p *paper.Paper, r gap.Result) {
	if len(r.Attributes) == 0 {
		return
	}
	p.Heading(1, "By attribute of the controls")
	for _, by := range r.Attributes {
		p.Heading(2, attributeNames[by.Name])
		chart := paper.Radar{Title: "Share of the controls that are met, of those that apply", Most: 1}
		for _, g := range by.Groups {
			met, asked := g.Tally.Ready()
			share := 0.0
			if asked > 0 {
				share = float64(met) / float64(asked)
			}
			chart.Axes = append(chart.Axes, paper.Axis{Label: gap.Label("attributes", g.Name), Value: share, Text: fmt.Sprintf("%d of %d", met, asked)})
		}
		p.Radar(chart)
		groupTable(p, "Value", labelOf("attributes"), by.Groups)
	}
}

func gaps(p *paper.Paper, v *register.View, list []register.Of[gap.Answer]) {
	p.Heading(1, "Largest gaps")
	if len(list) == 0 {
		p.Text("No question was answered with not met or partly met.")
		return
	}
	t := paper.Table{Columns: []paper.Column{{Title: "Question", Share: 3}, {Title: "Answer", Share: 1.2}, {Title: "Effect", Share: 0.9}, {Title: "Effort", Share: 0.9}, {Title: "What was seen", Share: 5}}}
	for _, a := range list {
		t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: a.Title() + ", " + v.TitleOf("scope_unit", a.Fields.ScopeUnit)}, {Text: gap.Label("answer", a.Fields.Answer)},
			{Text: orDash(gap.Label("effect", a.Fields.Effect))}, {Text: orDash(gap.Label("effort", a.Fields.Effort))}, {Text: a.Fields.Observation}}})
	}
	p.Table(t)
}

func plan(p *paper.Paper, v *register.View, rows []register.Of[gap.Answer]) error {
	steps, err := gap.ActionPlan(v, rows)
	if err != nil || len(steps) == 0 {
		return err
	}
	p.Heading(1, "Action plan")
	t := paper.Table{Columns: []paper.Column{{Title: "Task", Share: 4}, {Title: "Who", Share: 2}, {Title: "Due", Share: 1.3}, {Title: "State", Share: 1.3}, {Title: "Closes", Share: 1.5}, {Title: "After", Share: 1.5}}}
	for _, s := range steps {
		var closes []string
		for _, a := range s.Answers {
			closes = append(closes, gap.NumberOf(a.Fields))
		}
		t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: s.Task.Key + " " + s.Task.Title()}, {Text: v.TitleOf("person", s.Task.Owner())}, {Text: s.Task.Due()}, {Text: s.Task.State},
			{Text: strings.Join(closes, ", ")}, {Text: strings.Join(s.Task.Doc.Strings("depends_on"), ", ")}}})
	}
	p.Table(t)
	return nil
}

var causeNames = map[gap.Cause]string{gap.Scope: "Scope", gap.Edition: "Edition", gap.Evidence: "Evidence", gap.Judged: "Answer"}

// compared lists what stands otherwise than in the campaign before.
func compared(p *paper.Paper, v *register.View, c register.Of[gap.Campaign], rows []register.Of[gap.Answer]) error {
	if c.Fields.Previous == "" {
		return nil
	}
	before, err := gap.Rows(v, c.Fields.Previous)
	if err != nil {
		return err
	}
	p.Heading(1, "Compared with "+v.TitleOf(gap.Campaigns.Name, c.Fields.Previous))
	list := gap.Compare(before, rows)
	if len(list) == 0 {
		p.Text("Every question stands as it did.")
		return nil
	}
	t := paper.Table{Columns: []paper.Column{{Title: "Question", Share: 4}, {Title: "Unit", Share: 2}, {Title: "Before", Share: 2}, {Title: "Now", Share: 2}, {Title: "Cause", Share: 1.6}}}
	for _, d := range list {
		var causes []string
		for _, cause := range d.Causes {
			causes = append(causes, causeNames[cause])
		}
		t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: d.Asked().Title}, {Text: v.TitleOf("scope_unit", d.Unit)}, {Text: stands(d.Before)}, {Text: stands(d.After)}, {Text: strings.Join(causes, ", ")}}})
	}
	p.Table(t)
	p.Note("Scope: asked in one of the two only. Edition: asked from another edition of the standard or the guidance. Evidence: the evidence state was another, or other evidence was looked at. Answer: judged otherwise on the same facts.")
	return nil
}

func stands(a *register.Of[gap.Answer]) string {
	if a == nil {
		return "not asked"
	}
	answer, maturity := gap.Stands(*a)
	if maturity < 0 {
		return gap.Label("answer", answer)
	}
	return gap.Label("answer", answer) + ", " + strconv.Itoa(maturity)
}

// sectionOf names the clause, theme or chapter of an answer.
func sectionOf(v *register.View, a gap.Answer) string {
	if a.Chapter == "" {
		return gap.Label("part", a.Part)
	}
	of, title := gap.ChapterTitle(v, a.Chapter)
	if of == title {
		return of
	}
	return of + ", " + title
}

func answers(p *paper.Paper, v *register.View, c register.Of[gap.Campaign], rows []register.Of[gap.Answer]) {
	p.Heading(1, "All answers")
	t := paper.Table{Columns: []paper.Column{{Title: "Question", Share: 3}, {Title: "Answer", Share: 1.3}, {Title: "Maturity", Share: 0.9, Right: true}, {Title: "What was seen", Share: 4.5}, {Title: "By", Share: 1.5}}, Size: 7}
	part := ""
	for _, a := range rows {
		section := sectionOf(v, a.Fields)
		if len(c.Fields.ScopeUnits) > 1 {
			section = v.TitleOf("scope_unit", a.Fields.ScopeUnit) + ": " + section
		}
		if section != part {
			part = section
			t.Rows = append(t.Rows, paper.Row{Section: section})
		}
		answer, _ := gap.Stands(a)
		seen := a.Fields.Observation
		if a.Fields.NotApplicableReason != "" && answer == gap.NotApplicable {
			seen = a.Fields.NotApplicableReason
		}
		t.Rows = append(t.Rows, paper.Row{Cells: []paper.Cell{{Text: a.Title()}, {Text: gap.Label("answer", answer)}, {Text: level(a.Fields.Maturity)}, {Text: seen}, {Text: person(v, a.Fields.AnsweredBy)}}})
	}
	p.Table(t)
}

func person(v *register.View, key string) string {
	if key == "" {
		return ""
	}
	return v.TitleOf("person", key)
}

func level(l *float64) string {
	if l == nil {
		return "–"
	}
	return strconv.Itoa(int(*l))
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// Sheet writes all answers of a campaign, a row each.
func Sheet(w io.Writer, v *register.View, c register.Of[gap.Campaign], format table.Format) error {
	rows, err := gap.Rows(v, c.Key)
	if err != nil {
		return err
	}
	s := table.Sheet{Name: "Answers", Title: c.Title(), At: c.At, By: v.Actor().Name,
		About: []table.Line{{Label: "Campaign", Text: c.Key + " " + c.Title()}, {Label: "Units", Text: names(v, "scope_unit", c.Fields.ScopeUnits)}, {Label: "Asked from", Text: c.Fields.GuidanceEdition}},
		Columns: []table.Column{{Key: "key", Label: "Key", Width: 9}, {Key: "question", Label: "Question", Width: 38}, {Key: "unit", Label: "Unit", Width: 18}, {Key: "part", Label: "Clause or theme", Width: 22},
			{Key: "answer", Label: "Answer", Width: 14}, {Key: "state", Label: "State", Width: 12}, {Key: "proposed", Label: "Proposed", Width: 14}, {Key: "maturity", Label: "Maturity now", Width: 10}, {Key: "target", Label: "Maturity wanted", Width: 10},
			{Key: "observation", Label: "What was seen", Width: 60}, {Key: "reason", Label: "Why it does not apply", Width: 30}, {Key: "effort", Label: "Effort", Width: 10}, {Key: "effect", Label: "Effect", Width: 10},
			{Key: "actions", Label: "Actions", Width: 16}, {Key: "evidence", Label: "Evidence", Width: 20}, {Key: "asked", Label: "Asked", Width: 20}, {Key: "by", Label: "Answered by", Width: 20}}}
	var out [][]any
	for _, a := range rows {
		f := a.Fields
		out = append(out, []any{a.Key, a.Title(), v.TitleOf("scope_unit", f.ScopeUnit), sectionOf(v, f), gap.Label("answer", f.Answer), a.State, orNil(gap.Label("proposed", f.Proposed)), levelCell(f.Maturity), levelCell(f.TargetMaturity),
			orNil(f.Observation), orNil(f.NotApplicableReason), orNil(gap.Label("effort", f.Effort)), orNil(gap.Label("effect", f.Effect)), orNil(strings.Join(f.Actions, ", ")), orNil(strings.Join(f.Evidence, ", ")), orNil(person(v, f.Assignee)), orNil(person(v, f.AnsweredBy))})
	}
	s.Rows = table.RowsOf(out...)
	return s.Write(w, format)
}

// levelCell is a level as text: nobody shall add levels up.
func levelCell(l *float64) any {
	if l == nil {
		return nil
	}
	return level(l)
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}
