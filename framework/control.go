// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"slices"
	"strings"
	"sync"

	"sextant"
)

// Theme is one of the four groups of controls.
type Theme string

// The themes.
const (
	Organizational Theme = "organizational" // A.5
	People         Theme = "people"         // A.6
	Physical       Theme = "physical"       // A.7
	Technological  Theme = "technological"  // A.8
)

// Themes gives the four, in the standard's order.
func Themes() []Theme { return []Theme{Organizational, People, Physical, Technological} }

// UnmarshalText refuses a theme the standard does not have.
func (t *Theme) UnmarshalText(b []byte) error { return oneOf(t, b, Themes()) }

// Control is one row a Statement of Applicability can have: a control of Annex A
// with the attributes ISO/IEC 27002:2022 gives it, one that another standard
// adds, or one of the organisation's own (package control makes those).
type Control struct {
	ID           string        `yaml:"id"` // unique among all rows: A.5.15, CLD.6.3.1, 27018:A.5.1, NQ-1
	Standard     string        `yaml:"-"`  // iso27001:2022; OwnStandard for one of the organisation's own
	Number       string        `yaml:"-"`  // the id within its standard: A.5.1
	Title        string        `yaml:"title"`
	Theme        Theme         `yaml:"theme"`
	New          bool          `yaml:"new"`  // not in the 2013 edition
	Asks         string        `yaml:"asks"` // one sentence of our own
	Types        []ControlType `yaml:"types"`
	Properties   []Property    `yaml:"properties"`
	Concepts     []Concept     `yaml:"concepts"`
	Capabilities []Capability  `yaml:"capabilities"`
	Domains      []Domain      `yaml:"domains"`
	Uncertain    string        `yaml:"uncertain"` // what our sources disagree on; shown beside the values
	Section      string        `yaml:"section"`   // the heading it stands under, of rows beside Annex A
	Roles        []Role        `yaml:"roles"`     // of whom it asks something; none: of everybody
	Related      []string      `yaml:"related"`   // ids of Annex A controls it stands beside, in our reading
	Was          []string      `yaml:"was"`       // its numbers in the edition before
	Entry        string        `yaml:"-"`         // key of the entry, of one of the organisation's own
}

// Reference is how the control is stored elsewhere.
func (c Control) Reference() Reference { return Reference{Standard: c.Standard, ID: c.Number} }

// IsBase says whether the control is one of the 93 of Annex A.
func (c Control) IsBase() bool { return c.Standard == StandardID }

// IsOwn says whether it is one of the organisation's own.
func (c Control) IsOwn() bool { return c.Standard == OwnStandard }

func (c Control) clone() Control {
	c.Types, c.Properties, c.Concepts = slices.Clone(c.Types), slices.Clone(c.Properties), slices.Clone(c.Concepts)
	c.Capabilities, c.Domains = slices.Clone(c.Capabilities), slices.Clone(c.Domains)
	c.Roles, c.Related, c.Was = slices.Clone(c.Roles), slices.Clone(c.Related), slices.Clone(c.Was)
	return c
}

func (c Control) complete() bool {
	return c.ID != "" && c.Title != "" && c.Theme != "" && c.Asks != "" && len(c.Types) > 0 && len(c.Properties) > 0 &&
		len(c.Concepts) > 0 && len(c.Capabilities) > 0 && len(c.Domains) > 0
}

type controlIndex struct {
	list []Control
	byID map[string]int
}

var controls = sync.OnceValue(func() controlIndex { return must(loadControls()) })

func loadControls() (controlIndex, error) {
	const file = "content/iso27002-2022.yaml"
	var content struct {
		Controls []Control `yaml:"controls"`
	}
	if err := readContent(file, &content); err != nil {
		return controlIndex{}, err
	}
	index := controlIndex{list: content.Controls, byID: make(map[string]int, len(content.Controls))}
	for i, c := range content.Controls {
		if _, twice := index.byID[c.ID]; twice || !c.complete() {
			return index, sextant.Errorf(sextant.Invalid, "%s: control %q is there twice, or lacks a field", file, c.ID).
				WithHint("give it id, title, theme, asks and values of all five attributes")
		}
		index.byID[c.ID] = i
		index.list[i].Standard, index.list[i].Number = StandardID, c.ID
	}
	return index, nil
}

// Controls gives the 93 controls in the order of Annex A. The result is the
// caller's own.
func Controls() []Control {
	list := slices.Clone(controls().list)
	for i := range list {
		list[i] = list[i].clone()
	}
	return list
}

// ControlByID gives a control by its id or its stored reference: A.5.15 or
// iso27001:2022/A.5.15, 27018:A.5.1 or iso27018:2019/A.5.1. Own controls are
// not known here, nor are those of a standard that is only read.
func ControlByID(id string) (Control, bool) {
	all := controls()
	if i, ok := all.byID[strings.TrimPrefix(id, ControlPrefix)]; ok {
		return all.list[i].clone(), true
	}
	if c, ok := board().usable[id]; ok {
		return c.clone(), true
	}
	return Control{}, false
}
