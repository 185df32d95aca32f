// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"sextant"
	"sextant/evidence"
	"sextant/register"
)

var (
	_ evidence.Store  = (*Store)(nil)
	_ evidence.Writer = (*transaction)(nil)
)

// Machine implements evidence.Store.
func (s *Store) Machine(ctx context.Context, org sextant.Organisation, fn func(evidence.Reader) error) error {
	return s.View(ctx, org, func(tx register.ReadTx) error { return fn(tx.(*transaction)) })
}

// Record implements evidence.Store.
func (s *Store) Record(ctx context.Context, org sextant.Organisation, fn func(evidence.Writer) error) error {
	return s.Update(ctx, org, func(tx register.WriteTx) error { return fn(tx.(*transaction)) })
}

// Seal implements evidence.Writer.
func (t *transaction) Seal(kind string, line any) (sextant.Seq, error) {
	data, err := json.Marshal(line)
	if err != nil {
		return 0, fmt.Errorf("journal line: %w", err)
	}
	return t.Append(register.Record{Kind: kind, Line: data})
}

// interval is the condition that picks what stands at a position.
const interval = ` AND %[1]sfrom_seq<=%[2]s AND %[1]sto_seq>%[3]s`

func standingAt(prefix, at, to string) string { return fmt.Sprintf(interval, prefix, at, to) }

const resourceColumns = `t.id, t.source, t.type, t.account, t.region, t.key, r.from_seq, r.to_seq, r.at, r.until_at, o.data`

const resourceJoin = ` FROM resource r JOIN thing t ON t.org=r.org AND t.id=r.thing JOIN observation o ON o.org=r.org AND o.hash=r.hash WHERE r.org=$1`

func (t *transaction) eachResource(fn func(evidence.Resource) error, query string, args ...any) error {
	rows, err := t.query(query, args...)
	return each(rows, err, func() error {
		r, err := scanResource(rows)
		if err != nil {
			return err
		}
		return fn(r)
	})
}

func scanResource(rows *sql.Rows) (r evidence.Resource, err error) {
	err = rows.Scan(&r.ID, &r.Source, &r.Type, &r.Account, &r.Region, &r.Key, &r.From, &r.To, &r.At, &r.Until, &r.Data)
	return r, err
}

// EachResource implements evidence.Reader.
func (t *transaction) EachResource(kind string, at sextant.Seq, fn func(evidence.Resource) error) error {
	return t.eachResource(fn, `SELECT `+resourceColumns+resourceJoin+` AND r.type=$2`+standingAt("r.", "$3", "$4")+` ORDER BY r.thing`, kind, int64(at), standing(at))
}

// Resource implements evidence.Reader.
func (t *transaction) Resource(kind, key string, at sextant.Seq) (found evidence.Resource, err error) {
	err = t.eachResource(func(r evidence.Resource) error { found = r; return nil },
		`SELECT `+resourceColumns+resourceJoin+` AND t.type=$2 AND t.key=$3`+standingAt("r.", "$4", "$5")+` LIMIT 1`, kind, key, int64(at), standing(at))
	if err == nil && found.ID == 0 {
		err = sextant.Errorf(sextant.NotFound, "there is no %s %q", kind, key)
	}
	return found, err
}

// ResourceHistory implements evidence.Reader.
func (t *transaction) ResourceHistory(kind, key string, limit int) (list []evidence.Resource, err error) {
	err = t.eachResource(func(r evidence.Resource) error { list = append(list, r); return nil },
		`SELECT `+resourceColumns+resourceJoin+` AND t.type=$2 AND t.key=$3 ORDER BY r.from_seq DESC LIMIT $4`, kind, key, limit)
	return list, err
}

// Thing implements evidence.Reader.
func (t *transaction) Thing(id int64) (r evidence.Resource, err error) {
	found, err := t.scan(`SELECT id, source, type, account, region, key FROM thing WHERE org=$1 AND id=$2`, []any{id}, &r.ID, &r.Source, &r.Type, &r.Account, &r.Region, &r.Key)
	if err == nil && !found {
		err = sextant.Errorf(sextant.NotFound, "there is no resource %d", id)
	}
	return r, err
}

// Observe implements evidence.Writer.
func (t *transaction) Observe(from sextant.Seq, list []evidence.Observed) (changed int, err error) {
	for _, o := range list {
		did, err := t.observe(from, o)
		if err != nil {
			return changed, err
		}
		if did {
			changed++
		}
	}
	return changed, nil
}

func (t *transaction) observe(from sextant.Seq, o evidence.Observed) (bool, error) {
	var id int64
	var hash []byte
	found, err := t.scan(`SELECT t.id, r.hash FROM thing t LEFT JOIN resource r ON r.org=t.org AND r.thing=t.id AND r.to_seq=4611686018427387904 WHERE t.org=$1 AND t.type=$2 AND t.key=$3 AND t.source=$4`,
		[]any{o.Type, o.Key, o.Source}, &id, &hash)
	if err != nil {
		return false, err
	}
	if found && bytes.Equal(hash, o.Hash[:]) {
		return false, nil
	}
	if !found {
		if id, err = t.newThing(o); err != nil {
			return false, err
		}
	} else if err := t.closeResource(from, id); err != nil {
		return false, err
	}
	if err := t.exec(`INSERT INTO observation (org, hash, data) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, o.Hash[:], o.Data); err != nil {
		return false, err
	}
	return true, t.exec(`INSERT INTO resource (org, thing, type, from_seq, to_seq, at, until_at, hash) VALUES ($1,$2,$3,$4,4611686018427387904,$5,0,$6)`, id, o.Type, int64(from), int64(t.now), o.Hash[:])
}

func (t *transaction) newThing(o evidence.Observed) (int64, error) {
	n, err := t.NextKey("#thing")
	if err != nil {
		return 0, err
	}
	return int64(n), t.exec(`INSERT INTO thing (org, id, source, type, key, account, region) VALUES ($1,$2,$3,$4,$5,$6,$7)`, n, o.Source, o.Type, o.Key, o.Account, o.Region)
}

func (t *transaction) closeResource(from sextant.Seq, id int64) error {
	return t.exec(`UPDATE resource SET to_seq=$2, until_at=$3 WHERE org=$1 AND thing=$4 AND to_seq=4611686018427387904`, int64(from), int64(t.now), id)
}

// CloseUnseen implements evidence.Writer.
func (t *transaction) CloseUnseen(from sextant.Seq, s evidence.Slice, seen func(string) bool) (closed int, err error) {
	var gone []int64
	rows, err := t.query(`SELECT t.id, t.key FROM thing t JOIN resource r ON r.org=t.org AND r.thing=t.id AND r.to_seq=4611686018427387904
		WHERE t.org=$1 AND t.source=$2 AND t.type=$3 AND t.account=$4 AND t.region=$5`, s.Source, s.Type, s.Account, s.Region)
	if err := each(rows, err, func() error {
		var id int64
		var key string
		err := rows.Scan(&id, &key)
		if err == nil && !seen(key) {
			gone = append(gone, id)
		}
		return err
	}); err != nil {
		return 0, err
	}
	for _, id := range gone {
		if err := t.closeResource(from, id); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}

// PutPopulation implements evidence.Writer.
func (t *transaction) PutPopulation(from sextant.Seq, p evidence.Population) error {
	if p.Whole == 0 {
		if _, err := t.scan(`SELECT whole FROM population WHERE org=$1 AND source=$2 AND type=$3 AND account=$4 AND region=$5 AND to_seq=4611686018427387904`,
			[]any{p.Source, p.Type, p.Account, p.Region}, &p.Whole); err != nil {
			return err
		}
	}
	if err := t.exec(`UPDATE population SET to_seq=$6 WHERE org=$1 AND source=$2 AND type=$3 AND account=$4 AND region=$5 AND to_seq=4611686018427387904`,
		p.Source, p.Type, p.Account, p.Region, int64(from)); err != nil {
		return err
	}
	return t.exec(`INSERT INTO population (org, source, type, account, region, from_seq, to_seq, state, count, unknown, at, whole, run, errors) VALUES ($1,$2,$3,$4,$5,$6,4611686018427387904,$7,$8,$9,$10,$11,$12,$13)`,
		p.Source, p.Type, p.Account, p.Region, int64(from), p.State, p.Count, p.Unknown, int64(p.At), int64(p.Whole), int64(p.Run), orNull(p.Errors))
}

func orNull(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}

// Populations implements evidence.Reader.
func (t *transaction) Populations(at sextant.Seq) (list []evidence.Population, err error) {
	rows, err := t.query(`SELECT source, type, account, region, state, count, unknown, at, whole, run, errors FROM population WHERE org=$1`+standingAt("", "$2", "$3")+
		` ORDER BY source, type, account, region`, int64(at), standing(at))
	err = each(rows, err, func() error {
		var p evidence.Population
		err := rows.Scan(&p.Source, &p.Type, &p.Account, &p.Region, &p.State, &p.Count, &p.Unknown, &p.At, &p.Whole, &p.Run, (*[]byte)(&p.Errors))
		list = append(list, p)
		return err
	})
	return list, err
}

// PutRun implements evidence.Writer.
func (t *transaction) PutRun(r evidence.Run) error {
	return t.exec(`INSERT INTO run (org, seq, source, connector, started, finished, complete, manifest) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
		int64(r.Seq), r.Source, r.Connector, int64(r.Started), int64(r.Finished), bit(r.Complete), []byte(r.Manifest))
}

// Runs implements evidence.Reader.
func (t *transaction) Runs(source string, at sextant.Seq, limit int) (list []evidence.Run, err error) {
	query, args := `SELECT seq, source, connector, started, finished, complete, manifest FROM run WHERE org=$1 AND seq<=$2`, []any{int64(at)}
	if source != "" {
		query, args = query+` AND source=$3 ORDER BY seq DESC LIMIT $4`, append(args, source, limit)
	} else {
		query, args = query+` ORDER BY seq DESC LIMIT $3`, append(args, limit)
	}
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		var r evidence.Run
		var complete int
		err := rows.Scan(&r.Seq, &r.Source, &r.Connector, &r.Started, &r.Finished, &complete, (*[]byte)(&r.Manifest))
		r.Complete = complete != 0
		list = append(list, r)
		return err
	})
	return list, err
}

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

// PutResults implements evidence.Writer.
func (t *transaction) PutResults(from sextant.Seq, list []evidence.Result) error {
	numbers := map[string]int64{}
	for _, r := range list {
		no, known := numbers[r.Check]
		if !known {
			var err error
			if no, err = t.checkNo(r.Check); err != nil {
				return err
			}
			numbers[r.Check] = no
		}
		if !r.First {
			if err := t.closeResult(from, no, r.Resource); err != nil {
				return err
			}
		}
		if err := t.exec(`INSERT INTO result (org, check_no, thing, from_seq, to_seq, at, status, version, reason) VALUES ($1,$2,$3,$4,4611686018427387904,$5,$6,$7,$8)`,
			no, r.Resource, int64(from), int64(t.now), r.Status, r.Version, r.Reason); err != nil {
			return err
		}
	}
	return nil
}

func (t *transaction) closeResult(from sextant.Seq, no, thing int64) error {
	// The open end is written as a range so that the primary key is used: by the
	// index of standing results this would read every result of the check.
	return t.exec(`UPDATE result SET to_seq=$2 WHERE org=$1 AND check_no=$3 AND thing=$4 AND to_seq>4611686018427387903`, int64(from), no, thing)
}

// CloseResults implements evidence.Writer.
func (t *transaction) CloseResults(from sextant.Seq, check string, resources []int64) error {
	no, err := t.checkNo(check)
	if err != nil {
		return err
	}
	for _, thing := range resources {
		if err := t.closeResult(from, no, thing); err != nil {
			return err
		}
	}
	return nil
}

// Results implements evidence.Reader.
func (t *transaction) Results(check string, at sextant.Seq, limit int, statuses ...int) (list []evidence.Result, err error) {
	args := []any{check}
	bind := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args)+1)
	}
	where := ` AND r.to_seq=4611686018427387904` // what stands now has an index of its own
	if at != sextant.LatestSeq {
		position := bind(int64(at))
		where = standingAt("r.", position, position)
	}
	if len(statuses) > 0 {
		marks := make([]string, len(statuses))
		for i, status := range statuses {
			marks[i] = bind(status)
		}
		where += " AND r.status IN (" + strings.Join(marks, ",") + ")"
	}
	rows, err := t.query(`SELECT c.id, r.thing, r.status, r.reason, r.version, r.from_seq, r.to_seq, r.at FROM check_id c CROSS JOIN result r
		WHERE c.org=$1 AND c.id=$2 AND r.org=c.org AND r.check_no=c.no`+where+` ORDER BY r.status, r.thing LIMIT `+bind(limit), args...)
	err = each(rows, err, func() error {
		var r evidence.Result
		err := rows.Scan(&r.Check, &r.Resource, &r.Status, &r.Reason, &r.Version, &r.From, &r.To, &r.At)
		list = append(list, r)
		return err
	})
	return list, err
}

// PutOutcome implements evidence.Writer.
func (t *transaction) PutOutcome(from sextant.Seq, o evidence.Outcome) error {
	no, err := t.checkNo(o.Check)
	if err != nil {
		return err
	}
	if err := t.exec(`UPDATE outcome SET to_seq=$2 WHERE org=$1 AND check_no=$3 AND to_seq=4611686018427387904`, int64(from), no); err != nil {
		return err
	}
	return t.exec(`INSERT INTO outcome (org, check_no, from_seq, to_seq, at, since, state, version, body) VALUES ($1,$2,$3,4611686018427387904,$4,$5,$6,$7,$8)`,
		no, int64(from), int64(o.At), int64(o.Since), o.State, o.Version, []byte(o.Body))
}

const outcomeColumns = `SELECT c.id, o.version, o.state, o.from_seq, o.to_seq, o.at, o.since, o.body FROM outcome o JOIN check_id c ON c.org=o.org AND c.no=o.check_no WHERE o.org=$1`

// Outcomes implements evidence.Reader.
func (t *transaction) Outcomes(at sextant.Seq) ([]evidence.Outcome, error) {
	return t.outcomes(outcomeColumns+standingAt("o.", "$2", "$3")+` ORDER BY c.id`, int64(at), standing(at))
}

// Drift implements evidence.Reader.
func (t *transaction) Drift(at sextant.Seq, limit int) ([]evidence.Outcome, error) {
	return t.outcomes(outcomeColumns+` AND o.from_seq<=$2 ORDER BY o.from_seq DESC, c.id LIMIT $3`, int64(at), limit)
}

func (t *transaction) outcomes(query string, args ...any) (list []evidence.Outcome, err error) {
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		var o evidence.Outcome
		err := rows.Scan(&o.Check, &o.Version, &o.State, &o.From, &o.To, &o.At, &o.Since, (*[]byte)(&o.Body))
		list = append(list, o)
		return err
	})
	return list, err
}

// PutStatus implements evidence.Writer.
func (t *transaction) PutStatus(from sextant.Seq, s evidence.Status) error {
	if err := t.exec(`UPDATE status SET to_seq=$2 WHERE org=$1 AND subject=$3 AND to_seq=4611686018427387904`, int64(from), s.Subject); err != nil {
		return err
	}
	return t.exec(`INSERT INTO status (org, subject, from_seq, to_seq, at, until_at, state, passed, parts, rule_set, tree) VALUES ($1,$2,$3,4611686018427387904,$4,$5,$6,$7,$8,$9,$10)`,
		s.Subject, int64(from), int64(s.At), int64(s.Until), s.State, s.Passed, s.Parts, s.RuleSet, []byte(s.Tree))
}

const statusColumns = `SELECT subject, state, passed, parts, from_seq, to_seq, at, until_at, rule_set, tree FROM status WHERE org=$1`

// Statuses implements evidence.Reader.
func (t *transaction) Statuses(at sextant.Seq) ([]evidence.Status, error) {
	return t.statuses(statusColumns+standingAt("", "$2", "$3")+` ORDER BY subject`, int64(at), standing(at))
}

// StatusHistory implements evidence.Reader.
func (t *transaction) StatusHistory(subject string, limit int) ([]evidence.Status, error) {
	return t.statuses(statusColumns+` AND subject=$2 ORDER BY from_seq DESC LIMIT $3`, subject, limit)
}

func (t *transaction) statuses(query string, args ...any) (list []evidence.Status, err error) {
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		var s evidence.Status
		err := rows.Scan(&s.Subject, &s.State, &s.Passed, &s.Parts, &s.From, &s.To, &s.At, &s.Until, &s.RuleSet, (*[]byte)(&s.Tree))
		list = append(list, s)
		return err
	})
	return list, err
}
