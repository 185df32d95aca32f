// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"slices"

	"sextant"
	"sextant/evidence"
	"sextant/register"
)

// PrepareAtOnce is how many questions are laid out in one transaction: others
// who write wait for no longer than 200 ms.
const PrepareAtOnce = 60

// Prepare lays out up to most questions of a planned campaign that are not laid
// out yet, and says how many are left. Called again and again before "start", it
// keeps each transaction short; start itself lays out what is left. Whoever may
// start the campaign may call it.
func Prepare(tx *register.Tx, key string, most int) (left int, err error) {
	e, err := tx.Entry(campaignName, key)
	if err != nil {
		return 0, err
	}
	if err := mayStart(&tx.View, e); err != nil {
		return 0, err
	}
	return layOut(tx, e, most)
}

func mayStart(v *register.View, e register.Entry) error {
	for _, p := range v.Possible(e) {
		if p.Name == "start" {
			return p.Refusal
		}
	}
	return sextant.Errorf(sextant.Conflict, "%s is %s and cannot be started", e.Key, e.State)
}

// begin lays out what is left when a campaign starts.
func begin(tx *register.Tx, e register.Entry) error {
	_, err := layOut(tx, e, -1)
	return err
}

// layOut makes rows as the program, in the name of the one who asked for them;
// most < 0 makes all.
func layOut(tx *register.Tx, e register.Entry, most int) (left int, err error) {
	c, err := register.As[Campaign](e)
	if err != nil {
		return 0, err
	}
	missing, err := missing(tx, c)
	if err != nil {
		return 0, err
	}
	now := missing
	if most >= 0 {
		now = missing[:min(most, len(missing))]
	}
	if len(now) == 0 {
		return 0, nil
	}
	r, err := evidence.On(&tx.View)
	if err != nil {
		return 0, err
	}
	facts, err := factsOf(&tx.View, r, c)
	if err != nil {
		return 0, err
	}
	for _, p := range now {
		if _, err := tx.Program().Create(answerName, facts.values(c, p), register.Note{Why: "asked by " + c.Key}); err != nil {
			return 0, err
		}
	}
	return len(missing) - len(now), nil
}

// place is a question in a unit.
type place struct {
	question Question
	unit     string
}

// missing are the questions without a row, unit by unit.
func missing(tx register.Reader, c register.Of[Campaign]) (list []place, err error) {
	there, err := Answers.All(tx, of(c.Key))
	if err != nil {
		return nil, err
	}
	has := map[[2]string]bool{}
	for _, a := range there {
		has[[2]string{a.Fields.Reference, a.Fields.ScopeUnit}] = true
	}
	asked, err := c.Fields.All(tx)
	if err != nil {
		return nil, err
	}
	for _, unit := range c.Fields.ScopeUnits {
		for _, q := range asked {
			if !has[[2]string{q.Reference, unit}] {
				list = append(list, place{q, unit})
			}
		}
	}
	return list, nil
}

// values of a new row: what is asked of whom, and what is known.
func (f facts) values(c register.Of[Campaign], p place) map[string]any {
	known, proposed, state := f.of(p)
	values := map[string]any{"campaign": c.Key, "reference": p.question.Reference, "scope_unit": p.unit, "assignee": f.asked(c.Fields, p),
		"reviewer": c.Fields.Owner, "guidance": p.question.Digest(), "proposed": proposed, "evidence_state": state}
	if len(known) > 0 {
		values["known"] = known
	}
	return values
}

// asked is who a question goes to: the owner of the control in the unit if they
// are among the assessors, else the first of them.
func (f facts) asked(c Campaign, p place) string {
	for _, imp := range f.declared[[2]string{p.question.Reference, p.unit}] {
		if slices.Contains(c.Assessors, imp.Fields.Owner) {
			return imp.Fields.Owner
		}
	}
	return c.Assessors[0]
}
