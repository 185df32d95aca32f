// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"slices"

	"sextant"
)

// Movement is what happened in an organisation since a moment.
type Movement struct {
	Seq    sextant.Seq // where the log stands
	Jobs   int64       // how often something happened to its jobs
	Topics []string    // registers and kinds of machine data that were written
	More   bool        // there is more than was looked at: ask again from Seq
}

// movementLines is how many lines of the log are looked at in one go.
const movementLines = 5000

// Watch calls fn after every commit of this process that wrote something, with
// the organisation. fn must not block. The function it gives ends the watch.
func (s *Store) Watch(fn func(sextant.Organisation)) (end func()) {
	s.watching.Lock()
	defer s.watching.Unlock()
	watcher := &fn
	s.watchers = append(s.watchers, watcher)
	return func() {
		s.watching.Lock()
		defer s.watching.Unlock()
		s.watchers = slices.DeleteFunc(slices.Clone(s.watchers), func(w *func(sextant.Organisation)) bool { return w == watcher })
	}
}

func (s *Store) moved(org sextant.Organisation) {
	s.watching.Lock()
	watchers := s.watchers
	s.watching.Unlock()
	for _, fn := range watchers {
		(*fn)(org)
	}
}

// Moved tells what was written after a position of the log, and whether jobs
// changed since they were counted. It costs two look-ups where nothing was.
func (s *Store) Moved(ctx context.Context, org sextant.Organisation, since sextant.Seq, jobs int64) (m Movement, err error) {
	err = s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		if m.Seq, _, err = t.Head(); err != nil {
			return err
		}
		if _, err = t.scan(`SELECT n FROM counter WHERE org=$1 AND prefix=$2`, []any{jobChange}, &m.Jobs); err != nil {
			return err
		}
		if m.Jobs != jobs {
			m.Topics = append(m.Topics, "job")
		}
		if m.Seq > since+movementLines {
			m.Seq, m.More = since+movementLines, true
		}
		if m.Seq <= since {
			return nil
		}
		rows, err := t.query(`SELECT DISTINCT kind, register FROM journal WHERE org=$1 AND seq>$2 AND seq<=$3`, int64(since), int64(m.Seq))
		return each(rows, err, func() error {
			var kind, register string
			err := rows.Scan(&kind, &register)
			if topic := topicOf(kind, register); !slices.Contains(m.Topics, topic) {
				m.Topics = append(m.Topics, topic)
			}
			return err
		})
	})
	slices.Sort(m.Topics)
	return m, err
}

// topicOf names a line for who waits for news: an entry by its register, machine
// data by what a page shows of it.
func topicOf(kind, register string) string {
	switch {
	case register != "":
		return register
	case kind == "population", kind == "run":
		return "observations"
	case kind == "results":
		return "outcome"
	}
	return kind
}
