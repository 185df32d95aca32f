// SPDX-License-Identifier: Apache-2.0

package api

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/internal/server/download"
	"sextant/register"
)

// attach hangs an uploaded file on an entry: multipart with one part "file".
func (a *api) attach(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	part, err := filePart(w, r)
	if err != nil {
		return err
	}
	e, err := a.Kernel.Attach(r.Context(), actor, r.PathValue("register"), r.PathValue("key"), part.FileName(), part.Header.Get("Content-Type"), part)
	if err != nil {
		return err
	}
	return a.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { return a.respond(w, http.StatusCreated, v, e) })
}

func filePart(w http.ResponseWriter, r *http.Request) (*multipart.Part, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxFile)
	reader, err := r.MultipartReader()
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "send the file as multipart/form-data in a part named file")
	}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, sextant.Errorf(sextant.Invalid, "there is no part named file")
		}
		if err != nil {
			return nil, badBody(err)
		}
		if part.FormName() == "file" {
			return part, nil
		}
	}
}

// file gives an attachment's bytes, never to be run or shown inline.
func (a *api) file(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var object map[string]any
	err := a.view(r, actor, func(v *register.View) error {
		e, err := v.Entry("attachment", r.PathValue("key"))
		object, _ = e.Doc["file"].(map[string]any)
		return err
	})
	if err != nil {
		return err
	}
	return download.Kept(w, r, a.Kernel, actor, object)
}
