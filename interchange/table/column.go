// SPDX-License-Identifier: Apache-2.0

package table

import (
	"slices"
	"strings"
	"unicode"

	"sextant"
)

// Kind says what a column holds. The canonical form of its values, given to
// writers and returned by Read, stands in brackets; nil is an empty cell.
type Kind string

// The kinds.
const (
	Text     Kind = ""         // [string], as it is, never trimmed
	Number   Kind = "number"   // [float64]; writers take int, int64 and json.Number too
	Bool     Kind = "bool"     // [bool]; shown as Yes and No unless Choices say otherwise
	Date     Kind = "date"     // [string 2026-11-24]; writers take time.Time too
	DateTime Kind = "datetime" // [string, RFC 3339 in UTC]; writers take time.Time and sextant.Instant too
	Enum     Kind = "enum"     // [string, the Name of a Choice]; files show its label
	Link     Kind = "link"     // [string, an address]; shown as text, never made active
)

// Column describes one column. Only Key is needed.
type Column struct {
	Key     string   // stable: what JSON uses and what every header is matched with first
	Label   string   // what people read in the header; Key where empty
	Aliases []string // other headers to accept: earlier labels, other languages
	Help    string   // for the About sheet
	Kind    Kind
	Many    bool // several values in one cell, one a line [[]string]; Text, Enum and Link only
	Choices []Choice
	Width   float64 // in characters; 0 chooses by kind
	Format  string  // spreadsheet number format of a Number, such as "0.00"
	// StyleByValue colours cells by value: the name of a choice, or the text.
	StyleByValue map[string]Tone
}

// Choice is one value of an Enum column. A Bool column may name its two values
// with Choices "true" and "false".
type Choice struct {
	Name    string
	Label   string
	Aliases []string // other spellings to accept
}

// Tone is the meaning of a cell's colour; the colours are the design tokens'.
type Tone string

// The tones. Only Pass is green: error, stale and no data never are.
const (
	Plain       Tone = ""
	Pass        Tone = "pass"
	Fail        Tone = "fail"
	Error       Tone = "error"
	Stale       Tone = "stale"
	NoData      Tone = "nodata"
	Partial     Tone = "partial"
	FailInGrace Tone = "grace"
	Excepted    Tone = "excepted"
	Quiet       Tone = "quiet" // not assessed, not applicable
)

func (c Column) label() string {
	if c.Label == "" {
		return c.Key
	}
	return c.Label
}

func (c Choice) label() string {
	if c.Label == "" {
		return c.Name
	}
	return c.Label
}

var yesNo = []Choice{
	{Name: "true", Label: "Yes", Aliases: []string{"y", "1", "x", "wahr", "vrai"}},
	{Name: "false", Label: "No", Aliases: []string{"n", "0", "falsch", "faux"}},
}

func (c Column) choices() []Choice {
	if c.Kind == Bool {
		return append(slices.Clip(c.Choices), yesNo...)
	}
	return c.Choices
}

// shown turns the name of a choice into its label; a retired name stays.
func (c Column) shown(name string) string {
	for _, choice := range c.choices() {
		if choice.Name == name {
			return choice.label()
		}
	}
	return name
}

// chosen turns what stands in a cell into the name of a choice: by name, then
// by label, then by anything that reads the same.
func (c Column) chosen(text string) (string, bool) {
	choices := c.choices()
	for _, choice := range choices {
		if choice.Name == text {
			return choice.Name, true
		}
	}
	for _, choice := range choices {
		if choice.label() == text {
			return choice.Name, true
		}
	}
	want := fold(text)
	for _, choice := range choices {
		if fold(choice.Name) == want || fold(choice.label()) == want ||
			slices.ContainsFunc(choice.Aliases, func(a string) bool { return fold(a) == want }) {
			return choice.Name, true
		}
	}
	return "", false
}

// headers gives the header text of each column: its label, with the key added
// where two columns would otherwise read the same.
func headers(columns []Column) []string {
	times := map[string]int{}
	for _, c := range columns {
		times[fold(c.label())]++
		if fold(c.Key) != fold(c.label()) {
			times[fold(c.Key)]++
		}
	}
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.label()
		if times[fold(out[i])] > 1 {
			out[i] += " (" + c.Key + ")"
		}
	}
	return out
}

// fold makes headers and values comparable the way people mean them: case,
// blanks, hyphens, underscores and a trailing star or colon do not count.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '_', r == '-', r == '*', r == ':', r == '\u00ad', r == '\u200b', r == '\ufeff':
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func checkColumns(columns []Column) error {
	if len(columns) == 0 {
		return sextant.Errorf(sextant.Internal, "a table needs columns")
	}
	seen := map[string]bool{}
	for _, c := range columns {
		if c.Key == "" || seen[c.Key] {
			return sextant.Errorf(sextant.Internal, "column key %q is empty or used twice", c.Key)
		}
		seen[c.Key] = true
		if c.Many && c.Kind != Text && c.Kind != Enum && c.Kind != Link {
			return sextant.Errorf(sextant.Internal, "column %q: a %s column cannot hold many values", c.Key, c.Kind)
		}
		if err := c.checkChoices(); err != nil {
			return err
		}
	}
	return nil
}

// checkChoices makes sure that every label leads back to its name.
func (c Column) checkChoices() error {
	for _, choice := range c.Choices {
		if name, _ := c.chosen(choice.label()); choice.Name == "" || name != choice.Name {
			return sextant.Errorf(sextant.Internal, "column %q: the label %q stands for %q and %q", c.Key, choice.label(), choice.Name, name)
		}
	}
	return nil
}
