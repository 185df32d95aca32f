// SPDX-License-Identifier: Apache-2.0

package register

import (
	"context"
	"io"
	"path"
	"strings"

	"sextant"
	"sextant/access"
)

// Comment is a remark on any entry.
type Comment struct {
	Subject  string   `json:"subject" is:"ref required keep" to:"any" label:"On"`
	Text     string   `json:"text" is:"markdown required title personal" label:"Comment"`
	Author   string   `json:"author" is:"person owner keep" label:"Author"`
	Mentions []string `json:"mentions" is:"person keep" label:"Mentions"`
}

// Comments is the register of remarks. Editing one makes a version; the old
// text stays readable.
var Comments = Declare[Comment](Definition{
	Name: "comment", Plural: "comments", Prefix: "CMT", Title: "Comment",
	Purpose: "Remarks on entries, with mentions.", Retention: "cycle",
	Lifecycle: recorded(),
}, nil)

// Attachment is a file hung on any entry. It becomes evidence only when cited
// as such.
type Attachment struct {
	Subject    string         `json:"subject" is:"ref required keep" to:"any" label:"On"`
	File       map[string]any `json:"file" is:"file required personal" label:"File"`
	Title      string         `json:"title" is:"text title personal" label:"Title"`
	UploadedBy string         `json:"uploaded_by" is:"person owner keep" label:"Uploaded by"`
	Rendering  *float64       `json:"rendering" is:"number derived" label:"Rendering of version" help:"The program wrote this file from that version of the entry. It is kept as it is."`
}

// Attachments is the register of files.
var Attachments = Declare[Attachment](Definition{
	Name: "attachment", Plural: "attachments", Prefix: "ATM", Title: "Attachment",
	Purpose: "Files beside entries, kept by their SHA-256.", Retention: "cycle",
	Lifecycle: attached(),
}, nil)

// attached is recorded, and beside it the state of what the program rendered.
// It is not closed: a rendering is kept as long as what it is of.
func attached() Lifecycle {
	l := recorded()
	l.States = append(l.States, State{Name: kept, Label: "Kept", Freeze: &Freeze{}})
	return l
}

// recorded is the lifecycle of what is written once; a wrong one is voided with
// a reason and stays readable.
func recorded() Lifecycle {
	return Lifecycle{
		Initial: "recorded",
		States:  []State{{Name: "recorded", Label: "Recorded"}, {Name: "voided", Label: "Voided", Closed: true, Freeze: &Freeze{}}},
		Transitions: []Transition{{Name: "void", Label: "Void", From: []string{"recorded"}, To: "voided",
			Who: []string{string(access.ISMSManager), "owner"}, NeedsReason: true}},
	}
}

// Attach keeps a file's bytes and hangs them on an entry. The bytes are stored
// before the organisation's lock is taken, so a slow upload holds up nobody; if
// the entry cannot take the file they stay unreferenced until the next clean-up.
func (k *Kernel) Attach(ctx context.Context, actor access.Actor, register, key, name, mediaType string, content io.Reader) (e Entry, err error) {
	if k.config.Blobs == nil {
		return e, sextant.Errorf(sextant.Unavailable, "this installation keeps no files")
	}
	if err := access.May(actor, access.Comment, access.Subject{Register: register}, k.Now()); err != nil {
		return e, err
	}
	sum, size, err := k.config.Blobs.Put(ctx, actor.Organisation, content)
	if err != nil {
		return e, err
	}
	err = k.Write(ctx, actor, func(tx *Tx) (err error) {
		e, err = tx.Attach(register, key, Stored{name, mediaType, size, sum}, Note{})
		return err
	})
	return e, err
}

// Stored is a file whose bytes are in Blobs already.
type Stored struct {
	Name, MediaType string
	Size            int64
	SHA256          string
}

// Attach hangs a file on an entry, in the transaction of what it belongs to.
func (tx *Tx) Attach(register, key string, f Stored, note Note) (e Entry, err error) {
	if _, err := tx.Entry(register, key); err != nil {
		return e, err
	}
	name := SafeName(f.Name)
	return tx.Create(Attachments.Name, map[string]any{
		"subject": key, "title": name, "uploaded_by": tx.actor.Person,
		"file": map[string]any{"name": name, "type": f.MediaType, "size": float64(f.Size), "sha256": f.SHA256},
	}, note)
}

// SafeName keeps the last element of a file's name, without control characters
// and without what systems give a meaning to.
func SafeName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`"<>|:*?`, r) {
			return '_'
		}
		return r
	}, name)
	if name == "." || name == "/" || name == "" {
		return "file"
	}
	return clip(name)
}
