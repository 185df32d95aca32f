// SPDX-License-Identifier: Apache-2.0

package entries

import (
	"sextant/interchange/table"
	"sextant/register"
)

// ReportSheet says what became, or would become, of each row of a file: who keeps
// the file mends it there.
func ReportSheet(name, file string, report register.Report) table.Sheet {
	sheet := table.Sheet{Name: name, Title: file, Columns: []table.Column{{Key: "row", Label: "Row", Kind: table.Number}, {Key: "fate", Label: "Fate"}, {Key: "entry", Label: "Entry"}, {Key: "what", Label: "What", Width: 40}, {Key: "reason", Label: "Reason", Width: 60}, {Key: "fix", Label: "What to do", Width: 60}}}
	var rows [][]any
	for _, o := range report.Outcomes {
		row := []any{o.Row, string(o.Fate), o.Key, o.Title, nil, nil}
		if o.Refusal != nil {
			row[4], row[5] = o.Refusal.Message, o.Refusal.Hint
		}
		rows = append(rows, row)
	}
	sheet.Rows = table.RowsOf(rows...)
	return sheet
}
