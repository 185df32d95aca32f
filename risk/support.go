// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"cmp"
	"slices"

	"sextant/control"
	"sextant/register"
)

// Support is what rests on one control: what would follow for risks if it alone
// failed, everywhere it is implemented.
type Support struct {
	Control string        `json:"control"` // stored reference
	Title   string        `json:"title"`
	State   control.State `json:"state"`  // what its evidence says now, of all its implementations
	Rises   []string      `json:"rises"`  // keys of the risks whose worst level would be higher, by key
	Above   int           `json:"above"`  // of those, would be above what is acceptable and are not now
	Breaks  int           `json:"breaks"` // acceptances in force that would be broken
}

// Supports lists the controls that hold a risk down or an acceptance up, those that hold most first:
// by acceptances that would break, by risks that would be above what is
// acceptable, by risks that would rise. A control that fails already has nothing
// to give back and is not among them. It says of each what WhatIf says of
// ControlFails, and writes nothing.
func Supports(v *register.View) ([]Support, error) {
	w, risks, err := readSupposing(v)
	if err != nil {
		return nil, err
	}
	by := map[string]*Support{}
	for _, r := range risks {
		for _, c := range w.restsOn(r.Key) {
			shift, moved, err := w.shift(r, w.states.without(c), nil)
			if err != nil {
				return nil, err
			}
			if !moved || shift.Change != Higher && shift.Breaks == "" {
				continue
			}
			s := by[c]
			if s == nil {
				s = &Support{Control: c, Title: v.TitleOf("control", c), State: w.states.overall(c)}
				by[c] = s
			}
			if shift.Change == Higher {
				s.Rises = append(s.Rises, r.Key)
			}
			if shift.After.Appetite == "above" && shift.Before.Appetite != "above" {
				s.Above++
			}
			if shift.Breaks != "" {
				s.Breaks++
			}
		}
	}
	list := []Support{}
	for _, s := range by {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Support) int {
		return cmp.Or(b.Breaks-a.Breaks, b.Above-a.Above, len(b.Rises)-len(a.Rises), cmp.Compare(a.Control, b.Control))
	})
	return list, nil
}

// restsOn names the controls the current judgement of a risk counts on, and those
// its acceptance in force was given on, each once.
func (w *world) restsOn(key string) (list []string) {
	for _, c := range latest(w.evaluations[key])[Current].Fields.Considered {
		list = append(list, c.Control)
	}
	if a := w.signed(key); a != nil && a.State == Accepted {
		list = append(list, a.Fields.HoldsWhile...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// without gives the states as they would be if every implementation of a control
// failed.
func (s *states) without(reference string) *states {
	failed := slices.Clone(s.byPlace[reference])
	for i := range failed {
		failed[i].state = control.Fail
	}
	return &states{byPlace: s.byPlace, parents: s.parents, instead: reference, failed: failed}
}

// overall is the state of a control over all its implementations.
func (s *states) overall(reference string) control.State {
	var parts []control.State
	for _, p := range s.places(reference) {
		parts = append(parts, p.state)
	}
	return control.Combine(parts...)
}
