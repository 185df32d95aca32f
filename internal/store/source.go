// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"
	"strings"

	"sextant"
	"sextant/register"
)

// source is what gives a list its rows: the entries themselves in the order of
// one of their indexes, spans of the tag table, or the search index. The choice
// is made here and not left to the databases' planners, which know no promise.
type source struct {
	field  string   // of entry_tag, "" for the entries or the search index
	spans  []span   // each in order, of states where field is ""; none = every value
	sorted bool     // the rows of a span come in the order of the list
	search []string // the search's words
	serves []string // fields whose conditions the spans meet already
}

// span is the rows of one value, or of all values that begin so.
type span struct {
	value string
	open  bool
}

// mostSpans is how many ranges one list is merged from.
const mostSpans = 16

// gathered is how many rows are read and sorted at most where no index has the
// order: about what walking an index until 50 of 100,000 are found costs.
const gathered = 2000

// source chooses by what is counted: the rarest value if it gives the order or
// is rare, else a walk along the order.
func (t *transaction) source(q register.Query) (source, error) {
	if q.Deleted { // a tombstone has no tags
		return source{sorted: true}, nil
	}
	if q.Search != "" {
		return source{search: words(q.Search), sorted: q.Order.Column == register.ColumnKey}, nil
	}
	walk, byKey := walkOf(q), q.Order.Column == register.ColumnKey && q.Index == nil
	filters := slices.DeleteFunc(slices.Clone(q.Conditions), func(c register.Condition) bool { return len(spansOf(c)) == 0 || slices.Contains(walk.serves, c.Field) })
	if len(filters) == 0 {
		return walk, nil
	}
	rarest, n := filters[0], 0
	if !byKey || len(filters) > 1 {
		var err error
		if rarest, n, err = t.rarest(q.Register, filters); err != nil {
			return walk, err
		}
	}
	if byKey || n <= gathered {
		return source{field: rarest.Field, spans: spansOf(rarest), sorted: byKey, serves: []string{rarest.Field}}, nil
	}
	return walk, nil
}

// walkOf reads along the order of the list.
func walkOf(q register.Query) source {
	switch {
	case q.Index != nil:
		s := source{field: q.Index.Name, sorted: true, serves: q.Index.Fields}
		for _, prefix := range q.Index.Prefixes {
			s.spans = append(s.spans, span{prefix, true})
		}
		return s
	case q.Order.Column == register.ColumnTag:
		return source{field: q.Order.Field, sorted: true}
	}
	for _, c := range q.Conditions { // entry_state has the titles of a state in order
		if spans := spansOf(c); c.Column == register.ColumnState && q.Order.Column == register.ColumnTitle && len(spans) > 0 {
			return source{spans: spans, sorted: true, serves: []string{c.Field}}
		}
	}
	return source{sorted: true}
}

// spansOf are the spans of the tag table that meet a condition, none where the
// condition has to be tested.
func spansOf(c register.Condition) (spans []span) {
	if c.Column != register.ColumnTag && c.Column != register.ColumnState {
		return nil
	}
	switch {
	case c.Op == register.Empty:
		return []span{{}}
	case c.Op == register.Is && len(c.Values) <= mostSpans:
		for _, value := range c.Values {
			spans = append(spans, span{value: value})
		}
	}
	return spans
}

// rarest asks the counters which filter the fewest entries meet now. For the
// past it is an estimate; the answer does not depend on it.
func (t *transaction) rarest(kind string, filters []register.Condition) (rarest register.Condition, least int, err error) {
	if err := t.settle(); err != nil {
		return rarest, 0, err
	}
	s := t.statement(kind, sextant.LatestSeq)
	sum := map[string]int{}
	var pairs []string
	for _, c := range filters {
		for _, span := range spansOf(c) {
			pairs = append(pairs, "(field="+s.bind(c.Field)+" AND value="+s.bind(span.value)+")")
		}
	}
	rows, err := t.query("SELECT field, n FROM facet WHERE org=$1 AND register="+s.kind+" AND ("+strings.Join(pairs, " OR ")+")", s.args...)
	if err := each(rows, err, func() error {
		var field string
		var n int
		err := rows.Scan(&field, &n)
		sum[field] += n
		return err
	}); err != nil {
		return rarest, 0, err
	}
	rarest = slices.MinFunc(filters, func(a, b register.Condition) int { return sum[a.Field] - sum[b.Field] })
	return rarest, sum[rarest.Field], nil
}
