// SPDX-License-Identifier: Apache-2.0

package library

import (
	"encoding/json"
	"fmt"
	"strings"

	"sextant/register"
)

// Shelved is the content of a kept library with what is needed to find one's way
// in it. It is shared by all readers and must not be changed.
type Shelved struct {
	*Content
	nodes    map[string]place    // by id
	byURN    map[string]string   // id of a node by its urn
	children map[string][]string // ids below an id, in order; "#n" for the top of framework n
	controls map[string]int      // by urn
	threats  map[string]int      // by urn
}

type place struct{ framework, node int }

// Open reads the content of a library. It is read once and remembered by its
// digest while there is room.
func Open(v *register.View, l Library) (*Shelved, error) {
	sum, _ := l.File["sha256"].(string)
	return register.Digested(v, sum, "library", shelve)
}

func shelve(data []byte) (*Shelved, error) {
	var c Content
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("kept library: %w", err)
	}
	return Index(&c), nil
}

// Index makes content that was just read findable, as Open gives what is kept.
func Index(c *Content) *Shelved {
	s := &Shelved{Content: c, nodes: map[string]place{}, byURN: map[string]string{}, children: map[string][]string{}, controls: map[string]int{}, threats: map[string]int{}}
	for i, f := range c.Frameworks {
		for j, n := range f.Nodes {
			s.nodes[n.ID], s.byURN[n.URN] = place{i, j}, n.ID
			under := n.Parent
			if under == "" {
				under = top(i)
			}
			s.children[under] = append(s.children[under], n.ID)
		}
	}
	for i, k := range c.Controls {
		s.controls[k.URN] = i
	}
	for i, t := range c.Threats {
		s.threats[t.URN] = i
	}
	delete(s.byURN, "")
	delete(s.controls, "")
	delete(s.threats, "")
	return s
}

func top(framework int) string { return fmt.Sprintf("#%d", framework) }

// Node finds a node by id, with the number of its framework.
func (s *Shelved) Node(id string) (n *Node, framework int, ok bool) {
	at, ok := s.nodes[id]
	if !ok {
		return nil, 0, false
	}
	return &s.Frameworks[at.framework].Nodes[at.node], at.framework, true
}

// Children gives the nodes right below one; "" gives the top of a framework.
func (s *Shelved) Children(framework int, id string) []*Node {
	if id == "" {
		id = top(framework)
	}
	list := make([]*Node, 0, len(s.children[id]))
	for _, child := range s.children[id] {
		n, _, _ := s.Node(child)
		list = append(list, n)
	}
	return list
}

// HasChildren says whether something lies below a node.
func (s *Shelved) HasChildren(id string) bool { return len(s.children[id]) > 0 }

// Above gives the ancestors of a node, the topmost first.
func (s *Shelved) Above(id string) (list []*Node) {
	for n, _, ok := s.Node(id); ok && n.Parent != ""; n, _, ok = s.Node(n.Parent) {
		if parent, _, ok := s.Node(n.Parent); ok {
			list = append([]*Node{parent}, list...)
		}
	}
	return list
}

// NodeOfURN finds a node by its urn.
func (s *Shelved) NodeOfURN(urn string) (*Node, bool) {
	n, _, ok := s.Node(s.byURN[strings.ToLower(urn)])
	return n, ok
}

// ControlOfURN finds a reference control.
func (s *Shelved) ControlOfURN(urn string) (*ReferenceControl, bool) {
	i, ok := s.controls[urn]
	if !ok {
		return nil, false
	}
	return &s.Controls[i], true
}

// ThreatOfURN finds a threat.
func (s *Shelved) ThreatOfURN(urn string) (*Threat, bool) {
	i, ok := s.threats[urn]
	if !ok {
		return nil, false
	}
	return &s.Threats[i], true
}

// Search gives the nodes in which every word stands, up to most, and how many
// there are.
func (s *Shelved) Search(framework int, words string, most int) (found []*Node, all int) {
	wanted := strings.Fields(strings.ToLower(words))
	if len(wanted) == 0 || framework >= len(s.Frameworks) {
		return nil, 0
	}
	nodes := s.Frameworks[framework].Nodes
	for i := range nodes {
		if !contains(&nodes[i], wanted) {
			continue
		}
		if all++; len(found) < most {
			found = append(found, &nodes[i])
		}
	}
	return found, all
}

func contains(n *Node, words []string) bool {
	for _, word := range words {
		if !foldContains(n.RefID, word) && !foldContains(n.Name, word) && !foldContains(n.Description, word) {
			return false
		}
	}
	return true
}

// foldContains looks for a word in small letters without making a copy of texts
// that are plain.
func foldContains(text, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		j := 0
		for j < len(word) && lower(text[i+j]) == word[j] {
			j++
		}
		if j == len(word) {
			return true
		}
	}
	return !ascii(word) && strings.Contains(strings.ToLower(text), word)
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
