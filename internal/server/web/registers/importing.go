// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"bytes"
	"cmp"
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/interchange/entries"
	"sextant/interchange/table"
	"sextant/internal/server/download"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// maxUpload caps a file people send.
const maxUpload = 64 << 20

// importView is the import page after a dry run.
type importView struct {
	Report      *register.Report
	Notes       []string
	File        page.Upload // waits for the real run where it has a place to
	Error, Hint string
	Status      int // of the answer, 0 = 200
}

func (s *section) importForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawImport(w, r, actor, importView{})
}

func (s *section) drawImport(w http.ResponseWriter, r *http.Request, actor access.Actor, view importView) error {
	def, err := s.Kernel.Set().Named(r.PathValue("register"))
	if err != nil {
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "import.title"))
	p.Path = "/" + def.Plural + "/import"
	s.DrawStatus(w, r, cmp.Or(view.Status, http.StatusOK), importPage(p, def, view))
	return nil
}

// importTry reads the file and shows each row's fate. It keeps the file beside
// only where some row can be written: who may write nothing leaves nothing here.
func (s *section) importTry(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	sent, err := page.Sent(w, r, "file", maxUpload)
	if err != nil {
		return err
	}
	view := importView{File: sent[0]}
	report, file, err := s.importRun(r, actor, view.File, true)
	if err != nil {
		if _, ok := page.StatusOf(err); !ok {
			return err
		}
		view.Status, view.Error, view.Hint = page.Explain(err)
		return s.drawImport(w, r, actor, view)
	}
	view.Report = &report
	view.Notes = file.Notes
	if writable(report) > 0 {
		if err := s.Keep(r.Context(), actor, &view.File); err != nil {
			return err
		}
	}
	return s.drawImport(w, r, actor, view)
}

func (s *section) importWrite(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	kept, err := s.Waiting(r, actor, "", maxUpload)
	if err == nil && len(kept) == 0 {
		err = sextant.Errorf(sextant.NotFound, "the file is no longer here").WithHint("choose it again")
	}
	if err != nil {
		return err
	}
	report, _, err := s.importRun(r, actor, kept[0], false)
	if err != nil {
		return err
	}
	return s.done(w, r, actor, r.PathValue("register"), report)
}

func (s *section) importRun(r *http.Request, actor access.Actor, from page.Upload, dry bool) (report register.Report, file entries.File, err error) {
	def, err := s.Kernel.Set().Named(r.PathValue("register"))
	if err != nil {
		return report, file, err
	}
	if file, err = entries.Read(bytes.NewReader(from.Content), def, table.Unknown); err != nil {
		return report, file, err
	}
	run := s.Kernel.Write
	if dry {
		run = s.Kernel.Rehearse
	}
	err = run(r.Context(), actor, func(tx *register.Tx) (err error) {
		report, err = entries.Import(tx, def, file, register.Note{Why: "import of " + from.Name})
		return err
	})
	return report, file, err
}

func (s *section) export(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	l, err := listOf(r)
	if err != nil {
		return err
	}
	return download.List(w, actor, l, r.URL.Query().Get("format"), func(fn func(*register.View) error) error { return s.Read(r, actor, fn) })
}

// attach hangs an uploaded file on an entry.
func (s *section) attach(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	sent, err := page.Sent(w, r, "file", maxUpload)
	if err != nil {
		return err
	}
	if _, err := s.Kernel.Attach(r.Context(), actor, r.PathValue("register"), r.PathValue("key"), sent[0].Name, http.DetectContentType(sent[0].Content), bytes.NewReader(sent[0].Content)); err != nil {
		return err
	}
	http.Redirect(w, r, back(r)+"#files", http.StatusSeeOther)
	return nil
}
