// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"cmp"
	"slices"

	"sextant"
	"sextant/access"
	"sextant/framework"
	"sextant/register"
)

// Offered is what something outside the program says about one question.
type Offered struct {
	Row       int // of the file it stands in
	Reference string
	Facts     []Fact
	Proposed  string // an answer, "" for none
}

// Offer lays what is said elsewhere beside the questions of a running campaign,
// in one unit: as facts with their source, and as a proposal where nothing newer
// proposes anything. It answers nothing: each stays open until a person takes it.
// Questions that were answered are left as they are. Whoever may import answers
// may call it; the program writes, in their name. One undo takes all back.
func Offer(tx *register.Tx, campaign, unit string, offers []Offered, note register.Note) (register.Report, error) {
	report := register.Report{Batch: register.NewBatch(), Counts: map[register.Fate]int{}}
	note.Batch = report.Batch
	if err := access.May(tx.Actor(), access.Import, access.Subject{Register: answerName}, tx.Now()); err != nil {
		return report, err
	}
	c, err := Campaigns.Get(tx, campaign)
	if err != nil {
		return report, err
	}
	if err := takesOffers(c, unit); err != nil {
		return report, err
	}
	rows, err := Answers.All(tx, of(campaign), register.Filter{Field: "scope_unit", Op: register.Is, Values: []string{unit}})
	if err != nil {
		return report, err
	}
	asked := map[string]register.Of[Answer]{}
	for _, a := range rows {
		asked[a.Fields.Reference] = a
	}
	for _, o := range offers {
		a, ok := asked[o.Reference]
		outcome := register.Outcome{Row: o.Row, Title: cmp.Or(a.Title(), framework.IDOf(o.Reference)), Key: a.Key, Fate: register.Unchanged}
		switch {
		case !ok:
			outcome.Refusal = sextant.Errorf(sextant.NotFound, "%s does not ask about %s", campaign, framework.IDOf(o.Reference)).WithHint("nothing is lost: it is outside of what was chosen")
		case a.State != Open || a.Fields.Answer != NotAssessed:
			outcome.Refusal = sextant.Errorf(sextant.Conflict, "%s is answered already", framework.IDOf(o.Reference)).WithHint("open it again first if the old assessment should count")
		default:
			if outcome.Fate, err = offer(tx, a, o, note); err != nil {
				return report, err
			}
			outcome.Changes = proposes(a, o)
		}
		if outcome.Refusal != nil {
			outcome.Fate = register.Refused
		}
		report.Counts[outcome.Fate]++
		report.Outcomes = append(report.Outcomes, outcome)
	}
	return report, nil
}

// proposes tells what becomes of the proposal: where something newer proposes
// already, that stays.
func proposes(a register.Of[Answer], o Offered) []register.Difference {
	if a.Fields.Proposed != "" || o.Proposed == "" {
		return nil
	}
	f, _ := Answers.Field("proposed")
	return []register.Difference{{Field: f.Key, Label: f.Label, After: f.ValueLabel(o.Proposed)}}
}

func takesOffers(c register.Of[Campaign], unit string) error {
	switch {
	case c.State == Planned:
		return sextant.Errorf(sextant.Conflict, "%s has not started yet", c.Key).WithHint("start it: its questions are laid out then")
	case c.State != Running:
		return sextant.Errorf(sextant.Conflict, "%s is closed", c.Key)
	case !slices.Contains(c.Fields.ScopeUnits, unit):
		return sextant.Errorf(sextant.Invalid, "%s does not ask in %q", c.Key, unit).At("unit").WithHint("choose one of its units")
	}
	return nil
}

// offer writes one. The same source again takes the place of what it said before.
func offer(tx *register.Tx, a register.Of[Answer], o Offered, note register.Note) (register.Fate, error) {
	known := slices.DeleteFunc(slices.Clone(a.Fields.Known), func(f Fact) bool {
		return slices.ContainsFunc(o.Facts, func(now Fact) bool { return now.Source == f.Source && now.From == f.From })
	})
	known = append(known, o.Facts...)
	proposed := cmp.Or(a.Fields.Proposed, o.Proposed)
	if slices.Equal(known, a.Fields.Known) && proposed == a.Fields.Proposed {
		return register.Unchanged, nil
	}
	list := make([]any, len(known))
	for i, f := range known {
		list[i] = fact(f.Source, f.From, f.Says)
	}
	values := map[string]any{"known": list}
	if proposed != "" {
		values["proposed"] = proposed
	}
	_, err := tx.Program().Edit(answerName, a.Key, a.Version, values, note)
	return register.Updated, err
}
