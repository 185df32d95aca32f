// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"

	"sextant"
	"sextant/register"
)

// Tagged implements register.ReadTx.
func (t *transaction) Tagged() (map[string]string, error) {
	marks := map[string]string{}
	rows, err := t.query(`SELECT register, mark FROM tagged WHERE org=$1`)
	err = each(rows, err, func() error {
		var kind, mark string
		err := rows.Scan(&kind, &mark)
		marks[kind] = mark
		return err
	})
	return marks, err
}

// Retag implements register.WriteTx.
func (t *transaction) Retag(kind, key, mark string, tags func(register.Row) ([]register.Tag, error)) error {
	clear(t.foreseen)
	before, err := t.untag(kind, key)
	if err != nil {
		return err
	}
	r := retagging{t: t}
	for {
		rows, err := t.versionsFrom(kind, key, r.last)
		if err != nil {
			return err
		}
		for _, row := range rows {
			now, err := tags(row)
			if err != nil {
				return err
			}
			if err := r.version(row, now); err != nil {
				return err
			}
		}
		if len(rows) < retagPage {
			break
		}
	}
	if err := r.end(); err != nil {
		return err
	}
	if err := t.forgetCounters(kind, before); err != nil {
		return err
	}
	if mark == "" {
		return nil
	}
	return t.exec(`INSERT INTO tagged (org, register, mark) VALUES ($1,$2,$3) ON CONFLICT (org, register) DO UPDATE SET mark=excluded.mark`, kind, mark)
}

// untag removes what there was, from the counters too. Of one entry it gives
// all it ever had.
func (t *transaction) untag(kind, key string) (before []register.Tag, err error) {
	if key == "" {
		if err := t.settle(); err != nil {
			return nil, err
		}
		if err := t.exec(`DELETE FROM facet WHERE org=$1 AND register=$2`, kind); err != nil {
			return nil, err
		}
		return nil, t.exec(`DELETE FROM entry_tag WHERE org=$1 AND register=$2`, kind)
	}
	row, err := t.Entry(kind, key, sextant.LatestSeq)
	if err != nil {
		return nil, err
	}
	standing, err := t.tags(`SELECT field, value FROM entry_tag WHERE org=$1 AND n=$2 AND to_seq=4611686018427387904`, row.N)
	if err != nil {
		return nil, err
	}
	t.countTags(kind, standing, nil, !row.Deleted, false)
	if before, err = t.tags(`SELECT DISTINCT field, value FROM entry_tag WHERE org=$1 AND n=$2`, row.N); err != nil {
		return nil, err
	}
	return before, t.exec(`DELETE FROM entry_tag WHERE org=$1 AND n=$2`, row.N)
}

// forgetCounters removes the counters of values no entry has or had: an erasure
// leaves no value behind.
func (t *transaction) forgetCounters(kind string, tags []register.Tag) error {
	if err := t.settle(); err != nil {
		return err
	}
	for _, tag := range tags {
		if err := t.exec(`DELETE FROM facet WHERE org=$1 AND register=$2 AND field=$3 AND value=$4 AND n=0
			AND NOT EXISTS (SELECT 1 FROM entry_tag x WHERE x.org=$1 AND x.register=$2 AND x.field=$3 AND x.value=$4)`, kind, tag.Field, tag.Value); err != nil {
			return err
		}
	}
	return nil
}

// retagPage is how many versions are read at once.
const retagPage = 500

func (t *transaction) versionsFrom(kind, key string, last register.Row) ([]register.Row, error) {
	if key != "" {
		return t.rows(`SELECT `+pastRow+` FROM entry_version WHERE org=$1 AND register=$2 AND key=$3 AND version>$4 ORDER BY version LIMIT $5`, kind, key, last.Version, retagPage)
	}
	return t.rows(`SELECT `+pastRow+` FROM entry_version WHERE org=$1 AND register=$2 AND (key, version)>($3, $4) ORDER BY key, version LIMIT $5`, kind, last.Key, last.Version, retagPage)
}

// retagging turns versions, one after the other, into intervals of tags.
type retagging struct {
	t    *transaction
	last register.Row
	open []interval
}

type interval struct {
	register.Tag
	from sextant.Seq
}

func (r *retagging) version(row register.Row, now []register.Tag) error {
	if row.N != r.last.N {
		if err := r.end(); err != nil {
			return err
		}
	}
	var still []interval
	for _, i := range r.open {
		if slices.Contains(now, i.Tag) {
			still = append(still, i)
		} else if err := r.write(i, row.From); err != nil {
			return err
		}
	}
	for _, tag := range now {
		if !slices.ContainsFunc(still, func(i interval) bool { return i.Tag == tag }) {
			still = append(still, interval{tag, row.From})
		}
	}
	r.open, r.last = still, row
	return nil
}

// end writes what stands of the entry whose versions came last.
func (r *retagging) end() error {
	standing := make([]register.Tag, len(r.open))
	for i, open := range r.open {
		standing[i] = open.Tag
		if err := r.write(open, sextant.LatestSeq); err != nil {
			return err
		}
	}
	r.t.countTags(r.last.Register, nil, standing, false, r.last.N != 0 && !r.last.Deleted)
	r.open = nil
	return nil
}

func (r *retagging) write(i interval, to sextant.Seq) error {
	return r.t.exec(`INSERT INTO entry_tag (org, register, field, value, n, from_seq, to_seq) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		r.last.Register, i.Field, i.Value, r.last.N, int64(i.from), int64(to))
}
