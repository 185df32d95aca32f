// SPDX-License-Identifier: Apache-2.0

package oscal

// Profile is a choice of controls out of catalogs or other profiles.
type Profile struct {
	UUID       string      `json:"uuid" xml:"uuid,attr"`
	Metadata   Metadata    `json:"metadata" xml:"metadata"`
	Imports    []Import    `json:"imports" xml:"import"`
	Merge      *Merge      `json:"merge,omitempty" xml:"merge"`
	Modify     *Modify     `json:"modify,omitempty" xml:"modify"`
	BackMatter *BackMatter `json:"back-matter,omitempty" xml:"back-matter"`
}

// Import takes controls out of one source.
type Import struct {
	Href    string      `json:"href" xml:"href,attr"`
	All     *All        `json:"include-all,omitempty" xml:"include-all"`
	Include []Selection `json:"include-controls,omitempty" xml:"include-controls"`
	Exclude []Selection `json:"exclude-controls,omitempty" xml:"exclude-controls"`
}

// All takes everything.
type All struct{}

// Selection names controls by id or pattern (* and ? as in file names).
type Selection struct {
	WithChildren string     `json:"with-child-controls,omitempty" xml:"with-child-controls,attr"`
	IDs          []string   `json:"with-ids,omitempty" xml:"with-id"`
	Matching     []Matching `json:"matching,omitempty" xml:"matching"`
}

// Matching is a pattern of ids.
type Matching struct {
	Pattern string `json:"pattern" xml:"pattern,attr"`
}

// Merge says how the choice is laid out. A flat one loses the groups; any other
// keeps those of the source.
type Merge struct {
	AsIs bool `json:"as-is,omitempty" xml:"as-is"`
	Flat *All `json:"flat,omitempty" xml:"flat"`
}

// Modify changes what was chosen. Parameters are set; other alterations are
// counted and not made.
type Modify struct {
	SetParameters []SetParameter `json:"set-parameters,omitempty" xml:"set-parameter"`
	Alters        []Alter        `json:"alters,omitempty" xml:"alter"`
}

// SetParameter fills a parameter.
type SetParameter struct {
	ParamID string   `json:"param-id" xml:"param-id,attr"`
	Label   Markup   `json:"label,omitempty" xml:"label"`
	Values  []string `json:"values,omitempty" xml:"value"`
}

// Alter changes the text of a control.
type Alter struct {
	ControlID string `json:"control-id" xml:"control-id,attr"`
}
