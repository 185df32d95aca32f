// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"io/fs"
	"slices"
	"strings"
	"sync"

	"sextant"
)

// MappingSet is a published table of which requirements of one framework stand
// beside which of another, by one author, under one licence.
type MappingSet struct {
	ID          string    // nist-csf-2.0; for an imported one its reference
	Source      string    // where it was published, by whom and when
	Licence     string    // what it may be used under
	Attribution string    // as the licence wants it
	Reviewer    string    // who read it besides its author
	Contested   string    // what other sources say against it as a whole, empty if we know of nothing
	Library     string    // key of the library an imported one is in, empty on board
	Place       int       // of an imported one, which of its library's it is
	Between     [2]string // urns of the frameworks an imported one is from and to
	Links       []Mapping // in the order of the source
}

// Mapping is one pair of a set. Source and target are stored references, as in
// iso27001:2022/A.5.15 and nist-csf:2.0/PR.AA-01; of an imported set also urns, of
// what is not on board.
type Mapping struct {
	From, To  string
	Kind      Relation
	Strength  string // in the words of the set, where it has any
	Rationale string
}

// Tree is a framework as people read it: a standard on board, a list of numbers
// a mapping leads to, or an imported library.
type Tree struct {
	ID        string // iso27701:2025, nist-csf:2.0, LIB-3
	Title     string
	Subject   string
	About     string
	Uncertain string
	Publisher string // of an imported one, or whose numbers they are
	Licence   string
	Imported  bool   // by the organisation; else it comes with the program
	Asking    int    // how many nodes ask for something
	Nodes     []Node // empty in a list of trees
}

// Node is one heading or requirement of a tree.
type Node struct {
	Reference string // as stored; empty for a heading without a number of its own
	Mapped    string // what mappings call it, where that is not its reference
	ID        string // as the framework numbers it
	Title     string // empty where only numbers are free
	Text      string // a sentence: ours, or that of an imported library
	Asks      bool   // it asks for something; else it is a heading
	Children  []Node
}

// Point is what mappings call the node.
func (n Node) Point() string {
	if n.Mapped != "" {
		return n.Mapped
	}
	return n.Reference
}

type crosswalkIndex struct {
	sets  []MappingSet
	trees []Tree // of what the sets lead to
}

var crosswalks = sync.OnceValue(func() crosswalkIndex { return must(loadCrosswalks()) })

func loadCrosswalks() (index crosswalkIndex, err error) {
	files, err := fs.Glob(content, "content/crosswalks/*.yaml")
	if err != nil {
		return index, err
	}
	for _, file := range files {
		data, err := content.ReadFile(file)
		if err != nil {
			return index, err
		}
		set, tree, err := DecodeCrosswalk(file, data)
		if err != nil {
			return index, err
		}
		index.sets, index.trees = append(index.sets, set), append(index.trees, tree)
	}
	return index, nil
}

// freeLicences are those under which a mapping may come with the program.
var freeLicences = []string{"CC BY 4.0", "MIT", "Public domain in the United States (17 U.S.C. 105)"}

// DecodeCrosswalk reads a mapping set and the tree of numbers it leads to. It
// refuses one whose licence does not let it come with the program or that names
// nobody to thank, and links from what the base does not have.
func DecodeCrosswalk(file string, data []byte) (set MappingSet, tree Tree, err error) {
	var read struct {
		ID, To, Title, Subject, Source, Licence, Use, Attribution, Reviewer, Contested string

		Heading int
		Links   []struct {
			Kind                Relation
			Strength, Rationale string
			Pairs               map[string][]string
		}
	}
	if err := Decode(file, data, &read); err != nil {
		return set, tree, err
	}
	if read.Use != "free" || !slices.Contains(freeLicences, read.Licence) || read.Attribution == "" || read.Source == "" || read.Reviewer == "" {
		return set, tree, sextant.Errorf(sextant.Invalid, "%s: use, licence, source, attribution or reviewer does not let it come with the program", file).
			WithHint("only what may be given on comes on board: %s", strings.Join(freeLicences, ", "))
	}
	set = MappingSet{ID: read.ID, Source: read.Source, Licence: read.Licence, Attribution: read.Attribution, Reviewer: read.Reviewer, Contested: read.Contested}
	var ids []string
	for _, l := range read.Links {
		if l.Kind == "" || l.Rationale == "" {
			return set, tree, sextant.Errorf(sextant.Invalid, "%s: links without a kind or a rationale", file)
		}
		for _, from := range sourcesInOrder(l.Pairs) {
			if !holds(from) {
				return set, tree, sextant.Errorf(sextant.Invalid, "%s: %q is no clause or control of the base", file, from)
			}
			for _, to := range l.Pairs[from] {
				set.Links = append(set.Links, Mapping{From: ControlPrefix + from, To: read.To + "/" + to, Kind: l.Kind, Strength: l.Strength, Rationale: l.Rationale})
				if !slices.Contains(ids, to) {
					ids = append(ids, to)
				}
			}
		}
	}
	slices.SortFunc(ids, byNumber)
	tree = Tree{ID: read.To, Title: read.Title, Subject: read.Subject, Licence: read.Licence, Publisher: read.Source, Asking: len(ids), Nodes: headed(read.To, ids, read.Heading)}
	return set, tree, nil
}

func sourcesInOrder(pairs map[string][]string) (list []string) {
	for from := range pairs {
		list = append(list, from)
	}
	slices.SortFunc(list, byNumber)
	return list
}

// headed groups numbers under headings made of their first parts.
func headed(framework string, ids []string, parts int) (nodes []Node) {
	for _, id := range ids {
		n := Node{Reference: framework + "/" + id, ID: id, Asks: true}
		heading := firstParts(id, parts)
		switch last := len(nodes) - 1; {
		case heading == "" || heading == id:
			nodes = append(nodes, n)
		case last >= 0 && nodes[last].ID == heading:
			nodes[last].Children = append(nodes[last].Children, n)
		default:
			nodes = append(nodes, Node{ID: heading, Children: []Node{n}})
		}
	}
	return nodes
}

// firstParts are the first parts of a number: of GV.OC-01 two are GV.OC.
func firstParts(id string, n int) string {
	if n == 0 {
		return ""
	}
	for i, r := range id {
		if r == '.' || r == '-' {
			if n--; n == 0 {
				return id[:i]
			}
		}
	}
	return id
}

// byNumber orders numbers as people count: A.5.9 before A.5.10, CC2 before CC10.
func byNumber(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		switch {
		case x > 0 && y > 0:
			if m, n := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0"); m != n {
				if len(m) != len(n) {
					return len(m) - len(n)
				}
				return strings.Compare(m, n)
			}
			a, b = a[x:], b[y:]
		case a[0] != b[0]:
			return int(a[0]) - int(b[0])
		default:
			a, b = a[1:], b[1:]
		}
	}
	return len(a) - len(b)
}

// digits is how many a text begins with.
func digits(text string) (n int) {
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

// Crosswalks gives the mapping sets that come with the program, in the order of
// their names. The result is the caller's own, the links in it are shared.
func Crosswalks() []MappingSet { return slices.Clone(crosswalks().sets) }

// MappedTrees gives what the sets on board lead to, as trees of numbers. They
// are shared and must not be changed.
func MappedTrees() []Tree { return slices.Clone(crosswalks().trees) }
