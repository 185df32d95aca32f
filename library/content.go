// SPDX-License-Identifier: Apache-2.0

package library

// Content is all a library holds, in one form whatever format it came in. It is
// what is kept: as JSON, by its SHA-256.
type Content struct {
	Format       Format             `json:"format"`
	URN          string             `json:"urn"` // in small letters; names the library through its versions
	RefID        string             `json:"ref_id,omitempty"`
	Name         string             `json:"name"`
	Description  string             `json:"description,omitempty"`
	Provider     string             `json:"provider,omitempty"` // who wrote the text
	Packager     string             `json:"packager,omitempty"` // who made the file
	Version      string             `json:"version,omitempty"`
	Locale       string             `json:"locale,omitempty"`
	Published    string             `json:"published,omitempty"`
	Licence      string             `json:"licence,omitempty"` // the copyright or licence text as it stands in the file
	Annotation   string             `json:"annotation,omitempty"`
	Labels       []string           `json:"labels,omitempty"`
	Dependencies []string           `json:"dependencies,omitempty"` // urns of other libraries
	Texts        Texts              `json:"texts,omitempty"`
	Frameworks   []Framework        `json:"frameworks,omitempty"`
	Mappings     []MappingSet       `json:"mapping_sets,omitempty"`
	Controls     []ReferenceControl `json:"reference_controls,omitempty"`
	Threats      []Threat           `json:"threats,omitempty"`
	Matrices     []RiskMatrix       `json:"risk_matrices,omitempty"`
}

// Format is what a library was read from.
type Format string

// The formats.
const (
	CISOAssistant Format = "ciso_assistant"
	OSCALCatalog  Format = "oscal_catalog"
	OSCALProfile  Format = "oscal_profile"
)

// Texts are translations by language, then by field.
type Texts map[string]map[string]string

// Framework is a tree of requirements.
type Framework struct {
	URN         string  `json:"urn"`
	RefID       string  `json:"ref_id,omitempty"`
	Name        string  `json:"name"`
	Description string  `json:"description,omitempty"`
	MinScore    string  `json:"min_score,omitempty"`
	MaxScore    string  `json:"max_score,omitempty"`
	Scores      []Level `json:"scores,omitempty"`
	Groups      []Level `json:"groups,omitempty"` // implementation groups
	Texts       Texts   `json:"texts,omitempty"`
	Nodes       []Node  `json:"nodes"` // parents before children, in the file's order
}

// Level is a named step of a scale, or a named group.
type Level struct {
	Value       string `json:"value"` // the score, or the group's id
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	Short       string `json:"short,omitempty"`
	Colour      string `json:"colour,omitempty"` // #rrggbb
	Texts       Texts  `json:"texts,omitempty"`
}

// Node is one heading or requirement.
type Node struct {
	ID          string     `json:"id"` // within the library, as in library/LIB-3/ID
	URN         string     `json:"urn,omitempty"`
	Parent      string     `json:"parent,omitempty"` // ID; empty at the top
	Depth       int        `json:"depth"`            // 1 at the top
	RefID       string     `json:"ref_id,omitempty"`
	Name        string     `json:"name,omitempty"`
	Description string     `json:"description,omitempty"`
	Annotation  string     `json:"annotation,omitempty"`
	Class       string     `json:"class,omitempty"`
	Assessable  bool       `json:"assessable,omitempty"`
	Weight      string     `json:"weight,omitempty"`
	Evidence    []string   `json:"evidence,omitempty"` // typical evidence
	Groups      []string   `json:"groups,omitempty"`
	Controls    []string   `json:"controls,omitempty"` // urns of reference controls
	Threats     []string   `json:"threats,omitempty"`  // urns
	Questions   []Question `json:"questions,omitempty"`
	Parts       []Part     `json:"parts,omitempty"`
	Params      []Param    `json:"params,omitempty"`
	Properties  []Property `json:"properties,omitempty"`
	Links       []Link     `json:"links,omitempty"`
	Texts       Texts      `json:"texts,omitempty"`
}

// Title is what a person calls the node.
func (n Node) Title() string {
	switch {
	case n.RefID != "" && n.Name != "":
		return n.RefID + " " + n.Name
	case n.RefID != "" || n.Name != "":
		return n.RefID + n.Name
	case n.Description != "":
		return clip(n.Description)
	}
	return n.ID
}

// Question is asked of a requirement.
type Question struct {
	URN     string   `json:"urn,omitempty"`
	Type    string   `json:"type,omitempty"`
	Text    string   `json:"text"`
	Choices []Choice `json:"choices,omitempty"`
}

// Choice is an answer to choose.
type Choice struct {
	URN   string `json:"urn,omitempty"`
	Value string `json:"value"`
	Score string `json:"score,omitempty"`
}

// Part is a further piece of a node's text.
type Part struct {
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	Text  string `json:"text"`
}

// Param is a place in a text that an organisation fills.
type Param struct {
	ID     string   `json:"id"`
	Label  string   `json:"label,omitempty"`
	Values []string `json:"values,omitempty"`
	Choice []string `json:"choice,omitempty"`
}

// Property is a named value.
type Property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Link points somewhere; it is shown as text and never followed.
type Link struct {
	Rel  string `json:"rel,omitempty"`
	Href string `json:"href"`
	Text string `json:"text,omitempty"`
}

// MappingSet says how the requirements of one framework correspond to those of
// another.
type MappingSet struct {
	URN         string    `json:"urn,omitempty"`
	RefID       string    `json:"ref_id,omitempty"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Source      string    `json:"source"` // urn of the framework
	Target      string    `json:"target"`
	Texts       Texts     `json:"texts,omitempty"`
	Mappings    []Mapping `json:"mappings"`
}

// Mapping is one correspondence.
type Mapping struct {
	Source     string `json:"source"` // urn of the requirement
	Target     string `json:"target"`
	Kind       string `json:"kind"`               // equal, superset, subset, intersect, related, not_related
	Strength   string `json:"strength,omitempty"` // 0 to 100, as the file has it; the scale is the file's own
	Rationale  string `json:"rationale,omitempty"`
	Annotation string `json:"annotation,omitempty"`
}

// Kinds of a mapping, seen from the source: a superset asks at least all the
// target asks.
var Kinds = []string{"equal", "superset", "subset", "intersect", "related", "not_related"}

// ReferenceControl is a safeguard somebody suggests.
type ReferenceControl struct {
	ID          string   `json:"id"`
	URN         string   `json:"urn,omitempty"`
	RefID       string   `json:"ref_id,omitempty"`
	Name        string   `json:"name,omitempty"`
	Description string   `json:"description,omitempty"`
	Annotation  string   `json:"annotation,omitempty"`
	Category    string   `json:"category,omitempty"`
	Function    string   `json:"function,omitempty"` // govern, identify, protect, detect, respond, recover
	Evidence    []string `json:"evidence,omitempty"`
	Texts       Texts    `json:"texts,omitempty"`
}

// Threat is a kind of harm somebody lists.
type Threat struct {
	ID          string `json:"id"`
	URN         string `json:"urn,omitempty"`
	RefID       string `json:"ref_id,omitempty"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	Annotation  string `json:"annotation,omitempty"`
	Texts       Texts  `json:"texts,omitempty"`
}

// RiskMatrix says which risk level a probability and an impact give.
type RiskMatrix struct {
	URN         string  `json:"urn,omitempty"`
	RefID       string  `json:"ref_id,omitempty"`
	Name        string  `json:"name"`
	Description string  `json:"description,omitempty"`
	Probability []Level `json:"probability"`
	Impact      []Level `json:"impact"`
	Risk        []Level `json:"risk"`
	Grid        [][]int `json:"grid"` // [probability][impact], an index into Risk; -1 = the file says nothing
	Texts       Texts   `json:"texts,omitempty"`
}

// Counts says how much is in a library.
type Counts struct {
	Frameworks   int `json:"frameworks"`
	Nodes        int `json:"nodes"`
	Assessable   int `json:"assessable"`
	Questions    int `json:"questions"`
	MappingSets  int `json:"mapping_sets"`
	Mappings     int `json:"mappings"`
	Controls     int `json:"reference_controls"`
	Threats      int `json:"threats"`
	RiskMatrices int `json:"risk_matrices"`
}

// Counts counts what is there.
func (c *Content) Counts() Counts {
	n := Counts{Frameworks: len(c.Frameworks), MappingSets: len(c.Mappings), Controls: len(c.Controls), Threats: len(c.Threats), RiskMatrices: len(c.Matrices)}
	for _, f := range c.Frameworks {
		n.Nodes += len(f.Nodes)
		for _, node := range f.Nodes {
			n.Questions += len(node.Questions)
			if node.Assessable {
				n.Assessable++
			}
		}
	}
	for _, set := range c.Mappings {
		n.Mappings += len(set.Mappings)
	}
	return n
}

// Empty says whether nothing is in it that could be used.
func (c *Content) Empty() bool {
	n := c.Counts()
	n.Questions, n.Assessable = 0, 0
	return n == Counts{}
}

// clip keeps the beginning of a text on one line.
func clip(text string) string {
	const most = 80
	runes := []rune(text)
	for i, r := range runes {
		if r == '\n' {
			return string(runes[:i])
		}
		if i == most {
			return string(runes[:most-1]) + "…"
		}
	}
	return text
}
