// SPDX-License-Identifier: Apache-2.0

package table

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"sextant"
)

// MaxCellXLSX is the most characters (UTF-16 units) a spreadsheet cell holds,
// MaxRowsXLSX the most rows of a worksheet (ECMA-376, and Excel's own limits).
const (
	MaxCellXLSX = 32_767
	MaxRowsXLSX = 1_048_576
)

// spareRows below the data keep the columns' formats and choice lists, so that
// rows added by hand behave like the others.
const spareRows = 200

// WriteXLSX writes a workbook of two worksheets: the table, and About with what
// was exported, the columns and the allowed values. A text too long for a cell
// is refused with its place; nothing is cut.
func (s Sheet) WriteXLSX(w io.Writer) error {
	if err := checkColumns(s.Columns); err != nil {
		return err
	}
	s.Name = sheetName(s.Name)
	b := &book{sheet: s, zip: zip.NewWriter(w), about: aboutOf(s), number: 1}
	for _, step := range []func() error{b.opening, b.data, b.aboutSheet, b.closing, b.zip.Close} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// book is a workbook being written. Parts go into the file one after the other
// as they are made; nothing but the styles is kept.
type book struct {
	sheet  Sheet
	about  about
	zip    *zip.Writer
	styles styles
	widths []float64
	shown  []cell // of the row being written
	last   int    // number of the last row with data
	number int    // of the worksheet
}

// part opens a member of the file. Its time is fixed so that the same sheet
// gives the same bytes.
func (b *book) part(name string) (*markup, error) {
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	w, err := b.zip.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	m := &markup{Writer: bufio.NewWriterSize(w, 32<<10)}
	m.raw(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n")
	return m, nil
}

func (b *book) data() error {
	m, err := b.part("xl/worksheets/sheet" + strconv.Itoa(b.number) + ".xml")
	if err != nil {
		return err
	}
	base := b.openData(m)
	b.shown = make([]cell, len(b.sheet.Columns))
	b.header(m)
	b.last = 1
	err = b.sheet.each(func(n int, row []any) error {
		b.last = n + 1
		if b.last > MaxRowsXLSX {
			return sextant.Errorf(sextant.TooLarge, "a worksheet holds no more than %d rows", MaxRowsXLSX).WithHint("export as CSV, or filter")
		}
		return b.row(m, row, base)
	})
	if err != nil {
		return err
	}
	b.closeData(m)
	return m.Flush()
}

func (b *book) openData(m *markup) (base []int) {
	selected := ""
	if b.number == 1 {
		selected = ` tabSelected="1"`
	}
	m.raw(`<worksheet xmlns="` + nsMain + `"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>` +
		`<sheetViews><sheetView showGridLines="0"` + selected + ` workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>` +
		`<selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>` +
		`<sheetFormatPr defaultRowHeight="15"/><cols>`)
	for i, c := range b.sheet.Columns {
		base = append(base, b.styles.id(c.style(Plain)))
		b.widths = append(b.widths, c.width())
		m.col(i+1, b.widths[i], base[i])
	}
	m.raw(`</cols><sheetData>`)
	return base
}

func (b *book) header(m *markup) {
	m.openRow(1, headerHeight)
	for i, label := range headers(b.sheet.Columns) {
		l := headerStyle
		l.horizontal = b.sheet.Columns[i].style(Plain).horizontal
		m.cell(cellName(i+1, 1), b.styles.id(l), cell{shape: text, text: label})
	}
	m.raw(`</row>`)
}

func (b *book) row(m *markup, row []any, base []int) error {
	lines := 1
	for i, c := range b.sheet.Columns {
		b.shown[i] = c.cell(row[i])
		if n, over := tooLong(b.shown[i].text); over {
			err := fmt.Errorf("its %d characters are more than the %d a spreadsheet cell holds", n, MaxCellXLSX)
			return refuseWrite(b.last-1, c, err).WithHint("export as CSV or JSON, or shorten it (cell %s)", cellName(i+1, b.last))
		}
		if b.shown[i].shape == text {
			lines = max(lines, linesOf(b.shown[i].text, b.widths[i]))
		}
	}
	m.openRow(b.last, height(lines))
	for i, c := range b.sheet.Columns {
		style := base[i]
		if tone := c.tone(row[i]); tone != Plain {
			style = b.styles.id(c.style(tone))
		}
		m.cell(cellName(i+1, b.last), style, b.shown[i])
	}
	_, err := m.WriteString("</row>")
	return err
}

func (b *book) closeData(m *markup) {
	width := len(b.sheet.Columns)
	m.raw(`</sheetData><autoFilter ref="A1:` + cellName(width, b.last) + `"/>`)
	b.validations(m)
	m.raw(`<pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>` +
		`<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>`)
	m.headerFooter(b.sheet.title())
	// Keys such as 5.10 are texts on purpose: no warning in the corner of the cell.
	m.raw(`<ignoredErrors><ignoredError sqref="A1:` + cellName(width, b.last) + `" numberStoredAsText="1"/></ignoredErrors></worksheet>`)
}

// validations offer the choices of a column as a list in its cells.
func (b *book) validations(m *markup) {
	var listed []int
	for i, c := range b.sheet.Columns {
		if _, ok := b.about.lists[c.Key]; ok && !c.Many {
			listed = append(listed, i)
		}
	}
	if len(listed) == 0 {
		return
	}
	m.raw(`<dataValidations count="` + strconv.Itoa(len(listed)) + `">`)
	for _, i := range listed {
		c := b.sheet.Columns[i]
		span := b.about.lists[c.Key]
		m.raw(`<dataValidation type="list" allowBlank="1" showErrorMessage="1" errorTitle="Not one of the allowed values" error="`)
		m.text("Choose a value from the list. The sheet About shows them all.")
		end := min(b.last+spareRows, MaxRowsXLSX)
		m.raw(fmt.Sprintf(`" sqref="%s:%s"><formula1>%s!$B$%d:$B$%d</formula1></dataValidation>`,
			cellName(i+1, 2), cellName(i+1, end), aboutName, span.first, span.last))
	}
	m.raw(`</dataValidations>`)
}

// tooLong counts as spreadsheets do: in UTF-16 units.
func tooLong(s string) (n int, over bool) {
	if len(s) <= MaxCellXLSX {
		return 0, false
	}
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n, n > MaxCellXLSX
}

// sheetName makes a name every spreadsheet takes: 31 UTF-16 units, none of
// []:*?/\ and no apostrophe at either end.
func sheetName(s string) string {
	name, units := []rune{}, 0
	for _, r := range s {
		switch r {
		case '[', ']', ':', '*', '?', '/', '\\', '\'':
			r = ' '
		}
		if units += utf16.RuneLen(r); units > 31 || r == utf8.RuneError || r < ' ' {
			break
		}
		name = append(name, r)
	}
	if n := string(name); fold(n) != "" && fold(n) != fold(aboutName) && fold(n) != "history" {
		return n
	}
	return "Export"
}
