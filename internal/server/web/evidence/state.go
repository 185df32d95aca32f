// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

// askedView is what the list of lines a person speaks to draws.
type askedView struct {
	Asked []monitor.Asked
	Now   sextant.Instant
	Mine  bool // only those the actor owns
	Owned int
	All   int
	May   bool
}

func (s *section) asked(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "evidence.asked.title"))
	view := askedView{Mine: p.Query.Get("mine") != ""}
	if err := s.look(r, actor, func(v *seen) error {
		all, err := v.askedOf()
		view.Now, view.All, view.May = v.Now(), len(all), v.mayState()
		for _, a := range all {
			mine := a.Implementation.Fields.Owner == actor.Person && actor.Person != ""
			if mine {
				view.Owned++
			}
			if mine || !view.Mine {
				view.Asked = append(view.Asked, a)
			}
		}
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, askedPage(p, view))
	return nil
}

// formView is what the guided form draws.
type formView struct {
	monitor.Asked
	Control   framework.Control
	Fields    control.Attestation
	Operator  string // name of who runs it
	Bars      bool   // the acting person is the operator, and the plan asks for somebody else
	Who       string
	Stand     []string // what stands now of the types the line is about
	Problem   page.Problem
	Prior     *register.Entry
	MayAttest bool
}

// guided leads from the plain form of the register to the guided one, where the
// line is known.
func (s *section) guided(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	q := r.URL.Query()
	if q.Get("line") == "" || q.Get("implementation") == "" {
		http.Redirect(w, r, "/evidence/asked", http.StatusSeeOther)
		return nil
	}
	return s.form(w, r, actor)
}

func (s *section) form(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	q := r.URL.Query()
	if q.Get("line") == "" {
		http.Redirect(w, r, "/evidence/asked", http.StatusSeeOther)
		return nil
	}
	view, err := s.formView(r, actor, q.Get("implementation"), q.Get("line"))
	if err != nil {
		return err
	}
	view.Fields.PeriodFrom, view.Fields.PeriodTo, view.Fields.ExpiresOn = control.Expected(view.Line, s.Kernel.Now())
	view.Fields.Result, view.Fields.AttestedBy = "holds", actor.Person
	if view.Prior != nil {
		view.Fields.Population = view.Prior.Doc.Text("population")
	}
	if len(view.Stand) > 0 {
		view.Fields.Population = strings.Join(view.Stand, ", ")
	}
	for key, into := range view.texts() { // what a link proposes goes first
		if given := q.Get(key); given != "" {
			*into = given
		}
	}
	s.Draw(w, r, formPage(s.Page(r, actor, message.T(r.Context(), "evidence.new.title")), *view))
	return nil
}

// texts are the fields of the form by name.
func (v *formView) texts() map[string]*string {
	f := &v.Fields
	return map[string]*string{"looked_at": &f.LookedAt, "period_from": &f.PeriodFrom, "period_to": &f.PeriodTo, "population": &f.Population, "sample": &f.Sample, "result": &f.Result,
		"remarks": &f.Remarks, "expires_on": &f.ExpiresOn}
}

// formView reads the line that is asked; NotFound where the implementation has
// no such line for people.
func (s *section) formView(r *http.Request, actor access.Actor, implementation, line string) (*formView, error) {
	view := &formView{}
	return view, s.look(r, actor, func(v *seen) error {
		all, err := v.askedOf()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(a monitor.Asked) bool {
			return a.Line.ID == line && (implementation == "" || a.Implementation.Key == implementation)
		})
		if i < 0 {
			return sextant.Errorf(sextant.NotFound, "no unit has the line %q for a person to speak to", line).WithHint("choose one from the list at /evidence/asked")
		}
		view.Asked = all[i]
		imp := view.Implementation.Fields
		if view.Control, _, err = control.Find(v.View, view.Line.Control); err != nil {
			return err
		}
		view.Operator, view.Who, view.MayAttest = v.TitleOf("person", imp.Operator), v.TitleOf("person", actor.Person), v.mayState()
		view.Bars = view.Line.Independent && imp.Operator != "" && imp.Operator == actor.Person
		view.Fields = control.Attestation{Implementation: view.Implementation.Key, Line: view.Line.ID, Form: string(view.Line.Form)}
		if view.Newest != "" {
			if e, err := v.Entry("attestation", view.Newest); err == nil {
				view.Prior = &e
			}
		}
		return v.standing(view)
	})
}

// standing counts what is there of the types a line is about.
func (v *seen) standing(view *formView) error {
	if len(view.Line.Population) == 0 {
		return nil
	}
	counts, err := v.machine.ResourceCounts(v.At())
	for _, c := range counts {
		if slices.Contains(view.Line.Population, c.Type) {
			view.Stand = append(view.Stand, fmt.Sprintf("%d %s", c.Count, c.Type))
		}
	}
	return err
}

// state keeps a statement as a draft, or attests it in the same transaction.
func (s *section) state(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	view, err := s.formView(r, actor, r.PostFormValue("implementation"), r.PostFormValue("line"))
	if err != nil {
		return err
	}
	for key, into := range view.texts() {
		*into = strings.TrimSpace(r.PostFormValue(key))
	}
	view.Fields.AttestedBy = actor.Person
	attest := r.PostFormValue("do") == "attest"
	key, err := s.write(r, actor, view.Fields, attest)
	if err == nil {
		http.Redirect(w, r, "/evidence?"+url.Values{"in": {key}}.Encode(), http.StatusSeeOther)
		return nil
	}
	problem, shown := page.ProblemOf(err)
	if !shown {
		return err
	}
	view.Problem = problem
	s.DrawStatus(w, r, problem.Status, formPage(s.Page(r, actor, message.T(r.Context(), "evidence.new.title")), *view))
	return nil
}

func (s *section) write(r *http.Request, actor access.Actor, fields control.Attestation, attest bool) (key string, err error) {
	if attest {
		if actor, err = s.ProveAgain(r); err != nil {
			return "", err
		}
	}
	err = s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		made, err := control.Attestations.Create(tx, fields, register.Note{})
		if err != nil || !attest {
			key = made.Key
			return err
		}
		_, err = tx.Transition("attestation", made.Key, made.Version, "attest", nil, register.Note{})
		key = made.Key
		return err
	})
	return key, err
}

// lasts says how long what is stated for a line holds, or how often it is
// needed.
func lasts(ctx context.Context, line framework.Line) string {
	if line.Form == framework.Record {
		return message.T(ctx, "evidence.every", page.Duration(ctx, cmp.Or(line.Period, "P12M")))
	}
	return message.T(ctx, "evidence.lasts", page.Duration(ctx, cmp.Or(line.Expires, "P12M")))
}
