// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"fmt"
	"slices"

	"sextant/control"
	"sextant/evidence"
	"sextant/monitor"
	"sextant/organisation"
	"sextant/register"
)

// states are the evidence states of implementations, by control and unit.
type states struct {
	byPlace map[string][]place // by stored reference of the control
	parents map[string]string  // of units

	instead string // a control that is supposed to stand as failed says, "" = none
	failed  []place
}

func (s *states) places(reference string) []place {
	if s.instead != "" && reference == s.instead {
		return s.failed
	}
	return s.byPlace[reference]
}

type place struct {
	unit  string
	state control.State
}

// statesOf is readStates once for all the risks a transaction writes: no
// evidence, implementation or unit follows from what is recorded of risks. What
// it gives is shared and must not be changed.
func statesOf(tx register.Reader) (*states, error) {
	return register.KeptWhile(tx, "risk.states", func(name string) bool { return !slices.Contains(ofRisks, name) }, func() (*states, error) { return readStates(tx) })
}

// ofRisks are registers whose entries no evidence state follows from.
var ofRisks = []string{riskName, evaluationName, treatmentName, acceptanceName, criteriaName}

// readStates reads them at the moment the reader is of.
func readStates(tx register.Reader) (*states, error) {
	v, err := viewOf(tx)
	if err != nil {
		return nil, err
	}
	r, err := evidence.On(v)
	if err != nil {
		return nil, err
	}
	standing, err := monitor.States(v, r, control.Implementations.Prefix+"-")
	if err != nil {
		return nil, err
	}
	byKey := map[string]control.State{}
	for _, s := range standing {
		byKey[s.Subject] = s.State
	}
	all := &states{byPlace: map[string][]place{}, parents: map[string]string{}}
	implementations, err := control.Implementations.All(tx, inState("active"))
	if err != nil {
		return nil, err
	}
	for _, imp := range implementations {
		all.byPlace[imp.Fields.Control] = append(all.byPlace[imp.Fields.Control], place{imp.Fields.ScopeUnit, byKey[imp.Key]})
	}
	units, err := organisation.ScopeUnits.All(tx)
	for _, u := range units {
		all.parents[u.Key] = u.Fields.Parent
	}
	return all, err
}

func viewOf(tx register.Reader) (*register.View, error) {
	switch v := tx.(type) {
	case *register.View:
		return v, nil
	case *register.Tx:
		return &v.View, nil
	}
	return nil, fmt.Errorf("risk: evidence cannot be read through %T", tx)
}

// of gives the state of a control where a risk is: of its implementations in
// those units, in units they are part of, and in parts of them. NotAssessed
// where there is none.
func (s *states) of(reference string, units []string) control.State {
	var parts []control.State
	for _, p := range s.places(reference) {
		for _, unit := range units {
			if s.within(p.unit, unit) || s.within(unit, p.unit) {
				parts = append(parts, p.state)
				break
			}
		}
	}
	return control.Combine(parts...)
}

func (s *states) within(unit, whole string) bool {
	for steps := 0; unit != "" && steps < 100; steps++ {
		if unit == whole {
			return true
		}
		unit = s.parents[unit]
	}
	return false
}
