// SPDX-License-Identifier: Apache-2.0

package table

import (
	"bufio"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// markup writes the XML of one part. Errors of the writer below surface at
// Flush, as bufio promises.
type markup struct {
	*bufio.Writer
	buf [32]byte
}

func (m *markup) raw(s string) { m.WriteString(s) }

// text writes character data or an attribute value. Line breaks stand as
// references, because a bare one in an attribute or a CR anywhere is changed by
// every XML parser.
func (m *markup) text(s string) {
	from := 0
	for i, r := range s {
		replacement := ""
		switch {
		case r == '&':
			replacement = "&amp;"
		case r == '<':
			replacement = "&lt;"
		case r == '>':
			replacement = "&gt;"
		case r == '"':
			replacement = "&#34;"
		case r == '\n':
			replacement = "&#10;"
		case r == '\t':
			replacement = "&#9;"
		case r < ' ', r == '\ufffe', r == '\uffff':
			replacement = fmt.Sprintf("_x%04X_", r) // XML has no other form for these (ECMA-376 ST_Xstring)
		case r == '_' && isEscape(s[i:]):
			replacement = "_x005F_"
		default:
			continue
		}
		m.WriteString(s[from:i])
		m.WriteString(replacement)
		from = i + utf8.RuneLen(r)
	}
	m.WriteString(s[from:])
}

// isEscape says whether s starts like _x000D_, which readers turn into one
// character.
func isEscape(s string) bool {
	if len(s) < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_' {
		return false
	}
	for _, b := range []byte(s[2:6]) {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(b)) {
			return false
		}
	}
	return true
}

func (m *markup) col(n int, width float64, style int) {
	m.raw(fmt.Sprintf(`<col min="%d" max="%d" width="%g" style="%d" customWidth="1"/>`, n, n, width, style))
}

// openRow starts a row; height 0 leaves it to the spreadsheet.
func (m *markup) openRow(n int, height float64) {
	m.raw(`<row r="`)
	m.Write(strconv.AppendInt(m.buf[:0], int64(n), 10))
	if height > 0 {
		m.raw(`" ht="`)
		m.Write(strconv.AppendFloat(m.buf[:0], height, 'f', -1, 64))
	}
	m.raw(`">`)
}

func (m *markup) cell(ref string, style int, c cell) {
	m.raw(`<c r="`)
	m.raw(ref)
	m.raw(`" s="`)
	m.Write(strconv.AppendInt(m.buf[:0], int64(style), 10))
	value, isNumber := c.number, c.shape == number
	if c.shape == moment {
		value, isNumber = serialOf(c.at)
	}
	switch {
	case c.shape == blank:
		m.raw(`"/>`)
	case isNumber:
		m.raw(`"><v>`)
		m.Write(strconv.AppendFloat(m.buf[:0], value, 'g', -1, 64))
		m.raw(`</v></c>`)
	default:
		m.raw(`" t="inlineStr"><is><t xml:space="preserve">`)
		m.text(c.text)
		m.raw(`</t></is></c>`)
	}
}

// lineHeight of the body font, in points.
const lineHeight = 12.75

// height estimates the points a row needs. Not every program fits rows to
// wrapped text when it opens a file, and 409 is the most a row can have.
func height(lines int) float64 { return min(max(1, float64(lines))*lineHeight+4, 409) }

// linesOf estimates how many lines a text takes in a column of that width: a
// letter of the body font is narrower than the digit widths are counted in, yet
// not by much in the fonts that stand in for it where it is not installed; a wide
// one of East Asia takes two, and wrapping at words wastes some room. A row that
// is a line too high is plain, one that is too low hides text.
func linesOf(s string, width float64) (lines int) {
	const letter, waste = 0.95, 1.07
	for line := range strings.SplitSeq(s, "\n") {
		units := utf8.RuneCountInString(line)
		if units < len(line) {
			for _, r := range line {
				if r >= 0x1100 {
					units++
				}
			}
		}
		share := float64(units) * letter / max(width-1.5, 1)
		if share > 1 {
			share *= waste
		}
		lines += 1 + int(share)
	}
	return lines
}

func (m *markup) headerFooter(title string) {
	m.raw(`<headerFooter><oddHeader>`)
	// & starts a code in a header; the whole must stay below 255 characters.
	m.text("&L&8 " + strings.ReplaceAll(clip(title, 100), "&", "&&"))
	m.raw(`</oddHeader><oddFooter>`)
	m.text("&L&8&A&R&8Page &P of &N")
	m.raw(`</oddFooter></headerFooter>`)
}

// clip cuts s to n characters.
func clip(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// epoch is day 0 of the 1900 date system, set one day early: the system counts
// a 29 February 1900 that never was.
var epoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// firstDay is the first day after that error, from which all programs agree.
var firstDay = time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)

// serialOf gives the spreadsheet's number for a moment. Moments it cannot hold
// exactly (before March 1900, finer than a millisecond) are written as text.
func serialOf(at time.Time) (float64, bool) {
	at = at.UTC()
	if at.Before(firstDay) || at.Nanosecond()%int(time.Millisecond) != 0 {
		return 0, false
	}
	const day = 24 * 60 * 60 * 1000
	ms := at.UnixMilli() - epoch.UnixMilli()
	return float64(ms/day) + float64(ms%day)/day, true
}

// ofSerial is the inverse of serialOf, to the millisecond.
func ofSerial(serial float64, system1904 bool) (time.Time, bool) {
	if system1904 {
		serial += 1462
	}
	if !(serial >= 61) || serial >= 2_958_466 { // 1900-03-01 to 9999-12-31
		return time.Time{}, false
	}
	const day = 24 * 60 * 60 * 1000
	whole, part := math.Modf(serial)
	return epoch.AddDate(0, 0, int(whole)).Add(time.Duration(math.Round(part*day)) * time.Millisecond), true
}
