// SPDX-License-Identifier: Apache-2.0

// Package yamltree reads YAML that strangers wrote into a tree of nodes, within
// limits: of size, of how many values there are, of depth, and of how far
// aliases would grow it. It takes values as they are written, so that 1.10 stays
// 1.10; what they mean is the caller's.
package yamltree

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"sextant"
)

// The limits. The largest library in the field has 3.4 MB and 60,000 values.
const (
	MaxBytes  = 16 << 20
	maxValues = 1_000_000 // aliases counted as what they stand for
	maxMarks  = 1_000_000 // characters that can begin a value, looked at before anything is built
	maxDepth  = 64
)

// Read reads the one document there is. Errors are Invalid or TooLarge, and name
// the file.
func Read(name string, data []byte) (*yaml.Node, error) {
	switch {
	case len(data) > MaxBytes:
		return nil, sextant.Errorf(sextant.TooLarge, "%s is larger than %d MiB", name, MaxBytes>>20)
	case !utf8.Valid(data):
		return nil, sextant.Errorf(sextant.Invalid, "%s is not UTF-8 text", name).WithHint("save it as UTF-8")
	case marks(data) > maxMarks:
		return nil, sextant.Errorf(sextant.TooLarge, "%s has more than %d values", name, maxValues)
	}
	document, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	if _, err := (walk{}).measure(document, 0); err != nil {
		return nil, sextant.Errorf(sextant.CodeOf(err), "%s: %w", name, err)
	}
	return Resolve(document.Content[0]), nil
}

// marks counts the characters that can begin a value: there are never more
// values than these.
func marks(data []byte) (n int) {
	for _, b := range data {
		switch b {
		case '\n', ',', ':', '[', '{', '?':
			n++
		}
	}
	return n
}

func parse(name string, data []byte) (document *yaml.Node, err error) {
	defer func() { // the parser gives up on some nonsense by a panic
		if recover() != nil {
			document, err = nil, sextant.Errorf(sextant.Invalid, "%s is no YAML", name)
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	document = &yaml.Node{}
	switch err := dec.Decode(document); {
	case errors.Is(err, io.EOF), err == nil && len(document.Content) == 0:
		return nil, sextant.Errorf(sextant.Invalid, "%s is empty", name)
	case err != nil:
		return nil, sextant.Errorf(sextant.Invalid, "%s is no YAML: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, sextant.Errorf(sextant.Invalid, "%s holds more than one document", name).WithHint("take them apart")
	}
	return document, nil
}

// walk measures what a tree would be with its aliases written out.
type walk map[*yaml.Node]extent

// extent is how much lies within a node.
type extent struct{ values, levels int }

// measuring marks a node that is an ancestor of the one looked at.
var measuring = extent{values: -1}

func (w walk) measure(n *yaml.Node, depth int) (extent, error) {
	if n.Kind == yaml.ScalarNode {
		return extent{values: 1}, nil
	}
	known, met := w[n]
	switch {
	case known == measuring:
		return known, sextant.Errorf(sextant.Invalid, "line %d: something holds itself", n.Line)
	case depth+known.levels > maxDepth:
		return known, sextant.Errorf(sextant.TooLarge, "line %d lies deeper than %d levels", n.Line, maxDepth)
	case met:
		return known, nil
	}
	w[n] = measuring
	whole, within := extent{values: 1}, n.Content
	if n.Kind == yaml.AliasNode {
		within = []*yaml.Node{n.Alias}
	}
	for _, child := range within {
		part, err := w.measure(child, depth+1)
		if err != nil {
			return whole, err
		}
		whole.values, whole.levels = whole.values+part.values, max(whole.levels, part.levels+1)
		if whole.values > maxValues {
			return whole, sextant.Errorf(sextant.TooLarge, "line %d: there are more than %d values, aliases written out", n.Line, maxValues)
		}
	}
	w[n] = whole
	return whole, nil
}

// Resolve gives what an alias stands for, and any other node itself.
func Resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// Pairs calls fn for each name and value of a mapping, in the file's order; then
// for what a merged mapping (<<) adds to its own names. Anything else has none.
func Pairs(n *yaml.Node, fn func(key string, value *yaml.Node)) {
	if n = Resolve(n); n == nil || n.Kind != yaml.MappingNode {
		return
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := Resolve(n.Content[i]); key.Tag == "!!merge" {
			merged = append(merged, Items(n.Content[i+1])...)
		} else {
			fn(key.Value, Resolve(n.Content[i+1]))
		}
	}
	if len(merged) > 0 {
		addMerged(n, merged, fn)
	}
}

func addMerged(n *yaml.Node, merged []*yaml.Node, fn func(key string, value *yaml.Node)) {
	has := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		has[Resolve(n.Content[i]).Value] = true
	}
	for _, m := range merged {
		Pairs(m, func(key string, value *yaml.Node) {
			if !has[key] {
				has[key] = true
				fn(key, value)
			}
		})
	}
}

// Get gives the value of a name of a mapping, nil where there is none.
func Get(n *yaml.Node, key string) (found *yaml.Node) {
	Pairs(n, func(k string, v *yaml.Node) {
		if found == nil && k == key {
			found = v
		}
	})
	return found
}

// Text gives a scalar as it is written; "" for null and for anything else.
func Text(n *yaml.Node) string {
	if n = Resolve(n); n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// Items gives the items of a list; a mapping or a value by itself is a list of
// one; null has none.
func Items(n *yaml.Node) []*yaml.Node {
	if n = Resolve(n); n == nil || n.Kind == yaml.ScalarNode && (n.Tag == "!!null" || n.Value == "") {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}
	}
	list := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		list[i] = Resolve(item)
	}
	return list
}
