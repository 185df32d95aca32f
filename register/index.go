// SPDX-License-Identifier: Apache-2.0

package register

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
)

// indexMark names what a register's tags and search text are made by: a field,
// a promise or a schema that came or went makes another mark. The number rises
// when the kernel makes them differently.
func (def *Definition) indexMark() string {
	parts := []string{"1", fmt.Sprint(def.Schema)}
	for _, f := range def.Fields {
		if f.isTagged() || f.isSearched() {
			parts = append(parts, fmt.Sprint(f.Key, f.isTagged(), f.isSearched(), f.IsTitle))
		}
	}
	for _, s := range def.shapes {
		parts = append(parts, s.name())
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:8])
}

// rowTags are the tags of one version; a tombstone has none.
func (def *Definition) rowTags(row Row) ([]Tag, error) {
	if row.Deleted {
		return nil, nil
	}
	e, err := def.entry(row)
	if err != nil {
		return nil, err
	}
	return def.tags(row.State, e.Doc), nil
}

// Index makes tags, counters and search text anew where another declaration made
// them: after an upgrade, a restore, or a field that was added. A program calls
// it for each organisation when it opens the data; Read and Write make sure.
// Looked at once an organisation and process; the time it takes where something
// has to be made grows with the versions there are.
func (k *Kernel) Index(ctx context.Context, org sextant.Organisation) error {
	if _, done := k.looked.Load(org); done {
		return nil
	}
	var stale []*Definition
	if err := k.store.View(ctx, org, func(tx ReadTx) (err error) {
		stale, err = k.stale(tx)
		return err
	}); err != nil {
		return err
	}
	if len(stale) > 0 {
		if err := k.store.Update(ctx, org, func(w WriteTx) error { return k.reindex(ctx, w, org, stale) }); err != nil {
			return err
		}
	}
	k.looked.Store(org, true)
	return nil
}

// indexIn is Index within a write that is already open: that of an organisation
// being founded.
func (k *Kernel) indexIn(ctx context.Context, w WriteTx, org sextant.Organisation) error {
	if _, done := k.looked.Load(org); done {
		return nil
	}
	stale, err := k.stale(w)
	if err != nil || len(stale) == 0 {
		return err
	}
	return k.reindex(ctx, w, org, stale)
}

func (k *Kernel) stale(tx ReadTx) (list []*Definition, err error) {
	marks, err := tx.Tagged()
	for _, def := range append(slices.Clone(k.set.definitions), managed) {
		if marks[def.Name] != def.indexMark() {
			list = append(list, def)
		}
	}
	return list, err
}

// upToDate refuses to read lists that are not made yet: half a list would look
// like all there is.
func (k *Kernel) upToDate(tx ReadTx, org sextant.Organisation) error {
	if _, done := k.looked.Load(org); done {
		return nil
	}
	stale, err := k.stale(tx)
	for _, def := range stale {
		rows, err := tx.List(Query{Register: def.Name, At: sextant.LatestSeq, Limit: 1}) // by key: from the entries themselves
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			return sextant.Errorf(sextant.Unavailable, "the lists of this organisation are being made anew").WithHint("try again in a moment")
		}
	}
	return err
}

func (k *Kernel) reindex(ctx context.Context, w WriteTx, org sextant.Organisation, stale []*Definition) error {
	view := View{kernel: k, ctx: ctx, actor: access.SystemActor(org, "index"), tx: w, seq: sextant.LatestSeq, titles: map[string]string{}}
	tx := &Tx{View: view, w: w}
	for _, def := range stale {
		if err := w.Retag(def.Name, "", def.indexMark(), def.rowTags); err != nil {
			return fmt.Errorf("index of %s: %w", def.Name, err)
		}
		if def == managed {
			continue
		}
		if err := tx.Each(List{Register: def.Name}, func(e Entry) error {
			return w.Index(def.Name, e.Key, def.searchText(e.Key, e.Doc))
		}); err != nil {
			return fmt.Errorf("search in %s: %w", def.Name, err)
		}
	}
	return nil
}

// Reindex makes tags, counters and the full-text index of an organisation anew
// from its entries.
func (k *Kernel) Reindex(ctx context.Context, org sextant.Organisation) error {
	return k.store.Update(ctx, org, func(w WriteTx) error {
		return k.reindex(ctx, w, org, append(slices.Clone(k.set.definitions), managed))
	})
}
