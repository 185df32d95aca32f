// SPDX-License-Identifier: Apache-2.0

package table_test

import (
	"bytes"
	"fmt"
	"log"
	"os"

	"sextant"
	"sextant/interchange/table"
)

// soaSheet is a sheet as the statement of applicability gives it: states are
// coloured by value, and only Pass is green.
func soaSheet() table.Sheet {
	at, _ := sextant.ParseInstant("2026-11-24T09:30:00Z")
	return table.Sheet{
		Name:  "SoA 2",
		Title: "Statement of applicability 2, Example Ltd",
		At:    at,
		By:    "Ada Example",
		About: []table.Line{
			{Label: "Organisation", Text: "Example Ltd"},
			{Label: "Filter", Text: "theme = Organizational"},
			{Label: "As of", Text: "2026-11-24 09:30 UTC (log sequence 4711)"},
			{Label: "Exported by", Text: "Ada Example"},
		},
		Columns: []table.Column{
			{Key: "control", Label: "Control", Width: 10},
			{Key: "title", Label: "Title", Width: 34},
			{Key: "applicable", Label: "Applicable", Kind: table.Bool, Width: 13},
			{Key: "reasons", Label: "Reasons", Kind: table.Enum, Many: true, Width: 20, Choices: []table.Choice{
				{Name: "risk", Label: "Risk treatment"}, {Name: "law", Label: "Law"}, {Name: "contract", Label: "Contract"}}},
			{Key: "justification", Label: "Justification", Width: 44, Help: "Why the control is in or out (6.1.3 d)."},
			{Key: "implementation", Label: "Implementation", Kind: table.Enum, Width: 18, Choices: []table.Choice{
				{Name: "not_started", Label: "Not started"}, {Name: "planned", Label: "Planned"}, {Name: "partly", Label: "Partly"}, {Name: "implemented", Label: "Implemented"}}},
			{Key: "evidence", Label: "Evidence state", Kind: table.Enum, Width: 17, Choices: []table.Choice{
				{Name: "not_assessed", Label: "Not assessed"}, {Name: "pass", Label: "Pass"}, {Name: "fail", Label: "Fail"}, {Name: "error", Label: "Error"},
				{Name: "stale", Label: "Stale"}, {Name: "no_data", Label: "No data"}, {Name: "fail_in_grace", Label: "Fail in grace"}, {Name: "excepted", Label: "Excepted"}, {Name: "partial", Label: "Partial"}},
				StyleByValue: map[string]table.Tone{"pass": table.Pass, "fail": table.Fail, "error": table.Error, "stale": table.Stale, "no_data": table.NoData,
					"fail_in_grace": table.FailInGrace, "excepted": table.Excepted, "partial": table.Partial, "not_assessed": table.Quiet}},
			{Key: "coverage", Label: "Coverage", Kind: table.Number, Format: "0 %"},
			{Key: "freshness", Label: "Evidence of", Kind: table.DateTime},
			{Key: "review", Label: "Next review", Kind: table.Date, Width: 14},
			{Key: "owner", Label: "Owner", Width: 18},
		},
		Rows: table.RowsOf(
			[]any{"A.5.1", "Policies for information security", true, []string{"risk", "law"}, "The board set the policy on 3 March; it is reviewed every year and after each major change.", "implemented", "pass", 1.0, "2026-11-24T09:12:00Z", "2027-03-03", "Ada Example"},
			[]any{"A.5.7", "Threat intelligence", true, []string{"risk"}, "=HYPERLINK(\"https://example.org\") stays text, as do +1 and @home.", "partly", "partial", 0.5, "2026-11-23T22:00:00Z", "2027-01-15", "Grace Example"},
			[]any{"A.5.9", "Inventory of information and other associated assets", true, []string{"risk", "contract"}, "Line one\nLine two", "implemented", "fail", 0.92, "2026-11-24T09:12:00Z", "2026-12-01", "Grace Example"},
			[]any{"A.5.10", "Acceptable use of information and other associated assets", true, []string{"risk"}, nil, "planned", "not_assessed", nil, nil, "2027-02-01", nil},
			[]any{"A.5.23", "Information security for use of cloud services", true, []string{"risk"}, "Two accounts of three are connected.", "implemented", "error", 0.66, "2026-11-24T09:12:00Z", nil, "Ada Example"},
			[]any{"A.5.30", "ICT readiness for business continuity", true, []string{"contract"}, "Restore test twice a year.", "implemented", "stale", 1.0, "2026-02-11T10:00:00Z", "2026-08-11", "Alan Example"},
			[]any{"A.7.4", "Physical security monitoring", true, []string{"law"}, "Landlord's report.", "not_started", "no_data", nil, nil, nil, "Alan Example"},
			[]any{"A.8.5", "Secure authentication", true, []string{"risk"}, "Roll-out of keys ends in December.", "partly", "fail_in_grace", 0.8, "2026-11-24T09:12:00Z", nil, "Grace Example"},
			[]any{"A.8.7", "Protection against malware", true, []string{"risk"}, "Excepted for the laboratory until 2027-01-31.", "implemented", "excepted", 1.0, "2026-11-24T09:12:00Z", "2027-01-31", "Alan Example"},
			[]any{"A.8.30", "Outsourced development", false, nil, "Nothing is developed outside.", nil, nil, nil, nil, nil, nil},
		),
	}
}

// A sheet is written once and read back with the same columns. The dry run of
// an import is this plus the register's own rules.
func Example() {
	var file bytes.Buffer
	if err := soaSheet().WriteXLSX(&file); err != nil {
		log.Fatal(err)
	}
	if path := os.Getenv("TABLE_EXAMPLE_FILE"); path != "" { // to look at it
		os.WriteFile(path, file.Bytes(), 0o600)
	}
	back, err := table.Read(&file, table.Options{Columns: soaSheet().Columns})
	if err != nil {
		log.Fatal(err)
	}
	row := back.Rows[1]
	fmt.Println(len(back.Rows), "rows,", len(back.Refused), "refused")
	fmt.Println(row.Number, row.Cells["control"], row.Cells["justification"])
	// Output:
	// 10 rows, 0 refused
	// 3 A.5.7 =HYPERLINK("https://example.org") stays text, as do +1 and @home.
}
