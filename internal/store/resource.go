// SPDX-License-Identifier: Apache-2.0

package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/evidence"
)

const resourceColumns = `t.id, t.source, t.type, t.account, t.region, t.key, r.from_seq, r.to_seq, r.at, r.until_at`

const resourceJoin = ` FROM thing t JOIN resource r ON r.org=t.org AND r.type=t.type AND r.thing=t.id`

const withData = ` JOIN observation o ON o.org=r.org AND o.thing=r.thing AND o.hash=r.hash`

func (t *transaction) resources(scan func(*sql.Rows) (evidence.Resource, error), query string, args ...any) (list []evidence.Resource, err error) {
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		r, err := scan(rows)
		list = append(list, r)
		return err
	})
	return list, err
}

func scanNamed(rows *sql.Rows) (r evidence.Resource, err error) {
	err = rows.Scan(&r.ID, &r.Source, &r.Type, &r.Account, &r.Region, &r.Key, &r.From, &r.To, &r.At, &r.Until)
	return r, err
}

func scanWhole(rows *sql.Rows) (r evidence.Resource, err error) {
	err = rows.Scan(&r.ID, &r.Source, &r.Type, &r.Account, &r.Region, &r.Key, &r.From, &r.To, &r.At, &r.Until, &r.Data)
	return r, err
}

// scanRead is for evaluation, which needs no more.
func scanRead(rows *sql.Rows) (r evidence.Resource, err error) {
	err = rows.Scan(&r.ID, &r.Source, &r.Type, &r.From, &r.To, &r.At, &r.Until, &r.Data)
	return r, err
}

// Resources implements evidence.Reader.
func (t *transaction) Resources(l evidence.ResourceList) ([]evidence.Resource, error) {
	var where strings.Builder
	args := []any{l.Type, int64(l.At), standing(l.At)}
	bind := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args)+1)
	}
	if l.Source != "" {
		where.WriteString(" AND t.source=" + bind(l.Source))
	}
	if l.Contains != "" {
		where.WriteString(" AND lower(t.key) LIKE " + bind("%"+escapeLike(strings.ToLower(l.Contains))+"%") + " ESCAPE '!'")
	}
	if l.After != nil {
		where.WriteString(" AND (t.key, t.source) > (" + bind(l.After.Key) + "," + bind(l.After.Source) + ")")
	}
	return t.resources(scanNamed, `SELECT `+resourceColumns+` FROM thing t CROSS JOIN resource r WHERE t.org=$1 AND t.type=$2`+where.String()+
		` AND r.org=t.org AND r.type=t.type AND r.thing=t.id`+standingAt("r.", "$3", "$4")+` ORDER BY t.key, t.source LIMIT `+bind(l.Limit), args...)
}

// ResourceCounts implements evidence.Reader.
func (t *transaction) ResourceCounts(at sextant.Seq) (list []evidence.TypeCount, err error) {
	rows, err := t.query(`SELECT c.type, c.n FROM (SELECT type FROM resource_count WHERE org=$1 AND to_seq=`+forever+`) x
		CROSS JOIN resource_count c WHERE c.org=$1 AND c.type=x.type AND c.from_seq=(SELECT max(y.from_seq) FROM resource_count y WHERE y.org=$1 AND y.type=x.type AND y.from_seq<=$2)
		AND c.n>0 ORDER BY c.type`, int64(at))
	err = each(rows, err, func() error {
		var c evidence.TypeCount
		err := rows.Scan(&c.Type, &c.Count)
		list = append(list, c)
		return err
	})
	return list, err
}

const readColumns = `SELECT r.thing, r.source, r.type, r.from_seq, r.to_seq, r.at, r.until_at, o.data FROM resource r` + withData + ` WHERE r.org=$1 AND r.type=$2`

// ResourcePage implements evidence.Reader.
func (t *transaction) ResourcePage(kind string, after int64, limit int, at sextant.Seq) ([]evidence.Resource, error) {
	return t.resources(scanRead, readColumns+` AND r.thing>$3`+standingAt("r.", "$4", "$5")+` ORDER BY r.thing LIMIT $6`, kind, after, int64(at), standing(at), limit)
}

// ResourcesOf implements evidence.Reader.
func (t *transaction) ResourcesOf(kind string, ids []int64, at sextant.Seq) (list []evidence.Resource, err error) {
	for part := range slices.Chunk(ids, batch) {
		some, err := t.resources(scanRead, readColumns+standingAt("r.", "$3", "$4")+` AND r.thing IN (`+placeholders(5, len(part))+`) ORDER BY r.thing`, append([]any{kind, int64(at), standing(at)}, anys(part)...)...)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

// ChangedResources implements evidence.Reader.
func (t *transaction) ChangedResources(kind string, since, upto sextant.Seq) (ids []int64, err error) {
	rows, err := t.query(`SELECT thing FROM resource WHERE org=$1 AND type=$2 AND from_seq>$3 AND from_seq<=$4
		UNION SELECT thing FROM resource WHERE org=$1 AND type=$2 AND gone = 1 AND to_seq>$3 AND to_seq<=$4 ORDER BY 1`, kind, int64(since), int64(upto))
	err = each(rows, err, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// Resource implements evidence.Reader.
func (t *transaction) Resource(kind, key string, at sextant.Seq) (evidence.Resource, error) {
	list, err := t.resources(scanWhole, `SELECT `+resourceColumns+`, o.data`+resourceJoin+withData+` WHERE t.org=$1 AND t.type=$2 AND t.key=$3`+standingAt("r.", "$4", "$5")+` ORDER BY t.source LIMIT 1`,
		kind, key, int64(at), standing(at))
	if err == nil && len(list) == 0 {
		err = sextant.Errorf(sextant.NotFound, "there is no %s %q", kind, key)
	}
	if err != nil {
		return evidence.Resource{}, err
	}
	return list[0], nil
}

// ResourceHistory implements evidence.Reader.
func (t *transaction) ResourceHistory(kind, key string, limit int) ([]evidence.Resource, error) {
	return t.resources(scanWhole, `SELECT `+resourceColumns+`, o.data`+resourceJoin+withData+` WHERE t.org=$1 AND t.type=$2 AND t.key=$3 ORDER BY r.from_seq DESC LIMIT $4`, kind, key, limit)
}

// Thing implements evidence.Reader.
func (t *transaction) Thing(id int64) (r evidence.Resource, err error) {
	found, err := t.scan(`SELECT id, source, type, account, region, key FROM thing WHERE org=$1 AND id=$2`, []any{id}, &r.ID, &r.Source, &r.Type, &r.Account, &r.Region, &r.Key)
	if err == nil && !found {
		err = sextant.Errorf(sextant.NotFound, "there is no resource %d", id)
	}
	return r, err
}

const populationColumns = `SELECT p.source, p.type, p.account, p.region, p.state, p.count, p.unknown, p.at, p.whole, p.run, p.errors FROM `

// Populations implements evidence.Reader.
func (t *transaction) Populations(at sextant.Seq) (list []evidence.Population, err error) {
	// What stands names every slice there ever was, so the past costs a look-up
	// a slice, however many runs there were: CROSS JOIN keeps SQLite from walking
	// the history instead.
	query, args := populationColumns+`population p WHERE p.org=$1 AND p.to_seq=`+forever, []any{}
	if at != sextant.LatestSeq {
		query, args = populationColumns+`(SELECT source, type, account, region FROM population WHERE org=$1 AND to_seq=`+forever+`) s CROSS JOIN population p
			WHERE p.source=s.source AND p.type=s.type AND p.account=s.account AND p.region=s.region AND p.org=$1 AND p.from_seq=(SELECT max(y.from_seq) FROM population y WHERE y.org=$1 AND y.source=s.source AND y.type=s.type AND y.account=s.account AND y.region=s.region AND y.from_seq<=$2)`, []any{int64(at)}
	}
	rows, err := t.query(query+` AND p.state<>'`+forgotten+`' ORDER BY p.source, p.type, p.account, p.region`, args...)
	err = each(rows, err, func() error {
		var p evidence.Population
		err := rows.Scan(&p.Source, &p.Type, &p.Account, &p.Region, &p.State, &p.Count, &p.Unknown, &p.At, &p.Whole, &p.Run, (*[]byte)(&p.Errors))
		list = append(list, p)
		return err
	})
	return list, err
}

const runColumns = `SELECT seq, source, connector, started, finished, complete, %s FROM run WHERE org=$1`

// A manifest names every population: a list of runs leaves it where it is.
var runsListed, runsWhole = fmt.Sprintf(runColumns, `NULL`), fmt.Sprintf(runColumns, `manifest`)

func (t *transaction) runs(query string, args ...any) (list []evidence.Run, err error) {
	rows, err := t.query(query, args...)
	err = each(rows, err, func() error {
		var r evidence.Run
		var complete int
		err := rows.Scan(&r.Seq, &r.Source, &r.Connector, &r.Started, &r.Finished, &complete, (*[]byte)(&r.Manifest))
		r.Complete = complete != 0
		list = append(list, r)
		return err
	})
	return list, err
}

// Runs implements evidence.Reader.
func (t *transaction) Runs(source string, at sextant.Seq, limit int) ([]evidence.Run, error) {
	if source != "" {
		return t.runs(runsListed+` AND seq<=$2 AND source=$3 ORDER BY seq DESC LIMIT $4`, int64(at), source, limit)
	}
	return t.runs(runsListed+` AND seq<=$2 ORDER BY seq DESC LIMIT $3`, int64(at), limit)
}

// Run implements evidence.Reader.
func (t *transaction) Run(seq sextant.Seq) (evidence.Run, error) {
	list, err := t.runs(runsWhole+` AND seq=$2`, int64(seq))
	if err == nil && len(list) == 0 {
		err = sextant.Errorf(sextant.NotFound, "there is no run at position %d", seq)
	}
	if err != nil {
		return evidence.Run{}, err
	}
	return list[0], nil
}
