// SPDX-License-Identifier: Apache-2.0

// Package custody looks after an installation's data as a whole: backups that
// any store can be filled from, and erasures with the files and the free pages
// they leave behind. It decides neither what is kept for how long nor what a
// person may read; it asks access who may call it.
package custody

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"sextant"
	"sextant/access"
	"sextant/internal/store"
	"sextant/register"
)

// Store is what is needed of a database.
type Store interface {
	Dump(ctx context.Context, w io.Writer) error
	Compact(ctx context.Context) error
	Organisations(ctx context.Context) ([]store.Organisation, error)
	// Note seals a line about the installation in an organisation's log; LastNote
	// gives the newest of a kind, nil where there is none.
	Note(ctx context.Context, org sextant.Organisation, kind string, line []byte) error
	LastNote(ctx context.Context, org sextant.Organisation, kind string) (at sextant.Instant, line []byte, err error)
}

// Files are the blobs of all organisations.
type Files interface {
	register.Blobs
	Each(org sextant.Organisation, fn func(sum string) error) error
}

// Custody looks after the data. It is safe for concurrent use.
type Custody struct {
	Store  Store
	Files  Files
	Kernel *register.Kernel
}

// Taken says when somebody last took a backup, the zero value: never.
type Taken struct {
	At sextant.Instant
	By string // as recorded
}

const backupKind = "backup"

// LastBackup tells when a backup was last taken, by the page or the command.
func (c *Custody) LastBackup(ctx context.Context, org sextant.Organisation) (Taken, error) {
	at, line, err := c.Store.LastNote(ctx, org, backupKind)
	if err != nil || line == nil {
		return Taken{}, err
	}
	var note struct{ By string }
	err = json.Unmarshal(line, &note)
	return Taken{at, note.By}, err
}

// Backup writes a backup for an actor who operates the installation, and
// records in every organisation that it was taken. It holds every organisation:
// where there are several, only somebody at the machine's shell may take it.
func (c *Custody) Backup(ctx context.Context, actor access.Actor, w io.Writer) error {
	if err := c.MayBackUp(ctx, actor); err != nil {
		return err
	}
	if err := c.Write(ctx, w); err != nil {
		return err
	}
	line, err := json.Marshal(map[string]string{"by": actor.Name})
	if err != nil {
		return fmt.Errorf("backup line: %w", err)
	}
	all, err := c.Store.Organisations(ctx)
	for _, o := range all {
		if err == nil {
			err = c.Store.Note(ctx, o.Number, backupKind, line)
		}
	}
	return err
}

// MayBackUp says whether an actor may take a backup; the error says who may.
func (c *Custody) MayBackUp(ctx context.Context, actor access.Actor) error {
	if err := access.May(actor, access.Operate, access.Subject{}, c.Kernel.Now()); err != nil {
		return err
	}
	all, err := c.Store.Organisations(ctx)
	if err == nil && len(all) > 1 && !actor.Holds(access.Operator) {
		return sextant.Errorf(sextant.Denied, "a backup holds every organisation of this installation").WithHint("whoever runs the machine takes it: sextant backup")
	}
	return err
}

// erasedAtOnce bounds how long the organisation's writers wait.
const erasedAtOnce = 100

// Erase runs an erasure, and then removes the files nothing cites any more and
// what lingers in the database's free pages. The kernel asks whether the actor
// may.
func (c *Custody) Erase(ctx context.Context, actor access.Actor, fn func(*register.Tx) ([]register.ErasureReport, error)) (reports []register.ErasureReport, err error) {
	if err := c.Kernel.Write(ctx, actor, func(tx *register.Tx) (err error) { reports, err = fn(tx); return err }); err != nil {
		return reports, err
	}
	for _, report := range reports {
		for _, sum := range report.Files {
			if err := c.Files.Remove(ctx, actor.Organisation, sum); err != nil {
				return reports, err
			}
		}
	}
	return reports, c.Store.Compact(ctx)
}

// EraseDue erases everything whose retention has ended and that no legal hold
// keeps. It gives how many entries it took.
func (c *Custody) EraseDue(ctx context.Context, actor access.Actor) (n int, err error) {
	for {
		reports, err := c.Erase(ctx, actor, func(tx *register.Tx) ([]register.ErasureReport, error) { return tx.EraseDue(erasedAtOnce) })
		n += len(reports)
		if err != nil || len(reports) < erasedAtOnce {
			return n, err
		}
	}
}
