// SPDX-License-Identifier: Apache-2.0

// Package heading finds the header of a sheet that others made and guesses from
// it what each column holds: one row or two, below logos and titles, in any case
// and with or without accents. It knows no field by itself; who reads a kind of
// sheet brings the words for it, and a person corrects what was guessed.
package heading

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sextant"
	"sextant/interchange/table"
)

// Limits of what is looked at and shown before a person has seen the matching.
const (
	examples = 3
	// Longest is how much of a cell an example shows, in characters.
	Longest = 60
)

// Column is one column of a worksheet that has content.
type Column[F ~string] struct {
	At       int      `json:"-"`
	Letter   string   `json:"column"`
	Header   string   `json:"header,omitempty"`
	Field    F        `json:"field,omitempty"` // "" = not imported
	Examples []string `json:"examples,omitempty"`
}

// Name is the header, or the letter where there is none.
func (c Column[F]) Name() string {
	if c.Header != "" {
		return c.Header
	}
	return "column " + c.Letter
}

// Words says which field a header stands for, and how surely: 0 for none, above
// 1000 where it says exactly that.
type Words[F ~string] func(header string) (F, int)

// Vocabulary is what people write in headers, made plain, to the field it stands
// for.
type Vocabulary[F ~string] map[string]F

// longestHeader is how many words a header has at most: longer texts above a
// table explain something.
const longestHeader = 14

// Field says which field a header names: the whole of it, else the longest phrase
// in it.
func (v Vocabulary[F]) Field(header string) (F, int) {
	text := Plain(header)
	if field, ok := v[text]; ok {
		return field, 1000 + len(text)
	}
	return v.Within(text)
}

// Within says which field the longest known phrase in a plain text names.
func (v Vocabulary[F]) Within(text string) (best F, most int) {
	parts := strings.Fields(text)
	if len(parts) > longestHeader {
		return "", 0
	}
	for from := range parts {
		for to := from + 1; to <= len(parts); to++ {
			phrase := strings.Join(parts[from:to], " ")
			field, ok := v[phrase]
			if !ok || len(phrase) < 3 {
				continue
			}
			score := 10 * len(phrase)
			if from == 0 {
				score += 5
			}
			if score > most {
				best, most = field, score
			}
		}
	}
	return best, most
}

// Header is the header of a worksheet: one row, or two where the first groups
// columns. The zero value is that of a sheet without one.
type Header struct {
	Rows []table.GridRow
	Last int // number of its last row, 0 = none
}

// Text of a column's header, from the bottom up: the first that names a field,
// else the lowest there is.
func Text[F ~string](h Header, at int, words Words[F]) string {
	said := ""
	for _, row := range slices.Backward(h.Rows) {
		if at >= len(row.Cells) || row.Cells[at].Blank() || row.Cells[at].Broken {
			continue
		}
		text := strings.Join(strings.Fields(row.Cells[at].Text), " ")
		if _, score := words(text); score > 0 {
			return text
		}
		if said == "" {
			said = text
		}
	}
	return said
}

// Score says how many different fields a header names; a field that is named
// exactly counts twice.
func Score[F ~string](h Header, columns int, words Words[F]) int {
	seen, sum := map[F]int{}, 0
	for at := range columns {
		field, score := words(Text(h, at, words))
		if worth := min(score, 1) + score/1000; field != "" && worth > seen[field] {
			sum += worth - seen[field]
			seen[field] = worth
		}
	}
	return sum
}

// Find looks for the header in some rows of a worksheet. One row of headers is
// enough where it names two fields; a second row joins where it names more.
func Find[F ~string](rows []table.GridRow, columns int, words Words[F]) Header {
	best, most := Header{}, 1
	for i := range rows {
		for j := i; j < min(len(rows), i+2); j++ {
			h := Header{rows[i : j+1], rows[j].Number}
			if score := Score(h, columns, words); score > most {
				best, most = h, score
			}
		}
	}
	return best
}

// At gives the header that ends in a row somebody named, with the row above where
// that names more.
func At[F ~string](g *table.Grid, number int, words Words[F]) Header {
	i := slices.IndexFunc(g.Rows, func(r table.GridRow) bool { return r.Number == number })
	if i < 0 {
		return Header{Last: number}
	}
	h := Header{g.Rows[i : i+1], number}
	if i > 0 {
		two := Header{g.Rows[i-1 : i+1], number}
		if Score(two, Width(g), words) > Score(h, Width(g), words) {
			return two
		}
	}
	return h
}

// Width is how many columns a worksheet has.
func Width(g *table.Grid) (columns int) {
	for _, row := range g.Rows {
		columns = max(columns, len(row.Cells))
	}
	return columns
}

// Describe tells of a column under a header; one without header and content is
// none.
func Describe[F ~string](g *table.Grid, h Header, at int, words Words[F]) (Column[F], bool) {
	c := Column[F]{At: at, Letter: table.ColumnName(at + 1), Header: Clip(Text(h, at, words), 200)}
	for _, row := range g.Rows {
		if len(c.Examples) == examples {
			break
		}
		if row.Number <= h.Last || at >= len(row.Cells) || row.Cells[at].Blank() {
			continue
		}
		if text := Clip(strings.Join(strings.Fields(row.Cells[at].Text), " "), Longest); !slices.Contains(c.Examples, text) {
			c.Examples = append(c.Examples, text)
		}
	}
	return c, c.Header != "" || len(c.Examples) > 0
}

// Match puts a column to a field, or to none with "". The column is named by its
// header or its letter. Another column that had the field loses it, unless the
// field may have many.
func Match[F ~string](columns []Column[F], column string, field F, many bool) error {
	at := find(columns, column)
	if at < 0 {
		return sextant.Errorf(sextant.Invalid, "there is no column %q", column).WithHint("name it by its header or its letter: %s", Names(columns))
	}
	for i := range columns {
		if field != "" && !many && columns[i].Field == field {
			columns[i].Field = ""
		}
	}
	columns[at].Field = field
	return nil
}

func find[F ~string](columns []Column[F], column string) int {
	for _, same := range []func(Column[F]) bool{
		func(c Column[F]) bool { return c.Header == column },
		func(c Column[F]) bool { return c.Header != "" && Plain(c.Header) == Plain(column) },
		func(c Column[F]) bool { return c.Letter == column },
	} {
		if i := slices.IndexFunc(columns, same); i >= 0 {
			return i
		}
	}
	return -1
}

// Names lists columns for a message.
func Names[F ~string](columns []Column[F]) string {
	names := ""
	for i, c := range columns {
		if i == 20 {
			return names[2:] + " and " + strconv.Itoa(len(columns)-i) + " more"
		}
		names += ", " + c.Name()
	}
	if names == "" {
		return "there is none"
	}
	return names[2:]
}

// marks are signs that stand for a word. A crossed box is a ticked one: it is
// what word processors draw.
var marks = strings.NewReplacer("✓", " yes ", "✔", " yes ", "√", " yes ", "☑", " yes ", "☒", " yes ", "✅", " yes ", "🗹", " yes ", "●", " yes ", "■", " yes ",
	"✗", " no ", "✘", " no ", "✕", " no ", "✖", " no ", "❌", " no ", "☐", " no ", "○", " no ", "□", " no ")

// Plain makes words comparable: case, accents and punctuation do not count.
func Plain(s string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(strings.ToLower(marks.Replace(s))) {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\u00ad', r == '\u200b', r == '\ufeff':
		case r == 'ß':
			b.WriteString("ss")
			space = false
		case r == 'ø':
			b.WriteByte('o')
			space = false
		case r == 'œ':
			b.WriteString("oe")
			space = false
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
			space = false
		case !space && b.Len() > 0:
			b.WriteByte(' ')
			space = true
		}
	}
	return strings.TrimSpace(b.String())
}

// Index finds keys by what they are called, made plain; "" for a name that two
// have.
type Index map[string]string

// Place makes a key known under a name.
func (x Index) Place(name, key string) {
	if p := Plain(name); p != "" {
		if other, taken := x[p]; taken && other != key {
			key = ""
		}
		x[p] = key
	}
}

// Find gives the key that is called so, "" for none and for several.
func (x Index) Find(name string) string { return x[Plain(name)] }

// Clip cuts a text to what is shown of it.
func Clip(s string, most int) string {
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
