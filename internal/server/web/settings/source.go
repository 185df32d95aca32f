// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/connector/aws"
	"sextant/evidence"
	"sextant/internal/job"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// sourcesView is the list of sources with what each needs to be let in.
type sourcesView struct {
	Sources    []sourceRow
	Policy     string
	Actions    int
	MayCollect bool
	MayMake    bool
	Tested     *testView
	Now        sextant.Instant
}

type sourceRow struct {
	Key, Title, Path, State, StateName string
	Account, ExternalID, Schedule      string
	Last                               *evidence.Run
	Failures                           int
	Job                                *job.Job
}

// testView is what a try of a source found.
type testView struct {
	Key, Title string
	connector.Trial
	Problem page.Problem // it could not be tried
	Took    time.Duration
}

func (s *section) sources(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawSources(w, r, actor, nil)
}

func (s *section) drawSources(w http.ResponseWriter, r *http.Request, actor access.Actor, tested *testView) error {
	if err := s.may(actor, access.Inspect); err != nil {
		return err
	}
	view := sourcesView{Policy: string(aws.Policy()), Actions: actions(), Tested: tested, Now: s.Kernel.Now(),
		MayCollect: s.Sources != nil && s.allows(actor, access.Collect), MayMake: s.allows(actor, access.Create)}
	var err error
	if view.Sources, err = s.sourceRows(r, actor); err != nil {
		return err
	}
	s.Draw(w, r, sourcesPage(s.Page(r, actor, message.T(r.Context(), "settings.sources.title")), view))
	return nil
}

// actions counts the rights the policy names.
func actions() (n int) {
	var policy struct {
		Statement []struct{ Action []string }
	}
	if json.Unmarshal(aws.Policy(), &policy) != nil {
		return 0 // it is ours and well formed
	}
	for _, s := range policy.Statement {
		n += len(s.Action)
	}
	return n
}

func (s *section) sourceRows(r *http.Request, actor access.Actor) (rows []sourceRow, err error) {
	if !s.Has("source") {
		return nil, sextant.Errorf(sextant.NotFound, "there are no sources here")
	}
	err = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		all, err := evidence.Sources.All(v)
		if err != nil {
			return err
		}
		machine, err := evidence.On(v)
		if err != nil {
			return err
		}
		for _, source := range all {
			row, err := sourceRowOf(v.Context(), source, machine)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	for i := range rows {
		if err == nil && s.Sources != nil {
			err = s.fillJob(r.Context(), actor, &rows[i])
		}
	}
	return rows, err
}

// fillJob tells the work on a source that is open, or failed last. It is asked for
// after the sources were read: who holds one connection waits for no other.
func (s *section) fillJob(ctx context.Context, actor access.Actor, row *sourceRow) error {
	jobs, err := s.Sources.Queue().List(ctx, actor, job.Filter{Kind: "collect", Subject: row.Key, Limit: 1})
	if len(jobs) > 0 && (jobs[0].State.Open() || jobs[0].State == job.Failed) {
		row.Job = &jobs[0]
	}
	return err
}

func sourceRowOf(ctx context.Context, source register.Of[evidence.Source], machine evidence.Reader) (sourceRow, error) {
	f := source.Fields
	row := sourceRow{Key: source.Key, Title: f.Title, Path: page.Path(source.Entry), State: page.StateLabel(source.Register, source.State), StateName: source.State,
		Account: f.Account, ExternalID: f.ExternalID, Schedule: page.Duration(ctx, f.Schedule)}
	runs, err := machine.Runs(source.Key, sextant.LatestSeq, 1)
	if err != nil {
		return row, err
	}
	if len(runs) > 0 {
		row.Last = &runs[0]
	}
	return row, nil
}

// policy gives the exact rights AWS is asked for, as a file.
func (s *section) policy(w http.ResponseWriter, _ *http.Request, actor access.Actor) error {
	if err := s.may(actor, access.Inspect); err != nil {
		return err
	}
	return attach(w, "application/json", "sextant-read-only-policy.json", aws.Policy())
}

func attach(w http.ResponseWriter, kind, name string, data []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err := w.Write(data)
	return err
}

// testTakes bounds how long somebody waits for a try.
const testTakes = 90 * time.Second

func (s *section) testSource(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	tested, err := s.tested(r, actor)
	if err != nil {
		return err
	}
	return s.drawSources(w, r, actor, &tested)
}

// tested tries the source a form names.
func (s *section) tested(r *http.Request, actor access.Actor) (view testView, err error) {
	if s.Sources == nil {
		return view, sextant.Errorf(sextant.NotFound, "sources cannot be tried here")
	}
	if err := s.may(actor, access.Collect); err != nil {
		return view, err
	}
	view.Key = r.PostFormValue("key")
	if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error {
		e, err := v.Entry("source", view.Key)
		if err == nil {
			view.Title = e.Title()
		}
		return err
	}); err != nil {
		return view, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), testTakes)
	defer cancel()
	began := time.Now()
	view.Trial, err = s.Sources.Test(ctx, actor, view.Key)
	view.Took = time.Since(began)
	if err != nil {
		var ok bool
		if view.Problem, ok = page.ProblemOf(err); ok {
			err = nil
		}
	}
	return view, err
}

func (s *section) collectSource(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if s.Sources == nil {
		return sextant.Errorf(sextant.NotFound, "nothing can be collected here")
	}
	if _, err := s.Sources.CollectNow(r.Context(), actor, r.PostFormValue("key")); err != nil {
		return err
	}
	http.Redirect(w, r, page.Local(r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}
