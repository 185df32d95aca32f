// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"sextant"
	"sextant/ledger"
	"sextant/register"
)

// sealBatch is how many lines are sealed in one go.
const sealBatch = 2000

// sealEvery is the longest a line on PostgreSQL waits for its seal.
const sealEvery = 500 * time.Millisecond

// seal takes up to limit recorded lines into the tree. Line n must be leaf n-1:
// a gap is never passed over, it stops the sealing with an error.
func (t *transaction) seal(limit int) (sealed int, err error) {
	tree, found, err := t.tree(true)
	if err != nil || !found {
		return 0, err
	}
	log, err := t.logID()
	if err != nil {
		return 0, err
	}
	first := tree.FirstIndex()
	var final []ledger.Hash
	rows, err := t.query(`SELECT seq, kind, commitment FROM journal WHERE org=$1 AND seq>$2 ORDER BY seq LIMIT $3`, tree.Size, limit)
	if err := each(rows, err, func() error {
		var seq sextant.Seq
		var kind string
		var commitment []byte
		if err := rows.Scan(&seq, &kind, &commitment); err != nil {
			return err
		}
		if seq != sextant.Seq(tree.Size+1) || len(commitment) != len(ledger.Hash{}) {
			return fmt.Errorf("journal of organisation %d: line %d stands where line %d should be; sealing stopped", t.org, seq, tree.Size+1)
		}
		final = append(final, tree.Append(ledger.Leaf(log, seq, kind, ledger.Hash(commitment)))...)
		sealed++
		return nil
	}); err != nil || sealed == 0 {
		return 0, err
	}
	for i, h := range final {
		if err := t.exec(`INSERT INTO tree_hash (org, idx, hash) VALUES ($1,$2,$3)`, first+int64(i), h[:]); err != nil {
			return 0, err
		}
	}
	return sealed, t.exec(`UPDATE tree SET size=$2, edge=$3 WHERE org=$1`, tree.Size, tree.Bytes())
}

// tree reads the right edge; forUpdate waits for another integrator to finish and
// keeps others away. Passing over a tree that is being worked on would let Seal
// return, and a checkpoint be signed, before all that was recorded is in it.
func (t *transaction) tree(forUpdate bool) (tree ledger.Frontier, found bool, err error) {
	query := `SELECT size, edge FROM tree WHERE org=$1`
	if forUpdate && t.dialect.isPostgres() {
		query += ` FOR UPDATE`
	}
	var size int64
	var edge []byte
	if found, err = t.scan(query, nil, &size, &edge); err != nil || !found {
		return tree, found, err
	}
	tree, err = ledger.ReadFrontier(size, edge)
	return tree, true, err
}

func (t *transaction) logID() (id string, err error) {
	_, err = t.scan(`SELECT log_id FROM organisation WHERE org=$1`, nil, &id)
	return id, err
}

// startIntegrator seals what writers on PostgreSQL recorded: soon after each
// commit, and every half second for what other replicas recorded. Any number of
// replicas may run one.
func (s *Store) startIntegrator(ctx context.Context) {
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.stopped.Go(func() {
		tick := time.NewTicker(sealEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			case <-s.integrate:
			}
			if err := s.Seal(ctx); err != nil && ctx.Err() == nil {
				slog.Error("lines are not sealed", "error", err)
			}
		}
	})
}

// Seal takes everything recorded so far, of every organisation, into its tree.
// On SQLite there is never anything to do.
func (s *Store) Seal(ctx context.Context) error {
	organisations, err := s.Organisations(ctx)
	if err != nil {
		return err
	}
	for _, o := range organisations {
		for sealed := sealBatch; sealed == sealBatch; {
			if err := s.within(ctx, s.writer, nil, o.Number, func(t *transaction) (err error) {
				sealed, err = t.seal(sealBatch)
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Tree gives the sealed tree of an organisation and how many lines wait.
func (s *Store) Tree(ctx context.Context, org sextant.Organisation) (tree ledger.Frontier, pending int64, err error) {
	err = s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		seq, _, err := t.Head()
		if err == nil {
			tree, _, err = t.tree(false)
		}
		pending = int64(seq) - tree.Size
		return err
	})
	return tree, pending, err
}

// Lines gives the first n lines of a log in order, in one snapshot.
func (s *Store) Lines(ctx context.Context, org sextant.Organisation, n int64, fn func(ledger.Line) error) error {
	return s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		rows, err := t.query(`SELECT seq, kind, line, salt, commitment, erased FROM journal WHERE org=$1 AND seq<=$2 ORDER BY seq`, n)
		return each(rows, err, func() error {
			var l ledger.Line
			var salt, commitment []byte
			if err := rows.Scan(&l.Seq, &l.Kind, &l.Bytes, &salt, &commitment, &l.Erased); err != nil {
				return err
			}
			if len(commitment) != len(l.Commitment) {
				return fmt.Errorf("line %d has a commitment of %d bytes", l.Seq, len(commitment))
			}
			l.Commitment = ledger.Hash(commitment)
			if len(salt) == len(ledger.Salt{}) {
				whole := ledger.Salt(salt)
				l.Salt = &whole
			}
			return fn(l)
		})
	})
}

// PutCheckpoint keeps a signed checkpoint.
func (s *Store) PutCheckpoint(ctx context.Context, org sextant.Organisation, size int64, at sextant.Instant, signed []byte) error {
	return s.within(ctx, s.writer, nil, org, func(t *transaction) error {
		return t.exec(`INSERT INTO checkpoint (org, size, at, note) VALUES ($1,$2,$3,$4) ON CONFLICT (org, size) DO NOTHING`, size, int64(at), string(signed))
	})
}

// Anchored keeps where a checkpoint was taken to, with a line of the log.
func (s *Store) Anchored(ctx context.Context, org sextant.Organisation, size int64, to string, line []byte) error {
	return s.Update(ctx, org, func(w register.WriteTx) error {
		t := w.(*transaction)
		found, err := t.execOne(`UPDATE checkpoint SET anchored=$3 WHERE org=$1 AND size=$2`, size, fmt.Sprintf("%d %s", int64(t.now), to))
		if err == nil && !found {
			return sextant.Errorf(sextant.NotFound, "there is no checkpoint over %d lines", size)
		}
		if err == nil {
			_, err = t.Append(register.Record{Kind: "anchor", Line: line})
		}
		return err
	})
}

// LastAnchored gives the largest checkpoint that was taken off this machine, as
// Anchored kept it; size 0 where none was.
func (s *Store) LastAnchored(ctx context.Context, org sextant.Organisation) (size int64, kept string, err error) {
	err = s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		_, err := t.scan(`SELECT size, anchored FROM checkpoint WHERE org=$1 AND anchored<>'' ORDER BY size DESC LIMIT 1`, nil, &size, &kept)
		return err
	})
	return size, kept, err
}

// Note seals a line about the installation in an organisation's log.
func (s *Store) Note(ctx context.Context, org sextant.Organisation, kind string, line []byte) error {
	return s.Update(ctx, org, func(w register.WriteTx) error {
		_, err := w.Append(register.Record{Kind: kind, Key: kind, Line: line})
		return err
	})
}

// LastNote gives the newest line of a kind that Note sealed, nil where there is
// none.
func (s *Store) LastNote(ctx context.Context, org sextant.Organisation, kind string) (at sextant.Instant, line []byte, err error) {
	err = s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		_, err := t.scan(`SELECT at, line FROM journal WHERE org=$1 AND register='' AND key=$2 ORDER BY seq DESC LIMIT 1`, []any{kind}, &at, &line)
		return err
	})
	return at, line, err
}

// Checkpoints gives the kept checkpoints by size.
func (s *Store) Checkpoints(ctx context.Context, org sextant.Organisation) (map[int64][]byte, error) {
	all := map[int64][]byte{}
	err := s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		rows, err := t.query(`SELECT size, note FROM checkpoint WHERE org=$1 ORDER BY size`)
		return each(rows, err, func() error {
			var size int64
			var signed string
			err := rows.Scan(&size, &signed)
			all[size] = []byte(signed)
			return err
		})
	})
	return all, err
}

// LastCheckpoint gives how long the log was when it was last signed, and when
// that was; 0 = never.
func (s *Store) LastCheckpoint(ctx context.Context, org sextant.Organisation) (size int64, at sextant.Instant, err error) {
	err = s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		_, err := t.scan(`SELECT size, at FROM checkpoint WHERE org=$1 ORDER BY size DESC LIMIT 1`, nil, &size, &at)
		return err
	})
	return size, at, err
}

// Optimise lets SQLite look at its statistics anew where tables have grown;
// PostgreSQL does so by itself once rows are committed (see grew for before).
func (s *Store) Optimise(ctx context.Context) error {
	if s.dialect.isPostgres() {
		return nil
	}
	return s.run(ctx, `PRAGMA optimize`)
}
