// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"sextant"
)

//go:embed content
var content embed.FS

// Limits of a content file. Ours are a tenth of these.
const (
	maxBytes = 1 << 20
	maxDepth = 12
	maxNodes = 100_000
)

func must[T any](v T, err error) T {
	if err != nil {
		panic("framework: embedded content: " + err.Error())
	}
	return v
}

func readContent(file string, into any) error {
	data, err := content.ReadFile(file)
	if err != nil {
		return err
	}
	return Decode(file, data, into)
}

// Decode reads one YAML document into a struct. It refuses unknown keys, keys
// given twice, anchors and aliases, a second document, and anything over the
// limits of size and depth. An error names the file and the line.
func Decode(file string, data []byte, into any) error {
	if len(data) > maxBytes {
		return sextant.Errorf(sextant.TooLarge, "%s: %d bytes, at most %d are read", file, len(data), maxBytes).
			WithHint("split the file")
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(data, &tree); err != nil {
		return unreadable(file, err)
	}
	nodes := 0
	if err := inspect(file, &tree, 0, &nodes); err != nil {
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		return unreadable(file, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return sextant.Errorf(sextant.Invalid, "%s: more than one document", file).WithHint("remove what follows the line ---")
	}
	return nil
}

// unreadable puts the file before the line numbers yaml gives.
func unreadable(file string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n  ")
	if line, rest, ok := strings.Cut(strings.TrimPrefix(text, "line "), ": "); ok && text != line {
		return sextant.Errorf(sextant.Invalid, "%s:%s: %s", file, line, rest).WithHint("correct the key or the value on that line")
	}
	return sextant.Errorf(sextant.Invalid, "%s: %s", file, text).WithHint("check that it is YAML with the keys of its kind")
}

func inspect(file string, n *yaml.Node, depth int, nodes *int) error {
	*nodes++
	problem, hint := "", "make the content flatter or smaller"
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		problem, hint = "anchors and aliases are not read", "write the value out"
	case depth > maxDepth:
		problem = fmt.Sprintf("nested more than %d deep", maxDepth)
	case *nodes > maxNodes:
		problem = fmt.Sprintf("more than %d values", maxNodes)
	}
	if problem != "" {
		return sextant.Errorf(sextant.Invalid, "%s:%d: %s", file, n.Line, problem).WithHint("%s", hint)
	}
	for _, child := range n.Content {
		if err := inspect(file, child, depth+1, nodes); err != nil {
			return err
		}
	}
	return nil
}
