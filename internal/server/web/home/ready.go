// SPDX-License-Identifier: Apache-2.0

package home

import (
	"cmp"
	"slices"

	"sextant/access"
	"sextant/evidence"
	"sextant/framework"
	"sextant/gap"
	"sextant/register"
)

// readiness is where a gap analysis says that the organisation stands, beside
// what the evidence shows of the controls.
type readiness struct {
	Campaign, Title string // "" where there was none yet
	State           string
	Date            string // it was closed on, else is due on
	Clauses         []gap.Group
	Themes          map[string]gap.Tally // by theme
	May             bool                 // campaigns may be read
}

// fillReady shows it to who may read campaigns.
func (view *homeView) fillReady(v *register.View, _ evidence.Reader) error {
	if access.May(v.Actor(), access.Read, access.Subject{Register: gap.Campaigns.Name}, v.Now()) == nil {
		view.Ready, view.Ready.May = view.seen.Ready, true
	}
	return nil
}

// readinessOf reads the newest campaign that says something about ISO/IEC 27001.
func readinessOf(v *register.View) (readiness, error) {
	if _, err := v.Set().Named(gap.Campaigns.Name); err != nil {
		return readiness{}, nil //nolint:nilerr // this program keeps none
	}
	all, err := gap.Campaigns.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{gap.Running, gap.Closed}})
	if err != nil {
		return readiness{}, err
	}
	all = slices.DeleteFunc(all, func(c register.Of[gap.Campaign]) bool {
		return !slices.Contains(c.Fields.Frameworks, framework.StandardID)
	})
	slices.SortStableFunc(all, func(a, b register.Of[gap.Campaign]) int {
		return cmp.Or(cmp.Compare(b.Fields.StartsOn, a.Fields.StartsOn), cmp.Compare(b.Created, a.Created))
	})
	var newest readiness
	for i, c := range all {
		rows, err := gap.Rows(v, c.Key)
		if err != nil {
			return newest, err
		}
		r := readinessIn(c, rows)
		if i == 0 {
			newest = r
		}
		if t := gap.TallyOf(rows); 2*t.Answered() >= t.All {
			return r, nil
		}
	}
	return newest, nil // none says much yet
}

func readinessIn(c register.Of[gap.Campaign], rows []register.Of[gap.Answer]) readiness {
	result := gap.ResultOf(rows)
	r := readiness{Campaign: c.Key, Title: c.Title(), State: c.State, Date: cmp.Or(c.Fields.ClosedOn, c.Fields.DueOn), Themes: map[string]gap.Tally{}}
	for _, g := range result.Clauses {
		r.Clauses = append(r.Clauses, gap.Group{Name: g.Name, Tally: g.Tally})
	}
	for _, g := range result.Themes {
		r.Themes[g.Name] = g.Tally
	}
	return r
}
