// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"slices"
	"strings"
	"sync"

	"sextant"
)

// Standard2013 is the first half of every reference to Annex A of 2013.
const Standard2013 = "iso27001:2013"

// Control2013 is a control of Annex A of ISO/IEC 27001:2013. Nobody is
// certified to that edition any more: it is here to read what was written when
// it stood, and to carry decisions over.
type Control2013 struct {
	ID        string // A.9.2.3
	Title     string
	Domain    string // A.9
	Objective string // A.9.2
}

// Reference is how the control is named elsewhere: iso27001:2013/A.9.2.3.
func (c Control2013) Reference() Reference { return Reference{Standard: Standard2013, ID: c.ID} }

// Heading is a domain or objective of the 2013 edition.
type Heading struct {
	ID     string
	Title  string
	Parent string // the domain of an objective, empty for a domain
}

// Change is what became of a control between the two editions.
type Change string

// The changes. A control of 2022 is Added, Merged or OneToOne, one of 2013 is
// Merged (it went with others into one), OneToOne or Split.
const (
	Added    Change = "new"
	Merged   Change = "merged"
	OneToOne Change = "one_to_one"
	Split    Change = "split"
)

// Correspondence is what ISO/IEC 27002:2022, Annex B, puts beside a control of
// the other edition. It carries no decision over: merged says that the new
// control asks for what several did, not that one of them was enough.
type Correspondence struct {
	ID       string   // the control that was asked about
	Kind     Change   // what became of it
	IDs      []string // of the other edition, in its order; none where Kind is Added
	Retitled bool     // one to one, and the title is another
}

type editionIndex struct {
	standard Standard
	headings []Heading
	list     []Control2013
	byID     map[string]int
	to, from map[string][]string
	retitled map[string]bool // by id of 2022
}

var edition2013 = sync.OnceValue(func() editionIndex { return must(loadEdition2013()) })

func loadEdition2013() (editionIndex, error) {
	const file = "content/iso27001-2013.yaml"
	var read struct {
		Standard `yaml:",inline"`
		Retitled []string `yaml:"retitled"`
		Domains  []struct {
			ID, Title  string
			Objectives []struct {
				ID, Title string
				Controls  []struct {
					ID, Title string
					To        []string
				}
			}
		} `yaml:"domains"`
	}
	index := editionIndex{byID: map[string]int{}, to: map[string][]string{}, from: map[string][]string{}, retitled: map[string]bool{}}
	if err := readContent(file, &read); err != nil {
		return index, err
	}
	index.standard = read.Standard
	for _, d := range read.Domains {
		index.headings = append(index.headings, Heading{ID: d.ID, Title: d.Title})
		for _, o := range d.Objectives {
			index.headings = append(index.headings, Heading{ID: o.ID, Title: o.Title, Parent: d.ID})
			for _, c := range o.Controls {
				_, twice := index.byID[c.ID]
				if twice || c.Title == "" || len(c.To) == 0 || !allControls(c.To) {
					return index, sextant.Errorf(sextant.Invalid, "%s: control %q is there twice, has no title, or goes nowhere", file, c.ID).
						WithHint("to names controls of Annex A of 2022")
				}
				index.byID[c.ID] = len(index.list)
				index.list = append(index.list, Control2013{ID: c.ID, Title: c.Title, Domain: d.ID, Objective: o.ID})
				index.to[c.ID] = c.To
				for _, id := range c.To {
					index.from[id] = append(index.from[id], c.ID)
				}
			}
		}
	}
	for _, id := range read.Retitled {
		if len(index.from[id]) != 1 {
			return index, sextant.Errorf(sextant.Invalid, "%s: retitled names %s, which does not continue exactly one control", file, id).
				WithHint("only a control with one predecessor keeps or changes a title")
		}
		index.retitled[id] = true
	}
	return index, nil
}

func allControls(ids []string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return !isControl(id) })
}

// Controls2013 gives the 114 controls of Annex A of 2013 in its order. The
// result is the caller's own.
func Controls2013() []Control2013 { return slices.Clone(edition2013().list) }

// Headings2013 gives the 14 domains and 35 objectives, each domain before its
// objectives. The result is the caller's own.
func Headings2013() []Heading { return slices.Clone(edition2013().headings) }

// Control2013ByID gives a control by its id or reference: A.9.2.3 or
// iso27001:2013/A.9.2.3.
func Control2013ByID(id string) (Control2013, bool) {
	all := edition2013()
	i, ok := all.byID[strings.TrimPrefix(id, Standard2013+"/")]
	if !ok {
		return Control2013{}, false
	}
	return all.list[i], true
}

// Successors gives the controls of 2022 a control of 2013 went into, by its id
// or reference; false for an id that edition does not have.
func Successors(id2013 string) (Correspondence, bool) {
	all := edition2013()
	c, ok := Control2013ByID(id2013)
	if !ok {
		return Correspondence{}, false
	}
	found := Correspondence{ID: c.ID, Kind: OneToOne, IDs: slices.Clone(all.to[c.ID])}
	switch first := found.IDs[0]; {
	case len(found.IDs) > 1:
		found.Kind = Split
	case len(all.from[first]) > 1:
		found.Kind = Merged
	default:
		found.Retitled = all.retitled[first]
	}
	return found, true
}

// Predecessors gives the controls of 2013 a control of 2022 continues, by its id
// or stored reference; false for an id that is none of the 93.
func Predecessors(id2022 string) (Correspondence, bool) {
	all := edition2013()
	c, ok := ControlByID(id2022)
	if !ok {
		return Correspondence{}, false
	}
	found := Correspondence{ID: c.ID, Kind: OneToOne, IDs: slices.Clone(all.from[c.ID]), Retitled: all.retitled[c.ID]}
	switch len(found.IDs) {
	case 0:
		found.Kind = Added
	case 1:
	default:
		found.Kind = Merged
	}
	return found, true
}
