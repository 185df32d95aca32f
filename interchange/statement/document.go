// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sextant"
	"sextant/control"
	"sextant/interchange/paper"
	"sextant/interchange/table"
	"sextant/soa"
)

func numbered(v *soa.Version) string { return strconv.Itoa(v.Number) }

// document lays a statement out on paper: what it is of and who stands for it,
// the scope, the versions, the controls by theme, and what the marks mean.
func document(c soa.Captured) *paper.Paper {
	about := paper.About{Title: "Statement of Applicability", Subtitle: c.Standard, Organisation: c.Organisation, Landscape: true, Draft: c.Version == nil || c.Version.State == soa.Draft}
	if at, err := sextant.ParseInstant(c.At); err == nil {
		about.At = at
	}
	if zone, err := time.LoadLocation(c.Zone); err == nil { // "" is UTC
		about.Zone = zone
	}
	about.Facts = facts(c)
	p := paper.New(about)
	p.Heading(1, "Scope")
	p.Text(cmp.Or(c.System.Scope, "No scope statement is written yet."))
	for _, part := range []struct{ title, text string }{{"Boundaries", c.System.Boundaries}, {"Interfaces", c.System.Interfaces}} {
		if part.text != "" {
			p.Heading(2, part.title)
			p.Text(part.text)
		}
	}
	if c.Version != nil {
		p.Heading(1, "Versions")
		p.Table(versions(c))
	}
	p.Heading(1, "Controls")
	p.Note("Reasons are why a control is in; below them stands what they rest on. Implementation is declared by the owner for each unit. " + evidenceNote)
	p.Table(controls(c))
	p.Heading(2, "Marks of evidence")
	p.Legend(legend())
	return p
}

// facts are the head: the scope has its own heading, and the note on evidence
// stands above the table.
func facts(c soa.Captured) (list []paper.Fact) {
	for _, l := range about(c) {
		if l.Label != "Scope" && l.Label != "Evidence" && l.Label != "Organisation" && l.Label != "Standard" {
			list = append(list, paper.Fact{Label: l.Label, Text: l.Text})
		}
	}
	return list
}

func versions(c soa.Captured) paper.Table {
	t := paper.Table{Columns: []paper.Column{{Title: "Version", Share: 0.7}, {Title: "State", Share: 1}, {Title: "What changed", Share: 4}, {Title: "Prepared by", Share: 1.4}, {Title: "Reviewed by", Share: 1.4}, {Title: "Approver", Share: 1.4}, {Title: "Approved", Share: 1.1}}}
	for _, v := range append(c.Versions[:len(c.Versions):len(c.Versions)], *c.Version) {
		approved, _, _ := strings.Cut(v.ApprovedAt, "T")
		if approved == "" && v.State == soa.Reviewed {
			approved = "see the approval sheet"
		}
		t.Rows = append(t.Rows, cells(numbered(&v), v.State, v.Change, called(v.Author), called(v.Reviewer), called(v.Approver), approved))
	}
	return t
}

func cells(texts ...string) (row paper.Row) {
	for _, text := range texts {
		row.Cells = append(row.Cells, paper.Cell{Text: text})
	}
	return row
}

func controls(c soa.Captured) paper.Table {
	t := paper.Table{Size: 7.5, Columns: []paper.Column{{Title: "Control", Share: 0.75}, {Title: "Title", Share: 1.9}, {Title: "Applies", Share: 0.9}, {Title: "Reasons", Share: 1.9}, {Title: "Justification", Share: 3}, {Title: "Implementation", Share: 2},
		{Title: "Evidence", Share: 1.4}, {Title: "Owner", Share: 1.1}, {Title: "Described in", Share: 1.6}}}
	last := ""
	for _, r := range c.Rows {
		if r.Section != last {
			t.Rows, last = append(t.Rows, paper.Row{Section: r.Section}), r.Section
		}
		t.Rows = append(t.Rows, controlRow(r))
	}
	return t
}

func controlRow(r soa.CapturedRow) paper.Row {
	row := cells(r.ID, r.Title, r.Applicability.Label(), lines(reasons(r), titles(r.Links)), lines(r.Justification, treating(r)), lines(standing(r), clashes(r)), "", called(r.Owner), titles(r.Documents))
	row.Cells[0].Bold = true
	row.Cells[2].Muted = r.Applicability != soa.Applicable
	if e := r.Evidence; e != nil {
		row.Cells[6] = paper.Cell{Text: lines(fmt.Sprintf("%s, %d of %d", e.Label, e.Passed, e.Lines), fresh(e)), Tone: tones[e.Label]}
	}
	return row
}

// treating says which open risks a control treats.
func treating(r soa.CapturedRow) string {
	if keys := treats(r); keys != "" {
		return "Treats " + keys + "."
	}
	return ""
}

// standing is what the units declared, or that nobody has.
func standing(r soa.CapturedRow) string {
	if len(r.Units) > 0 || r.Applicability == soa.NotApplicable {
		return declared(r)
	}
	return control.DeclarationLabel(control.NotDeclared)
}

func fresh(e *soa.CapturedEvidence) string {
	if day, _, ok := strings.Cut(e.FreshUntil, "T"); ok {
		return "fresh until " + day
	}
	return ""
}

// lines puts texts below each other.
func lines(texts ...string) string {
	var list []string
	for _, text := range texts {
		if text != "" {
			list = append(list, text)
		}
	}
	return strings.Join(list, "\n")
}

func legend() (list []paper.Cell) {
	for _, s := range append([]control.State{control.Pass}, control.WorstFirst...) {
		if label := s.Label(); tones[label] != table.Plain && s != control.Pass || len(list) == 0 {
			list = append(list, paper.Cell{Text: label, Tone: tones[label]})
		}
	}
	return list
}
