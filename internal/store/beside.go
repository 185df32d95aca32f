// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"sextant"
	"sextant/ledger"
	"sextant/register"
)

// What stands beside the journal, for verify to hold against it.

// EachVersion gives every version recorded up to a position, in the order they
// were recorded.
func (s *Store) EachVersion(ctx context.Context, org sextant.Organisation, to sextant.Seq, fn func(register.Row) error) error {
	return s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		rows, err := t.query(`SELECT `+pastRow+` FROM entry_version WHERE org=$1 AND from_seq<=$2 ORDER BY from_seq`, int64(to))
		return each(rows, err, func() error {
			row, err := scanRow(rows)
			if err != nil {
				return err
			}
			return fn(row)
		})
	})
}

// TreeHashes gives the kept hashes of the first n, in order.
func (s *Store) TreeHashes(ctx context.Context, org sextant.Organisation, n int64, fn func(index int64, hash ledger.Hash) error) error {
	return s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		rows, err := t.query(`SELECT idx, hash FROM tree_hash WHERE org=$1 AND idx<$2 ORDER BY idx`, n)
		return each(rows, err, func() error {
			var index int64
			var data []byte
			if err := rows.Scan(&index, &data); err != nil {
				return err
			}
			var hash ledger.Hash
			copy(hash[:], data)
			return fn(index, hash)
		})
	})
}

// misfits are the ways in which what lists read can differ from the versions,
// and the journal from its head. Each gives a position and a key.
var misfits = []struct{ what, query string }{
	{"the present entry is not its newest version", `SELECT e.from_seq, e.key FROM entry e LEFT JOIN entry_version v ON v.org=e.org AND v.register=e.register AND v.key=e.key AND v.version=e.version
		WHERE e.org=$1 AND e.from_seq<=$2 AND (v.key IS NULL OR v.to_seq<>4611686018427387904 OR v.from_seq<>e.from_seq OR v.n<>e.n OR v.schema_no<>e.schema_no OR v.at<>e.at OR v.created<>e.created OR v.actor<>e.actor OR v.why<>e.why
			OR v.batch<>e.batch OR v.deleted<>e.deleted OR v.erased<>e.erased OR v.title<>e.title OR v.state<>e.state OR v.owner<>e.owner OR v.due<>e.due OR v.score<>e.score OR v.data<>e.data) ORDER BY 1`},
	{"a version that stands has no present entry", `SELECT v.from_seq, v.key FROM entry_version v LEFT JOIN entry e ON e.org=v.org AND e.register=v.register AND e.key=v.key
		WHERE v.org=$1 AND v.from_seq<=$2 AND v.to_seq=4611686018427387904 AND e.key IS NULL ORDER BY 1`},
	{"a version does not end where the next one begins", `SELECT v.from_seq, v.key FROM entry_version v LEFT JOIN entry_version n ON n.org=v.org AND n.register=v.register AND n.key=v.key AND n.version=v.version+1
		WHERE v.org=$1 AND v.from_seq<=$2 AND v.to_seq<>COALESCE(n.from_seq, 4611686018427387904) ORDER BY 1`},
	{"the journal goes on behind its end", `SELECT j.seq, j.key FROM journal j JOIN head h ON h.org=j.org WHERE j.org=$1 AND CAST($2 AS BIGINT) IS NOT NULL AND j.seq>h.seq ORDER BY 1`},
}

// Misfits gives, up to a position, where the tables beside the journal do not
// fit each other.
func (s *Store) Misfits(ctx context.Context, org sextant.Organisation, to sextant.Seq, fn func(seq sextant.Seq, key, what string) error) error {
	return s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		for _, m := range misfits {
			rows, err := t.query(m.query, int64(to))
			if err := each(rows, err, func() error {
				var seq sextant.Seq
				var key string
				if err := rows.Scan(&seq, &key); err != nil {
					return err
				}
				return fn(seq, key, m.what)
			}); err != nil {
				return err
			}
		}
		return nil
	})
}
