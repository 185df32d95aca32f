// SPDX-License-Identifier: Apache-2.0

// Package proof makes what others verify: signed checkpoints, packages, and a
// verification of the data as it lies here. It joins the ledger with the store
// and the files; it decides nothing about what is recorded.
package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"sextant"
	"sextant/ledger"
	"sextant/register"
)

// Store is what is needed of a database.
type Store interface {
	register.Store
	LogID(ctx context.Context, org sextant.Organisation) (string, error)
	Seal(ctx context.Context) error
	Tree(ctx context.Context, org sextant.Organisation) (tree ledger.Frontier, pending int64, err error)
	Lines(ctx context.Context, org sextant.Organisation, n int64, fn func(ledger.Line) error) error
	Checkpoints(ctx context.Context, org sextant.Organisation) (map[int64][]byte, error)
	LastCheckpoint(ctx context.Context, org sextant.Organisation) (size int64, at sextant.Instant, err error)
	PutCheckpoint(ctx context.Context, org sextant.Organisation, size int64, at sextant.Instant, signed []byte) error
	Anchored(ctx context.Context, org sextant.Organisation, size int64, to string, line []byte) error
	LastAnchored(ctx context.Context, org sextant.Organisation) (size int64, kept string, err error)
	EachVersion(ctx context.Context, org sextant.Organisation, to sextant.Seq, fn func(register.Row) error) error
	TreeHashes(ctx context.Context, org sextant.Organisation, n int64, fn func(index int64, hash ledger.Hash) error) error
	Misfits(ctx context.Context, org sextant.Organisation, to sextant.Seq, fn func(seq sextant.Seq, key, what string) error) error
}

// Files are the blobs of an organisation.
type Files interface {
	register.Blobs
	Each(org sextant.Organisation, fn func(sum string) error) error
}

// Prover makes proofs.
type Prover struct {
	Store  Store
	Files  Files
	Sealer register.Sealer
	Clock  sextant.Clock
}

// keyHandle is where the signing key of a log is kept, sealed.
const keyHandle = "log-key"

// Key gives the signing key of an organisation's log, making it on first use.
// The public half is journalled.
func (p *Prover) Key(ctx context.Context, org sextant.Organisation) (key ledger.Key, err error) {
	err = p.Store.View(ctx, org, func(tx register.ReadTx) error {
		sealed, err := tx.Secret(keyHandle)
		if err != nil {
			return err
		}
		plain, err := p.Sealer.Open(org, keyHandle, sealed)
		if err != nil {
			return err
		}
		return json.Unmarshal(plain, &key)
	})
	if sextant.CodeOf(err) == sextant.NotFound {
		return p.newKey(ctx, org)
	}
	return key, err
}

// Fits refuses a master key that is not the one the organisation's log was begun
// with. A log that has no key yet fits any.
func (p *Prover) Fits(ctx context.Context, org sextant.Organisation) error {
	err := p.Store.View(ctx, org, func(tx register.ReadTx) error {
		sealed, err := tx.Secret(keyHandle)
		if err == nil {
			_, err = p.Sealer.Open(org, keyHandle, sealed)
		}
		return err
	})
	switch sextant.CodeOf(err) {
	case sextant.NotFound:
		return nil
	case sextant.Unavailable:
		return sextant.Errorf(sextant.Unavailable, "the master key is not the one the data were made with: %w", err)
	}
	return err
}

func (p *Prover) newKey(ctx context.Context, org sextant.Organisation) (ledger.Key, error) {
	log, err := p.Store.LogID(ctx, org)
	if err != nil {
		return ledger.Key{}, err
	}
	key, err := ledger.NewKey(log)
	if err != nil {
		return key, err
	}
	plain, err := json.Marshal(key)
	if err != nil {
		return key, err
	}
	sealed, err := p.Sealer.Seal(org, keyHandle, plain)
	if err != nil {
		return key, err
	}
	err = p.Store.Update(ctx, org, func(tx register.WriteTx) error {
		if _, err := tx.Secret(keyHandle); sextant.CodeOf(err) != sextant.NotFound {
			return sextant.Errorf(sextant.Conflict, "another process made the key just now").WithHint("try again")
		}
		if _, err := tx.Append(register.Record{Kind: "key", Line: fmt.Appendf(nil, `{"public":%q}`, key.Public)}); err != nil {
			return err
		}
		return tx.PutSecret(keyHandle, sealed)
	})
	return key, err
}

// Checkpoint signs the log as it stands and keeps the checkpoint. Taken off
// this machine it pins everything before it.
func (p *Prover) Checkpoint(ctx context.Context, org sextant.Organisation) ([]byte, error) {
	key, err := p.Key(ctx, org)
	if err != nil {
		return nil, err
	}
	if err := p.Store.Seal(ctx); err != nil {
		return nil, err
	}
	log, err := p.Store.LogID(ctx, org)
	if err != nil {
		return nil, err
	}
	tree, pending, err := p.Store.Tree(ctx, org)
	if err != nil {
		return nil, err
	}
	at := p.Clock()
	signed, err := ledger.Checkpoint{Log: log, Size: tree.Size, Root: tree.Root(), At: at, Pending: pending}.Sign(key)
	if err != nil {
		return nil, err
	}
	return signed, p.Store.PutCheckpoint(ctx, org, tree.Size, at, signed)
}

// Package writes everything an auditor needs to verify the organisation's log
// without us.
func (p *Prover) Package(ctx context.Context, org sextant.Organisation, w io.Writer) error {
	if _, err := p.Checkpoint(ctx, org); err != nil {
		return err
	}
	key, err := p.Key(ctx, org)
	if err != nil {
		return err
	}
	log, err := p.Store.LogID(ctx, org)
	if err != nil {
		return err
	}
	tree, pending, err := p.Store.Tree(ctx, org)
	if err != nil {
		return err
	}
	older, err := p.Store.Checkpoints(ctx, org)
	if err != nil {
		return err
	}
	pack, err := ledger.NewWriter(w, log, key, p.Clock())
	if err != nil {
		return err
	}
	if err := p.Store.Lines(ctx, org, tree.Size, pack.Line); err != nil {
		return err
	}
	for size := range older {
		if size > tree.Size {
			delete(older, size)
		}
	}
	if err := pack.EndOfLog(pending, older); err != nil {
		return err
	}
	if err := p.files(ctx, org, pack); err != nil {
		return err
	}
	return pack.Close()
}

func (p *Prover) files(ctx context.Context, org sextant.Organisation, pack *ledger.Writer) error {
	if p.Files == nil {
		return nil
	}
	return p.Files.Each(org, func(sum string) error {
		content, err := p.Files.Open(ctx, org, sum)
		if err != nil {
			return err
		}
		defer content.Close()
		return pack.Blob(sum, content)
	})
}
