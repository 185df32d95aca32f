// SPDX-License-Identifier: Apache-2.0

package store

import (
	"maps"
	"slices"

	"sextant"
	"sextant/evidence"
)

// Marks implements evidence.Reader.
func (t *transaction) Marks() (list []evidence.Mark, err error) {
	rows, err := t.query(`SELECT c.id, e.type, e.version, e.upto, e.clock, e.turn FROM evaluated e JOIN check_id c ON c.org=e.org AND c.no=e.check_no WHERE e.org=$1 ORDER BY c.id`)
	at := map[string]int{}
	if err := each(rows, err, func() error {
		m := evidence.Mark{Counts: map[string]evidence.Counts{}}
		err := rows.Scan(&m.Check, &m.Type, &m.Version, &m.Upto, &m.Clock, &m.Turn)
		at[m.Check] = len(list)
		list = append(list, m)
		return err
	}); err != nil {
		return nil, err
	}
	rows, err = t.query(`SELECT c.id, n.source, n.population, n.passed, n.failed, n.errors, n.not_applicable FROM evaluated_count n JOIN check_id c ON c.org=n.org AND c.no=n.check_no WHERE n.org=$1`)
	err = each(rows, err, func() error {
		var check, source string
		var n evidence.Counts
		err := rows.Scan(&check, &source, &n.Population, &n.Passed, &n.Failed, &n.Errors, &n.NotApplicable)
		if i, ok := at[check]; ok {
			list[i].Counts[source] = n
		}
		return err
	})
	return list, err
}

// inTurn refuses a writer whose view of a mark is not the newest.
func (t *transaction) inTurn(m evidence.Mark) (no int64, err error) {
	if no, err = t.checkNo(m.Check); err != nil {
		return 0, err
	}
	var turn int64
	if _, err := t.scan(`SELECT turn FROM evaluated WHERE org=$1 AND check_no=$2`, []any{no}, &turn); err != nil {
		return 0, err
	}
	if turn != m.Turn {
		return 0, sextant.Errorf(sextant.Conflict, "%s is being evaluated by somebody else", m.Check).WithHint("wait until that evaluation has ended")
	}
	return no, nil
}

var countColumns = []string{"check_no", "source", "population", "passed", "failed", "errors", "not_applicable"}

// PutMark implements evidence.Writer.
func (t *transaction) PutMark(m evidence.Mark) error {
	no, err := t.inTurn(m)
	if err != nil {
		return err
	}
	if err := t.exec(`INSERT INTO evaluated (org, check_no, type, version, upto, clock, turn) VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (org, check_no) DO UPDATE SET type=excluded.type, version=excluded.version, upto=excluded.upto, clock=excluded.clock, turn=excluded.turn`,
		no, m.Type, m.Version, int64(m.Upto), int64(m.Clock), m.Turn+1); err != nil {
		return err
	}
	var rows [][]any
	for _, source := range slices.Sorted(maps.Keys(m.Counts)) {
		n := m.Counts[source]
		rows = append(rows, []any{no, source, n.Population, n.Passed, n.Failed, n.Errors, n.NotApplicable})
	}
	return t.insert("evaluated_count", countColumns, rows, ` ON CONFLICT (org, check_no, source) DO UPDATE SET population=excluded.population, passed=excluded.passed, failed=excluded.failed, errors=excluded.errors, not_applicable=excluded.not_applicable`)
}

// DropMark implements evidence.Writer.
func (t *transaction) DropMark(m evidence.Mark) error {
	no, err := t.inTurn(m)
	if err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM evaluated_count WHERE org=$1 AND check_no=$2`, no); err != nil {
		return err
	}
	return t.exec(`DELETE FROM evaluated WHERE org=$1 AND check_no=$2`, no)
}
