// SPDX-License-Identifier: Apache-2.0

package store

import (
	"sextant"
	"sextant/evidence"
)

// PutOutcome implements evidence.Writer.
func (t *transaction) PutOutcome(from sextant.Seq, o evidence.Outcome) error {
	no, err := t.checkNo(o.Check)
	if err != nil {
		return err
	}
	before := 0
	if _, err := t.scan(`SELECT state FROM outcome WHERE org=$1 AND check_no=$2 AND to_seq>4611686018427387903 ORDER BY from_seq DESC LIMIT 1`, []any{no}, &before); err != nil {
		return err
	}
	if err := t.closeOutcome(from, no); err != nil {
		return err
	}
	return t.exec(`INSERT INTO outcome (org, check_no, from_seq, to_seq, at, until_at, since, state, before, version, body) VALUES ($1,$2,$3,`+forever+`,$4,0,$5,$6,$7,$8,$9)`,
		no, int64(from), int64(o.At), int64(o.Since), o.State, before, o.Version, []byte(o.Body))
}

func (t *transaction) closeOutcome(from sextant.Seq, no int64) error {
	return t.exec(`UPDATE outcome SET to_seq=$2, until_at=$3 WHERE org=$1 AND check_no=$4 AND to_seq>4611686018427387903`, int64(from), int64(t.now), no)
}

// CloseOutcome implements evidence.Writer.
func (t *transaction) CloseOutcome(from sextant.Seq, check string) error {
	no, err := t.checkNo(check)
	if err != nil {
		return err
	}
	return t.closeOutcome(from, no)
}

const outcomeColumns = `SELECT c.id, o.version, o.state, o.before, o.from_seq, o.to_seq, o.at, o.until_at, o.since, o.body FROM `

// Outcomes implements evidence.Reader.
func (t *transaction) Outcomes(at sextant.Seq) ([]evidence.Outcome, error) {
	return t.outcomes(outcomeColumns+`check_id c CROSS JOIN outcome o WHERE c.org=$1 AND o.org=$1 AND o.check_no=c.no
		AND o.from_seq=(SELECT max(y.from_seq) FROM outcome y WHERE y.org=$1 AND y.check_no=c.no AND y.from_seq<=$2) AND o.to_seq>$3 ORDER BY c.id`, int64(at), standing(at))
}

// OutcomeHistory implements evidence.Reader.
func (t *transaction) OutcomeHistory(check string, before sextant.Seq, limit int) ([]evidence.Outcome, error) {
	return t.outcomes(outcomeColumns+`check_id c CROSS JOIN outcome o WHERE c.org=$1 AND c.id=$2 AND o.org=$1 AND o.check_no=c.no AND o.from_seq<$3 ORDER BY o.from_seq DESC LIMIT $4`, check, int64(before), limit)
}

// Drift implements evidence.Reader.
func (t *transaction) Drift(before sextant.Seq, limit int) ([]evidence.Outcome, error) {
	return t.outcomes(outcomeColumns+`outcome o CROSS JOIN check_id c WHERE o.org=$1 AND o.state <> o.before AND o.from_seq<$2 AND c.org=$1 AND c.no=o.check_no ORDER BY o.from_seq DESC, o.check_no LIMIT $3`, int64(before), limit)
}

func (t *transaction) outcomes(query string, args ...any) (list []evidence.Outcome, err error) {
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		var o evidence.Outcome
		err := rows.Scan(&o.Check, &o.Version, &o.State, &o.Before, &o.From, &o.To, &o.At, &o.Until, &o.Since, (*[]byte)(&o.Body))
		list = append(list, o)
		return err
	})
	return list, err
}
