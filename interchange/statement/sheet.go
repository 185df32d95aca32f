// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"fmt"
	"strings"

	"sextant"
	"sextant/control"
	"sextant/interchange/table"
	"sextant/soa"
)

var tones = map[string]table.Tone{"Pass": table.Pass, "Fail": table.Fail, "Error": table.Error, "Stale": table.Stale, "No data": table.NoData, "Partial": table.Partial,
	"Fail in grace": table.FailInGrace, "Excepted": table.Excepted, "Not assessed": table.Quiet}

const evidenceNote = "Evidence states are evidence for a control, derived by the program. Whether the control is adequate is concluded by people."

// sheet lays a statement out as a table. Its headers are those package intake
// reads back; what only we derive has headers it does not know.
func sheet(c soa.Captured) table.Sheet {
	s := table.Sheet{Name: "Statement of Applicability", Title: "Statement of Applicability, " + c.Standard, About: about(c),
		Columns: []table.Column{{Key: "control", Label: "Control", Width: 9}, {Key: "title", Label: "Title", Width: 34}, {Key: "applicability", Label: "Applicable", Width: 14}, {Key: "reasons", Label: "Reasons", Width: 22},
			{Key: "rests_on", Label: "Rests on", Width: 30}, {Key: "inclusion", Label: "Justification for inclusion", Width: 40}, {Key: "exclusion", Label: "Justification for exclusion", Width: 40},
			{Key: "implementation", Label: "Implementation", Width: 28}, {Key: "evidence", Label: "Evidence", Width: 14, StyleByValue: tones}, {Key: "lines", Label: "Plan lines", Width: 10},
			{Key: "fresh_until", Label: "Fresh until", Kind: table.DateTime, Width: 18}, {Key: "says", Label: "What the evidence says", Width: 60}, {Key: "contradiction", Label: "Contradiction", Width: 30},
			{Key: "owner", Label: "Owner", Width: 20}, {Key: "described", Label: "Described in", Width: 30}, {Key: "treats", Label: "Risks it treats", Width: 30}, {Key: "framework", Label: "Framework", Width: 20}}}
	if at, err := sextant.ParseInstant(c.At); err == nil {
		s.At = at
	}
	var rows [][]any
	for _, r := range c.Rows {
		rows = append(rows, sheetRow(r))
	}
	s.Rows = table.RowsOf(rows...)
	return s
}

// about is the head of a statement, whatever it is written into.
func about(c soa.Captured) []table.Line {
	n := c.Counts()
	lines := []table.Line{{Label: "Organisation", Text: c.Organisation}, {Label: "Management system", Text: c.System.Title}, {Label: "Scope", Text: c.System.Scope}, {Label: "Standard", Text: c.Standard}}
	if v := c.Version; v != nil {
		lines = append(lines, table.Line{Label: "Version", Text: fmt.Sprintf("%d, %s", v.Number, v.State)}, table.Line{Label: "What changed", Text: v.Change}, table.Line{Label: "Prepared by", Text: called(v.Author)},
			table.Line{Label: "Reviewed by", Text: called(v.Reviewer)}, table.Line{Label: "Approver", Text: approver(*v)}, table.Line{Label: "Next review", Text: v.ReviewOn})
	}
	lines = append(lines, table.Line{Label: "As of", Text: c.At}, table.Line{Label: "Controls", Text: fmt.Sprintf("%d apply, %d excluded, %d undecided", n.Applying, n.Out, n.Undecided)},
		table.Line{Label: "Evidence", Text: evidenceNote})
	return withText(lines)
}

// approver names who approves. A reviewed version is written before that, so
// it says where the approval stands.
func approver(v soa.Version) string {
	if v.State != soa.Reviewed {
		return called(v.Approver)
	}
	return called(v.Approver) + "; once given, the approval stands in " + ApprovalName(v.Number)
}

func withText(lines []table.Line) (rest []table.Line) {
	for _, l := range lines {
		if l.Text != "" {
			rest = append(rest, l)
		}
	}
	return rest
}

func called(n *soa.Named) string {
	if n == nil {
		return ""
	}
	return n.Title
}

func sheetRow(r soa.CapturedRow) []any {
	in, out := r.Justification, ""
	if r.Applicability == soa.NotApplicable {
		in, out = "", r.Justification
	}
	row := []any{r.ID, r.Title, r.Applicability.Label(), orNil(reasons(r)), orNil(titles(r.Links)), orNil(in), orNil(out), orNil(declared(r))}
	if e := r.Evidence; e != nil {
		row = append(row, e.Label, fmt.Sprintf("%d of %d", e.Passed, e.Lines), orNil(e.FreshUntil), orNil(e.Reason))
	} else {
		row = append(row, nil, nil, nil, nil) // left out: no evidence is asked for
	}
	return append(row, orNil(clashes(r)), orNil(called(r.Owner)), orNil(titles(r.Documents)), orNil(treats(r)), r.Framework)
}

// treats names the open risks a control treats, by their keys.
func treats(r soa.CapturedRow) string {
	var keys []string
	for _, n := range r.Risks {
		keys = append(keys, n.Key)
	}
	return strings.Join(keys, ", ")
}

func reasons(r soa.CapturedRow) string {
	f, _ := soa.Rows.Definition.Field("reasons")
	var texts []string
	for _, reason := range r.Reasons {
		texts = append(texts, f.ValueLabel(reason))
	}
	return strings.Join(texts, ", ")
}

func titles(list []soa.Named) string {
	var texts []string
	for _, n := range list {
		texts = append(texts, n.Key+" "+n.Title)
	}
	return strings.Join(texts, "\n")
}

// declared says what each unit declared, a line each.
func declared(r soa.CapturedRow) string {
	var texts []string
	for _, u := range r.Units {
		text := control.DeclarationLabel(u.Implementation) + ", " + u.Unit.Title
		if u.PlannedOn != "" && u.Implementation != "implemented" {
			text += ", planned by " + u.PlannedOn
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "\n")
}

func clashes(r soa.CapturedRow) string {
	var texts []string
	for _, c := range r.Clashes {
		texts = append(texts, c.Label())
	}
	return strings.Join(texts, "\n")
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}
