// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"io"
	"net/http"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// backupView is how backups are taken, and when one was.
type backupView struct {
	At      sextant.Instant
	By      string
	Why     page.Problem // why the actor cannot take one here
	Now     sextant.Instant
	Problem page.Problem
}

func (s *section) backups(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawBackups(w, r, actor, page.Problem{})
}

func (s *section) drawBackups(w http.ResponseWriter, r *http.Request, actor access.Actor, problem page.Problem) error {
	if err := s.may(actor, access.Operate); err != nil {
		return err
	}
	taken, err := s.Custody.LastBackup(r.Context(), actor.Organisation)
	if err != nil {
		return err
	}
	view := backupView{At: taken.At, Now: s.Kernel.Now(), Problem: problem}
	if view.By, err = s.nameOf(r, actor, taken.By); err != nil {
		return err
	}
	if err := s.Custody.MayBackUp(r.Context(), actor); err != nil {
		var ok bool
		if view.Why, ok = page.ProblemOf(err); !ok {
			return err
		}
	}
	s.DrawStatus(w, r, max(problem.Status, http.StatusOK), backupsPage(s.Page(r, actor, message.T(r.Context(), "backups.title")), view))
	return nil
}

// nameOf reads who is meant by what is recorded of somebody.
func (s *section) nameOf(r *http.Request, actor access.Actor, recorded string) (name string, err error) {
	key, isPerson := strings.CutPrefix(recorded, "person:")
	if !isPerson {
		return recorded, nil
	}
	err = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		name = v.TitleOf("person", key)
		return nil
	})
	return name, err
}

func (s *section) backup(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	err := s.Custody.MayBackUp(r.Context(), actor)
	if err == nil {
		err = s.proved(r)
	}
	if err != nil {
		problem, ok := page.ProblemOf(err)
		if !ok || !s.allows(actor, access.Operate) {
			return err
		}
		return s.drawBackups(w, r, actor, problem)
	}
	return s.download(w, r, "sextant-backup-"+today(s.Kernel.Now())+".zip", func(f io.Writer) error { return s.Custody.Backup(r.Context(), actor, f) })
}
