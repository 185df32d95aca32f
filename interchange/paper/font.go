// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"strings"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationmonoregular"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansbolditalic"
	"github.com/go-fonts/liberation/liberationsansitalic"
	"github.com/go-fonts/liberation/liberationsansregular"
)

const (
	sans = "sans"
	mono = "mono"
)

func addFonts(pdf *fpdf.Fpdf) {
	pdf.AddUTF8FontFromBytes(sans, "", liberationsansregular.TTF)
	pdf.AddUTF8FontFromBytes(sans, "B", liberationsansbold.TTF)
	pdf.AddUTF8FontFromBytes(sans, "I", liberationsansitalic.TTF)
	pdf.AddUTF8FontFromBytes(sans, "BI", liberationsansbolditalic.TTF)
	pdf.AddUTF8FontFromBytes(mono, "", liberationmonoregular.TTF)
}

// font sets style, size in points and colour of what follows.
func (p *Paper) font(style string, size float64, c colour) {
	p.pdf.SetFont(sans, style, size)
	p.pdf.SetTextColor(c.r, c.g, c.b)
}

// box stands for a character the font cannot show.
const box = '□'

// clean makes text printable: line ends are one kind, tabs are spaces, control
// and bidirectional override characters go, and what lies beyond the first
// plane becomes a box, which the font format could not address.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\u00a0' || r == '\u202f':
			return ' '
		case r == '\u200b' || r == '\ufeff' || r == '\ufe0f' || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069'):
			return -1
		case unicode.IsControl(r):
			return -1
		case r > 0xFFFF || r == unicode.ReplacementChar:
			return box
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}

// wrapped breaks text into lines that fit the width in the current font: at
// spaces, after hyphens and slashes, and inside a word only where it is longer
// than a line. Nothing is left away.
func (p *Paper) wrapped(text string, width float64) (lines []string) {
	width -= 2*p.pdf.GetCellMargin() + 0.1
	for paragraph := range strings.SplitSeq(clean(text), "\n") {
		lines = append(lines, p.wrapLine(paragraph, width)...)
	}
	return lines
}

func (p *Paper) wrapLine(text string, width float64) (lines []string) {
	current := ""
	for _, piece := range pieces(text) {
		if p.pdf.GetStringWidth(strings.TrimRight(current+piece, " ")) <= width {
			current += piece
			continue
		}
		if strings.TrimSpace(current) != "" {
			lines = append(lines, strings.TrimRight(current, " "))
		}
		for current = piece; p.pdf.GetStringWidth(strings.TrimRight(current, " ")) > width; {
			n := p.fitting(current, width)
			lines, current = append(lines, current[:n]), current[n:]
		}
	}
	return append(lines, strings.TrimRight(current, " "))
}

// fitting gives how many bytes of a word fit a line; at least one character.
func (p *Paper) fitting(word string, width float64) int {
	last := 0
	for i, r := range word {
		end := i + len(string(r))
		if last > 0 && p.pdf.GetStringWidth(word[:end]) > width {
			return last
		}
		last = end
	}
	return last
}

// pieces cuts text behind every place where a line may end.
func pieces(text string) (list []string) {
	start := 0
	for i, r := range text {
		if r == ' ' || r == '-' || r == '/' || r == '_' {
			list = append(list, text[start:i+1])
			start = i + 1
		}
	}
	if start < len(text) {
		list = append(list, text[start:])
	}
	return list
}

// clipped shortens text to one line of a width, for the edges of a page only.
func (p *Paper) clipped(text string, width float64) string {
	text = strings.ReplaceAll(clean(text), "\n", " ")
	width -= 2 * p.pdf.GetCellMargin()
	if p.pdf.GetStringWidth(text) <= width {
		return text
	}
	return text[:p.fitting(text, width-p.pdf.GetStringWidth("…"))] + "…"
}
