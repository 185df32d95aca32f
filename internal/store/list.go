// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"sextant"
	"sextant/register"
)

// branch is one span of a source as text: SELECT … FROM from WHERE where.
type branch struct {
	from   string
	where  []string
	tagged []string // of where, what is asked of the tag alone
	value  string   // what the rows are ordered by; "" = by number alone
	n      string   // the number's column in the relation that leads
}

// branches writes a query over a source, a branch a span.
func (t *transaction) branches(s *statement, q register.Query, src source) (list []branch, err error) {
	spans := src.spans
	if len(spans) == 0 {
		spans = []span{{open: true}}
	}
	for _, span := range spans {
		b, err := t.lead(s, q, src, span)
		if err != nil {
			return nil, err
		}
		for _, c := range q.Conditions {
			if slices.Contains(src.serves, c.Field) && len(spansOf(c)) > 0 {
				continue
			}
			test, err := s.test(c)
			if err != nil {
				return nil, err
			}
			b.where = append(b.where, test)
		}
		if err := s.after(&b, q, span); err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}

// lead begins a branch with the relation its rows come from. CROSS JOIN keeps
// SQLite from turning the two round.
func (t *transaction) lead(s *statement, q register.Query, src source, sp span) (branch, error) {
	switch {
	case src.search != nil || q.Search != "":
		return t.leadSearch(s, q, src)
	case src.field == "" && len(src.spans) > 0:
		return branch{from: s.table(), where: []string{s.entry(), "e.state=" + s.bind(sp.value)}, value: orderValue(s, q.Order), n: "e.n"}, nil
	case src.field == "":
		return branch{from: s.table(), where: []string{s.entry()}, value: orderValue(s, q.Order), n: "e.n"}, nil
	}
	b := branch{from: "entry_tag x CROSS JOIN " + s.table(), n: "x.n", value: "x.value"}
	b.where = []string{"x.org=$1 AND x.register=" + s.kind + " AND x.field=" + s.bind(src.field)}
	switch {
	case !sp.open:
		b.where = append(b.where, "x.value="+s.bind(sp.value))
	case sp.value != "":
		b.where = append(b.where, "x.value>="+s.bind(sp.value)+" AND x.value<"+s.bind(following(sp.value)))
	}
	b.where = append(b.where, s.stands("x"))
	b.tagged = b.where
	b.where = append(slices.Clip(b.where), "e.n=x.n", s.entry())
	if !src.sorted || !sp.open {
		b.value = orderValue(s, q.Order)
	}
	return b, nil
}

// following is the first text behind all that begin with a prefix.
func following(prefix string) string {
	last := len(prefix) - 1
	return prefix[:last] + string(prefix[last]+1)
}

// orderValue: the number alone gives the order of keys.
func orderValue(s *statement, o register.Order) string {
	if o.Column == register.ColumnKey {
		return ""
	}
	return s.expression(o)
}

// after continues a list behind a mark, by the pair of value and number.
func (s *statement) after(b *branch, q register.Query, sp span) error {
	if q.After == nil {
		return nil
	}
	sign := ">"
	if q.Order.Descending {
		sign = "<"
	}
	if b.value == "" {
		b.where = append(b.where, b.n+" "+sign+" "+s.bind(q.After.N))
		return nil
	}
	value, err := markValue(q.Order, q.After.Value)
	if err != nil {
		return err
	}
	if text, ok := value.(string); ok && b.value == "x.value" {
		value = sp.value + text
	}
	first, second := s.bind(value), s.bind(q.After.N)
	if strings.HasPrefix(b.value, "COALESCE") { // a row value is no range on an expression: say it twice
		b.where = append(b.where, fmt.Sprintf("%[1]s %[2]s= %[3]s AND (%[1]s %[2]s %[3]s OR e.n %[2]s %[4]s)", b.value, sign, first, second))
		return nil
	}
	b.where = append(b.where, fmt.Sprintf("(%s, %s) %s (%s, %s)", b.value, b.n, sign, first, second))
	return nil
}

func (b branch) text() string { return " FROM " + b.from + " WHERE " + strings.Join(b.where, " AND ") }

func (b branch) orderBy(o register.Order) string {
	direction := ""
	if o.Descending {
		direction = " DESC"
	}
	if b.value == "" {
		return " ORDER BY " + b.n + direction
	}
	return " ORDER BY " + b.value + direction + ", " + b.n + direction
}

// List implements register.ReadTx.
func (t *transaction) List(q register.Query) ([]register.Row, error) {
	query, args, walks, err := t.listText(q)
	if err != nil {
		return nil, err
	}
	if err := t.alongIndexes(walks); err != nil {
		return nil, err
	}
	return t.rows(query, args...)
}

// alongIndexes tells PostgreSQL's planner that a list reads along an index: its
// estimate of how much stood at a past position is a guess, and a wrong one
// reads the whole register. What is gathered and sorted is left to it.
func (t *transaction) alongIndexes(yes bool) error {
	if !t.dialect.isPostgres() || t.steered == yes {
		return nil
	}
	t.steered = yes
	setting, plans := "on", "auto"
	if yes {
		setting, plans = "off", "force_custom_plan"
	}
	return t.run(strings.ReplaceAll(`SELECT set_config('plan_cache_mode','`+plans+`',true), set_config('enable_hashjoin','off',true), set_config('enable_mergejoin','off',true), set_config('enable_sort','off',true), set_config('enable_seqscan','off',true), set_config('enable_material','off',true)`, "off", setting))
}

// listText is a list as one statement; walks says that its rows come in order.
func (t *transaction) listText(q register.Query) (text string, args []any, walks bool, err error) {
	if q.Limit <= 0 {
		return "", nil, false, sextant.Errorf(sextant.Internal, "a list needs a limit")
	}
	if q.Order.Column == "" {
		q.Order.Column = register.ColumnKey
	}
	src, err := t.source(q)
	if err != nil {
		return "", nil, false, err
	}
	s := t.of(q)
	list, err := t.branches(s, q, src)
	if err != nil {
		return "", nil, false, err
	}
	walks = src.sorted && q.Search == ""
	limit := " LIMIT " + s.bind(q.Limit)
	if len(list) == 1 && src.sorted {
		return "SELECT " + s.selected() + list[0].text() + list[0].orderBy(q.Order) + limit, s.args, walks, nil
	}
	return s.merged(list, q, src, limit), s.args, walks, nil
}

// selected are a row's columns. Every row of entry stands; versions say until
// when.
func (s *statement) selected() string {
	if s.seen == "" {
		return "e." + strings.ReplaceAll(common, ", ", ", e.") + ", 4611686018427387904"
	}
	return "e." + strings.ReplaceAll(pastRow, ", ", ", e.")
}

// merged takes the first rows of each branch, the numbers only, then the first
// of them all, then their documents.
func (s *statement) merged(list []branch, q register.Query, src source, limit string) string {
	parts := make([]string, len(list))
	for i, b := range list {
		value := b.value
		switch {
		case value == "":
			value = "0"
		case value == "x.value": // without what the span begins with
			value = fmt.Sprintf("substr(x.value, %d)", utf8.RuneCountInString(src.spans[i].value)+1)
		}
		parts[i] = fmt.Sprintf("SELECT * FROM (SELECT %s AS v, e.n AS n%s%s%s) AS b%d", value, b.text(), b.orderBy(q.Order), limit, i)
	}
	direction := ""
	if q.Order.Descending {
		direction = " DESC"
	}
	return "SELECT " + s.selected() + " FROM (SELECT DISTINCT v, n FROM (" + strings.Join(parts, " UNION ALL ") + ") AS every ORDER BY v" + direction + ", n" + direction + limit + ") AS p CROSS JOIN " + s.table() +
		" WHERE e.n=p.n AND " + s.entry() + " ORDER BY p.v" + direction + ", p.n" + direction
}
