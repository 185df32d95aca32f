// SPDX-License-Identifier: Apache-2.0

package table_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"sextant/interchange/table"
)

func opened(t *testing.T, data []byte) *table.Book {
	t.Helper()
	book, err := table.Open(bytes.NewReader(data), table.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func TestAFileIsOpenedAsItStands(t *testing.T) {
	book := opened(t, foreign(t, func(f *excelize.File) {
		f.NewSheet("Second")
		f.SetCellValue("Second", "B7", true)
		f.SetSheetVisible("Second", false)
		f.MergeCell("Sheet1", "A1", "C1")
		f.SetRowVisible("Sheet1", 3, false)
	}, []any{"A title"}, nil, []any{5.1, time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC), " x "}))
	want := []table.Grid{
		{Name: "Sheet1", Merged: []table.Range{{Left: 1, Top: 1, Right: 3, Bottom: 1}}, Notes: []table.Note{{Text: "hidden rows were read too: 3"}}, Rows: []table.GridRow{
			{Number: 1, Cells: []table.Cell{{Text: "A title"}}},
			{Number: 3, Hidden: true, Cells: []table.Cell{{Text: "5.1", Kind: table.Number}, {Text: "2026-12-24", Kind: table.Date}, {Text: " x "}}}}},
		{Name: "Second", Hidden: true, Rows: []table.GridRow{{Number: 7, Cells: []table.Cell{{}, {Text: "true", Kind: table.Bool}}}}},
	}
	if diff := cmp.Diff(want, book.Grids); diff != "" {
		t.Error(diff)
	}
}

func TestAFormulaCountsAsTheValueSavedWithIt(t *testing.T) {
	book := opened(t, workbookOf(t, `<worksheet><sheetData><row>`+
		`<c t="str"><f>A1&amp;"x"</f><v>kept</v></c><c><f>1+1</f><v>2</v></c><c><f>1+1</f></c><c t="str"><f>""</f><v></v></c><c t="e"><f>A9</f><v>#REF!</v></c></row></sheetData></worksheet>`))
	want := []table.Cell{{Text: "kept"}, {Text: "2", Kind: table.Number}, {Text: "the cell holds a formula that was saved without its value", Broken: true}, {}, {Text: "the cell holds the error #REF!", Broken: true}}
	if diff := cmp.Diff(want, book.Grids[0].Rows[0].Cells); diff != "" {
		t.Error(diff)
	}
}

func TestOpeningKeepsTheLimits(t *testing.T) {
	wide := strings.Repeat(",", 300) + "x\n"
	for name, c := range map[string]struct {
		data   string
		limits table.Limits
		want   string
	}{
		"rows":         {strings.Repeat("a,b\n", 11), table.Limits{Rows: 10}, "more than 10 rows"},
		"cells":        {strings.Repeat(wide, 10), table.Limits{Cells: 1_000}, "more than 1000 cells"},
		"columns":      {wide, table.Limits{Columns: 100}, "more than 100 columns"},
		"JSON":         {`[{"a": 1}]`, table.Limits{}, "the file is JSON"},
		"a PDF":        {"%PDF-1.7\n", table.Limits{}, "a PDF document"},
		"an open text": {"a,\"b\nc\n", table.Limits{}, "never closed"},
	} {
		book, err := table.Open(strings.NewReader(c.data), c.limits)
		if book != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestTheSeparatorIsWhatSplitsRowsEvenly(t *testing.T) {
	for name, text := range map[string]string{
		"semicolons":        "id;title, long;x\nA.5.1;one, two;y\nA.5.2;three;z\n",
		"tabs":              "id\ttitle, a\tx\nA.5.1\tb\ty\n",
		"commas":            "id,title,x\nA.5.1,a;b,y\n",
		"said by the file":  "sep=|\nid|title|x\nA.5.1|a,b|y\n",
		"one line of three": "A.5.1|b|c\n",
	} {
		if got := len(opened(t, []byte(text)).Grids[0].Rows[0].Cells); got != 3 {
			t.Errorf("%s: %d fields", name, got)
		}
	}
}

func TestADayIsReadHoweverItIsWritten(t *testing.T) {
	book := opened(t, []byte("x\n"))
	for cell, want := range map[table.Cell]string{
		{}: "", {Text: "2026-12-24", Kind: table.Date}: "2026-12-24", {Text: "24.12.2026"}: "2026-12-24", {Text: "46380", Kind: table.Number}: "2026-12-24", {Text: "46380.5", Kind: table.Number}: "2026-12-24",
	} {
		if got, err := book.Day(cell); err != nil || got != want {
			t.Errorf("%+v is %q, %v", cell, got, err)
		}
	}
	for _, cell := range []table.Cell{{Text: "Q4"}, {Text: "7", Kind: table.Number}, {Text: "03/04/2026"}, {Text: "the cell holds the error #N/A", Broken: true}, {Text: "true", Kind: table.Bool}} {
		if got, err := book.Day(cell); err == nil {
			t.Errorf("%+v is %q", cell, got)
		}
	}
}
