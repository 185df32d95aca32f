// SPDX-License-Identifier: Apache-2.0

// Package monitor runs the way from a system to a state: it records what a
// connector observes, evaluates the checks over it, and draws the state of the
// controls. It reads no system itself and decides no rule of a check or a
// control.
package monitor

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"

	"sextant"
	"sextant/connector"
	"sextant/evidence"
)

// chunk is how many observations are written in one transaction: few enough
// that nobody waits long for the organisation's lock.
const chunk = 200

// Recorder keeps a run as it happens. It implements connector.Sink.
type Recorder struct {
	Store        evidence.Store
	Organisation sextant.Organisation
	Source       string
	Report       func(connector.Progress)

	waiting []evidence.Observed
	seen    map[connector.Slice]map[uint64]struct{}
	Changed int
	Closed  int
}

var _ connector.Sink = (*Recorder)(nil)

// Observe implements connector.Sink.
func (r *Recorder) Observe(ctx context.Context, o connector.Observation) error {
	data, err := o.Canonical()
	if err != nil {
		return err
	}
	hash, err := o.Hash()
	if err != nil {
		return err
	}
	if r.seen == nil {
		r.seen = map[connector.Slice]map[uint64]struct{}{}
	}
	if r.seen[o.Slice] == nil {
		r.seen[o.Slice] = map[uint64]struct{}{}
	}
	r.seen[o.Slice][fingerprint(o.Key)] = struct{}{}
	r.waiting = append(r.waiting, evidence.Observed{Slice: r.slice(o.Slice), Key: o.Key, Hash: hash, Data: data})
	if len(r.waiting) < chunk {
		return nil
	}
	return r.flush(ctx)
}

// fingerprint stands for a key in memory, so that a run over half a million
// resources keeps eight bytes of each.
func fingerprint(key string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key)) // a hash never fails
	return h.Sum64()
}

func (r *Recorder) slice(s connector.Slice) evidence.Slice {
	return evidence.Slice{Source: r.Source, Type: s.Type, Account: s.Account, Region: s.Region}
}

// sealedChunk is what the journal keeps of observations: which, and their hash.
type sealedChunk struct {
	Source       string      `json:"source"`
	Observations [][3]string `json:"observations"` // type, key, SHA-256
}

func (r *Recorder) flush(ctx context.Context) error {
	if len(r.waiting) == 0 {
		return nil
	}
	err := r.Store.Record(ctx, r.Organisation, func(w evidence.Writer) error {
		line := sealedChunk{Source: r.Source}
		for _, o := range r.waiting {
			line.Observations = append(line.Observations, [3]string{o.Type, o.Key, hex.EncodeToString(o.Hash[:])})
		}
		seq, err := w.Seal("observations", line)
		if err != nil {
			return err
		}
		changed, err := w.Observe(seq, r.waiting)
		r.Changed += changed
		return err
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
	return r.Store.Record(ctx, r.Organisation, func(w evidence.Writer) error {
		seq, err := w.Seal("population", map[string]any{"source": r.Source, "population": p})
		if err != nil {
			return err
		}
		whole := sextant.Instant(0)
		if p.State == connector.Complete {
			seen := r.seen[p.Slice]
			closed, err := w.CloseUnseen(seq, r.slice(p.Slice), func(key string) bool { _, ok := seen[fingerprint(key)]; return ok })
			if err != nil {
				return err
			}
			r.Closed += closed
			whole = w.Now()
		}
		delete(r.seen, p.Slice)
		failures, err := json.Marshal(p.Errors)
		if err != nil {
			return err
		}
		return w.PutPopulation(seq, evidence.Population{Slice: r.slice(p.Slice), State: string(p.State), Count: p.Count, Unknown: p.Unknown, At: w.Now(), Whole: whole, Errors: failures})
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
	return manifest, err
}
