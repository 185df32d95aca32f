// SPDX-License-Identifier: Apache-2.0

package frameworks

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/crosswalk"
	"sextant/evidence"
	"sextant/framework"
	"sextant/gap"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/library"
	"sextant/register"
)

// treeView is what the page of one framework draws.
type treeView struct {
	framework.Tree
	Lines    []lineView
	Listed   int // requirements in the list, on all its pages
	Levels   bool
	Above    []crumbView // where somebody is in a tree that is read level by level
	Tabs     []tabView
	Sets     []framework.MappingSet // that lead to it
	Inferred bool                   // something on the page was inferred
	Pager    grid.Table
	Ask      string // where a gap analysis over it is planned, "" for who may not
}

// crumbView is a heading above what is listed.
type crumbView struct{ Title, Path string }

// lineView is a heading or a requirement, in the order of the tree.
type lineView struct {
	framework.Node
	Depth int
	crosswalk.Inferred
	Known bool   // there is a state to show
	Path  string // of its own page, "" where it has none
	Level string // page of what lies below it, "" where that stands on this page
	Below tally  // of what lies below it, where it has a Level
	Says  string // by what it stands as it does
	Ways  []wayView
	More  int // ways that are not shown
}

// tabView keeps the requirements in one state.
type tabView struct {
	Label, Path string
	Count       int
	Current     bool
}

const (
	// treeShown is the longest tree that stands on one page, in lines. A longer
	// one is read level by level.
	treeShown = 250
	// linesShown is how many lines of a level, or of what is in one state, stand on
	// one page.
	linesShown = 100
)

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
	l := laying{board: s.board, v: v, p: p, id: id, states: states}
	all := l.tallyOf(view.Nodes)
	view.Levels = all.lines > treeShown
	if view.Tabs, err = tabs(v.Context(), all, p, id); err != nil {
		return err
	}
	switch want := p.Query.Get("state"); {
	case !view.Levels:
		view.Listed = l.whole(view.Nodes, want, 0)
	case want != "":
		view.Listed = all.by[want]
		l.inState(view, want)
	default:
		view.Listed = all.asks
		if err = l.level(view); err != nil {
			return err
		}
	}
	view.Lines = l.lines
	view.Ask = l.ask(view.Tree)
	for i := range view.Lines {
		if x := &view.Lines[i]; x.Asks {
			if err := l.know(x); err != nil {
				return err
			}
			view.credit(x)
		}
	}
	return nil
}

// credit remembers what sets a requirement's state comes from.
func (view *treeView) credit(x *lineView) {
	view.Inferred = view.Inferred || len(x.Ways) > 0
	add := func(h crosswalk.Hop) {
		if !slices.ContainsFunc(view.Sets, func(set framework.MappingSet) bool { return set.ID == h.Set.ID }) {
			view.Sets = append(view.Sets, *h.Set)
		}
	}
	for _, way := range x.Paths {
		for _, h := range way.Hops {
			add(h)
		}
	}
	for _, h := range x.Beside {
		add(h)
	}
}

// tally counts the requirements of a part of a tree.
type tally struct {
	lines, asks int
	by          map[string]int // by bucket
	states      map[control.State]int
}

// unknown is the place of requirements nothing says anything about.
const unknown = "unknown"

// laying puts a tree into lines.
type laying struct {
	board  crosswalk.Board
	v      *register.View
	p      page.Page
	id     string
	states *crosswalk.States
	lines  []lineView
}

func (l *laying) bucket(n framework.Node) string {
	state, known := l.states.Brief(n.Point())
	if !known {
		return unknown
	}
	return state.String()
}

func (l *laying) tallyOf(nodes []framework.Node) tally {
	t := tally{by: map[string]int{}, states: map[control.State]int{}}
	l.count(&t, nodes)
	return t
}

func (l *laying) count(t *tally, nodes []framework.Node) {
	for _, n := range nodes {
		t.lines++
		if n.Asks {
			t.asks++
			state, known := l.states.Brief(n.Point())
			if known {
				t.by[state.String()]++
			} else {
				t.by[unknown]++
			}
			t.states[state]++
		}
		l.count(t, n.Children)
	}
}

// whole lays out a whole tree: the requirements in one state, in all for "", with
// their headings. It says how many requirements that are.
func (l *laying) whole(nodes []framework.Node, want string, depth int) (listed int) {
	for _, n := range nodes {
		at := len(l.lines)
		wanted := n.Asks && (want == "" || l.bucket(n) == want)
		if wanted || !n.Asks {
			l.lines = append(l.lines, lineView{Node: n, Depth: min(depth, 3)})
		}
		below := l.whole(n.Children, want, depth+1)
		if wanted {
			below++
		}
		if !n.Asks && below == 0 {
			l.lines = l.lines[:at]
		}
		listed += below
	}
	return listed
}

// inState lays out one page of the requirements in one state of a long tree.
func (l *laying) inState(view *treeView, want string) {
	var found []framework.Node
	var walk func([]framework.Node)
	walk = func(nodes []framework.Node) {
		for _, n := range nodes {
			if n.Asks && l.bucket(n) == want {
				found = append(found, n)
			}
			walk(n.Children)
		}
	}
	walk(view.Nodes)
	from, to := l.cut(view, len(found))
	for _, n := range found[from:to] {
		l.lines = append(l.lines, lineView{Node: n})
	}
}

// level lays out what lies right below the place in the tree that the address
// names: the places of its ancestors and its own, counted from 0.
func (l *laying) level(view *treeView) error {
	nodes, at := view.Nodes, ""
	if place := l.p.Query.Get("at"); place != "" {
		for _, part := range strings.Split(place, ".") {
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(nodes) {
				return sextant.Errorf(sextant.NotFound, "there is no place %.40q in %s", place, l.id).At("at").WithHint("go down from the top of the framework")
			}
			at = strings.TrimPrefix(at+"."+part, ".")
			view.Above = append(view.Above, crumbView{headingText(lineView{Node: nodes[i]}), l.p.With("at", at, "page", "")})
			nodes = nodes[i].Children
		}
	}
	from, to := l.cut(view, len(nodes))
	for i, n := range nodes[from:to] {
		x := lineView{Node: n}
		if len(n.Children) > 0 {
			x.Level = l.p.With("at", strings.TrimPrefix(at+"."+strconv.Itoa(from+i), "."), "page", "")
			x.Below = l.tallyOf(n.Children)
		}
		l.lines = append(l.lines, x)
	}
	return nil
}

// ask is where a gap analysis over the framework, or the chapter of it that is
// open, is planned.
func (l *laying) ask(t framework.Tree) string {
	if l.p.Past() || !t.Imported || !l.v.MayCreate(gap.Campaigns.Definition) {
		return ""
	}
	q := url.Values{"frameworks": {""}, "libraries": {t.ID}}
	top, _, _ := strings.Cut(l.p.Query.Get("at"), ".")
	if i, err := strconv.Atoi(top); err == nil && i >= 0 && i < len(t.Nodes) {
		if _, id, ok := library.ParseReference(t.Nodes[i].Reference); ok {
			q.Set("chapters", t.ID+"/"+id)
		}
	}
	return "/" + gap.Campaigns.Plural + "/new?" + q.Encode()
}

// cut says which of so many lines stand on the page that the address asks for.
func (l *laying) cut(view *treeView, count int) (from, to int) {
	n, err := strconv.Atoi(l.p.Query.Get("page"))
	if err != nil || n < 1 || (n-1)*linesShown >= max(count, 1) {
		n = 1
	}
	from, to = (n-1)*linesShown, min(n*linesShown, count)
	if n > 1 {
		view.Pager.First = l.p.With("page", "")
	}
	if to < count {
		view.Pager.Next = l.p.With("page", strconv.Itoa(n+1))
	}
	if n > 1 || to < count {
		view.Pager.Count = message.T(l.v.Context(), "library.page", from+1, to, count)
	}
	return from, to
}

func (l *laying) know(x *lineView) error {
	x.Inferred = l.states.Near(x.Point(), waysCounted)
	x.Known = x.Own || len(x.Paths) > 0 || l.states.Has(x.Point())
	x.Path = l.pathOf(x.Node)
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
	x.More = max(0, len(x.Paths)-waysShown)
	for _, way := range x.Paths[:len(x.Paths)-x.More] {
		w, err := l.wayOf(way.Hops, way.State)
		if err != nil {
			return err
		}
		x.Ways = append(x.Ways, w)
	}
	for _, h := range x.Beside[:min(waysShown, len(x.Beside))] {
		w, err := l.wayOf([]crosswalk.Hop{h}, l.states.Standing(h.From))
		if err != nil {
			return err
		}
		x.Ways = append(x.Ways, w)
	}
	return nil
}

// pathOf is the page of a requirement: of a row in use its own, of an imported
// one that in its library.
func (l *laying) pathOf(n framework.Node) string {
	if own := PathOf(l.p, n.Point(), l.states); own != "" {
		return own
	}
	return imported(l.p, n.Reference)
}

// PathOf is the page of a row in use, "" of anything else.
func PathOf(p page.Page, reference string, states *crosswalk.States) string {
	if states.Has(reference) {
		return p.Link("/controls/" + framework.IDOf(reference))
	}
	return ""
}

// tabs offers the requirements by what is known of them.
func tabs(ctx context.Context, all tally, p page.Page, id string) (list []tabView, err error) {
	want := p.Query.Get("state")
	names := []string{""}
	for _, s := range page.States {
		names = append(names, s.String())
	}
	names = append(names, unknown)
	if !slices.Contains(names, want) {
		return nil, sextant.Errorf(sextant.Invalid, "a requirement is never %q", want).At("state").WithHint("it is one of %s", strings.Join(names[1:], ", "))
	}
	for _, name := range names {
		count, to := all.by[name], path+"/"+id
		if name == "" {
			count = all.asks
		} else {
			to += "?" + url.Values{"state": {name}}.Encode()
		}
		if count > 0 || name == "" || name == want {
			list = append(list, tabView{Label: tabLabel(ctx, name), Path: p.Link(to), Count: count, Current: name == want})
		}
	}
	return list, nil
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
