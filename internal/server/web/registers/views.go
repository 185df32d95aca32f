// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"net/http"
	"net/url"
	"slices"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// viewParameters are what a saved view keeps of an address.
var viewParameters = []string{"filter", "order", "group", "cols", "search"}

// viewQuery is the part of a page's address a view keeps.
func viewQuery(p page.Page) string {
	q := url.Values{}
	for _, key := range viewParameters {
		for _, value := range p.Query[key] {
			if value != "" {
				q.Add(key, value)
			}
		}
	}
	return q.Encode()
}

// viewsOf are the tabs of a list: all, the states that occur, what is mine, and
// the saved views.
func viewsOf(v *register.View, p page.Page, def *register.Definition) ([]grid.View, error) {
	ctx, now := v.Context(), viewQuery(p)
	all, err := v.Count(register.List{Register: def.Name})
	if err != nil {
		return nil, err
	}
	tabs := []grid.View{{Label: message.T(ctx, "list.all"), Path: p.Link(p.Path), Count: page.Count(all), Current: now == ""}}
	add := func(label string, filter register.Filter, always bool) error {
		n, err := v.Count(register.List{Register: def.Name, Filters: []register.Filter{filter}})
		if err != nil || (n == 0 && !always) {
			return err
		}
		query := url.Values{"filter": {filter.String()}}.Encode()
		tabs = append(tabs, grid.View{Label: label, Path: p.Link(p.Path + "?" + query), Count: page.Count(n), Current: now == query})
		return nil
	}
	if owner := ownerOf(v, def); owner != "" && v.Actor().Person != "" {
		if err := add(message.T(ctx, "list.mine"), register.Filter{Field: owner, Op: register.Is, Values: []string{v.Actor().Person}}, false); err != nil {
			return nil, err
		}
	}
	if len(def.Lifecycle.States) > 1 && all > 0 {
		for _, state := range def.Lifecycle.States {
			if err := add(message.Mark(ctx, state.Label), register.Filter{Field: "state", Op: register.Is, Values: []string{state.Name}}, false); err != nil {
				return nil, err
			}
		}
	}
	saved, err := savedViews(v, p, now)
	return append(tabs, saved...), err
}

func ownerOf(v *register.View, def *register.Definition) string {
	for _, f := range v.Fields(def) {
		if f.IsOwner {
			return f.Key
		}
	}
	return ""
}

// savedViews are the actor's own and the shared ones, of this page.
func savedViews(v *register.View, p page.Page, now string) ([]grid.View, error) {
	kept, err := register.SavedViews.All(v, register.Filter{Field: "page", Op: register.Is, Values: []string{p.Path}})
	if err != nil {
		return nil, err
	}
	var tabs []grid.View
	for _, view := range kept {
		f := view.Fields
		if f.Shared || (f.Owner == v.Actor().Person && f.Owner != "") {
			tabs = append(tabs, grid.View{Label: f.Title, Path: p.Link(p.Path + "?" + f.Query), Current: now == f.Query, Remove: "/saved-views/" + view.Key})
		}
	}
	return tabs, nil
}

func mayKeepViews(v *register.View) bool {
	return v.MayCreate(register.SavedViews.Definition) && v.Actor().Person != ""
}

// viewForm asks for the name of a view to be saved.
func (s *section) viewForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	def, err := s.Kernel.Set().Named(r.PathValue("register"))
	if err != nil {
		return err
	}
	s.Draw(w, r, saveViewPage(s.Page(r, actor, message.T(r.Context(), "grid.view.save")), def, r.URL.Query().Get("query")))
	return nil
}

func (s *section) saveView(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	def, err := s.Kernel.Set().Named(r.PathValue("register"))
	if err != nil {
		return err
	}
	query, err := url.ParseQuery(r.PostFormValue("query"))
	if err != nil {
		return sextant.Errorf(sextant.Invalid, "this view cannot be kept: its address cannot be read")
	}
	for key := range query {
		if !slices.Contains(viewParameters, key) {
			query.Del(key)
		}
	}
	path := "/" + def.Plural
	return s.change(w, r, actor, path+"?"+query.Encode(), func(tx *register.Tx) error {
		_, err := register.SavedViews.Create(tx, register.SavedView{Title: r.PostFormValue("title"), Page: path, Query: query.Encode(),
			Shared: r.PostFormValue("shared") != "", Owner: actor.Person}, register.Note{})
		return err
	})
}
