// SPDX-License-Identifier: Apache-2.0

// Package crosswalk says what the evidence there is shows of other frameworks:
// it lists the frameworks on board and those of imported libraries, follows
// mappings from controls to their requirements, and infers a state where that is
// certain, always with the path it took. It keeps nothing and decides nothing: an
// inferred state is no evidence of its own, and whether a requirement is met
// people conclude.
package crosswalk

import (
	"slices"

	"sextant"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/register"
)

// Source is where an organisation has more frameworks and mappings from than
// come with the program: imported libraries. A mapping may lead to or from what
// is on board.
type Source interface {
	// Trees lists its frameworks without their nodes.
	Trees(v *register.View) ([]framework.Tree, error)
	// Tree gives one with its nodes; false where it has none of that id.
	Tree(v *register.View, id string) (framework.Tree, bool, error)
	// Asking gives what mappings call each requirement of one, in its order and
	// empty for one that none can lead to; false where it has none of that id.
	Asking(v *register.View, id string) ([]string, bool, error)
	// Files names the files its mappings are read from, by their SHA-256: the same
	// files hold the same mappings.
	Files(v *register.View) ([]string, error)
	// Mappings gives its mapping sets.
	Mappings(v *register.View) ([]framework.MappingSet, error)
	// Named gives a requirement by what mappings call it and the urn of its
	// framework; false where it is not of one of its frameworks.
	Named(v *register.View, of, point string) (Place, bool, error)
}

// Place is a requirement of a framework of a source, where people find it.
type Place struct {
	Framework string // id of its tree
	Title     string // of the tree
	Reference string // of the requirement, as it is stored
	Number    string
	Name      string
}

// Board is all frameworks and mappings an organisation has: those on board, and
// those of its sources.
type Board struct {
	// Standing gives the evidence state of every row in use that is counted, by
	// stored reference: soa.Standing.
	Standing func(*register.View, evidence.Reader) (map[string]control.State, error)
	Sources  []Source
}

// Trees lists the frameworks without their nodes: standards on board, what
// mappings on board lead to, then those of the sources.
func (b Board) Trees(v *register.View) ([]framework.Tree, error) {
	list := slices.Clone(aboard())
	for _, source := range b.Sources {
		more, err := source.Trees(v)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// Tree gives one framework with its nodes. They may be shared and must not be
// changed.
func (b Board) Tree(v *register.View, id string) (framework.Tree, error) {
	if t, ok := framework.TreeOf(id); ok {
		return t, nil
	}
	mapped := framework.MappedTrees()
	if i := slices.IndexFunc(mapped, func(t framework.Tree) bool { return t.ID == id }); i >= 0 {
		return mapped[i], nil
	}
	for _, source := range b.Sources {
		if t, ok, err := source.Tree(v, id); ok || err != nil {
			return t, err
		}
	}
	return framework.Tree{}, sextant.Errorf(sextant.NotFound, "there is no framework %.60q", id).WithHint("the list of frameworks names those there are")
}

// Asking gives what mappings call each requirement of a framework, in its order;
// empty for one that none can lead to. It costs less than the tree.
func (b Board) Asking(v *register.View, id string) ([]string, error) {
	for _, source := range b.Sources {
		if points, ok, err := source.Asking(v, id); ok || err != nil {
			return points, err
		}
	}
	t, err := b.Tree(v, id)
	return askingBelow(nil, t.Nodes), err
}

func askingBelow(points []string, nodes []framework.Node) []string {
	for _, n := range nodes {
		if n.Asks {
			points = append(points, n.Point())
		}
		points = askingBelow(points, n.Children)
	}
	return points
}

// Sets gives every mapping set: those on board, then those of the sources.
func (b Board) Sets(v *register.View) ([]framework.MappingSet, error) {
	sets := framework.Crosswalks()
	for _, source := range b.Sources {
		more, err := source.Mappings(v)
		if err != nil {
			return nil, err
		}
		sets = append(sets, more...)
	}
	return sets, nil
}

// files names what Sets is read from besides what is on board.
func (b Board) files(v *register.View) (list []string, err error) {
	for _, source := range b.Sources {
		more, err := source.Files(v)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// Named gives a requirement of a source by what mappings call it and the urn of
// its framework; false where no source has it.
func (b Board) Named(v *register.View, of, point string) (Place, bool, error) {
	for _, source := range b.Sources {
		if p, ok, err := source.Named(v, of, point); ok || err != nil {
			return p, ok, err
		}
	}
	return Place{}, false, nil
}
