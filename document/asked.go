// SPDX-License-Identifier: Apache-2.0

package document

import (
	"regexp"
	"slices"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

// Asked is documented information a clause or control asks for, with where the
// organisation keeps it. That it is kept says nothing about what it is worth.
type Asked struct {
	ID, Title string // of the clause or control
	Name      string // of the documented information
	Grade     framework.Grade
	Documents []register.Of[Document] // that are said to be it
	Carrier   string                  // register whose entries are it, "" = none
	Entries   int                     // how many entries there are
}

// Keeping is where documented information is kept.
type Keeping string

// The places, the best first. There is no number for "almost".
const (
	InForce  Keeping = "in_force" // in a document of which an edition is in force
	InTable  Keeping = "register" // in the entries of a register
	Unproved Keeping = "draft"    // a document is named, and nothing of it is in force
	Missing  Keeping = "missing"
)

// Keepings gives the four.
func Keepings() []Keeping { return []Keeping{InForce, InTable, Unproved, Missing} }

// Kept says where it is kept.
func (a Asked) Kept() Keeping {
	switch {
	case slices.ContainsFunc(a.Documents, func(d register.Of[Document]) bool { return d.Fields.CurrentVersion != "" }):
		return InForce
	case a.Entries > 0:
		return InTable
	case len(a.Documents) > 0:
		return Unproved
	}
	return Missing
}

// carriers are the registers whose entries are the documented information of a
// requirement. One the program does not have is passed over.
var carriers = map[string][]carrier{
	"4.3": {{"management_system", "active"}}, "6.1.3 d)": {{"soa", "approved"}}, "6.1.3 e)": {{"treatment", ""}}, "6.1.3 f)": {{"acceptance", ""}},
	"6.2": {{"objective", ""}}, "7.2 d)": {{"competence_record", ""}}, "8.1": {{"implementation", "active"}}, "8.2": {{"risk", ""}}, "8.3": {{"treatment", ""}},
	"9.1": {{"attestation", "recorded"}}, "9.2.2": {{"audit", ""}}, "9.3.3": {{"management_review", ""}}, "10.2": {{"nonconformity", ""}},
	"A.5.9": {{"asset", "active"}}, "A.5.31": {{"obligation", ""}},
}

type carrier struct{ register, state string }

// itemOf finds the requirement item that some names end with.
var itemOf = regexp.MustCompile(`\((\d[\d.]* [a-z]\))\)?$`)

// AskedAll lists what the clauses of ISO/IEC 27001 and the controls of Annex A
// ask to be documented, mandatory or implied, in the standard's order.
func AskedAll(tx register.Reader) ([]Asked, error) {
	documents, err := Documents.All(tx, active)
	if err != nil {
		return nil, err
	}
	var all []Asked
	for _, id := range framework.Guided() {
		g, _ := framework.GuidanceFor(id)
		for _, paper := range g.Documents {
			if paper.Grade != framework.Mandatory && paper.Grade != framework.Implied {
				continue
			}
			a := Asked{ID: id, Title: titleOf(id), Name: paper.Name, Grade: paper.Grade, Documents: fulfilling(documents, id, paper.Name)}
			if err := a.count(tx); err != nil {
				return nil, err
			}
			all = append(all, a)
		}
	}
	return all, nil
}

func titleOf(id string) string {
	if c, ok := framework.ClauseByID(id); ok {
		return c.Title
	}
	c, _ := framework.ControlByID(id)
	return c.Title
}

// fulfilling gives the documents that say so: of a clause by what they fulfil,
// of a control by the controls they are about. What belongs to one item of a
// clause is fulfilled only by a document that names the item.
func fulfilling(documents []register.Of[Document], id, name string) (list []register.Of[Document]) {
	item := item(name)
	for _, d := range documents {
		names := func(reference string) bool {
			if item != "" {
				return reference == framework.ControlPrefix+item
			}
			return clauseOf(reference) == id
		}
		if slices.ContainsFunc(d.Fields.Fulfils, names) || slices.Contains(d.Fields.Controls, framework.ControlPrefix+id) {
			list = append(list, d)
		}
	}
	return list
}

func item(name string) string {
	if found := itemOf.FindStringSubmatch(name); found != nil {
		return found[1]
	}
	return ""
}

func (a *Asked) count(tx register.Reader) error {
	key := a.ID
	if i := item(a.Name); i != "" {
		key = i
	} else if a.ID == "6.1.3" {
		return nil // the process is written down in a document
	}
	for _, c := range carriers[key] {
		var filters []register.Filter
		if c.state != "" {
			filters = []register.Filter{{Field: "state", Op: register.Is, Values: []string{c.state}}}
		}
		n, err := tx.CountOf(c.register, filters...)
		if sextant.CodeOf(err) == sextant.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		a.Carrier, a.Entries = c.register, n
	}
	return nil
}
