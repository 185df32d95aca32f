// SPDX-License-Identifier: Apache-2.0

package table

import (
	"strconv"
	"time"
)

// Namespaces of ECMA-376 (transitional), which every spreadsheet reads.
const (
	nsMain     = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	nsOffice   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	nsPackage  = "http://schemas.openxmlformats.org/package/2006/relationships"
	nsCore     = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
	nsTypes    = "http://schemas.openxmlformats.org/package/2006/content-types"
	mediaSheet = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// member is one file inside the workbook.
type member struct {
	name  string
	write func(*markup)
}

// opening writes what is always the same. It goes first, because programs that
// tell a file's type look there.
func (b *book) opening() error {
	return b.write(
		member{"[Content_Types].xml", contentTypesOf(2)},
		member{"_rels/.rels", rootRelations},
		member{"xl/_rels/workbook.xml.rels", func(m *markup) { m.relations(sheetRelations(2)...) }},
		member{"docProps/core.xml", b.core})
}

// closing writes what is known only after the rows.
func (b *book) closing() error {
	return b.write(member{"xl/styles.xml", b.styles.write}, member{"xl/workbook.xml", b.workbook})
}

func (b *book) write(members ...member) error {
	for _, member := range members {
		m, err := b.part(member.name)
		if err != nil {
			return err
		}
		member.write(m)
		if err := m.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func (m *markup) relations(targets ...[2]string) {
	m.raw(`<Relationships xmlns="` + nsPackage + `">`)
	for i, t := range targets {
		m.raw(`<Relationship Id="rId` + strconv.Itoa(i+1) + `" Type="` + t[0] + `" Target="` + t[1] + `"/>`)
	}
	m.raw(`</Relationships>`)
}

func rootRelations(m *markup) {
	m.relations([2]string{nsOffice + "/officeDocument", "xl/workbook.xml"},
		[2]string{nsPackage + "/metadata/core-properties", "docProps/core.xml"})
}

// contentTypesOf a workbook with so many worksheets.
func contentTypesOf(sheets int) func(*markup) {
	return func(m *markup) {
		m.raw(`<Types xmlns="` + nsTypes + `"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/>`)
		parts := [][2]string{{"/xl/workbook.xml", mediaSheet + "sheet.main+xml"}}
		for i := range sheets {
			parts = append(parts, [2]string{"/xl/worksheets/sheet" + strconv.Itoa(i+1) + ".xml", mediaSheet + "worksheet+xml"})
		}
		parts = append(parts, [2]string{"/xl/styles.xml", mediaSheet + "styles+xml"}, [2]string{"/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"})
		for _, p := range parts {
			m.raw(`<Override PartName="` + p[0] + `" ContentType="` + p[1] + `"/>`)
		}
		m.raw(`</Types>`)
	}
}

// workbook names the sheets, the filtered range, and the header row to repeat
// on every printed page.
func (b *book) workbook(m *markup) {
	quoted := "'" + b.sheet.Name + "'!"
	width := columnName(len(b.sheet.Columns))
	m.raw(`<workbook xmlns="` + nsMain + `" xmlns:r="` + nsOffice + `"><workbookPr/><bookViews><workbookView activeTab="0"/></bookViews><sheets><sheet name="`)
	m.text(b.sheet.Name)
	m.raw(`" sheetId="1" r:id="rId1"/><sheet name="` + aboutName + `" sheetId="2" r:id="rId2"/></sheets><definedNames>` +
		`<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">`)
	m.text(quoted + "$A$1:$" + width + "$" + strconv.Itoa(b.last))
	m.raw(`</definedName><definedName name="_xlnm.Print_Titles" localSheetId="0">`)
	m.text(quoted + "$1:$1")
	m.raw(`</definedName></definedNames></workbook>`)
}

func (b *book) core(m *markup) {
	m.raw(`<cp:coreProperties xmlns:cp="` + nsCore + `" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>`)
	m.text(b.sheet.title())
	m.raw(`</dc:title><dc:creator>`)
	m.text(b.sheet.By)
	m.raw(`</dc:creator>`)
	if b.sheet.At != 0 {
		at := b.sheet.At.Time().Format(time.RFC3339)
		for _, name := range []string{"created", "modified"} {
			m.raw(`<dcterms:` + name + ` xsi:type="dcterms:W3CDTF">` + at + `</dcterms:` + name + `>`)
		}
	}
	m.raw(`</cp:coreProperties>`)
}
