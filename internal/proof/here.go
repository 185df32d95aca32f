// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"sextant"
	"sextant/ledger"
	"sextant/register"
)

// here verifies the data as it lies in the store, up to the line the log ended
// with when it began: others may go on writing.
type here struct {
	*Prover
	ctx    context.Context //nolint:containedctx // lives for one verification
	org    sextant.Organisation
	tree   ledger.Frontier
	end    sextant.Seq
	report *ledger.Report
	check  *ledger.Check

	lines map[sextant.Seq]digest // what each standing line says of its version
	gone  map[sextant.Seq]bool   // lines whose content was erased
	files map[string]sextant.Seq // the files that standing lines cite
}

// VerifyHere checks the data as it lies in the store: every journal line against
// the tree and its kept hashes, every checkpoint, every version beside the
// journal against its sealed line, what lists read against the versions, and
// every file.
func (p *Prover) VerifyHere(ctx context.Context, org sextant.Organisation, trust ledger.Trust) (*ledger.Report, error) {
	v, err := p.here(ctx, org, trust)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{v.journal, v.versions, v.fitting, v.filed} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	v.check.Close()
	return v.report, nil
}

func (p *Prover) here(ctx context.Context, org sextant.Organisation, trust ledger.Trust) (*here, error) {
	log, err := p.Store.LogID(ctx, org)
	if err != nil {
		return nil, err
	}
	key, err := p.Key(ctx, org)
	if err != nil {
		return nil, err
	}
	v := &here{Prover: p, ctx: ctx, org: org, report: &ledger.Report{PublicKey: key.Public}, lines: map[sextant.Seq]digest{}, gone: map[sextant.Seq]bool{}, files: map[string]sextant.Seq{}}
	if trust.PublicKey != "" {
		v.report.PublicKey, v.report.PinnedKey = trust.PublicKey, true
	}
	v.check = ledger.NewCheck(v.report, log)
	if err := v.stood(ctx); err != nil {
		return nil, err
	}
	return v, v.anchors(ctx, trust)
}

// stood finds where the log ends now, and the tree kept beside it.
func (v *here) stood(ctx context.Context) (err error) {
	v.tree, v.report.Pending, err = v.Store.Tree(ctx, v.org)
	if sextant.CodeOf(err) == sextant.Invalid {
		v.find(0, "the tree kept here", err.Error())
		return v.Store.View(ctx, v.org, func(tx register.ReadTx) (err error) { v.end, _, err = tx.Head(); return err })
	}
	if err == nil {
		v.end = sextant.Seq(v.tree.Size + v.report.Pending)
		v.check.Stored(v.tree)
	}
	return err
}

func (v *here) anchors(ctx context.Context, trust ledger.Trust) error {
	kept, err := v.Store.Checkpoints(ctx, v.org)
	if err != nil {
		return err
	}
	for _, size := range slices.Sorted(maps.Keys(kept)) {
		if point, ok := v.check.Anchor(fmt.Sprintf("checkpoint over %d lines", size), kept[size], v.report.PublicKey, false); ok {
			v.report.Sealed = max(v.report.Sealed, point.At)
		}
	}
	for _, signed := range trust.Checkpoints {
		v.check.Anchor("the checkpoint you gave", signed, v.report.PublicKey, true)
	}
	return nil
}

func (v *here) find(seq sextant.Seq, where, what string) {
	v.report.Findings = append(v.report.Findings, ledger.Finding{Where: where, Seq: seq, What: what})
}

func lineNamed(seq sextant.Seq) string { return fmt.Sprintf("line %d", seq) }

// journal takes every line, and holds the hashes it gives against the kept ones.
func (v *here) journal(ctx context.Context) error {
	given, kept := sha256.New(), sha256.New()
	if err := v.Store.Lines(ctx, v.org, int64(v.end), func(l ledger.Line) error {
		sealed := l.Seq <= sextant.Seq(v.tree.Size)
		for _, h := range v.check.Take(l) {
			if sealed {
				given.Write(h[:])
			}
		}
		return v.remember(l)
	}); err != nil {
		return err
	}
	if err := v.Store.TreeHashes(ctx, v.org, v.tree.FirstIndex(), func(_ int64, h ledger.Hash) error {
		kept.Write(h[:])
		return nil
	}); err != nil {
		return err
	}
	if [sha256.Size]byte(given.Sum(nil)) == [sha256.Size]byte(kept.Sum(nil)) {
		return nil
	}
	return v.locate(ctx)
}

// locate names the first line whose hash is not the kept one.
func (v *here) locate(ctx context.Context) error {
	leaves := map[int64]ledger.Hash{}
	if err := v.Store.TreeHashes(ctx, v.org, v.tree.FirstIndex(), func(index int64, h ledger.Hash) error {
		leaves[index] = h
		return nil
	}); err != nil {
		return err
	}
	log, found, n := v.report.Log, sextant.Seq(0), int64(0)
	if err := v.Store.Lines(ctx, v.org, v.tree.Size, func(l ledger.Line) error {
		if found == 0 && leaves[tlog.StoredHashIndex(0, n)] != ledger.Leaf(log, l.Seq, l.Kind, l.Commitment) {
			found = l.Seq
		}
		n++
		return nil
	}); err != nil {
		return err
	}
	if found != 0 {
		v.find(found, lineNamed(found), "it is not the line that was sealed here: its hash in the tree is another, or is missing")
	} else {
		v.find(0, "the tree kept here", "its hashes are not those of the lines")
	}
	return nil
}

// digest stands for what a version says, so that memory does not grow with it.
type digest [sha256.Size]byte

// said is what a line and its version have in common.
type said struct {
	At       sextant.Instant `json:"at"`
	Actor    string          `json:"actor"`
	Register string          `json:"register"`
	Key      string          `json:"key"`
	Version  int             `json:"version"`
	Schema   int             `json:"schema"`
	State    string          `json:"state"`
	Why      string          `json:"why"`
	Batch    string          `json:"batch"`
	Deleted  bool            `json:"deleted"`
	Data     any             `json:"data"` // decoded: jsonb may have put its keys in another order
}

func (s said) digest() (digest, error) {
	data, err := json.Marshal(s)
	return sha256.Sum256(data), err
}

// remember keeps what a line says of its version, and the files it cites.
func (v *here) remember(l ledger.Line) error {
	switch {
	case l.Kind != "entry":
		return nil
	case l.Erased != 0:
		v.gone[l.Seq] = true
		return nil
	}
	var s said
	if err := json.Unmarshal(l.Bytes, &s); err != nil {
		v.find(l.Seq, lineNamed(l.Seq), "it cannot be read")
	}
	v.cite(l.Seq, s.Data)
	d, err := s.digest()
	v.lines[l.Seq] = d
	return err
}

func (v *here) cite(seq sextant.Seq, data any) {
	fields, _ := data.(map[string]any)
	for _, value := range fields {
		if file, ok := value.(map[string]any); ok {
			if sum, ok := file["sha256"].(string); ok {
				v.files[sum] = seq
			}
		}
	}
}

// versions holds every version against the line that sealed it, and every line
// against the versions.
func (v *here) versions(ctx context.Context) error {
	if err := v.Store.EachVersion(ctx, v.org, v.end, v.version); err != nil {
		return err
	}
	for _, seq := range slices.Sorted(maps.Keys(v.lines)) {
		v.find(seq, lineNamed(seq), "the version it sealed is missing")
	}
	return nil
}

func (v *here) version(row register.Row) error {
	line, sealed := v.lines[row.From]
	delete(v.lines, row.From)
	switch {
	case !sealed && v.gone[row.From]:
		if !row.Erased {
			v.find(row.From, lineNamed(row.From), row.Key+": its line was erased and its version was not")
		}
		return nil
	case !sealed:
		v.find(row.From, lineNamed(row.From), row.Key+": a version has no sealed line")
		return nil
	}
	s := said{At: row.At, Actor: row.Actor, Register: row.Register, Key: row.Key, Version: row.Version, Schema: row.Schema,
		State: row.State, Why: row.Why, Batch: row.Batch, Deleted: row.Deleted}
	err := json.Unmarshal(row.Data, &s.Data)
	d, marshalled := s.digest()
	if err != nil || marshalled != nil || d != line || row.Erased {
		return v.unlessErased(row.From, lineNamed(row.From), row.Key+": the version says other than its sealed line")
	}
	return nil
}

// unlessErased finds what an erasure since the line was read does not explain.
func (v *here) unlessErased(seq sextant.Seq, where, what string) error {
	return v.Store.View(v.ctx, v.org, func(tx register.ReadTx) error {
		line, err := tx.Journal(seq, 1, "", "")
		if err == nil && (len(line) == 0 || line[0].Seq != seq || line[0].Erased == 0) {
			v.find(seq, where, what)
		}
		return err
	})
}

// fitting holds what lists read against the versions.
func (v *here) fitting(ctx context.Context) error {
	return v.Store.Misfits(ctx, v.org, v.end, func(seq sextant.Seq, key, what string) error {
		v.find(seq, lineNamed(seq), key+": "+what)
		return nil
	})
}

// filed reads every file, and looks for those that lines cite.
func (v *here) filed(ctx context.Context) error {
	if v.Files == nil {
		return nil
	}
	if err := v.Files.Each(v.org, func(sum string) error {
		v.report.Files++
		delete(v.files, sum)
		return v.file(ctx, sum)
	}); err != nil {
		return err
	}
	for _, sum := range slices.Sorted(maps.Keys(v.files)) {
		if err := v.unlessErased(v.files[sum], "file "+sum, fmt.Sprintf("it is missing; line %d cites it", v.files[sum])); err != nil {
			return err
		}
	}
	return nil
}

func (v *here) file(ctx context.Context, sum string) error {
	content, err := v.Files.Open(ctx, v.org, sum)
	if sextant.CodeOf(err) == sextant.NotFound {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	defer content.Close()
	h := sha256.New()
	if _, err := io.Copy(h, content); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != sum {
		v.find(0, "file "+sum, "it does not have the hash it is named by")
	}
	return nil
}
