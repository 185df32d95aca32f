// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// problem says why a cell was refused and what to do about it.
type problem struct{ reason, fix string }

func refused(fix, format string, args ...any) *problem {
	return &problem{reason: fmt.Sprintf(format, args...), fix: fix}
}

// value turns a cell of a file into the canonical value of the column.
func (c Column) value(in cell) (any, *problem) {
	switch in.shape {
	case blank:
		return nil, nil
	case broken:
		return nil, refused("correct the cell, or leave it empty to clear the field", "%s", in.text)
	case formula:
		return nil, refused("copy the cell and paste it as values only", "the cell holds a formula (%.60s); formulas are never computed", in.text)
	}
	if in.shape == text && in.text == "" {
		return nil, nil
	}
	if c.Many {
		return c.listValue(in)
	}
	switch c.Kind {
	case Number:
		return c.numberValue(in)
	case Bool:
		return c.boolValue(in)
	case Date, DateTime:
		return c.momentValue(in)
	case Enum:
		s, p := c.textValue(in)
		if p != nil || strings.TrimSpace(s) == "" {
			return nil, p
		}
		return c.choiceValue(s)
	}
	s, p := c.textValue(in)
	if p != nil {
		return nil, p
	}
	return s, nil
}

// textValue accepts what certainly is the text that was typed.
func (c Column) textValue(in cell) (string, *problem) {
	switch in.shape {
	case text:
		return in.text, nil
	case number:
		return plainNumber(in.number), nil
	case logical:
		return strings.ToUpper(strconv.FormatBool(in.number != 0)), nil
	case moment:
		return "", refused("format the cell as text and type it again",
			"the cell holds a date (%s) where text belongs; spreadsheets turn texts such as 1-2 into dates", in.at.Format(time.DateOnly))
	}
	return "", refused("write one text", "the cell holds a list where text belongs")
}

func (c Column) listValue(in cell) (any, *problem) {
	parts := in.list
	if in.shape != list {
		s, p := c.textValue(in)
		if p != nil {
			return nil, p
		}
		parts = split(s)
	}
	var out []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if strings.ContainsAny(part, "\r\n") {
			return nil, refused("write a value for each line", "one of several values has a line break: %q", clip(part, 60))
		}
		if c.Kind == Enum {
			name, p := c.choiceValue(part)
			if p != nil {
				return nil, p
			}
			part, _ = name.(string)
		}
		out = append(out, part)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

func (c Column) choiceValue(s string) (any, *problem) {
	if name, ok := c.chosen(s); ok {
		return name, nil
	}
	var labels []string
	for _, choice := range c.Choices {
		labels = append(labels, choice.label())
	}
	if len(labels) > 12 {
		labels = append(labels[:12:12], "…")
	}
	return nil, refused("choose one of: "+strings.Join(labels, ", "), "%q is none of the allowed values", clip(s, 60))
}

func (c Column) boolValue(in cell) (any, *problem) {
	switch in.shape {
	case logical:
		return in.number != 0, nil
	case number:
		in = cell{shape: text, text: plainNumber(in.number)}
	}
	if in.shape == text {
		if strings.TrimSpace(in.text) == "" {
			return nil, nil
		}
		if name, ok := c.chosen(in.text); ok {
			return name == "true", nil
		}
	}
	return nil, refused("write "+c.shown("true")+" or "+c.shown("false"), "%s is neither yes nor no", in.describe())
}

// describe names a cell's content for a refusal.
func (c cell) describe() string {
	switch c.shape {
	case text:
		return strconv.Quote(clip(c.text, 60))
	case number:
		return plainNumber(c.number)
	case logical:
		return strings.ToUpper(strconv.FormatBool(c.number != 0))
	case moment:
		return "the date " + c.at.Format(time.DateOnly)
	}
	return "a list"
}

// plainNumber writes a number the way a spreadsheet shows it: at most 15
// digits, no exponent where it can be helped.
func plainNumber(f float64) string {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if math.Abs(short) >= 1e21 || short != 0 && math.Abs(short) < 1e-9 {
		return strconv.FormatFloat(short, 'g', -1, 64)
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}
