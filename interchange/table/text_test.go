// SPDX-License-Identifier: Apache-2.0

package table_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"sextant/interchange/table"
)

func encoded(t *testing.T, e encoding.Encoding, s string) []byte {
	t.Helper()
	out, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCSVIsReadInTheEncodingItHas(t *testing.T) {
	const s = "ID;Title\r\nA-1;Gerät für Müller – 5 €\r\n"
	for name, c := range map[string]struct {
		data []byte
		note string
	}{
		"UTF-8":                               {[]byte(s), ""},
		"UTF-8 with a byte order mark":        {[]byte("\ufeff" + s), ""},
		"UTF-16 as Excel writes Unicode text": {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), s), "UTF-16"},
		"UTF-16, big end first":               {encoded(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), s), "UTF-16"},
		"UTF-16 without a mark":               {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), s), "UTF-16"},
		"Windows-1252 as old Excel writes":    {encoded(t, charmap.Windows1252, s), "Windows-1252"},
	} {
		got := read(t, c.data, table.Options{})
		if len(got.Rows) != 1 || got.Rows[0].Cells["title"] != "Gerät für Müller – 5 €" {
			t.Errorf("%s: got %+v", name, got.Rows)
		}
		if (c.note == "") != (len(got.Notes) == 0) || !strings.Contains(notes(got), c.note) {
			t.Errorf("%s: got notes %q, want %q", name, notes(got), c.note)
		}
	}
}

func TestBrokenCharactersRefuseTheirRowsOnly(t *testing.T) {
	got := read(t, []byte("ID,Title\nA-1,Gerät für Müller\nA-2,M\xfcller\nA-3,ok\n"), table.Options{})
	if len(got.Rows) != 2 || len(got.Refused) != 1 || got.Refused[0].Row != 3 || got.Refused[0].Cell != "B3" || !strings.Contains(got.Refused[0].Reason, "cannot be decoded") {
		t.Errorf("got %+v %+v", got.Rows, got.Refused)
	}
}

func TestCSVOfEveryDialect(t *testing.T) {
	want := []table.Row{{Number: 2, Cells: map[string]any{"id": "A-1", "title": "a, \"b\"; c\td"}}}
	for name, s := range map[string]string{
		"commas":                        "ID,Title\r\nA-1,\"a, \"\"b\"\"; c\td\"\r\n",
		"semicolons":                    "ID;Title\nA-1;\"a, \"\"b\"\"; c\td\"\n",
		"tabs":                          "ID\tTitle\nA-1\t\"a, \"\"b\"\"; c\td\"",
		"bars":                          "ID|Title\nA-1|\"a, \"\"b\"\"; c\td\"",
		"the separator declared":        "sep=;\r\nID;Title\r\nA-1;\"a, \"\"b\"\"; c\td\"\r\n",
		"line ends of old Macintoshes":  "ID;Title\rA-1;\"a, \"\"b\"\"; c\td\"\r",
		"more commas than semicolons":   "ID;Title;\"x,y,z\"\nA-1;\"a, \"\"b\"\"; c\td\";\",,,,\"\n",
		"quotation marks in plain text": "ID;Title\nA-1;\"a, \"\"b\"\"; c\td\"\n",
	} {
		got := read(t, []byte(s), table.Options{})
		if diff := cmp.Diff(want, got.Rows); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestCSVRowsCountAsASpreadsheetCountsThem(t *testing.T) {
	got := read(t, []byte("Assets\n\nID,Title\n\nA-1,\"two\nlines\"\n,\nA-2,x,\"y\"z,\nA-3\n"), table.Options{})
	var numbers []int
	for _, row := range got.Rows {
		numbers = append(numbers, row.Number)
	}
	if diff := cmp.Diff([]int{5, 7, 8}, numbers); diff != "" || got.Header != 3 {
		t.Errorf("header %d, rows (-want +got)\n%s", got.Header, diff)
	}
	if !strings.Contains(notes(got), "column C has content but no header") {
		t.Errorf("got notes %q", notes(got))
	}
}

func TestTextAfterAClosingQuotationMarkIsRefused(t *testing.T) {
	got := read(t, []byte("ID,Title\nA-1,\"x\"y,z\nA-2,ok\n"), table.Options{})
	if len(got.Rows) != 1 || len(got.Refused) != 1 || !strings.Contains(got.Refused[0].Reason, "after the closing quotation mark") {
		t.Errorf("got %+v", got)
	}
}

func TestGuardIsTakenAwayExactlyOnce(t *testing.T) {
	got := read(t, []byte("ID,Title\n'=1,''=1\n'x,'\n-5,'-5\n"), table.Options{})
	for i, want := range [][2]any{{"=1", "'=1"}, {"'x", "'"}, {"-5", "-5"}} {
		if cells := got.Rows[i].Cells; cells["id"] != want[0] || cells["title"] != want[1] {
			t.Errorf("got %v, want %v", cells, want)
		}
	}
}

func TestCSVCarriesNoLiveFormula(t *testing.T) {
	var rows [][]any
	for _, s := range awkward {
		rows = append(rows, []any{s, "+" + s})
	}
	var file bytes.Buffer
	columns := []table.Column{{Key: "a", Label: "=A"}, {Key: "b"}}
	if err := (table.Sheet{Columns: columns, Rows: table.RowsOf(rows...)}).WriteCSV(&file, table.CSVOptions{NoBOM: true}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(file.String(), "\r\n") {
		field := strings.TrimPrefix(line, `"`)
		if field != "" && strings.ContainsAny(field[:1], "=+-@") {
			t.Errorf("a cell starts live: %.40q", line)
		}
	}
}

func TestJSONRowsSayThemselvesWhatTheyHave(t *testing.T) {
	got := read(t, []byte(`[{"id":"A-1","title":null,"extra":{"deep":[1]}},{"ID":"A-2","value":1.5,"critical":false},{"extra":1}]`), table.Options{})
	want := []table.Row{
		{Number: 1, Cells: map[string]any{"id": "A-1", "title": nil}},
		{Number: 2, Cells: map[string]any{"id": "A-2", "value": 1.5, "critical": false}},
	}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"extra"}, got.Unknown); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"id", "title", "value", "critical"}, got.Columns); diff != "" {
		t.Error(diff)
	}
}

func TestJSONValuesThatDoNotFitRefuseTheirRow(t *testing.T) {
	for value, want := range map[string]string{
		`"title":{"a":1}`:            "an object",
		`"title":["a","b"]`:          "a list where text belongs",
		`"title":[1]`:                "something else than texts",
		`"value":"many"`:             "not a number",
		`"value":1e999`:              "out of range",
		`"due":20261124`:             "a number, not a date",
		`"title":"x","TITLE":"y"`:    "stands twice",
		`"title":null,"title":"y"`:   "stands twice",
		`"state":"lost"`:             "none of the allowed values",
		`"critical":["yes"]`:         "neither yes nor no",
		`"owner":"x","due":["2026"]`: "is not a date",
	} {
		got := read(t, []byte(`[{"id":"A-1"},{"id":"A-2",`+value+`}]`), table.Options{})
		if len(got.Rows) != 1 || len(got.Refused) != 1 || got.Refused[0].Row != 2 || !strings.Contains(got.Refused[0].Reason, want) {
			t.Errorf("%s: got %+v, want a refusal with %q", value, got.Refused, want)
		}
	}
}

func TestSeveralValuesInOneCell(t *testing.T) {
	columns := []table.Column{{Key: "id"}, {Key: "tags", Many: true}}
	got := read(t, []byte(`[{"id":"1","tags":"a; b;;c"},{"id":"2","tags":"a;x\r\n b"},{"id":"3","tags":["a;b"," c "]},{"id":"4","tags":" ; "},{"id":"5","tags":["a\nb"]}]`), table.Options{Columns: columns})
	for i, want := range []any{[]string{"a", "b", "c"}, []string{"a;x", "b"}, []string{"a;b", "c"}, nil} {
		if diff := cmp.Diff(want, got.Rows[i].Cells["tags"]); diff != "" {
			t.Errorf("row %d (-want +got)\n%s", i+1, diff)
		}
	}
	if len(got.Refused) != 1 || !strings.Contains(got.Refused[0].Reason, "line break") {
		t.Errorf("got refused %+v", got.Refused)
	}
}

func TestEmptyTablesAreTables(t *testing.T) {
	for _, format := range table.Formats() {
		var file bytes.Buffer
		if err := (table.Sheet{Name: "x", Columns: assetColumns}).Write(&file, format); err != nil {
			t.Fatal(err)
		}
		if got := read(t, file.Bytes(), table.Options{}); len(got.Rows) != 0 || len(got.Refused) != 0 || got.Format != format {
			t.Errorf("%s: got %+v", format, got)
		}
	}
}

func TestFormatsAreNamed(t *testing.T) {
	for s, want := range map[string]table.Format{"XLSX": table.XLSX, " csv ": table.CSV, "json": table.JSON} {
		if got, err := table.ParseFormat(s); got != want || err != nil || got.MediaType() == table.Unknown.MediaType() {
			t.Errorf("%q: got %q, %v", s, got, err)
		}
	}
	if _, err := table.ParseFormat("pdf"); err == nil {
		t.Error("pdf is no table format")
	}
	for _, o := range []table.Options{{Format: table.XLSX}, {Format: table.JSON}} {
		if _, err := table.Read(strings.NewReader("ID\nA-1\n"), table.Options{Columns: assetColumns, Format: o.Format}); err == nil {
			t.Errorf("CSV declared as %s was read", o.Format)
		}
	}
}

func TestPercentIsReadWhereItIsShown(t *testing.T) {
	columns := []table.Column{{Key: "share", Kind: table.Number, Format: "0 %"}, {Key: "points", Kind: table.Number, Format: `0"%"`}, {Key: "plain", Kind: table.Number}}
	got := read(t, []byte("share;points;plain\n92 %;7%;1\n1,5%;;2\n1;1;50%\n"), table.Options{Columns: columns})
	want := []table.Row{
		{Number: 2, Cells: map[string]any{"share": 0.92, "points": 7.0, "plain": 1.0}},
		{Number: 3, Cells: map[string]any{"share": 0.015, "points": nil, "plain": 2.0}},
	}
	if diff := cmp.Diff(want, got.Rows); diff != "" || len(got.Refused) != 1 || got.Refused[0].Cell != "C4" {
		t.Errorf("refused %+v, rows (-want +got)\n%s", got.Refused, diff)
	}
}
