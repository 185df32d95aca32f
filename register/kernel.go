// SPDX-License-Identifier: Apache-2.0

package register

import (
	"context"
	"io"
	"maps"
	"slices"
	"sync"

	"sextant"
	"sextant/access"
)

// Kernel runs a set of registers over a store. It is safe for concurrent use.
type Kernel struct {
	config Config
	set    *Set
	store  Store
	looked sync.Map   // organisations whose index was looked at, see Index
	memory memory     // see Recall
	files  fileMemory // see Digested
}

// Config is what the kernel needs from outside. The zero value works for
// registers without files, secrets and functions.
type Config struct {
	Clock     sextant.Clock
	Blobs     Blobs
	Sealer    Sealer
	Functions map[string]Function                   // resolves actors such as "top_management" to persons
	Renderers map[string]Renderer                   // by register, for transitions that render
	Retention func(Reader) (RetentionPolicy, error) // nil = everything is kept
	// Follows is what follows from writes of the kernel's own registers, by name:
	// they know no domain. Otherwise as Definition.Follows.
	Follows map[string]func(tx *Tx, written Entry) error
	Mail    bool // this installation sends mail: see View.Mails
	// Written is told, after each write that changed entries, of which registers.
	// It is called before Write returns; the write stands whatever it does.
	Written func(ctx context.Context, org sextant.Organisation, registers []string)
}

// Function gives the keys of the persons who hold a function of the organisation.
type Function func(Reader) ([]string, error)

// Blobs keeps the bytes of files by their SHA-256, per organisation.
type Blobs interface {
	Put(ctx context.Context, org sextant.Organisation, r io.Reader) (sha256 string, size int64, err error)
	Open(ctx context.Context, org sextant.Organisation, sha256 string) (io.ReadCloser, error)
	Remove(ctx context.Context, org sextant.Organisation, sha256 string) error
}

// Sealer encrypts secrets at rest, bound to organisation and handle.
type Sealer interface {
	Seal(org sextant.Organisation, handle string, plain []byte) ([]byte, error)
	Open(org sextant.Organisation, handle string, sealed []byte) ([]byte, error)
}

// New makes a kernel.
func New(store Store, set *Set, config Config) *Kernel {
	if config.Clock == nil {
		config.Clock = sextant.SystemClock
	}
	return &Kernel{config: config, set: set, store: store}
}

// Set gives the registers.
func (k *Kernel) Set() *Set { return k.set }

// Blobs gives the file store, nil if there is none.
func (k *Kernel) Blobs() Blobs { return k.config.Blobs }

// Now is the kernel's clock.
func (k *Kernel) Now() sextant.Instant { return k.config.Clock() }

// Read runs fn on what the actor's organisation looked like at a moment; 0 is
// now. All reads in fn see one state. Rights are those of today.
func (k *Kernel) Read(ctx context.Context, actor access.Actor, at sextant.Instant, fn func(*View) error) error {
	if err := k.Index(ctx, actor.Organisation); err != nil {
		return err
	}
	return k.store.View(ctx, actor.Organisation, func(tx ReadTx) error {
		view, err := k.Within(ctx, actor, tx, at)
		if err != nil {
			return err
		}
		view.recalls = true
		return fn(view)
	})
}

// Within reads like Read in a transaction that is already open, so that entries
// and what else the transaction reads are of one state. The view ends with it.
func (k *Kernel) Within(ctx context.Context, actor access.Actor, tx ReadTx, at sextant.Instant) (*View, error) {
	if err := k.upToDate(tx, actor.Organisation); err != nil {
		return nil, err
	}
	view := &View{kernel: k, ctx: ctx, actor: actor, tx: tx, seq: sextant.LatestSeq, titles: map[string]string{}}
	if at == 0 || at >= k.Now() {
		return view, nil
	}
	seq, err := tx.SeqAt(at)
	view.moment, view.seq = at, seq
	return view, err
}

// Write runs fn alone within the actor's organisation. When it returns nil,
// everything fn did is durable and journalled; otherwise nothing of it is.
func (k *Kernel) Write(ctx context.Context, actor access.Actor, fn func(*Tx) error) error {
	if err := k.Index(ctx, actor.Organisation); err != nil {
		return err
	}
	tell := func() {}
	err := k.store.Update(ctx, actor.Organisation, func(w WriteTx) (err error) {
		tell, err = k.WriteIn(ctx, actor, w, fn)
		return err
	})
	if err == nil {
		tell()
	}
	return err
}

// WriteIn runs fn like Write in a writing transaction that is already open, so
// that entries and what else it writes become durable together. Whoever commits
// it calls told afterwards.
func (k *Kernel) WriteIn(ctx context.Context, actor access.Actor, w WriteTx, fn func(*Tx) error) (told func(), err error) {
	if err := k.indexIn(ctx, w, actor.Organisation); err != nil {
		return nil, err
	}
	written := map[string]bool{}
	view := View{kernel: k, ctx: ctx, actor: actor, tx: w, seq: sextant.LatestSeq, titles: map[string]string{},
		progress: &progress{changed: map[string][]Changed{}, kept: map[string]any{}, writes: map[string]int{}}}
	tx := &Tx{View: view, w: w, written: written, standing: map[string]bool{}}
	if err = fn(tx); err == nil {
		err = tx.settle()
	}
	return func() {
		if k.config.Written != nil && len(written) > 0 {
			k.config.Written(ctx, actor.Organisation, slices.Sorted(maps.Keys(written)))
		}
	}, err
}

// rehearsed makes a writing transaction end without trace.
type rehearsed struct{}

func (rehearsed) Error() string { return "rehearsal" }

// Rehearse runs fn like Write and then takes everything back: a dry run that
// meets every rule the real run would meet.
func (k *Kernel) Rehearse(ctx context.Context, actor access.Actor, fn func(*Tx) error) error {
	err := k.Write(ctx, actor, func(tx *Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		if err := tx.settle(); err != nil {
			return err
		}
		return rehearsed{}
	})
	if err == (error)(rehearsed{}) {
		return nil
	}
	return err
}
