// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"slices"
	"strings"
)

// TreeOf gives a standard on board as a tree: its clauses, then its rows under
// their headings. It lists every row, whatever the role.
func TreeOf(standard string) (Tree, bool) {
	s, ok := StandardByID(standard)
	if !ok {
		return Tree{}, false
	}
	t := Tree{ID: s.ID, Title: s.Title, Subject: s.Subject, About: s.About, Uncertain: s.Uncertain}
	t.Nodes = append(t.Nodes, clauseNodes(s, "")...)
	switch s.ID {
	case Standard2013:
		t.Nodes = append(t.Nodes, nodes2013()...)
	case ISO27701Past:
		t.Nodes = append(t.Nodes, refinementNodes()...)
		fallthrough
	default:
		t.Nodes = append(t.Nodes, rowNodes(s.ID)...)
	}
	t.Asking = asking(t.Nodes)
	return t, true
}

func asking(nodes []Node) (n int) {
	for _, x := range nodes {
		if x.Asks {
			n++
		}
		n += asking(x.Children)
	}
	return n
}

func clauseNodes(s Standard, parent string) (nodes []Node) {
	for _, c := range s.Under(parent) {
		n := Node{Reference: s.ID + "/" + c.ID, ID: c.ID, Title: c.Title, Asks: c.Auditable(), Children: clauseNodes(s, c.ID)}
		if len(c.Requirements) == 1 {
			n.Text = c.Requirements[0].Asks
		} else if c.Auditable() {
			if g, ok := GuidanceFor(c.ID); ok && s.ID == StandardID {
				n.Text, _, _ = strings.Cut(g.Purpose, ". ")
				n.Text = strings.TrimSuffix(n.Text, ".") + "."
			}
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// rowNodes puts rows under their headings; those of Annex A under their themes.
func rowNodes(standard string) (nodes []Node) {
	for _, c := range RowsOf(standard) {
		heading := c.Section
		if c.IsBase() {
			heading = "Annex A, " + string(c.Theme)
		}
		n := Node{Reference: c.Reference().String(), ID: c.Number, Title: c.Title, Text: c.Asks, Asks: true}
		if i := slices.IndexFunc(nodes, func(h Node) bool { return h.Title == heading }); i >= 0 {
			nodes[i].Children = append(nodes[i].Children, n)
			continue
		}
		nodes = append(nodes, Node{Title: heading, Children: []Node{n}})
	}
	return nodes
}

// nodes2013 is Annex A of 2013 by domain and objective; what became of a control
// stands where others have a sentence.
func nodes2013() (nodes []Node) {
	for _, h := range Headings2013() {
		n := Node{ID: h.ID, Title: h.Title}
		if h.Parent == "" {
			nodes = append(nodes, n)
			continue
		}
		for _, c := range Controls2013() {
			if c.Objective == h.ID {
				to, _ := Successors(c.ID)
				n.Children = append(n.Children, Node{Reference: c.Reference().String(), ID: c.ID, Title: c.Title, Text: "Went into " + strings.Join(to.IDs, " and ") + ".", Asks: true})
			}
		}
		last := &nodes[len(nodes)-1]
		last.Children = append(last.Children, n)
	}
	return nodes
}

// refinementNodes are the clauses of 27701:2019 that add something.
func refinementNodes() []Node {
	n := Node{Title: "Clauses 5 and 6, where they add something"}
	for _, r := range Refinements2019() {
		if r.Asks == "" {
			continue
		}
		title := ""
		if c, ok := Control2013ByID(r.Of); ok {
			title = c.Title
		}
		n.Children = append(n.Children, Node{Reference: ISO27701Past + "/" + r.ID, ID: r.ID, Title: title, Text: r.Asks, Asks: true})
	}
	return []Node{n}
}
