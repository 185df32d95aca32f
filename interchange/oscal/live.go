// SPDX-License-Identifier: Apache-2.0

package oscal

import (
	"sextant"
	"sextant/evidence"
	"sextant/organisation"
	"sextant/register"
	"sextant/soa"
)

// SheetOf gives the statement of a management system as it stands at the moment
// of the two readers; "" takes the first there is. A version that was approved
// is written from what was frozen, not from here.
func SheetOf(v *register.View, r evidence.Reader, system string) (s Sheet, err error) {
	systems, err := organisation.ManagementSystems.All(v)
	if err != nil {
		return s, err
	}
	var of *register.Of[organisation.ManagementSystem]
	for i := range systems {
		if systems[i].Key == system || system == "" && of == nil && systems[i].State == "active" {
			of = &systems[i]
		}
	}
	if of == nil && system == "" {
		return s, sextant.Errorf(sextant.NotFound, "there is no management system yet").WithHint("make one first; it says what the statement is about")
	}
	if of == nil {
		return s, sextant.Errorf(sextant.NotFound, "there is no management system %q", system)
	}
	s = Sheet{Key: of.Key, System: of.Title(), Scope: of.Fields.Scope, Boundaries: of.Fields.Boundaries, At: v.Now()}
	all, err := organisation.Organisations.All(v)
	if err != nil {
		return s, err
	}
	if len(all) > 0 {
		s.Organisation = all[0].Fields.LegalName
	}
	lines, err := soa.Statement(v, r, of.Key)
	for _, l := range lines {
		s.Rows = append(s.Rows, rowOf(v, l))
	}
	return s, err
}

func rowOf(v *register.View, l soa.Line) Row {
	row := Row{Reference: l.Control.Reference().String(), ID: l.Control.ID, Title: l.Control.Title, Asks: l.Control.Asks, Applicability: l.Row.Applicability, Reasons: l.Row.Reasons,
		Justification: l.Row.Justification(), PlannedOn: l.Row.PlannedOn, Owner: nameOf(v, "person", l.Row.Owner), Implementation: string(l.Declared.Value)}
	for _, imp := range l.Implementations {
		f := imp.Fields
		row.Units = append(row.Units, Unit{Key: f.ScopeUnit, Title: nameOf(v, "scope_unit", f.ScopeUnit), Implementation: f.Implementation, PlannedOn: f.PlannedOn, How: f.How})
	}
	if l.Decision() != soa.NotApplicable && l.Evidence != nil { // left out: no evidence is asked for
		row.Evidence = l.Evidence.State.Label()
		if l.Evidence.Until != 0 {
			row.Fresh = l.Evidence.Until.Time().Format("2006-01-02")
		}
	}
	return row
}
