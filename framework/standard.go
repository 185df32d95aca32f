// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"slices"
	"sync"

	"sextant"
)

// Standard is a published standard: what a management system is run by, what
// adds rows to one, or what is kept to be read.
type Standard struct {
	ID         string      `yaml:"id"`        // iso27017:2015
	Title      string      `yaml:"title"`     // ISO/IEC 27017:2015
	Subject    string      `yaml:"subject"`   // what it is about, in a few words
	Name       string      `yaml:"name"`      // its full title, where we give it
	Published  string      `yaml:"published"` // year and month
	Edition    int         `yaml:"edition"`
	About      string      `yaml:"about"`     // what it brings here, a sentence of our own
	Uncertain  string      `yaml:"uncertain"` // what our sources leave open; shown beside it
	Prefix     string      `yaml:"prefix"`    // before its numbers in an id, where they would be taken for others
	Follows    Follows     `yaml:"follows"`   // what of the organisation decides which rows apply; empty: all do
	Amendments []Amendment `yaml:"amendments"`
	Clauses    []Clause    `yaml:"clauses"` // in the standard's order, parents before children
}

// Role is what the organisation is to a cloud service or to personal data. Some
// rows ask something of one of them only.
type Role string

// The roles.
const (
	Customer   Role = "customer"   // uses cloud services
	Provider   Role = "provider"   // provides them
	Controller Role = "controller" // decides what personal data is for
	Processor  Role = "processor"  // handles it for somebody else
)

// Roles gives the four.
func Roles() []Role { return []Role{Customer, Provider, Controller, Processor} }

// UnmarshalText refuses an unknown role.
func (r *Role) UnmarshalText(b []byte) error { return oneOf(r, b, Roles()) }

// Follows names the field of the organisation that decides which rows apply.
type Follows string

// The two.
const (
	CloudRole Follows = "cloud_role"
	PIIRole   Follows = "pii_role"
)

// UnmarshalText refuses what is neither.
func (f *Follows) UnmarshalText(b []byte) error { return oneOf(f, b, []Follows{CloudRole, PIIRole}) }

// Names of the standards on board. StandardID is the base.
const (
	ISO27701     = "iso27701:2025"
	ISO27017     = "iso27017:2015"
	ISO27018     = "iso27018:2019"
	ISO27701Past = "iso27701:2019"
)

// Bases are what a management system can be run by; Extensions add rows to the
// statement of one. The other standards on board are read and carried over
// from, and have no row in use.
func Bases() []string { return []string{StandardID, ISO27701} }

// Extensions: see Bases.
func Extensions() []string { return []string{ISO27701, ISO27017, ISO27018} }

// Standards gives the standards on board, those in use here first. The result
// is the caller's own.
func Standards() []Standard {
	list := slices.Clone(board().standards)
	for i := range list {
		list[i] = list[i].clone()
	}
	return list
}

// StandardByID gives a standard by its id, as in iso27017:2015.
func StandardByID(id string) (Standard, bool) {
	for _, s := range board().standards {
		if s.ID == id {
			return s.clone(), true
		}
	}
	return Standard{}, false
}

func (s Standard) clone() Standard {
	s.Amendments = slices.Clone(s.Amendments)
	for i := range s.Amendments {
		s.Amendments[i].Affects = slices.Clone(s.Amendments[i].Affects)
	}
	s.Clauses = slices.Clone(s.Clauses)
	for i := range s.Clauses {
		s.Clauses[i] = s.Clauses[i].clone()
	}
	return s
}

// boardIndex is what is read of the standards beside the base.
type boardIndex struct {
	standards   []Standard
	rows        map[string][]Control // by standard, in its order
	usable      map[string]Control   // that a statement can have, by id and by reference
	references  map[string]bool      // clauses, requirement items and rows
	notes       []CloudNote
	refinements []Refinement
}

var board = sync.OnceValue(func() boardIndex { return must(loadBoard()) })

func loadBoard() (boardIndex, error) {
	index := boardIndex{rows: map[string][]Control{StandardID: controls().list}, usable: map[string]Control{}, references: map[string]bool{}}
	index.add(requirements().standard)
	for _, c := range controls().list {
		index.references[c.Reference().String()] = true
	}
	for _, file := range []string{"iso27701-2025", "iso27017-2015", "iso27018-2019", "iso27701-2019"} {
		if err := index.read("content/" + file + ".yaml"); err != nil {
			return index, err
		}
	}
	index.add(edition2013().standard)
	for _, c := range edition2013().list {
		index.references[c.Reference().String()] = true
	}
	return index, nil
}

func (index *boardIndex) add(s Standard) {
	index.standards = append(index.standards, s)
	for _, c := range s.Clauses {
		index.references[s.ID+"/"+c.ID] = true
		for _, r := range c.Requirements {
			index.references[s.ID+"/"+r.ID] = true
		}
	}
}

// read takes in one standard with its rows, notes and refinements.
func (index *boardIndex) read(file string) error {
	var content struct {
		Standard    `yaml:",inline"`
		Rows        []addedRow   `yaml:"rows"`
		Notes       []CloudNote  `yaml:"notes"`
		Refinements []Refinement `yaml:"refinements"`
	}
	if err := readContent(file, &content); err != nil {
		return err
	}
	index.add(content.Standard)
	for _, r := range content.Rows {
		c, problem := index.row(content.Standard, r)
		if problem != "" {
			return sextant.Errorf(sextant.Invalid, "%s: row %q %s", file, r.ID, problem).WithHint("give it id, title, section, asks and what it stands beside")
		}
		index.rows[c.Standard] = append(index.rows[c.Standard], c)
		index.references[c.Reference().String()] = true
		if slices.Contains(Extensions(), c.Standard) {
			index.usable[c.ID], index.usable[c.Reference().String()] = c, c
		}
	}
	for _, n := range content.Notes {
		if !isControl(n.Control) || n.Customer == "" || n.Provider == "" {
			return sextant.Errorf(sextant.Invalid, "%s: the note on %q lacks something, or names no control", file, n.On)
		}
	}
	for i, r := range content.Refinements {
		if content.Refinements[i].Asks == "" && r.Successor != "" {
			content.Refinements[i].Asks = index.usable[ISO27701+"/"+r.Successor].Asks
		}
		index.references[content.ID+"/"+r.ID] = true
	}
	index.notes = append(index.notes, content.Notes...)
	index.refinements = append(index.refinements, content.Refinements...)
	return nil
}
