// SPDX-License-Identifier: Apache-2.0

package monarc

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sextant"
)

// Limits of what is read.
const (
	MaxBytes  = 64 << 20  // of one file
	maxDepth  = 200       // of nesting: instances hold instances
	maxValues = 4_000_000 // in one file
	// MaxObjects is the most of one kind, of all files together.
	MaxObjects = 50_000
)

// node is a value of a JSON document, read leniently: what the exporter writes
// is a list where a mapping is empty, a number where it was a text, and 0 or 1
// where it was a truth, depending on its version.
type node struct{ value any }

// parse reads a document. What is no JSON, or too deep or large to be read
// safely, is refused.
func parse(name string, data []byte) (node, error) {
	if len(data) > MaxBytes {
		return node{}, sextant.Errorf(sextant.TooLarge, "%s is larger than %d MiB", name, MaxBytes>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := bounded(name, data); err != nil {
		return node{}, err
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return node{}, sextant.Errorf(sextant.Invalid, "%s is no JSON: %s", name, err).WithHint("export it again, as JSON and without a password")
	}
	return node{value}, nil
}

// bounded counts brackets and commas outside of texts, before anything is built
// of them.
func bounded(name string, data []byte) error {
	depth, values, quoted := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return sextant.Errorf(sextant.TooLarge, "%s is nested deeper than %d", name, maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		case c == ',':
			if values++; values > maxValues {
				return sextant.Errorf(sextant.TooLarge, "%s holds more than %d values", name, maxValues)
			}
		}
	}
	return nil
}

// get gives what stands under the first of the names that is there.
func (n node) get(names ...string) node {
	object, _ := n.value.(map[string]any)
	for _, name := range names {
		if value, ok := object[name]; ok {
			return node{value}
		}
	}
	return node{}
}

func (n node) has(name string) bool {
	object, _ := n.value.(map[string]any)
	_, ok := object[name]
	return ok
}

func (n node) isObject() bool { _, ok := n.value.(map[string]any); return ok }

// items gives the values of a list, or of a mapping in the order of its names,
// numbers by size.
func (n node) items() (list []node) {
	switch v := n.value.(type) {
	case []any:
		for _, item := range v {
			list = append(list, node{item})
		}
	case map[string]any:
		for _, key := range slices.SortedFunc(maps.Keys(v), byNumber) {
			list = append(list, node{v[key]})
		}
	}
	return list
}

func byNumber(a, b string) int {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a, b)
}

// text gives a scalar as text without what no field takes; "" for all else.
func (n node) text() string {
	switch v := n.value.(type) {
	case string:
		return strings.TrimSpace(strings.Map(func(r rune) rune {
			if r < ' ' && r != '\n' && r != '\t' || r == '\u007f' {
				return -1
			}
			return r
		}, strings.ReplaceAll(strings.ToValidUTF8(v, ""), "\r\n", "\n")))
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// number gives a whole number, or the one that stands for none.
func (n node) number(none int) int {
	switch v := n.value.(type) {
	case float64:
		if v == float64(int32(v)) {
			return int(v)
		}
	case string:
		if i, err := strconv.Atoi(strings.TrimSpace(v)); err == nil && i == int(int32(i)) {
			return i
		}
	case bool:
		if v {
			return 1
		}
		return 0
	}
	return none
}

func (n node) yes() bool { return n.number(0) == 1 }
