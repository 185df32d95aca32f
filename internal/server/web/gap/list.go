// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"net/http"
	"slices"

	"sextant/access"
	"sextant/gap"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// listView is what the list of campaigns draws.
type listView struct {
	Campaigns []campaignRow
	MayMake   bool
}

// campaignRow is one campaign of the list.
type campaignRow struct {
	Key, Title, State, Label, Owner, Units string
	Due, Date                              string
	Late                                   bool
	Tally                                  gap.Tally
}

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "gap.title"))
	var view listView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = campaignsOf(v)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, listPage(p, view))
	return nil
}

// campaignsOf lists campaigns, the newest first.
func campaignsOf(v *register.View) (view listView, err error) {
	view.MayMake = v.MayCreate(gap.Campaigns.Definition)
	list, err := v.List(register.List{Register: gap.Campaigns.Name, Limit: 200})
	if err != nil {
		return view, err
	}
	for _, e := range list.Entries {
		rows, err := gap.Answers.All(v, register.Filter{Field: "campaign", Op: register.Is, Values: []string{e.Key}})
		if err != nil {
			return view, err
		}
		view.Campaigns = append(view.Campaigns, campaignRow{Key: e.Key, Title: e.Title(), State: e.State, Label: page.StateLabel(e.Register, e.State), Owner: person(v, e.Owner()),
			Units: unitNames(v, e.Doc.Strings("scope_units")), Due: page.Day(e.Due()), Date: e.Due(), Late: e.State != gap.Closed && page.Overdue(e.Due(), v.Now()), Tally: gap.TallyOf(rows)})
	}
	slices.Reverse(view.Campaigns)
	return view, nil
}

func unitNames(v *register.View, keys []string) string {
	text := ""
	for i, key := range keys {
		if i > 0 {
			text += ", "
		}
		text += v.TitleOf("scope_unit", key)
	}
	return text
}
