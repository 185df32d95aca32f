// SPDX-License-Identifier: Apache-2.0

package register

import (
	"context"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
)

// View reads an organisation at one position of its log, as one actor may see
// it. It lives as long as the function it was given to.
type View struct {
	kernel  *Kernel
	ctx     context.Context //nolint:containedctx // a View is a transaction: it lives as long as one call
	actor   access.Actor
	tx      ReadTx
	seq     sextant.Seq
	moment  sextant.Instant
	titles  map[string]string
	awaited []string // references of the page read last
	recalls bool     // answers may be recalled: nothing is being written

	progress *progress // of the transaction that writes, nil for reading
}

// Reader is what rules across entries read with: everything in the
// organisation, whatever the acting person may see, at the view's position.
type Reader interface {
	Lookup(register, key string) (Entry, error)
	Select(register string, filters ...Filter) ([]Entry, error)
	CountOf(register string, filters ...Filter) (int, error)
	PointingAt(register, key string) ([]Link, error)
	// Walk gives every entry that meets the filters, one after the other, until
	// fn fails: for rules about the whole of a register.
	Walk(register string, fn func(Entry) error, filters ...Filter) error
	Now() sextant.Instant
	Actor() access.Actor

	under() *progress
}

var _ Reader = (*View)(nil)

// Mails says whether this installation sends mail, so that nothing is queued
// that nobody would send.
func (v *View) Mails() bool { return v.kernel.config.Mail }

// Context is the one the view was opened with.
func (v *View) Context() context.Context { return v.ctx }

// Actor is who reads.
func (v *View) Actor() access.Actor { return v.actor }

// Beneath is the store's own transaction, for packages that keep data beside the
// registers in the same store and want the same snapshot.
func (v *View) Beneath() ReadTx { return v.tx }

// At is the log position that is read; sextant.LatestSeq for now.
func (v *View) At() sextant.Seq { return v.seq }

// Moment is the past instant that is shown, 0 for now.
func (v *View) Moment() sextant.Instant { return v.moment }

// Head is the newest position of the organisation's log and when it was written.
func (v *View) Head() (sextant.Seq, sextant.Instant, error) { return v.tx.Head() }

// Set gives the registers.
func (v *View) Set() *Set { return v.kernel.set }

// Now is the moment that is shown, or the clock's.
func (v *View) Now() sextant.Instant {
	if v.moment != 0 {
		return v.moment
	}
	return v.kernel.Now()
}

// Entry gives one entry. A missing one, a deleted one and one of another
// organisation give the same NotFound.
func (v *View) Entry(register, key string) (Entry, error) {
	def, err := v.readable(register)
	if err != nil {
		return Entry{}, err
	}
	e, err := v.Lookup(def.Name, key)
	if err != nil {
		return Entry{}, err
	}
	return v.visible(e), nil
}

// Lookup gives one entry whatever the actor may see; for rules and guards.
func (v *View) Lookup(register, key string) (Entry, error) {
	def, err := v.kernel.set.Named(register)
	if err != nil {
		return Entry{}, err
	}
	row, err := v.tx.Entry(def.Name, key, v.seq)
	if err != nil && sextant.CodeOf(err) != sextant.NotFound {
		return Entry{}, err
	}
	if err != nil || row.Deleted {
		return Entry{}, sextant.Errorf(sextant.NotFound, "there is no %s %q", def.Title, key)
	}
	return def.entry(row)
}

func (v *View) readable(register string) (*Definition, error) {
	def, err := v.kernel.set.Named(register)
	if err != nil {
		return nil, err
	}
	return def, access.May(v.actor, access.Read, access.Subject{Register: def.Name}, v.kernel.Now())
}

// visible takes out the fields the actor may not see and names them.
func (v *View) visible(e Entry) Entry {
	for _, f := range e.Register.Fields {
		if v.maySee(f) {
			continue
		}
		if len(e.Hidden) == 0 {
			e.Doc = e.Doc.Clone()
		}
		delete(e.Doc, f.Key)
		e.Hidden = append(e.Hidden, f.Key)
	}
	return e
}

func (v *View) maySee(f Field) bool {
	return len(f.Readers) == 0 || v.actor.Holds(f.Readers...) || v.actor.Holds(access.System)
}

// Fields gives the fields of a register the actor may see.
func (v *View) Fields(def *Definition) []Field {
	return slices.DeleteFunc(slices.Clone(def.Fields), func(f Field) bool { return !v.maySee(f) })
}

// Links gives what an entry points at.
func (v *View) Links(e Entry) ([]Link, error) {
	links, err := v.tx.Links(e.Register.Name, e.Key, v.seq)
	return slices.DeleteFunc(links, func(l Link) bool { return slices.Contains(e.Hidden, l.Field) }), err
}

// backLinkLimit caps how many references to one entry are shown at once; the
// lists behind them page.
const backLinkLimit = 500

// BackLinks gives what points at an entry, through fields the actor may see.
func (v *View) BackLinks(e Entry) ([]Link, error) {
	links, err := v.PointingAt(e.Register.Name, e.Key)
	return slices.DeleteFunc(links, func(l Link) bool {
		def, err := v.kernel.set.Named(l.FromRegister)
		if err != nil {
			return true
		}
		f, known := def.Field(l.Field)
		return !known || !v.maySee(f)
	}), err
}

// PointingAt gives every reference to an entry, for rules.
func (v *View) PointingAt(register, key string) ([]Link, error) {
	return v.tx.BackLinks(register, key, v.seq, backLinkLimit)
}

// Who names a recorded actor as people know them: a person by their entry's
// title as of the view, everybody else as recorded.
func (v *View) Who(actor string) string {
	if key, ok := strings.CutPrefix(actor, "person:"); ok {
		return v.TitleOf("person", key)
	}
	return actor
}
