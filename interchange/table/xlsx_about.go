// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"strings"
)

const aboutName = "About"

// span is a run of rows on the About sheet.
type span struct{ first, last int }

// about is the second worksheet: what the file is, its columns, and the allowed
// values that the lists of the first worksheet point to.
type about struct {
	rows  []aboutRow
	lists map[string]span // by column key
}

type aboutRow struct {
	look  look
	first look // of the leftmost cell; look where zero
	cells []string
}

func aboutOf(s Sheet) about {
	a := about{lists: map[string]span{}}
	a.add(titleStyle, s.title())
	for _, line := range s.About {
		a.rows = append(a.rows, aboutRow{look: proseStyle, first: labelStyle, cells: []string{line.Label, line.Text}})
	}
	a.rows = append(a.rows, aboutRow{look: proseStyle, first: labelStyle, cells: []string{"Reading it back",
		"Columns are recognised by their header or key, in any order. A column that is missing leaves its field alone; an empty cell clears it. Moments are in UTC."}})
	a.add(proseStyle)
	a.add(headerStyle, "Column", "Key", "Holds", "Help")
	labels := headers(s.Columns)
	for i, c := range s.Columns {
		a.add(tableStyle, labels[i], c.Key, c.holds(), c.Help)
	}
	a.values(s.Columns, labels)
	return a
}

func (a *about) add(l look, cells ...string) {
	a.rows = append(a.rows, aboutRow{look: l, first: l, cells: cells})
}

func (a *about) values(columns []Column, labels []string) {
	heading := false
	for i, c := range columns {
		choices := c.Choices
		if c.Kind == Bool && len(choices) == 0 {
			choices = yesNo
		}
		if len(choices) == 0 {
			continue
		}
		if !heading {
			a.add(proseStyle)
			a.add(headerStyle, "Column", "Allowed value", "Key", "")
			heading = true
		}
		first := len(a.rows) + 1
		for _, choice := range choices {
			a.add(tableStyle, labels[i], choice.label(), choice.Name, "")
		}
		a.lists[c.Key] = span{first, len(a.rows)}
	}
}

// holds says in words what a cell of the column takes.
func (c Column) holds() string {
	words := map[Kind]string{Text: "Text", Number: "Number", Bool: "Yes or No", Date: "Date, 2026-11-24",
		DateTime: "Date and time in UTC", Enum: "One of the allowed values below", Link: "Address"}
	if c.Many {
		return strings.Replace(words[c.Kind], "One", "Any number", 1) + ", one a line"
	}
	return words[c.Kind]
}

var aboutWidths = []float64{26, 50, 34, 60}

func (b *book) aboutSheet() error {
	m, err := b.part("xl/worksheets/sheet2.xml")
	if err != nil {
		return err
	}
	m.raw(`<worksheet xmlns="` + nsMain + `"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>` +
		`<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>`)
	for i, width := range aboutWidths {
		m.col(i+1, width, b.styles.id(proseStyle))
	}
	m.raw(`</cols><sheetData>`)
	for n, row := range b.about.rows {
		if err := b.aboutRow(m, n+1, row); err != nil {
			return err
		}
	}
	m.raw(`</sheetData><pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>` +
		`<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>`)
	m.headerFooter(b.sheet.title())
	m.raw(`</worksheet>`)
	return m.Flush()
}

func (b *book) aboutRow(m *markup, n int, row aboutRow) error {
	lines := 1
	for i, s := range row.cells {
		lines = max(lines, linesOf(s, aboutWidths[i]))
	}
	points := height(lines)
	if row.look.header || row.look.size > 0 {
		points = headerHeight
	}
	m.openRow(n, points)
	for i, s := range row.cells {
		look := row.look
		if i == 0 {
			look = row.first
		}
		if n, over := tooLong(s); over {
			return fmt.Errorf("table: a line of %d characters on the About sheet", n)
		}
		m.cell(cellName(i+1, n), b.styles.id(look), cell{shape: text, text: s})
	}
	_, err := m.WriteString("</row>")
	return err
}
