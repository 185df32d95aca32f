// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"io"
	"net/http"

	"sextant/access"
	"sextant/interchange/entries"
	"sextant/interchange/table"
	"sextant/internal/server/download"
	"sextant/register"
)

// export gives exactly the filtered list as a file.
func (a *api) export(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	l, err := listOf(r)
	if err != nil {
		return err
	}
	return download.List(w, actor, l, r.URL.Query().Get("format"), func(fn func(*register.View) error) error { return a.view(r, actor, fn) })
}

// importFile takes a file as the request's body. dry_run=true changes nothing;
// accept_refused=true goes on without the refused rows.
func (a *api) importFile(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	def, err := a.Kernel.Set().Named(r.PathValue("register"))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	format := table.Unknown
	if q.Get("format") != "" {
		if format, err = table.ParseFormat(q.Get("format")); err != nil {
			return err
		}
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFile))
	if err != nil {
		return badBody(err)
	}
	file, err := entries.Read(bytes.NewReader(content), def, format)
	if err != nil {
		return err
	}
	return a.batch(w, r, actor, q.Get("dry_run") == "true", q.Get("accept_refused") == "true", func(tx *register.Tx) (register.Report, error) {
		return entries.Import(tx, def, file, register.Note{Why: q.Get("reason")})
	})
}
