// SPDX-License-Identifier: Apache-2.0

// Package monitor runs the way from a system to a state: it records what a
// connector observes, evaluates the checks over it, and draws the state of the
// controls. It reads no system itself and decides no rule of a check or a
// control.
package monitor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"sextant"
	"sextant/connector"
	"sextant/evidence"
)

// chunk and goneChunk are how many observations are written or ended in one
// transaction: few enough that nobody waits long for the organisation's lock.
const (
	chunk     = 500
	goneChunk = 5000
)

// Recorder keeps a run as it happens. It implements connector.Sink.
type Recorder struct {
	Store        evidence.Store
	Organisation sextant.Organisation
	Source       string
	Report       func(connector.Progress)

	waiting     []evidence.Observed
	populations map[connector.Slice]*seen
	Changed     int
	Closed      int
}

var _ connector.Sink = (*Recorder)(nil)

// Observe implements connector.Sink.
func (r *Recorder) Observe(ctx context.Context, o connector.Observation) error {
	data, err := o.Canonical()
	if err != nil {
		return err
	}
	hash := sha256.Sum256(data)
	if r.populations == nil {
		r.populations = map[connector.Slice]*seen{}
	}
	if r.populations[o.Slice] == nil {
		r.populations[o.Slice] = newSeen()
	}
	r.populations[o.Slice].add(o.Key, hash)
	r.waiting = append(r.waiting, evidence.Observed{Slice: r.slice(o.Slice), Key: o.Key, Hash: hash, Data: data})
	if len(r.waiting) < chunk {
		return nil
	}
	return r.flush(ctx)
}

func (r *Recorder) slice(s connector.Slice) evidence.Slice {
	return evidence.Slice{Source: r.Source, Type: s.Type, Account: s.Account, Region: s.Region}
}

// sealedChunk is what the journal keeps of observations that changed: which, and
// their hash. What was seen unchanged is in the digest of its population.
type sealedChunk struct {
	Source       string      `json:"source"`
	Observations [][3]string `json:"observations"` // type, key, SHA-256
}

// flush writes what differs from what stands. Where nothing does, nothing is
// written.
func (r *Recorder) flush(ctx context.Context) error {
	if len(r.waiting) == 0 {
		return nil
	}
	err := r.Store.Record(ctx, r.Organisation, func(w evidence.Writer) error {
		changed, err := w.Compare(r.waiting)
		if err != nil || len(changed) == 0 {
			return err
		}
		line := sealedChunk{Source: r.Source, Observations: make([][3]string, len(changed))}
		for i, o := range changed {
			line.Observations[i] = [3]string{o.Type, o.Key, hex.EncodeToString(o.Hash[:])}
		}
		seq, err := w.Seal("observations", line)
		if err != nil {
			return err
		}
		r.Changed += len(changed)
		return w.Observe(seq, changed)
	})
	r.waiting = r.waiting[:0]
	return err
}

// Complete implements connector.Sink. Only a population that was seen to its
// end closes what it did not see.
func (r *Recorder) Complete(ctx context.Context, p connector.Population) error {
	if err := r.flush(ctx); err != nil {
		return err
	}
	seen := r.populations[p.Slice]
	if seen == nil {
		seen = newSeen()
	}
	delete(r.populations, p.Slice)
	if p.State == connector.Complete {
		if err := r.closeUnseen(ctx, r.slice(p.Slice), seen); err != nil {
			return err
		}
	}
	return r.Store.Record(ctx, r.Organisation, func(w evidence.Writer) error {
		seq, err := w.Seal("population", map[string]any{"source": r.Source, "population": p, "seen": hex.EncodeToString(seen.digest.Sum(nil))})
		if err != nil {
			return err
		}
		whole := sextant.Instant(0)
		if p.State == connector.Complete {
			whole = w.Now()
		}
		failures, err := json.Marshal(p.Errors)
		if err != nil {
			return err
		}
		return w.PutPopulation(seq, evidence.Population{Slice: r.slice(p.Slice), State: string(p.State), Count: p.Count, Unknown: p.Unknown, At: w.Now(), Whole: whole, Errors: failures})
	})
}

// closeUnseen ends what the population did not see, a chunk at a time.
func (r *Recorder) closeUnseen(ctx context.Context, slice evidence.Slice, seen *seen) error {
	var gone []int64
	if err := r.Store.Machine(ctx, r.Organisation, func(reader evidence.Reader) (err error) {
		gone, err = reader.Unseen(slice, seen.knows)
		return err
	}); err != nil {
		return err
	}
	r.Closed += len(gone)
	return closeGone(ctx, r.Store, r.Organisation, slice.Source, slice.Type, gone)
}

func closeGone(ctx context.Context, store evidence.Store, org sextant.Organisation, source, kind string, gone []int64) error {
	for part := range slices.Chunk(gone, goneChunk) {
		if err := store.Record(ctx, org, func(w evidence.Writer) error {
			seq, err := w.Seal("gone", map[string]any{"source": source, "type": kind, "resources": part})
			if err != nil {
				return err
			}
			return w.CloseResources(seq, kind, part)
		}); err != nil {
			return err
		}
	}
	return nil
}

// Forget ends everything a source told: it is read no more, and what it said
// counts no more. The past keeps it. Idempotent.
func Forget(ctx context.Context, store evidence.Store, org sextant.Organisation, source string) error {
	return forget(ctx, store, org, source, func(evidence.Population) bool { return true })
}

// forget ends those populations of a source that are meant, and what stands in
// them.
func forget(ctx context.Context, store evidence.Store, org sextant.Organisation, source string, meant func(evidence.Population) bool) error {
	gone := map[string][]int64{}
	var ended []evidence.Slice
	if err := store.Machine(ctx, org, func(r evidence.Reader) error {
		populations, err := r.Populations(sextant.LatestSeq)
		for _, p := range populations {
			if p.Source != source || err != nil || !meant(p) {
				continue
			}
			var ids []int64
			ids, err = r.Unseen(p.Slice, func(string) bool { return false })
			gone[p.Type] = append(gone[p.Type], ids...)
			ended = append(ended, p.Slice)
		}
		return err
	}); err != nil || len(ended) == 0 {
		return err
	}
	for kind, ids := range gone {
		if err := closeGone(ctx, store, org, source, kind, ids); err != nil {
			return err
		}
	}
	return store.Record(ctx, org, func(w evidence.Writer) error {
		seq, err := w.Seal("forgotten", map[string]any{"source": source, "populations": ended})
		if err != nil {
			return err
		}
		return w.ForgetPopulations(seq, ended)
	})
}

// Progress implements connector.Sink.
func (r *Recorder) Progress(p connector.Progress) {
	if r.Report != nil {
		r.Report(p)
	}
}

// Collect reads a source once and keeps everything, the manifest last.
func Collect(ctx context.Context, r *Recorder, c connector.Connector) (connector.Manifest, error) {
	manifest, err := c.Collect(ctx, r)
	keep := context.WithoutCancel(ctx) // an interrupted run is kept too
	if flushing := r.flush(keep); err == nil {
		err = flushing
	}
	recording := r.Store.Record(keep, r.Organisation, func(w evidence.Writer) error {
		seq, err := w.Seal("run", manifest)
		if err != nil {
			return err
		}
		data, err := json.Marshal(manifest)
		if err != nil {
			return err
		}
		return w.PutRun(evidence.Run{Seq: seq, Source: r.Source, Connector: manifest.Connector, Started: manifest.Started, Finished: manifest.Finished, Complete: manifest.Complete(), Manifest: data})
	})
	if err == nil {
		err = recording
	}
	if err == nil {
		err = r.forgetNever(ctx, manifest)
	}
	return manifest, err
}

// forgetNever ends the populations that were never seen whole and that the run
// does not speak of any more: those of an account nobody could name before the
// sign-in succeeded, or of regions nobody could list. Otherwise an error that is
// mended would stand for ever. What was seen whole once is never ended so: it
// grows stale.
//
// A run that could not sign in everywhere, or not list what there is to read,
// ends nothing.
func (r *Recorder) forgetNever(ctx context.Context, m connector.Manifest) error {
	if len(m.Errors) > 0 || len(m.Principals) == 0 {
		return nil
	}
	spoken := map[evidence.Slice]bool{}
	for _, p := range m.Populations {
		spoken[r.slice(p.Slice)] = true
	}
	return forget(ctx, r.Store, r.Organisation, r.Source, func(p evidence.Population) bool { return p.Whole == 0 && !spoken[p.Slice] })
}
