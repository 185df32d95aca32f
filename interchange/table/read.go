// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"io"

	"sextant"
)

// Options say what to look for in a file.
type Options struct {
	Columns []Column          // the columns to import; others are reported, not read
	Aliases map[string]string // more headers to accept: header text to column key
	Sheet   string            // worksheet to read; the first visible one with a header where empty
	Format  Format            // found out from the bytes where empty
	Limits  Limits
}

// Limits bound what a stranger's file may cost. A zero field takes the value
// given in brackets.
type Limits struct {
	File     int64 // bytes of the file [32 MiB]
	Unpacked int64 // bytes of all unpacked parts of an XLSX file [256 MiB]
	Ratio    int64 // unpacked to packed size of one part above 1 MiB [400]
	Parts    int   // files inside an XLSX file [2,000]
	Elements int   // XML elements of all parts read of an XLSX file [15,000,000]
	Rows     int   // rows with data [50,000]
	Columns  int   // columns of the file, known or not [1,000]
	Cell     int   // bytes of one cell [1 MiB]
	Merged   int   // merged ranges of a worksheet [5,000]
	Cells    int   // cells of all worksheets that are kept at once, empty ones between others among them; Open only [2,000,000]
}

func (l Limits) withDefaults() Limits {
	return Limits{
		File:     cmp.Or(l.File, 32<<20),
		Unpacked: cmp.Or(l.Unpacked, 256<<20),
		Ratio:    cmp.Or(l.Ratio, 400),
		Parts:    cmp.Or(l.Parts, 2_000),
		Elements: cmp.Or(l.Elements, 15_000_000),
		Rows:     cmp.Or(l.Rows, 50_000),
		Columns:  cmp.Or(l.Columns, 1_000),
		Cell:     cmp.Or(l.Cell, 1<<20),
		Merged:   cmp.Or(l.Merged, 5_000),
		Cells:    cmp.Or(l.Cells, 2_000_000),
	}
}

// Read reads a table from a file of unknown origin. A file that is no table,
// breaks a limit, is damaged or shows no known header gives an error that says
// what it is and what to do (Invalid or TooLarge), and no table. Rows that
// cannot be understood are in Table.Refused; they spoil no other row. Read never
// panics and writes nothing anywhere.
func Read(r io.Reader, o Options) (*Table, error) {
	if err := checkColumns(o.Columns); err != nil {
		return nil, err
	}
	o.Limits = o.Limits.withDefaults()
	data, found, err := load(r, o.Limits)
	if err != nil {
		return nil, err
	}
	if found == XLSX {
		if o.Format != Unknown && o.Format != XLSX {
			return nil, sextant.Errorf(sextant.Invalid, "the file is a spreadsheet, not %s", o.Format).WithHint("import it as xlsx")
		}
		return readXLSX(data, o)
	}
	return readText(data, cmp.Or(o.Format, found), o)
}

// load takes the file in, up to the limit, and tells XLSX from text.
func load(r io.Reader, limits Limits) ([]byte, Format, error) {
	data, err := io.ReadAll(io.LimitReader(r, limits.File+1))
	if err != nil {
		return nil, Unknown, err
	}
	if int64(len(data)) > limits.File {
		return nil, Unknown, sextant.Errorf(sextant.TooLarge, "the file is larger than the %d bytes allowed", limits.File).WithHint("split it into several files")
	}
	found, err := sniff(data)
	return data, found, err
}

const guessedEncoding = "the file is not UTF-8; it was read as %s: check accents and umlauts"

func readText(data []byte, format Format, o Options) (*Table, error) {
	if format == XLSX {
		return nil, sextant.Errorf(sextant.Invalid, "the file is not a spreadsheet: it holds plain text").WithHint("import it as csv or json")
	}
	decoded, encoding, err := decode(data)
	if err != nil {
		return nil, err
	}
	if format == Unknown {
		format = textFormat(decoded)
	}
	var t *Table
	if format == JSON {
		t, err = readJSON(decoded, o)
	} else {
		t, err = readCSV(decoded, o)
	}
	if err == nil && encoding != "" {
		t.note(0, guessedEncoding, encoding)
	}
	return t, err
}
