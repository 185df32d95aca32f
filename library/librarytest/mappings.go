// SPDX-License-Identifier: Apache-2.0

package librarytest

import (
	"bytes"
	"fmt"
)

// themes are how many controls of ISO/IEC 27001:2022 stand under each number of
// Annex A.
var themes = []struct{ theme, controls int }{{5, 37}, {6, 8}, {7, 14}, {8, 34}}

// GeneratedMappings gives a mapping set of CISO Assistant from so many
// requirements of Generated to controls of ISO/IEC 27001:2022, so many for each:
// the first such set, the second, which leads to other controls. Most overlap, as
// they do in the field; one in twenty asks the same.
func GeneratedMappings(set, requirements, each int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "urn: urn:northquay:library:generated-to-iso27001-%[1]d\nlocale: en\nname: Generated rules to ISO/IEC 27001:2022\ncopyright: public domain\nversion: 1\nprovider: Northquay\nobjects:\n  requirement_mapping_sets:\n  - urn: urn:northquay:set:generated-to-iso27001-%[1]d\n    name: Generated rules to ISO/IEC 27001:2022\n    source_framework_urn: urn:northquay:framework:generated\n    target_framework_urn: urn:intuitem:risk:framework:iso27001-2022\n    requirement_mappings:\n", set)
	var controls []string
	for _, t := range themes {
		for i := range t.controls {
			controls = append(controls, fmt.Sprintf("a.%d.%d", t.theme, i+1))
		}
	}
	for i := range requirements {
		from := fmt.Sprintf("%d.%d.%d", i/100+1, i/10%10+1, i%10+1)
		for j := range each {
			kind := []string{"intersect", "superset", "subset", "equal"}[min((i*each+j)%20/17, 3)]
			if (i*each+j)%20 == 19 {
				kind = "equal"
			}
			fmt.Fprintf(&b, "    - {source_requirement_urn: 'urn:northquay:req_node:generated:%s', target_requirement_urn: 'urn:intuitem:risk:req_node:iso27001-2022:%s', relationship: %s, strength_of_relationship: 50}\n", from, controls[(i+(j+(set-1)*each)*7)%len(controls)], kind)
		}
	}
	return b.Bytes()
}
