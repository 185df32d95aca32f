// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"github.com/a-h/templ"

	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
)

// acceptanceView is what the page of an acceptance shows beside its fields: it
// is told on the page of its risk.
type acceptanceView struct {
	Risk   choice
	Level  levelView
	Now    levelView // of the risk, at worst
	Decide bool      // it waits for the one who looks
}

func acceptancePanel(v *register.View, e register.Entry) (func(page.Page) templ.Component, error) {
	a, err := register.As[risk.Acceptance](e)
	if err != nil {
		return nil, err
	}
	view := acceptanceView{Decide: e.State == risk.Requested && a.Fields.AcceptedBy != "" && a.Fields.AcceptedBy == v.Actor().Person && v.Moment() == 0}
	if view.Risk = (choice{Key: a.Fields.Risk, Name: v.TitleOf(risk.Risks.Name, a.Fields.Risk)}); a.Fields.Evaluation != "" {
		err = view.levels(v, a)
	}
	return func(p page.Page) templ.Component { return acceptanceCard(p, view) }, err
}

// levels reads what was signed by the criteria it was judged by, and where the
// risk stands where it is judged by the same.
func (view *acceptanceView) levels(v *register.View, a register.Of[risk.Acceptance]) error {
	judged, err := risk.Evaluations.Get(v, a.Fields.Evaluation)
	if err != nil {
		return err
	}
	c, err := risk.CriteriaEditions.Get(v, judged.Fields.Criteria)
	if err != nil {
		return err
	}
	view.Level = levelOf(c.Fields, risk.Whole(a.Fields.Level))
	r, err := risk.Risks.Get(v, a.Fields.Risk)
	if r.Fields.Criteria == c.Key {
		view.Now = levelOf(c.Fields, risk.Whole(r.Fields.CurrentLevel))
	}
	return err
}
