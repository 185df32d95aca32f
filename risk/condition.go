// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"strings"

	"sextant"
	"sextant/framework"
	"sextant/register"
	"sextant/task"
)

// Promise is something an acceptance is given on: that a control works, or that a
// task is done in time. One that does not hold any more breaks the acceptance;
// one of which nothing is known does not, and is not shown as held either.
type Promise struct {
	Of      string // stored reference of the control, or key of the task
	Name    string
	Verdict Verdict // Holds, GivenBack where it was broken, NotKnown while it is open
	Says    string  // "A.8.13 does not work", "TSK-4 was due on 2026-11-01 and is not done"
}

// IsTask says whether it is about a task, not a control.
func (p Promise) IsTask() bool { return strings.HasPrefix(p.Of, task.Tasks.Prefix+"-") }

// Promised gives what an acceptance is given on, as it stands at the moment the
// reader is of; controls first, each in the order it was named.
func Promised(v *register.View, a register.Of[Acceptance]) ([]Promise, error) {
	if len(a.Fields.HoldsWhile)+len(a.Fields.Provided) == 0 {
		return nil, nil
	}
	r, err := get[Risk](v, riskName, a.Fields.Risk)
	if err != nil {
		return nil, err
	}
	w, err := readWorld(v, r.Key)
	if err != nil {
		return nil, err
	}
	return w.promised(r, a)
}

func (w *world) promised(r register.Of[Risk], a register.Of[Acceptance]) (list []Promise, err error) {
	if len(a.Fields.HoldsWhile) > 0 {
		if err := w.needStates(); err != nil {
			return nil, err
		}
		if list, err = w.working(r, a, w.states); err != nil {
			return nil, err
		}
	}
	for _, key := range a.Fields.Provided {
		t, err := task.Tasks.Get(w.v, key)
		switch {
		case sextant.CodeOf(err) == sextant.NotFound:
			list = append(list, Promise{Of: key, Name: key, Verdict: GivenBack, Says: key + " was deleted"})
		case err != nil:
			return nil, err
		default:
			list = append(list, promiseOf(t, today(w.v.Now())))
		}
	}
	return list, nil
}

// working are the promises about controls, as some states have it.
func (w *world) working(r register.Of[Risk], a register.Of[Acceptance], st *states) (list []Promise, err error) {
	if len(a.Fields.HoldsWhile) == 0 {
		return nil, nil
	}
	edition, err := w.criteriaOf(a)
	if err != nil {
		return nil, err
	}
	rule := ""
	if y := w.yardsticks[edition]; y != nil {
		rule = y.Criteria.Rule
	}
	for _, reference := range a.Fields.HoldsWhile {
		p := Promise{Of: reference, Name: w.v.TitleOf("control", reference), Verdict: verdictOf(rule, st.of(reference, r.Fields.ScopeUnits))}
		p.Says = framework.IDOf(reference) + " " + map[Verdict]string{Holds: "works", GivenBack: "does not work", NotKnown: "is not known to work"}[p.Verdict]
		list = append(list, p)
	}
	return list, nil
}

// promiseOf holds a task to its date, as it stands on a day.
func promiseOf(t register.Of[task.Task], day string) Promise {
	p := Promise{Of: t.Key, Name: t.Title(), Verdict: GivenBack}
	isDone := t.State == "done" || t.State == "verified"
	switch {
	case t.State == "cancelled":
		p.Says = t.Key + " was cancelled"
	case isDone && (t.Fields.Outcome == "failed" || t.Fields.Outcome == "not_possible"):
		p.Says = t.Key + " was tried and not done"
	case isDone:
		p.Verdict, p.Says = Holds, t.Key+" is done"
	case t.Fields.DueOn < day:
		p.Says = t.Key + " was due on " + t.Fields.DueOn + " and is not done"
	default:
		p.Verdict, p.Says = NotKnown, t.Key+" is due on "+t.Fields.DueOn
	}
	return p
}

// unkept says which promise an acceptance was given on does not hold, "" where
// none was broken.
func (w *world) unkept(r register.Of[Risk], a register.Of[Acceptance]) (says string, err error) {
	list, err := w.promised(r, a)
	return broken(list), err
}

func broken(list []Promise) string {
	for _, p := range list {
		if p.Verdict == GivenBack {
			return p.Says
		}
	}
	return ""
}
