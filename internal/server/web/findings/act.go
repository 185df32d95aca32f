// SPDX-License-Identifier: Apache-2.0

package findings

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/evidence"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/lint"
	"sextant/register"
	"sextant/task"
)

// priorities of the task made of a finding, and severities of the exception
// that permits it, by its own severity.
var priorities = map[lint.Severity]string{lint.Major: "high", lint.Minor: "medium", lint.Observation: "low"}

// taskOf finds the task somebody made of a finding and has not ended.
func taskOf(v *register.View, x raised) (*register.Entry, error) {
	all, err := v.Select(task.Tasks.Name, register.Filter{Field: "state", Op: register.Is, Values: []string{"open", "in_progress", "done"}})
	for _, e := range all {
		if e.Doc.Text("proves") == proves(x) {
			return &e, err
		}
	}
	return nil, err
}

func proves(x raised) string { return lint.ReferencePrefix + x.Rule.ID + " " + x.about() }

// makeTask makes a task of a finding, once.
func (s *section) makeTask(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	to := ""
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		m, err := evidence.On(&tx.View)
		if err != nil {
			return err
		}
		x, err := s.one(&tx.View, m, r.PostFormValue("about"))
		if err != nil {
			return err
		}
		made, err := taskOf(&tx.View, x)
		if err != nil {
			return err
		}
		if made == nil {
			e, err := task.Tasks.Create(tx, taskFor(tx, x), register.Note{Why: message.T(r.Context(), "lint.task.why")})
			if err != nil {
				return err
			}
			made = &e.Entry
		}
		to = page.Path(*made)
		return nil
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// taskFor gives the work to whoever puts it right; an owner, who may make tasks
// for themselves only, always gets it.
func taskFor(tx *register.Tx, x raised) task.Task {
	me := tx.Actor().Person
	assignee := cmp.Or(x.Owner, me)
	if me != "" && !tx.Actor().Holds(access.ISMSManager, access.System, access.Operator) {
		assignee = me
	}
	t := task.Task{Title: clipped(x.Rule.Title+": "+x.Facts, 180), Kind: "remediation", Proves: proves(x), Method: x.Rule.Fix, Criteria: message.T(tx.Context(), "lint.task.criteria"),
		Assignee: assignee, Requester: me, Priority: priorities[x.Rule.Severity]}
	if about := x.about(); about != "" {
		if _, isEntry := tx.Set().OfKey(about); isEntry || tx.TitleOf("any", about) != about {
			t.Subject = about
		}
	}
	t.DueOn = task.DueFor(t.Priority, tx.Now())
	return t
}

func clipped(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// waiveView is what the form that asks for an exception draws.
type waiveView struct {
	raised
	Key                              string
	Reason, Instead, Approver, Until string
	Every                            bool // the whole rule, not this finding only
	People                           []link
	Latest                           string
	Problem                          page.Problem
}

func (s *section) waiveForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawWaive(w, r, actor, waiveView{Key: r.URL.Query().Get("about"), Until: s.Kernel.Now().Time().AddDate(0, 0, 60).Format(time.DateOnly)})
}

func (s *section) drawWaive(w http.ResponseWriter, r *http.Request, actor access.Actor, view waiveView) error {
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) (err error) {
		if view.raised, err = s.asked(v, m, r.PathValue("rule"), view.Key); err != nil {
			return err
		}
		people, err := v.List(register.List{Register: "person", Filters: []register.Filter{{Field: "state", Op: register.Is, Values: []string{"active"}}}, Order: "name", Limit: 500})
		for _, e := range people.Entries {
			if e.Key != actor.Person {
				view.People = append(view.People, link{e.Title(), e.Key})
			}
		}
		return err
	}); err != nil {
		return err
	}
	status := http.StatusOK
	if view.Problem.Detail != "" {
		status = view.Problem.Status
	}
	s.DrawStatus(w, r, status, waivePage(s.Page(r, actor, message.T(r.Context(), "lint.waive.title")), view))
	return nil
}

// waive asks for an exception from the rule; whoever is named approves it on its
// own page, by signing.
func (s *section) waive(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	f := func(key string) string { return r.PostFormValue(key) }
	view := waiveView{Key: f("about"), Reason: f("reason"), Instead: f("compensation"), Approver: f("approver"), Until: f("expires_on"), Every: f("every") != ""}
	to := ""
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		m, err := evidence.On(&tx.View)
		if err != nil {
			return err
		}
		x, err := s.asked(&tx.View, m, r.PathValue("rule"), view.Key)
		if err != nil {
			return err
		}
		e, err := control.Exceptions.Create(tx, exceptionFor(tx, x, view), register.Note{Why: view.Reason})
		if err != nil {
			return err
		}
		to = page.Path(e.Entry)
		_, err = tx.Transition(control.Exceptions.Name, e.Key, 0, "request", nil, register.Note{})
		return err
	})
	if problem, shown := page.ProblemOf(err); shown && problem.Status != http.StatusNotFound {
		view.Problem = problem
		return s.drawWaive(w, r, actor, view)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// asked is the finding somebody wants to have waived; without one, all that the
// rule finds.
func (s *section) asked(v *register.View, m evidence.Reader, rule, key string) (raised, error) {
	if key != "" {
		x, err := s.one(v, m, key)
		if err == nil && x.Rule.ID != rule {
			err = sextant.Errorf(sextant.NotFound, "this is not found any more").WithHint("see the list for what is")
		}
		return x, err
	}
	r, known := lint.Named(rule)
	if !known {
		return raised{}, sextant.Errorf(sextant.NotFound, "there is no rule %q", rule)
	}
	return raised{Rule: r, Finding: lint.Finding{Facts: r.When()}}, MayRead(v)
}

func exceptionFor(tx *register.Tx, x raised, view waiveView) control.Exception {
	e := control.Exception{Title: clipped(x.Rule.Title+": "+x.Facts, 180), Rule: lint.ReferencePrefix + x.Rule.ID, Reason: view.Reason, Compensation: view.Instead, Severity: priorities[x.Rule.Severity],
		RequestedBy: tx.Actor().Person, Approver: view.Approver, StartsOn: tx.Now().Time().Format(time.DateOnly), ExpiresOn: view.Until}
	if about := x.about(); about != "" && !view.Every {
		e.Resources = []string{about}
	}
	return e
}

func waivePath(x raised) string {
	return path + "/" + x.Rule.ID + "/waive?" + url.Values{"about": {x.key()}}.Encode()
}
