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

func (s *statement) condition(kind string, c register.Condition) error {
	switch c.Column {
	case register.ColumnTag, register.ColumnLink:
		return s.sideCondition(kind, c)
	case register.ColumnKey:
		return s.valueCondition("e.key", c)
	}
	return s.valueCondition(expression(c.Column, c.Field), c)
}

// isNumber: the column holds numbers. An unknown number is no small number: it
// meets no comparison.
func isNumber(c register.Condition) bool {
	return c.Column == register.ColumnScore || c.Column == register.ColumnChanged || c.Column == register.ColumnNumber
}

func (s *statement) valueCondition(expr string, c register.Condition) error {
	values, err := s.values(c)
	if err != nil {
		return err
	}
	empty := expr + " = ''"
	if isNumber(c) {
		empty = s.unknownNumber(c)
	}
	switch c.Op {
	case register.Empty:
		s.and("%s", empty)
	case register.Filled:
		s.and("NOT (%s)", empty)
	case register.Is:
		s.and("%s IN (%s)", expr, strings.Join(values, ","))
		if isNumber(c) {
			s.and("NOT (%s)", empty)
		}
	case register.IsNot:
		s.and("%s NOT IN (%s)", expr, strings.Join(values, ","))
	case register.Contains:
		s.and("lower(%s) LIKE %s ESCAPE '!'", expr, values[0])
	default:
		s.and("%s %s %s AND NOT (%s)", expr, signs[c.Op], values[0], empty)
	}
	return nil
}

// unknownNumber: the promoted score cannot tell 0 from not known, the document
// can.
func (s *statement) unknownNumber(c register.Condition) string {
	if c.Column == register.ColumnChanged {
		return "1=0"
	}
	return "e.data->>" + quoted(c.Field) + " IS NULL"
}

func (s *statement) values(c register.Condition) ([]string, error) {
	if c.Op == register.Empty || c.Op == register.Filled {
		return nil, nil
	}
	if len(c.Values) == 0 {
		return nil, sextant.Errorf(sextant.Invalid, "a filter has no value")
	}
	var marks []string
	for _, text := range c.Values {
		var value any = text
		switch {
		case c.Op == register.Contains:
			value = "%" + escapeLike(strings.ToLower(text)) + "%"
		case isNumber(c):
			n, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return nil, sextant.Errorf(sextant.Invalid, "%q is not a number", text)
			}
			value = n
			if c.Column != register.ColumnNumber {
				value = int64(n)
			}
		}
		marks = append(marks, s.bind(value))
	}
	return marks, nil
}

func escapeLike(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}

// sideCondition asks the side table for an entry with, or without, a value.
func (s *statement) sideCondition(kind string, c register.Condition) error {
	side := sideOf(c.Column)
	inner := fmt.Sprintf("SELECT x.%s FROM %s x WHERE x.org=$1 AND x.%s=%s AND x.field=%s", side.key, side.table, side.register, s.bind(kind), s.bind(c.Field))
	switch c.Op {
	case register.Empty, register.Filled:
	case register.Is, register.IsNot:
		var marks []string
		for _, value := range c.Values {
			marks = append(marks, s.bind(value))
		}
		inner += fmt.Sprintf(" AND x.%s IN (%s)", side.value, strings.Join(marks, ","))
	case register.Contains:
		inner += fmt.Sprintf(" AND lower(x.%s) LIKE %s ESCAPE '!'", side.value, s.bind("%"+escapeLike(strings.ToLower(c.Values[0]))+"%"))
	default:
		inner += fmt.Sprintf(" AND x.%s %s %s", side.value, signs[c.Op], s.bind(c.Values[0]))
	}
	inner += fmt.Sprintf(" AND x.from_seq<=%s AND x.to_seq>%s", s.bind(int64(s.at)), s.bind(standing(s.at)))
	not := ""
	if c.Op == register.IsNot || c.Op == register.Empty {
		not = "NOT "
	}
	s.and("e.key %sIN (%s)", not, inner)
	return nil
}
