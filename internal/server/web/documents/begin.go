// SPDX-License-Identifier: Apache-2.0

package documents

import (
	"cmp"
	"net/http"
	"slices"

	"sextant"
	"sextant/access"
	"sextant/document"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
)

// templatesView is the page a document is begun on.
type templatesView struct {
	Cards       []card
	Chosen      *card
	People      []named
	Owner       string
	Approver    string
	Error, Hint string
	MayMake     bool
}

// card is one template with what is known of the facts it asks for.
type card struct {
	document.Template
	Used  *named   // the document that was begun from it already
	Known int      // facts that are known
	Asks  int      // facts it asks for
	Open  []string // what is not known, in words
	HTML  string   // of the text with the facts, of the chosen one only
}

func (s *section) templates(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawTemplates(w, r, actor, r.URL.Query().Get("template"), nil)
}

func (s *section) drawTemplates(w http.ResponseWriter, r *http.Request, actor access.Actor, chosen string, problem error) error {
	var view templatesView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = templatesOf(v, chosen)
		return err
	}); err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		status, view.Error, view.Hint = page.Explain(problem)
		view.Owner, view.Approver = r.PostFormValue("owner"), r.PostFormValue("approver")
	}
	s.DrawStatus(w, r, status, templatesPage(s.Page(r, actor, message.T(r.Context(), "documents.templates.title")), view))
	return nil
}

func templatesOf(v *register.View, chosen string) (view templatesView, err error) {
	facts, err := monitor.DocumentFacts(v)
	if err != nil {
		return view, err
	}
	all, err := document.Documents.All(v)
	if err != nil {
		return view, err
	}
	view.MayMake = v.MayCreate(document.Documents.Definition)
	for _, t := range document.Templates() {
		c := cardOf(t, facts)
		if i := slices.IndexFunc(all, func(d register.Of[document.Document]) bool { return d.Fields.Template == t.ID }); i >= 0 {
			c.Used = &named{all[i].Fields.Reference, all[i].Title(), path + "/" + all[i].Key}
		}
		view.Cards = append(view.Cards, c)
		if t.ID == chosen {
			c.HTML = page.Markdown(document.Fill(t.Text, facts))
			view.Chosen = &c
		}
	}
	if chosen != "" && view.Chosen == nil {
		_, err := document.FindTemplate(chosen)
		return view, err
	}
	return view, view.fillPeople(v)
}

func cardOf(t document.Template, facts document.Facts) card {
	c := card{Template: t}
	for _, name := range document.Unresolved(t.Text) {
		c.Asks++
		if _, known := facts[name]; known || name == "review_interval" {
			c.Known++
			continue
		}
		for _, variable := range document.Variables() {
			if variable.Name == name {
				c.Open = append(c.Open, variable.Meaning)
			}
		}
	}
	return c
}

// fillPeople offers who can answer for a document: the ISMS manager as its
// owner, somebody of top management as who approves it.
func (view *templatesView) fillPeople(v *register.View) error {
	people, err := v.List(register.List{Register: "person", Limit: 200, Order: "name", Filters: []register.Filter{{Field: "state", Op: register.Is, Values: []string{"active"}}}})
	if err != nil {
		return err
	}
	for _, e := range people.Entries {
		view.People = append(view.People, named{ID: e.Key, Title: e.Title()})
	}
	organisations, err := v.Select("organisation")
	if err != nil || len(organisations) == 0 {
		return err
	}
	o := organisations[0].Doc
	view.Owner = cmp.Or(o.Text("isms_manager"), v.Actor().Person)
	for _, key := range o.Strings("top_management") {
		if key != view.Owner {
			view.Approver = cmp.Or(view.Approver, key)
		}
	}
	return nil
}

// begin makes a document and its draft from a template.
func (s *section) begin(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	t, err := document.FindTemplate(r.PostFormValue("template"))
	if err != nil {
		return err
	}
	var of register.Entry
	err = s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		facts, err := monitor.DocumentFacts(&tx.View)
		if err != nil {
			return err
		}
		of, _, err = document.Begin(tx, t, facts, document.People{Owner: r.PostFormValue("owner"), Approver: r.PostFormValue("approver"), Author: actor.Person}, register.Note{})
		return err
	})
	if _, ok := page.StatusOf(err); err != nil && ok {
		return s.drawTemplates(w, r, actor, t.ID, err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, path+"/"+of.Key+"/write", http.StatusSeeOther)
	return nil
}
