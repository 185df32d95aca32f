// SPDX-License-Identifier: Apache-2.0

package store

import (
	"database/sql"
	"fmt"

	"sextant"
	"sextant/register"
)

// common are the columns entry and entry_version share, in the order scanRow
// reads them.
const common = `register, key, version, n, schema_no, from_seq, at, created, actor, why, batch, deleted, erased, title, state, owner, due, score, data`

// Every row of entry stands; versions say until when.
const (
	currentRow = common + `, 4611686018427387904`
	pastRow    = common + `, to_seq`
)

func scanRow(rows *sql.Rows) (r register.Row, err error) {
	var deleted, erased int
	err = rows.Scan(&r.Register, &r.Key, &r.Version, &r.N, &r.Schema, &r.From, &r.At, &r.Created, &r.Actor, &r.Why, &r.Batch, &deleted, &erased,
		&r.Title, &r.State, &r.Owner, &r.Due, &r.Score, &r.Data, &r.To)
	r.Deleted, r.Erased = deleted != 0, erased != 0
	return r, err
}

func (t *transaction) rows(query string, args ...any) (list []register.Row, err error) {
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		r, err := scanRow(rows)
		list = append(list, r)
		return err
	})
	return list, err
}

// Entry implements register.ReadTx.
func (t *transaction) Entry(kind, key string, at sextant.Seq) (register.Row, error) {
	if f, known := t.entryForeseen(kind, key, at); known && f.there {
		return f.row, nil
	} else if known {
		return register.Row{}, sextant.Errorf(sextant.NotFound, "there is no %s", key)
	}
	query, args := `SELECT `+currentRow+` FROM entry WHERE org=$1 AND register=$2 AND key=$3`, []any{kind, key}
	if at != sextant.LatestSeq {
		query = `SELECT ` + pastRow + ` FROM entry_version WHERE org=$1 AND register=$2 AND key=$3 AND from_seq<=$4 AND to_seq>$4`
		args = append(args, int64(at))
	}
	list, err := t.rows(query, args...)
	if err != nil {
		return register.Row{}, err
	}
	if len(list) == 0 {
		return register.Row{}, sextant.Errorf(sextant.NotFound, "there is no %s", key)
	}
	return list[0], nil
}

// Titles implements register.ReadTx.
func (t *transaction) Titles(kind string, keys []string, at sextant.Seq) (map[string]string, error) {
	s := t.statement(kind, at)
	stood := ""
	if s.seen != "" {
		stood = " AND " + s.stands("e")
	}
	where, listed := t.dialect.among("e.key", keys)
	titles := map[string]string{}
	rows, err := t.query("SELECT e.key, e.title FROM "+s.table()+" WHERE e.org=$1 AND e.register="+s.kind+stood+" AND "+fmt.Sprintf(where, s.bind(listed)), s.args...)
	err = each(rows, err, func() error {
		var key, title string
		err := rows.Scan(&key, &title)
		titles[key] = title
		return err
	})
	return titles, err
}

// Versions implements register.ReadTx.
func (t *transaction) Versions(kind, key string, before, limit int) ([]register.Row, error) {
	if before == 0 {
		before = 1 << 60
	}
	return t.rows(`SELECT `+pastRow+` FROM entry_version WHERE org=$1 AND register=$2 AND key=$3 AND version<$4 ORDER BY version DESC LIMIT $5`, kind, key, before, limit)
}

// Batch implements register.ReadTx.
func (t *transaction) Batch(name string) ([]register.Row, error) {
	return t.rows(`SELECT `+pastRow+` FROM entry_version WHERE org=$1 AND batch=$2 AND batch<>'' ORDER BY from_seq`, name)
}

// Holder implements register.ReadTx.
func (t *transaction) Holder(kind string, unique register.Tag) (key string, err error) {
	_, err = t.scan(`SELECT key FROM entry_unique WHERE org=$1 AND register=$2 AND field=$3 AND value=$4`, []any{kind, unique.Field, unique.Value}, &key)
	return key, err
}

// Links implements register.ReadTx.
func (t *transaction) Links(kind, key string, at sextant.Seq) ([]register.Link, error) {
	return t.links(`SELECT from_register, from_key, field, to_register, to_key FROM entry_link
		WHERE org=$1 AND from_register=$2 AND from_key=$3 AND from_seq<=$4 AND to_seq>$5 ORDER BY field, to_key`, kind, key, int64(at), standing(at))
}

// BackLinks implements register.ReadTx.
func (t *transaction) BackLinks(kind, key string, at sextant.Seq, limit int) ([]register.Link, error) {
	return t.links(`SELECT from_register, from_key, field, to_register, to_key FROM entry_link
		WHERE org=$1 AND to_register=$2 AND to_key=$3 AND from_seq<=$4 AND to_seq>$5 ORDER BY from_register, field, from_key LIMIT $6`, kind, key, int64(at), standing(at), limit)
}

// standing is the bound for to_seq: what stands at the present has an open end.
func standing(at sextant.Seq) int64 {
	if at == sextant.LatestSeq {
		return int64(sextant.LatestSeq) - 1
	}
	return int64(at)
}

func (t *transaction) links(query string, args ...any) (list []register.Link, err error) {
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		var l register.Link
		err := rows.Scan(&l.FromRegister, &l.FromKey, &l.Field, &l.ToRegister, &l.ToKey)
		list = append(list, l)
		return err
	})
	return list, err
}
