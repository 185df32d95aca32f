// SPDX-License-Identifier: Apache-2.0

package libraries

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/library"
	"sextant/register"
)

// browseView is one part of one library.
type browseView struct {
	Library register.Of[library.Library]
	Content *library.Shelved
	Parts   []partTab
	Show    string // framework, mappings, controls, threats, matrix, about
	Index   int    // which of several frameworks, mapping sets or matrices
	paged
	tree
	Mappings   []mappingRow
	Ends       [2]end
	Kinds      []kindCount
	Kind       string
	Difference *library.Difference
	Criteria   *criteriaOffer // of the matrix that is shown
}

// partTab is one part of the library to choose.
type partTab struct {
	Label, Path string
	Count       int // of the list it leads to; -1 = a tree
	Current     bool
}

// tree is where somebody is in a framework.
type tree struct {
	At       *library.Node // nil at the top
	Above    []*library.Node
	Rows     []*library.Node
	Controls []named
	Threats  []named
	Query    string
}

// named is something a node refers to by urn.
type named struct{ Name, URN string }

// mappingRow is one mapping with what its ends are called, where they are here.
type mappingRow struct {
	library.Mapping
	Source, Target side
}

// side is one end of a mapping.
type side struct {
	Name, Path string
	Dangles    bool
}

// end is one of the two frameworks of a mapping set.
type end struct {
	URN, Key, Name string // Key empty where it is not here
	content        *library.Shelved
}

type kindCount struct {
	Kind, Path string
	Count      int
	Current    bool
}

func (s *section) browse(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawBrowse(w, r, actor, nil)
}

// drawBrowse shows a part of a library, with why nothing was made of it.
func (s *section) drawBrowse(w http.ResponseWriter, r *http.Request, actor access.Actor, refused error) error {
	p, status := s.Page(r, actor, ""), http.StatusOK
	if refused != nil {
		p.Path = browsePath(r.PathValue("key"))
		p.Query = url.Values{"show": {"matrix"}, "n": {r.PostFormValue("n")}}
	}
	var view browseView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if _, err := v.Entry(library.Libraries.Name, r.PathValue("key")); err != nil {
			return err
		}
		if view.Library, err = library.Libraries.Get(v, r.PathValue("key")); err != nil {
			return err
		}
		if view.Content, err = library.Open(v, view.Library.Fields); err != nil {
			return err
		}
		return view.fill(v, p)
	}); err != nil {
		return err
	}
	if refused != nil {
		problem, ours := page.ProblemOf(refused)
		if !ours || view.Criteria == nil {
			return refused
		}
		view.Criteria.Problem, status = problem, problem.Status
	}
	p.Title = view.Library.Title()
	s.DrawStatus(w, r, status, browsePage(p, view))
	return nil
}

func (view *browseView) fill(v *register.View, p page.Page) error {
	view.choose(v, p)
	switch view.Show {
	case "framework":
		return view.walk(p)
	case "mappings":
		return view.correspond(v, p)
	case "controls":
		view.paged = pageOf(p, len(view.Content.Controls))
	case "threats":
		view.paged = pageOf(p, len(view.Content.Threats))
	case "matrix":
		return view.offer(v)
	case "about":
		return view.compare(v, p)
	}
	return nil
}

// choose lists the parts and finds the one the address names, the first without.
func (view *browseView) choose(v *register.View, p page.Page) {
	view.Show = p.Query.Get("show")
	view.Index, _ = strconv.Atoi(p.Query.Get("n"))
	c := view.Content
	if _, framework, ok := c.Node(p.Query.Get("at")); ok && p.Query.Get("n") == "" {
		view.Index = framework // a reference names its node and no more
	}
	add := func(show string, n int, label string, count int) {
		tab := partTab{Label: label, Count: count, Path: p.Link(fmt.Sprintf("%s/%s/browse?show=%s&n=%d", path, view.Library.Key, show, n)), Current: show == view.Show && n == view.Index}
		view.Parts = append(view.Parts, tab)
	}
	first := ""
	seen := func(show string, n int) {
		if first == "" {
			first = show
		}
	}
	for i, f := range c.Frameworks {
		seen("framework", i)
		add("framework", i, f.Name, -1)
	}
	for i, set := range c.Mappings {
		seen("mappings", i)
		add("mappings", i, set.Name, len(set.Mappings))
	}
	if n := len(c.Controls); n > 0 {
		seen("controls", 0)
		add("controls", 0, message.T(v.Context(), "library.controls"), n)
	}
	if n := len(c.Threats); n > 0 {
		seen("threats", 0)
		add("threats", 0, message.T(v.Context(), "library.threats"), n)
	}
	for i, m := range c.Matrices {
		seen("matrix", i)
		add("matrix", i, m.Name, -1)
	}
	add("about", 0, message.T(v.Context(), "library.about"), -1)
	if !slices.ContainsFunc(view.Parts, func(t partTab) bool { return t.Current }) {
		view.Show, view.Index, view.Parts[0].Current = cmp.Or(first, "about"), 0, true
	}
}

// walk finds the node the address names and what lies below it, or what is
// searched for.
func (view *browseView) walk(p page.Page) error {
	c := view.Content
	if view.Query = strings.TrimSpace(p.Query.Get("q")); view.Query != "" {
		found, all := c.Search(view.Index, view.Query, len(c.Frameworks[view.Index].Nodes))
		view.paged = pageOf(p, all)
		view.Rows = found[view.From:view.To]
		return nil
	}
	id := p.Query.Get("at")
	if id != "" {
		node, framework, ok := c.Node(id)
		if !ok || framework != view.Index {
			return sextant.Errorf(sextant.NotFound, "there is no %q in this library", id)
		}
		view.At, view.Above = node, c.Above(id)
		for _, urn := range node.Controls {
			n := named{URN: urn}
			if k, ok := c.ControlOfURN(urn); ok {
				n.Name = cmp.Or(k.Name, k.RefID)
			}
			view.Controls = append(view.Controls, n)
		}
		for _, urn := range node.Threats {
			n := named{URN: urn}
			if t, ok := c.ThreatOfURN(urn); ok {
				n.Name = cmp.Or(t.Name, t.RefID)
			}
			view.Threats = append(view.Threats, n)
		}
	}
	below := c.Children(view.Index, id)
	view.paged = pageOf(p, len(below))
	view.Rows = below[view.From:view.To]
	return nil
}

// correspond lists a mapping set with what its ends are called.
func (view *browseView) correspond(v *register.View, p page.Page) error {
	set := view.Content.Mappings[view.Index]
	for i, urn := range []string{set.Source, set.Target} {
		view.Ends[i] = end{URN: urn, Name: urn}
		key, content, err := library.WithFramework(v, urn)
		if err != nil {
			return err
		}
		if content != nil {
			view.Ends[i].Key, view.Ends[i].content = key, content
			for _, f := range content.Frameworks {
				if f.URN == urn {
					view.Ends[i].Name = f.Name
				}
			}
		}
	}
	view.Kind = p.Query.Get("kind")
	counts := map[string]int{}
	var chosen []library.Mapping
	for _, m := range set.Mappings {
		counts[m.Kind]++
		if view.Kind == "" || m.Kind == view.Kind {
			chosen = append(chosen, m)
		}
	}
	for _, kind := range library.Kinds {
		if counts[kind] > 0 {
			view.Kinds = append(view.Kinds, kindCount{kind, p.With("kind", kind, "page", ""), counts[kind], kind == view.Kind})
		}
	}
	view.paged = pageOf(p, len(chosen))
	for _, m := range chosen[view.From:view.To] {
		view.Mappings = append(view.Mappings, mappingRow{m, view.Ends[0].side(p, m.Source), view.Ends[1].side(p, m.Target)})
	}
	return nil
}

func (e end) side(p page.Page, urn string) side {
	if e.content == nil {
		return side{Name: urn[strings.LastIndexByte(urn, ':')+1:]}
	}
	n, ok := e.content.NodeOfURN(urn)
	if !ok {
		return side{Name: urn[strings.LastIndexByte(urn, ':')+1:], Dangles: true}
	}
	_, framework, _ := e.content.Node(n.ID)
	return side{Name: n.Title(), Path: nodePath(p, e.Key, framework, n.ID)}
}

// compare says how the library differs from the one it took the place of.
func (view *browseView) compare(v *register.View, p page.Page) error {
	before := view.Library.Fields.Supersedes
	if before == "" {
		return nil
	}
	old, err := library.Libraries.Get(v, before)
	if err != nil {
		return err
	}
	content, err := library.Open(v, old.Fields)
	if err != nil {
		return err
	}
	view.Difference = library.Compare(content.Content, view.Content.Content)
	view.paged = pageOf(p, len(view.Difference.Changes))
	return nil
}

func nodePath(p page.Page, key string, framework int, id string) string {
	return p.Link(fmt.Sprintf("%s/%s/browse?show=framework&n=%d&at=%s", path, key, framework, id))
}
