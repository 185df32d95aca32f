// SPDX-License-Identifier: Apache-2.0

package table_test

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sextant/interchange/table"
)

// tight limits keep one input of the fuzzer cheap.
var tight = table.Limits{Unpacked: 4 << 20, Rows: 200, Columns: 50, Cell: 10_000, Merged: 50}

// holds checks what must be true of whatever Read returns: nothing refused is
// also taken, and what was taken can be written and reads back the same.
func holds(t *testing.T, data []byte, format table.Format) {
	got, err := table.Read(bytes.NewReader(data), table.Options{Columns: everyKind, Format: format, Limits: tight})
	if err != nil {
		if got != nil || err.Error() == "" {
			t.Fatalf("an error comes alone and says something: %v, %v", got, err)
		}
		return
	}
	refused := map[int]bool{}
	for _, r := range got.Refused {
		if refused[r.Row] = true; r.Reason == "" || r.Fix == "" || !utf8.ValidString(r.Reason) {
			t.Fatalf("a refusal says why and what to do: %+v", r)
		}
	}
	last, rows := 0, [][]any{}
	for _, row := range got.Rows {
		if refused[row.Number] || row.Number <= last {
			t.Fatalf("row %d is refused too, or follows row %d", row.Number, last)
		}
		last = row.Number
		values := []any{"K-1"}
		for _, c := range everyKind[1:] {
			values = append(values, row.Cells[c.Key])
		}
		rows = append(rows, values)
	}
	again(t, rows)
}

func again(t *testing.T, rows [][]any) {
	for _, format := range table.Formats() {
		var file bytes.Buffer
		if err := (table.Sheet{Name: "x", Columns: everyKind, Rows: table.RowsOf(rows...)}).Write(&file, format); err != nil {
			t.Fatalf("%s: what was read cannot be written: %v", format, err)
		}
		back, err := table.Read(&file, table.Options{Columns: everyKind})
		if err != nil || len(back.Rows) != len(rows) {
			t.Fatalf("%s: %v, %d rows of %d", format, err, len(back.Rows), len(rows))
		}
		for i, row := range back.Rows {
			if diff := cmp.Diff(cellsOf(everyKind, rows[i]), row.Cells); diff != "" {
				t.Fatalf("%s: read, written and read again differs\n%s", format, diff)
			}
		}
	}
}

func FuzzReadXLSX(f *testing.F) {
	var file bytes.Buffer
	if err := soaSheet().WriteXLSX(&file); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add(workbookOf(f, sheetXML([]string{"Key", "Note"}, []string{"K-1", "x"})))
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, data, table.Unknown) })
}

// FuzzReadWorksheet reaches behind the ZIP file, which bytes at random hardly
// ever do.
func FuzzReadWorksheet(f *testing.F) {
	f.Add(sheetXML([]string{"Key", "Note", "Due", "Score"}, []string{"K-1", "x", "2026-11-24", "1,5"}), "", "")
	f.Add(`<worksheet><cols><col min="1" max="2" hidden="1"/></cols><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>`+
		`<row r="2" hidden="1"><c r="A2" t="s"><v>0</v></c><c r="B2" s="1"><v>46000.5</v></c></row></sheetData><mergeCells><mergeCell ref="A2:A3"/></mergeCells></worksheet>`,
		`<sst><si><t>Key</t></si><si><r><t>Se</t></r><r><t>en</t></r></si></sst>`,
		`<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy"/></numFmts><cellXfs><xf/><xf numFmtId="164"/></cellXfs></styleSheet>`)
	f.Fuzz(func(t *testing.T, sheet, strings, styles string) {
		data := packed(t, "[Content_Types].xml", `<Types/>`,
			"xl/workbook.xml", `<workbook><sheets><sheet name="S" id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/>`+
				`<Relationship Id="r2" Type="x/sharedStrings" Target="t.xml"/><Relationship Id="r3" Type="x/styles" Target="f.xml"/></Relationships>`,
			"xl/s.xml", sheet, "xl/t.xml", strings, "xl/f.xml", styles)
		holds(t, data, table.XLSX)
	})
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("Key,Note,Due\nK-1,\"a\nb\",2026-11-24\n"))
	f.Add([]byte("sep=;\r\nKey;Score;Tags\r\nK-1;1,5;a;b\r\n"))
	f.Add([]byte("\xff\xfeK\x00e\x00y\x00\n\x00x\x00"))
	f.Add([]byte("Key;Note\nK-1;M\xfcller\n"))
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, data, table.CSV) })
}

func FuzzReadJSON(f *testing.F) {
	f.Add([]byte(`[{"key":"K-1","note":"x","score":1.5,"open":true,"tags":["a","b"],"seen":"2026-11-24T09:30:00Z"}]`))
	f.Add([]byte(`[{"key":null},{"KEY":1,"roles":["DPO"]}]`))
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, data, table.JSON) })
}
