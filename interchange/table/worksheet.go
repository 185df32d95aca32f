// SPDX-License-Identifier: Apache-2.0

package table

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sextant"
)

// sink takes the rows of a worksheet, in their order. One that keeps what it is
// given gets cells of its own with each row.
type sink interface {
	row(wireRow) error
	keeps() bool
}

// sheetReader turns the XML of one worksheet into rows, in one pass.
type sheetReader struct {
	*workbook
	to     sink
	cached bool // a formula counts as the value that was saved with it
	row    wireRow
	last   int // number of the last row
	hidden bool
	veiled []string // numbers of hidden rows with content
	folded []string // names of hidden columns
	merges []merged

	column   int // of the cell being read; of the last one between cells
	kind     string
	format   int
	computed bool // the cell has a formula
	valued   bool // and something was saved as its value, be it nothing
	phonetic int
	target   *strings.Builder // where character data goes, nil for nowhere
	value    strings.Builder
	formula  strings.Builder
}

func (w *workbook) readSheet(sheet worksheet, o Options) (*Table, error) {
	in := newIntake(XLSX, o)
	r := &sheetReader{workbook: w, to: in}
	if err := r.read(sheet); err != nil {
		return nil, err
	}
	if err := in.end(); err != nil {
		return nil, err
	}
	for _, text := range r.hiddenParts() {
		in.table.note(0, "%s", text)
	}
	return in.table, in.applyMerges(r.merges)
}

func (r *sheetReader) read(sheet worksheet) error {
	part, err := r.open(sheet.part)
	if err != nil {
		return err
	}
	defer part.Close()
	return r.walk(part, r.token)
}

// hiddenParts says which hidden columns and rows have content.
func (r *sheetReader) hiddenParts() (says []string) {
	if len(r.folded) > 0 {
		says = append(says, "hidden columns were read too: "+some(r.folded))
	}
	if len(r.veiled) > 0 {
		says = append(says, "hidden rows were read too: "+some(r.veiled))
	}
	return says
}

func (r *sheetReader) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return r.start(t)
	case xml.EndElement:
		return r.end(t.Name.Local)
	case xml.CharData:
		if r.target != nil && r.phonetic == 0 {
			r.target.Write(t)
		}
	}
	return nil
}

func (r *sheetReader) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		return r.startRow(e)
	case "c":
		return r.startCell(e)
	case "v", "t":
		r.valued, r.target = true, &r.value
	case "f":
		r.computed, r.target = true, &r.formula
	case "rPh":
		r.phonetic++
	case "col":
		r.hiddenColumns(e)
	case "mergeCell":
		return r.merge(attribute(e, "ref"))
	}
	return nil
}

func (r *sheetReader) end(name string) error {
	switch name {
	case "v", "t", "f":
		r.target = nil
	case "rPh":
		r.phonetic--
	case "c":
		return r.endCell()
	case "row":
		return r.endRow()
	}
	return nil
}

func (r *sheetReader) startRow(e xml.StartElement) error {
	number := r.last + 1
	if s := attribute(e, "r"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n <= r.last || n > MaxRowsXLSX {
			return fmt.Errorf("row %q follows row %d", clip(s, 20), r.last)
		}
		number = n
	}
	r.last, r.hidden, r.column = number, isTrue(attribute(e, "hidden")), 0
	cells := r.row.cells[:0]
	if r.to.keeps() {
		cells = nil
	}
	r.row = wireRow{number: number, cells: cells}
	return nil
}

func (r *sheetReader) startCell(e xml.StartElement) error {
	column := r.column + 1
	if ref := attribute(e, "r"); ref != "" {
		c, row, ok := parseRef(ref)
		if !ok || row != r.last || c < column {
			return fmt.Errorf("cell %q stands in row %d after column %d", clip(ref, 20), r.last, r.column)
		}
		column = c
	}
	r.column, r.kind, r.computed, r.valued, r.phonetic = column, attribute(e, "t"), false, false, 0
	r.format, _ = strconv.Atoi(attribute(e, "s")) // none means the default, 0
	r.value.Reset()
	r.formula.Reset()
	return nil
}

func (r *sheetReader) endCell() error {
	c := r.cell()
	if c.shape == blank {
		return nil
	}
	if r.column > r.limits.Columns {
		return sextant.Errorf(sextant.TooLarge, "cell %s lies beyond the %d columns allowed", cellName(r.column, r.last), r.limits.Columns)
	}
	for len(r.row.cells) < r.column-1 {
		r.row.cells = append(r.row.cells, cell{})
	}
	r.row.cells = append(r.row.cells, c)
	return nil
}

func (r *sheetReader) endRow() error {
	if r.hidden && len(r.row.cells) > 0 {
		r.veiled = append(r.veiled, strconv.Itoa(r.row.number))
	}
	return r.to.row(r.row)
}

// cell decides what the cell just read holds (ECMA-376 18.18.11).
func (r *sheetReader) cell() cell {
	value := r.value.String()
	switch {
	case r.computed && !r.cached:
		return cell{shape: formula, text: "=" + strings.TrimPrefix(r.formula.String(), "=")}
	case r.computed && !r.valued:
		return cell{shape: broken, text: "the cell holds a formula that was saved without its value"}
	case value == "":
		return cell{}
	}
	switch r.kind {
	case "s":
		i, err := strconv.Atoi(value)
		if err != nil || i < 0 || i >= len(r.strings) {
			return cell{shape: broken, text: "the cell refers to a text that is not in the file"}
		}
		if r.strings[i] == "" {
			return cell{}
		}
		return cell{shape: text, text: r.strings[i]}
	case "inlineStr", "str":
		return cell{shape: text, text: unescape(value)}
	case "b":
		return logicalCell(isTrue(value))
	case "e":
		return cell{shape: broken, text: "the cell holds the error " + clip(value, 20)}
	case "d":
		at, p := parseMoment(value)
		if p != nil {
			return cell{shape: broken, text: p.reason}
		}
		return cell{shape: moment, at: at}
	}
	return r.numberCell(value)
}

func (r *sheetReader) numberCell(value string) cell {
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || !plainForm.MatchString(value) {
		return cell{shape: broken, text: "the cell holds a number that cannot be read: " + clip(value, 40)}
	}
	if r.format < 0 || r.format >= len(r.dates) || !r.dates[r.format] {
		return cell{shape: number, number: f}
	}
	at, ok := ofSerial(f, r.system1904)
	if !ok {
		return cell{shape: broken, text: "the cell is formatted as a date, but its number " + plainNumber(f) + " is no date since March 1900"}
	}
	return cell{shape: moment, at: at}
}

func (r *sheetReader) hiddenColumns(e xml.StartElement) {
	if !isTrue(attribute(e, "hidden")) {
		return
	}
	from, _ := strconv.Atoi(attribute(e, "min"))
	to, _ := strconv.Atoi(attribute(e, "max"))
	for n := max(from, 1); n <= min(to, r.limits.Columns) && len(r.folded) <= r.limits.Columns; n++ {
		r.folded = append(r.folded, columnName(n))
	}
}

func (r *sheetReader) merge(ref string) error {
	m, ok := parseRange(ref)
	if !ok {
		return errors.New("the merged range " + clip(ref, 20) + " is none")
	}
	if m.left == m.right && m.top == m.bottom {
		return nil
	}
	if r.merges = append(r.merges, m); len(r.merges) > r.limits.Merged {
		return sextant.Errorf(sextant.TooLarge, "the worksheet has more than %d merged ranges", r.limits.Merged).WithHint("unmerge the cells")
	}
	return nil
}
