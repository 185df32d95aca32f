// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"strconv"
	"strings"

	"sextant"
	"sextant/register"
)

// statement collects the text and the values of a query. Values are numbered in
// the order of their first appearance, as both databases want it.
type statement struct {
	where []string
	args  []any
	past  bool
	at    sextant.Seq
	pg    bool
}

func (s *statement) bind(value any) string {
	s.args = append(s.args, value)
	return "$" + strconv.Itoa(len(s.args)+1) // $1 is the organisation
}

func (s *statement) and(format string, parts ...any) {
	s.where = append(s.where, fmt.Sprintf(format, parts...))
}

var columns = map[register.Column]string{
	register.ColumnKey: "e.n", register.ColumnTitle: "e.title", register.ColumnState: "e.state", register.ColumnOwner: "e.owner",
	register.ColumnDue: "e.due", register.ColumnScore: "e.score", register.ColumnChanged: "e.at", register.ColumnActor: "e.actor",
}

// quoted is a field key inside a JSON path. Keys come from declarations; the
// check keeps it that way.
func quoted(field string) string {
	for _, r := range field {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			panic("store: no field key: " + field)
		}
	}
	return "'" + field + "'"
}

// expression is where an order or a condition finds its value, never NULL.
func expression(column register.Column, field string) string {
	switch column {
	case register.ColumnText:
		return "COALESCE(e.data->>" + quoted(field) + ", '')"
	case register.ColumnNumber:
		return "COALESCE(CAST(e.data->>" + quoted(field) + " AS NUMERIC), -1e300)"
	}
	return columns[column]
}

func (t *transaction) statement(q register.Query) (*statement, error) {
	s := &statement{past: q.At != sextant.LatestSeq, at: q.At, pg: t.dialect.isPostgres()}
	s.and(fmt.Sprintf("e.org=$1 AND e.register=%%s AND e.deleted=%d", bit(q.Deleted)), s.bind(q.Register))
	if s.past {
		at := s.bind(int64(q.At))
		s.and("e.from_seq<=%s AND e.to_seq>%s", at, at)
	}
	for _, c := range q.Conditions {
		if err := s.condition(q.Register, c); err != nil {
			return nil, err
		}
	}
	if q.Search != "" {
		s.search(t.org, q.Register, q.Search)
	}
	return s, nil
}

func (s *statement) from() string {
	if s.past {
		return " FROM entry_version e WHERE "
	}
	return " FROM entry e WHERE "
}

func (s *statement) text() string { return s.from() + strings.Join(s.where, " AND ") }

// after continues a list behind a mark, by the pair of value and number.
func (s *statement) after(o register.Order, m *register.Mark) error {
	if m == nil {
		return nil
	}
	sign := ">"
	if o.Descending {
		sign = "<"
	}
	value, err := s.orderValue(o, m.Value)
	if err != nil {
		return err
	}
	if o.Column == register.ColumnKey {
		s.and("e.n %s %s", sign, s.bind(m.N))
		return nil
	}
	expr := expression(o.Column, o.Field)
	if o.Column == register.ColumnText || o.Column == register.ColumnNumber { // a row value is no range on an expression: say it twice
		first := s.bind(value)
		second := s.bind(m.N)
		s.and("%[1]s %[2]s= %[3]s AND (%[1]s %[2]s %[3]s OR e.n %[2]s %[4]s)", expr, sign, first, second)
		return nil
	}
	first := s.bind(value)
	s.and("(%s, e.n) %s (%s, %s)", expr, sign, first, s.bind(m.N))
	return nil
}

func (s *statement) orderValue(o register.Order, text string) (any, error) {
	switch o.Column {
	case register.ColumnScore, register.ColumnChanged, register.ColumnNumber:
		if text == "" {
			return -1e300, nil
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, sextant.Errorf(sextant.Invalid, "the page mark does not belong to this list")
		}
		if o.Column != register.ColumnNumber {
			return int64(n), nil
		}
		return n, nil
	}
	return text, nil
}

func orderBy(o register.Order) string {
	direction := ""
	if o.Descending {
		direction = " DESC"
	}
	if o.Column == register.ColumnKey {
		return " ORDER BY e.n" + direction
	}
	return " ORDER BY " + expression(o.Column, o.Field) + direction + ", e.n" + direction
}

// List implements register.ReadTx.
func (t *transaction) List(q register.Query) ([]register.Row, error) {
	if q.Limit <= 0 {
		return nil, sextant.Errorf(sextant.Internal, "a list needs a limit")
	}
	if q.Order.Column == "" {
		q.Order.Column = register.ColumnKey
	}
	s, err := t.statement(q)
	if err != nil {
		return nil, err
	}
	if err := s.after(q.Order, q.After); err != nil {
		return nil, err
	}
	selected := "e." + strings.ReplaceAll(common, ", ", ", e.") + ", 4611686018427387904"
	if s.past {
		selected = "e." + strings.ReplaceAll(pastRow, ", ", ", e.")
	}
	text := s.text()
	return t.rows("SELECT "+selected+text+orderBy(q.Order)+" LIMIT "+s.bind(q.Limit), s.args...)
}

// Count implements register.ReadTx.
func (t *transaction) Count(q register.Query, limit int) (n int, err error) {
	s, err := t.statement(q)
	if err != nil {
		return 0, err
	}
	text := s.text()
	_, err = t.scan("SELECT count(*) FROM (SELECT 1 AS one"+text+" LIMIT "+s.bind(limit+1)+") AS counted", s.args, &n)
	return n, err
}

// Groups implements register.ReadTx.
func (t *transaction) Groups(q register.Query, column register.Column, field string, limit int) (groups []register.Group, err error) {
	s, err := t.statement(q)
	if err != nil {
		return nil, err
	}
	value, text := "", ""
	switch column {
	case register.ColumnTag, register.ColumnLink:
		value, text = s.groupBySide(q.Register, column, field)
	default:
		value, text = expression(column, field), s.text()
	}
	rows, err := t.query("SELECT CAST("+value+" AS TEXT), count(*)"+text+" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT "+s.bind(limit), s.args...)
	err = each(rows, err, func() error {
		var g register.Group
		err := rows.Scan(&g.Value, &g.Count)
		groups = append(groups, g)
		return err
	})
	return groups, err
}

// groupBySide joins the side table that holds the values.
func (s *statement) groupBySide(kind string, column register.Column, field string) (value, text string) {
	side := sideOf(column)
	f, at, to := s.bind(field), s.bind(int64(s.at)), s.bind(standing(s.at))
	text = strings.Replace(s.text(), " WHERE ", fmt.Sprintf(` LEFT JOIN %s x ON x.org=e.org AND x.%s=e.register AND x.%s=e.key AND x.field=%s AND x.from_seq<=%s AND x.to_seq>%s WHERE `,
		side.table, side.register, side.key, f, at, to), 1)
	return "COALESCE(x." + side.value + ", '')", text
}

type side struct{ table, register, key, value string }

func sideOf(column register.Column) side {
	if column == register.ColumnLink {
		return side{"entry_link", "from_register", "from_key", "to_key"}
	}
	return side{"entry_tag", "register", "key", "value"}
}
