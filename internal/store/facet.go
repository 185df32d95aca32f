// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/register"
)

// facet names one counter: the entries of a register that have a value now.
// Field "" counts the entries.
type facet struct{ register, field, value string }

// count notes what a write changes. A bulk change touches a handful of
// counters, each written once, before the transaction ends or reads them.
func (t *transaction) count(f facet, by int) {
	if strings.Contains(f.field, ">") { // a promised list is no value to count
		return
	}
	if t.facets == nil {
		t.facets = map[facet]int{}
	}
	t.facets[f] += by
}

// settle writes the noted changes.
func (t *transaction) settle() error {
	noted := t.facets
	t.facets = nil
	for f, by := range noted {
		if err := t.exec(`INSERT INTO facet (org, register, field, value, n) VALUES ($1,$2,$3,$4,$5) ON CONFLICT (org, register, field, value) DO UPDATE SET n = facet.n + excluded.n`,
			f.register, f.field, f.value, by); err != nil {
			return err
		}
	}
	return nil
}

// counter reads one.
func (t *transaction) counter(kind, field, value string) (n int, err error) {
	_, err = t.scan(`SELECT n FROM facet WHERE org=$1 AND register=$2 AND field=$3 AND value=$4`, []any{kind, field, value}, &n)
	return n, err
}

// Values implements register.ReadTx. A counter that fell to 0 keeps its row, so
// the past finds its values too.
func (t *transaction) Values(kind, field string, limit int) (values []string, err error) {
	if err := t.settle(); err != nil {
		return nil, err
	}
	rows, err := t.query(`SELECT value FROM facet WHERE org=$1 AND register=$2 AND field=$3 ORDER BY value LIMIT $4`, kind, field, limit)
	err = each(rows, err, func() error {
		var value string
		err := rows.Scan(&value)
		values = append(values, value)
		return err
	})
	return values, err
}

// recounted is what the counters should be, from the rows they count. A value
// nobody has any more is kept with 0.
const recounted = `SELECT register, field, value, CAST(sum(CASE WHEN to_seq=4611686018427387904 THEN 1 ELSE 0 END) AS BIGINT) AS n FROM entry_tag WHERE org=$1 AND field NOT LIKE '%>%' GROUP BY register, field, value
	UNION ALL SELECT register, '', '', CAST(sum(1-deleted) AS BIGINT) FROM entry WHERE org=$1 GROUP BY register`

// Recount counts again what the counters of an organisation say, puts right
// what differs and names it. With writes that keep their promise there is never
// a difference; a restored backup starts this way.
func (s *Store) Recount(ctx context.Context, org sextant.Organisation) (differences []string, err error) {
	err = s.within(ctx, s.writer, nil, org, func(t *transaction) error {
		if _, err := t.scan(t.lockHead(), nil, new(int64), new(int64)); err != nil {
			return err
		}
		differences, err = t.recount()
		return err
	})
	return differences, err
}

func (t *transaction) recount() (differences []string, err error) {
	kept, err := t.counters(`SELECT register, field, value, n FROM facet WHERE org=$1`)
	if err != nil {
		return nil, err
	}
	found, err := t.counters(recounted)
	if err != nil {
		return nil, err
	}
	for f := range kept {
		found[f] += 0
	}
	for f, n := range found {
		if was, ok := kept[f]; ok && was == n {
			continue
		} else if ok || n != 0 {
			differences = append(differences, fmt.Sprintf("%s %s=%q: %d kept, %d counted", f.register, f.field, f.value, was, n))
		}
		t.count(f, n-kept[f])
	}
	slices.Sort(differences)
	return differences, t.settle()
}

func (t *transaction) counters(query string) (map[facet]int, error) {
	all := map[facet]int{}
	rows, err := t.query(query)
	err = each(rows, err, func() error {
		var f facet
		var n int
		err := rows.Scan(&f.register, &f.field, &f.value, &n)
		all[f] = n
		return err
	})
	return all, err
}

// countTags notes what changed between two sets of tags, and whether the entry
// stands.
func (t *transaction) countTags(kind string, before, after []register.Tag, stood, stands bool) {
	for _, tag := range before {
		if !slices.Contains(after, tag) {
			t.count(facet{kind, tag.Field, tag.Value}, -1)
		}
	}
	for _, tag := range after {
		if !slices.Contains(before, tag) {
			t.count(facet{kind, tag.Field, tag.Value}, 1)
		}
	}
	if stood != stands {
		t.count(facet{kind, "", ""}, map[bool]int{true: 1, false: -1}[stands])
	}
}
