// SPDX-License-Identifier: Apache-2.0

// Package download sends files people brought. They are foreign: a browser keeps
// them and never runs or shows them as a page of ours. Who may have a file was
// asked before.
package download

import (
	"io"
	"mime"
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Kept sends the file a field of an entry names. NotFound where its bytes are no
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
