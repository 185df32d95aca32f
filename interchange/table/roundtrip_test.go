// SPDX-License-Identifier: Apache-2.0

package table_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sextant"
	"sextant/interchange/table"
)

var everyKind = []table.Column{
	{Key: "key", Label: "Key"},
	{Key: "note", Label: "Note"},
	{Key: "tags", Label: "Tags", Many: true},
	{Key: "score", Label: "Score", Kind: table.Number},
	{Key: "open", Label: "Open?", Kind: table.Bool},
	{Key: "due", Label: "Due", Kind: table.Date},
	{Key: "seen", Label: "Seen", Kind: table.DateTime},
	{Key: "state", Label: "State", Kind: table.Enum, Choices: []table.Choice{{Name: "a", Label: "=Active"}, {Name: "b", Label: "-"}, {Name: "c"}}},
	{Key: "roles", Label: "Roles", Kind: table.Enum, Many: true, Choices: []table.Choice{{Name: "ciso", Label: "CISO; deputy"}, {Name: "dpo", Label: "DPO"}}},
	{Key: "url", Label: "Address", Kind: table.Link},
}

// awkward texts are those that spreadsheets, CSV and XML like to change.
var awkward = []string{"=1+1", "+49 30", "-", "@home", "\tx", "\rx", "\nx", "'=1", "''-1", "'quoted'", `"`, `""`, `a,b;c`, "a\r\nb", "a\nb", "a\rb",
	" x ", "007", "5.10", "1-2", "1e5", "TRUE", "2026-01-02", "_x000D_", "_x005F_x000D_", "_x0041_x0042_", "_", "\x00", "\x1f", "\ufffe", "\ufeff", "\ufffd",
	"😀👩‍👩‍👧", "＝1", "<&>'\"", "]]>", "&#10;", "ß", strings.Repeat("é", 3000), "sep=;", "NULL"}

func genText(t *rapid.T, label string) any {
	if rapid.IntRange(0, 9).Draw(t, label+" empty") == 0 {
		return nil
	}
	s := rapid.OneOf(rapid.SampledFrom(awkward), rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("=+-@'\",;\t\r\n_x00D5F \x01a"))),
		rapid.StringMatching(`[a-zA-Z0-9 .,]{1,200}`)).Draw(t, label)
	if s == "" {
		return nil
	}
	return s
}

func genRow(t *rapid.T) []any {
	maybe := func(name string, v any) any {
		if rapid.Bool().Draw(t, name+" given") {
			return v
		}
		return nil
	}
	at := time.UnixMicro(rapid.Int64Range(-62_135_596_800_000_000+86_400_000_000, 253_370_764_799_000_000).Draw(t, "moment")).UTC()
	if rapid.Bool().Draw(t, "whole second") {
		at = at.Truncate(time.Second)
	}
	lists := func(name string, part *rapid.Generator[string]) any {
		if list := rapid.SliceOfN(part, 0, 4).Draw(t, name); len(list) > 0 {
			return list
		}
		return nil
	}
	return []any{
		rapid.StringMatching(`[A-Z]{1,3}-[1-9][0-9]{0,3}`).Draw(t, "key"),
		genText(t, "note"),
		lists("tags", rapid.StringMatching(`[=+'a-z;,"-]{1,10}`)),
		maybe("score", rapid.Float64Range(-1e300, 1e300).Draw(t, "score")+0),
		maybe("open", rapid.Bool().Draw(t, "open")),
		maybe("due", at.Format(time.DateOnly)),
		maybe("seen", at.Format(time.RFC3339Nano)),
		maybe("state", rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "state")),
		lists("roles", rapid.SampledFrom([]string{"ciso", "dpo"})),
		genText(t, "url"),
	}
}

func cellsOf(columns []table.Column, row []any) map[string]any {
	cells := map[string]any{}
	for i, c := range columns {
		cells[c.Key] = row[i]
	}
	return cells
}

func TestWhatIsWrittenReadsBackUnchanged(t *testing.T) {
	for _, format := range table.Formats() {
		t.Run(string(format), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				rows := rapid.SliceOfN(rapid.Custom(genRow), 1, 6).Draw(t, "rows")
				var file bytes.Buffer
				sheet := table.Sheet{Name: "Entries", Columns: everyKind, Rows: table.RowsOf(rows...)}
				if err := sheet.Write(&file, format); err != nil {
					t.Fatal(err)
				}
				back, err := table.Read(&file, table.Options{Columns: everyKind})
				if err != nil {
					t.Fatal(err)
				}
				var got, want []map[string]any
				for _, row := range back.Rows {
					got = append(got, row.Cells)
				}
				for _, row := range rows {
					want = append(want, cellsOf(everyKind, row))
				}
				if diff := cmp.Diff(want, got); diff != "" || len(back.Refused) > 0 {
					t.Fatalf("written and read differ (-want +got):\n%s\nrefused %+v", diff, back.Refused)
				}
			})
		})
	}
}

func TestEveryAwkwardTextSurvivesTenRoundTrips(t *testing.T) {
	columns := []table.Column{{Key: "key"}, {Key: "note"}}
	for _, format := range table.Formats() {
		rows := [][]any{}
		for _, s := range awkward {
			rows = append(rows, []any{"k", s})
		}
		for range 10 {
			var file bytes.Buffer
			if err := (table.Sheet{Name: "x", Columns: columns, Rows: table.RowsOf(rows...)}).Write(&file, format); err != nil {
				t.Fatal(err)
			}
			back, err := table.Read(&file, table.Options{Columns: columns})
			if err != nil {
				t.Fatal(err)
			}
			rows = rows[:0]
			for _, row := range back.Rows {
				rows = append(rows, []any{row.Cells["key"], row.Cells["note"]})
			}
		}
		for i, s := range awkward {
			if i >= len(rows) || rows[i][1] != s {
				t.Errorf("%s: text %d %.40q came back changed", format, i, s)
			}
		}
	}
}

func TestCSVWithKeysReadsBackToo(t *testing.T) {
	columns := soaSheet().Columns
	for _, o := range []table.CSVOptions{{Keys: true}, {Comma: ';'}, {Comma: '\t', NoBOM: true}, {Comma: '|', Keys: true}} {
		var file bytes.Buffer
		if err := soaSheet().WriteCSV(&file, o); err != nil {
			t.Fatal(err)
		}
		back, err := table.Read(&file, table.Options{Columns: columns})
		if err != nil || len(back.Rows) != 10 || len(back.Refused) != 0 {
			t.Fatalf("%+v: got %v, %+v", o, err, back)
		}
		if got := back.Rows[0].Cells["reasons"]; cmp.Diff(got, []string{"risk", "law"}) != "" {
			t.Errorf("%+v: got reasons %v", o, got)
		}
	}
}

func TestSameSheetGivesSameBytes(t *testing.T) {
	for _, format := range table.Formats() {
		var first, second bytes.Buffer
		if err := errors.Join(soaSheet().Write(&first, format), soaSheet().Write(&second, format)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: two writings differ", format)
		}
	}
}

func TestWhatCannotBeWrittenIsRefusedWithItsPlace(t *testing.T) {
	columns := []table.Column{{Key: "key"}, {Key: "note", Label: "Note"}, {Key: "score", Kind: table.Number}, {Key: "due", Kind: table.Date}, {Key: "tags", Many: true}}
	for name, c := range map[string]struct {
		row  []any
		want string
	}{
		"a text beyond Excel's limit names its cell":  {[]any{"k", strings.Repeat("x", table.MaxCellXLSX+1)}, "cell B3"},
		"emoji count twice, as Excel counts":          {[]any{"k", strings.Repeat("😀", table.MaxCellXLSX/2+1)}, "cell B3"},
		"bytes that are no text":                      {[]any{"k", "a\xff"}, "valid UTF-8"},
		"a number column takes no text":               {[]any{"k", nil, "12"}, "data row 2"},
		"a date column takes no other text":           {[]any{"k", nil, nil, "tomorrow"}, "neither a date"},
		"one of many values cannot have a line break": {[]any{"k", nil, nil, nil, []string{"a\nb"}}, "line break"},
		"a row cannot be longer than the columns":     {[]any{1, 2, 3, 4, 5, 6}, "6 values for 5 columns"},
	} {
		t.Run(name, func(t *testing.T) {
			err := table.Sheet{Name: "x", Columns: columns, Rows: table.RowsOf([]any{"fine"}, c.row)}.WriteXLSX(&bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
	longest := table.Sheet{Name: "x", Columns: columns, Rows: table.RowsOf([]any{"k", strings.Repeat("x", table.MaxCellXLSX)})}
	if err := longest.WriteXLSX(&bytes.Buffer{}); err != nil {
		t.Errorf("a text of exactly the limit: got %v", err)
	}
}

func TestErrorOfTheRowsEndsTheWriting(t *testing.T) {
	gone := errors.New("database gone")
	for _, format := range table.Formats() {
		rows := func(yield func([]any, error) bool) { _ = yield([]any{"a"}, nil) && yield(nil, gone) }
		err := table.Sheet{Name: "x", Columns: []table.Column{{Key: "a"}}, Rows: rows}.Write(&bytes.Buffer{}, format)
		if !errors.Is(err, gone) {
			t.Errorf("%s: got %v, want the error of the rows", format, err)
		}
	}
}

func TestColumnsThatCannotBeToldApartAreRefused(t *testing.T) {
	for name, columns := range map[string][]table.Column{
		"no columns":                {},
		"a key used twice":          {{Key: "a"}, {Key: "a"}},
		"a label of two choices":    {{Key: "a", Kind: table.Enum, Choices: []table.Choice{{Name: "x", Label: "Same"}, {Name: "y", Label: "Same"}}}},
		"many values of a date":     {{Key: "a", Kind: table.Date, Many: true}},
		"a choice without any name": {{Key: "a", Kind: table.Enum, Choices: []table.Choice{{Label: "x"}}}},
	} {
		for _, format := range table.Formats() {
			if err := (table.Sheet{Columns: columns}).Write(&bytes.Buffer{}, format); sextant.CodeOf(err) != sextant.Internal {
				t.Errorf("%s as %s: got %v", name, format, err)
			}
		}
	}
}

func TestColumnsOfTheSameLabelStayApart(t *testing.T) {
	columns := []table.Column{{Key: "a", Label: "Owner"}, {Key: "b", Label: "Owner"}, {Key: "owner", Label: "Third"}}
	for _, format := range table.Formats() {
		var file bytes.Buffer
		if err := (table.Sheet{Name: "x", Columns: columns, Rows: table.RowsOf([]any{"1", "2", "3"})}).Write(&file, format); err != nil {
			t.Fatal(err)
		}
		back, err := table.Read(&file, table.Options{Columns: columns})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]any{"a": "1", "b": "2", "owner": "3"}, back.Rows[0].Cells); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", format, diff)
		}
	}
}

func TestManyRowsAreWrittenInLittleMemory(t *testing.T) {
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for _, format := range table.Formats() {
		var early, late uint64
		sheet := wide(20_000)
		all, n := sheet.Rows, 0
		sheet.Rows = func(yield func([]any, error) bool) {
			for row, err := range all {
				switch n++; n {
				case 1_000:
					early = used()
				case 20_000:
					late = used()
				}
				if !yield(row, err) {
					return
				}
			}
		}
		if err := sheet.Write(io.Discard, format); err != nil {
			t.Fatal(err)
		}
		if late > early+(1<<20) {
			t.Errorf("%s: 19,000 rows more need %d bytes more", format, late-early)
		}
	}
}

func TestManyEqualRowsAreNotTakenForAnAttack(t *testing.T) {
	rows := make([][]any, 20_000)
	for i := range rows {
		rows[i] = []any{"same", "same", "same"}
	}
	var file bytes.Buffer
	if err := (table.Sheet{Name: "x", Columns: assetColumns, Rows: table.RowsOf(rows...)}).WriteXLSX(&file); err != nil {
		t.Fatal(err)
	}
	if got := read(t, file.Bytes(), table.Options{}); len(got.Rows) != len(rows) {
		t.Errorf("got %d rows", len(got.Rows))
	}
}
