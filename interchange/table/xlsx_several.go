// SPDX-License-Identifier: Apache-2.0

package table

import (
	"archive/zip"
	"io"
	"strconv"

	"sextant"
)

// WriteSeveral writes one workbook with a worksheet for each table, in their
// order. It has no About: lists of choices are not offered in its cells. Names
// are adapted like that of one sheet; two that are the same are refused.
func WriteSeveral(w io.Writer, sheets ...Sheet) error {
	if len(sheets) == 0 {
		return sextant.Errorf(sextant.Internal, "a workbook needs a worksheet")
	}
	seen, all := map[string]bool{}, &book{zip: zip.NewWriter(w)}
	for i := range sheets {
		if err := checkColumns(sheets[i].Columns); err != nil {
			return err
		}
		sheets[i].Name = sheetName(sheets[i].Name)
		if seen[fold(sheets[i].Name)] {
			return sextant.Errorf(sextant.Internal, "two worksheets are called %q", sheets[i].Name)
		}
		seen[fold(sheets[i].Name)] = true
	}
	all.sheet = sheets[0]
	if err := all.write(
		member{"[Content_Types].xml", contentTypesOf(len(sheets))},
		member{"_rels/.rels", rootRelations},
		member{"xl/_rels/workbook.xml.rels", func(m *markup) { m.relations(sheetRelations(len(sheets))...) }},
		member{"docProps/core.xml", all.core}); err != nil {
		return err
	}
	for i, s := range sheets {
		one := &book{sheet: s, zip: all.zip, styles: all.styles, number: i + 1}
		if err := one.data(); err != nil {
			return err
		}
		all.styles = one.styles
	}
	if err := all.write(member{"xl/styles.xml", all.styles.write}, member{"xl/workbook.xml", func(m *markup) { workbookOf(m, sheets) }}); err != nil {
		return err
	}
	return all.zip.Close()
}

func sheetRelations(n int) (targets [][2]string) {
	for i := range n {
		targets = append(targets, [2]string{nsOffice + "/worksheet", "worksheets/sheet" + strconv.Itoa(i+1) + ".xml"})
	}
	return append(targets, [2]string{nsOffice + "/styles", "styles.xml"})
}

func workbookOf(m *markup, sheets []Sheet) {
	m.raw(`<workbook xmlns="` + nsMain + `" xmlns:r="` + nsOffice + `"><workbookPr/><bookViews><workbookView activeTab="0"/></bookViews><sheets>`)
	for i, s := range sheets {
		m.raw(`<sheet name="`)
		m.text(s.Name)
		m.raw(`" sheetId="` + strconv.Itoa(i+1) + `" r:id="rId` + strconv.Itoa(i+1) + `"/>`)
	}
	m.raw(`</sheets></workbook>`)
}
