// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"maps"
	"slices"
	"strings"
)

// Guidance is what we tell a reader about one clause or control: what it is good
// for, how one does it, and what convinces an auditor. All of it is our own
// prose. Nothing is derived from it: it sets no state and no line of an SoA.
type Guidance struct {
	ID           string            `yaml:"id" json:"id"`           // A.8.13 or 6.1.3
	Purpose      string            `yaml:"purpose" json:"purpose"` // two sentences
	Asked        string            `yaml:"asked" json:"asked"`
	Requirements map[string]string `yaml:"requirements" json:"requirements,omitempty"` // of a clause: one sentence for each of its items
	Steps        []Step            `yaml:"steps" json:"steps"`                         // four to eight, in the order one does them
	Evidence     []Sought          `yaml:"evidence" json:"evidence"`
	Interview    []string          `yaml:"interview" json:"interview"` // questions of an auditor or owner
	Findings     []string          `yaml:"findings" json:"findings"`   // as they stand in audit reports
	Maturity     []string          `yaml:"maturity" json:"maturity"`   // six sentences, from "0: " to "5: "; our scale
	Owner        string            `yaml:"owner" json:"owner"`         // who typically owns it
	Related      Related           `yaml:"related" json:"related"`
	Documents    []Paper           `yaml:"documents" json:"documents"`
}

// Step is one thing to do. Its title can stand as the title of a task.
type Step struct {
	Do    string `yaml:"do" json:"do"`                           // imperative, at most 90 characters
	How   string `yaml:"how" json:"how"`                         // one to three sentences
	Small string `yaml:"small,omitempty" json:"small,omitempty"` // how 20 to 60 people do it, where it differs
	Large string `yaml:"large,omitempty" json:"large,omitempty"` // how a group does it
}

// Sought is what good and what weak evidence looks like: for one line of a
// control's evidence plan, or for one requirement item of a clause.
type Sought struct {
	Line string `yaml:"line,omitempty" json:"line,omitempty"` // A.8.13/restore-tested
	For  string `yaml:"for,omitempty" json:"for,omitempty"`   // 6.1.3 d)
	Good string `yaml:"good" json:"good"`
	Weak string `yaml:"weak" json:"weak"`
}

// Related names what belongs together, by id.
type Related struct {
	Clauses  []string `yaml:"clauses" json:"clauses,omitempty"`
	Controls []string `yaml:"controls" json:"controls,omitempty"`
	Threats  []string `yaml:"threats" json:"threats,omitempty"` // of ISO/IEC 27005:2022
}

// Paper is documented information that is asked for or usual. Where an
// organisation keeps its own is not known here.
type Paper struct {
	Name  string `yaml:"name" json:"name"`
	Grade Grade  `yaml:"grade" json:"grade"`
}

// Grade says how firmly documented information is asked for.
type Grade string

// The grades, the firmest first.
const (
	Mandatory         Grade = "mandatory"           // the text names it
	Implied           Grade = "implied"             // it cannot be shown without
	ToExtentNecessary Grade = "to_extent_necessary" // as much as trust in the process needs; clause 8.1 alone
	AsDetermined      Grade = "as_determined"       // where the organisation finds it needs it
)

// Grades gives the four.
func Grades() []Grade { return []Grade{Mandatory, Implied, ToExtentNecessary, AsDetermined} }

// UnmarshalText refuses an unknown grade.
func (g *Grade) UnmarshalText(b []byte) error { return oneOf(g, b, Grades()) }

// GuidanceFor gives the guidance on a clause or control by its id or stored
// reference. It reads one file the first time somebody asks for it. The result
// is the caller's own.
func GuidanceFor(id string) (Guidance, bool) {
	read, ok := guidance()[strings.TrimPrefix(id, ControlPrefix)]
	if !ok {
		return Guidance{}, false
	}
	return read().clone(), true
}

// Guided gives the ids there is guidance for: clauses, then controls, each in
// the standard's order.
func Guided() []string {
	var ids []string
	for _, c := range requirements().standard.Clauses {
		ids = append(ids, c.ID)
	}
	for _, c := range controls().list {
		ids = append(ids, c.ID)
	}
	return slices.DeleteFunc(ids, func(id string) bool { _, ok := guidance()[id]; return !ok })
}

func (g Guidance) clone() Guidance {
	g.Requirements = maps.Clone(g.Requirements)
	g.Steps, g.Evidence, g.Documents = slices.Clone(g.Steps), slices.Clone(g.Evidence), slices.Clone(g.Documents)
	g.Interview, g.Findings, g.Maturity = slices.Clone(g.Interview), slices.Clone(g.Findings), slices.Clone(g.Maturity)
	g.Related.Clauses, g.Related.Controls = slices.Clone(g.Related.Clauses), slices.Clone(g.Related.Controls)
	g.Related.Threats = slices.Clone(g.Related.Threats)
	return g
}
