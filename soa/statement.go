// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"slices"
	"time"

	"sextant"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/monitor"
	"sextant/register"
)

// Line is one control in the statement of one management system: what was
// decided there, beside what is implemented and what the evidence shows.
type Line struct {
	Known
	Row     Row               // undecided where nothing was decided
	Entry   *register.Of[Row] // nil where nothing was decided
	Clashes []Clash
}

// Decision is the line's own, of its management system.
func (l Line) Decision() Applicability { return Applicability(l.Row.Applicability) }

// PlannedOn is by when the control is to be in place: the last date of the
// units that are not done, else that of the decision; "" where it is in place.
func (l Line) PlannedOn() string {
	if l.Declared.PlannedOn != "" || l.Declared.Value == "implemented" {
		return l.Declared.PlannedOn
	}
	return l.Row.PlannedOn
}

// Lacks says whether the decision does not say enough to stand in a statement
// (6.1.3 d): an inclusion without a reason, an exclusion without a justification.
func (l Line) Lacks() bool {
	switch l.Decision() {
	case Applicable:
		return len(l.Row.Reasons) == 0
	case NotApplicable:
		return l.Row.ExclusionJustification == ""
	}
	return false
}

// Clash is a contradiction between what was decided or declared and what is.
// It changes neither.
type Clash string

// The contradictions.
const (
	Unproven         Clash = "unproven"          // declared implemented, and no passing evidence for ninety days
	ExcludedInUse    Clash = "excluded_in_use"   // left out, and implemented
	ApplicableUnused Clash = "applicable_unused" // in since ninety days, and nothing declared
)

// Label is what people read.
func (c Clash) Label() string {
	return map[Clash]string{Unproven: "Declared implemented, no passing evidence for 90 days", ExcludedInUse: "Excluded, and declared in use",
		ApplicableUnused: "Applies for 90 days, and nothing is declared"}[c]
}

// provenWithin is how long a declared control may be without passing evidence
// before the two contradict each other.
const provenWithin = 90 * 24 * time.Hour

// Statement gives the lines of a management system's statement at the moment the two readers are of; "" gives undecided
// lines for an organisation that has no management system yet. They are the rows
// of its standard, then those of its extensions, then own controls
// (control.RowsOf).
func Statement(v *register.View, r evidence.Reader, system string) ([]Line, error) {
	all, err := All(v, r)
	if err != nil {
		return nil, err
	}
	proven, err := register.Recall(v, "soa.provenLately", func() (map[string]bool, sextant.Instant, error) {
		proven, err := provenLately(v, r)
		return proven, v.Now().Add(time.Hour), err
	})
	if err != nil {
		return nil, err
	}
	rows, err := control.RowsOf(v, system)
	if err != nil {
		return nil, err
	}
	known := make(map[string]Known, len(all))
	for _, k := range all {
		known[k.Control.ID] = k
	}
	lines := make([]Line, 0, len(rows))
	for _, row := range rows {
		k, ok := known[row.ID]
		if !ok {
			continue // of a management system that is retired
		}
		l := Line{Known: k, Row: Row{ManagementSystem: system, Control: k.Control.Reference().String(), Applicability: string(Undecided)}}
		for j, d := range k.Decisions {
			if d.Fields.ManagementSystem == system {
				l.Row, l.Entry = d.Fields, &k.Decisions[j]
			}
		}
		l.Clashes = clashes(l, proven, v.Now())
		lines = append(lines, l)
	}
	return lines, nil
}

// provenLately names the controls that passed at some moment of the last ninety
// days.
func provenLately(v *register.View, r evidence.Reader) (map[string]bool, error) {
	list, err := r.StatusBetween(evidence.StatusList{Prefix: monitor.ControlSubject, From: v.Now().Add(-provenWithin), To: v.Now(), At: v.At()})
	proven := map[string]bool{}
	for _, s := range list {
		if control.State(s.State) == control.Pass {
			proven[s.Subject[len(monitor.ControlSubject):]] = true
		}
	}
	return proven, err
}

func clashes(l Line, proven map[string]bool, now sextant.Instant) (list []Clash) {
	declared := l.Declared.Value
	old := func(at sextant.Instant) bool { return now >= at.Add(provenWithin) }
	switch {
	case l.Decision() == NotApplicable && declared != control.NotDeclared && declared != "not_started":
		list = append(list, ExcludedInUse)
	case l.Decision() == NotApplicable:
	case declared == "implemented" && !proven[l.Control.ID] && l.Evidence.State != control.Pass && slices.ContainsFunc(l.Implementations, func(i register.Of[control.Implementation]) bool { return old(i.At) }):
		list = append(list, Unproven)
	case declared == control.NotDeclared && l.Decision() == Applicable && l.Entry != nil && old(l.Entry.At):
		list = append(list, ApplicableUnused)
	}
	return list
}

// Toggled gives a row with one reason added or taken away. The first reason of
// an undecided row includes the control; without its last one it is undecided
// again. An excluded row takes none.
func Toggled(row Row, reason string) (Row, error) {
	if Applicability(row.Applicability) == NotApplicable {
		return row, sextant.Errorf(sextant.Invalid, "an exclusion cannot stand beside a reason to include").At("reasons").WithHint("decide first that the control applies")
	}
	row.Reasons = slices.Clone(row.Reasons)
	if i := slices.Index(row.Reasons, reason); i >= 0 {
		row.Reasons = slices.Delete(row.Reasons, i, i+1)
	} else {
		row.Reasons = append(row.Reasons, reason)
	}
	row.Applicability = string(Applicable)
	if len(row.Reasons) == 0 {
		row.Applicability = string(Undecided)
	}
	return row, nil
}

// Decide writes fields of one row of a statement; the row comes to be when it
// is first decided. version is what the change was made on, 0 for any.
func Decide(tx *register.Tx, system, id string, version int, values map[string]any, note register.Note) error {
	c, err := RowOf(&tx.View, system, id)
	if err != nil {
		return err
	}
	e, found, err := Decided(&tx.View, system, id)
	if err != nil {
		return err
	}
	if found {
		_, err = tx.Edit(Rows.Name, e.Key, version, values, note)
		return err
	}
	values["management_system"], values["control"] = system, c.Reference().String()
	_, err = tx.Create(Rows.Name, values, note)
	return err
}

// RowOf finds a row of a management system's statement by its id.
func RowOf(v *register.View, system, id string) (framework.Control, error) {
	rows, err := control.RowsOf(v, system)
	if err != nil {
		return framework.Control{}, err
	}
	i := slices.IndexFunc(rows, func(c framework.Control) bool { return c.ID == id || c.Reference().String() == id })
	if i < 0 {
		return framework.Control{}, sextant.Errorf(sextant.NotFound, "the statement of %s has no control %q", system, id).WithHint("rows of other standards come with an extension of the management system and the roles of the organisation")
	}
	return rows[i], nil
}

// Decided gives the row of a control in a management system.
func Decided(v *register.View, system, id string) (row register.Of[Row], found bool, err error) {
	rows, err := Rows.All(v, register.Filter{Field: "control", Op: register.Is, Values: []string{framework.ReferenceOf(framework.IDOf(id))}}, active)
	for _, d := range rows {
		if d.Fields.ManagementSystem == system {
			return d, true, nil
		}
	}
	return row, false, err
}
