// SPDX-License-Identifier: Apache-2.0

package register

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Shape is a list the register promises to serve from an index: equality
// filters first, then the order ("" = by key). What no promoted column serves is
// kept as rows of the tag table, one an entry, so that a new promise needs no
// change of the schema (ADR 14).
type Shape struct {
	Filter []string
	Order  string
}

// shapeSign stands in the name of a kept shape and in no field's key.
const shapeSign = ">"

// shapeEnd ends a filter's value within a kept row: below every printable
// character, so that ranges of values never overlap.
const shapeEnd = "\x1f"

// name of the rows that serve the shape: "state+owner>due_on".
func (s Shape) name() string { return strings.Join(s.Filter, "+") + shapeSign + s.Order }

// keptShapes are the shapes a register has rows for: those every register is
// asked for, and those it declares.
func (def *Definition) keptShapes() []Shape {
	var shapes []Shape
	add := func(s Shape) {
		if !def.servedByColumns(s) && !slices.ContainsFunc(shapes, func(o Shape) bool { return o.name() == s.name() }) {
			shapes = append(shapes, s)
		}
	}
	owner, due := def.ownerField().Key, def.dueField().Key
	if due != "" {
		add(Shape{Filter: []string{"state"}, Order: due})
		if owner != "" {
			add(Shape{Filter: []string{owner}, Order: due})
		}
	}
	for _, f := range def.Fields {
		if f.isOrdered() {
			add(Shape{Order: f.Key})
		}
	}
	for _, s := range def.Lists {
		add(s)
	}
	return shapes
}

// isOrdered fields can be sorted by, however many entries there are. Text that
// is no title cannot: a person searches for it.
func (f Field) isOrdered() bool {
	if f.IsScore || f.Ranked {
		return true
	}
	switch f.Kind {
	case Date, DateTime, Number, Percent, Duration, Money:
		return !f.Many && !f.Personal && !f.IsDue
	}
	return false
}

// servedByColumns: the promoted columns and the tags of single fields do it.
func (def *Definition) servedByColumns(s Shape) bool {
	f, _ := def.Field(s.Order)
	switch len(s.Filter) {
	case 0:
		return s.Order == "" || f.IsTitle || f.IsDue || (f.isTagged() && !f.Ranked)
	case 1:
		return s.Order == "" || (s.Filter[0] == "state" && f.IsTitle)
	}
	return false
}

func (def *Definition) shapeProblem() string {
	for _, s := range def.Lists {
		for _, key := range s.Filter {
			if f, ok := def.Field(key); key != "state" && (!ok || !f.isTagged()) {
				return fmt.Sprintf("a list is promised by %q, which is no field with few values", key)
			}
		}
		f, ok := def.Field(s.Order)
		if s.Order != "" && (!ok || f.Many || (f.Personal && !def.servedByColumns(s))) {
			return fmt.Sprintf("a list is promised in the order of %q, which gives none", s.Order)
		}
	}
	return ""
}

// shapeTags are the rows kept for one entry.
func (def *Definition) shapeTags(state string, doc Doc) []Tag {
	tags := make([]Tag, 0, len(def.shapes))
	for _, s := range def.shapes {
		order, _ := def.Field(s.Order)
		end := order.sortable(doc[s.Order])
		for _, prefix := range prefixes(s.Filter, func(key string) []string { return filterTexts(key, state, doc) }) {
			tags = append(tags, Tag{s.name(), prefix + end})
		}
	}
	return tags
}

func filterTexts(key, state string, doc Doc) []string {
	if key == "state" {
		return []string{state}
	}
	texts := doc.Strings(key)
	if len(texts) == 0 {
		return []string{""}
	}
	for i, text := range texts {
		texts[i] = clip(text)
	}
	return texts
}

// prefixes joins every choice of values, in the order of the filters.
func prefixes(filter []string, values func(key string) []string) []string {
	list := []string{""}
	for _, key := range filter {
		var longer []string
		for _, prefix := range list {
			for _, value := range values(key) {
				longer = append(longer, prefix+value+shapeEnd)
			}
		}
		list = longer
	}
	return list
}

// sortable writes a value so that bytes order as values do; "" (not known)
// comes first.
func (f Field) sortable(value any) string {
	n, isNumber := value.(float64)
	if f.Ranked && value != nil {
		n, isNumber = float64(f.Rank(valueText(value))), true
	}
	if !isNumber {
		return clip(valueText(value))
	}
	bits := math.Float64bits(n + 0) // -0 becomes 0
	if bits>>63 == 1 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	return fmt.Sprintf("%016x", bits)
}

// mostBranches is how many ranges one list is merged from; a filter with more
// values is tested entry by entry.
const mostBranches = 16

// promised finds the kept shape that serves a list best: its order, and as many
// of its filters as there are.
func (def *Definition) promised(conditions []Condition, order string) *Index {
	best, most := (*Index)(nil), 0
	for _, s := range def.shapes {
		if s.Order != order || len(s.Filter) <= most {
			continue
		}
		if list, ok := s.within(conditions); ok {
			best, most = &Index{Name: s.name(), Prefixes: list, Fields: s.Filter}, len(s.Filter)
		}
	}
	return best
}

func (s Shape) within(conditions []Condition) (list []string, ok bool) {
	chosen := map[string][]string{}
	for _, c := range conditions {
		switch {
		case c.Op == Is && (c.Column == ColumnTag || c.Column == ColumnState):
			chosen[c.Field] = c.Values
		case c.Op == Empty && c.Column == ColumnTag:
			chosen[c.Field] = []string{""}
		}
	}
	for _, key := range s.Filter {
		if len(chosen[key]) == 0 {
			return nil, false
		}
	}
	list = prefixes(s.Filter, func(key string) []string { return chosen[key] })
	return list, len(list) <= mostBranches
}
