// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/proof"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
)

// keysView is what stands for the record.
type keysView struct {
	PublicKey   string
	Fingerprint string
	Signed      int64 // lines the last checkpoint covers, 0 = never signed
	SignedAt    sextant.Instant
	Anchor      proof.Anchor
	MayOperate  bool
	Now         sextant.Instant
	Problem     page.Problem
}

func (s *section) keys(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawKeys(w, r, actor, page.Problem{})
}

func (s *section) drawKeys(w http.ResponseWriter, r *http.Request, actor access.Actor, problem page.Problem) (err error) {
	if err := s.may(actor, access.Inspect); err != nil {
		return err
	}
	view := keysView{Fingerprint: s.Fingerprint, MayOperate: s.allows(actor, access.Operate), Now: s.Kernel.Now(), Problem: problem}
	if view.PublicKey, err = s.Log.PublicKey(r.Context(), actor.Organisation); err != nil {
		return err
	}
	if view.Signed, view.SignedAt, err = s.Log.LastCheckpoint(r.Context(), actor.Organisation); err != nil {
		return err
	}
	if view.Anchor, err = s.Log.LastAnchored(r.Context(), actor.Organisation); err != nil {
		return err
	}
	s.DrawStatus(w, r, max(problem.Status, http.StatusOK), keysPage(s.Page(r, actor, message.T(r.Context(), "keys.title")), view))
	return nil
}

// checkpoint signs the log and hands the checkpoint to whoever asks: from then
// on it lies outside this machine, and is recorded so.
func (s *section) checkpoint(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var signed []byte
	if _, err := s.Log.Anchor(r.Context(), actor, "download", func(note []byte) error { signed = note; return nil }); err != nil {
		return err
	}
	return attach(w, "text/plain; charset=utf-8", "sextant-"+today(s.Kernel.Now())+".checkpoint", signed)
}

func today(now sextant.Instant) string { return now.Time().Format("20060102-1504") }

// pack gives the sealed log with its files. It holds everything, so it asks who
// is there once more.
func (s *section) pack(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.may(actor, access.Operate); err != nil {
		return err
	}
	if err := s.proved(r); err != nil {
		if problem, ok := page.ProblemOf(err); ok {
			return s.drawKeys(w, r, actor, problem)
		}
		return err
	}
	return s.download(w, r, "sextant-package-"+today(s.Kernel.Now())+".zip", func(f io.Writer) error { return s.Log.Package(r.Context(), actor.Organisation, f) })
}

// download writes a file beside first, so that what arrives is whole or is an
// error.
func (s *section) download(w http.ResponseWriter, r *http.Request, name string, write func(io.Writer) error) error {
	file, err := os.CreateTemp("", "sextant-*")
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if err := write(file); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	http.ServeContent(w, r, name, time.Time{}, file)
	return nil
}
