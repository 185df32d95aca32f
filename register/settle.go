// SPDX-License-Identifier: Apache-2.0

package register

import (
	"slices"

	"sextant"
	"sextant/access"
)

// Changed is one write of one entry of a register that settles, in the order
// of the writes. Before is nil for a new entry, After for a deleted one. Both
// hold all fields, whatever the actor may see.
type Changed struct {
	Key           string
	Before, After *Entry
}

// progress is what one transaction knows of itself while it writes.
type progress struct {
	changed  map[string][]Changed // by register; of those that settle
	kept     map[string]any       // see Kept
	writes   map[string]int       // by register; see KeptWhile
	settling bool
}

// Kept gives what compute gave before in this transaction, so that a rule about
// many entries reads them once however many it judges. Whoever keeps something
// brings it up to date with ChangedIn. Where nothing is being written it is
// computed.
func Kept[T any](r Reader, name string, compute func() (T, error)) (T, error) {
	p := r.under()
	if p == nil {
		return compute()
	}
	if known, ok := p.kept[name]; ok {
		return known.(T), nil
	}
	value, err := compute()
	if err == nil {
		p.kept[name] = value
	}
	return value, err
}

// KeptWhile is Kept for what follows from some registers, where it would be more
// work to bring it up to date than to read it again: it is computed anew once
// this transaction wrote in one of which follows says so. An erasure counts as a
// write in every register. Like what is recalled, it must not be changed.
func KeptWhile[T any](r Reader, name string, follows func(register string) bool, compute func() (T, error)) (T, error) {
	p := r.under()
	if p == nil {
		return compute()
	}
	type dated struct {
		value  T
		writes int
	}
	writes := p.written(follows)
	if known, ok := p.kept[name].(dated); ok && known.writes == writes {
		return known.value, nil
	}
	value, err := compute()
	if err == nil && p.written(follows) == writes {
		p.kept[name] = dated{value, writes}
	}
	return value, err
}

// erasures stands for every register in what was written.
const erasures = ""

func (p *progress) written(of func(register string) bool) (n int) {
	for register, writes := range p.writes {
		if register == erasures || of(register) {
			n += writes
		}
	}
	return n
}

// ChangedIn gives what this transaction wrote in a register that settles so
// far, in order.
func ChangedIn(r Reader, register string) []Changed {
	if p := r.under(); p != nil {
		return p.changed[register]
	}
	return nil
}

func (v *View) under() *progress { return v.progress }

// noteChange remembers a write for Settle, and that there was one for KeptWhile.
func (tx *Tx) noteChange(d draft, after Entry) {
	if tx.progress == nil {
		return
	}
	tx.progress.writes[d.def.Name]++
	if d.def.Settle == nil {
		return
	}
	c := Changed{Key: d.key, Before: d.before}
	if !d.delete {
		c.After = &after
	}
	tx.progress.changed[d.def.Name] = append(tx.progress.changed[d.def.Name], c)
}

// settle lets every register whose entries were written derive what follows.
func (tx *Tx) settle() error {
	if tx.progress.settling {
		return nil
	}
	tx.progress.settling = true
	defer func() { tx.progress.settling = false }()
	for _, def := range tx.kernel.set.definitions {
		if changed := tx.progress.changed[def.Name]; len(changed) > 0 {
			if err := def.Settle(tx, slices.Clone(changed)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Settled writes derived fields of an entry as the program itself, because of
// what became of another one. For Settle: it reads the entry, and writes nothing
// where the fields hold these values already. Errors: Frozen where the entry's
// state lets nobody change them.
func (tx *Tx) Settled(register, key string, values map[string]any, cause string) error {
	before, err := tx.Lookup(register, key)
	if err != nil {
		return err
	}
	program := *tx
	program.actor = access.SystemActor(tx.actor.Organisation, "follows "+cause)
	patch, err := program.parse(before.Register, values)
	if err != nil {
		return err
	}
	for name := range patch {
		if f, _ := before.Register.Field(name); !f.Derived {
			return sextant.Errorf(sextant.Internal, "%s follows nothing: it is no derived field", name)
		}
	}
	_, err = program.edit(before, patch, verbEdit, Note{})
	return err
}

// derivedSince says whether all that became of an entry after a version are
// derived fields and states only the program moves it to: nobody changed it.
func (tx *Tx) derivedSince(def *Definition, key string, version, now int) (bool, error) {
	before, err := tx.version(def, key, version)
	for v := version + 1; err == nil && v <= now; v++ {
		var after Entry
		if after, err = tx.version(def, key, v); err != nil || after.Deleted || after.State != before.State && !def.Lifecycle.byProgram(before.State, after.State) {
			return false, err
		}
		for _, d := range def.differences(before.Doc, after.Doc) {
			if f, _ := def.Field(d.Field); !f.Derived {
				return false, nil
			}
		}
		before = after
	}
	return err == nil, err
}
