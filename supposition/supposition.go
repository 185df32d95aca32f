// SPDX-License-Identifier: Apache-2.0

// Package supposition says what would follow for the whole management system if a
// control failed, a source was lost or a treatment was done: for its risks
// (package risk), the rows of its statements of applicability, and the
// requirements of frameworks that its evidence shows something of. It writes
// nothing, and judges nothing that a person would have to judge.
package supposition

import (
	"maps"
	"slices"

	"sextant/control"
	"sextant/crosswalk"
	"sextant/evidence"
	"sextant/register"
	"sextant/risk"
	"sextant/soa"
)

// Outcome is what would follow.
type Outcome struct {
	risk.Outcome
	Statement    []Row       `json:"statement"`
	Requirements []Framework `json:"frameworks"`
}

// Row is a row of a statement of applicability that would not say what is.
type Row struct {
	System  string `json:"management_system"`
	Of      string `json:"management_system_title"`
	Control string `json:"control"` // stored reference
	ID      string `json:"id"`
	Title   string `json:"title"`
	Says    Saying `json:"says"`
}

// Saying is how a row would stand to what is.
type Saying string

// The sayings.
const (
	TooMuch   Saying = "too_much"   // declares the control implemented, and its evidence would no longer pass
	TooLittle Saying = "too_little" // does not declare a control implemented that the treatment put in place
	LeftOut   Saying = "left_out"   // excludes a control the treatment makes necessary, or decided nothing (6.1.3 d)
)

// Sayings gives all, what asks for a decision first.
func Sayings() []Saying { return []Saying{LeftOut, TooLittle, TooMuch} }

// Framework is a framework with the requirements of which the evidence would show
// something else. Of a treatment it is what they would be once the evidence of
// its controls passes: that it is done shows nothing by itself.
type Framework struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Points []string `json:"requirements"` // stored references
}

// Suppose computes what would follow at the moment the view is of. Errors are
// those of risk.WhatIf.
func Suppose(v *register.View, m evidence.Reader, board crosswalk.Board, s risk.Supposition) (o Outcome, err error) {
	if o.Outcome, err = risk.WhatIf(v, s); err != nil {
		return o, err
	}
	after := map[string]control.State{}
	for _, c := range o.Controls {
		after[c.Control] = c.After
	}
	for _, reference := range o.Takes {
		after[reference] = control.Pass
	}
	if len(after) == 0 {
		return o, nil
	}
	if err := o.state(v, m, after); err != nil {
		return o, err
	}
	return o, o.require(v, m, board, after)
}

// state finds the rows that would not say what is.
func (o *Outcome) state(v *register.View, m evidence.Reader, after map[string]control.State) error {
	systems, err := v.Select("management_system", register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return err
	}
	for _, system := range systems {
		lines, err := soa.Statement(v, m, system.Key)
		if err != nil {
			return err
		}
		for _, l := range lines {
			state, changes := after[l.Row.Control]
			if !changes {
				continue
			}
			if says := o.says(l, state); says != "" {
				o.Statement = append(o.Statement, Row{system.Key, system.Title(), l.Row.Control, l.Control.ID, l.Control.Title, says})
			}
		}
	}
	return nil
}

// says how a row would stand to what is; "" where it says what is.
func (o *Outcome) says(l soa.Line, state control.State) Saying {
	applies, implemented := l.Decision() == soa.Applicable, l.Declared.Value == "implemented"
	if o.Kind == risk.TreatmentDone {
		switch {
		case !applies:
			return LeftOut
		case !implemented:
			return TooLittle
		}
		return ""
	}
	if applies && implemented && l.Evidence.State == control.Pass && state != control.Pass {
		return TooMuch
	}
	return ""
}

// require finds the requirements whose inferred state would be another.
func (o *Outcome) require(v *register.View, m evidence.Reader, board crosswalk.Board, after map[string]control.State) error {
	if board.Standing == nil {
		return nil
	}
	now, err := board.At(v, m)
	if err != nil {
		return err
	}
	then, err := o.supposed(board, after).At(v, m)
	if err != nil {
		return err
	}
	trees, err := board.Trees(v)
	if err != nil {
		return err
	}
	for _, t := range trees {
		asks, err := board.Asking(v, t.ID)
		if err != nil {
			return err
		}
		f := Framework{ID: t.ID, Title: t.Title}
		for _, reference := range asks {
			if reference == "" {
				continue
			}
			was, _ := now.Brief(reference)
			if is, _ := then.Brief(reference); was != is {
				f.Points = append(f.Points, reference)
			}
		}
		if len(f.Points) > 0 {
			o.Requirements = append(o.Requirements, f)
		}
	}
	slices.SortStableFunc(o.Requirements, func(a, b Framework) int { return len(b.Points) - len(a.Points) })
	return nil
}

// supposed is the board with other evidence states. A control that does not
// count today counts only where a treatment put it in place.
func (o *Outcome) supposed(board crosswalk.Board, after map[string]control.State) crosswalk.Board {
	standing := board.Standing
	board.Standing = func(v *register.View, m evidence.Reader) (map[string]control.State, error) {
		states, err := standing(v, m)
		if err != nil {
			return nil, err
		}
		states = maps.Clone(states)
		for reference, state := range after {
			if _, counts := states[reference]; counts || o.Kind == risk.TreatmentDone {
				states[reference] = state
			}
		}
		return states, nil
	}
	return board
}
