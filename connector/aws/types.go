// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"sextant/connector"
)

//go:embed resources.yaml
var resources []byte

// Types lists every resource type the connector observes, as resources.yaml
// declares them.
var Types = sync.OnceValue(func() []connector.Type {
	types, err := parseTypes(resources)
	if err != nil {
		panic("connector/aws: resources.yaml: " + err.Error())
	}
	return types
})

type declaration struct {
	Type, Title, Scope, Says string
	Calls                    []string
	Attributes               yaml.Node
}

func parseTypes(text []byte) ([]connector.Type, error) {
	var all []declaration
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&all); err != nil {
		return nil, err
	}
	var types []connector.Type
	for _, d := range all {
		attributes, err := parseAttributes(d.Attributes.Content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Type, err)
		}
		types = append(types, connector.Type{Name: d.Type, Title: d.Title, Scope: d.Scope, Says: d.Says, Calls: d.Calls, Attributes: attributes})
	}
	return types, nil
}

func parseAttributes(nodes []*yaml.Node) ([]connector.Attribute, error) {
	var all []connector.Attribute
	for i := 0; i+1 < len(nodes); i += 2 {
		kind, says, _ := strings.Cut(nodes[i+1].Value, " ")
		base, optional := strings.CutSuffix(kind, "?")
		a := connector.Attribute{Name: nodes[i].Value, Type: connector.AttributeType(base), Optional: optional, Says: strings.TrimSpace(says)}
		if !a.Type.Known() {
			return nil, fmt.Errorf("line %d: %s has no known type", nodes[i].Line, a.Name)
		}
		all = append(all, a)
	}
	return all, nil
}
