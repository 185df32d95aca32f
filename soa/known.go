// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/monitor"
	"sextant/register"
)

// Applicability sums up the decisions of the management systems on one control.
type Applicability string

// The values; the zero value is not one of them, Undecided is written out.
const (
	Undecided     Applicability = "undecided"
	Applicable    Applicability = "applicable"
	NotApplicable Applicability = "not_applicable"
)

// Applicabilities gives the three.
func Applicabilities() []Applicability { return []Applicability{Undecided, Applicable, NotApplicable} }

// Label is what people read.
func (a Applicability) Label() string {
	f, _ := Rows.Definition.Field("applicability")
	return f.ValueLabel(string(a))
}

// Known is what is known about one control: four facets side by side. Nothing
// here mixes them.
type Known struct {
	Control         framework.Control
	Mode            framework.Mode
	Decisions       []register.Of[Row]
	Implementations []register.Of[control.Implementation]
	Declared        control.Declaration
	Evidence        *control.Node
}

// Applies says whether the control applies anywhere: in one management system
// that says so, nowhere only where every decision says not.
func (k Known) Applies() Applicability {
	result := Undecided
	for _, d := range k.Decisions {
		switch Applicability(d.Fields.Applicability) {
		case Applicable:
			return Applicable
		case NotApplicable:
			result = NotApplicable
		}
	}
	for _, d := range k.Decisions {
		if d.Fields.Applicability == string(Undecided) {
			return Undecided
		}
	}
	return result
}

// Counts says whether the evidence state of the control is counted: it is
// unless the Statement of Applicability leaves the control out. Not applicable
// is a decision and no state.
func (k Known) Counts() bool { return k.Applies() != NotApplicable }

// modeOf is the mode of the standard plan. A control of the organisation's own
// has none: there it is that of the plan line that asks most of people, and a
// person's where there is no line yet.
func modeOf(k Known) framework.Mode {
	if !k.Control.IsOwn() {
		plan, _ := framework.PlanFor(k.Control.ID)
		return plan.Mode()
	}
	var own framework.Plan
	k.Evidence.Walk(func(n *control.Node) {
		if n.Kind == control.LineNode {
			own.Lines = append(own.Lines, framework.Line{Mode: framework.Mode(n.Mode)})
		}
	})
	if len(own.Lines) == 0 {
		return framework.Human
	}
	return own.Mode()
}

// Owners are the persons who answer for the control: those who declared an
// implementation, else those named in the statement.
func (k Known) Owners() []string {
	if len(k.Declared.Owners) > 0 {
		return k.Declared.Owners
	}
	for _, d := range k.Decisions {
		if d.Fields.Owner != "" {
			return []string{d.Fields.Owner}
		}
	}
	return nil
}

// One gives what is known about one control at the moment the two readers are
// of.
func One(v *register.View, r evidence.Reader, c framework.Control) (k Known, err error) {
	k = Known{Control: c}
	if k.Evidence, err = monitor.ControlStatus(v, r, c); err != nil {
		return k, err
	}
	k.Mode = modeOf(k)
	of := register.Filter{Field: "control", Op: register.Is, Values: []string{c.Reference().String()}}
	if k.Decisions, err = Rows.All(v, of, active); err != nil {
		return k, err
	}
	k.Implementations, err = control.Implementations.All(v, of, active)
	k.Declared = control.Declared(k.Implementations)
	return k, err
}

var active = register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}}

// All gives what is known about every row in use at the moment the two readers
// are of: Annex A first, then what extensions add, then own controls. The entries and trees in it are shared and must
// not be changed; the list is the caller's own.
func All(v *register.View, r evidence.Reader) ([]Known, error) {
	list, err := register.Recall(v, "soa.All", func() ([]Known, sextant.Instant, error) {
		list, err := all(v, r)
		return list, standsUntil(list, v.Now()), err
	})
	return slices.Clone(list), err
}

// Standing gives the evidence state of every row in use that a statement does
// not leave out, by its stored reference.
func Standing(v *register.View, r evidence.Reader) (map[string]control.State, error) {
	all, err := All(v, r)
	states := map[string]control.State{}
	for _, k := range all {
		if k.Counts() {
			states[k.Control.Reference().String()] = k.Evidence.State
		}
	}
	return states, err
}

// standsUntil is when the clock alone changes the first of the trees.
func standsUntil(list []Known, now sextant.Instant) sextant.Instant {
	until := now.Add(time.Hour)
	for _, k := range list {
		if k.Evidence.Until > now {
			until = min(until, k.Evidence.Until)
		}
	}
	return until
}

func all(v *register.View, r evidence.Reader) ([]Known, error) {
	nodes, err := monitor.Status(v, r)
	if err != nil {
		return nil, err
	}
	decisions, err := Rows.All(v, active)
	if err != nil {
		return nil, err
	}
	implementations, err := control.Implementations.All(v, active)
	if err != nil {
		return nil, err
	}
	byControl := map[string]*Known{}
	rows, err := control.InUse(v)
	if err != nil {
		return nil, err
	}
	settled := map[string]*control.Node{}
	for _, n := range nodes {
		settled[strings.TrimPrefix(n.ID, "control:")] = n
	}
	list := make([]Known, len(rows))
	for i, c := range rows {
		list[i] = Known{Control: c, Evidence: settled[c.ID]}
		if list[i].Evidence == nil {
			if list[i].Evidence, err = monitor.ControlStatus(v, r, c); err != nil {
				return nil, err
			}
		}
		list[i].Mode = modeOf(list[i])
		byControl[c.Reference().String()] = &list[i]
	}
	for _, d := range decisions {
		if k := byControl[d.Fields.Control]; k != nil {
			k.Decisions = append(k.Decisions, d)
		}
	}
	for _, imp := range implementations {
		if k := byControl[imp.Fields.Control]; k != nil {
			k.Implementations = append(k.Implementations, imp)
		}
	}
	for i := range list {
		list[i].Declared = control.Declared(list[i].Implementations)
	}
	return list, nil
}
