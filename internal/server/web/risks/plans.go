// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"slices"

	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
	"sextant/task"
)

// planRow is a treatment of the risk.
type planRow struct {
	Key, Title, Path, State string
	Owner, Due, Date        string
	Late, Over              bool
	Options                 string
	Done, Tasks             int
	Signed, Waits           []string // names
	Sign                    string   // address that signs it, "" where the reader may not
}

// fillPlans lists what is planned, what runs, and what is over, the newest first.
func (view *oneView) fillPlans(v *register.View, p page.Page) error {
	def, _ := risk.Treatments.Definition.Field("options")
	for _, t := range view.Treatments {
		f := t.Fields
		state, _ := t.Register.Lifecycle.State(t.State)
		row := planRow{Key: t.Key, Title: t.Title(), Path: p.Link(treatmentPath + "/" + t.Key), State: page.StateLabel(t.Register, t.State), Over: state.Closed || t.State == risk.Done,
			Owner: v.TitleOf("person", f.Owner), Due: page.Until(v.Context(), f.DueOn, v.Now()), Date: f.DueOn}
		row.Late = !row.Over && page.Overdue(f.DueOn, v.Now())
		for i, o := range f.Options {
			if i > 0 {
				row.Options += ", "
			}
			row.Options += message.Mark(v.Context(), def.ValueLabel(o))
		}
		for _, person := range f.RiskOwners {
			if slices.Contains(f.SignedBy, person) {
				row.Signed = append(row.Signed, v.TitleOf("person", person))
			} else if t.State == risk.Proposed {
				row.Waits = append(row.Waits, v.TitleOf("person", person))
			}
		}
		if !p.Past() && t.State == risk.Proposed && !slices.Contains(f.SignedBy, v.Actor().Person) && may(v, t.Entry, "sign") {
			row.Sign = treatmentPath + "/" + t.Key
		}
		var err error
		if row.Done, row.Tasks, err = progress(v, f.Tasks); err != nil {
			return err
		}
		view.Plans = append(view.Plans, row)
	}
	slices.Reverse(view.Plans)
	return nil
}

// progress counts the tasks that are done.
func progress(v *register.View, keys []string) (done, all int, err error) {
	if len(keys) == 0 {
		return 0, 0, nil
	}
	wanted := map[string]bool{}
	for _, key := range keys {
		wanted[key] = true
	}
	for key := range wanted {
		t, err := task.Tasks.Get(v, key)
		if err != nil {
			return 0, 0, err
		}
		all++
		if state, _ := t.Register.Lifecycle.State(t.State); state.Closed || t.State == "done" {
			done++
		}
	}
	return done, all, nil
}
