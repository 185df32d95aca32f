// SPDX-License-Identifier: Apache-2.0

// Package cisoassistant reads libraries in the YAML format of CISO Assistant:
// frameworks, requirement mapping sets, reference controls, threats and risk
// matrices. It takes what the field has: keys in singular and plural, lists and
// mappings, urns in any case, missing ids and depths. What it cannot take it
// counts and leaves out; presets, metrics and attack techniques are among that.
//
// It judges nothing and writes nothing: whether a library is taken over is
// decided in package library.
package cisoassistant

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/interchange/yamltree"
	"sextant/library"
)

// Read reads one library. name is the file's, for messages. An error is Invalid
// or TooLarge: then it is no such library, or not safe to read. Everything else
// that is wrong with it is in the report.
func Read(name string, data []byte) (*library.Content, *library.Report, error) {
	top, err := yamltree.Read(name, data)
	if err != nil {
		return nil, nil, err
	}
	objects := yamltree.Get(top, "objects")
	if objects == nil || objects.Kind != yaml.MappingNode {
		return nil, nil, sextant.Errorf(sextant.Invalid, "%s is no library of CISO Assistant: it has no objects", name).WithHint("choose the YAML file of a library, not an export of its tables")
	}
	r := &reader{report: &library.Report{}, content: &library.Content{Format: library.CISOAssistant}, taken: map[string]bool{}}
	r.about(name, top)
	r.objects(objects)
	r.references()
	if r.content.Empty() {
		return nil, nil, sextant.Errorf(sextant.Invalid, "%s holds nothing that can be used here%s", name, whatElse(r.report))
	}
	return r.content, r.report, nil
}

func whatElse(r *library.Report) string {
	for _, k := range r.Sorted() {
		if k.Code == library.UnknownObject {
			return ": only " + strings.Join(k.Examples, ", ")
		}
	}
	return ""
}

type reader struct {
	content                   *library.Content
	report                    *library.Report
	names                     library.Namer // of nodes; controls and threats have their own, so that a node is named the same whatever stands before it
	controlNames, threatNames library.Namer
	taken                     map[string]bool // urns of controls and threats
}

func (r *reader) about(name string, top *yaml.Node) {
	c := r.content
	yamltree.Pairs(top, func(key string, value *yaml.Node) {
		text := strings.TrimSpace(yamltree.Text(value))
		switch key {
		case "urn":
			c.URN = urn(value)
		case "ref_id":
			c.RefID = text
		case "name":
			c.Name = text
		case "description":
			c.Description = text
		case "provider":
			c.Provider = text
		case "packager":
			c.Packager = text
		case "version":
			c.Version = text
		case "locale":
			c.Locale = text
		case "publication_date":
			c.Published = text
		case "copyright":
			c.Licence = text
		case "annotation":
			c.Annotation = text
		case "labels":
			c.Labels = texts(value)
		case "dependencies", "dependency":
			for _, d := range yamltree.Items(value) {
				c.Dependencies = append(c.Dependencies, urn(d))
			}
		case "translations":
			c.Texts = translations(value)
		case "objects", "convert_library_version", "format_version":
		default:
			r.unread("library", key)
		}
	})
	if c.Name == "" {
		c.Name = firstOf(c.RefID, name)
	}
	if c.URN == "" {
		c.URN = "local:" + strings.ToLower(firstOf(c.RefID, c.Name))
		r.report.Took(library.MissingURN, c.Name)
	}
}

func (r *reader) objects(objects *yaml.Node) {
	yamltree.Pairs(objects, func(key string, value *yaml.Node) {
		switch key {
		case "framework", "frameworks":
			r.each(value, frameworkFields, r.framework)
		case "requirement_mapping_set", "requirement_mapping_sets":
			r.each(value, mappingFields, r.mappingSet)
		case "reference_control", "reference_controls":
			r.each(value, itemFields, r.referenceControl)
		case "threat", "threats":
			r.each(value, itemFields, r.threat)
		case "risk_matrix", "risk_matrices":
			r.each(value, matrixFields, r.matrix)
		default:
			r.report.Left(library.UnknownObject, fmt.Sprintf("%s (%d)", key, len(yamltree.Items(value))))
		}
	})
}

// Fields by which one object is told from a mapping of several by urn.
var (
	frameworkFields = []string{"requirement_nodes", "requirement_node", "name", "urn", "ref_id"}
	mappingFields   = []string{"requirement_mappings", "requirement_mapping", "source_framework_urn", "name", "urn"}
	itemFields      = []string{"name", "urn", "ref_id", "description"}
	matrixFields    = []string{"grid", "name", "urn", "probability"}
	questionFields  = []string{"text", "type", "urn", "questions"}
	choiceFields    = []string{"value", "urn"}
	levelFields     = []string{"name", "score", "ref_id", "id"}
)

// each calls take for every object, whether they stand in a list, by urn in a
// mapping, or one by itself. by is the name an object stood under, "" in a list.
func (r *reader) each(n *yaml.Node, fields []string, take func(by string, n *yaml.Node)) {
	if n = yamltree.Resolve(n); n == nil {
		return
	}
	if n.Kind == yaml.MappingNode && !isOne(n, fields) {
		yamltree.Pairs(n, func(key string, value *yaml.Node) { r.one(key, value, take) })
		return
	}
	for _, item := range yamltree.Items(n) {
		r.one("", item, take)
	}
}

func (r *reader) one(by string, n *yaml.Node, take func(by string, n *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.report.Left(library.NotAsExpected, fmt.Sprintf("line %d", n.Line))
		return
	}
	take(by, n)
}

// isOne says whether a mapping is an object: it has a field of one.
func isOne(n *yaml.Node, fields []string) (one bool) {
	yamltree.Pairs(n, func(key string, _ *yaml.Node) {
		for _, f := range fields {
			one = one || key == f
		}
	})
	return one
}

func (r *reader) unread(object, key string) {
	r.report.Left(library.UnknownField, object+"."+key)
}

// references counts what points at a reference control or threat of this file
// that is not in it. What belongs to another library cannot be told from here.
func (r *reader) references() {
	known, prefixes := map[string]bool{}, map[string]bool{}
	learn := func(u string) {
		known[u] = true
		prefixes[u[:strings.LastIndexByte(u, ':')+1]] = true
	}
	for _, c := range r.content.Controls {
		learn(c.URN)
	}
	for _, t := range r.content.Threats {
		learn(t.URN)
	}
	for _, f := range r.content.Frameworks {
		for _, n := range f.Nodes {
			for _, u := range append(append([]string{}, n.Controls...), n.Threats...) {
				if !known[u] && prefixes[u[:strings.LastIndexByte(u, ':')+1]] {
					r.report.Took(library.UnknownReference, u)
				}
			}
		}
	}
}

// urn gives a urn in small letters: they are compared without regard to case.
func urn(n *yaml.Node) string { return strings.ToLower(strings.TrimSpace(yamltree.Text(n))) }

func urns(n *yaml.Node) (list []string) {
	for _, item := range yamltree.Items(n) {
		if u := urn(item); u != "" {
			list = append(list, u)
		}
	}
	return list
}

// texts gives a list of texts, or one text as a list of one.
func texts(n *yaml.Node) (list []string) {
	for _, item := range yamltree.Items(n) {
		if text := strings.TrimSpace(yamltree.Text(item)); text != "" {
			list = append(list, text)
		}
	}
	return list
}

func translations(n *yaml.Node) library.Texts {
	var all library.Texts
	yamltree.Pairs(n, func(language string, fields *yaml.Node) {
		yamltree.Pairs(fields, func(field string, value *yaml.Node) {
			text := yamltree.Text(value)
			if text == "" {
				return
			}
			if all == nil {
				all = library.Texts{}
			}
			if all[language] == nil {
				all[language] = map[string]string{}
			}
			all[language][field] = text
		})
	})
	return all
}

func isTrue(n *yaml.Node) bool {
	switch strings.ToLower(yamltree.Text(n)) {
	case "true", "yes", "on", "y", "1":
		return true
	}
	return false
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
