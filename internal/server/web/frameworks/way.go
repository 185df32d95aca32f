// SPDX-License-Identifier: Apache-2.0

package frameworks

import (
	"context"
	"fmt"
	"strings"

	"sextant/control"
	"sextant/crosswalk"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/library"
	"sextant/register"
)

// waysShown is how many paths of a requirement stand on the page.
const waysShown = 6

// waysCounted is up to how many ways are counted; beyond that there are more.
const waysCounted = 24

// wayView is one path of an inference.
type wayView struct {
	State control.State
	Hops  []hopView
}

// hopView is one mapping of a path.
type hopView struct {
	ID, Title, Path string // where it begins
	Of              string // the framework that is of, where it is not the base
	Says            string // how that stands to the next
	Strength        string
	Rationale       string
	Set             string // where an imported mapping is kept
	SetPath         string
	Contested       string // what other sources say
}

func (l *laying) wayOf(hops []crosswalk.Hop, state control.State) (w wayView, err error) {
	w.State = state
	for _, h := range hops {
		x, err := l.hopOf(h)
		if err != nil {
			return w, err
		}
		w.Hops = append(w.Hops, x)
	}
	return w, nil
}

func (l *laying) hopOf(h crosswalk.Hop) (hopView, error) {
	x := hopView{Path: PathOf(l.p, h.From, l.states)}
	if err := x.name(l.board, l.v, l.p, h.FromFramework(), h.From); err != nil {
		return x, err
	}
	x.say(l.v.Context(), l.p, h, "frameworks.kind.")
	return x, nil
}

// name fills in what a requirement is called, and of what it is.
func (x *hopView) name(board crosswalk.Board, v *register.View, p page.Page, of, reference string) error {
	place, found, err := board.Named(v, of, reference)
	switch {
	case err != nil:
		return err
	case found:
		x.ID, x.Title, x.Of = place.Number, place.Name, place.Title
		if x.Path == "" {
			x.Path = imported(p, place.Reference)
		}
	case strings.HasPrefix(reference, "urn:"):
		x.ID, x.Of = last(reference), last(of)
	default:
		x.ID, x.Title, x.Of = numberOf(reference), titleOf(v, reference), standardOf(reference)
	}
	return nil
}

// last is the end of a urn, which is as good a name as there is for what is not
// here.
func last(urn string) string { return urn[strings.LastIndexByte(urn, ':')+1:] }

// say fills in how the two ends of a mapping stand, by whom, and who says
// otherwise.
func (x *hopView) say(ctx context.Context, p page.Page, h crosswalk.Hop, kind string) {
	x.Says, x.Strength, x.Rationale = message.T(ctx, kind+string(h.Kind)), h.Strength, h.Rationale
	if h.Set.Library != "" {
		x.Set, x.SetPath = h.Set.Library, setPath(p, *h.Set)
	}
	var against []string
	for _, o := range h.Against {
		source := o.Set.Library
		if source == "" {
			source = o.Set.ID
		}
		against = append(against, source+": "+message.T(ctx, kind+string(o.Kind)))
	}
	x.Contested = strings.Join(against, "; ")
}

// setPath is where the mappings of an imported set can be read.
func setPath(p page.Page, set framework.MappingSet) string {
	if set.Library == "" {
		return ""
	}
	return p.Link(fmt.Sprintf("/libraries/%s/browse?show=mappings&n=%d", set.Library, set.Place))
}

// imported is where a requirement of a library can be read, "" of anything else.
func imported(p page.Page, reference string) string {
	key, id, ok := library.ParseReference(reference)
	if !ok {
		return ""
	}
	return p.Link("/libraries/" + key + "/browse?show=framework&at=" + id)
}

// numberOf is a reference as people write it: controls by their id, others by
// their number within their framework.
func numberOf(reference string) string {
	if c, ok := framework.ControlByID(reference); ok {
		return c.ID
	}
	_, id, _ := strings.Cut(reference, "/")
	return id
}

// standardOf names what a reference is of, where it is neither a control nor a
// clause of the base.
func standardOf(reference string) string {
	if _, ok := framework.ControlByID(reference); ok || strings.HasPrefix(reference, framework.ControlPrefix) {
		return ""
	}
	id, _, _ := strings.Cut(reference, "/")
	for _, t := range framework.MappedTrees() {
		if t.ID == id {
			return t.Title
		}
	}
	if s, ok := framework.StandardByID(id); ok {
		return s.Title
	}
	return ""
}

func titleOf(v *register.View, reference string) string {
	if c, ok := framework.ControlByID(reference); ok {
		return c.Title
	}
	if id, ok := strings.CutPrefix(reference, framework.ControlPrefix); ok {
		c, _ := framework.ClauseByID(id)
		return c.Title
	}
	if title := v.TitleOf("any", reference); title != reference {
		return title
	}
	return ""
}
