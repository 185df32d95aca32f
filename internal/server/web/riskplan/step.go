// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"net/http"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// stepView is a transition a page offers to the one who looks.
type stepView struct {
	Name, Label string
	Signs       bool // asks for the password
	Reason      bool // asks why
	Asks        []askView
	Lead        string
}

// askView is a field of the form of a step.
type askView struct {
	Key, Label, Hint, Text string
	Long                   bool
	Choices                []choice // nil = typed
}

// choice is one entry of a select.
type choice struct {
	Key, Name string
	Chosen    bool
}

// steps gives the transitions the actor may make, without those that are made
// elsewhere on the page.
func steps(v *register.View, e register.Entry, without ...string) (list []stepView) {
	for _, t := range v.Possible(e) {
		if t.Refusal != nil || has(without, t.Name) {
			continue
		}
		step := stepView{Name: t.Name, Label: t.Label, Signs: t.Sign != "", Reason: t.NeedsReason}
		for _, key := range t.Input {
			f, _ := e.Register.Field(key)
			step.Asks = append(step.Asks, askView{Key: key, Label: f.Label, Hint: f.Help, Text: e.Doc.Text(key), Long: f.Kind == register.Markdown})
		}
		list = append(list, step)
	}
	return list
}

func has(list []string, one string) bool {
	for _, s := range list {
		if s == one {
			return true
		}
	}
	return false
}

// step makes the transition a form names, with the fields it may set. A sign-off
// asks for the password again; who may sign is decided where it is signed.
func (s *section) step(r *http.Request, actor access.Actor, def *register.Definition, key string) error {
	name := r.PostFormValue("do")
	t, ok := transition(def, name)
	if !ok {
		return sextant.Errorf(sextant.Invalid, "%q is no step of %s", name, def.Title)
	}
	values := map[string]any{}
	for _, input := range t.Input {
		if sent, given := r.PostForm[input]; given {
			values[input] = strings.TrimSpace(sent[0])
		}
	}
	if t.Sign != "" {
		var err error
		if actor, err = s.ProveAgain(r); err != nil {
			return err
		}
	}
	return s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		_, err := tx.Transition(def.Name, key, version(r), name, values, register.Note{Why: strings.TrimSpace(r.PostFormValue("reason"))})
		return err
	})
}

func transition(def *register.Definition, name string) (register.Transition, bool) {
	for _, t := range def.Lifecycle.Transitions {
		if t.Name == name {
			return t, true
		}
	}
	return register.Transition{}, false
}

// version is the one a form was made from; 0 takes whatever stands.
func version(r *http.Request) int {
	n, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil {
		return 0
	}
	return n
}

// people gives every person as a choice.
func people(v *register.View, chosen string) ([]choice, error) {
	entries, err := v.Select("person", register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return nil, err
	}
	list := make([]choice, len(entries))
	for i, e := range entries {
		list[i] = choice{e.Key, e.Title(), e.Key == chosen}
	}
	return list, nil
}

func person(v *register.View, key string) string {
	if key == "" {
		return ""
	}
	return v.TitleOf("person", key)
}

// trouble is why something was refused, and where.
type trouble struct {
	Field      string
	Row        int // from 1, 0 = the field as a whole
	Says, Hint string
}

// troubles are all of a refusal.
type troubles []trouble

// troublesOf reads an error a form can show; ok is false for one that needs a
// page of its own.
func troublesOf(err error) (list troubles, status int, ok bool) {
	p, ok := page.ProblemOf(err)
	if !ok {
		return nil, 0, false
	}
	if parts := partsOf(err); len(parts) > 0 {
		for _, part := range parts {
			list = append(list, troubleOf(part.Field, part.Message, part.Hint))
		}
		return list, p.Status, true
	}
	return troubles{troubleOf(p.Field, p.Detail, p.Hint)}, p.Status, true
}

// shown gives what a page says of a problem and the status it has; all is well
// where there is none. The error is one that needs a page of its own.
func shown(problem error) (list troubles, status int, err error) {
	if problem == nil {
		return nil, http.StatusOK, nil
	}
	list, status, ok := troublesOf(problem)
	if !ok {
		return nil, 0, problem
	}
	return list, status, nil
}

func troubleOf(field, says, hint string) trouble {
	t := trouble{Field: field, Says: says, Hint: hint}
	if rest, found := strings.CutPrefix(says, "row "); found {
		number, text, found := strings.Cut(rest, ": ")
		if n, err := strconv.Atoi(number); err == nil && found {
			t.Row, t.Says = n, text
		}
	}
	return t
}

// at gives what is wrong with a field, or a row of it.
func (list troubles) at(field string, row int) (found troubles) {
	for _, t := range list {
		if t.Field == field && t.Row == row {
			found = append(found, t)
		}
	}
	return found
}

// elsewhere gives what is about none of the fields a form has.
func (list troubles) elsewhere(fields ...string) (found troubles) {
	for _, t := range list {
		if !has(fields, t.Field) {
			found = append(found, t)
		}
	}
	return found
}
