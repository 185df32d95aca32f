// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"sextant"
	"sextant/access"
	"sextant/document"
	"sextant/evidence"
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
	Documents     []linkChoice // what the row names, and what names the control
	Papers        []linkChoice // further documents
	Problems      map[string]string
	Error, Hint   string
	MayDecide     bool
	Proposed      proposedView
	Key           string // of the row, "" where nothing was decided
	Back          string // where it came from, "" = the whole statement
}

type personChoice struct{ Key, Name string }

// linkChoice is a duty, a contract or another entry a reason may rest on.
type linkChoice struct {
	Key, Title string
	Chosen     bool
	Fixed      bool // it names the control itself: nothing to choose
}

// ownerName is what the owner is called, "" for nobody.
func (view formView) ownerName() string {
	i := slices.IndexFunc(view.People, func(x personChoice) bool { return x.Key == view.Row.Owner })
	if i < 0 {
		return view.Row.Owner
	}
	return view.People[i].Name
}

func (s *section) form(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawForm(w, r, actor, nil, nil)
}

// drawForm draws the form of a row, with what was typed and why it was refused.
func (s *section) drawForm(w http.ResponseWriter, r *http.Request, actor access.Actor, typed map[string]any, problem error) error {
	view := formView{System: r.PathValue("system"), Only: r.FormValue("field")}
	p := s.Page(r, actor, "")
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) (err error) {
		if view.Control, err = soa.RowOf(v, view.System, r.PathValue("id")); err != nil {
			return err
		}
		if err = view.fill(v); err != nil || view.Only != "" {
			return err
		}
		all, err := s.proposed(v, m, view.System)
		view.Proposed = rowProposals(v, p, view.Row, view.System, view.Control.ID, all)
		return err
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
	p.Title = message.T(r.Context(), "statement.form", view.Control.ID, view.Control.Title)
	s.DrawStatus(w, r, status, formPage(p, view))
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
	if err := view.documents(v); err != nil {
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
		view.Links = append(view.Links, linkChoice{Key: key, Title: v.TitleOf("any", key), Chosen: true})
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
			choice := linkChoice{Key: e.Key, Title: e.Title()}
			if slices.Contains(e.Doc.Strings("controls"), reference) {
				view.Links = append(view.Links, choice)
			} else {
				view.Offers = append(view.Offers, choice)
			}
		}
	}
	return nil
}

// documents gathers what the row names beside the documents that name the
// control themselves, which are no choice of the row.
func (view *formView) documents(v *register.View) error {
	for _, key := range view.Row.Documents {
		view.Documents = append(view.Documents, linkChoice{Key: key, Title: v.TitleOf("document", key), Chosen: true})
	}
	all, err := document.Documents.All(v, standing)
	for _, d := range all {
		choice := linkChoice{Key: d.Key, Title: d.Title()}
		switch {
		case slices.Contains(view.Row.Documents, d.Key):
		case slices.Contains(d.Fields.Controls, view.Control.Reference().String()):
			choice.Chosen, choice.Fixed = true, true
			view.Documents = append(view.Documents, choice)
		default:
			view.Papers = append(view.Papers, choice)
		}
	}
	return err
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
		view.Links = rechosen(view.Links, view.Offers, list)
	}
	if list, ok := typed["documents"].([]string); ok {
		view.Documents = rechosen(view.Documents, view.Papers, list)
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
	if text, ok := typed["planned_on"].(string); ok {
		view.Row.PlannedOn = text
	}
}

// rechosen gives the choices as they were sent, with what was chosen of the
// further offers.
func rechosen(choices, offers []linkChoice, keys []string) []linkChoice {
	for i, c := range choices {
		choices[i].Chosen = c.Fixed || slices.Contains(keys, c.Key)
	}
	for _, o := range offers {
		if slices.Contains(keys, o.Key) {
			o.Chosen = true
			choices = append(choices, o)
		}
	}
	return choices
}

// fieldsOfForm are what the form can send; those it had are named in "has".
var fieldsOfForm = []string{"applicability", "reasons", "reason_links", "inclusion_justification", "exclusion_justification", "owner", "planned_on", "documents"}

func submitted(r *http.Request) map[string]any {
	values := map[string]any{}
	for _, key := range fieldsOfForm {
		sent, ok := r.PostForm[key]
		switch {
		case !ok && !slices.Contains(r.PostForm["has"], key):
		case key == "reasons" || key == "reason_links" || key == "documents":
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
		if reason := r.PostFormValue("take"); reason != "" { // a proposed one, with what it rests on
			return s.settleIn(tx, system, id, reason, "take", register.Note{})
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
