// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"
	"strings"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/monitor"
	"sextant/register"
)

// Supposition is what is supposed to happen: a control fails everywhere, a source
// is not heard any more, or a treatment is done.
type Supposition struct {
	Kind SupposedKind `json:"kind"`
	Of   string       `json:"of"` // stored reference of the control, key of the source or the treatment
}

// SupposedKind says what Supposition.Of names.
type SupposedKind string

// The kinds.
const (
	ControlFails  SupposedKind = "control_fails"
	SourceLost    SupposedKind = "source_lost"
	TreatmentDone SupposedKind = "treatment_done"
)

// Outcome is what would follow. Nothing of it is kept.
type Outcome struct {
	Supposition
	Title    string         `json:"title"`
	Risks    []RiskShift    `json:"risks"`    // those that would stand otherwise, what rises first
	Controls []ControlShift `json:"controls"` // whose evidence state would be another
	Takes    []string       `json:"takes"`    // stored references of the controls a treatment puts in place
}

// RiskShift is a risk that would stand otherwise.
type RiskShift struct {
	Risk   string `json:"risk"`
	Title  string `json:"title"`
	Before Stand  `json:"before"`
	After  Stand  `json:"after"`
	Change Change `json:"change"`           // of the worst level
	Breaks string `json:"breaks,omitempty"` // key of the acceptance that would be broken
}

// ControlShift is a control whose evidence state would be another.
type ControlShift struct {
	Control string        `json:"control"` // stored reference
	Title   string        `json:"title"`
	Before  control.State `json:"before"`
	After   control.State `json:"after"`
}

// WhatIf computes what would follow from a supposition, with the judgements,
// signatures and evidence of the moment the view is of, and writes nothing.
// A treatment that is done takes its declared steps off each judgement; whether
// its controls work is then for the evidence to show. NotFound where the named
// thing is not there.
func WhatIf(v *register.View, s Supposition) (Outcome, error) {
	o := Outcome{Supposition: s}
	measures := map[string][]Measure{}
	var change func(*control.Node) (control.State, bool)
	switch s.Kind {
	case ControlFails:
		o.Title = v.TitleOf("control", s.Of)
		if o.Title == s.Of || o.Title == "" {
			return o, sextant.Errorf(sextant.NotFound, "there is no control %q", s.Of)
		}
		change = failing
	case SourceLost:
		source, err := evidence.Sources.Get(v, s.Of)
		if err != nil {
			return o, err
		}
		o.Title, change = source.Title(), unheard(source.Fields.Connector)
	case TreatmentDone:
		t, err := get[Treatment](v, treatmentName, s.Of)
		if err != nil {
			return o, err
		}
		o.Title, o.Takes = t.Title(), t.Fields.Controls
		for _, key := range t.Fields.Risks {
			measures[key] = t.Fields.Measures
		}
	default:
		return o, sextant.Errorf(sextant.Invalid, "%.40q is nothing that can be supposed", string(s.Kind)).At("kind")
	}
	supposed, err := o.suppose(v, change)
	if err != nil {
		return o, err
	}
	return o, o.risks(v, supposed, measures)
}

// failing: whatever it shows now, it fails.
func failing(n *control.Node) (control.State, bool) {
	return control.Fail, n.Kind == control.ImplementationNode
}

// unheard: what checks of a connector found is not known any more. A source is
// lost with everything its connector looks at: of two accounts behind one
// connector, a check over both cannot pass without one.
func unheard(connector string) func(*control.Node) (control.State, bool) {
	return func(n *control.Node) (control.State, bool) {
		if n.Kind != control.CheckNode {
			return 0, false
		}
		resource := ""
		if c, ok := check.Named(strings.TrimPrefix(n.ID, "check:")); ok {
			resource = c.Resource
		}
		return control.NoData, strings.HasPrefix(resource, connector+":") && n.State != control.NotAssessed
	}
}

// suppose gives the states of implementations as they would be, and keeps which
// controls would show another one. A nil change leaves them as they are.
func (o *Outcome) suppose(v *register.View, change func(*control.Node) (control.State, bool)) (*states, error) {
	supposed, err := readStates(v)
	if err != nil || change == nil {
		return supposed, err
	}
	r, err := evidence.On(v)
	if err != nil {
		return nil, err
	}
	nodes, err := monitor.Status(v, r)
	if err != nil {
		return nil, err
	}
	after := map[string]control.State{} // by key of the implementation
	for _, n := range nodes {
		reference := framework.ReferenceOf(strings.TrimPrefix(n.ID, "control:"))
		if o.Kind == ControlFails && reference != o.Of {
			continue
		}
		state := would(n, change, after)
		if state != n.State {
			o.Controls = append(o.Controls, ControlShift{reference, n.Title, n.State, state})
		}
	}
	implementations, err := control.Implementations.All(v, inState("active"))
	if err != nil {
		return nil, err
	}
	next := &states{byPlace: map[string][]place{}, parents: supposed.parents}
	seen := map[string]int{}
	for _, imp := range implementations {
		c := imp.Fields.Control
		p := supposed.byPlace[c][seen[c]] // readStates lays them out in the same order
		seen[c]++
		if state, changed := after[imp.Key]; changed {
			p.state = state
		}
		next.byPlace[c] = append(next.byPlace[c], p)
	}
	return next, nil
}

// would gives the state a node would have, and notes those of implementations
// that change.
func would(n *control.Node, change func(*control.Node) (control.State, bool), after map[string]control.State) control.State {
	state, decided := change(n)
	if !decided {
		state = n.State
		if len(n.Children) > 0 && (n.Kind == control.ControlNode || n.Kind == control.ImplementationNode || n.Kind == control.LineNode) {
			parts := make([]control.State, len(n.Children))
			for i, child := range n.Children {
				parts[i] = would(child, change, after)
			}
			state = control.Combine(parts...)
		}
	}
	if n.Kind == control.ImplementationNode && state != n.State {
		after[strings.TrimPrefix(n.ID, "implementation:")] = state
	}
	return state
}

// risks fills which risks would stand otherwise.
func (o *Outcome) risks(v *register.View, supposed *states, measures map[string][]Measure) error {
	w, list, err := readSupposing(v)
	if err != nil {
		return err
	}
	for _, r := range list {
		shift, moved, err := w.shift(r, supposed, measures[r.Key])
		if err != nil {
			return err
		}
		if moved {
			o.Risks = append(o.Risks, shift)
		}
	}
	slices.SortStableFunc(o.Risks, func(a, b RiskShift) int {
		return slices.Index(Changes(), a.Change) - slices.Index(Changes(), b.Change)
	})
	return nil
}

// readSupposing reads the open risks and what they follow from, states included.
func readSupposing(v *register.View) (*world, []register.Of[Risk], error) {
	w, err := readWorld(v)
	if err != nil {
		return nil, nil, err
	}
	if w.states, err = readStates(v); err != nil {
		return nil, nil, err
	}
	list, err := all[Risk](v, riskName, isOpen)
	return w, list, err
}

// shift compares where a risk stands with where it would.
func (w *world) shift(r register.Of[Risk], supposed *states, measures []Measure) (s RiskShift, moved bool, err error) {
	newest := latest(w.evaluations[r.Key])
	judged, ok := newest[Current]
	y := w.yardsticks[judged.Fields.Criteria]
	if !ok || y == nil || judged.Fields.Likelihood == nil {
		return s, false, nil
	}
	var inherent *Evaluation
	if e, ok := newest[Inherent]; ok && e.Fields.Criteria == judged.Fields.Criteria {
		inherent = &e.Fields
	}
	at := func(st *states) func(string) control.State {
		return func(c string) control.State { return st.of(c, r.Fields.ScopeUnits) }
	}
	aimed := judged.Fields
	if len(measures) > 0 {
		l, c, _ := y.Aimed(judged.Fields, measures)
		aimed.Likelihood, aimed.Consequence = Kept(l), Kept(c)
	}
	was, is := y.Now(judged.Fields, inherent, at(w.states)), y.Now(aimed, inherent, at(supposed))
	s = RiskShift{Risk: r.Key, Title: r.Title(), Before: stand(y, r.Fields.Category, was), After: stand(y, r.Fields.Category, is), Change: Unmoved}
	switch {
	case is.Worst > was.Worst:
		s.Change = Higher
	case is.Worst < was.Worst:
		s.Change = Lower
	}
	if a := w.signed(r.Key); a != nil && a.State == Accepted {
		before, err := w.against(*a, was.Worst, judged.Fields.Criteria)
		if err != nil {
			return s, false, err
		}
		after, err := w.against(*a, is.Worst, judged.Fields.Criteria)
		if err != nil {
			return s, false, err
		}
		kept, err := w.working(r, *a, w.states)
		if err != nil {
			return s, false, err
		}
		wouldBe, err := w.working(r, *a, supposed)
		if err != nil {
			return s, false, err
		}
		if after == exceeds && before != exceeds || broken(wouldBe) != "" && broken(kept) == "" {
			s.Breaks = a.Key
		}
	}
	return s, was.Best != is.Best || was.Worst != is.Worst || s.Breaks != "", nil
}
