// SPDX-License-Identifier: Apache-2.0

package editor

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/monitor/custom"
	"sextant/register"
)

// view is what the editor draws: what is written, and what it says.
type view struct {
	Fields  custom.Check
	Key     string // of the entry, "" while there is none
	Version string
	Problem page.Problem
	Types   []evidence.TypeCount
	Lines   []framework.Line // that are shown by checks
	May     bool

	At      string // date of the dry run, "" for now
	Tried   *custom.Rehearsal
	Took    time.Duration
	Samples []sample
	Moves   []monitor.Move
	Wrong   page.Problem // why it does not run
	Today   string
}

// sample is one sample with what the check says of it.
type sample struct {
	custom.Sample
	Data string
}

// begin opens the editor on an empty check.
func (s *section) begin(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	q := r.URL.Query()
	v := &view{Fields: custom.Check{Reference: "own.", Aggregate: "all", Severity: "medium", Freshness: "P2D", Resource: q.Get("resource"), Owner: actor.Person}}
	if line := q.Get("line"); line != "" {
		v.Fields.Supports = []string{line}
	}
	return s.draw(w, r, actor, v, http.StatusOK)
}

// open opens the editor on a draft.
func (s *section) open(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	v := &view{}
	id, active := r.PathValue("id"), ""
	if err := s.Kernel.Read(r.Context(), actor, 0, func(x *register.View) error {
		own, err := custom.Checks.All(x, register.Filter{Field: "reference", Op: register.Is, Values: []string{id}})
		if err != nil || len(own) == 0 {
			return sextant.Errorf(sextant.NotFound, "there is no check of our own called %q", id)
		}
		v.Fields, v.Key, v.Version = own[0].Fields, own[0].Key, strconv.Itoa(own[0].Version)
		if own[0].State != "draft" {
			active = "/custom-checks/" + own[0].Key
		}
		return nil
	}); err != nil {
		return err
	}
	if active != "" { // it is revised there first
		http.Redirect(w, r, active, http.StatusSeeOther)
		return nil
	}
	s.try(r, actor, v)
	return s.draw(w, r, actor, v, http.StatusOK)
}

// draw adds what the form offers and draws the page.
func (s *section) draw(w http.ResponseWriter, r *http.Request, actor access.Actor, v *view, status int) error {
	if err := s.Look(r, actor, func(x *register.View, m evidence.Reader) (err error) {
		def, err := x.Set().Named("custom_check")
		if err != nil {
			return err
		}
		v.May, v.Today = x.MayCreate(def), x.Now().Time().Format(time.DateOnly)
		v.Types, err = m.ResourceCounts(x.At())
		return err
	}); err != nil {
		return err
	}
	for _, c := range framework.Controls() {
		plan, _ := framework.PlanFor(c.ID)
		for _, l := range plan.Lines {
			if l.Form == framework.Checks {
				v.Lines = append(v.Lines, l)
			}
		}
	}
	s.DrawStatus(w, r, status, editorPage(s.Page(r, actor, message.T(r.Context(), "editor.title")), *v))
	return nil
}

// act does what the form asks: try, take a sample, keep a draft, activate.
func (s *section) act(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := access.May(actor, access.Create, access.Subject{Register: "custom_check", People: []string{actor.Person}}, s.Kernel.Now()); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	v := &view{Fields: written(r), Key: r.PostFormValue("key"), Version: r.PostFormValue("version"), At: r.PostFormValue("at")}
	do, id, _ := strings.Cut(r.PostFormValue("do"), ":")
	switch do {
	case "draft", "activate":
		return s.keep(w, r, actor, v, do == "activate")
	case "sample":
		if err := s.sample(r, actor, v, id); err != nil {
			return err
		}
	}
	s.try(r, actor, v)
	return s.draw(w, r, actor, v, http.StatusOK)
}

// written reads the form.
func written(r *http.Request) custom.Check {
	text := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	number := func(name string) *float64 {
		n, err := strconv.ParseFloat(text(name), 64)
		if err != nil {
			return nil
		}
		return &n
	}
	return custom.Check{Reference: text("reference"), Title: text("title"), Intent: text("intent"), Resource: text("resource"), Where: text("where"), Pass: text("pass"), Reason: text("reason"),
		Aggregate: text("aggregate"), Threshold: number("threshold"), Min: number("min"), Max: number("max"), Params: text("params"), Severity: text("severity"), Grace: text("grace"), Freshness: text("freshness"),
		Supports: supports(r), DoesNotShow: text("does_not_show"), Remediation: text("remediation"), Samples: text("samples"), Owner: text("owner"), Approver: text("approver")}
}

func supports(r *http.Request) (lines []string) {
	for _, line := range r.PostForm["supports"] {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// keep writes the draft and, where asked, activates it in the same transaction.
func (s *section) keep(w http.ResponseWriter, r *http.Request, actor access.Actor, v *view, activate bool) error {
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		key, version, err := s.save(tx, v)
		if err != nil || !activate {
			return err
		}
		_, err = tx.Transition("custom_check", key, version, "activate", nil, register.Note{})
		return err
	})
	if err == nil {
		to := "/checks/" + v.Fields.Reference + "/edit"
		if activate {
			to = "/checks/" + v.Fields.Reference
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	problem, shown := page.ProblemOf(err)
	if !shown {
		return err
	}
	v.Problem = problem
	s.try(r, actor, v)
	return s.draw(w, r, actor, v, problem.Status)
}

func (s *section) save(tx *register.Tx, v *view) (key string, version int, err error) {
	if v.Key == "" {
		made, err := custom.Checks.Create(tx, v.Fields, register.Note{})
		return made.Key, made.Version, err
	}
	values, err := json.Marshal(v.Fields)
	if err != nil {
		return "", 0, err
	}
	var fields map[string]any
	if err := json.Unmarshal(values, &fields); err != nil {
		return "", 0, err
	}
	read, _ := strconv.Atoi(v.Version) // 0 where the form was tampered with: the newest is meant
	e, err := tx.Edit("custom_check", v.Key, read, fields, register.Note{})
	return e.Key, e.Version, err
}

// sample makes a resource a sample of what the check says of it now.
func (s *section) sample(r *http.Request, actor access.Actor, v *view, id string) error {
	thing, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return sextant.Errorf(sextant.Invalid, "%q is no resource", id)
	}
	c, problem := custom.Compile(custom.Tryable(v.Fields))
	if problem != nil {
		return nil //nolint:nilerr // the try says why it does not run
	}
	return s.Look(r, actor, func(_ *register.View, m evidence.Reader) error {
		found, err := m.ResourcesOf(v.Fields.Resource, []int64{thing}, sextant.LatestSeq)
		if err != nil || len(found) == 0 {
			return sextant.Errorf(sextant.NotFound, "there is no resource %d", thing)
		}
		attributes := monitor.Attributes(found[0])
		result := c.Evaluate(attributes, nil, custom.SampleMoment)
		v.Fields.Samples, err = custom.AddSample(v.Fields.Samples, result.Status, attributes)
		return err
	})
}

// verdict is the state a verdict of a dry run would be.
func verdict(v check.Verdict) control.State {
	return map[check.Verdict]control.State{check.NothingSeen: control.NoData, check.Passes: control.Pass, check.Fails: control.Fail, check.CannotBeTold: control.Error}[v]
}

func status(s check.Status) control.State {
	return map[check.Status]control.State{check.Pass: control.Pass, check.Fail: control.Fail, check.Error: control.Error}[s]
}

var statusKeys = map[check.Status]string{check.Pass: "pass", check.Fail: "fail", check.Error: "error", check.NotApplicable: "none", check.NotEvaluated: "never"}

func hasType(name string) func(evidence.TypeCount) bool {
	return func(t evidence.TypeCount) bool { return t.Type == name }
}
