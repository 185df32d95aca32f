// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"sextant"
	"sextant/control"
	"sextant/framework"
	"sextant/interchange/oscal"
	"sextant/soa"
)

// plan gives a statement in the words of package oscal.
func plan(c soa.Captured) oscal.Sheet {
	s := oscal.Sheet{Organisation: c.Organisation, Key: c.System.Key, System: c.System.Title, Scope: c.System.Scope, Boundaries: c.System.Boundaries}
	if at, err := sextant.ParseInstant(c.At); err == nil {
		s.At = at
	}
	if v := c.Version; v != nil {
		s.Version, s.State = numbered(v), v.State
	}
	for _, r := range c.Rows {
		s.Rows = append(s.Rows, planRow(r))
	}
	return s
}

func planRow(r soa.CapturedRow) oscal.Row {
	row := oscal.Row{Reference: r.Reference, ID: r.ID, Title: r.Title, Applicability: string(r.Applicability), Reasons: r.Reasons, Justification: r.Justification,
		PlannedOn: r.PlannedOn, Owner: called(r.Owner)}
	if c, ok := framework.ControlByID(r.ID); ok {
		row.Asks = c.Asks
	}
	if r.Implementation != control.NotDeclared {
		row.Implementation = r.Implementation
	}
	if e := r.Evidence; e != nil {
		row.Evidence, row.Fresh = e.Label, e.FreshUntil
	}
	for _, u := range r.Units {
		row.Units = append(row.Units, oscal.Unit{Key: u.Unit.Key, Title: u.Unit.Title, Implementation: u.Implementation, PlannedOn: u.PlannedOn, How: u.How})
	}
	for _, d := range r.Documents {
		row.Documents = append(row.Documents, d.Key+" "+d.Title)
	}
	return row
}
