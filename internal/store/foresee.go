// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"

	"sextant"
	"sextant/register"
)

// foreseen is an entry that was read together with others, before somebody asks
// for it. Nobody else writes in the organisation meanwhile; whatever this
// transaction writes takes it away.
type foreseen struct {
	row   register.Row
	there bool // false: there is no such entry
	sides sides
}

type entryKey struct{ register, key string }

// Foresee implements register.WriteTx.
func (t *transaction) Foresee(kind string, keys []string) error {
	t.foreseen = make(map[entryKey]*foreseen, len(keys))
	for _, key := range keys {
		t.foreseen[entryKey{kind, key}] = &foreseen{}
	}
	if err := t.foreseeRows(kind, keys); err != nil {
		return err
	}
	return t.foreseeSides(kind, keys)
}

func (t *transaction) foreseeRows(kind string, keys []string) error {
	where, listed := t.dialect.among("key", keys)
	list, err := t.rows(`SELECT `+currentRow+` FROM entry WHERE org=$1 AND register=$2 AND `+fmt.Sprintf(where, "$3"), kind, listed)
	for _, row := range list {
		f := t.foreseen[entryKey{kind, row.Key}]
		f.row, f.there = row, true
	}
	return err
}

// foreseeSides reads what stands beside them, from the entries on: see sides.
func (t *transaction) foreseeSides(kind string, keys []string) error {
	where, listed := t.dialect.among("e.key", keys)
	where = fmt.Sprintf(where, "$3")
	rows, err := t.query(`SELECT e.key, 'link' AS part, x.field, x.to_register, x.to_key FROM entry e CROSS JOIN entry_link x WHERE e.org=$1 AND e.register=$2 AND `+where+` AND x.org=$1 AND x.from_register=$2 AND x.from_key=e.key AND x.field>'' AND x.to_seq=4611686018427387904
		UNION ALL SELECT e.key, 'tag', x.field, x.value, '' FROM entry e CROSS JOIN entry_tag x WHERE e.org=$1 AND e.register=$2 AND `+where+` AND x.org=$1 AND x.n=e.n AND x.to_seq=4611686018427387904
		UNION ALL SELECT e.key, 'unique', x.field, x.value, '' FROM entry e CROSS JOIN entry_unique x WHERE e.org=$1 AND e.register=$2 AND `+where+` AND x.org=$1 AND x.register=$2 AND x.key=e.key`, kind, listed)
	return each(rows, err, func() error {
		var key, part, field, value, to string
		if err := rows.Scan(&key, &part, &field, &value, &to); err != nil {
			return err
		}
		t.foreseen[entryKey{kind, key}].sides.add(register.Row{Register: kind, Key: key}, part, field, value, to)
		return nil
	})
}

// entryForeseen gives what was read before, or that it is not there.
func (t *transaction) entryForeseen(kind, key string, at sextant.Seq) (f *foreseen, known bool) {
	if at != sextant.LatestSeq {
		return nil, false
	}
	f, known = t.foreseen[entryKey{kind, key}]
	return f, known
}

// surprise forgets an entry that is written.
func (t *transaction) surprise(kind, key string) { delete(t.foreseen, entryKey{kind, key}) }
