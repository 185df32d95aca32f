// SPDX-License-Identifier: Apache-2.0

// Package frameworks shows the frameworks on board and those mappings lead to:
// as a list, and each as a tree with what the evidence there is shows of every
// requirement, and by which path. It infers nothing itself: package crosswalk
// does.
package frameworks

import (
	"net/http"
	"slices"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/crosswalk"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/organisation"
	"sextant/register"
)

type section struct {
	*page.Site
	board crosswalk.Board
}

const path = "/frameworks"

// Section gives the list of frameworks and the tree of one.
func Section(site *page.Site, board crosswalk.Board) page.Section {
	s := &section{site, board}
	if board.Standing == nil || !site.Has("management_system") {
		return page.Section{}
	}
	return page.Section{
		Items:  []page.Item{{Key: "nav.frameworks", Path: path, Icon: "i-branch", Prefix: []string{"/libraries"}}},
		Routes: map[string]page.Serve{"GET " + path: s.list, "GET " + path + "/{framework}": s.tree},
	}
}

// listView is what the list draws.
type listView struct {
	Used, Mapped, Imported []rowView
	MaySwitch              bool   // extensions of a management system
	System                 string // the one they are switched on at, "" where there is none
	Roles                  []framework.Role
	Follow                 bool // an extension is on, and the role it follows is not said
}

// rowView is one framework of the list.
type rowView struct {
	framework.Tree
	Use     string // message that says what it is here
	Systems []string
	Counts  []countView
}

// countView is how many requirements are in one state.
type countView struct {
	State control.State
	Count int
}

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "frameworks.title"))
	var view listView
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) error { return s.fill(&view, v, m) }); err != nil {
		return err
	}
	s.Draw(w, r, listPage(p, view))
	return nil
}

func (s *section) fill(view *listView, v *register.View, m evidence.Reader) error {
	trees, err := s.board.Trees(v)
	if err != nil {
		return err
	}
	states, err := s.board.At(v, m)
	if err != nil {
		return err
	}
	systems, err := organisation.ManagementSystems.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return err
	}
	if view.Roles, err = organisation.Roles(v); err != nil {
		return err
	}
	if len(systems) > 0 {
		view.System, view.MaySwitch = systems[0].Key, v.MayEdit(systems[0].Entry)
	}
	counts, err := s.counts(v, states, trees)
	if err != nil {
		return err
	}
	for _, t := range trees {
		row := rowView{Tree: t, Counts: counts[t.ID]}
		switch _, board := framework.StandardByID(t.ID); {
		case t.Imported:
			view.Imported = append(view.Imported, row)
		case board:
			row.Use, row.Systems = useOf(t.ID, systems)
			view.Follow = view.Follow || len(row.Systems) > 0 && unfollowed(t.ID, view.Roles)
			view.Used = append(view.Used, row)
		default:
			view.Mapped = append(view.Mapped, row)
		}
	}
	return nil
}

// useOf says what a standard on board is here, and in which management systems.
func useOf(id string, systems []register.Of[organisation.ManagementSystem]) (use string, titles []string) {
	for _, s := range systems {
		if s.Fields.Standard == id || slices.Contains(s.Fields.Extensions, id) {
			titles = append(titles, s.Title())
		}
	}
	switch {
	case len(titles) > 0:
		return "used", titles
	case id == framework.StandardID:
		return "base", nil
	case slices.Contains(framework.Extensions(), id):
		return "off", nil
	}
	return "read", nil
}

// unfollowed says whether the rows of a standard follow a role nobody has named.
func unfollowed(id string, roles []framework.Role) bool {
	rows := framework.RowsOf(id)
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(c framework.Control) bool { return c.AsksOf(roles) })
}

// counts tells how many requirements of each framework, by its id, are in each
// state something is known of. Standards with rows of their own are left out.
func (s *section) counts(v *register.View, states *crosswalk.States, trees []framework.Tree) (map[string][]countView, error) {
	return register.Recall(v, "frameworks.counts "+states.Mark(), func() (all map[string][]countView, _ sextant.Instant, err error) {
		all = map[string][]countView{}
		for _, t := range trees {
			if _, board := framework.StandardByID(t.ID); board {
				continue
			}
			if all[t.ID], err = s.countsOf(v, states, t.ID); err != nil {
				return nil, 0, err
			}
		}
		return all, 0, nil
	})
}

func (s *section) countsOf(v *register.View, states *crosswalk.States, id string) (list []countView, err error) {
	points, err := s.board.Asking(v, id)
	n := map[control.State]int{}
	for _, point := range points {
		if state, known := states.Brief(point); known {
			n[state]++
		}
	}
	for _, state := range page.States {
		if n[state] > 0 && state != control.NotAssessed {
			list = append(list, countView{state, n[state]})
		}
	}
	return list, err
}
