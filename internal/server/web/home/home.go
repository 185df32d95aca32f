// SPDX-License-Identifier: Apache-2.0

// Package home is the first page.
package home

import (
	"net/http"
	"net/url"

	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

type section struct{ *page.Site }

// Section gives the first page.
func Section(site *page.Site) page.Section {
	s := &section{site}
	return page.Section{
		Items:  []page.Item{{Key: "nav.home", Path: "/", Icon: "i-home", Tab: true}},
		Routes: map[string]page.Serve{"GET /{$}": s.home, "GET /my-work": s.myWork},
	}
}

func (s *section) home(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var rows []homeRow
	var tasks []hit
	err := s.Read(r, actor, func(v *register.View) error {
		for _, def := range v.Set().All() {
			if def.Group == "" {
				continue
			}
			n, err := v.Count(register.List{Register: def.Name})
			if err != nil {
				return err
			}
			rows = append(rows, homeRow{Def: def, Path: "/" + def.Plural, Count: page.Count(n)})
		}
		if v.Moment() != 0 || actor.Person == "" {
			return nil
		}
		list, err := v.List(register.List{Register: "task", Order: "due_on", Limit: 10, Filters: []register.Filter{
			{Field: "state", Op: register.Is, Values: []string{"open", "in_progress"}}, {Field: "assignee", Op: register.Is, Values: []string{actor.Person}}}})
		for _, e := range list.Entries {
			tasks = append(tasks, hitOf(e))
		}
		return err
	})
	if err != nil {
		return err
	}
	s.Draw(w, r, homePage(s.Page(r, actor, message.T(r.Context(), "home.title")), rows, tasks))
	return nil
}

// hit is one entry in a short list.
type hit struct{ Key, Title, Path, Register, State, Due string }

func hitOf(e register.Entry) hit {
	return hit{Key: e.Key, Title: e.Title(), Path: page.Path(e), Register: e.Register.Title, State: page.StateLabel(e.Register, e.State), Due: e.Due()}
}

type homeRow struct {
	Def   *register.Definition
	Path  string
	Count string
}

// myWork is the list of what is open for the one who asks.
func (s *section) myWork(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	l := page.MyWork(actor.Person)
	q := url.Values{"order": {l.Order}}
	for _, f := range l.Filters {
		q.Add("filter", f.String())
	}
	http.Redirect(w, r, "/tasks?"+q.Encode(), http.StatusSeeOther)
	return nil
}
