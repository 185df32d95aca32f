// SPDX-License-Identifier: Apache-2.0

package frameworks

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/crosswalk"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// treeView is what the page of one framework draws.
type treeView struct {
	framework.Tree
	Lines    []lineView
	Listed   int // requirements in Lines
	Tabs     []tabView
	Sets     []framework.MappingSet // that lead to it
	Inferred bool                   // something on the page was inferred
}

// lineView is a heading or a requirement, in the order of the tree.
type lineView struct {
	framework.Node
	Depth int
	crosswalk.Inferred
	Known bool   // there is a state to show
	Path  string // of its own page, "" where it has none
	Says  string // by what it stands as it does
	Ways  []wayView
	More  int // ways that are not shown
}

// wayView is one path of an inference.
type wayView struct {
	State control.State
	Hops  []hopView
}

// hopView is one mapping of a path.
type hopView struct {
	ID, Title, Path string // where it begins
	Says            string // how that stands to the next
	Source, Licence string
	Rationale       string
	Contested       bool
}

// tabView keeps the requirements in one state.
type tabView struct {
	Label, Path string
	Count       int
	Current     bool
}

// waysShown is how many paths of a requirement stand on the page.
const waysShown = 6

func (s *section) tree(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, r.PathValue("framework"))
	var view treeView
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		return s.fillTree(&view, v, m, p, r.PathValue("framework"))
	}); err != nil {
		return err
	}
	p.Title = view.Title
	s.Draw(w, r, treePage(p, view))
	return nil
}

func (s *section) fillTree(view *treeView, v *register.View, m evidence.Reader, p page.Page, id string) (err error) {
	if view.Tree, err = s.board.Tree(v, id); err != nil {
		return err
	}
	states, err := s.board.At(v, m)
	if err != nil {
		return err
	}
	l := laying{v: v, p: p, states: states}
	l.lay(view.Nodes, 0)
	if view.Lines, view.Tabs, err = chosen(v.Context(), l.lines, p, id); err != nil {
		return err
	}
	for _, x := range view.Lines {
		if x.Asks {
			view.Listed++
		}
		view.Inferred = view.Inferred || len(x.Ways) > 0
	}
	for _, x := range l.lines {
		for _, way := range x.Paths {
			for _, h := range way.Hops {
				if !slices.ContainsFunc(view.Sets, func(set framework.MappingSet) bool { return set.ID == h.Set.ID }) {
					view.Sets = append(view.Sets, *h.Set)
				}
			}
		}
		for _, h := range x.Beside {
			if !slices.ContainsFunc(view.Sets, func(set framework.MappingSet) bool { return set.ID == h.Set.ID }) {
				view.Sets = append(view.Sets, *h.Set)
			}
		}
	}
	return nil
}

// laying puts a tree into lines.
type laying struct {
	v      *register.View
	p      page.Page
	states *crosswalk.States
	lines  []lineView
}

func (l *laying) lay(nodes []framework.Node, depth int) {
	for _, n := range nodes {
		x := lineView{Node: n, Depth: min(depth, 3)}
		if n.Asks {
			l.know(&x)
		}
		l.lines = append(l.lines, x)
		l.lay(n.Children, depth+1)
	}
}

func (l *laying) know(x *lineView) {
	x.Inferred = l.states.Of(x.Node.Reference)
	x.Known = x.Own || len(x.Paths) > 0 || l.states.Has(x.Node.Reference)
	x.Path = PathOf(l.p, x.Node.Reference, l.states)
	ctx := l.v.Context()
	switch {
	case x.Own:
		x.Says = message.T(ctx, "frameworks.own")
	case x.State != control.NotAssessed:
		x.Says = message.T(ctx, "frameworks.inferred."+x.Coverage.String())
	case len(x.Paths) > 0:
		x.Says = message.T(ctx, "frameworks.inferred.nothing")
	case len(x.Beside) > 0:
		x.Says = message.T(ctx, "frameworks.beside", len(x.Beside))
	}
	for i, way := range x.Paths {
		if i == waysShown {
			x.More = len(x.Paths) - waysShown
			break
		}
		x.Ways = append(x.Ways, wayOf(l.v, l.p, way, l.states))
	}
	for i, h := range x.Beside {
		if i < waysShown {
			x.Ways = append(x.Ways, wayView{Hops: []hopView{hopOf(l.v, l.p, h, l.states)}, State: l.states.Standing(h.From)})
		}
	}
}

func wayOf(v *register.View, p page.Page, way crosswalk.Path, states *crosswalk.States) wayView {
	w := wayView{State: way.State}
	for _, h := range way.Hops {
		w.Hops = append(w.Hops, hopOf(v, p, h, states))
	}
	return w
}

func hopOf(v *register.View, p page.Page, h crosswalk.Hop, states *crosswalk.States) hopView {
	ctx := v.Context()
	return hopView{ID: numberOf(h.From), Title: titleOf(v, h.From), Path: PathOf(p, h.From, states), Says: message.T(ctx, "frameworks.kind."+string(h.Kind)),
		Source: h.Set.Source, Licence: h.Set.Licence, Rationale: h.Rationale, Contested: h.Contested}
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

// PathOf is the page of a requirement: of a row in use its own, else the tree of
// its framework.
func PathOf(p page.Page, reference string, states *crosswalk.States) string {
	if states.Has(reference) {
		return p.Link("/controls/" + framework.IDOf(reference))
	}
	return ""
}

// chosen keeps the requirements in the state the address names, with their
// headings, and offers the others.
func chosen(ctx context.Context, all []lineView, p page.Page, id string) (lines []lineView, tabs []tabView, err error) {
	want := p.Query.Get("state")
	count := map[string]int{}
	for _, x := range all {
		if x.Asks {
			count[""]++
			count[bucket(x)]++
		}
	}
	names := []string{""}
	for _, s := range page.States {
		names = append(names, s.String())
	}
	names = append(names, unknown)
	if !slices.Contains(names, want) {
		return nil, nil, sextant.Errorf(sextant.Invalid, "a requirement is never %q", want).At("state").WithHint("it is one of %s", strings.Join(names[1:], ", "))
	}
	for _, name := range names {
		if count[name] == 0 && name != "" && name != want {
			continue
		}
		to := path + "/" + id
		if name != "" {
			to += "?" + url.Values{"state": {name}}.Encode()
		}
		tabs = append(tabs, tabView{Label: tabLabel(ctx, name), Path: p.Link(to), Count: count[name], Current: name == want})
	}
	for i, x := range all {
		if x.Asks && (want == "" || bucket(x) == want) || !x.Asks && headsAny(all[i:], want) {
			lines = append(lines, x)
		}
	}
	return lines, tabs, nil
}

// headsAny says whether a heading has a requirement below it that is listed.
func headsAny(from []lineView, want string) bool {
	for _, x := range from[1:] {
		if x.Depth <= from[0].Depth && !(x.Depth == 3 && from[0].Depth == 3) {
			return false
		}
		if x.Asks && (want == "" || bucket(x) == want) {
			return true
		}
	}
	return false
}

// unknown is the place of requirements nothing says anything about.
const unknown = "unknown"

func bucket(x lineView) string {
	if !x.Known {
		return unknown
	}
	return x.State.String()
}

func tabLabel(ctx context.Context, name string) string {
	switch name {
	case "":
		return message.T(ctx, "list.all")
	case unknown:
		return message.T(ctx, "frameworks.unknown")
	}
	for _, s := range page.States {
		if s.String() == name {
			return message.Mark(ctx, s.Label())
		}
	}
	return name
}
