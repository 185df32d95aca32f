// SPDX-License-Identifier: Apache-2.0

package crosswalk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/framework"
	"sextant/library"
	"sextant/register"
)

// Imported gives the frameworks and mappings of the imported libraries in use. A
// framework has the key of its library as its id. What a urn names that is on
// board too is taken for that: a mapping of somebody else's to ISO/IEC 27001 so
// leads to the controls that have evidence.
type Imported struct{}

var _ Source = Imported{}

// shelf is a library in use, without what is not needed here.
type shelf struct {
	key    string
	fields library.Library
}

// shelves gives the libraries in use, in the order they came.
func shelves(v *register.View) ([]shelf, error) {
	return register.Recall(v, "crosswalk.shelves", func() (list []shelf, _ sextant.Instant, err error) {
		all, err := library.Active(v)
		for _, l := range all {
			f := l.Fields
			f.Remarks = nil
			list = append(list, shelf{l.Key, f})
		}
		return list, 0, err
	})
}

// Trees lists the libraries that have a framework.
func (Imported) Trees(v *register.View) (list []framework.Tree, err error) {
	all, err := shelves(v)
	for _, s := range all {
		if s.fields.Frameworks > 0 {
			list = append(list, s.tree())
		}
	}
	return list, err
}

func (s shelf) tree() framework.Tree {
	subject := s.fields.Provider
	if s.fields.Edition != "" {
		subject = strings.TrimPrefix(subject+", version "+s.fields.Edition, ", ")
	}
	return framework.Tree{ID: s.key, Title: s.fields.Title, Subject: subject, Publisher: s.fields.Provider, Licence: firstLine(s.fields.Licence), Imported: true, Asking: s.fields.Assessable}
}

// firstLine is a licence as a table has room for it; the library has the rest.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(text, "# \n"), "\n")
	if runes := []rune(line); len(runes) > longestLicence {
		return strings.TrimSpace(string(runes[:longestLicence])) + "…"
	}
	return strings.TrimSpace(line)
}

const longestLicence = 120

// Tree gives the framework of a library that is in use or was; several of one
// library stand below each other.
func (Imported) Tree(v *register.View, id string) (t framework.Tree, ok bool, err error) {
	l, err := library.Libraries.Get(v, id)
	if sextant.CodeOf(err) == sextant.NotFound || err == nil && l.Fields.Frameworks == 0 {
		return t, false, nil
	}
	if err != nil {
		return t, false, err
	}
	t = shelf{l.Key, l.Fields}.tree()
	sum, _ := l.Fields.File["sha256"].(string)
	nodes, err := register.Combined(v, []string{l.Key + "=" + sum}, "crosswalk.tree", func() (branches, error) {
		content, err := library.Open(v, l.Fields)
		if err != nil {
			return branches{}, err
		}
		return branchesOf(content, l.Key), nil
	})
	t.Nodes = nodes.nodes
	return t, err == nil, err
}

// branches are the nodes of an imported framework, shared by all who read it.
type branches struct {
	nodes []framework.Node
	count int
}

// nodeSize is about what a node takes beside its texts, which its library holds.
const nodeSize = 200

// Size is about how much memory they take, in bytes.
func (b branches) Size() int { return b.count * nodeSize }

func branchesOf(content *library.Shelved, key string) (b branches) {
	for i, f := range content.Frameworks {
		nodes := nodesBelow(content, key, i, "")
		if len(content.Frameworks) > 1 {
			nodes = []framework.Node{{Title: f.Name, Children: nodes}}
		}
		b.nodes, b.count = append(b.nodes, nodes...), b.count+len(f.Nodes)
	}
	return b
}

func nodesBelow(content *library.Shelved, key string, i int, parent string) []framework.Node {
	below := content.Children(i, parent)
	nodes := make([]framework.Node, 0, len(below))
	for _, n := range below {
		x := framework.Node{Reference: library.Reference(key, n.ID), ID: n.RefID, Title: n.Name, Text: n.Description, Asks: n.Assessable, Mapped: PointOf(content.Content, n)}
		if content.HasChildren(n.ID) {
			x.Children = nodesBelow(content, key, i, n.ID)
		}
		nodes = append(nodes, x)
	}
	return nodes
}

// PointOf is what mappings call a node: what it is on board where it is, else its
// urn; nothing where it has none that holds beyond its file.
func PointOf(c *library.Content, n *library.Node) string {
	if c.Format != library.CISOAssistant {
		reference, _ := framework.OfCatalog(c.URN, n.RefID)
		return reference
	}
	return point(n.URN)
}

func point(urn string) string {
	if reference, ok := framework.OfURN(urn); ok {
		return reference
	}
	return strings.ToLower(urn)
}

// asking is what mappings call the requirements of a library.
type asking []string

// Size is about how much memory it takes, in bytes.
func (a asking) Size() (n int) {
	for _, point := range a {
		n += len(point) + 16
	}
	return n
}

// Asking gives what mappings call the requirements of a library.
func (Imported) Asking(v *register.View, id string) ([]string, bool, error) {
	l, err := library.Libraries.Get(v, id)
	if err != nil || l.Fields.Frameworks == 0 {
		return nil, false, nil // the tree says what there is not
	}
	sum, _ := l.Fields.File["sha256"].(string)
	points, err := register.Combined(v, []string{sum}, "crosswalk.asking", func() (points asking, err error) {
		content, err := library.Open(v, l.Fields)
		if err != nil {
			return nil, err
		}
		for _, f := range content.Frameworks {
			for i := range f.Nodes {
				if f.Nodes[i].Assessable {
					points = append(points, PointOf(content.Content, &f.Nodes[i]))
				}
			}
		}
		return points, nil
	})
	return points, true, err
}

// Files names the kept files of the libraries that have mappings.
func (Imported) Files(v *register.View) (list []string, err error) {
	all, err := shelves(v)
	for _, s := range all {
		if s.fields.Mappings > 0 {
			// The key is shown beside what is inferred, so it is part of it.
			sum, _ := s.fields.File["sha256"].(string)
			list = append(list, s.key+"="+sum)
		}
	}
	return list, err
}

// Mappings gives the mapping sets of all libraries in use.
func (Imported) Mappings(v *register.View) (sets []framework.MappingSet, err error) {
	all, err := shelves(v)
	if err != nil {
		return nil, err
	}
	points := map[string]string{} // so that each is kept once
	for _, s := range all {
		if s.fields.Mappings == 0 {
			continue
		}
		content, err := library.Open(v, s.fields)
		if err != nil {
			return nil, err
		}
		for i := range content.Mappings {
			sets = append(sets, s.set(content, i, points))
		}
	}
	return sets, nil
}

func (s shelf) set(content *library.Shelved, place int, points map[string]string) framework.MappingSet {
	from := content.Mappings[place]
	set := framework.MappingSet{ID: fmt.Sprintf("%s/%d", s.key, place), Library: s.key, Place: place, Between: [2]string{from.Source, from.Target},
		Source: s.published(), Licence: firstLine(s.fields.Licence), Attribution: cmp.Or(from.Name, s.fields.Title), Links: make([]framework.Mapping, 0, len(from.Mappings))}
	of := func(urn string) string {
		p, ok := points[urn]
		if !ok {
			p = point(urn)
			points[urn] = p
		}
		return p
	}
	for _, m := range from.Mappings {
		set.Links = append(set.Links, framework.Mapping{From: of(m.Source), To: of(m.Target), Kind: framework.Relation(m.Kind), Strength: m.Strength, Rationale: cmp.Or(m.Rationale, m.Annotation)})
	}
	return set
}

// published says where a library comes from, as its file says it.
func (s shelf) published() string {
	parts := []string{s.fields.Provider, s.fields.Packager}
	if parts[0] == parts[1] {
		parts[1] = ""
	}
	if s.fields.Edition != "" {
		parts = append(parts, "version "+s.fields.Edition)
	}
	parts = append(parts, s.fields.Published)
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ", ")
}

// Named finds a requirement in the library in use that has its framework.
func (Imported) Named(v *register.View, of, point string) (p Place, ok bool, err error) {
	all, err := shelves(v)
	i := slices.IndexFunc(all, func(s shelf) bool { return slices.Contains(s.fields.URNs, of) })
	if err != nil || i < 0 || of == "" {
		return p, false, err
	}
	content, err := library.Open(v, all[i].fields)
	if err != nil {
		return p, false, err
	}
	n, ok := content.NodeOfURN(point)
	if !ok {
		return p, false, nil
	}
	return Place{Framework: all[i].key, Title: all[i].fields.Title, Reference: library.Reference(all[i].key, n.ID), Number: n.RefID, Name: n.Name}, true, nil
}
