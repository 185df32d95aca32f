// SPDX-License-Identifier: Apache-2.0

// Package download sends files: those people brought, which are foreign, so that a
// browser keeps them and never runs or shows them as a page of ours; and lists as
// sheets.
package download

import (
	"bytes"
	"io"
	"mime"
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/interchange/entries"
	"sextant/interchange/table"
	"sextant/register"
)

// List sends exactly the entries of a list in the format that is named; read opens
// the moment they are read at. Denied where the actor may not export them. Nothing
// is sent before all of it is there.
func List(w http.ResponseWriter, actor access.Actor, l register.List, named string, read func(func(*register.View) error) error) error {
	format, err := table.ParseFormat(named)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := read(func(v *register.View) error {
		if err := access.May(actor, access.Export, access.Subject{Register: l.Register}, v.Now()); err != nil {
			return err
		}
		return entries.Export(&out, v, l, format)
	}); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", format.MediaType())
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": l.Register + "." + string(format)}))
	h.Set("X-Content-Type-Options", "nosniff")
	_, err = out.WriteTo(w)
	return err
}

// Kept sends the file a field of an entry names; who may have it was asked before.
// NotFound where its bytes are no
// longer kept, as after an erasure.
func Kept(w http.ResponseWriter, r *http.Request, k *register.Kernel, actor access.Actor, file map[string]any) error {
	sum, _ := file["sha256"].(string)
	name, _ := file["name"].(string)
	gone := sextant.Errorf(sextant.NotFound, "the file is no longer kept")
	if sum == "" || k.Blobs() == nil {
		return gone
	}
	content, err := k.Blobs().Open(r.Context(), actor.Organisation, sum)
	if err != nil {
		return gone
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": register.SafeName(name)}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	_, err = io.Copy(w, content)
	return err
}
