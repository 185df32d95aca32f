// SPDX-License-Identifier: Apache-2.0

package register

import (
	"bytes"
	"fmt"
	"slices"

	"sextant"
	"sextant/access"
)

// Renderer writes an entry, as a transition has just left it, into files that
// are kept for ever. It is called inside the writing transaction and holds up
// the organisation's other writers while it works. Everybody who may read the
// entry may read the files: it leaves out what some may not see. An error
// refuses the transition.
type Renderer func(v *View, e Entry) ([]Rendered, error)

// Rendered is one file a renderer wrote.
type Rendered struct {
	Name      string // as people save it; no two of a rendering are called the same
	MediaType string
	Content   []byte
}

// Rendering is one kept file of an entry. Its bytes are in Blobs by SHA256.
type Rendering struct {
	Key       string // of the attachment
	Name      string
	MediaType string
	Size      int64
	SHA256    string
	Version   int // of the entry, that was rendered
}

// kept is the state of attachments that a transition rendered: nobody removes,
// replaces or voids them, and they are erased only with what they belong to.
const kept = "kept"

// render asks for the files of the version a transition just wrote and hangs
// them on it. If the transaction fails later, the bytes stay unreferenced.
func (tx *Tx) render(e Entry, note Note) error {
	renderer := tx.kernel.config.Renderers[e.Register.Name]
	if renderer == nil || tx.kernel.config.Blobs == nil {
		return sextant.Errorf(sextant.Unavailable, "this installation writes no files for %s", e.Register.Titles)
	}
	files, err := renderer(&tx.View, e)
	if err != nil {
		return err
	}
	for i, file := range files {
		if slices.ContainsFunc(files[:i], func(f Rendered) bool { return f.Name == file.Name }) {
			return fmt.Errorf("render %s: two files are called %s", e.Key, file.Name)
		}
		if err := tx.keep(e, file, note); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) keep(e Entry, file Rendered, note Note) error {
	sum, size, err := tx.kernel.config.Blobs.Put(tx.ctx, tx.actor.Organisation, bytes.NewReader(file.Content))
	if err != nil {
		return err
	}
	name, version := SafeName(file.Name), float64(e.Version)
	values, err := docOf(Attachments.Definition, Attachment{Subject: e.Key, Title: name, UploadedBy: tx.actor.Person, Rendering: &version,
		File: map[string]any{"name": name, "type": file.MediaType, "size": float64(size), "sha256": sum}})
	if err != nil {
		return err
	}
	key := ""
	if err := tx.takeKey(Attachments.Definition, &key); err != nil {
		return err
	}
	_, err = tx.save(draft{def: Attachments.Definition, key: key, doc: Doc{}.apply(values), state: kept, verb: verbCreate, note: note})
	return err
}

// Renderings gives the kept files of an entry, in the order they were written.
// Where it was rendered more than once, those of the newest time come last.
func (v *View) Renderings(e Entry) ([]Rendering, error) {
	if err := access.May(v.actor, access.Read, access.Subject{Register: Attachments.Name}, v.kernel.Now()); err != nil {
		return nil, err
	}
	return v.renderings(e)
}

func (v *View) renderings(e Entry) ([]Rendering, error) {
	files, err := Attachments.All(v, Filter{Field: "subject", Op: Is, Values: []string{e.Key}}, Filter{Field: "state", Op: Is, Values: []string{kept}})
	if err != nil {
		return nil, err
	}
	var list []Rendering
	for _, f := range files {
		if f.Fields.Rendering == nil || f.Fields.File == nil {
			continue // erased
		}
		r := Rendering{Key: f.Key, Name: f.Fields.Title, Version: int(*f.Fields.Rendering)}
		r.MediaType, _ = f.Fields.File["type"].(string)
		r.SHA256, _ = f.Fields.File["sha256"].(string)
		size, _ := f.Fields.File["size"].(float64)
		r.Size = int64(size)
		list = append(list, r)
	}
	return list, nil
}

// frozenFile is what a signature says of a kept file.
type frozenFile struct {
	Name    string `json:"name"`
	SHA256  string `json:"sha256"`
	Version int    `json:"version"`
}

func (v *View) frozenFiles(e Entry) (files []frozenFile, err error) {
	if !slices.ContainsFunc(e.Register.Lifecycle.Transitions, func(t Transition) bool { return t.Renders }) {
		return nil, nil
	}
	list, err := v.renderings(e)
	for _, r := range list {
		files = append(files, frozenFile{r.Name, r.SHA256, r.Version})
	}
	return files, err
}
