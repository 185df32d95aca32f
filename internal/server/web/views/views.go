// SPDX-License-Identifier: Apache-2.0

// Package views keeps how people like to see a page: its filters, order, groups
// and columns under a name, for themselves or for everybody. Any page with its
// state in the address can offer it; what the page shows is its own business.
package views

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

type section struct{ *page.Site }

// Section gives the form that saves a view.
func Section(site *page.Site) page.Section {
	s := &section{site}
	return page.Section{Routes: map[string]page.Serve{"GET /views/new": s.form, "POST /views": s.save}}
}

// parameters are what a saved view keeps of an address.
var parameters = []string{"filter", "order", "group", "cols", "search"}

// Query is the part of a page's address a view keeps.
func Query(p page.Page) string {
	q := url.Values{}
	for _, key := range parameters {
		for _, value := range p.Query[key] {
			if value != "" {
				q.Add(key, value)
			}
		}
	}
	return q.Encode()
}

// Saved gives the actor's own views of a page and the shared ones, as tabs.
func Saved(v *register.View, p page.Page) ([]grid.View, error) {
	kept, err := register.SavedViews.All(v, register.Filter{Field: "page", Op: register.Is, Values: []string{p.Path}})
	if err != nil {
		return nil, err
	}
	var tabs []grid.View
	for _, view := range kept {
		f := view.Fields
		if f.Shared || (f.Owner == v.Actor().Person && f.Owner != "") {
			tabs = append(tabs, grid.View{Label: f.Title, Path: p.Link(p.Path + "?" + f.Query), Current: Query(p) == f.Query, Remove: "/saved-views/" + view.Key})
		}
	}
	return tabs, nil
}

// SavePath is where the view that is shown can be saved; "" where the actor
// keeps none.
func SavePath(v *register.View, p page.Page) string {
	if !v.MayCreate(register.SavedViews.Definition) || v.Actor().Person == "" {
		return ""
	}
	return "/views/new?" + url.Values{"page": {p.Path}, "query": {Query(p)}}.Encode()
}

// form asks for the name of a view to be saved.
func (s *section) form(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	of, err := pageOf(r.URL.Query().Get("page"))
	if err != nil {
		return err
	}
	s.Draw(w, r, savePage(s.Page(r, actor, message.T(r.Context(), "grid.view.save")), of, r.URL.Query().Get("query")))
	return nil
}

// pageOf accepts the path of a page of this site.
func pageOf(path string) (string, error) {
	if path != page.Local(path) || strings.ContainsAny(path, "?#") {
		return "", sextant.Errorf(sextant.Invalid, "there is no page %q whose view could be kept", path)
	}
	return path, nil
}

func (s *section) save(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	of, err := pageOf(r.PostFormValue("page"))
	if err != nil {
		return err
	}
	query, err := url.ParseQuery(r.PostFormValue("query"))
	if err != nil {
		return sextant.Errorf(sextant.Invalid, "this view cannot be kept: its address cannot be read")
	}
	for key := range query {
		if !slices.Contains(parameters, key) {
			query.Del(key)
		}
	}
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		_, err := register.SavedViews.Create(tx, register.SavedView{Title: r.PostFormValue("title"), Page: of, Query: query.Encode(),
			Shared: r.PostFormValue("shared") != "", Owner: actor.Person}, register.Note{})
		return err
	}); err != nil {
		return err
	}
	http.Redirect(w, r, grid.Address(of, query), http.StatusSeeOther)
	return nil
}
