// SPDX-License-Identifier: Apache-2.0

package library

import "fmt"

// Draft is a node as a file has it: it names its parent by urn, or not at all.
type Draft struct {
	Node
	ParentURN string
	Depth     string // as written; "" where the file says nothing
}

// Arrange makes a tree out of nodes as a file has them: parents before children,
// siblings in the file's order, each with an id and its true depth. A node
// without a parent that lies deeper than the one before belongs to that one. A
// second node of the same urn is left out; one whose parent is missing, or that
// is its own ancestor, comes to the top. All of it is noted.
func Arrange(drafts []Draft, names *Namer, report *Report) []Node {
	a := arranging{byURN: map[string]int{}, report: report}
	for _, d := range drafts {
		a.take(d)
	}
	a.adopt()
	a.order()
	nodes := make([]Node, 0, len(a.list))
	ids := make([]string, len(a.list))
	for _, i := range a.sorted {
		d := a.list[i]
		node := d.Node
		node.ID = names.Name(nameOf(d, i))
		ids[i] = node.ID
		node.Depth = 1
		if p := a.parent[i]; p >= 0 {
			node.Parent, node.Depth = ids[p], a.depth[p]+1
		}
		a.depth[i] = node.Depth
		if d.Depth != fmt.Sprint(node.Depth) {
			report.Took(DepthDiffers, node.Title())
		}
		nodes = append(nodes, node)
	}
	return nodes
}

func nameOf(d Draft, i int) string {
	if d.URN != "" {
		return d.URN
	}
	if d.RefID != "" {
		return d.RefID
	}
	return fmt.Sprintf("node-%d", i+1)
}

// arranging is a tree in the making. A parent is the number of a node, -1 = none.
type arranging struct {
	list     []Draft
	byURN    map[string]int
	parent   []int
	children [][]int
	depth    []int
	sorted   []int
	report   *Report
}

func (a *arranging) take(d Draft) {
	if d.URN == "" {
		a.report.Took(MissingURN, d.Title())
	} else if _, twice := a.byURN[d.URN]; twice {
		a.report.Left(DuplicateURN, d.URN)
		return
	} else {
		a.byURN[d.URN] = len(a.list)
	}
	if d.Assessable && d.RefID == "" {
		a.report.Took(MissingRefID, d.Title())
	}
	a.list = append(a.list, d)
}

func (a *arranging) adopt() {
	a.parent, a.children, a.depth = make([]int, len(a.list)), make([][]int, len(a.list)), make([]int, len(a.list))
	var above []int // the last node of each written depth
	for i, d := range a.list {
		p, ok := a.byURN[d.ParentURN]
		switch {
		case d.ParentURN == "":
			p = -1
			if level := written(d.Depth); level > 1 && len(above) > 0 {
				p = above[min(level-1, len(above))-1]
			}
		case !ok:
			a.report.Took(MissingParent, d.ParentURN)
			p = -1
		}
		a.parent[i] = p
		if level := written(d.Depth); level > 0 {
			above = append(above[:min(level-1, len(above))], i)
		}
	}
	for i, p := range a.parent {
		if p >= 0 {
			a.children[p] = append(a.children[p], i)
		}
	}
}

// written is a depth as a number, 0 for none.
func written(text string) (n int) {
	if _, err := fmt.Sscan(text, &n); err != nil || n < 0 {
		return 0
	}
	return n
}

// order lays the nodes out. Those that are reached from no top are in a circle:
// the first of them comes to the top.
func (a *arranging) order() {
	seen := make([]bool, len(a.list))
	for i, p := range a.parent {
		if p < 0 {
			a.below(i, seen)
		}
	}
	for i := range a.list {
		if !seen[i] {
			a.report.Took(ParentLoop, a.list[i].Title())
			a.parent[i] = -1
			a.below(i, seen)
		}
	}
}

// below lays out a node with all under it. It keeps its own stack, since a file
// says how deep it goes.
func (a *arranging) below(top int, seen []bool) {
	stack := []int{top}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[i] {
			continue
		}
		seen[i] = true
		a.sorted = append(a.sorted, i)
		for k := len(a.children[i]) - 1; k >= 0; k-- {
			stack = append(stack, a.children[i][k])
		}
	}
}
