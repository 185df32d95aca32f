// SPDX-License-Identifier: Apache-2.0

package register

import (
	"fmt"
	"slices"

	"sextant"
	"sextant/access"
)

// Lifecycle says in which states an entry can be, who may move it between them,
// and what can no longer be changed where.
type Lifecycle struct {
	Initial     string
	States      []State
	Transitions []Transition
}

// State of a lifecycle.
type State struct {
	Name   string
	Label  string
	Closed bool    // nothing more is expected of the entry
	Freeze *Freeze // what cannot be edited here; nil = nothing is frozen
}

// Freeze names what a state no longer lets anyone change: every field but
// Except, together with the children. A correction is a new entry. Undone says
// that the undo of the batch that made an entry takes it back nevertheless, while
// it stands as the batch made it and nothing names it: a file of judgements that
// was brought in by mistake.
type Freeze struct {
	Except []string
	Undone bool
}

// Transition moves an entry from one state to another.
type Transition struct {
	Name  string // stable: approve
	Label string // what the button says: Approve
	From  []string
	To    string

	// Who may do it: a role, "system", the key of a person field ("the person
	// in this field"), "creator", or a function such as "top_management".
	Who []string

	NeedsReason bool
	Needs       []string // fields that must be known
	Input       []string // fields the same form may set although the state freezes them
	Guard       func(Guarding) error
	Sign        Decision // not "": writes a sign-off; asks for a fresh proof of identity
	Sets        func(Guarding, Doc)
	Renders     bool // the register's Renderer writes files of the new version, which are kept with it; a sign-off binds them

	// The program makes the move by itself on the day in the date field On, or
	// on the first day after that in the date field After (View.DueMoves).
	On, After string

	// Then writes what follows from the move in the same transaction, as the
	// program itself: the edition that was in force is superseded by the one
	// that comes into force. An error takes the move back.
	Then func(tx *Tx, moved Entry) error
}

// Guarding is what a guard may look at. Next is the document as it will be.
type Guarding struct {
	Tx     Reader
	Actor  access.Actor
	Entry  Entry
	Next   Doc
	Reason string
	Now    sextant.Instant
}

// Decision is what a person decided by signing.
type Decision string

// The decisions of a sign-off.
const (
	Approve     Decision = "approve"
	Reject      Decision = "reject"
	Accept      Decision = "accept"
	Acknowledge Decision = "acknowledge"
	Review      Decision = "review"
	Attest      Decision = "attest"
	CloseIt     Decision = "close"
)

// State finds a state by name.
func (l Lifecycle) State(name string) (State, bool) {
	i := slices.IndexFunc(l.States, func(s State) bool { return s.Name == name })
	if i < 0 {
		return State{}, false
	}
	return l.States[i], true
}

// Transition finds a transition by name that starts in a state.
func (l Lifecycle) transition(name, from string) (Transition, error) {
	for _, t := range l.Transitions {
		if t.Name == name && slices.Contains(t.From, from) {
			return t, nil
		}
	}
	return Transition{}, sextant.Errorf(sextant.Conflict, "%q is not possible in state %q", name, from).
		WithHint("possible here: %s", joined(l.namesFrom(from)))
}

func (l Lifecycle) namesFrom(state string) []string {
	var names []string
	for _, t := range l.Transitions {
		if slices.Contains(t.From, state) {
			names = append(names, t.Name)
		}
	}
	return names
}

// Freezes says whether a field may no longer be edited in a state.
func (l Lifecycle) Freezes(state, fieldKey string) bool {
	s, ok := l.State(state)
	return ok && s.Freeze != nil && !slices.Contains(s.Freeze.Except, fieldKey)
}

// byProgram says whether only the program moves an entry so.
func (l Lifecycle) byProgram(from, to string) bool {
	return slices.ContainsFunc(l.Transitions, func(t Transition) bool {
		return t.To == to && slices.Contains(t.From, from) && slices.Equal(t.Who, []string{string(access.System)})
	})
}

func (l Lifecycle) problem(def *Definition) string {
	if _, ok := l.State(l.Initial); !ok {
		return fmt.Sprintf("initial state %q is not declared", l.Initial)
	}
	for _, t := range l.Transitions {
		for _, name := range append([]string{t.To}, t.From...) {
			if _, ok := l.State(name); !ok {
				return fmt.Sprintf("transition %s: state %q is not declared", t.Name, name)
			}
		}
		for _, key := range append(slices.Clone(t.Needs), t.Input...) {
			if _, ok := def.Field(key); !ok {
				return fmt.Sprintf("transition %s: no field %q", t.Name, key)
			}
		}
		if problem := t.timingProblem(def); problem != "" {
			return problem
		}
		for _, who := range t.Who {
			if !def.knowsWho(who) {
				return fmt.Sprintf("transition %s: nobody is %q", t.Name, who)
			}
		}
	}
	return ""
}

// functions are actors the organisation resolves to persons.
var functions = []string{"top_management"}

func (def *Definition) knowsWho(who string) bool {
	if f, ok := def.Field(who); ok {
		return f.Kind == Person
	}
	if who == "creator" || slices.Contains(functions, who) {
		return true
	}
	_, err := access.ParseRole(who)
	return err == nil || who == string(access.System)
}

// Living is the lifecycle of entries that are simply kept current: active, and
// retired with a reason by the ISMS manager or the owner.
func Living(retireGuard func(Guarding) error, who ...string) Lifecycle {
	if len(who) == 0 {
		who = []string{string(access.ISMSManager)}
	}
	return Lifecycle{
		Initial: "active",
		States:  []State{{Name: "active", Label: "Active"}, {Name: "retired", Label: "Retired", Closed: true}},
		Transitions: []Transition{
			{Name: "retire", Label: "Retire", From: []string{"active"}, To: "retired", Who: who, NeedsReason: true, Guard: retireGuard},
			{Name: "reactivate", Label: "Reactivate", From: []string{"retired"}, To: "active", Who: []string{string(access.ISMSManager)}, NeedsReason: true},
		},
	}
}
