// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/job"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// jobsView is what the list of work draws.
type jobsView struct {
	Jobs   []job.Job
	Names  map[string]string // of subjects
	People map[string]string // of who asked
	May    bool
	Now    sextant.Instant
}

// jobsShown is how many pieces of work a page lists.
const jobsShown = 100

func (s *section) jobs(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	list, err := s.work.Queue().List(r.Context(), actor, job.Filter{Limit: jobsShown})
	if err != nil {
		return err
	}
	view, p, err := s.jobsView(r, actor, list)
	if err != nil {
		return err
	}
	s.Draw(w, r, jobsPage(p, view))
	return nil
}

func (s *section) jobsView(r *http.Request, actor access.Actor, list []job.Job) (jobsView, page.Page, error) {
	p := s.Page(r, actor, message.T(r.Context(), "jobs.title"))
	view := jobsView{Jobs: list, Names: map[string]string{}, People: map[string]string{}, May: s.mayWork(actor, p)}
	err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		view.Now = v.Now()
		for _, j := range list {
			if j.Subject != "" {
				view.Names[j.Subject] = v.TitleOf("source", j.Subject)
			}
			view.People[j.By] = page.Who(v, j.By)
		}
		return nil
	})
	return view, p, err
}

func (s *section) job(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	j, err := s.work.Queue().Job(r.Context(), actor, id)
	if err != nil {
		return err
	}
	view, p, err := s.jobsView(r, actor, []job.Job{j})
	if err != nil {
		return err
	}
	p.Title = kindName(r.Context(), j.Kind)
	s.Draw(w, r, jobPage(p, view, j))
	return nil
}

func jobID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, sextant.Errorf(sextant.NotFound, "there is no work %q", r.PathValue("id"))
	}
	return id, nil
}

func (s *section) cancel(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.change(w, r, actor, s.work.Queue().Cancel)
}

func (s *section) retry(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.change(w, r, actor, s.work.Queue().Retry)
}

func (s *section) change(w http.ResponseWriter, r *http.Request, actor access.Actor, do func(context.Context, access.Actor, int64) (job.Job, error)) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	if _, err := do(r.Context(), actor, id); err != nil {
		return err
	}
	http.Redirect(w, r, page.Local(back(r, "/jobs")), http.StatusSeeOther)
	return nil
}

// kinds of work that have a name.
var kinds = []string{"collect", "evaluate", "discover", "calendar", "checkpoint", "backup", "erase", "report"}

func kindName(ctx context.Context, kind string) string {
	for _, known := range kinds {
		if known == kind {
			return message.T(ctx, "job.kind."+kind)
		}
	}
	return strings.ReplaceAll(kind, "_", " ")
}

// share is how far work is, of a hundred; -1 where nobody can tell.
func share(j job.Job) int {
	if j.Progress.Total <= 0 {
		return -1
	}
	return int(100 * j.Progress.Done / j.Progress.Total)
}
