// SPDX-License-Identifier: Apache-2.0

// Package statement writes the Statement of Applicability as a sheet: each
// control with what was decided, declared and derived side by side. It decides
// nothing, and it writes the whole statement: one with rows left away is none.
package statement

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/interchange/table"
	"sextant/organisation"
	"sextant/register"
	"sextant/soa"
)

var tones = map[string]table.Tone{"Pass": table.Pass, "Fail": table.Fail, "Error": table.Error, "Stale": table.Stale, "No data": table.NoData, "Partial": table.Partial,
	"Fail in grace": table.FailInGrace, "Excepted": table.Excepted, "Not assessed": table.Quiet}

// Write writes the statement of a management system; "" takes the first there
// is.
func Write(w io.Writer, v *register.View, r evidence.Reader, system string, format table.Format) error {
	if system == "" {
		all, err := organisation.ManagementSystems.All(v)
		if err != nil {
			return err
		}
		if len(all) > 0 {
			system = all[0].Key
		}
	}
	lines, err := soa.Statement(v, r, system)
	if err != nil {
		return err
	}
	sheet := table.Sheet{Name: "Statement of Applicability", Title: "Statement of Applicability, " + standardsOf(lines), At: v.Now(), By: v.Actor().Name,
		About: []table.Line{{Label: "Management system", Text: v.TitleOf("management_system", system)}, {Label: "As of", Text: v.Now().String()},
			{Label: "Evidence", Text: "Evidence states are evidence for a control, derived by the program. Whether the control is adequate is concluded by people."}},
		Columns: []table.Column{{Key: "control", Label: "Control", Width: 9}, {Key: "title", Label: "Title", Width: 34}, {Key: "applicability", Label: "Applicable", Width: 14}, {Key: "reasons", Label: "Reasons", Width: 22},
			{Key: "justification", Label: "Justification", Width: 40}, {Key: "implementation", Label: "Implementation", Width: 28}, {Key: "evidence", Label: "Evidence", Width: 14, StyleByValue: tones},
			{Key: "lines", Label: "Plan lines", Width: 10}, {Key: "fresh_until", Label: "Fresh until", Kind: table.DateTime, Width: 18}, {Key: "why", Label: "Why", Width: 60},
			{Key: "framework", Label: "Framework", Width: 20}}}
	var rows [][]any
	for _, l := range lines {
		rows = append(rows, rowOf(v, l))
	}
	sheet.Rows = table.RowsOf(rows...)
	return sheet.Write(w, format)
}

func rowOf(v *register.View, l soa.Line) []any {
	f, _ := soa.Rows.Definition.Field("reasons")
	var reasons, declared []string
	for _, reason := range l.Row.Reasons {
		reasons = append(reasons, f.ValueLabel(reason))
	}
	for _, imp := range l.Implementations {
		text := control.DeclarationLabel(imp.Fields.Implementation) + ", " + v.TitleOf("scope_unit", imp.Fields.ScopeUnit)
		if imp.Fields.PlannedOn != "" && imp.Fields.Implementation != "implemented" {
			text += ", planned by " + imp.Fields.PlannedOn
		}
		declared = append(declared, text)
	}
	row := []any{l.Control.ID, l.Control.Title, l.Decision().Label(), orNil(strings.Join(reasons, ", ")), orNil(l.Row.Justification()), orNil(strings.Join(declared, "\n"))}
	if l.Decision() == soa.NotApplicable {
		return append(row, nil, nil, nil, nil, frameworkOf(l)) // left out: no evidence is asked for
	}
	passed, all := l.Evidence.Lines()
	var fresh any
	if l.Evidence.Until != 0 {
		fresh = l.Evidence.Until
	}
	return append(row, l.Evidence.State.Label(), fmt.Sprintf("%d of %d", passed, all), fresh, l.Evidence.Reason, frameworkOf(l))
}

// frameworkOf names the standard a row comes from.
func frameworkOf(l soa.Line) string {
	if s, ok := framework.StandardByID(l.Control.Standard); ok {
		return s.Title
	}
	return "Own controls"
}

// standardsOf names what the rows come from; the base with its amendment.
func standardsOf(lines []soa.Line) string {
	var names []string
	for _, l := range lines {
		name := frameworkOf(l)
		if l.Control.IsBase() {
			name += " with Amd 1:2024"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}
