// SPDX-License-Identifier: Apache-2.0

package table

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sextant"
)

// shape says what a cell of a file holds, before its column says what it means.
type shape uint8

const (
	blank   shape = iota
	text          // cell.text
	number        // cell.number
	logical       // cell.number is 1 or 0
	moment        // cell.at
	list          // cell.list, JSON only
	formula       // cell.text is the formula, never computed
	broken        // cell.text says what is wrong with it
)

// cell is one cell on its way out of or into a file.
type cell struct {
	shape  shape
	text   string
	number float64
	at     time.Time
	list   []string
}

// canonical checks a value given to a writer and brings it into the form that
// Read would return.
func (c Column) canonical(v any) (any, error) {
	if v == nil || v == "" {
		return nil, nil
	}
	if c.Many {
		return canonicalList(v)
	}
	switch c.Kind {
	case Number:
		return canonicalNumber(v)
	case Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case Date, DateTime:
		if v == sextant.Instant(0) || v == sextant.Forever {
			return nil, nil // no moment, and an end that is still open
		}
		at, err := timeOf(v)
		if err != nil || at.IsZero() {
			return nil, err
		}
		if y := at.UTC().Year(); y < 1 || y > 9998 {
			return nil, fmt.Errorf("the year %d is out of range", y)
		}
		return c.written(at), nil
	default:
		if s, ok := v.(string); ok {
			return canonicalText(s)
		}
	}
	return nil, fmt.Errorf("%T is no value of a %s column", v, c.kindName())
}

func (c Column) kindName() string {
	if c.Kind == Text {
		return "text"
	}
	return string(c.Kind)
}

func canonicalText(s string) (any, error) {
	if !utf8.ValidString(s) {
		return nil, errNotText
	}
	return s, nil
}

func canonicalNumber(v any) (any, error) {
	var f float64
	switch n := v.(type) {
	case float64:
		f = n
	case int:
		f = float64(n)
	case int64:
		f = float64(n)
	case json.Number:
		var err error
		if f, err = n.Float64(); err != nil {
			return nil, fmt.Errorf("%q is not a number", n)
		}
	default:
		return nil, fmt.Errorf("%T is no value of a number column", v)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, fmt.Errorf("%v has no place in a spreadsheet", f)
	}
	return f + 0, nil // -0 becomes 0
}

func canonicalList(v any) (any, error) {
	var parts []string
	switch l := v.(type) {
	case []string:
		parts = l
	case string:
		parts = []string{l}
	case []any:
		for _, p := range l {
			s, ok := p.(string)
			if !ok {
				return nil, fmt.Errorf("%T is no part of a list of texts", p)
			}
			parts = append(parts, s)
		}
	default:
		return nil, fmt.Errorf("%T is no list of texts", v)
	}
	out := make([]string, 0, len(parts))
	for _, p := range parts {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		if !utf8.ValidString(p) {
			return nil, errNotText
		}
		if strings.ContainsAny(p, "\n\r") {
			return nil, fmt.Errorf("one of several values in a cell has a line break: %.40q", p)
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

func timeOf(v any) (time.Time, error) {
	switch t := v.(type) {
	case time.Time:
		return t, nil
	case sextant.Instant:
		return t.Time(), nil
	case string:
		for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
			if at, err := time.Parse(layout, t); err == nil {
				return at, nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("%v is neither a date nor an RFC 3339 moment", v)
}

// written is the canonical text of a moment in the column.
func (c Column) written(at time.Time) string {
	if c.Kind == Date {
		return at.Format(time.DateOnly)
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// cell turns a canonical value into what the file shows.
func (c Column) cell(v any) cell {
	switch v := v.(type) {
	case nil:
		return cell{}
	case float64:
		return cell{shape: number, number: v}
	case bool:
		return cell{shape: text, text: c.shown(fmt.Sprint(v))}
	case []string:
		return cell{shape: text, text: c.joined(v)}
	case string:
		switch c.Kind {
		case Date, DateTime:
			at, _ := timeOf(v) // canonical, so it parses
			return cell{shape: moment, at: at, text: v}
		case Enum:
			return cell{shape: text, text: c.shown(v)}
		}
		return cell{shape: text, text: v}
	}
	return cell{shape: broken}
}

// joined puts several values into one cell, one a line. A single value with a
// semicolon gets a line end of its own, so that split does not cut it.
func (c Column) joined(names []string) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = name
		if c.Kind == Enum {
			shown[i] = c.shown(name)
		}
	}
	if len(shown) == 1 && strings.Contains(shown[0], ";") {
		return shown[0] + "\n"
	}
	return strings.Join(shown, "\n")
}

// split takes lines where there are lines, else what semicolons separate.
func split(s string) []string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	separator := ";"
	if strings.Contains(s, "\n") {
		separator = "\n"
	}
	var parts []string
	for part := range strings.SplitSeq(s, separator) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// tone is the colour of a canonical value; of several, the first that has one.
func (c Column) tone(v any) Tone {
	switch v := v.(type) {
	case string:
		return c.StyleByValue[v]
	case bool:
		return c.StyleByValue[fmt.Sprint(v)]
	case []string:
		i := slices.IndexFunc(v, func(s string) bool { return c.StyleByValue[s] != Plain })
		if i >= 0 {
			return c.StyleByValue[v[i]]
		}
	}
	return Plain
}
