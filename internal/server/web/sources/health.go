// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"encoding/json"
	"net/http"
	"slices"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/internal/job"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

// healthView is what the page of one source and its drawer draw.
type healthView struct {
	monitor.Health
	Gaps    []monitor.Gap // of this source
	Moves   []register.Possible
	Job     *job.Job // the collection under way, or the newest one that failed
	MayWork bool
	Owner   string
	Trial   *connector.Trial
	Refusal string // why the test could not even begin
	Hint    string
	Now     sextant.Instant
}

func (s *section) health(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	view, p, err := s.readHealth(r, actor)
	if err != nil {
		return err
	}
	s.Draw(w, r, healthPage(p, *view))
	return nil
}

func (s *section) readHealth(r *http.Request, actor access.Actor) (view *healthView, p page.Page, err error) {
	key := r.PathValue("key")
	p = s.Page(r, actor, key)
	err = s.look(r, actor, func(v *seen) error {
		all, err := monitor.Healths(v.View, v.machine)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(h monitor.Health) bool { return h.Source.Key == key })
		if i < 0 {
			return sextant.Errorf(sextant.NotFound, "there is no source %q that is collected", key)
		}
		p.Title = all[i].Source.Title()
		view, err = s.healthView(v, p, all[i])
		return err
	})
	if err == nil {
		err = s.readJob(r, actor, view)
	}
	return view, p, err
}

func (s *section) healthView(v *seen, p page.Page, h monitor.Health) (*healthView, error) {
	view := &healthView{Health: h, Owner: v.TitleOf("person", h.Source.Fields.Owner), MayWork: s.mayWork(v.Actor(), p) && h.Source.State != "paused", Now: v.Now()}
	if v.Moment() == 0 {
		view.Moves = slices.DeleteFunc(v.Possible(h.Source.Entry), func(m register.Possible) bool { return m.Refusal != nil })
	}
	gaps, err := monitor.Gaps(v.View, v.machine, v.checks)
	for _, g := range gaps {
		if g.Register == "source" && g.Key == h.Source.Key {
			view.Gaps = append(view.Gaps, g)
		}
	}
	return view, err
}

// readJob adds the collection that is under way, or that failed last.
func (s *section) readJob(r *http.Request, actor access.Actor, view *healthView) error {
	if view == nil || s.work == nil || r.URL.Query().Get("as_of") != "" {
		return nil
	}
	list, err := s.work.Queue().List(r.Context(), actor, job.Filter{Subject: view.Source.Key, Limit: 1})
	if err == nil && len(list) > 0 && (list[0].State.Open() || list[0].State == job.Failed) {
		view.Job = &list[0]
	}
	return err
}

// collect asks for a collection now.
func (s *section) collect(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("key")
	if _, err := s.work.CollectNow(r.Context(), actor, key); err != nil {
		return err
	}
	http.Redirect(w, r, page.Local(back(r, "/sources/"+key+"/health")), http.StatusSeeOther)
	return nil
}

func back(r *http.Request, otherwise string) string {
	if to := r.PostFormValue("back"); to != "" {
		return to
	}
	return otherwise
}

// test tries the source and shows what it found. Nothing is kept.
func (s *section) test(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	trial, trying := s.work.Test(r.Context(), actor, r.PathValue("key"))
	if trying != nil && sextant.CodeOf(trying) == sextant.Denied {
		return trying
	}
	view, p, err := s.readHealth(r, actor)
	if err != nil {
		return err
	}
	if trying != nil {
		_, view.Refusal, view.Hint = page.Explain(trying)
	} else {
		view.Trial = &trial
	}
	s.Draw(w, r, healthPage(p, *view))
	return nil
}

// failures of a trial that are not told by its missing rights.
func otherFailures(t connector.Trial) []connector.Failure {
	return slices.DeleteFunc(connector.Distinct(t.Failures), func(f connector.Failure) bool {
		return f.Cause == connector.Denied && slices.Contains(t.Denied, f.Call)
	})
}

// pretty lays a policy out in lines.
func pretty(text string) string {
	var any any
	if err := json.Unmarshal([]byte(text), &any); err != nil {
		return text
	}
	data, err := json.MarshalIndent(any, "", "  ")
	if err != nil {
		return text
	}
	return string(data)
}
