// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"sextant"
	"sextant/access"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/obligation"
	"sextant/register"
	"sextant/soa"
)

// formView is the form of one row.
type formView struct {
	Control       framework.Control
	System, Title string
	Row           soa.Row
	Version       int
	Only          string // the one field that is edited in place, "" for all
	People        []personChoice
	Links         []linkChoice // what the reasons rest on, and what names the control
	Offers        []linkChoice // further duties and contracts
	Problems      map[string]string
	Error, Hint   string
	MayDecide     bool
	Key           string // of the row, "" where nothing was decided
	Back          string // where it came from, "" = the whole statement
}

type personChoice struct{ Key, Name string }

// linkChoice is a duty, a contract or another entry a reason may rest on.
type linkChoice struct {
	Key, Title string
	Chosen     bool
}

func (s *section) form(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawForm(w, r, actor, nil, nil)
}

// drawForm draws the form of a row, with what was typed and why it was refused.
func (s *section) drawForm(w http.ResponseWriter, r *http.Request, actor access.Actor, typed map[string]any, problem error) error {
	view := formView{System: r.PathValue("system"), Only: r.FormValue("field")}
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if view.Control, err = soa.RowOf(v, view.System, r.PathValue("id")); err != nil {
			return err
		}
		return view.fill(v)
	}); err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		var ok bool
		if status, ok = page.StatusOf(problem); !ok {
			return problem
		}
		view.refuse(typed, problem)
	}
	s.DrawStatus(w, r, status, formPage(s.Page(r, actor, message.T(r.Context(), "statement.form", view.Control.ID, view.Control.Title)), view))
	return nil
}

func (view *formView) fill(v *register.View) error {
	system, err := v.Entry("management_system", view.System)
	if err != nil {
		return err
	}
	view.Title, view.MayDecide = system.Title(), v.MayCreate(soa.Rows.Definition)
	view.Row = soa.Row{Applicability: string(soa.Undecided)}
	d, found, err := soa.Decided(v, view.System, view.Control.ID)
	if err != nil {
		return err
	}
	if found {
		view.Row, view.Version, view.Key, view.MayDecide = d.Fields, d.Version, d.Key, v.MayEdit(d.Entry)
	}
	if view.Only == "justification" { // the column shows the one that counts
		view.Only = soa.JustificationField(soa.Applicability(view.Row.Applicability))
	}
	if err := view.links(v); err != nil {
		return err
	}
	people, err := v.List(register.List{Register: "person", Order: "name", Limit: 500})
	for _, e := range people.Entries {
		view.People = append(view.People, personChoice{e.Key, e.Title()})
	}
	return err
}

// links gathers what the reasons rest on and what they could rest on: duties
// that name the control first, then the other duties and contracts.
func (view *formView) links(v *register.View) error {
	for _, key := range view.Row.ReasonLinks {
		view.Links = append(view.Links, linkChoice{key, v.TitleOf("any", key), true})
	}
	reference := view.Control.Reference().String()
	for _, name := range []string{obligation.Obligations.Name, obligation.Contracts.Name} {
		all, err := v.Select(name)
		if err != nil {
			return err
		}
		for _, e := range all {
			if state, _ := e.Register.Lifecycle.State(e.State); state.Closed || slices.Contains(view.Row.ReasonLinks, e.Key) {
				continue
			}
			choice := linkChoice{e.Key, e.Title(), false}
			if slices.Contains(e.Doc.Strings("controls"), reference) {
				view.Links = append(view.Links, choice)
			} else {
				view.Offers = append(view.Offers, choice)
			}
		}
	}
	return nil
}

// refuse keeps what was typed beside the reason it was refused.
func (view *formView) refuse(typed map[string]any, problem error) {
	view.Problems = map[string]string{}
	e, ok := errors.AsType[*sextant.Error](problem)
	if ok {
		view.Error, view.Hint = e.Message, e.Hint
		if e.Field != "" {
			view.Problems[e.Field] = e.Message
		}
		for _, part := range e.Parts {
			view.Problems[part.Field] = part.Message
		}
	}
	if text, ok := typed["applicability"].(string); ok {
		view.Row.Applicability = text
	}
	if list, ok := typed["reasons"].([]string); ok {
		view.Row.Reasons = list
	}
	if list, ok := typed["reason_links"].([]string); ok {
		view.rechoose(list)
	}
	if text, ok := typed["inclusion_justification"].(string); ok {
		view.Row.InclusionJustification = text
	}
	if text, ok := typed["exclusion_justification"].(string); ok {
		view.Row.ExclusionJustification = text
	}
	if text, ok := typed["owner"].(string); ok {
		view.Row.Owner = text
	}
}

// rechoose shows the links as they were sent.
func (view *formView) rechoose(keys []string) {
	for i := range view.Links {
		view.Links[i].Chosen = slices.Contains(keys, view.Links[i].Key)
	}
	for _, o := range view.Offers {
		if slices.Contains(keys, o.Key) {
			o.Chosen = true
			view.Links = append(view.Links, o)
		}
	}
}

// fieldsOfForm are what the form can send; those it had are named in "has".
var fieldsOfForm = []string{"applicability", "reasons", "reason_links", "inclusion_justification", "exclusion_justification", "owner"}

func submitted(r *http.Request) map[string]any {
	values := map[string]any{}
	for _, key := range fieldsOfForm {
		sent, ok := r.PostForm[key]
		switch {
		case !ok && !slices.Contains(r.PostForm["has"], key):
		case key == "reasons" || key == "reason_links":
			values[key] = slices.DeleteFunc(append([]string{}, sent...), func(s string) bool { return s == "" })
		case len(sent) > 0:
			values[key] = sent[0]
		}
	}
	return values
}

func (s *section) decide(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	values := submitted(r)
	version, _ := strconv.Atoi(r.PostFormValue("version")) // 0 = on whatever stands
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		return soa.Decide(tx, r.PathValue("system"), r.PathValue("id"), version, values, register.Note{Why: r.PostFormValue("reason")})
	})
	if err != nil {
		return s.drawForm(w, r, actor, values, err)
	}
	to := path + "?system=" + r.PathValue("system")
	if r.PostFormValue("back") != "" {
		to = page.Local(r.PostFormValue("back"))
	}
	http.Redirect(w, r, to+"#row-"+r.PathValue("id"), http.StatusSeeOther)
	return nil
}

// toggle adds or takes away one reason.
func (s *section) toggle(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		system, id := r.PathValue("system"), r.PathValue("id")
		d, found, err := soa.Decided(&tx.View, system, id)
		if err != nil {
			return err
		}
		row, version := soa.Row{Applicability: string(soa.Undecided)}, 0
		if found {
			row, version = d.Fields, d.Version
		}
		next, err := soa.Toggled(row, r.PostFormValue("reason"))
		if err != nil {
			return err
		}
		return soa.Decide(tx, system, id, version, map[string]any{"applicability": next.Applicability, "reasons": next.Reasons}, register.Note{})
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, page.Local(r.PostFormValue("back"))+"#row-"+r.PathValue("id"), http.StatusSeeOther)
	return nil
}
