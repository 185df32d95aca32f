// SPDX-License-Identifier: Apache-2.0

package register

import (
	"strings"

	"sextant"
)

// operators are tried longest first, so that "<=" is not read as "<".
var operators = []struct {
	text string
	op   Op
}{{"!=", IsNot}, {"<=", AtMost}, {">=", AtLeast}, {"=", Is}, {"<", Below}, {">", Above}, {"~", Contains}}

// ParseFilter reads one condition as people write it in a URL or on a command
// line:
//
//	state=active,proposed   one of
//	owner!=PER-3            none of
//	title~backup            contains
//	review_on<=2026-12-31   also < > >=
//	owner:empty             not known; owner:filled known
func ParseFilter(text string) (Filter, error) {
	if name, word, ok := strings.Cut(text, ":"); ok && (word == string(Empty) || word == string(Filled)) {
		return Filter{Field: name, Op: Op(word)}, nil
	}
	at := strings.IndexAny(text, "=!<>~")
	if at > 0 {
		for _, o := range operators {
			if values, ok := strings.CutPrefix(text[at:], o.text); ok {
				return filterOf(text[:at], o.op, values), nil
			}
		}
	}
	return Filter{}, sextant.Errorf(sextant.Invalid, "%q is no filter", text).At("filter").
		WithHint("write field=value, field!=value, field<=value, field~words, field:empty or field:filled")
}

func filterOf(name string, op Op, values string) Filter {
	f := Filter{Field: strings.TrimSpace(name), Op: op, Values: []string{values}}
	if op == Is || op == IsNot {
		f.Values = strings.Split(values, ",")
	}
	return f
}

// String writes the filter the way ParseFilter reads it.
func (f Filter) String() string {
	if f.Op == Empty || f.Op == Filled {
		return f.Field + ":" + string(f.Op)
	}
	for _, o := range operators {
		if o.op == f.Op {
			return f.Field + o.text + strings.Join(f.Values, ",")
		}
	}
	return f.Field
}

// ParseFilters reads several.
func ParseFilters(texts []string) ([]Filter, error) {
	var filters []Filter
	for _, text := range texts {
		if text == "" {
			continue
		}
		f, err := ParseFilter(text)
		if err != nil {
			return nil, err
		}
		filters = append(filters, f)
	}
	return filters, nil
}
