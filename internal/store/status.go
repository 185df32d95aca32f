// SPDX-License-Identifier: Apache-2.0

package store

import (
	"database/sql"

	"sextant"
	"sextant/evidence"
)

// PutStatus implements evidence.Writer.
func (t *transaction) PutStatus(from sextant.Seq, s evidence.Status) error {
	before := 0
	if _, err := t.scan(`SELECT state FROM status WHERE org=$1 AND subject=$2 AND to_seq=`+forever, []any{s.Subject}, &before); err != nil {
		return err
	}
	if err := t.CloseStatus(from, s.Subject, s.At); err != nil {
		return err
	}
	return t.exec(`INSERT INTO status (org, subject, from_seq, to_seq, at, ended, due, state, before, passed, parts, rule_set, reason, tree) VALUES ($1,$2,$3,`+forever+`,$4,0,$5,$6,$7,$8,$9,$10,$11,$12)`,
		s.Subject, int64(from), int64(s.At), int64(s.Due), s.State, before, s.Passed, s.Parts, s.RuleSet, s.Reason, []byte(s.Tree))
}

// CloseStatus implements evidence.Writer.
func (t *transaction) CloseStatus(from sextant.Seq, subject string, at sextant.Instant) error {
	return t.exec(`UPDATE status SET to_seq=$2, ended=$3 WHERE org=$1 AND subject=$4 AND to_seq=`+forever, int64(from), int64(at), subject)
}

// PutDue implements evidence.Writer.
func (t *transaction) PutDue(subject string, due sextant.Instant) error {
	return t.exec(`UPDATE status SET due=$2 WHERE org=$1 AND subject=$3 AND to_seq=`+forever, int64(due), subject)
}

// PutSettled implements evidence.Writer.
func (t *transaction) PutSettled() error {
	return t.exec(`INSERT INTO settled (org, seq) VALUES ($1,$2) ON CONFLICT DO NOTHING`, int64(t.seq))
}

// Settled implements evidence.Reader.
func (t *transaction) Settled(at sextant.Seq) (seq sextant.Seq, err error) {
	_, err = t.scan(`SELECT seq FROM settled WHERE org=$1 AND seq<=$2 ORDER BY seq DESC LIMIT 1`, []any{int64(at)}, &seq)
	return seq, err
}

// Due implements evidence.Reader.
func (t *transaction) Due() (due sextant.Instant, err error) {
	_, err = t.scan(`SELECT due FROM status WHERE org=$1 AND to_seq=`+forever+` AND due > 0 ORDER BY due LIMIT 1`, nil, &due)
	return due, err
}

const (
	statusColumns = `s.subject, s.state, s.before, s.passed, s.parts, s.reason, s.from_seq, s.to_seq, s.at, s.ended, s.due, s.rule_set`
	// subjects walks the subjects from $2 up to $3 by one look-up each, however
	// many intervals they have.
	subjects = `WITH RECURSIVE names(subject) AS (
		SELECT min(subject) FROM status WHERE org=$1 AND subject>=$2
		UNION ALL SELECT (SELECT min(x.subject) FROM status x WHERE x.org=$1 AND x.subject>names.subject) FROM names WHERE names.subject<$3) `
)

// upto gives the end of the range of texts that begin with a prefix.
func upto(prefix string) string { return prefix + "\U0010FFFF" }

func (t *transaction) statuses(trees bool, query string, args ...any) (list []evidence.Status, err error) {
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		s, err := scanStatus(rows, trees)
		list = append(list, s)
		return err
	})
	return list, err
}

func scanStatus(rows *sql.Rows, tree bool) (s evidence.Status, err error) {
	into := []any{&s.Subject, &s.State, &s.Before, &s.Passed, &s.Parts, &s.Reason, &s.From, &s.To, &s.At, &s.Ended, &s.Due, &s.RuleSet}
	if tree {
		into = append(into, (*[]byte)(&s.Tree))
	}
	err = rows.Scan(into...)
	return s, err
}

// Statuses implements evidence.Reader.
func (t *transaction) Statuses(prefix string, at sextant.Seq) ([]evidence.Status, error) {
	return t.statusesAt(true, statusColumns+`, s.tree`, prefix, at)
}

// States implements evidence.Reader.
func (t *transaction) States(prefix string, at sextant.Seq) ([]evidence.Status, error) {
	return t.statusesAt(false, statusColumns, prefix, at)
}

func (t *transaction) statusesAt(trees bool, columns, prefix string, at sextant.Seq) ([]evidence.Status, error) {
	if at == sextant.LatestSeq {
		return t.statuses(trees, `SELECT `+columns+` FROM status s WHERE s.org=$1 AND s.subject>=$2 AND s.subject<$3 AND s.to_seq=`+forever+` ORDER BY s.subject`, prefix, upto(prefix))
	}
	return t.statuses(trees, subjects+`SELECT `+columns+` FROM names CROSS JOIN status s WHERE names.subject<$3 AND s.org=$1 AND s.subject=names.subject
		AND s.from_seq=(SELECT max(y.from_seq) FROM status y WHERE y.org=$1 AND y.subject=names.subject AND y.from_seq<=$4) AND s.to_seq>$4 ORDER BY s.subject`, prefix, upto(prefix), int64(at))
}

// Status implements evidence.Reader.
func (t *transaction) Status(subject string, at sextant.Seq) (evidence.Status, bool, error) {
	list, err := t.statuses(true, `SELECT `+statusColumns+`, s.tree FROM status s WHERE s.org=$1 AND s.subject=$2 AND s.from_seq<=$3 ORDER BY s.from_seq DESC LIMIT 1`, subject, int64(at))
	if err != nil || len(list) == 0 || int64(list[0].To) <= standing(at) {
		return evidence.Status{}, false, err
	}
	return list[0], true, nil
}

// StatusHistory implements evidence.Reader.
func (t *transaction) StatusHistory(subject string, before sextant.Seq, limit int) ([]evidence.Status, error) {
	return t.statuses(false, `SELECT `+statusColumns+` FROM status s WHERE s.org=$1 AND s.subject=$2 AND s.from_seq<$3 ORDER BY s.from_seq DESC LIMIT $4`, subject, int64(before), limit)
}

// StatusBetween implements evidence.Reader.
func (t *transaction) StatusBetween(l evidence.StatusList) ([]evidence.Status, error) {
	first, end := l.Subject, l.Subject
	if l.Subject == "" {
		first, end = l.Prefix, upto(l.Prefix)
	}
	return t.statuses(false, `SELECT `+statusColumns+` FROM status s WHERE s.org=$1 AND s.subject>=$2 AND s.subject<=$3 AND s.from_seq<=$4 AND s.at<$5 AND (s.ended=0 OR s.ended>$6 OR s.to_seq>$7) ORDER BY s.subject, s.from_seq`,
		first, end, int64(l.At), int64(l.To), int64(l.From), standing(l.At))
}

// StatusFeed implements evidence.Reader.
func (t *transaction) StatusFeed(f evidence.Feed) ([]evidence.Status, error) {
	from, subject := int64(f.At), ""
	if f.After != nil {
		from, subject = int64(f.After.From), f.After.Subject
	}
	return t.statuses(false, `SELECT `+statusColumns+` FROM status s WHERE s.org=$1 AND s.state <> s.before AND s.from_seq<=$2 AND (s.from_seq<$2 OR s.subject>$3) AND s.subject>=$4 AND s.subject<$5
		ORDER BY s.from_seq DESC, s.subject LIMIT $6`, from, subject, f.Prefix, upto(f.Prefix), f.Limit)
}

// PutDay implements evidence.Writer.
func (t *transaction) PutDay(d evidence.Day) error {
	return t.exec(`INSERT INTO tally_day (org, kind, day, body) VALUES ($1,$2,$3,$4) ON CONFLICT (org, kind, day) DO UPDATE SET body=excluded.body`, d.Kind, d.Day, []byte(d.Body))
}

// Days implements evidence.Reader.
func (t *transaction) Days(kind string, from, to int) (list []evidence.Day, err error) {
	rows, err := t.query(`SELECT day, body FROM tally_day WHERE org=$1 AND kind=$2 AND day<=$4
		AND day>=COALESCE((SELECT max(x.day) FROM tally_day x WHERE x.org=$1 AND x.kind=$2 AND x.day<=$3), $3) ORDER BY day`, kind, from, to)
	err = each(rows, err, func() error {
		d := evidence.Day{Kind: kind}
		err := rows.Scan(&d.Day, (*[]byte)(&d.Body))
		list = append(list, d)
		return err
	})
	return list, err
}
