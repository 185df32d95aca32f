// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strconv"

	"sextant"
	"sextant/register"
)

// statement collects the text and the values of a query over one register at
// one position of the log.
type statement struct {
	args []any
	kind string // the mark of the register's name
	at   sextant.Seq
	seen string // the mark of the position, "" for the present
	gone int    // 1 = tombstones instead of what stands
	pg   bool
}

// of begins a statement for a query.
func (t *transaction) of(q register.Query) *statement {
	s := t.statement(q.Register, q.At)
	s.gone = bit(q.Deleted)
	return s
}

func (t *transaction) statement(kind string, at sextant.Seq) *statement {
	s := &statement{at: at, pg: t.dialect.isPostgres()}
	s.kind = s.bind(kind)
	if at != sextant.LatestSeq {
		s.seen = s.bind(int64(at))
	}
	return s
}

func (s *statement) bind(value any) string {
	s.args = append(s.args, value)
	return "$" + strconv.Itoa(len(s.args)+1) // $1 is the organisation
}

// stands is the condition for a row with an interval.
func (s *statement) stands(alias string) string {
	if s.seen == "" {
		return alias + ".to_seq=4611686018427387904"
	}
	return alias + ".from_seq<=" + s.seen + " AND " + alias + ".to_seq>" + s.seen
}

// table and entry name the entries of the position and how one is recognised.
func (s *statement) table() string {
	if s.seen == "" {
		return "entry e"
	}
	return "entry_version e"
}

func (s *statement) entry() string {
	text := "e.org=$1 AND e.register=" + s.kind + " AND e.deleted=" + strconv.Itoa(s.gone)
	if s.seen != "" {
		text += " AND " + s.stands("e")
	}
	return text
}

var columns = map[register.Column]string{
	register.ColumnKey: "e.n", register.ColumnTitle: "e.title", register.ColumnState: "e.state",
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
func (s *statement) expression(o register.Order) string {
	switch o.Column {
	case register.ColumnText:
		return "COALESCE(e.data->>" + quoted(o.Field) + ", '')"
	case register.ColumnNumber:
		return "COALESCE(CAST(e.data->>" + quoted(o.Field) + " AS NUMERIC), -1e300)"
	case register.ColumnTag:
		return "COALESCE((SELECT min(y.value) FROM entry_tag y WHERE y.org=$1 AND y.n=e.n AND y.field=" + s.bind(o.Field) + " AND " + s.stands("y") + "), '')"
	}
	return columns[o.Column]
}

// markValue is the place of a mark in an order, as the database compares it.
func markValue(o register.Order, text string) (any, error) {
	switch o.Column {
	case register.ColumnChanged, register.ColumnNumber:
		if text == "" {
			return -1e300, nil
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, sextant.Errorf(sextant.Invalid, "the page mark does not belong to this list")
		}
		if o.Column == register.ColumnChanged {
			return int64(n), nil
		}
		return n, nil
	}
	return text, nil
}
