// SPDX-License-Identifier: Apache-2.0

package register

import (
	"fmt"
	"maps"
	"slices"

	"sextant"
	"sextant/access"
)

// Tx writes in one organisation. Everything a Tx did becomes durable together,
// when the function it was given to returns nil, or not at all.
type Tx struct {
	View
	w        WriteTx
	written  map[string]bool // registers of which entries were written
	standing map[string]bool // entries found to be there: an import points at the same few again and again
}

// Program writes with the program's own right what follows from something the
// actor may do, such as the rows of a campaign they start. The journal keeps the
// actor's name. Callers ask first whether the actor may do the thing itself.
func (tx *Tx) Program() *Tx {
	program := *tx
	program.actor.Roles = append(slices.Clone(tx.actor.Roles), access.System)
	program.actor.Scope = nil
	return &program
}

// Note says why, and as part of what, something is written.
type Note struct {
	Why   string // recorded with the version
	Batch string // the bulk edit or import it belongs to
}

// verbs as journalled.
const (
	verbCreate = "create"
	verbEdit   = "edit"
	verbMove   = "move"
	verbDelete = "delete"
	verbUndo   = "undo"
	verbErase  = "erase"
)

// draft is one version on its way into the store.
type draft struct {
	def    *Definition
	before *Entry // nil for a new entry
	key    string
	doc    Doc
	state  string
	verb   string
	note   Note
	sign   Decision
	delete bool
}

// Now is the moment this transaction's versions carry.
func (tx *Tx) Now() sextant.Instant { return tx.w.Now() }

// Create makes a new entry from values as people, files and programs give them.
// It returns the entry as stored, or an Error that names every refused field.
func (tx *Tx) Create(register string, values map[string]any, note Note) (Entry, error) {
	return tx.CreateAs(register, "", values, note)
}

// CreateAs is Create with a key the caller brings along, from a file that
// identifies entries by key. "" draws the next one.
func (tx *Tx) CreateAs(register, key string, values map[string]any, note Note) (Entry, error) {
	def, err := tx.kernel.set.Named(register)
	if err != nil {
		return Entry{}, err
	}
	doc, err := tx.parse(def, values)
	if err != nil {
		return Entry{}, err
	}
	for _, f := range def.Fields {
		if _, given := doc[f.Key]; !given && f.Default != nil {
			doc[f.Key] = f.Default
		}
	}
	doc = Doc{}.apply(doc)
	if err := tx.mayCreate(def, doc); err != nil {
		return Entry{}, err
	}
	if err := tx.takeKey(def, &key); err != nil {
		return Entry{}, err
	}
	return tx.save(draft{def: def, key: key, doc: doc, state: def.Lifecycle.Initial, verb: verbCreate, note: note})
}

func (tx *Tx) mayCreate(def *Definition, doc Doc) error {
	if def.WrittenBy != "" && !tx.actor.Holds(def.WrittenBy) {
		return sextant.Errorf(sextant.Denied, "%s is written by the program only", def.Titles)
	}
	verb := access.Create
	if def.Group == "" && slices.Contains([]string{"comment", "attachment"}, def.Name) {
		verb = access.Comment
	}
	return access.May(tx.actor, verb, tx.subject(def, doc), tx.kernel.Now())
}

// takeKey draws a key, or checks one that was brought along.
func (tx *Tx) takeKey(def *Definition, key *string) error {
	if *key == "" {
		n, err := tx.w.NextKey(def.Prefix)
		*key = fmt.Sprintf("%s-%d", def.Prefix, n)
		return err
	}
	var n int
	if read, err := fmt.Sscanf(*key, def.Prefix+"-%d", &n); err != nil || read != 1 || fmt.Sprintf("%s-%d", def.Prefix, n) != *key {
		return sextant.Errorf(sextant.Invalid, "%q is no key of %s; they look like %s-12", *key, def.Titles, def.Prefix).At("key")
	}
	if row, err := tx.tx.Entry(def.Name, *key, sextant.LatestSeq); err == nil {
		return sextant.Errorf(sextant.Conflict, "%s exists already%s", *key, deletedWord(row)).At("key")
	}
	return tx.w.SkipKeys(def.Prefix, n)
}

func deletedWord(row Row) string {
	if row.Deleted {
		return ", deleted; keys are never used again"
	}
	return ""
}

// Edit changes fields: what values names is set (nil or "" clears), the rest
// stays. version is the one the caller saw (If-Match); 0 takes whatever stands.
// An edit that changes nothing writes nothing.
func (tx *Tx) Edit(register, key string, version int, values map[string]any, note Note) (Entry, error) {
	before, err := tx.current(register, key, version)
	if err != nil {
		return Entry{}, err
	}
	patch, err := tx.parse(before.Register, values)
	if err != nil {
		return Entry{}, err
	}
	return tx.edit(before, patch, verbEdit, note)
}

func (tx *Tx) edit(before Entry, patch Doc, verb string, note Note) (Entry, error) {
	def := before.Register
	if err := access.May(tx.actor, access.Edit, tx.subject(def, before.Doc), tx.kernel.Now()); err != nil {
		return Entry{}, err
	}
	next := before.Doc.apply(patch)
	if next.equal(before.Doc) {
		return tx.visible(before), nil
	}
	if err := tx.notFrozen(before, next, nil); err != nil {
		return Entry{}, err
	}
	return tx.save(draft{def: def, before: &before, key: before.Key, doc: next, state: before.State, verb: verb, note: note})
}

// current reads an entry for writing and compares the version the caller saw.
func (tx *Tx) current(register, key string, version int) (Entry, error) {
	e, err := tx.Lookup(register, key)
	if err != nil {
		return Entry{}, err
	}
	if version != 0 && version != e.Version {
		return Entry{}, sextant.Errorf(sextant.Conflict, "%s was changed by %s since you opened it (you saw version %d, now it is %d)", e.Key, e.Actor, version, e.Version).
			WithHint("compare the two, then save again")
	}
	return e, nil
}

// foreseenAtOnce is how many entries are read ahead: their documents are held in
// memory until they are written.
const foreseenAtOnce = 500

// Foreseeing calls fn for each key, in their order, with the entry of a register
// read together with those that come next: for who goes on to write them all.
func (tx *Tx) Foreseeing(register string, keys []string, fn func(key string) error) error {
	def, err := tx.kernel.set.Named(register)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(keys, foreseenAtOnce) {
		if err := tx.w.Foresee(def.Name, some); err != nil {
			return err
		}
		for _, key := range some {
			if err := fn(key); err != nil {
				return err
			}
		}
	}
	return nil
}

// notFrozen refuses a change to what the entry's state, or its parent's state,
// has frozen. allowed are the input fields of a transition under way.
func (tx *Tx) notFrozen(before Entry, next Doc, allowed []string) error {
	def := before.Register
	for _, d := range def.differences(before.Doc, next) {
		if def.Lifecycle.Freezes(before.State, d.Field) && !slices.Contains(allowed, d.Field) {
			return sextant.Errorf(sextant.Frozen, "%s is %s and can no longer be changed", before.Key, before.State).At(d.Field).
				WithHint("a correction is a new entry")
		}
	}
	return tx.parentNotFrozen(def, before.Doc)
}

func (tx *Tx) parentNotFrozen(def *Definition, doc Doc) error {
	if def.Parent == "" {
		return nil
	}
	parent, err := tx.Lookup(def.ParentRegister(), doc.Text(def.Parent))
	if err != nil {
		return err
	}
	if state, _ := parent.Register.Lifecycle.State(parent.State); state.Freeze != nil && !slices.Contains(state.Freeze.Except, def.Name) {
		return sextant.Errorf(sextant.Frozen, "%s belongs to %s, which is %s", def.Title, parent.Key, parent.State)
	}
	return nil
}

// Delete leaves a tombstone: the history stays readable, the key is never used
// again. References decide what happens to those who point here.
func (tx *Tx) Delete(register, key string, version int, note Note) error {
	before, err := tx.current(register, key, version)
	if err != nil {
		return err
	}
	if err := access.May(tx.actor, access.Delete, tx.subject(before.Register, before.Doc), tx.kernel.Now()); err != nil {
		return err
	}
	if state, _ := before.Register.Lifecycle.State(before.State); state.Freeze != nil {
		return sextant.Errorf(sextant.Frozen, "%s is %s and cannot be deleted", key, before.State)
	}
	return tx.remove(before, note)
}

// remove deletes an entry that may go, by the rights of the actor and its state.
func (tx *Tx) remove(before Entry, note Note) error {
	def := before.Register
	if err := tx.parentNotFrozen(def, before.Doc); err != nil {
		return err
	}
	if err := tx.releaseReferences(before, note); err != nil {
		return err
	}
	_, err := tx.save(draft{def: def, before: &before, key: before.Key, doc: before.Doc, state: before.State, verb: verbDelete, note: note, delete: true})
	return err
}

// releaseReferences applies each reference's policy before its target goes.
func (tx *Tx) releaseReferences(target Entry, note Note) error {
	links, err := tx.PointingAt(target.Register.Name, target.Key)
	if err != nil {
		return err
	}
	var holders []string
	for _, link := range links {
		def, err := tx.kernel.set.Named(link.FromRegister)
		if err != nil {
			return err
		}
		f, _ := def.Field(link.Field)
		switch f.OnDelete {
		case Restrict:
			holders = append(holders, link.FromKey+" ("+f.Label+")")
		case Detach:
			if err := tx.detach(link, f, note); err != nil {
				return err
			}
		}
	}
	if len(holders) > 0 {
		return sextant.Errorf(sextant.Conflict, "%s is still referred to by %s", target.Key, joined(holders)).
			WithHint("change those first, or retire the entry instead of deleting it")
	}
	return nil
}

func (tx *Tx) detach(link Link, f Field, note Note) error {
	from, err := tx.Lookup(link.FromRegister, link.FromKey)
	if err != nil {
		return err
	}
	rest := slices.DeleteFunc(from.Doc.Strings(f.Key), func(key string) bool { return key == link.ToKey })
	value, err := f.Parse(rest)
	if err != nil {
		return err
	}
	if f.Required && value == nil {
		return sextant.Errorf(sextant.Conflict, "%s needs %s", from.Key, f.Label).WithHint("choose another one there first")
	}
	next := from.Doc.apply(Doc{f.Key: value})
	if err := tx.notFrozen(from, next, nil); err != nil {
		return err
	}
	note.Why = "reference to " + link.ToKey + " removed with it"
	_, err = tx.save(draft{def: from.Register, before: &from, key: from.Key, doc: next, state: from.State, verb: verbEdit, note: note})
	return err
}

// Undo writes the fields of an earlier version as a new one. State, approvals,
// signatures, secrets and permissions are never undone this way.
func (tx *Tx) Undo(register, key string, version, to int, note Note) (Entry, error) {
	before, err := tx.current(register, key, version)
	if err != nil {
		return Entry{}, err
	}
	earlier, err := tx.version(before.Register, key, to)
	if err != nil {
		return Entry{}, err
	}
	patch := Doc{}
	for _, f := range before.Register.Fields {
		if f.Kind != Secret && !f.Derived {
			patch[f.Key] = earlier.Doc[f.Key]
		}
	}
	if note.Why == "" {
		note.Why = fmt.Sprintf("back to version %d", to)
	}
	return tx.edit(before, patch, verbUndo, note)
}

// parse reads values and refuses what the actor may not set.
func (tx *Tx) parse(def *Definition, values map[string]any) (Doc, error) {
	doc, err := parseAll(def.Fields, values)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(doc)) {
		f, _ := def.Field(key)
		if f.Derived && !tx.actor.Holds(access.System) {
			return nil, f.refuse("is filled by the program and cannot be typed")
		}
		if err := access.May(tx.actor, access.Read, access.Subject{Restricted: f.Readers}, tx.kernel.Now()); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

// subject describes an entry to the one who decides.
func (tx *Tx) subject(def *Definition, doc Doc) access.Subject {
	s := access.Subject{Register: def.Name, OpenTo: def.OpenTo, Own: def.Own}
	for _, f := range def.Fields {
		if f.Kind == Person && f.Names {
			s.People = append(s.People, doc.Strings(f.Key)...)
		}
	}
	return s
}
