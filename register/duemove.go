// SPDX-License-Identifier: Apache-2.0

package register

import (
	"fmt"
	"slices"
	"time"

	"sextant"
	"sextant/access"
)

// DueMove is a move the program makes by itself because its day has come.
type DueMove struct {
	Entry Entry
	Name  string // of the transition
	Day   string // the date in the field the transition names
}

// DueMoves lists the moves whose day has come at the moment of the view, by
// register and key. Days are those of UTC, as the guards of moves read them.
// Anyone may call it; whoever makes the moves must be the program.
func (v *View) DueMoves() (due []DueMove, err error) {
	today := v.Now().Time().Format(time.DateOnly)
	for _, def := range v.Set().All() {
		for _, t := range def.Lifecycle.Transitions {
			filter, timed := t.reached(today)
			if !timed {
				continue
			}
			entries, err := v.Select(def.Name, Filter{Field: "state", Op: Is, Values: t.From}, filter)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				due = append(due, DueMove{Entry: e, Name: t.Name, Day: e.Doc.Text(filter.Field)})
			}
		}
	}
	return due, nil
}

// reached gives what an entry meets once the day of the transition has come.
func (t Transition) reached(today string) (f Filter, timed bool) {
	if t.After != "" {
		return Filter{Field: t.After, Op: Below, Values: []string{today}}, true
	}
	return Filter{Field: t.On, Op: AtMost, Values: []string{today}}, t.On != ""
}

// timingProblem: a day is a date, and only what the program may do happens by
// itself; nobody signs that way.
func (t Transition) timingProblem(def *Definition) string {
	for _, key := range []string{t.On, t.After} {
		if f, ok := def.Field(key); key != "" && (!ok || f.Kind != Date || f.Many) {
			return fmt.Sprintf("transition %s: %q is no date", t.Name, key)
		}
	}
	timed := t.On != "" || t.After != ""
	if timed && (!slices.Contains(t.Who, string(access.System)) || t.Sign != "" || t.On != "" && t.After != "") {
		return fmt.Sprintf("transition %s: what happens by itself the program may do, unsigned, on one day", t.Name)
	}
	return ""
}

// MakeDue makes a move DueMoves found, as the program. Where somebody was
// faster, or moved the day, nothing happens.
func (tx *Tx) MakeDue(m DueMove) error {
	e, err := tx.Entry(m.Entry.Register.Name, m.Entry.Key)
	if err != nil || e.Version != m.Entry.Version {
		if sextant.CodeOf(err) == sextant.NotFound {
			err = nil
		}
		return err
	}
	_, err = tx.Transition(e.Register.Name, e.Key, e.Version, m.Name, nil, Note{Why: "the day has come: " + m.Day})
	return err
}
