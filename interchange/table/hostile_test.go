// SPDX-License-Identifier: Apache-2.0

package table_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sextant"
	"sextant/interchange/table"
)

// packed makes a ZIP file of parts given as name, content, name, content.
func packed(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// workbookOf makes the smallest workbook around the XML of one worksheet.
func workbookOf(t testing.TB, sheet string, more ...string) []byte {
	return packed(t, append([]string{
		"[Content_Types].xml", `<Types><Default Extension="xml" ContentType="application/xml"/></Types>`,
		"_rels/.rels", `<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml", sheet}, more...)...)
}

// sheetXML makes a worksheet of rows of plain texts.
func sheetXML(rows ...[]string) string {
	var b strings.Builder
	b.WriteString("<worksheet><sheetData>")
	for _, row := range rows {
		b.WriteString("<row>")
		for _, s := range row {
			b.WriteString(`<c t="inlineStr"><is><t>` + s + `</t></is></c>`)
		}
		b.WriteString("</row>")
	}
	b.WriteString("</sheetData></worksheet>")
	return b.String()
}

func ole(streams string) []byte {
	out := []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	for _, r := range streams {
		out = append(out, byte(r), 0)
	}
	return out
}

func TestWrongFilesAreNamedForWhatTheyAre(t *testing.T) {
	rows := sheetXML([]string{"ID"}, []string{"A-1"})
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":                       {[]byte(" \n"), "the file is empty"},
		"a PDF":                         {[]byte("%PDF-1.7\n"), "a PDF document"},
		"an old workbook":               {ole("Workbook"), "an old Excel workbook (.xls)"},
		"a workbook with a password":    {ole("EncryptedPackage"), "protected with a password"},
		"a Word document of old":        {ole("WordDocument"), "a Word document (.doc)"},
		"a web page saved as xls":       {[]byte("\xef\xbb\xbf  <html><table><tr><td>ID"), "a web page (HTML)"},
		"an XML spreadsheet":            {[]byte(`<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`), "Excel 2003"},
		"other XML":                     {[]byte(`<?xml version="1.0"?><a/>`), "an XML file"},
		"a picture":                     {[]byte("\x89PNG\r\n\x1a\n"), "a PNG picture"},
		"a program":                     {[]byte("\x00\x01\x02\x03ID,Title\n"), "a binary file"},
		"an OpenDocument spreadsheet":   {packed(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"},
		"a binary workbook":             {packed(t, "xl/workbook.bin", ""), "(.xlsb)"},
		"a Word document":               {packed(t, "word/document.xml", ""), "a Word document"},
		"some ZIP archive":              {packed(t, "readme.txt", "hello"), "a ZIP archive"},
		"a workbook with macros":        {workbookOf(t, rows, "xl/vbaProject.bin", "x"), "contains macros"},
		"a workbook with old macros":    {workbookOf(t, rows, "xl/macrosheets/sheet1.xml", "<x/>"), "contains macros"},
		"macros declared by type":       {packed(t, "[Content_Types].xml", `<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>`), "contains macros"},
		"a cut ZIP archive":             {workbookOf(t, rows)[:300], "is damaged"},
		"a part that is missing":        {packed(t, "[Content_Types].xml", "<Types/>"), "the part xl/workbook.xml is missing"},
		"a document type":               {workbookOf(t, `<!DOCTYPE x [<!ENTITY a "aaaa">]>`+rows), "declares a document type"},
		"XML that ends too early":       {workbookOf(t, `<worksheet><sheetData><row><c t="inlineStr"><is><t>ID</t></is></c></row>`), "is damaged"},
		"elements nested without end":   {workbookOf(t, strings.Repeat("<a>", 200)), "not nested properly"},
		"rows that go back":             {workbookOf(t, `<worksheet><row r="5"/><row r="4"/></worksheet>`), `row "4" follows row 5`},
		"cells that go back":            {workbookOf(t, `<worksheet><row r="1"><c r="B1"/><c r="A1"/></row></worksheet>`), `cell "A1" stands in row 1 after column 2`},
		"a cell in another row":         {workbookOf(t, `<worksheet><row r="1"><c r="A7"/></row></worksheet>`), `cell "A7"`},
		"a part that stands twice":      {packed(t, "[Content_Types].xml", "<Types/>", "[content_types].XML", "<Types/>"), "twice"},
		"no known header":               {workbookOf(t, sheetXML([]string{"Foo", "Bar"})), "no header row was found"},
		"a header that stands twice":    {workbookOf(t, sheetXML([]string{"ID", "Title", "id"})), "columns A and C both hold"},
		"a workbook without worksheets": {packed(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>"), "no worksheet"},
		"JSON that is no array":         {[]byte(`{"ID": 1}`), "not an array of objects"},
		"JSON of numbers":               {[]byte(`[1, 2]`), "no header row"},
		"JSON that is cut":              {[]byte(`[{"id": "A-1"}, {"id": `), "in object 2"},
		"JSON with an appendix":         {[]byte(`[{"id": "A-1"}] x`), "text after the end"},
		"CSV with an open quotation":    {[]byte("ID,Title\nA-1,\"x\nA-2,y\n"), "row 2: the quotation mark that opens column B"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := table.Read(bytes.NewReader(c.data), table.Options{Columns: assetColumns})
			if got != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
			if code := sextant.CodeOf(err); code != sextant.Invalid {
				t.Errorf("got code %q, want invalid", code)
			}
		})
	}
}

func TestLimitsAreNamedWhenTheyAreBroken(t *testing.T) {
	rows := [][]string{{"ID"}}
	for i := range 20 {
		rows = append(rows, []string{fmt.Sprint("A-", i)})
	}
	workbook := workbookOf(t, sheetXML(rows...))
	csv := []byte("ID\r\n" + strings.Repeat("A-1\r\n", 20))
	json := []byte("[" + strings.Repeat(`{"id":"A"},`, 19) + `{"id":"A"}]`)
	bomb := workbookOf(t, `<worksheet>`+strings.Repeat(" ", 8<<20)+`</worksheet>`)
	for name, c := range map[string]struct {
		data   []byte
		limits table.Limits
		want   string
	}{
		"rows of a workbook":  {workbook, table.Limits{Rows: 19}, "more than 19 rows with data"},
		"rows of CSV":         {csv, table.Limits{Rows: 19}, "more than 19 rows with data"},
		"rows of JSON":        {json, table.Limits{Rows: 19}, "more than 19 rows with data"},
		"bytes of the file":   {csv, table.Limits{File: 10}, "larger than the 10 bytes"},
		"parts of a workbook": {workbook, table.Limits{Parts: 3}, "holds 5 files; 3 is the most"},
		"bytes unpacked":      {workbook, table.Limits{Unpacked: 500}, "unpacks to more than 500 bytes"},
		"elements of XML":     {workbook, table.Limits{Elements: 60}, "more than 60 XML elements"},
		"a ZIP bomb":          {bomb, table.Limits{}, "this looks like an attack"},
		"columns of a sheet":  {workbookOf(t, `<worksheet><row r="1"><c r="XFD1"><v>1</v></c></row></worksheet>`), table.Limits{}, "beyond the 1000 columns"},
		"columns of CSV":      {[]byte(strings.Repeat(",", 2000)), table.Limits{}, "more than 1000 columns"},
		"fields of JSON":      {[]byte(`[{"a":1,"b":2,"c":3}]`), table.Limits{Columns: 2}, "more than 2 fields"},
		"merged ranges":       {workbookOf(t, `<worksheet>`+strings.Repeat(`<mergeCell ref="A1:B2"/>`, 3)+`</worksheet>`), table.Limits{Merged: 2}, "more than 2 merged ranges"},
		"one endless text":    {workbookOf(t, `<worksheet>`+strings.Repeat(" ", 9<<20)+`</worksheet>`), table.Limits{Ratio: 1 << 30}, "longer than 8 MiB"},
		"rows of the default": {[]byte("ID\n" + strings.Repeat("A\n", 50_001)), table.Limits{}, "more than 50000 rows"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := table.Read(bytes.NewReader(c.data), table.Options{Columns: assetColumns, Limits: c.limits})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %.300v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestDefaultRowLimitIsReachedExactly(t *testing.T) {
	got := read(t, []byte("ID\n"+strings.Repeat("A\n", 50_000)), table.Options{})
	if len(got.Rows) != 50_000 || got.Rows[49_999].Number != 50_001 {
		t.Errorf("got %d rows", len(got.Rows))
	}
}

func TestOneBadCellSpoilsItsRowOnly(t *testing.T) {
	data := workbookOf(t, `<worksheet><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>ID</t></is></c><c r="B1" t="inlineStr"><is><t>Title</t></is></c></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>A-1</t></is></c><c r="B2" t="e"><v>#REF!</v></c></row>
<row r="3"><c r="A3" t="inlineStr"><is><r><t>A-</t></r><r><t>2</t></r><rPh><t>x</t></rPh></is></c><c r="B3" t="s"><v>99</v></c></row>
<row r="4"><c r="A4" t="inlineStr"><is><t>A-3</t></is></c><c r="B4"><v>0x1p9</v></c></row>
<row r="5"><c r="A5" t="inlineStr"><is><t>A-4</t></is></c><c r="B5" t="inlineStr"><is><r><t>ri</t></r><r><t>ch_x000D_</t></r></is></c><c r="D5"><v>1</v></c></row>
</sheetData></worksheet>`)
	got := read(t, data, table.Options{})
	if len(got.Rows) != 1 || got.Rows[0].Number != 5 || got.Rows[0].Cells["title"] != "rich\r" {
		t.Errorf("got rows %+v", got.Rows)
	}
	for i, want := range []string{"#REF!", "not in the file", "cannot be read"} {
		if len(got.Refused) != 3 || got.Refused[i].Row != i+2 || !strings.Contains(got.Refused[i].Reason, want) {
			t.Fatalf("got refused %+v", got.Refused)
		}
	}
	if err := got.Refused[0].Err(); err.Message != "row 2, cell B2: the cell holds the error #REF!" || err.Field != "title" || err.Hint == "" {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(notes(got), "column D has content but no header") {
		t.Errorf("got notes %q", notes(got))
	}
}

func TestCellBeyondItsLimitRefusesTheRow(t *testing.T) {
	got := read(t, []byte("ID,Title\nA-1,"+strings.Repeat("x", 101)+"\nA-2,y\n"), table.Options{Limits: table.Limits{Cell: 100}})
	if len(got.Rows) != 1 || len(got.Refused) != 1 || !strings.Contains(got.Refused[0].Reason, "100 bytes") {
		t.Errorf("got %+v", got)
	}
}

func TestLinksToOtherFilesAreNeverOpened(t *testing.T) {
	got := read(t, workbookOf(t, sheetXML([]string{"ID"}, []string{"A-1"}), "xl/externalLinks/externalLink1.xml", "<x/>"), table.Options{})
	if !strings.Contains(notes(got), "refers to other files") {
		t.Errorf("got notes %q", notes(got))
	}
}

func TestOverlappingMergesDoNotRunForEver(t *testing.T) {
	rows := [][]string{{"ID"}}
	for range 5000 {
		rows = append(rows, []string{"A"})
	}
	sheet := strings.Replace(sheetXML(rows...), "</worksheet>", strings.Repeat(`<mergeCell ref="A1:XFD1048576"/>`, 4000)+"</worksheet>", 1)
	if _, err := table.Read(bytes.NewReader(workbookOf(t, sheet)), table.Options{Columns: assetColumns}); err == nil || !strings.Contains(err.Error(), "overlap") {
		t.Errorf("got %v", err)
	}
}

func TestWorkbookWithPasswordOfALibraryIsRecognised(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	var b bytes.Buffer
	if err := f.Write(&b, excelize.Options{Password: "x"}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Read(&b, table.Options{Columns: assetColumns}); err == nil || !strings.Contains(err.Error(), "password") {
		t.Errorf("got %v", err)
	}
}
