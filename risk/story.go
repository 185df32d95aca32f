// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"

	"sextant/control"
	"sextant/organisation"
	"sextant/register"
)

// Story is all that tells how one risk stands, and why.
type Story struct {
	Row
	Newest      map[string]register.Of[Evaluation] // the judgement that counts, by stage
	Judged      []register.Of[Evaluation]          // all that were not voided, newest first
	Yardstick   *Yardstick                         // of the newest judgement of the current risk; nil where there is none
	InForce     *Yardstick                         // nil where no criteria are in force for its management system
	Criteria    string                             // key of those in force
	Editions    map[string]*Yardstick              // all of them, by key
	Span        Span                               // where it stands now, and what each control does to that
	States      map[string]control.State           // of the controls that treat it, in its units
	Acceptances []register.Of[Acceptance]          // newest first
	Treatments  []register.Of[Treatment]
}

// Tell reads it at the moment the view is of. The span follows from the evidence
// of that moment; what is kept of the risk follows it within the same run.
func Tell(v *register.View, key string) (Story, error) {
	r, err := get[Risk](v, riskName, key)
	if err != nil {
		return Story{}, err
	}
	w, err := readWorld(v, key)
	if err != nil {
		return Story{}, err
	}
	if w.states, err = readStates(v); err != nil {
		return Story{}, err
	}
	kept, err := w.of(r)
	if err != nil {
		return Story{}, err
	}
	s := Story{Row: Row{r, w.places(r)}, Newest: latest(w.evaluations[key]), Judged: w.evaluations[key], Editions: w.yardsticks, Span: kept.span,
		Criteria: w.inForce[r.Fields.ManagementSystem], States: map[string]control.State{}, Acceptances: w.acceptances[key], Treatments: w.treatments[key]}
	s.InForce, s.Yardstick = w.yardsticks[s.Criteria], w.yardsticks[s.Newest[Current].Fields.Criteria]
	for _, e := range r.Fields.Treating {
		s.States[e.Control] = w.states.of(e.Control, r.Fields.ScopeUnits)
	}
	newestFirst(s.Judged)
	newestFirst(s.Acceptances)
	return s, nil
}

func newestFirst[T any](list []register.Of[T]) {
	slices.SortFunc(list, func(a, b register.Of[T]) int { return int(b.Seq - a.Seq) })
}

// Signed is the acceptance that counts: one in force before one that is broken
// or over, and that before one that is asked for; nil where there is none.
func (s Story) Signed() *register.Of[Acceptance] {
	w := world{acceptances: map[string][]register.Of[Acceptance]{s.Key: s.Acceptances}}
	return w.signed(s.Key)
}

// MayAcceptUpTo gives the highest level a person may accept as a risk owner by
// an edition of criteria; 0 is none.
func MayAcceptUpTo(v *register.View, y *Yardstick, person string) (int, error) {
	top, err := organisation.TopManagement(v)
	for n := len(y.Criteria.Levels); n > 0 && err == nil; n-- {
		if y.MayAccept(person, n, top) == nil {
			return n, nil
		}
	}
	return 0, err
}
