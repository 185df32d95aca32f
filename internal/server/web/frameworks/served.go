// SPDX-License-Identifier: Apache-2.0

package frameworks

import (
	"slices"
	"strings"

	"sextant/control"
	"sextant/crosswalk"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// Served is what mappings of one set lead to from a control: the requirements
// of one framework it speaks to.
type Served struct {
	ID, Title, Path string // of the framework; an imported mapping may lead to one that is not here
	Here            bool
	Set             framework.MappingSet
	SetPath         string
	Requirements    []servedView
	More            int // that are not listed
}

// servedView is one requirement with what is known of it.
type servedView struct {
	hopView
	State control.State
	Known bool
	How   string // by what it stands as it does
	From  string // numbers of what decided, where it was inferred from others too
}

// servedShown is how many requirements of a framework a control's page lists.
const servedShown = 8

// servedFrom is how many sources of an inference it names.
const servedFrom = 3

// ServedBy gives the frameworks a control speaks to, in the order of the sets.
func ServedBy(board crosswalk.Board, v *register.View, m evidence.Reader, p page.Page, reference string) ([]Served, error) {
	if board.Standing == nil {
		return nil, nil
	}
	states, err := board.At(v, m)
	if err != nil {
		return nil, err
	}
	trees, err := board.Trees(v)
	if err != nil {
		return nil, err
	}
	l := laying{board: board, v: v, p: p, states: states}
	var list []Served
	for _, h := range states.Serving(reference) {
		i := slices.IndexFunc(list, func(s Served) bool { return s.Set.ID == h.Set.ID })
		if i < 0 {
			s, err := l.servedBy(trees, h)
			if err != nil {
				return nil, err
			}
			list = append(list, s)
			i = len(list) - 1
		}
		if len(list[i].Requirements) == servedShown {
			list[i].More++
			continue
		}
		x, err := l.servedOf(h)
		if err != nil {
			return nil, err
		}
		list[i].Requirements = append(list[i].Requirements, x)
	}
	return list, nil
}

// servedBy is the framework the mappings of a set lead to.
func (l *laying) servedBy(trees []framework.Tree, h crosswalk.Hop) (Served, error) {
	s := Served{Set: *h.Set, SetPath: setPath(l.p, *h.Set)}
	place, found, err := l.board.Named(l.v, h.ToFramework(), h.To)
	if err != nil {
		return s, err
	}
	if found {
		s.ID, s.Title, s.Here = place.Framework, place.Title, true
	} else if i := slices.IndexFunc(trees, func(t framework.Tree) bool { return strings.HasPrefix(h.To, t.ID+"/") }); i >= 0 {
		s.ID, s.Title, s.Here = trees[i].ID, trees[i].Title, true
	} else {
		s.Title = last(h.ToFramework())
	}
	if s.Here {
		s.Path = l.p.Link(path + "/" + s.ID)
	}
	return s, nil
}

func (l *laying) servedOf(h crosswalk.Hop) (servedView, error) {
	ctx := l.v.Context()
	x := l.states.Near(h.To, servedFrom+1)
	s := servedView{State: x.State, Known: x.Own || x.State != control.NotAssessed}
	if err := s.name(l.board, l.v, l.p, h.ToFramework(), h.To); err != nil {
		return s, err
	}
	s.say(ctx, l.p, h, "frameworks.serves.")
	switch {
	case x.Own:
		s.How = message.T(ctx, "frameworks.own")
	case s.Known:
		s.How = message.T(ctx, "frameworks.inferred."+x.Coverage.String())
		var from []string
		for _, way := range x.Paths {
			if id := numberOf(way.Source()); !slices.Contains(from, id) {
				from = append(from, id)
			}
		}
		s.From = strings.Join(from[:min(servedFrom, len(from))], ", ")
		if len(from) > servedFrom || x.Capped {
			s.From = message.T(ctx, "frameworks.from.others", s.From)
		}
	}
	return s, nil
}
