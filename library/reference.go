// SPDX-License-Identifier: Apache-2.0

package library

import (
	"strings"

	"sextant"
	"sextant/register"
)

// Prefix stands before the key of a library in a reference to one of its nodes:
// library/LIB-3/a.5.15.
const Prefix = "library/"

// Reference is how a node of a library is stored elsewhere.
func Reference(key, id string) string { return Prefix + key + "/" + id }

// ParseReference takes a reference apart. ok is false where it is none.
func ParseReference(reference string) (key, id string, ok bool) {
	rest, ok := strings.CutPrefix(reference, Prefix)
	if !ok {
		return "", "", false
	}
	key, id, ok = strings.Cut(rest, "/")
	return key, id, ok && key != "" && id != ""
}

// Named gives a node by a reference, of any version that was ever imported.
// NotFound where there is none.
func Named(v *register.View, reference string) (Node, error) {
	key, id, ok := ParseReference(reference)
	if !ok {
		return Node{}, sextant.Errorf(sextant.NotFound, "%q names no node of a library", reference)
	}
	l, err := Libraries.Get(v, key)
	if err != nil {
		return Node{}, err
	}
	s, err := Open(v, l.Fields)
	if err != nil {
		return Node{}, err
	}
	n, _, ok := s.Node(id)
	if !ok {
		return Node{}, sextant.Errorf(sextant.NotFound, "%s has no node %q", key, id)
	}
	return *n, nil
}

// Nodes are the nodes of imported libraries as content that references may point
// at.
type Nodes struct{}

var _ register.OwnContent = Nodes{}

// Title knows none: all are the organisation's.
func (Nodes) Title(string) (string, bool) { return "", false }

// OwnTitle names a node.
func (Nodes) OwnTitle(tx register.Reader, reference string) (string, bool, error) {
	v, ok := tx.(*register.View)
	if !ok || !strings.HasPrefix(reference, Prefix) {
		return "", false, nil
	}
	n, err := Named(v, reference)
	if sextant.CodeOf(err) == sextant.NotFound {
		return "", false, nil
	}
	return n.Title(), err == nil, err
}
