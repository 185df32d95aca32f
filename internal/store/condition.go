// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"strconv"
	"strings"

	"sextant"
	"sextant/register"
)

var signs = map[register.Op]string{register.Below: "<", register.Above: ">", register.AtLeast: ">=", register.AtMost: "<="}

// test is the condition as text, asked of entry e.
func (s *statement) test(c register.Condition) (string, error) {
	if c.Op != register.Empty && c.Op != register.Filled && len(c.Values) == 0 {
		return "", sextant.Errorf(sextant.Invalid, "a filter has no value")
	}
	if c.Column == register.ColumnTag {
		return s.tagTest(c), nil
	}
	expr := s.expression(register.Order{Column: c.Column, Field: c.Field})
	if c.Column == register.ColumnKey {
		expr = "e.key"
	}
	return s.valueTest(expr, c)
}

// isNumber: the column holds numbers. An unknown number is no small number: it
// meets no comparison.
func isNumber(c register.Condition) bool {
	return c.Column == register.ColumnScore || c.Column == register.ColumnChanged || c.Column == register.ColumnNumber
}

func (s *statement) valueTest(expr string, c register.Condition) (string, error) {
	values, err := s.values(c)
	if err != nil {
		return "", err
	}
	empty := expr + " = ''"
	if isNumber(c) {
		empty = unknownNumber(c)
	}
	switch c.Op {
	case register.Empty:
		return empty, nil
	case register.Filled:
		return "NOT (" + empty + ")", nil
	case register.Is:
		known := ""
		if isNumber(c) {
			known = " AND NOT (" + empty + ")"
		}
		return oneOf(expr, values) + known, nil
	case register.IsNot:
		return "NOT " + oneOf(expr, values), nil
	case register.Contains:
		return fmt.Sprintf("lower(%s) LIKE %s ESCAPE '!'", expr, values[0]), nil
	}
	return fmt.Sprintf("%s %s %s AND NOT (%s)", expr, signs[c.Op], values[0], empty), nil
}

// oneOf: a single value is compared plainly, so that an index orders by what
// comes after it.
func oneOf(expr string, marks []string) string {
	if len(marks) == 1 {
		return expr + " = " + marks[0]
	}
	return expr + " IN (" + strings.Join(marks, ",") + ")"
}

// unknownNumber: the promoted score cannot tell 0 from not known, the document
// can.
func unknownNumber(c register.Condition) string {
	if c.Column == register.ColumnChanged {
		return "1=0"
	}
	return "e.data->>" + quoted(c.Field) + " IS NULL"
}

func (s *statement) values(c register.Condition) (marks []string, err error) {
	if c.Op == register.Empty || c.Op == register.Filled {
		return nil, nil
	}
	for _, text := range c.Values {
		value, err := operand(c, text)
		if err != nil {
			return nil, err
		}
		marks = append(marks, s.bind(value))
	}
	return marks, nil
}

func operand(c register.Condition, text string) (any, error) {
	switch {
	case c.Op == register.Contains:
		return contains(text), nil
	case !isNumber(c):
		return text, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "%q is not a number", text)
	}
	if c.Column == register.ColumnNumber {
		return n, nil
	}
	return int64(n), nil
}

func contains(text string) string { return "%" + escapeLike(strings.ToLower(text)) + "%" }

func escapeLike(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}

// tagTest asks the tag table for an entry with, or without, a value.
func (s *statement) tagTest(c register.Condition) string {
	not, value := "", ""
	switch c.Op {
	case register.Empty:
		value = "x.value = ''"
	case register.Filled:
		not, value = "NOT ", "x.value = ''"
	case register.Contains:
		value = fmt.Sprintf("lower(x.value) LIKE %s ESCAPE '!'", s.bind(contains(c.Values[0])))
	case register.Is, register.IsNot:
		if c.Op == register.IsNot {
			not = "NOT "
		}
		value = oneOf("x.value", s.bindAll(c.Values))
	default:
		value = fmt.Sprintf("x.value <> '' AND x.value %s %s", signs[c.Op], s.bind(c.Values[0]))
	}
	return fmt.Sprintf("%sEXISTS (SELECT 1 FROM entry_tag x WHERE x.org=$1 AND x.register=%s AND x.field=%s AND %s AND x.n=e.n AND %s)",
		not, s.kind, s.bind(c.Field), value, s.stands("x"))
}

func (s *statement) bindAll(values []string) []string {
	marks := make([]string, len(values))
	for i, value := range values {
		marks[i] = s.bind(value)
	}
	return marks
}
