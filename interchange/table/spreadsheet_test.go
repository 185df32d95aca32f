// SPDX-License-Identifier: Apache-2.0

package table_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"sextant/interchange/table"
)

// assetColumns are what the foreign spreadsheets of these tests hold.
var assetColumns = []table.Column{
	{Key: "id", Label: "ID"},
	{Key: "title", Label: "Title", Aliases: []string{"Bezeichnung"}},
	{Key: "owner", Label: "Owner"},
	{Key: "value", Label: "Value", Kind: table.Number},
	{Key: "due", Label: "Next review", Kind: table.Date},
	{Key: "critical", Label: "Critical", Kind: table.Bool},
	{Key: "state", Label: "State", Kind: table.Enum, Choices: []table.Choice{{Name: "in_use", Label: "In use", Aliases: []string{"In Betrieb"}}, {Name: "retired", Label: "Retired"}}},
}

// foreign makes a workbook with another program's library.
func foreign(t *testing.T, fill func(f *excelize.File), rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	if fill != nil {
		fill(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t *testing.T, data []byte, o table.Options) *table.Table {
	t.Helper()
	if o.Columns == nil {
		o.Columns = assetColumns
	}
	got, err := table.Read(bytes.NewReader(data), o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func notes(t *table.Table) string {
	var lines []string
	for _, n := range t.Notes {
		lines = append(lines, n.Text)
	}
	return strings.Join(lines, "\n")
}

func TestHeadersInAnyOrderCaseAndSpacing(t *testing.T) {
	got := read(t, foreign(t, nil,
		[]any{" TITLE ", "next_review", "Id*", "Colour"},
		[]any{"Laptop", time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), "A-1", "red"}), table.Options{})
	if diff := cmp.Diff([]string{"title", "due", "id"}, got.Columns); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Colour"}, got.Unknown); diff != "" {
		t.Error(diff)
	}
	want := []table.Row{{Number: 2, Cells: map[string]any{"title": "Laptop", "due": "2026-11-24", "id": "A-1"}}}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Error(diff)
	}
	if got.Has("owner") || !got.Has("id") {
		t.Error("a column that is not in the file must not count as present")
	}
}

func TestEmptyCellClearsAndMissingColumnLeavesAlone(t *testing.T) {
	got := read(t, foreign(t, nil, []any{"ID", "Title"}, []any{"A-1"}), table.Options{})
	value, present := got.Rows[0].Cells["title"]
	if _, owner := got.Rows[0].Cells["owner"]; !present || value != nil || owner {
		t.Errorf("got %v: an empty cell of a present column is nil, a missing column is no key", got.Rows[0].Cells)
	}
}

func TestRowsAboveTheHeaderAreSkippedAndNumbersStayTheFile(t *testing.T) {
	got := read(t, foreign(t, func(f *excelize.File) { f.MergeCell("Sheet1", "A1", "D1") },
		[]any{"Asset register 2026"}, nil, []any{"as of", "2026-11-01"}, []any{"ID", "Title", "Owner"}, nil, []any{"A-1", "Laptop", "Ada"}), table.Options{})
	if got.Header != 4 || len(got.Rows) != 1 || got.Rows[0].Number != 6 || !strings.Contains(notes(got), "2 rows with content above the header") {
		t.Errorf("got header %d, rows %+v, notes %q", got.Header, got.Rows, notes(got))
	}
}

func TestOtherLanguagesByAlias(t *testing.T) {
	got := read(t, foreign(t, nil, []any{"Kennung", "Bezeichnung", "Zustand", "Critical"}, []any{"A-1", "Rechner", "in betrieb", "wahr"}),
		table.Options{Aliases: map[string]string{"Kennung": "id", "Zustand": "state", "Nichts": "unknown"}})
	want := map[string]any{"id": "A-1", "title": "Rechner", "state": "in_use", "critical": true}
	if diff := cmp.Diff(want, got.Rows[0].Cells); diff != "" {
		t.Error(diff)
	}
}

func TestFormulaRefusesItsRowOnlyWhereTheColumnIsImported(t *testing.T) {
	got := read(t, foreign(t, func(f *excelize.File) {
		f.SetCellFormula("Sheet1", "B2", "=CONCAT(\"a\",\"b\")")
		f.SetCellFormula("Sheet1", "C3", "=1+1")
	}, []any{"ID", "Title", "Remark"}, []any{"A-1"}, []any{"A-2", "Phone"}), table.Options{})
	if len(got.Rows) != 1 || got.Rows[0].Number != 3 {
		t.Errorf("got rows %+v", got.Rows)
	}
	if len(got.Refused) != 1 || got.Refused[0].Row != 2 || got.Refused[0].Cell != "B2" || got.Refused[0].Column != "title" ||
		!strings.Contains(got.Refused[0].Reason, "formula (=CONCAT") || got.Refused[0].Fix == "" {
		t.Errorf("got refused %+v", got.Refused)
	}
}

func TestMergedCellsGiveTheirValueToTheFirstAndClearNothing(t *testing.T) {
	got := read(t, foreign(t, func(f *excelize.File) { f.MergeCell("Sheet1", "C2", "C4") },
		[]any{"ID", "Title", "Owner"}, []any{"A-1", "Laptop", "Ada"}, []any{"A-2", "Phone"}, []any{"A-3", "Server"}, []any{"A-4", "Printer"}), table.Options{})
	want := []map[string]any{{"id": "A-1", "title": "Laptop", "owner": "Ada"}, {"id": "A-2", "title": "Phone"}, {"id": "A-3", "title": "Server"}, {"id": "A-4", "title": "Printer", "owner": nil}}
	for i, row := range got.Rows {
		if diff := cmp.Diff(want[i], row.Cells); diff != "" {
			t.Errorf("row %d (-want +got)\n%s", row.Number, diff)
		}
	}
	if !strings.Contains(notes(got), "C2:C4") {
		t.Errorf("got notes %q", notes(got))
	}
}

func TestHiddenRowsColumnsAndSheetsAreReported(t *testing.T) {
	got := read(t, foreign(t, func(f *excelize.File) {
		f.SetRowVisible("Sheet1", 3, false)
		f.SetColVisible("Sheet1", "B", false)
		f.NewSheet("Lists")
		f.NewSheet("Secret")
		f.SetSheetVisible("Secret", false)
	}, []any{"ID", "Title"}, []any{"A-1", "x"}, []any{"A-2", "y"}), table.Options{})
	if len(got.Rows) != 2 {
		t.Errorf("hidden rows must be read: got %+v", got.Rows)
	}
	for _, want := range []string{"hidden rows were read too: 3", "hidden columns were read too: B", "because hidden: Secret", "other worksheets Lists"} {
		if !strings.Contains(notes(got), want) {
			t.Errorf("notes %q lack %q", notes(got), want)
		}
	}
}

func TestSheetIsChosenByNameElseTheFirstWithAHeader(t *testing.T) {
	data := foreign(t, func(f *excelize.File) {
		f.NewSheet("Assets")
		f.SetSheetRow("Assets", "A1", &[]any{"ID", "Title"})
		f.SetSheetRow("Assets", "A2", &[]any{"A-1", "found"})
		f.NewSheet("More")
		f.SetSheetRow("More", "A1", &[]any{"ID", "Title"})
		f.SetSheetRow("More", "A2", &[]any{"A-2", "more"})
	}, []any{"Read me first"})
	if got := read(t, data, table.Options{}); got.Sheet != "Assets" || got.Rows[0].Cells["title"] != "found" {
		t.Errorf("got %q %+v", got.Sheet, got.Rows)
	}
	if got := read(t, data, table.Options{Sheet: "more"}); got.Rows[0].Cells["title"] != "more" {
		t.Errorf("got %+v", got.Rows)
	}
	_, err := table.Read(bytes.NewReader(data), table.Options{Columns: assetColumns, Sheet: "None"})
	if err == nil || !strings.Contains(err.Error(), "Sheet1, Assets, More") {
		t.Errorf("got %v, want the sheets there are", err)
	}
}

func TestCellsAreUnderstoodByKind(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 30, 15, 0, time.UTC)
	columns := map[table.Kind]table.Column{
		table.Text: {Key: "x"}, table.Number: {Key: "x", Kind: table.Number}, table.Bool: {Key: "x", Kind: table.Bool},
		table.Date: {Key: "x", Kind: table.Date}, table.DateTime: {Key: "x", Kind: table.DateTime},
		table.Enum: {Key: "x", Kind: table.Enum, Choices: []table.Choice{{Name: "in_use", Label: "In use"}}},
	}
	for _, c := range []struct {
		kind    table.Kind
		in      any
		want    any
		refused string
	}{
		{table.Text, 5.5, "5.5", ""}, {table.Text, 1234567890123, "1234567890123", ""}, {table.Text, true, "TRUE", ""}, {table.Text, "  kept  ", "  kept  ", ""},
		{table.Text, at, nil, "a date (2026-11-24) where text belongs"},
		{table.Number, 0.1, 0.1, ""}, {table.Number, "1.5", 1.5, ""}, {table.Number, "1,5", 1.5, ""}, {table.Number, "1,234.5", 1234.5, ""}, {table.Number, "1.234,5", 1234.5, ""},
		{table.Number, "1 234 567", 1234567.0, ""}, {table.Number, "1'234.50", 1234.5, ""}, {table.Number, "−3", -3.0, ""}, {table.Number, "1e3", 1000.0, ""},
		{table.Number, "1,234", nil, "can be read as 1234 and as 1.234"}, {table.Number, "NaN", nil, "not a number"}, {table.Number, "0x10", nil, "not a number"},
		{table.Number, "1e999", nil, "out of range"}, {table.Number, at, nil, "is not a number"}, {table.Number, "12 %", nil, "not a number"}, {table.Number, true, nil, "TRUE is not a number"},
		{table.Bool, true, true, ""}, {table.Bool, "no", false, ""}, {table.Bool, "YES", true, ""}, {table.Bool, 1, true, ""}, {table.Bool, 2, nil, "neither yes nor no"}, {table.Bool, "maybe", nil, "neither yes nor no"},
		{table.Date, at, "2026-11-24", ""}, {table.Date, "2026-11-24", "2026-11-24", ""}, {table.Date, "24.11.2026", "2026-11-24", ""}, {table.Date, "3.4.2025", "2025-04-03", ""},
		{table.Date, "24/11/2026", "2026-11-24", ""}, {table.Date, "11/24/2026", "2026-11-24", ""}, {table.Date, "04/04/2025", "2025-04-04", ""}, {table.Date, "24 Nov 2026", "2026-11-24", ""},
		{table.Date, "03/04/2025", nil, "as day/month and as month/day"}, {table.Date, "30/02/2026", nil, "is not a date"}, {table.Date, "24.11.26", nil, "is not a date"}, {table.Date, 46000, nil, "46000 is a number, not a date"},
		{table.Date, "next week", nil, "is not a date"}, {table.Date, "2026-02-30", nil, "is not a date"},
		{table.DateTime, at, "2026-11-24T09:30:15Z", ""}, {table.DateTime, "2026-11-24T10:30:15+01:00", "2026-11-24T09:30:15Z", ""}, {table.DateTime, "2026-11-24 09:30", "2026-11-24T09:30:00Z", ""},
		{table.DateTime, "2026-11-24", "2026-11-24T00:00:00Z", ""},
		{table.Enum, "in use", "in_use", ""}, {table.Enum, "IN_USE", "in_use", ""}, {table.Enum, "lost", nil, "none of the allowed values"}, {table.Enum, "  ", nil, ""},
	} {
		got := read(t, foreign(t, nil, []any{"x", "other"}, []any{c.in, "y"}), table.Options{Columns: []table.Column{columns[c.kind], {Key: "other"}}})
		switch {
		case c.refused != "":
			if len(got.Refused) != 1 || !strings.Contains(got.Refused[0].Reason, c.refused) || got.Refused[0].Fix == "" || got.Refused[0].Cell != "A2" {
				t.Errorf("%s %v: got %+v %+v, want a refusal with %q", c.kind, c.in, got.Rows, got.Refused, c.refused)
			}
		case len(got.Rows) != 1 || got.Rows[0].Cells["x"] != c.want:
			t.Errorf("%s %v: got %+v %+v, want %v", c.kind, c.in, got.Rows, got.Refused, c.want)
		}
	}
}

func TestOldMacintoshDatesAndFormatsOfOtherPrograms(t *testing.T) {
	data := foreign(t, func(f *excelize.File) {
		old := true
		f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &old})
		format := `[$-407]d. mmm yyyy;@`
		style, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		money := `#,##0.00 "days"`
		plain, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &money})
		f.SetCellValue("Sheet1", "B2", 44888) // in the 1904 system
		f.SetCellStyle("Sheet1", "B2", "B2", style)
		f.SetCellValue("Sheet1", "C2", 12)
		f.SetCellStyle("Sheet1", "C2", "C2", plain)
	}, []any{"ID", "Next review", "Value"}, []any{"A-1"})
	got := read(t, data, table.Options{})
	if diff := cmp.Diff(map[string]any{"id": "A-1", "due": "2026-11-24", "value": 12.0}, got.Rows[0].Cells); diff != "" {
		t.Error(diff)
	}
}

// What is written here must open elsewhere.
func TestOtherLibraryReadsWhatIsWritten(t *testing.T) {
	var file bytes.Buffer
	if err := soaSheet().WriteXLSX(&file); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for cell, want := range map[string]string{"A1": "Control", "A2": "A.5.1", "C2": "Yes", "E3": `=HYPERLINK("https://example.org") stays text, as do +1 and @home.`,
		"E4": "Line one\nLine two", "G2": "Pass", "I2": "2026-11-24 09:12 UTC", "J2": "2027-03-03", "A11": "A.8.30"} {
		if got, _ := f.GetCellValue("SoA 2", cell); got != want {
			t.Errorf("%s: got %q, want %q", cell, got, want)
		}
		if formula, _ := f.GetCellFormula("SoA 2", cell); formula != "" {
			t.Errorf("%s became the formula %q", cell, formula)
		}
	}
	lists, err := f.GetDataValidations("SoA 2")
	if err != nil || len(lists) != 3 {
		t.Fatalf("got lists %+v, %v", lists, err)
	}
	if diff := cmp.Diff([]string{"Not started", "Planned", "Partly", "Implemented"}, listed(t, f, lists[1].Formula1)); diff != "" {
		t.Errorf("the list of implementation (-want +got)\n%s", diff)
	}
	if panes, _ := f.GetPanes("SoA 2"); !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the header is not frozen: %+v", panes)
	}
}

// Excel refuses a worksheet whose parts stand in another order than the schema's
// (ECMA-376 18.3.1.99).
func TestPartsOfAWorksheetStandInTheOrderOfTheSchema(t *testing.T) {
	schema := []string{"sheetPr", "sheetViews", "sheetFormatPr", "cols", "sheetData", "autoFilter", "dataValidations", "pageMargins", "pageSetup", "headerFooter", "ignoredErrors"}
	var file bytes.Buffer
	if err := soaSheet().WriteXLSX(&file); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"} {
		part, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		var sheet struct {
			Parts []struct{ XMLName xml.Name } `xml:",any"`
		}
		if err := xml.NewDecoder(part).Decode(&sheet); err != nil {
			t.Fatal(err)
		}
		next := 0
		for _, p := range sheet.Parts {
			at := slices.Index(schema[next:], p.XMLName.Local)
			if at < 0 {
				t.Errorf("%s: %s stands too late, or is unknown", name, p.XMLName.Local)
				continue
			}
			next += at + 1
		}
	}
}

func TestSheetNamesAreMadeToFit(t *testing.T) {
	for name, want := range map[string]string{
		"Assets": "Assets", "": "Export", "About": "Export", "history": "Export", " * ": "Export", "a/b:c[d]": "a b c d ", "Ada's": "Ada s", "x\ny": "x",
		strings.Repeat("ü", 40): strings.Repeat("ü", 31), strings.Repeat("😀", 20): strings.Repeat("😀", 15), "R&D <1>": "R&D <1>",
	} {
		var file bytes.Buffer
		if err := (table.Sheet{Name: name, Title: "8 & <title>", Columns: assetColumns}).WriteXLSX(&file); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.GetSheetList(); got[0] != want || len(got) != 2 {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
		f.Close()
		if got := read(t, file.Bytes(), table.Options{Sheet: want}); got.Sheet != want {
			t.Errorf("%q: read back as %q", name, got.Sheet)
		}
	}
}

// listed gives the cells a list of allowed values points to.
func listed(t *testing.T, f *excelize.File, formula string) (values []string) {
	t.Helper()
	sheet, span, _ := strings.Cut(strings.ReplaceAll(formula, "$", ""), "!")
	rows, err := f.GetRows(sheet)
	var first, last int
	if _, scanErr := fmt.Sscanf(span, "B%d:B%d", &first, &last); err != nil || scanErr != nil {
		t.Fatal(err, scanErr)
	}
	for _, row := range rows[first-1 : last] {
		values = append(values, row[1])
	}
	return values
}
