// SPDX-License-Identifier: Apache-2.0

package desired

import (
	"io"

	"gopkg.in/yaml.v3"

	"sextant/register"
)

// Write writes the entries of a list as documents that Parse reads, in its
// order: what people typed, as far as the actor may see it. What the program
// derives, states, secrets and files stay behind, for apply cannot bring them
// back.
func Write(w io.Writer, v *register.View, l register.List) error {
	def, err := v.Set().Named(l.Register)
	if err != nil {
		return err
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	fields := v.Fields(def)
	if err := v.Each(l, func(e register.Entry) error { return enc.Encode(document(e, fields)) }); err != nil {
		return err
	}
	return enc.Close()
}

func document(e register.Entry, fields []register.Field) *yaml.Node {
	typed := mapping()
	for _, f := range fields {
		if value := e.Doc[f.Key]; value != nil && !f.Derived && f.Kind != register.Secret && f.Kind != register.File {
			put(typed, f.Key, written(f, value))
		}
	}
	n := mapping()
	put(n, "register", scalar(e.Register.Name))
	put(n, "key", scalar(e.Key))
	put(n, "fields", typed)
	return n
}

// written gives rows in the order their fields are declared in.
func written(f register.Field, value any) *yaml.Node {
	list, many := value.([]any)
	if !many {
		return scalar(value)
	}
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range list {
		row, isRow := item.(map[string]any)
		if !isRow {
			n.Style = yaml.FlowStyle
			n.Content = append(n.Content, scalar(item))
			continue
		}
		one := mapping()
		one.Style = yaml.FlowStyle
		for _, part := range f.Fields {
			if row[part.Key] != nil {
				put(one, part.Key, written(part, row[part.Key]))
			}
		}
		n.Content = append(n.Content, one)
	}
	return n
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

func put(n *yaml.Node, key string, value *yaml.Node) {
	n.Content = append(n.Content, scalar(key), value)
}

// scalar writes whole numbers without a point; text is quoted where it would be
// read as something else.
func scalar(value any) *yaml.Node {
	if number, ok := value.(float64); ok && number == float64(int64(number)) {
		value = int64(number)
	}
	n := &yaml.Node{}
	if err := n.Encode(value); err != nil {
		panic(err) // documents hold text, numbers and booleans
	}
	return n
}
