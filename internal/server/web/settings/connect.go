// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"net/http"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/connector/aws"
	"sextant/evidence"
	"sextant/internal/job"
	"sextant/internal/schedule"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// connectForm asks for a way into AWS.
type connectForm struct {
	Title, Account, AccessKeyID, RoleARN string
	Key, ExternalID                      string // of the source once it is there
	HasSecret                            bool
	Policy                               string
	Actions                              int
	Ambient                              bool // a role needs no key: this machine has an identity of its own
	Tested                               *testView
}

// Good says whether a try went well: collecting is then the thing to do.
func (f connectForm) Good() bool { return f.Tested != nil && len(f.Tested.Principals) > 0 }

func (s *section) beginConnect(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	form, err := s.connectFormOf(r, actor)
	if err != nil {
		return err
	}
	return s.drawConnect(w, r, actor, form, page.Problem{})
}

// connectFormOf reads the first source that is there, else what is offered.
func (s *section) connectFormOf(r *http.Request, actor access.Actor) (form connectForm, err error) {
	form.Title = message.T(r.Context(), "begin.connect.name")
	err = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		source, there, err := firstSource(v)
		if there {
			f := source.Fields
			form.Key, form.ExternalID, form.HasSecret = source.Key, f.ExternalID, f.SecretAccessKey != nil
			form.Title, form.Account, form.AccessKeyID, form.RoleARN = f.Title, f.Account, f.AccessKeyID, f.RoleARN
		}
		return err
	})
	return form, err
}

func firstSource(tx register.Reader) (source register.Of[evidence.Source], there bool, err error) {
	all, err := evidence.Sources.All(tx, register.Filter{Field: "state", Op: register.IsNot, Values: []string{"removed"}})
	if err != nil || len(all) == 0 {
		return source, false, err
	}
	return all[0], true, nil
}

func (s *section) drawConnect(w http.ResponseWriter, r *http.Request, actor access.Actor, form connectForm, problem page.Problem) error {
	x, err := s.screen(r, actor, "connect", message.T(r.Context(), "begin.connect.title"), problem)
	if err != nil {
		return err
	}
	form.Policy, form.Actions = string(aws.Policy()), actions()
	form.Ambient = s.Sources != nil && s.Sources.Ambient()
	s.DrawStatus(w, r, x.status(), connectScreen(x, form))
	return nil
}

// saveConnect keeps the way in and tries it. A try that fails keeps it too: it
// is mended here, or later.
func (s *section) saveConnect(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	form := connectForm{Title: r.PostFormValue("title"), Account: strings.NewReplacer("-", "", " ", "").Replace(r.PostFormValue("account")),
		AccessKeyID: strings.TrimSpace(r.PostFormValue("access_key_id")), RoleARN: strings.TrimSpace(r.PostFormValue("role_arn"))}
	key, err := s.keepSource(r, actor, form)
	if err != nil {
		problem, ok := page.ProblemOf(err)
		if !ok {
			return err
		}
		return s.drawConnect(w, r, actor, form, problem)
	}
	if form, err = s.connectFormOf(r, actor); err != nil {
		return err
	}
	r.PostForm.Set("key", key)
	tested, err := s.tested(r, actor)
	if err != nil {
		return err
	}
	form.Tested = &tested
	return s.drawConnect(w, r, actor, form, page.Problem{})
}

func (s *section) keepSource(r *http.Request, actor access.Actor, form connectForm) (key string, err error) {
	values := map[string]any{"title": form.Title, "account": form.Account, "access_key_id": form.AccessKeyID, "role_arn": form.RoleARN}
	if plain := r.PostFormValue("secret_access_key"); plain != "" {
		values["secret_access_key"] = plain
	}
	err = s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		source, there, err := firstSource(tx)
		if err != nil {
			return err
		}
		if there {
			key = source.Key
			_, err = tx.Edit("source", key, 0, values, register.Note{})
			return err
		}
		values["owner"] = actor.Person
		e, err := tx.Create("source", values, register.Note{})
		key = e.Key
		return err
	})
	return key, err
}

// collectView is how far the first collection is.
type collectView struct {
	Source  string // key, "" = none is there
	Title   string
	Job     *job.Job
	Answer  schedule.Collected // of a collection that ended
	Last    *evidence.Run
	Checks  int  // that said something about what was seen
	Working bool // something is under way
}

func (s *section) beginCollect(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	x, err := s.screen(r, actor, "collect", message.T(r.Context(), "begin.collect.title"), page.Problem{})
	if err != nil {
		return err
	}
	view, err := s.collection(r, actor)
	if err != nil {
		return err
	}
	s.Draw(w, r, collectScreen(x, view))
	return nil
}

func (s *section) collection(r *http.Request, actor access.Actor) (view collectView, err error) {
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		source, there, err := firstSource(v)
		if err != nil || !there {
			return err
		}
		view.Source, view.Title = source.Key, source.Fields.Title
		runs, err := m.Runs(source.Key, sextant.LatestSeq, 1)
		if err != nil {
			return err
		}
		if len(runs) > 0 {
			view.Last = &runs[0]
		}
		outcomes, err := m.Outcomes(sextant.LatestSeq)
		view.Checks = len(outcomes)
		return err
	}); err != nil || view.Source == "" || s.Sources == nil {
		return view, err
	}
	return view, s.fillJobs(r, actor, &view)
}

func (s *section) fillJobs(r *http.Request, actor access.Actor, view *collectView) error {
	jobs, err := s.Sources.Queue().List(r.Context(), actor, job.Filter{Kind: schedule.Collect, Subject: view.Source, Limit: 1})
	if err != nil {
		return err
	}
	for _, j := range jobs {
		view.Job, view.Working = &j, j.State.Open()
		if j.State == job.Done && json.Unmarshal(j.Result, &view.Answer) != nil {
			view.Answer = schedule.Collected{} // an answer of another version is no answer
		}
	}
	evaluating, err := s.Sources.Queue().List(r.Context(), actor, job.Filter{Kind: schedule.Evaluate, States: []job.State{job.Waiting, job.Running}, Limit: 1})
	view.Working = view.Working || len(evaluating) > 0
	return err
}

// saveCollect asks for the first collection.
func (s *section) saveCollect(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := s.may(actor, access.Collect); err != nil {
		return err
	}
	if s.Sources == nil {
		return sextant.Errorf(sextant.NotFound, "nothing can be collected here")
	}
	view, err := s.collection(r, actor)
	if err == nil && view.Source == "" {
		return onward(w, r, "/get-started/connect")
	}
	if err == nil {
		_, err = s.Sources.CollectNow(r.Context(), actor, view.Source)
	}
	if err != nil {
		return err
	}
	return onward(w, r, "/get-started/collect")
}
