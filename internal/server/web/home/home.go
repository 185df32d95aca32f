// SPDX-License-Identifier: Apache-2.0

// Package home is the first page: are we ready, what changed, what is due, what
// is mine. It draws widgets people can hide, move and share; every number leads
// to the list behind it. It concludes nothing itself.
package home

import (
	"net/http"

	"sextant/access"
	"sextant/evidence"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/settings"
	"sextant/lint"
	"sextant/monitor"
	"sextant/register"
)

type section struct {
	*page.Site
	way   *monitor.Way
	rules lint.Conditions
}

// Section gives the first page and what waits for the one who asks; way gives
// the checks in force, nil where nothing is monitored; rules what is linted.
func Section(site *page.Site, way *monitor.Way, rules lint.Conditions) page.Section {
	s := &section{site, way, rules}
	return page.Section{
		Items:    []page.Item{{Key: "nav.home", Path: "/", Icon: "i-home", Tab: true}},
		Commands: []page.Command{{Key: "mywork.title", Path: "/my-work", Icon: "i-inbox"}},
		Routes:   map[string]page.Serve{"GET /{$}": s.home, "GET /my-work": s.myWork, "POST /home/widgets": s.arrange},
	}
}

func (s *section) home(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	title := message.T(r.Context(), "home.title")
	if at, _ := page.AsOf(r); at != 0 {
		title = message.T(r.Context(), "home.title.past")
	}
	p := s.Page(r, actor, title)
	if !s.Has("implementation") || !s.Has("soa_row") || !s.Has("task") {
		return s.directory(w, r, p, actor)
	}
	var view homeView
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) (err error) {
		if view, err = s.viewOf(v, m, p); err != nil {
			return err
		}
		view.Started, err = settings.Started(r, v, m)
		return err
	}); err != nil {
		return err
	}
	if p.Past() {
		if err := s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { return view.fillToday(v) }); err != nil {
			return err
		}
	}
	s.Draw(w, r, homePage(p, view))
	return nil
}

// directory lists the registers: the first page of a program without controls,
// and a widget of the others.
func (s *section) directory(w http.ResponseWriter, r *http.Request, p page.Page, actor access.Actor) error {
	var rows []registerRow
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		rows, err = registersOf(v)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, directoryPage(p, rows))
	return nil
}

// registerRow is one register with what it holds.
type registerRow struct {
	Def         *register.Definition
	Path, Count string
}

func registersOf(v *register.View) (rows []registerRow, err error) {
	for _, def := range v.Set().All() {
		if def.Group == "" {
			continue
		}
		n, err := v.Count(register.List{Register: def.Name})
		if err != nil {
			return nil, err
		}
		rows = append(rows, registerRow{def, "/" + def.Plural, page.Count(n)})
	}
	return rows, nil
}
