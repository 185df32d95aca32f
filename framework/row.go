// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"slices"
	"strings"
)

// OwnStandard stands in place of a standard in references to controls of the
// organisation's own: own/NQ-1.
const OwnStandard = "own"

// addedRow is a row as a content file has it.
type addedRow struct {
	Control   `yaml:",inline"`
	Successor string `yaml:"successor"` // the row of the next edition that says what this one says
}

// row checks a row and puts it under its standard.
func (index *boardIndex) row(s Standard, r addedRow) (c Control, problem string) {
	c = r.Control
	c.Standard, c.Number, c.ID = s.ID, r.ID, s.Prefix+r.ID
	if r.Successor != "" {
		c.Asks = index.usable[ISO27701+"/"+r.Successor].Asks
		c.Was = nil
	}
	switch _, known := index.usable[c.ID]; {
	case known || isControl(c.ID):
		return c, "has an id another one has"
	case c.Title == "" || c.Section == "" || c.Asks == "" || len(c.Roles) == 0:
		return c, "lacks a field, or follows one that is not there"
	case !allControls(c.Related):
		return c, "stands beside a control that does not exist"
	}
	return c, ""
}

// RowsOf gives every row of a standard, whatever the role; of iso27001:2022 the
// 93 controls. The result is the caller's own.
func RowsOf(standard string) []Control {
	list := slices.Clone(board().rows[standard])
	for i := range list {
		list[i] = list[i].clone()
	}
	return list
}

// RowsFor gives the rows a Statement of Applicability has: those of the base,
// then those its extensions add, each standard's in its order and only those
// that ask something of one of the roles. Switching an extension on adds rows
// and copies none.
func RowsFor(base string, extensions []string, roles []Role) (list []Control) {
	for _, standard := range append([]string{base}, extensions...) {
		for _, c := range RowsOf(standard) {
			if c.AsksOf(roles) && !slices.ContainsFunc(list, func(have Control) bool { return have.ID == c.ID }) {
				list = append(list, c)
			}
		}
	}
	return list
}

// AsksOf says whether the row asks something of somebody in these roles.
func (c Control) AsksOf(roles []Role) bool {
	return len(c.Roles) == 0 || slices.ContainsFunc(c.Roles, func(r Role) bool { return slices.Contains(roles, r) })
}

// IDOf gives the id of a control by its stored reference: what subjects,
// addresses and commands call it. A reference that is none stays as it is.
func IDOf(reference string) string {
	if id, ok := strings.CutPrefix(reference, ControlPrefix); ok {
		return id
	}
	if id, ok := strings.CutPrefix(reference, OwnStandard+"/"); ok {
		return id
	}
	if c, ok := ControlByID(reference); ok {
		return c.ID
	}
	return reference
}

// ReferenceOf gives the stored reference of a control by its id; one no
// standard has is taken for one of the organisation's own.
func ReferenceOf(id string) string {
	if c, ok := ControlByID(id); ok {
		return c.Reference().String()
	}
	return OwnStandard + "/" + id
}

// CloudNote is guidance ISO/IEC 27017 has for cloud services on a control that
// is there already: no row, and in our words what it comes down to for each
// side.
type CloudNote struct {
	Control  string `yaml:"control"`  // id in Annex A of 2022
	On       string `yaml:"on"`       // the control of 2013 the standard hangs it on
	Seen     bool   `yaml:"seen"`     // seen in the text of ITU-T X.1631; else from one list
	Customer string `yaml:"customer"` // what to think of as a customer
	Provider string `yaml:"provider"` // and as a provider
}

// CloudNotes gives the notes on a control by its id or reference, all 37 for "".
// The result is the caller's own.
func CloudNotes(control string) []CloudNote {
	id := strings.TrimPrefix(control, ControlPrefix)
	return slices.DeleteFunc(slices.Clone(board().notes), func(n CloudNote) bool { return id != "" && n.Control != id })
}

// Refinement is a clause of 27701:2019 that takes over a clause or control of
// the 2013 editions, most of them unchanged.
type Refinement struct {
	ID        string `yaml:"id"`        // 6.2.1.1
	Of        string `yaml:"of"`        // 4.1, A.5.1.1
	Successor string `yaml:"successor"` // the row of 2025 it went into, where it added something
	Asks      string `yaml:"asks"`      // what it adds; empty where it adds nothing
}

// Refinements2019 gives the 140 clauses of 27701:2019 that refine, 38 of which
// add something. The result is the caller's own.
func Refinements2019() []Refinement { return slices.Clone(board().refinements) }
