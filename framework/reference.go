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
	// ControlPrefix stands before the id of one of the 93 in a stored reference.
	// Rows of other standards have theirs: see ReferenceOf.
	ControlPrefix = StandardID + "/"
)

// Reference names a clause, a requirement item or a control of a standard. It
// is stored as text, as in iso27001:2022/A.5.15.
type Reference struct {
	Standard string // iso27001:2022, iso27017:2015
	ID       string // A.5.15, 6.1.3, 6.1.3 d), CLD.6.3.1
}

func (r Reference) String() string { return r.Standard + "/" + r.ID }

// ParseReference reads a stored reference and refuses one that names nothing
// this package holds. Own controls and imported libraries are known elsewhere.
func ParseReference(text string) (Reference, error) {
	standard, id, ok := strings.Cut(text, "/")
	s, known := StandardByID(standard)
	if !ok || !known {
		return Reference{}, sextant.Errorf(sextant.Invalid, "%.60q is no reference to a requirement", text).
			WithHint("write the standard, a slash and the id, as in %sA.5.15", ControlPrefix)
	}
	if !board().references[text] {
		return Reference{}, sextant.Errorf(sextant.NotFound, "%s has no %.40q", standard, id).
			WithHint("sextant framework show %s lists what %s has", standard, s.Title)
	}
	return Reference{Standard: standard, ID: id}, nil
}
