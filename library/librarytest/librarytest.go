// SPDX-License-Identifier: Apache-2.0

// Package librarytest makes libraries for tests and measurements. It states
// nothing itself.
package librarytest

import (
	"bytes"
	"fmt"
	"strings"
)

// Generated gives a library of CISO Assistant with so many nodes, of the shape
// and size the largest ones in the field have: chapters of ten sections of ten
// requirements, with some 550 characters each.
func Generated(nodes int) []byte {
	var b bytes.Buffer
	b.WriteString("urn: urn:northquay:library:generated\nlocale: en\nref_id: GENERATED\nname: Generated rules\ndescription: Made for a measurement.\ncopyright: public domain\nversion: 1\npublication_date: 2026-01-01\nprovider: Northquay\npackager: Northquay\nobjects:\n  framework:\n    urn: urn:northquay:framework:generated\n    ref_id: GENERATED\n    name: Generated rules\n    requirement_nodes:\n")
	chapter, section, rule := 0, 0, 0
	for i := range nodes {
		switch {
		case i%111 == 0:
			chapter, section, rule = chapter+1, 0, 0
			node(&b, fmt.Sprint(chapter), "", 1)
		case i%111%11 == 1:
			section, rule = section+1, 0
			node(&b, fmt.Sprintf("%d.%d", chapter, section), fmt.Sprint(chapter), 2)
		default:
			rule++
			node(&b, fmt.Sprintf("%d.%d.%d", chapter, section, rule), fmt.Sprintf("%d.%d", chapter, section), 3)
		}
	}
	return b.Bytes()
}

func node(b *bytes.Buffer, id, parent string, depth int) {
	fmt.Fprintf(b, "    - urn: urn:northquay:req_node:generated:%s\n      assessable: %v\n      depth: %d\n", id, depth == 3, depth)
	if parent != "" {
		fmt.Fprintf(b, "      parent_urn: urn:northquay:req_node:generated:%s\n", parent)
	}
	fmt.Fprintf(b, "      ref_id: '%s'\n      name: Rule %s\n", id, id)
	if depth == 3 {
		fmt.Fprintf(b, "      description: '%s'\n", strings.Repeat("Somebody looks at it, writes down what was seen and when, and tells who has to know. ", 5))
	}
}
