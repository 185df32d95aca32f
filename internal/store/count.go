// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/register"
)

// Count implements register.ReadTx.
func (t *transaction) Count(q register.Query, limit int) (n int, err error) {
	if err := t.settle(); err != nil {
		return 0, err
	}
	if field, value, ok := counted(q); ok {
		n, err := t.counter(q.Register, field, value)
		return min(n, limit+1), err
	}
	s, numbers, err := t.matches(q, limit+1)
	if err != nil {
		return 0, err
	}
	_, err = t.scan("SELECT count(*) FROM ("+numbers+") AS counted", s.args, &n)
	return n, err
}

// counted: how many entries there are, or have one value, is kept.
func counted(q register.Query) (field, value string, ok bool) {
	if q.At != sextant.LatestSeq || q.Search != "" || q.Deleted || len(q.Conditions) > 1 {
		return "", "", false
	}
	if len(q.Conditions) == 0 {
		return "", "", true
	}
	spans := spansOf(q.Conditions[0])
	if len(spans) != 1 {
		return "", "", false
	}
	return q.Conditions[0].Field, spans[0].value, true
}

// matches selects the numbers of the entries of a query, each once, at most
// limit of them (0 = all).
func (t *transaction) matches(q register.Query, limit int) (s *statement, text string, err error) {
	q.Order, q.Index, q.After = register.Order{Column: register.ColumnKey}, nil, nil
	src, err := t.source(q)
	if err != nil {
		return nil, "", err
	}
	s = t.of(q)
	list, err := t.branches(s, q, src)
	if err != nil {
		return nil, "", err
	}
	most := ""
	if limit > 0 {
		most = " LIMIT " + s.bind(limit)
	}
	parts := make([]string, len(list))
	for i, b := range list {
		text := "SELECT e.n AS n" + b.text()
		if src.field != "" && onlyServed(q, src) { // its tag stands while the entry does
			text = "SELECT x.n AS n FROM entry_tag x WHERE " + strings.Join(b.tagged, " AND ")
		}
		parts[i] = fmt.Sprintf("SELECT * FROM (%s%s) AS b%d", text, most, i)
	}
	if len(parts) == 1 {
		return s, parts[0], nil
	}
	return s, "SELECT DISTINCT n FROM (" + strings.Join(parts, " UNION ALL ") + ") AS every" + most, nil
}

// onlyServed: the spans of the source are all that is asked.
func onlyServed(q register.Query, src source) bool {
	return !slices.ContainsFunc(q.Conditions, func(c register.Condition) bool { return !slices.Contains(src.serves, c.Field) || len(spansOf(c)) == 0 })
}

// Groups implements register.ReadTx. Of the whole register now it reads
// counters; otherwise it counts the matches.
func (t *transaction) Groups(q register.Query, column register.Column, field string, limit int) ([]register.Group, error) {
	if err := t.settle(); err != nil {
		return nil, err
	}
	if column != register.ColumnTag {
		return t.groupsByText(q, register.Order{Column: column, Field: field}, limit)
	}
	if by, _, ok := counted(q); ok && by == "" {
		return t.groups(`SELECT value, n FROM facet WHERE org=$1 AND register=$2 AND field=$3 AND n>0 ORDER BY n DESC, value LIMIT $4`, q.Register, field, limit)
	}
	if len(q.Conditions) == 0 && q.Search == "" && !q.Deleted {
		s := t.statement(q.Register, q.At)
		text := "SELECT x.value, count(*) FROM entry_tag x WHERE x.org=$1 AND x.register=" + s.kind + " AND x.field=" + s.bind(field) + " AND " + s.stands("x")
		return t.groups(text+" GROUP BY x.value ORDER BY 2 DESC, 1 LIMIT "+s.bind(limit), s.args...)
	}
	s, numbers, err := t.matches(q, 0)
	if err != nil {
		return nil, err
	}
	text := "SELECT g.value, count(*) FROM (" + numbers + ") AS m CROSS JOIN entry_tag g WHERE g.org=$1 AND g.n=m.n AND g.field=" + s.bind(field) + " AND " + s.stands("g")
	return t.groups(text+" GROUP BY g.value ORDER BY 2 DESC, 1 LIMIT "+s.bind(limit), s.args...)
}

// groupsByText counts by what no tag is kept of.
func (t *transaction) groupsByText(q register.Query, by register.Order, limit int) ([]register.Group, error) {
	s, matches, err := t.matches(q, 0)
	if err != nil {
		return nil, err
	}
	expr := s.expression(by)
	if by.Column == register.ColumnKey {
		expr = "e.key"
	}
	text := "SELECT CAST(" + expr + " AS TEXT), count(*) FROM (" + matches + ") AS m CROSS JOIN " + s.table() + " WHERE e.n=m.n AND " + s.entry()
	return t.groups(text+" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT "+s.bind(limit), s.args...)
}

func (t *transaction) groups(query string, args ...any) (groups []register.Group, err error) {
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		var g register.Group
		err := rows.Scan(&g.Value, &g.Count)
		groups = append(groups, g)
		return err
	})
	return groups, err
}
