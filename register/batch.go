// SPDX-License-Identifier: Apache-2.0

package register

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"sextant"
	"sextant/access"
)

// Fate is what becomes of one row of a bulk edit or an import.
type Fate string

// The fates.
const (
	Created   Fate = "created"
	Updated   Fate = "updated"
	Unchanged Fate = "unchanged"
	Refused   Fate = "refused"
)

// Outcome is the fate of one row.
type Outcome struct {
	Row     int            `json:"row,omitempty"` // number in the file; 0 for a bulk edit
	Key     string         `json:"key,omitempty"`
	Title   string         `json:"title,omitempty"`
	Fate    Fate           `json:"fate"`
	Changes []Difference   `json:"changes,omitempty"`
	Refusal *sextant.Error `json:"refusal,omitempty"`
}

// Report is what a bulk edit, an import or their undoing did, or would do.
type Report struct {
	Batch    string       `json:"batch"`
	Counts   map[Fate]int `json:"counts"`
	Outcomes []Outcome    `json:"outcomes"`
}

// NewBatch names a bulk change, so that it can be undone as a whole.
func NewBatch() string { return "B" + rand.Text()[:12] }

func newReport(batch string) Report { return Report{Batch: batch, Counts: map[Fate]int{}} }

func (r *Report) add(o Outcome) {
	r.Counts[o.Fate]++
	r.Outcomes = append(r.Outcomes, o)
}

// refuse keeps a row's refusal. What is no refusal but a broken machine stops
// the whole.
func (r *Report) refuse(o Outcome, err error) error {
	e, ok := errors.AsType[*sextant.Error](err)
	if !ok || e.Code == sextant.Internal || e.Code == sextant.Unavailable {
		return err
	}
	o.Fate, o.Refusal = Refused, e
	r.add(o)
	return nil
}

// BulkEdit sets the same values in every entry of a list, as the actor may: one
// version each, one batch name, one undo. Entries that refuse the change are
// reported and left as they are; the caller decides whether to keep the rest.
// Where the actor may change none of them it is Denied as a whole.
func (tx *Tx) BulkEdit(l List, values map[string]any, note Note) (Report, error) {
	note.Batch = NewBatch()
	report := newReport(note.Batch)
	var keys []string
	if err := tx.Each(l, func(e Entry) error { keys = append(keys, e.Key); return nil }); err != nil {
		return report, err
	}
	if err := tx.Foreseeing(l.Register, keys, func(key string) error { return tx.bulkOne(l.Register, key, values, note, &report) }); err != nil {
		return report, err
	}
	return report, report.denied()
}

// denied gives the refusal where every row was refused for want of a right: who
// may change nothing is told so, and not that something was done.
func (r Report) denied() error {
	for _, o := range r.Outcomes {
		if o.Refusal == nil || o.Refusal.Code != sextant.Denied {
			return nil
		}
	}
	if len(r.Outcomes) == 0 {
		return nil
	}
	return r.Outcomes[0].Refusal
}

func (tx *Tx) bulkOne(register, key string, values map[string]any, note Note, report *Report) error {
	before, err := tx.Lookup(register, key)
	if err != nil {
		return err
	}
	before = tx.visible(before) // the report is read by the one who may not see all
	o := Outcome{Key: key, Title: before.Title()}
	after, err := tx.Edit(register, key, before.Version, values, note)
	if err != nil {
		return report.refuse(o, err)
	}
	o.settle(before, after)
	report.add(o)
	return nil
}

func (o *Outcome) settle(before, after Entry) {
	o.Fate = Updated
	if after.Version == before.Version {
		o.Fate = Unchanged
	}
	o.Changes = before.Register.differences(before.Doc, after.Doc)
}

// UndoBatch takes a bulk edit or an import back: what it created is deleted,
// what it changed gets the fields it had before. An entry changed since is
// refused, by name, and left as it is.
func (tx *Tx) UndoBatch(batch string, note Note) (Report, error) {
	rows, err := tx.tx.Batch(batch)
	if err != nil {
		return Report{}, err
	}
	if len(rows) == 0 {
		return Report{}, sextant.Errorf(sextant.NotFound, "there is no bulk change %q", batch)
	}
	note.Batch = NewBatch()
	note.Why = "undo of " + batch
	report := newReport(note.Batch)
	for i := len(rows) - 1; i >= 0; i-- {
		if err := tx.undoOne(rows[i], note, &report); err != nil {
			return report, err
		}
	}
	return report, report.denied()
}

func (tx *Tx) undoOne(row Row, note Note, report *Report) error {
	o := Outcome{Key: row.Key, Title: row.Title, Fate: Updated}
	now, err := tx.tx.Entry(row.Register, row.Key, sextant.LatestSeq)
	if err != nil {
		return err
	}
	def, err := tx.kernel.set.Named(row.Register)
	if err != nil {
		return err
	}
	untouched, err := tx.derivedSince(def, row.Key, row.Version, now.Version)
	if err != nil {
		return err
	}
	if !untouched {
		return report.refuse(o, sextant.Errorf(sextant.Conflict, "%s was changed again since, by %s", row.Key, now.Actor).WithHint("undo it there"))
	}
	if row.Version == 1 {
		err = tx.takeBack(def, row.Key, now.Version, note)
	} else {
		_, err = tx.Undo(row.Register, row.Key, now.Version, row.Version-1, note)
	}
	if err != nil {
		return report.refuse(o, err)
	}
	report.add(o)
	return nil
}

// takeBack deletes what a batch made. What its state freezes goes only where the
// declaration says so, and nothing was built on it.
func (tx *Tx) takeBack(def *Definition, key string, version int, note Note) error {
	e, err := tx.current(def.Name, key, version)
	if err != nil {
		return err
	}
	state, _ := def.Lifecycle.State(e.State)
	if state.Freeze == nil || !state.Freeze.Undone {
		return tx.Delete(def.Name, key, version, note)
	}
	if err := access.May(tx.actor, access.Delete, tx.subject(def, e.Doc), tx.kernel.Now()); err != nil {
		return err
	}
	links, err := tx.PointingAt(def.Name, key)
	if err == nil && len(links) > 0 {
		err = sextant.Errorf(sextant.Conflict, "%s is referred to by %s already", key, links[0].FromKey)
	}
	if err != nil {
		return err
	}
	return tx.remove(e, note)
}

// Sorted gives the outcomes with the refused ones first, then what is written.
func (r Report) Sorted() []Outcome {
	order := []Fate{Refused, Created, Updated, Unchanged}
	out := slices.Clone(r.Outcomes)
	slices.SortStableFunc(out, func(a, b Outcome) int {
		return cmp.Or(slices.Index(order, a.Fate)-slices.Index(order, b.Fate), a.Row-b.Row)
	})
	return out
}

// Summary says in one line what happened.
func (r Report) Summary() string {
	return fmt.Sprintf("%d created, %d updated, %d unchanged, %d refused", r.Counts[Created], r.Counts[Updated], r.Counts[Unchanged], r.Counts[Refused])
}
