// SPDX-License-Identifier: Apache-2.0

// Package desired reads entries as people keep them in a repository: YAML
// documents that name a register, a key and fields. It compares nothing with
// what stands; the kernel's Apply does.
package desired

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/register"
)

// MaxBytes is the most one file holds.
const MaxBytes = 8 << 20

const maxDepth = 20

// Parse reads YAML documents of the form
//
//	register: asset
//	key: AST-1
//	fields: {title: Order database, …}
//
// name stands in every refusal, with the line. Aliases and deep nesting are
// refused, so that no small file becomes a large one.
func Parse(name string, data []byte) (list []register.Desired, err error) {
	if len(data) > MaxBytes {
		return nil, sextant.Errorf(sextant.TooLarge, "%s is larger than %d MiB", name, MaxBytes>>20)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		if err := dec.Decode(&node); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, sextant.Errorf(sextant.Invalid, "%s: %s", name, err)
		}
		if err := refuseDeep(name, &node, 0); err != nil {
			return nil, err
		}
		d, err := desiredOf(name, &node)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
}

func refuseDeep(name string, n *yaml.Node, depth int) error {
	if depth > maxDepth || n.Kind == yaml.AliasNode {
		return sextant.Errorf(sextant.Invalid, "%s:%d: aliases and nesting deeper than %d are not read", name, n.Line, maxDepth)
	}
	for _, child := range n.Content {
		if err := refuseDeep(name, child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func desiredOf(name string, node *yaml.Node) (register.Desired, error) {
	var form struct {
		Register string         `yaml:"register"`
		Key      string         `yaml:"key"`
		Fields   map[string]any `yaml:"fields"`
	}
	where := fmt.Sprintf("%s:%d", name, node.Line)
	var known map[string]yaml.Node
	if err := node.Decode(&known); err != nil {
		return register.Desired{}, sextant.Errorf(sextant.Invalid, "%s: a document has register, key and fields", where)
	}
	for key, n := range known {
		if key != "register" && key != "key" && key != "fields" {
			return register.Desired{}, sextant.Errorf(sextant.Invalid, "%s:%d: %q is unknown; a document has register, key and fields", name, n.Line, key)
		}
	}
	if err := node.Decode(&form); err != nil {
		return register.Desired{}, sextant.Errorf(sextant.Invalid, "%s: %s", where, err)
	}
	return register.Desired{Register: form.Register, Key: form.Key, File: where, Values: form.Fields}, nil
}
