// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/evidence"
)

// checkNo numbers a check within the organisation.
func (t *transaction) checkNo(id string) (no int64, err error) {
	found, err := t.scan(`SELECT no FROM check_id WHERE org=$1 AND id=$2`, []any{id}, &no)
	if err != nil || found {
		return no, err
	}
	n, err := t.NextKey("#check")
	if err != nil {
		return 0, err
	}
	return int64(n), t.exec(`INSERT INTO check_id (org, no, id) VALUES ($1,$2,$3)`, n, id)
}

// numbers looks up the checks of a list of results once each.
func (t *transaction) numbers(list []evidence.Result) (map[string]int64, error) {
	all := map[string]int64{}
	for _, r := range list {
		if _, known := all[r.Check]; known {
			continue
		}
		no, err := t.checkNo(r.Check)
		if err != nil {
			return nil, err
		}
		all[r.Check] = no
	}
	return all, nil
}

var resultColumns = []string{"check_no", "thing", "from_seq", "to_seq", "at", "until_at", "status", "version", "reason"}

// PutResults implements evidence.Writer.
func (t *transaction) PutResults(from sextant.Seq, list []evidence.Result) error {
	numbers, err := t.numbers(list)
	if err != nil {
		return err
	}
	rows, replaced := make([][]any, len(list)), map[int64][]int64{}
	for i, r := range list {
		no := numbers[r.Check]
		rows[i] = []any{no, r.Resource, int64(from), int64(sextant.LatestSeq), int64(t.now), 0, r.Status, r.Version, r.Reason}
		if !r.First {
			replaced[no] = append(replaced[no], r.Resource)
		}
	}
	for no, things := range replaced {
		if err := t.closeResults(from, no, things); err != nil {
			return err
		}
	}
	return t.insert("result", resultColumns, rows, "")
}

func (t *transaction) closeResults(from sextant.Seq, no int64, things []int64) error {
	for part := range slices.Chunk(things, batch) {
		// The open end is written as a range so that the primary key is used.
		if err := t.exec(`UPDATE result SET to_seq=$2, until_at=$3 WHERE org=$1 AND check_no=$4 AND to_seq>4611686018427387903 AND thing IN (`+placeholders(5, len(part))+`)`,
			append([]any{int64(from), int64(t.now), no}, anys(part)...)...); err != nil {
			return err
		}
	}
	return nil
}

// CloseResults implements evidence.Writer.
func (t *transaction) CloseResults(from sextant.Seq, check string, resources []int64) error {
	no, err := t.checkNo(check)
	if err != nil {
		return err
	}
	return t.closeResults(from, no, resources)
}

const resultSelect = `r.thing, r.status, r.reason, r.version, r.from_seq, r.to_seq, r.at, r.until_at`

func (t *transaction) results(check string, query string, args ...any) (list []evidence.Result, err error) {
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		r := evidence.Result{Check: check}
		err := rows.Scan(&r.Resource, &r.Status, &r.Reason, &r.Version, &r.From, &r.To, &r.At, &r.Until)
		list = append(list, r)
		return err
	})
	return list, err
}

// resultQuery selects results of one check. Those that failed or could not be
// told have an index of their own, the others are read by resource.
type resultQuery struct {
	where, order string
	args         []any
}

func (q *resultQuery) bind(value any) string {
	q.args = append(q.args, value)
	return fmt.Sprintf("$%d", len(q.args)+1)
}

func newResultQuery(l evidence.ResultList) *resultQuery {
	q := &resultQuery{args: []any{l.Check, int64(l.At), standing(l.At)}, order: ` ORDER BY r.thing`}
	q.where = `r.org=$1 AND r.check_no=(SELECT no FROM check_id WHERE org=$1 AND id=$2)` + standingAt("r.", "$3", "$4")
	bad := len(l.Statuses) > 0
	var marks []string
	for _, status := range l.Statuses {
		bad = bad && (status == 2 || status == 3) // check.Fail and check.Error
		marks = append(marks, q.bind(status))
	}
	if len(marks) > 0 {
		q.where += ` AND r.status IN (` + strings.Join(marks, ",") + `)`
	}
	if bad {
		q.where, q.order = q.where+` AND r.status IN (2,3)`, ` ORDER BY r.status, r.thing`
	}
	switch {
	case l.After != nil && bad:
		q.where += ` AND (r.status, r.thing) > (` + q.bind(l.After.Status) + `,` + q.bind(l.After.Resource) + `)`
	case l.After != nil:
		q.where += ` AND r.thing>` + q.bind(l.After.Resource)
	}
	return q
}

// Results implements evidence.Reader.
func (t *transaction) Results(check string, at sextant.Seq, limit int, statuses ...int) ([]evidence.Result, error) {
	q := newResultQuery(evidence.ResultList{Check: check, At: at, Statuses: statuses})
	return t.results(check, `SELECT `+resultSelect+` FROM result r WHERE `+q.where+q.order+` LIMIT `+q.bind(limit), q.args...)
}

// Offenders implements evidence.Reader.
func (t *transaction) Offenders(l evidence.ResultList) (list []evidence.Offender, err error) {
	q := newResultQuery(l)
	var marks []string
	for _, source := range l.Sources {
		marks = append(marks, q.bind(source))
	}
	of := ""
	if len(marks) > 0 {
		of = ` AND t.source IN (` + strings.Join(marks, ",") + `)`
	}
	rows, err := t.query(`SELECT `+resultSelect+`, t.source, t.type, t.account, t.region, t.key FROM result r CROSS JOIN thing t WHERE `+q.where+` AND t.org=r.org AND t.id=r.thing`+of+q.order+` LIMIT `+q.bind(l.Limit), q.args...)
	err = each(rows, err, func() error {
		o := evidence.Offender{Result: evidence.Result{Check: l.Check}}
		err := rows.Scan(&o.Resource, &o.Status, &o.Reason, &o.Version, &o.From, &o.To, &o.At, &o.Until, &o.Of.Source, &o.Of.Type, &o.Of.Account, &o.Of.Region, &o.Of.Key)
		o.Of.ID = o.Resource
		list = append(list, o)
		return err
	})
	return list, err
}

// ResultsOf implements evidence.Reader. It looks up every check of the
// organisation: a few microseconds each, and no index over all results.
func (t *transaction) ResultsOf(resource int64, at sextant.Seq) (list []evidence.Result, err error) {
	rows, err := t.query(`SELECT c.id, `+resultSelect+` FROM check_id c CROSS JOIN result r WHERE c.org=$1 AND r.org=$1 AND r.check_no=c.no AND r.thing=$2`+standingAt("r.", "$3", "$4")+` ORDER BY c.id`, resource, int64(at), standing(at))
	err = each(rows, err, func() error {
		var r evidence.Result
		err := rows.Scan(&r.Check, &r.Resource, &r.Status, &r.Reason, &r.Version, &r.From, &r.To, &r.At, &r.Until)
		list = append(list, r)
		return err
	})
	return list, err
}

const ofCheck = ` FROM result r WHERE r.org=$1 AND r.check_no=(SELECT no FROM check_id WHERE org=$1 AND id=$2)`

// ResultHistory implements evidence.Reader.
func (t *transaction) ResultHistory(check string, resource int64, before sextant.Seq, limit int) ([]evidence.Result, error) {
	return t.results(check, `SELECT `+resultSelect+ofCheck+` AND r.thing=$3 AND r.from_seq<$4 ORDER BY r.from_seq DESC LIMIT $5`, check, resource, int64(before), limit)
}

// StandingResults implements evidence.Reader.
func (t *transaction) StandingResults(check string, ids []int64) (list []evidence.Result, err error) {
	for part := range slices.Chunk(ids, batch) {
		some, err := t.results(check, `SELECT `+resultSelect+ofCheck+` AND r.to_seq>4611686018427387903 AND r.thing IN (`+placeholders(3, len(part))+`) ORDER BY r.thing`, append([]any{check}, anys(part)...)...)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

// StandingRange implements evidence.Reader.
func (t *transaction) StandingRange(check string, after, upto int64, limit int) ([]evidence.Result, error) {
	return t.results(check, `SELECT `+resultSelect+ofCheck+` AND r.to_seq>4611686018427387903 AND r.thing>$3 AND r.thing<=$4 ORDER BY r.thing LIMIT $5`, check, after, upto, limit)
}
