// SPDX-License-Identifier: Apache-2.0

package framework

import (
	"strings"

	"sextant"
)

// The prefixes that name a requirement or a control wherever one is kept.
const (
	// StandardID names ISO/IEC 27001:2022 with its Annex A.
	StandardID = "iso27001:2022"
	// ControlPrefix stands before a control's id in a stored reference.
	ControlPrefix = StandardID + "/"
)

// Reference names a clause, a requirement item or a control of a standard. It
// is stored as text, as in iso27001:2022/A.5.15.
type Reference struct {
	Standard string // iso27001:2022
	ID       string // A.5.15, 6.1.3, 6.1.3 d)
}

func (r Reference) String() string { return r.Standard + "/" + r.ID }

// ParseReference reads a stored reference and refuses one that names nothing
// this package holds.
func ParseReference(text string) (Reference, error) {
	standard, id, ok := strings.Cut(text, "/")
	if !ok || standard != StandardID {
		return Reference{}, sextant.Errorf(sextant.Invalid, "%.60q is no reference to a requirement", text).
			WithHint("write the standard, a slash and the id, as in %sA.5.15", ControlPrefix)
	}
	if !holds(id) {
		return Reference{}, sextant.Errorf(sextant.NotFound, "%s has no %.40q", StandardID, id).
			WithHint("clauses run from 4 to 10.2, controls from A.5.1 to A.8.34")
	}
	return Reference{Standard: standard, ID: id}, nil
}

func holds(id string) bool {
	if _, ok := controls().byID[id]; ok {
		return true
	}
	all := requirements()
	_, clause := all.byID[id]
	_, item := all.items[id]
	return clause || item
}
