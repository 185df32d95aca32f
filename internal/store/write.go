// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"slices"

	"sextant"
	"sextant/register"
)

// Write implements register.WriteTx.
func (t *transaction) Write(c register.Change) error {
	row := c.Row
	defer t.surprise(row.Register, row.Key)
	if c.Previous == nil {
		n, err := t.surrogate()
		if err != nil {
			return err
		}
		row.N = n
		if err := t.insertEntry(row); err != nil {
			return err
		}
	} else if err := t.replaceEntry(row, *c.Previous); err != nil {
		return err
	}
	if err := t.insertVersion(row); err != nil {
		return err
	}
	if err := t.sideRows(row, c); err != nil {
		return err
	}
	if err := t.grew(); err != nil {
		return err
	}
	if c.Found || c.Search == "" && c.Previous == nil {
		return nil
	}
	return t.index(row, c.Search, c.Previous == nil)
}

// sideRows writes what changed of links, tags and unique values. A new entry
// has none to compare with.
func (t *transaction) sideRows(row register.Row, c register.Change) (err error) {
	var old sides
	if c.Previous != nil {
		if old, err = t.sides(row); err != nil {
			return err
		}
	}
	if err := t.replaceLinks(row, old.links, c.Links); err != nil {
		return err
	}
	if err := t.replaceTags(row, c, old.tags); err != nil {
		return err
	}
	return t.replaceUnique(row, old.unique, c.Unique)
}

// sides are the rows that stand beside an entry: its links, tags and unique
// values.
type sides struct {
	links        []register.Link
	tags, unique []register.Tag
}

// sides reads them in one go: on PostgreSQL each question costs a round trip. A
// field is never empty: saying so has SQLite find links by the entry, and not
// read all of the organisation's from an index that holds every column.
func (t *transaction) sides(r register.Row) (b sides, err error) {
	if f, known := t.entryForeseen(r.Register, r.Key, sextant.LatestSeq); known && f.there {
		return f.sides, nil
	}
	rows, err := t.query(`SELECT 'link' AS part, field, to_register, to_key FROM entry_link WHERE org=$1 AND from_register=$2 AND from_key=$3 AND field>'' AND to_seq=4611686018427387904
		UNION ALL SELECT 'tag', field, value, '' FROM entry_tag WHERE org=$1 AND n=$4 AND to_seq=4611686018427387904
		UNION ALL SELECT 'unique', field, value, '' FROM entry_unique WHERE org=$1 AND register=$2 AND key=$3`, r.Register, r.Key, r.N)
	err = each(rows, err, func() error {
		var part, field, value, to string
		err := rows.Scan(&part, &field, &value, &to)
		b.add(r, part, field, value, to)
		return err
	})
	return b, err
}

// add takes a row of one of the three.
func (b *sides) add(r register.Row, part, field, value, to string) {
	switch part {
	case "link":
		b.links = append(b.links, register.Link{FromRegister: r.Register, FromKey: r.Key, Field: field, ToRegister: value, ToKey: to})
	case "tag":
		b.tags = append(b.tags, register.Tag{Field: field, Value: value})
	case "unique":
		b.unique = append(b.unique, register.Tag{Field: field, Value: value})
	}
}

// surrogate draws the next row number: the organisation's own count above its
// number, so that organisations never wait for each other and a restored backup
// keeps its numbers.
func (t *transaction) surrogate() (int64, error) {
	n, err := t.NextKey("#")
	return int64(t.org)<<40 | int64(n), err
}

func (t *transaction) insertEntry(r register.Row) error {
	return t.exec(`INSERT INTO entry (org, `+common+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)`, values(r)...)
}

func values(r register.Row) []any {
	return []any{r.Register, r.Key, r.Version, r.N, r.Schema, int64(r.From), int64(r.At), int64(r.Created), r.Actor, r.Why, r.Batch, bit(r.Deleted), bit(r.Erased),
		r.Title, r.State, r.Owner, r.Due, r.Score, string(r.Data)}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (t *transaction) replaceEntry(r, previous register.Row) error {
	changed := sextant.Errorf(sextant.Conflict, "%s is not at version %d any more", r.Key, previous.Version)
	if err := t.execMeeting(changed, `UPDATE entry SET version=$4, schema_no=$5, from_seq=$6, at=$7, actor=$8, why=$9, batch=$10, deleted=$11, erased=$12, title=$13, state=$14, owner=$15, due=$16, score=$17, data=$18
		WHERE org=$1 AND register=$2 AND key=$3 AND version=$19`,
		r.Register, r.Key, r.Version, r.Schema, int64(r.From), int64(r.At), r.Actor, r.Why, r.Batch, bit(r.Deleted), bit(r.Erased), r.Title, r.State, r.Owner, r.Due, r.Score, string(r.Data), previous.Version); err != nil {
		return err
	}
	return t.execMeeting(fmt.Errorf("version %d of %s was closed already", previous.Version, r.Key),
		`UPDATE entry_version SET to_seq=$5 WHERE org=$1 AND register=$2 AND key=$3 AND version=$4 AND to_seq=4611686018427387904`, r.Register, r.Key, previous.Version, int64(r.From))
}

func (t *transaction) insertVersion(r register.Row) error {
	return t.exec(`INSERT INTO entry_version (org, `+common+`, to_seq) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,4611686018427387904)`, values(r)...)
}

// replaceLinks closes the links that went and opens those that came; what stays
// is not touched.
func (t *transaction) replaceLinks(r register.Row, old, links []register.Link) error {
	for _, l := range old {
		if slices.Contains(links, l) {
			continue
		}
		if err := t.exec(`UPDATE entry_link SET to_seq=$2 WHERE org=$1 AND from_register=$3 AND from_key=$4 AND field=$5 AND to_register=$6 AND to_key=$7 AND to_seq=4611686018427387904`,
			int64(r.From), l.FromRegister, l.FromKey, l.Field, l.ToRegister, l.ToKey); err != nil {
			return err
		}
	}
	for _, l := range links {
		if slices.Contains(old, l) {
			continue
		}
		if err := t.exec(`INSERT INTO entry_link (org, from_register, from_key, field, to_register, to_key, from_seq, to_seq) VALUES ($1,$2,$3,$4,$5,$6,$7,4611686018427387904)`,
			l.FromRegister, l.FromKey, l.Field, l.ToRegister, l.ToKey, int64(r.From)); err != nil {
			return err
		}
	}
	return nil
}

func (t *transaction) replaceTags(r register.Row, c register.Change, old []register.Tag) error {
	t.countTags(r.Register, old, c.Tags, c.Previous != nil && !c.Previous.Deleted, !r.Deleted)
	for _, tag := range old {
		if slices.Contains(c.Tags, tag) {
			continue
		}
		if err := t.exec(`UPDATE entry_tag SET to_seq=$2 WHERE org=$1 AND register=$3 AND field=$4 AND value=$5 AND n=$6 AND to_seq=4611686018427387904`,
			int64(r.From), r.Register, tag.Field, tag.Value, r.N); err != nil {
			return err
		}
	}
	return t.insertTags(r, slices.DeleteFunc(slices.Clone(c.Tags), func(tag register.Tag) bool { return slices.Contains(old, tag) }))
}

func (t *transaction) insertTags(r register.Row, tags []register.Tag) error {
	if t.dialect.isPostgres() && len(tags) > 0 {
		return t.insertTagsAtOnce(r, tags)
	}
	for _, tag := range tags { // row by row: prepared once, faster than any text of many rows (measured)
		if err := t.exec(`INSERT INTO entry_tag (org, register, field, value, n, from_seq, to_seq) VALUES ($1,$2,$3,$4,$5,$6,4611686018427387904)`,
			r.Register, tag.Field, tag.Value, r.N, int64(r.From)); err != nil {
			return err
		}
	}
	return nil
}

// insertTagsAtOnce is for PostgreSQL, where each statement costs.
func (t *transaction) insertTagsAtOnce(r register.Row, tags []register.Tag) error {
	fields, values := make([]string, len(tags)), make([]string, len(tags))
	for i, tag := range tags {
		fields[i], values[i] = tag.Field, tag.Value
	}
	return t.exec(`INSERT INTO entry_tag (org, register, field, value, n, from_seq, to_seq)
		SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), x.field, x.value, CAST($3 AS BIGINT), CAST($4 AS BIGINT), 4611686018427387904 FROM unnest(CAST($5 AS TEXT[]), CAST($6 AS TEXT[])) AS x(field, value)`,
		r.Register, r.N, int64(r.From), fields, values)
}

func (t *transaction) tags(query string, args ...any) (list []register.Tag, err error) {
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		var tag register.Tag
		err := rows.Scan(&tag.Field, &tag.Value)
		list = append(list, tag)
		return err
	})
	return list, err
}

func (t *transaction) replaceUnique(r register.Row, old, wanted []register.Tag) error {
	for _, tag := range old {
		if slices.Contains(wanted, tag) {
			continue
		}
		if err := t.exec(`DELETE FROM entry_unique WHERE org=$1 AND register=$2 AND field=$3 AND value=$4`, r.Register, tag.Field, tag.Value); err != nil {
			return err
		}
	}
	for _, tag := range wanted {
		if slices.Contains(old, tag) {
			continue
		}
		taken := sextant.Errorf(sextant.Conflict, "another entry has this value already").At(tag.Field) // the kernel looked, and names it
		if err := t.execMeeting(taken, `INSERT INTO entry_unique (org, register, field, value, key) VALUES ($1,$2,$3,$4,$5) ON CONFLICT DO NOTHING`, r.Register, tag.Field, tag.Value, r.Key); err != nil {
			return err
		}
	}
	return nil
}

// Erase implements register.WriteTx.
func (t *transaction) Erase(r register.Row) error {
	t.surprise(r.Register, r.Key)
	for _, table := range []string{"entry_version", "entry"} {
		if err := t.exec(`UPDATE `+table+` SET schema_no=$5, data=$6, title=$7, owner=$8, due=$9, score=$10, why=$11, erased=1 WHERE org=$1 AND register=$2 AND key=$3 AND version=$4`,
			r.Register, r.Key, r.Version, r.Schema, string(r.Data), r.Title, r.Owner, r.Due, r.Score, r.Why); err != nil {
			return err
		}
	}
	return nil
}

// EraseFields implements register.WriteTx. A uniqueness rule over several
// fields is named by all of them.
func (t *transaction) EraseFields(kind, key string, fields []string) error {
	t.surprise(kind, key)
	for _, field := range fields {
		for _, query := range []string{
			`DELETE FROM entry_link WHERE org=$1 AND from_register=$2 AND from_key=$3 AND field=$4`,
			`DELETE FROM entry_unique WHERE org=$1 AND register=$2 AND key=$3 AND '+' || field || '+' LIKE '%+' || CAST($4 AS TEXT) || '+%'`,
		} {
			if err := t.exec(query, kind, key, field); err != nil {
				return err
			}
		}
	}
	return nil
}

// Cited implements register.WriteTx. It reads every version: an erasure is rare
// and must not take a file that something else cites.
func (t *transaction) Cited(sum string) (cited bool, err error) {
	var key string
	return t.scan(`SELECT key FROM entry_version WHERE org=$1 AND CAST(data AS TEXT) LIKE '%' || CAST($2 AS TEXT) || '%' LIMIT 1`, []any{sum}, &key)
}
