// SPDX-License-Identifier: Apache-2.0

package oscal

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/interchange/yamltree"
)

// The limits of what is read. The catalogue of SP 800-53 has 10 MB as JSON and
// 150,000 objects.
const (
	MaxBytes    = 32 << 20
	maxObjects  = 500_000
	maxElements = 1_000_000
	maxDepth    = 64
)

// Read reads a catalog or a profile as JSON, XML or YAML; the bytes tell which.
// name is the file's, for messages. Errors are Invalid or TooLarge.
func Read(name string, data []byte) (d Document, err error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	switch first := bytes.TrimLeft(data, " \t\r\n"); {
	case len(data) > MaxBytes:
		return d, sextant.Errorf(sextant.TooLarge, "%s is larger than %d MiB", name, MaxBytes>>20)
	case !utf8.Valid(data):
		return d, sextant.Errorf(sextant.Invalid, "%s is not UTF-8 text", name).WithHint("save it as UTF-8")
	case len(first) == 0:
		return d, sextant.Errorf(sextant.Invalid, "%s is empty", name)
	case first[0] == '{':
		err = readJSON(name, data, &d)
	case first[0] == '<':
		err = readXML(name, data, &d)
	default:
		err = readYAML(name, data, &d)
	}
	if err == nil && d.Catalog == nil && d.Profile == nil {
		err = sextant.Errorf(sextant.Invalid, "%s is no catalog and no profile of OSCAL", name).WithHint("other models are not read")
	}
	d.Plan = nil // written, not read
	return d, err
}

func readJSON(name string, data []byte, d *Document) error {
	if bytes.Count(data, []byte("{"))+bytes.Count(data, []byte("[")) > maxObjects {
		return sextant.Errorf(sextant.TooLarge, "%s has more than %d objects", name, maxObjects)
	}
	if err := shallow(name, data); err != nil {
		return err
	}
	if err := json.Unmarshal(data, d); err != nil {
		return sextant.Errorf(sextant.Invalid, "%s cannot be read as OSCAL in JSON: %w", name, err)
	}
	return nil
}

// shallow refuses what lies deeper than any catalog does.
func shallow(name string, data []byte) error {
	depth, text, escaped := 0, false, false
	for _, b := range data {
		switch {
		case escaped:
			escaped = false
		case text && b == '\\':
			escaped = true
		case b == '"':
			text = !text
		case text:
		case b == '{' || b == '[':
			if depth++; depth > maxDepth {
				return sextant.Errorf(sextant.TooLarge, "%s lies deeper than %d levels", name, maxDepth)
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return nil
}

func readXML(name string, data []byte, d *Document) error {
	top, err := measured(name, data)
	if err != nil {
		return err
	}
	switch top {
	case "catalog":
		d.Catalog = &Catalog{}
		err = xml.Unmarshal(data, d.Catalog)
	case "profile":
		d.Profile = &Profile{}
		err = xml.Unmarshal(data, d.Profile)
	}
	if err != nil {
		return sextant.Errorf(sextant.Invalid, "%s cannot be read as OSCAL in XML: %w", name, err)
	}
	return nil
}

// measured looks through a document before anything is built: how deep and how
// large it is, and what its outermost element is called.
func measured(name string, data []byte) (top string, err error) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	for depth, elements := 0, 0; ; {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return top, nil
		}
		if err != nil {
			return top, sextant.Errorf(sextant.Invalid, "%s is no XML: %w", name, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if top == "" {
				top = t.Name.Local
			}
			depth, elements = depth+1, elements+1
			if depth > maxDepth {
				return top, sextant.Errorf(sextant.TooLarge, "%s lies deeper than %d levels", name, maxDepth)
			}
			if elements > maxElements {
				return top, sextant.Errorf(sextant.TooLarge, "%s has more than %d elements", name, maxElements)
			}
		case xml.EndElement:
			depth--
		}
	}
}

func readYAML(name string, data []byte, d *Document) error {
	tree, err := yamltree.Read(name, data)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	asJSON(&out, "", tree)
	if err := json.Unmarshal(out.Bytes(), d); err != nil {
		return sextant.Errorf(sextant.Invalid, "%s cannot be read as OSCAL in YAML: %w", name, err)
	}
	return nil
}

// asJSON writes a tree as JSON. Scalars become texts as they are written, so
// that version 1.10 stays what it is; as-is is the one that is no text.
func asJSON(out *bytes.Buffer, key string, n *yaml.Node) {
	switch n = yamltree.Resolve(n); n.Kind {
	case yaml.MappingNode:
		out.WriteByte('{')
		first := true
		yamltree.Pairs(n, func(key string, value *yaml.Node) {
			if !first {
				out.WriteByte(',')
			}
			first = false
			quote(out, key)
			out.WriteByte(':')
			asJSON(out, key, value)
		})
		out.WriteByte('}')
	case yaml.SequenceNode:
		out.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				out.WriteByte(',')
			}
			asJSON(out, "", item)
		}
		out.WriteByte(']')
	default:
		switch {
		case n.Tag == "!!null":
			out.WriteString("null")
		case key == "as-is" && (n.Value == "true" || n.Value == "false"):
			out.WriteString(n.Value)
		default:
			quote(out, n.Value)
		}
	}
}

func quote(out *bytes.Buffer, text string) {
	data, _ := json.Marshal(strings.ToValidUTF8(text, "\uFFFD")) // a text always can be
	out.Write(data)
}
