// SPDX-License-Identifier: Apache-2.0

// Package paper writes documents as PDF: a head with facts, headings, text with
// Markdown, tables whose head stands on every page, charts. Equal input gives
// equal bytes, so that a document can be sealed and compared.
//
// It knows no register and no rule; it fetches nothing, embeds no script and
// runs none. Fonts are Liberation Sans and Mono (SIL Open Font License), which
// cover Latin, Greek, Cyrillic and Hebrew; a character they lack is shown as a
// box and never silently dropped.
package paper

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"sextant"
)

// About is what the head of the first page and the edges of every page say.
type About struct {
	Title, Subtitle string // what it is, and of what
	Organisation    string
	Facts           []Fact // below the title
	Classification  string // stands at the foot of every page
	At              sextant.Instant
	Zone            *time.Location // At is written in it, and it is named; nil = UTC
	Landscape       bool
	Draft           bool // says DRAFT at the head of every page
}

// Fact is a label with a text.
type Fact struct{ Label, Text string }

// Paper is a document being written, from top to bottom. It is used by one
// goroutine and written once.
type Paper struct {
	pdf   *fpdf.Fpdf
	about About
	left  float64 // margins, mm
	width float64 // of the text, mm
}

// Sizes in millimetres and points.
const (
	margin    = 18.0
	topMargin = 22.0
	footRoom  = 18.0
	bodySize  = 9.5
	smallSize = 7.5
	lineOf    = 1.42 * ptToMM // line height of a point of text
	ptToMM    = 25.4 / 72
)

type colour struct{ r, g, b int }

var (
	ink    = colour{0x18, 0x1c, 0x24}
	muted  = colour{0x62, 0x68, 0x71}
	line   = colour{0xd5, 0xd8, 0xdd}
	accent = colour{0x2c, 0x58, 0xc3}
	soft   = colour{0xf3, 0xf5, 0xf9}
)

// New begins a document.
func New(about About) *Paper {
	orientation := "P"
	if about.Landscape {
		orientation = "L"
	}
	pdf := fpdf.New(orientation, "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(about.At.Time())
	pdf.SetModificationDate(about.At.Time())
	pdf.SetProducer("Sextant", true)
	pdf.SetTitle(about.Title, true)
	pdf.SetAuthor(about.Organisation, true)
	pdf.SetSubject(about.Subtitle, true)
	pdf.SetLang("en")
	addFonts(pdf)
	pdf.SetMargins(margin, topMargin, margin)
	pdf.SetAutoPageBreak(true, footRoom)
	wide, _ := pdf.GetPageSize()
	p := &Paper{pdf: pdf, about: about, left: margin, width: wide - 2*margin}
	pdf.SetHeaderFunc(p.drawHeader)
	pdf.SetFooterFunc(p.drawFooter)
	pdf.AliasNbPages("{pages}")
	pdf.AddPage()
	p.drawTitle()
	return p
}

// Write finishes the document. Nothing was written where it fails.
func (p *Paper) Write(w io.Writer) error {
	if err := p.pdf.Output(w); err != nil {
		return fmt.Errorf("pdf %q: %w", p.about.Title, err)
	}
	return nil
}

// Pages counts the pages so far.
func (p *Paper) Pages() int { return p.pdf.PageCount() }

func (p *Paper) drawHeader() {
	if p.pdf.PageNo() == 1 && !p.about.Draft {
		return
	}
	p.font("", smallSize, muted)
	p.pdf.SetXY(p.left, 10)
	title := p.about.Title
	if p.pdf.PageNo() == 1 {
		title = ""
	}
	p.pdf.CellFormat(p.width/2, 4, p.clipped(title, p.width/2), "", 0, "L", false, 0, "")
	right := p.about.Organisation
	if p.about.Draft {
		right = "DRAFT"
	}
	p.pdf.CellFormat(p.width/2, 4, p.clipped(right, p.width/2), "", 0, "R", false, 0, "")
	if p.pdf.PageNo() > 1 {
		p.rule(15, line)
	}
	p.pdf.SetXY(p.left, topMargin)
}

func (p *Paper) drawFooter() {
	_, high := p.pdf.GetPageSize()
	p.rule(high-14, line)
	p.font("", smallSize, muted)
	p.pdf.SetXY(p.left, high-12)
	third := p.width / 3
	p.pdf.CellFormat(third, 4, p.clipped(p.about.Classification, third), "", 0, "L", false, 0, "")
	p.pdf.CellFormat(third, 4, p.moment(), "", 0, "C", false, 0, "")
	p.pdf.CellFormat(third, 4, fmt.Sprintf("%d of {pages}", p.pdf.PageNo()), "", 0, "R", false, 0, "")
}

// moment writes when the paper is of, with its zone: a paper is read far from
// where it was printed.
func (p *Paper) moment() string {
	at := p.about.At.Time().In(cmp.Or(p.about.Zone, time.UTC))
	if _, offset := at.Zone(); offset == 0 {
		return at.Format("2 January 2006, 15:04 MST")
	}
	return at.Format("2 January 2006, 15:04 (UTC-07:00)")
}

func (p *Paper) drawTitle() {
	p.font("", bodySize, muted)
	p.pdf.MultiCell(p.width, 5, clean(cmp.Or(p.about.Organisation, " ")), "", "L", false)
	p.pdf.Ln(1)
	p.font("B", 20, ink)
	p.pdf.MultiCell(p.width, 9, clean(p.about.Title), "", "L", false)
	if p.about.Subtitle != "" {
		p.font("", 12, muted)
		p.pdf.MultiCell(p.width, 6, clean(p.about.Subtitle), "", "L", false)
	}
	p.pdf.Ln(4)
	if len(p.about.Facts) > 0 {
		p.Facts(p.about.Facts)
		p.pdf.Ln(2)
	}
}

// Heading begins a part; level 1 to 3. It stands in the outline of the document
// and is never the last line of a page.
func (p *Paper) Heading(level int, text string) {
	size := []float64{15, 12, 10.5}[min(max(level, 1), 3)-1]
	p.space(size)
	p.keep(36) // itself, and the head of a table with its first rows
	p.pdf.Bookmark(clean(text), min(max(level, 1), 3)-1, -1)
	p.font("B", size, ink)
	p.pdf.MultiCell(p.width, size*lineOf, clean(text), "", "L", false)
	p.pdf.Ln(1.5)
}

// Facts writes labels with their texts, a line each.
func (p *Paper) Facts(facts []Fact) {
	const label = 48.0
	for _, f := range facts {
		p.font("", bodySize, ink)
		lines := p.wrapped(f.Text, p.width-label)
		p.keep(float64(len(lines)) * bodySize * lineOf)
		y := p.pdf.GetY()
		p.font("", bodySize, muted)
		p.pdf.SetX(p.left)
		p.pdf.CellFormat(label, bodySize*lineOf, p.clipped(f.Label, label), "", 0, "L", false, 0, "")
		p.font("", bodySize, ink)
		p.pdf.SetY(y)
		for _, text := range lines {
			p.keep(bodySize * lineOf)
			p.pdf.SetX(p.left + label)
			p.pdf.CellFormat(p.width-label, bodySize*lineOf, text, "", 2, "L", false, 0, "")
		}
		p.pdf.SetX(p.left)
		p.pdf.Ln(0.6)
	}
}

// Note writes a paragraph in small, muted text.
func (p *Paper) Note(text string) {
	p.font("", smallSize+0.5, muted)
	p.pdf.SetX(p.left)
	p.pdf.MultiCell(p.width, (smallSize+0.5)*lineOf, clean(text), "", "L", false)
	p.pdf.Ln(1.5)
}

// Break begins a new page, unless one has just begun.
func (p *Paper) Break() {
	if p.pdf.GetY() > topMargin+1 {
		p.pdf.AddPage()
	}
}

// keep begins a new page where less than so many millimetres are left.
func (p *Paper) keep(height float64) {
	if p.pdf.GetY()+height > p.bottom() && p.pdf.GetY() > topMargin+1 {
		p.pdf.AddPage()
	}
}

func (p *Paper) bottom() float64 {
	_, high := p.pdf.GetPageSize()
	return high - footRoom
}

// space leaves room above a part, but not at the top of a page.
func (p *Paper) space(points float64) {
	if p.pdf.GetY() > topMargin+1 {
		p.pdf.Ln(points * ptToMM)
	}
}

func (p *Paper) rule(y float64, c colour) {
	p.pdf.SetDrawColor(c.r, c.g, c.b)
	p.pdf.SetLineWidth(0.2)
	p.pdf.Line(p.left, y, p.left+p.width, y)
}
