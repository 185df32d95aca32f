// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/ledger"
)

// Anchor says where the newest checkpoint outside this machine is. The zero
// value: none ever left it, so nothing but this machine stands for the log.
type Anchor struct {
	At    sextant.Instant `json:"at"`
	To    string          `json:"to"`
	Lines int64           `json:"lines"` // how many lines it covers
	Since int64           `json:"since"` // lines recorded after it, which nothing outside pins
}

// Anchor signs the log as it stands, has the checkpoint delivered, and records
// where it went. A delivery that fails records nothing. The actor operates the
// installation.
func (p *Prover) Anchor(ctx context.Context, actor access.Actor, to string, deliver func(signed []byte) error) (Anchor, error) {
	if err := access.May(actor, access.Operate, access.Subject{}, p.Clock()); err != nil {
		return Anchor{}, err
	}
	signed, err := p.Checkpoint(ctx, actor.Organisation)
	if err != nil {
		return Anchor{}, err
	}
	key, err := p.Key(ctx, actor.Organisation)
	if err != nil {
		return Anchor{}, err
	}
	point, err := ledger.OpenCheckpoint(signed, key.Public)
	if err != nil {
		return Anchor{}, err
	}
	if err := deliver(signed); err != nil {
		return Anchor{}, err
	}
	line, err := json.Marshal(map[string]any{"by": actor.Name, "lines": point.Size, "to": to})
	if err != nil {
		return Anchor{}, fmt.Errorf("anchor line: %w", err)
	}
	if err := p.Store.Anchored(ctx, actor.Organisation, point.Size, to, line); err != nil {
		return Anchor{}, err
	}
	return p.LastAnchored(ctx, actor.Organisation)
}

// LastAnchored tells when and where to a checkpoint last left this machine.
func (p *Prover) LastAnchored(ctx context.Context, org sextant.Organisation) (a Anchor, err error) {
	tree, pending, err := p.Store.Tree(ctx, org)
	if err != nil {
		return a, err
	}
	size, kept, err := p.Store.LastAnchored(ctx, org)
	if err != nil {
		return a, err
	}
	a.Lines, a.Since = size, tree.Size+pending-size
	if size == 0 {
		return a, nil
	}
	at, to, _ := strings.Cut(kept, " ")
	micros, err := strconv.ParseInt(at, 10, 64)
	a.At, a.To = sextant.Instant(micros), to
	return a, err
}

// LastCheckpoint tells how many lines the newest checkpoint covers and when it
// was signed; 0 = the log was never signed.
func (p *Prover) LastCheckpoint(ctx context.Context, org sextant.Organisation) (lines int64, at sextant.Instant, err error) {
	return p.Store.LastCheckpoint(ctx, org)
}

// PublicKey is what checkpoints of an organisation's log are verified with.
func (p *Prover) PublicKey(ctx context.Context, org sextant.Organisation) (string, error) {
	key, err := p.Key(ctx, org)
	return key.Public, err
}
