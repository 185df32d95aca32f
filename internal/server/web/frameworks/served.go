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
	ID, Title, Path string // of the framework
	Set             framework.MappingSet
	Requirements    []servedView
	More            int // that are not listed
}

// servedView is one requirement with what is known of it.
type servedView struct {
	Number, Title string
	Says          string // how the control stands to it
	Strength      string // in the words of the set
	Rationale     string
	State         control.State
	Known         bool
	How           string // by what it stands as it does
	From          string // numbers of what decided, where it was inferred from others too
	Contested     bool
}

// servedShown is how many requirements of a framework a control's page lists.
const servedShown = 8

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
	var list []Served
	for _, h := range states.Serving(reference) {
		id, ok := treeOf(trees, h.To)
		if !ok {
			continue
		}
		i := slices.IndexFunc(list, func(s Served) bool { return s.ID == id && s.Set.ID == h.Set.ID })
		if i < 0 {
			t := trees[slices.IndexFunc(trees, func(t framework.Tree) bool { return t.ID == id })]
			list = append(list, Served{ID: id, Title: t.Title, Path: p.Link(path + "/" + id), Set: *h.Set})
			i = len(list) - 1
		}
		if len(list[i].Requirements) == servedShown {
			list[i].More++
			continue
		}
		list[i].Requirements = append(list[i].Requirements, servedOf(v, states, h))
	}
	return list, nil
}

// treeOf finds the framework a reference is of: by the standard before its
// slash, or as that of an imported library.
func treeOf(trees []framework.Tree, reference string) (string, bool) {
	first, rest, _ := strings.Cut(reference, "/")
	second, _, _ := strings.Cut(rest, "/")
	for _, t := range trees {
		if t.ID == first || t.Imported && t.ID == second {
			return t.ID, true
		}
	}
	return "", false
}

func servedOf(v *register.View, states *crosswalk.States, h crosswalk.Hop) servedView {
	ctx := v.Context()
	x := states.Of(h.To)
	s := servedView{Number: numberOf(h.To), Title: titleOf(v, h.To), Says: message.T(ctx, "frameworks.serves."+string(h.Kind)), Strength: h.Strength, Rationale: h.Rationale,
		State: x.State, Known: x.Own || x.State != control.NotAssessed, Contested: h.Contested}
	switch {
	case x.Own:
		s.How = message.T(ctx, "frameworks.own")
	case s.Known:
		s.How = message.T(ctx, "frameworks.inferred."+x.Coverage.String())
		var from []string
		for i, way := range x.Paths {
			if i < 3 {
				from = append(from, numberOf(way.Source()))
			}
		}
		s.From = strings.Join(from, ", ")
		if len(x.Paths) > 3 {
			s.From += " " + message.T(ctx, "frameworks.ways.more", len(x.Paths)-3)
		}
	}
	return s
}
