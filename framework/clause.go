// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"slices"
	"sync"

	"sextant"
)

// Amendment is a published change to a standard.
type Amendment struct {
	Ref       string   `yaml:"ref"`
	Title     string   `yaml:"title"`
	Published string   `yaml:"published"`
	Affects   []string `yaml:"affects"` // ids of clauses
}

// Clause is one numbered clause. Only clauses with requirement items are
// audited; the others are headings.
type Clause struct {
	ID           string        `yaml:"id"`
	Title        string        `yaml:"title"`
	Parent       string        `yaml:"parent"` // id, empty at the top
	Requirements []Requirement `yaml:"requirements"`
	Documents    []Document    `yaml:"documents"`
	Amended      string        `yaml:"amended"` // what an amendment did to it, empty where none did
}

// Auditable says whether the clause asks for something itself.
func (c Clause) Auditable() bool { return len(c.Requirements) > 0 }

// Requirement is one thing a clause asks for, in our own words. Ids with a # are
// ours, for sentences the standard leaves without a label.
type Requirement struct {
	ID         string `yaml:"id"`
	Asks       string `yaml:"asks"`
	Documented bool   `yaml:"documented"` // it asks for documented information
	AddedBy    string `yaml:"added_by"`   // the amendment that added it
}

// Document is documented information a clause asks for.
type Document struct {
	Name  string `yaml:"name"`
	Kind  string `yaml:"kind"`  // document or record
	Level string `yaml:"level"` // mandatory, implied, as_determined, to_extent_necessary
}

// Amd1 is the amendment on climate change of 2024.
const Amd1 = "ISO/IEC 27001:2022/Amd 1:2024"

type requirementIndex struct {
	standard Standard
	byID     map[string]int
	items    map[string]Requirement
}

// requirements reads the clauses once, when somebody first asks. Embedded
// content that does not load is a defect of the build, which the tests catch:
// hence the panic.
var requirements = sync.OnceValue(func() requirementIndex { return must(loadRequirements()) })

func loadRequirements() (requirementIndex, error) {
	index := requirementIndex{byID: map[string]int{}, items: map[string]Requirement{}}
	const file = "content/iso27001-2022.yaml"
	if err := readContent(file, &index.standard); err != nil {
		return index, err
	}
	for i, c := range index.standard.Clauses {
		if _, twice := index.byID[c.ID]; twice || c.ID == "" || c.Title == "" {
			return index, sextant.Errorf(sextant.Invalid, "%s: clause %q is there twice, or has no id or title", file, c.ID)
		}
		if _, known := index.byID[c.Parent]; c.Parent != "" && !known {
			return index, sextant.Errorf(sextant.Invalid, "%s: clause %s: its parent %q does not stand before it", file, c.ID, c.Parent)
		}
		index.byID[c.ID] = i
		for _, r := range c.Requirements {
			if _, twice := index.items[r.ID]; twice || r.Asks == "" {
				return index, sextant.Errorf(sextant.Invalid, "%s: requirement %q is there twice or asks nothing", file, r.ID)
			}
			index.items[r.ID] = r
		}
	}
	return index, nil
}

// ISO27001 gives the clauses of ISO/IEC 27001:2022 with its amendment. The
// result is the caller's own.
func ISO27001() Standard {
	return requirements().standard.clone()
}

func (c Clause) clone() Clause {
	c.Requirements, c.Documents = slices.Clone(c.Requirements), slices.Clone(c.Documents)
	return c
}

// ClauseByID gives a clause by its number, as in 6.1.3.
func ClauseByID(id string) (Clause, bool) {
	all := requirements()
	i, ok := all.byID[id]
	if !ok {
		return Clause{}, false
	}
	return all.standard.Clauses[i].clone(), true
}

// RequirementByID gives a requirement item by its label, as in 6.1.3 d).
func RequirementByID(id string) (Requirement, bool) {
	r, ok := requirements().items[id]
	return r, ok
}

// Under gives the direct sub-clauses of a clause; those of "" are clauses 4 to 10.
func (s Standard) Under(id string) []Clause {
	var under []Clause
	for _, c := range s.Clauses {
		if c.Parent == id {
			under = append(under, c)
		}
	}
	return under
}
