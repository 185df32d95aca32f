// SPDX-License-Identifier: Apache-2.0

package store

import (
	"sextant"
	"sextant/ledger"
	"sextant/register"
)

// Append implements register.WriteTx.
func (t *transaction) Append(r register.Record) (sextant.Seq, error) {
	salt, err := ledger.NewSalt()
	if err != nil {
		return 0, err
	}
	commitment := ledger.Commit(salt, r.Line)
	t.seq++
	return t.seq, t.exec(`INSERT INTO journal (org, seq, at, kind, register, key, line, salt, commitment, erased) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,0)`,
		int64(t.seq), int64(t.now), r.Kind, r.Register, r.Key, r.Line, salt[:], commitment[:])
}

// EraseLine implements register.WriteTx.
func (t *transaction) EraseLine(seq, by sextant.Seq) error {
	return t.exec(`UPDATE journal SET line=NULL, salt=NULL, erased=$3 WHERE org=$1 AND seq=$2 AND erased=0`, int64(seq), int64(by))
}

// Journal implements register.ReadTx.
func (t *transaction) Journal(from sextant.Seq, limit int, kind, key string) (list []register.Journalled, err error) {
	query, args := `SELECT seq, at, kind, register, key, line, erased FROM journal WHERE org=$1 AND seq>=$2`, []any{int64(from)}
	if key != "" {
		query, args = query+` AND register=$3 AND key=$4 ORDER BY seq LIMIT $5`, append(args, kind, key, limit)
	} else {
		query, args = query+` ORDER BY seq LIMIT $3`, append(args, limit)
	}
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		var j register.Journalled
		err := rows.Scan(&j.Seq, &j.At, &j.Kind, &j.Register, &j.Key, &j.Line, &j.Erased)
		list = append(list, j)
		return err
	})
	return list, err
}
