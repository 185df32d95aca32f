// SPDX-License-Identifier: Apache-2.0

package oscal

// Catalog is a set of controls.
type Catalog struct {
	UUID       string      `json:"uuid" xml:"uuid,attr"`
	Metadata   Metadata    `json:"metadata" xml:"metadata"`
	Params     []Param     `json:"params,omitempty" xml:"param"`
	Controls   []Control   `json:"controls,omitempty" xml:"control"`
	Groups     []Group     `json:"groups,omitempty" xml:"group"`
	BackMatter *BackMatter `json:"back-matter,omitempty" xml:"back-matter"`
}

// Group holds controls that belong together.
type Group struct {
	ID       string    `json:"id,omitempty" xml:"id,attr"`
	Class    string    `json:"class,omitempty" xml:"class,attr"`
	Title    Markup    `json:"title" xml:"title"`
	Params   []Param   `json:"params,omitempty" xml:"param"`
	Props    []Prop    `json:"props,omitempty" xml:"prop"`
	Links    []Link    `json:"links,omitempty" xml:"link"`
	Parts    []Part    `json:"parts,omitempty" xml:"part"`
	Groups   []Group   `json:"groups,omitempty" xml:"group"`
	Controls []Control `json:"controls,omitempty" xml:"control"`
}

// Control is a requirement or safeguard; enhancements are controls within it.
type Control struct {
	ID       string    `json:"id" xml:"id,attr"`
	Class    string    `json:"class,omitempty" xml:"class,attr"`
	Title    Markup    `json:"title" xml:"title"`
	Params   []Param   `json:"params,omitempty" xml:"param"`
	Props    []Prop    `json:"props,omitempty" xml:"prop"`
	Links    []Link    `json:"links,omitempty" xml:"link"`
	Parts    []Part    `json:"parts,omitempty" xml:"part"`
	Controls []Control `json:"controls,omitempty" xml:"control"`
}

// Param is a place in a control's text that an organisation fills.
type Param struct {
	ID         string      `json:"id" xml:"id,attr"`
	Class      string      `json:"class,omitempty" xml:"class,attr"`
	Props      []Prop      `json:"props,omitempty" xml:"prop"`
	Label      Markup      `json:"label,omitempty" xml:"label"`
	Usage      Markup      `json:"usage,omitempty" xml:"usage"`
	Guidelines []Guideline `json:"guidelines,omitempty" xml:"guideline"`
	Values     []string    `json:"values,omitempty" xml:"value"`
	Select     *Select     `json:"select,omitempty" xml:"select"`
}

// Guideline says how to fill a parameter.
type Guideline struct {
	Prose Markup `json:"prose" xml:",innerxml"`
}

// Select is a choice of values.
type Select struct {
	HowMany string   `json:"how-many,omitempty" xml:"how-many,attr"`
	Choice  []Markup `json:"choice,omitempty" xml:"choice"`
}

// Part is a piece of a control's text.
type Part struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"`
	NS    string `json:"ns,omitempty"`
	Class string `json:"class,omitempty"`
	Title Markup `json:"title,omitempty"`
	Props []Prop `json:"props,omitempty"`
	Prose Markup `json:"prose,omitempty"`
	Parts []Part `json:"parts,omitempty"`
	Links []Link `json:"links,omitempty"`
}
