// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"encoding/json"
	"slices"

	"sextant"
	"sextant/evidence"
)

// known is what is kept of a thing that was observed before.
type known struct {
	id   int64
	hash []byte // empty where it is gone
}

// groups puts observations together that one statement can look up.
func groups(list []evidence.Observed) map[[2]string][]evidence.Observed {
	all := map[[2]string][]evidence.Observed{}
	for _, o := range list {
		k := [2]string{o.Type, o.Source}
		all[k] = append(all[k], o)
	}
	return all
}

// known looks up the things of observations of one type and source, by key.
func (t *transaction) known(kind, source string, list []evidence.Observed) (map[string]known, error) {
	found := make(map[string]known, len(list))
	for part := range slices.Chunk(list, batch) {
		args := []any{kind, source}
		for _, o := range part {
			args = append(args, o.Key)
		}
		rows, err := t.query(`SELECT key, id, hash FROM thing WHERE org=$1 AND type=$2 AND source=$3 AND key IN (`+placeholders(4, len(part))+`)`, args...)
		if err := each(rows, err, func() error {
			var key string
			var k known
			err := rows.Scan(&key, &k.id, &k.hash)
			found[key] = k
			return err
		}); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Compare implements evidence.Reader.
func (t *transaction) Compare(list []evidence.Observed) ([]evidence.Observed, error) {
	all := map[[2]string]map[string]known{}
	for k, part := range groups(list) {
		found, err := t.known(k[0], k[1], part)
		if err != nil {
			return nil, err
		}
		all[k] = found
	}
	var differ []evidence.Observed
	for _, o := range list {
		if k, ok := all[[2]string{o.Type, o.Source}][o.Key]; !ok || !bytes.Equal(k.hash, o.Hash[:]) {
			differ = append(differ, o)
		}
	}
	return differ, nil
}

// Observe implements evidence.Writer.
func (t *transaction) Observe(from sextant.Seq, list []evidence.Observed) error {
	for k, part := range groups(list) {
		if err := t.observe(from, k[0], k[1], part); err != nil {
			return err
		}
	}
	return nil
}

func (t *transaction) observe(from sextant.Seq, kind, source string, list []evidence.Observed) error {
	found, err := t.known(kind, source, list)
	if err != nil {
		return err
	}
	var superseded []int64
	born := 0
	for _, o := range list {
		k, ok := found[o.Key]
		if !ok {
			born++
		} else if len(k.hash) > 0 {
			superseded = append(superseded, k.id)
		}
	}
	next := int64(0)
	if born > 0 {
		if next, err = t.reserve("#thing", born); err != nil {
			return err
		}
	}
	if err := t.closeVersions(from, kind, superseded, false); err != nil {
		return err
	}
	if err := t.putVersions(from, list, found, next); err != nil {
		return err
	}
	return t.countResources(from, kind, len(list)-len(superseded))
}

var (
	thingColumns       = []string{"id", "source", "type", "key", "account", "region", "hash"}
	observationColumns = []string{"thing", "hash", "data"}
	versionColumns     = []string{"type", "thing", "from_seq", "to_seq", "at", "until_at", "gone", "source", "hash"}
)

func (t *transaction) putVersions(from sextant.Seq, list []evidence.Observed, found map[string]known, next int64) error {
	things, observations, versions := make([][]any, len(list)), make([][]any, len(list)), make([][]any, len(list))
	for i, o := range list {
		k, ok := found[o.Key]
		if !ok {
			k.id = next
			next++
		}
		hash := o.Hash[:]
		things[i] = []any{k.id, o.Source, o.Type, o.Key, o.Account, o.Region, hash}
		observations[i] = []any{k.id, hash, o.Data}
		versions[i] = []any{o.Type, k.id, int64(from), int64(sextant.LatestSeq), int64(t.now), 0, 0, o.Source, hash}
	}
	if err := t.insert("thing", thingColumns, things, ` ON CONFLICT (org, type, key, source) DO UPDATE SET account=excluded.account, region=excluded.region, hash=excluded.hash`); err != nil {
		return err
	}
	if err := t.insert("observation", observationColumns, observations, ` ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	return t.insert("resource", versionColumns, versions, "")
}

func (t *transaction) closeVersions(from sextant.Seq, kind string, ids []int64, gone bool) error {
	for part := range slices.Chunk(ids, batch) {
		if err := t.exec(`UPDATE resource SET to_seq=$2, until_at=$3, gone=$4 WHERE org=$1 AND type=$5 AND to_seq>4611686018427387903 AND thing IN (`+placeholders(6, len(part))+`)`,
			append([]any{int64(from), int64(t.now), bit(gone), kind}, anys(part)...)...); err != nil {
			return err
		}
	}
	return nil
}

// countResources moves the count of a type, as an interval.
func (t *transaction) countResources(from sextant.Seq, kind string, by int) error {
	if by == 0 {
		return nil
	}
	var n, began int64
	if _, err := t.scan(`SELECT n, from_seq FROM resource_count WHERE org=$1 AND type=$2 ORDER BY from_seq DESC LIMIT 1`, []any{kind}, &n, &began); err != nil {
		return err
	}
	if began == int64(from) {
		return t.exec(`UPDATE resource_count SET n=$4 WHERE org=$1 AND type=$2 AND from_seq=$3`, kind, began, n+int64(by))
	}
	if err := t.exec(`UPDATE resource_count SET to_seq=$4 WHERE org=$1 AND type=$2 AND from_seq=$3`, kind, began, int64(from)); err != nil {
		return err
	}
	return t.exec(`INSERT INTO resource_count (org, type, from_seq, to_seq, n) VALUES ($1,$2,$3,`+forever+`,$4)`, kind, int64(from), n+int64(by))
}

// CloseResources implements evidence.Writer.
func (t *transaction) CloseResources(from sextant.Seq, kind string, ids []int64) error {
	if err := t.closeVersions(from, kind, ids, true); err != nil {
		return err
	}
	for part := range slices.Chunk(ids, batch) {
		if err := t.exec(`UPDATE thing SET hash=$2 WHERE org=$1 AND id IN (`+placeholders(3, len(part))+`)`, append([]any{[]byte{}}, anys(part)...)...); err != nil {
			return err
		}
	}
	return t.countResources(from, kind, -len(ids))
}

// Unseen implements evidence.Reader.
func (t *transaction) Unseen(s evidence.Slice, seen func(string) bool) (gone []int64, err error) {
	rows, err := t.query(`SELECT id, key FROM thing WHERE org=$1 AND source=$2 AND type=$3 AND account=$4 AND region=$5 AND length(hash) > 0`, s.Source, s.Type, s.Account, s.Region)
	err = each(rows, err, func() error {
		var id int64
		var key string
		err := rows.Scan(&id, &key)
		if err == nil && !seen(key) {
			gone = append(gone, id)
		}
		return err
	})
	slices.Sort(gone)
	return gone, err
}

// PutPopulation implements evidence.Writer.
func (t *transaction) PutPopulation(from sextant.Seq, p evidence.Population) error {
	slice := []any{p.Source, p.Type, p.Account, p.Region}
	const which = ` WHERE org=$1 AND source=$2 AND type=$3 AND account=$4 AND region=$5 AND to_seq=` + forever
	if p.Whole == 0 {
		if _, err := t.scan(`SELECT whole FROM population`+which, slice, &p.Whole); err != nil {
			return err
		}
	}
	if err := t.exec(`UPDATE population SET to_seq=$6`+which, append(slices.Clone(slice), int64(from))...); err != nil {
		return err
	}
	return t.exec(`INSERT INTO population (org, source, type, account, region, from_seq, to_seq, state, count, unknown, at, whole, run, errors) VALUES ($1,$2,$3,$4,$5,$6,`+forever+`,$7,$8,$9,$10,$11,$12,$13)`,
		append(slices.Clone(slice), int64(from), p.State, p.Count, p.Unknown, int64(p.At), int64(p.Whole), int64(p.Run), orNull(p.Errors))...)
}

// ForgetPopulations implements evidence.Writer.
func (t *transaction) ForgetPopulations(from sextant.Seq, list []evidence.Slice) error {
	for _, slice := range list {
		if err := t.PutPopulation(from, evidence.Population{Slice: slice, State: forgotten, At: t.now}); err != nil {
			return err
		}
	}
	return nil
}

// forgotten is the state of a slice whose source is read no more.
const forgotten = "forgotten"

func orNull(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}

// PutRun implements evidence.Writer.
func (t *transaction) PutRun(r evidence.Run) error {
	return t.exec(`INSERT INTO run (org, seq, source, connector, started, finished, complete, manifest) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
		int64(r.Seq), r.Source, r.Connector, int64(r.Started), int64(r.Finished), bit(r.Complete), []byte(r.Manifest))
}
