// SPDX-License-Identifier: Apache-2.0

package register

import (
	"slices"
	"time"

	"sextant"
	"sextant/access"
)

// ReauthenticateWithin is how fresh a proof of identity must be for a sign-off.
const ReauthenticateWithin = 5 * time.Minute

// Transition moves an entry to another state by the name of a transition, and
// sets the fields of its form in the same version. Errors: Conflict (not
// possible from here, or somebody was faster), Denied (not yours to do),
// Unauthenticated (a sign-off needs a fresh proof), Invalid (a guard or a
// missing field, with what to do).
func (tx *Tx) Transition(register, key string, version int, name string, input map[string]any, note Note) (Entry, error) {
	before, err := tx.current(register, key, version)
	if err != nil {
		return Entry{}, err
	}
	t, err := before.Register.Lifecycle.transition(name, before.State)
	if err != nil {
		return Entry{}, err
	}
	if err := tx.mayMove(before, t); err != nil {
		return Entry{}, err
	}
	patch, err := tx.parse(before.Register, input)
	if err != nil {
		return Entry{}, err
	}
	return tx.move(before, t, patch, note)
}

func (tx *Tx) move(before Entry, t Transition, patch Doc, note Note) (Entry, error) {
	def, next := before.Register, before.Doc.apply(patch)
	if err := tx.notFrozen(before, next, t.Input); err != nil {
		return Entry{}, err
	}
	if t.NeedsReason && note.Why == "" {
		return Entry{}, sextant.Errorf(sextant.Invalid, "a reason is needed").At("reason")
	}
	for _, key := range t.Needs {
		if f, _ := def.Field(key); next[key] == nil {
			return Entry{}, f.refuse("%s is needed before this", f.Label)
		}
	}
	g := Guarding{Tx: &tx.View, Actor: tx.actor, Entry: before, Next: next, Reason: note.Why, Now: tx.Now()}
	if t.Guard != nil {
		if err := t.Guard(g); err != nil {
			return Entry{}, err
		}
	}
	if t.Sets != nil {
		t.Sets(g, next)
	}
	after, err := tx.save(draft{def: def, before: &before, key: before.Key, doc: next, state: t.To, verb: verbMove, note: note, sign: t.Sign})
	if err != nil {
		return Entry{}, err
	}
	if t.Renders {
		if err := tx.render(after, note); err != nil {
			return Entry{}, err
		}
	}
	if t.Sign != "" {
		if err := tx.signOff(after, t, note); err != nil {
			return Entry{}, err
		}
	}
	if t.Then != nil {
		follow := *tx
		follow.actor = access.SystemActor(tx.actor.Organisation, "follows "+after.Key)
		if err := t.Then(&follow, after); err != nil {
			return Entry{}, err
		}
	}
	return after, tx.recur(after, note)
}

// mayMove resolves who may make a transition to roles and persons, and asks.
func (tx *Tx) mayMove(e Entry, t Transition) error {
	subject := tx.subject(e.Register, e.Doc)
	for _, who := range t.Who {
		people, role, err := tx.resolve(e, who)
		if err != nil {
			return err
		}
		subject.WhoPeople = append(subject.WhoPeople, people...)
		if role != "" {
			subject.Who = append(subject.Who, role)
		}
	}
	verb := access.Move
	if t.Sign != "" {
		verb = access.Sign
	}
	if err := access.May(tx.actor, verb, subject, tx.kernel.Now()); err != nil {
		return err
	}
	if t.Sign != "" {
		return tx.mayBeSigned(e.Register)
	}
	return nil
}

func (tx *Tx) resolve(e Entry, who string) (people []string, role access.Role, err error) {
	if f, ok := e.Register.Field(who); ok && f.Kind == Person {
		return e.Doc.Strings(who), "", nil
	}
	if owner := e.Register.ownerField(); who == string(access.Owner) && owner.Key != "" {
		return e.Doc.Strings(owner.Key), "", nil
	}
	if who == "creator" {
		return nil, "", tx.resolveCreator(e, &people)
	}
	if slices.Contains(functions, who) {
		if function := tx.kernel.config.Functions[who]; function != nil {
			people, err = function(&tx.View)
		}
		return people, "", err
	}
	return nil, access.Role(who), nil
}

// resolveCreator lets the account that wrote version 1 act as its creator.
func (tx *Tx) resolveCreator(e Entry, people *[]string) error {
	first, err := tx.version(e.Register, e.Key, 1)
	if err == nil && first.Actor == tx.actor.Name && tx.actor.Person != "" {
		*people = []string{tx.actor.Person}
	}
	return err
}

// mayBeSigned asks for a named person with a fresh proof of identity.
func (tx *Tx) mayBeSigned(def *Definition) error {
	proof := tx.actor.Proof
	switch {
	case tx.actor.Person == "":
		return sextant.Errorf(sextant.Denied, "a sign-off is made by a person; this account is linked to none").WithHint("link the account to a person entry first")
	case proof.Method == access.Token && def.NoToken:
		return sextant.Errorf(sextant.Denied, "%s cannot be signed with an API token", def.Titles).WithHint("sign in as a person")
	case proof.Method != access.Token && tx.kernel.Now() > proof.At.Add(ReauthenticateWithin):
		return sextant.Errorf(sextant.Unauthenticated, "confirm who you are before you sign").WithHint("enter your password again")
	}
	return nil
}

// Possible is a transition the actor may make now.
type Possible struct {
	Transition
	Refusal error // why the actor may not; nil = they may
}

// Possible lists the transitions from an entry's state with whether the actor
// may make them. Guards are asked when it is done, not here.
func (tx *Tx) possible(e Entry) []Possible {
	var list []Possible
	for _, t := range e.Register.Lifecycle.Transitions {
		if slices.Contains(t.From, e.State) && !slices.Equal(t.Who, []string{string(access.System)}) {
			list = append(list, Possible{t, tx.mayMove(e, t)})
		}
	}
	return list
}

// Possible lists what the actor may do with an entry at this moment.
func (v *View) Possible(e Entry) []Possible {
	if v.moment != 0 {
		return nil
	}
	return (&Tx{View: *v}).possible(e)
}
