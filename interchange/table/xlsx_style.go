// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Colours of the design tokens (light theme), as spreadsheets write them.
const (
	inkColour    = "FF181C24"
	mutedColour  = "FF626871"
	lineColour   = "FFE0E2E6"
	accentColour = "FF2C58C3"
	softColour   = "FFEAF1FF"
)

// tones gives each tone its text and fill.
var tones = map[Tone]struct{ ink, fill string }{
	Pass:        {"FF117342", "FFE4F6E9"},
	Fail:        {"FFC01E24", "FFFFE8E4"},
	Error:       {"FFA6207D", "FFFFE7F6"},
	Stale:       {"FF76611B", "FFF5F0E2"},
	NoData:      {"FF515865", "FFEEF0F3"},
	Partial:     {"FF076C92", "FFE2F3FD"},
	FailInGrace: {"FFA25317", "FFFFECE0"},
	Excepted:    {"FF6A48AD", "FFF2ECFF"},
	Quiet:       {"FF626871", ""},
}

// look is one cell format. Equal looks share one entry of the style sheet.
type look struct {
	numbers    string // number format code; "" is General
	ink, fill  string
	size       int // points; 0 is 10
	bold       bool
	header     bool // accent line below, centred vertically
	ruled      bool // hairline below
	oneLine    bool // never wrapped
	horizontal string
}

var (
	headerStyle = look{bold: true, header: true, fill: softColour, ink: inkColour}
	titleStyle  = look{bold: true, size: 16, oneLine: true}
	labelStyle  = look{ink: mutedColour}
	proseStyle  = look{}
	tableStyle  = look{ruled: true, numbers: "@"}
)

// style of a cell of the column. Text is formatted as text, so that a
// spreadsheet turns neither 5.10 into a number nor 1-2 into a date nor = into
// a formula when somebody edits it.
func (c Column) style(tone Tone) look {
	l := look{numbers: "@", ruled: true}
	switch c.Kind {
	case Number:
		l.numbers, l.horizontal = cmp.Or(c.Format, "General"), "right"
	case Date:
		l.numbers = "yyyy-mm-dd"
	case DateTime:
		l.numbers = `yyyy-mm-dd hh:mm" UTC"`
	case Link:
		l.ink = accentColour
	}
	if t, ok := tones[tone]; ok {
		l.ink, l.fill, l.bold = t.ink, t.fill, tone != Quiet
	}
	return l
}

// width in characters: what the column asks for, else by kind, never so narrow
// that the header and its filter button do not fit.
func (c Column) width() float64 {
	byKind := map[Kind]float64{Text: 30, Number: 12, Bool: 9, Date: 12, DateTime: 22, Enum: 16, Link: 36}
	label := min(float64(utf8.RuneCountInString(c.label()))*1.15+5, 26)
	return min(cmp.Or(c.Width, max(byKind[c.Kind], label)), 255)
}

// styles collects the looks a workbook uses. Index 0 is the default look that
// every workbook must start with.
type styles struct {
	looks []look
}

func (s *styles) id(l look) int {
	if i := slices.Index(s.looks, l); i >= 0 {
		return i + 1
	}
	s.looks = append(s.looks, l)
	return len(s.looks)
}

// write gives the style sheet: one font, fill, border and format an entry each
// look, which is plain and small enough for the few dozen a workbook has.
func (s *styles) write(m *markup) {
	looks := append([]look{{}}, s.looks...)
	n := len(looks)
	m.raw(`<styleSheet xmlns="` + nsMain + `">`)
	m.raw(fmt.Sprintf(`<numFmts count="%d">`, n))
	for i, l := range looks {
		m.raw(fmt.Sprintf(`<numFmt numFmtId="%d" formatCode="`, firstFormat+i))
		m.text(cmp.Or(l.numbers, "General"))
		m.raw(`"/>`)
	}
	m.raw(fmt.Sprintf(`</numFmts><fonts count="%d">`, n))
	for _, l := range looks {
		m.raw(l.font())
	}
	m.raw(fmt.Sprintf(`</fonts><fills count="%d"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>`, n+2))
	for _, l := range looks {
		m.raw(l.pattern())
	}
	m.raw(fmt.Sprintf(`</fills><borders count="%d">`, n))
	for _, l := range looks {
		m.raw(l.border())
	}
	m.raw(fmt.Sprintf(`</borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="%d">`, n))
	for i, l := range looks {
		m.raw(l.xf(i))
	}
	m.raw(`</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`)
}

// headerHeight is the height of a header row in points.
const headerHeight = 24

// firstFormat is the first number a workbook may give to its own formats.
const firstFormat = 164

// indent keeps text off the lines of its neighbours.
func (l look) indent() int {
	if l.header || l.ruled {
		return 1
	}
	return 0
}

func (l look) font() string {
	weight := ""
	if l.bold {
		weight = "<b/>"
	}
	return fmt.Sprintf(`<font>%s<sz val="%d"/><color rgb="%s"/><name val="Arial"/><family val="2"/></font>`,
		weight, cmp.Or(l.size, 10), cmp.Or(l.ink, inkColour))
}

func (l look) pattern() string {
	if l.fill == "" {
		return `<fill><patternFill patternType="none"/></fill>`
	}
	return `<fill><patternFill patternType="solid"><fgColor rgb="` + l.fill + `"/><bgColor indexed="64"/></patternFill></fill>`
}

func (l look) border() string {
	line := "<bottom/>"
	switch {
	case l.header:
		line = `<bottom style="medium"><color rgb="` + accentColour + `"/></bottom>`
	case l.ruled:
		line = `<bottom style="thin"><color rgb="` + lineColour + `"/></bottom>`
	}
	return "<border><left/><right/><top/>" + line + "<diagonal/></border>"
}

func (l look) xf(i int) string {
	format := firstFormat + i
	switch l.numbers {
	case "", "General":
		format = 0
	case "@":
		format = 49 // the format spreadsheets know as "Text"
	}
	if i == 0 {
		return `<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>`
	}
	vertical, wrap := "top", 1
	if l.header {
		vertical = "center"
	}
	if l.oneLine {
		wrap = 0
	}
	return fmt.Sprintf(`<xf numFmtId="%d" fontId="%d" fillId="%d" borderId="%d" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment horizontal="%s" vertical="%s" wrapText="%d" indent="%d"/></xf>`,
		format, i, i+2, i, cmp.Or(l.horizontal, "left"), vertical, wrap, l.indent())
}
