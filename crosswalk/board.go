// SPDX-License-Identifier: Apache-2.0

// Package crosswalk says what the evidence there is shows of other frameworks:
// it lists the frameworks on board, follows mappings from controls to their
// requirements, and infers a state where that is certain, always with the path
// it took. It keeps nothing and decides nothing: an inferred state is no
// evidence of its own, and whether a requirement is met people conclude.
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
// come with the program: imported libraries. References in what it gives are
// stored references; a mapping may lead to or from what is on board.
type Source interface {
	// Trees lists its frameworks without their nodes.
	Trees(v *register.View) ([]framework.Tree, error)
	// Tree gives one with its nodes; false where it has none of that id.
	Tree(v *register.View, id string) (framework.Tree, bool, error)
	// Mappings gives its mapping sets.
	Mappings(v *register.View) ([]framework.MappingSet, error)
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
func (b Board) Trees(v *register.View) (list []framework.Tree, err error) {
	for _, s := range framework.Standards() {
		t, _ := framework.TreeOf(s.ID)
		list = append(list, t)
	}
	list = append(list, framework.MappedTrees()...)
	for _, source := range b.Sources {
		more, err := source.Trees(v)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	for i := range list {
		list[i].Nodes = nil
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
