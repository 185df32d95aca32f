// SPDX-License-Identifier: Apache-2.0

package control

import (
	"sextant"
	"sextant/register"
)

// Deviation is where a unit does not follow the organisation's own standard for
// a control, with the reason and until when. It makes nothing green: what the
// evidence shows stays as it is. A permission for a check or a resource is an
// Exception.
type Deviation struct {
	Title       string `json:"title" is:"text required title" label:"What is different"`
	Control     string `json:"control" is:"ref required" to:"control" label:"Control"`
	ScopeUnit   string `json:"scope_unit" is:"ref required" to:"scope_unit" label:"Unit"`
	Reason      string `json:"reason" is:"markdown required" label:"Why"`
	Instead     string `json:"instead" is:"markdown" label:"What is done instead"`
	RequestedBy string `json:"requested_by" is:"person required owner keep" label:"Requested by"`
	Approver    string `json:"approver" is:"person required keep" label:"Approver"`
	ExpiresOn   string `json:"expires_on" is:"date required due" label:"Until"`
}

// Deviations is the register of deviations.
var Deviations = register.Declare[Deviation](register.Definition{
	Name: "deviation", Plural: "deviations", Prefix: "DEV", Title: "Deviation",
	Question: "Which unit departs from our own standards, and until when?",
	Purpose:  "Departures of a unit from the organisation's standard for a control, approved until a date.",
	Clauses:  []string{"6.1.3", "8.1"}, Retention: "cycle", Group: "controls",
	Lists: []register.Shape{{Filter: []string{"state"}, Order: "expires_on"}},
	Lifecycle: register.Lifecycle{
		Initial: "draft",
		States: []register.State{{Name: "draft", Label: "Draft"}, {Name: "requested", Label: "Requested"}, {Name: "approved", Label: "Approved", Freeze: &register.Freeze{}},
			{Name: "rejected", Label: "Rejected", Closed: true, Freeze: &register.Freeze{}}, {Name: "ended", Label: "Ended", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "request", Label: "Ask for it", From: []string{"draft"}, To: "requested", Who: []string{"requested_by", "isms_manager"}},
			{Name: "approve", Label: "Approve", From: []string{"requested"}, To: "approved", Who: []string{"approver"}, Sign: register.Approve, Guard: mayDeviate},
			{Name: "reject", Label: "Reject", From: []string{"requested"}, To: "rejected", Who: []string{"approver"}, NeedsReason: true, Sign: register.Reject},
			{Name: "end", Label: "End it", From: []string{"approved"}, To: "ended", Who: []string{"requested_by", "approver", "isms_manager"}, NeedsReason: true},
		},
	},
}, nil)

// mayDeviate: nobody approves their own request, and none that is over already.
func mayDeviate(g register.Guarding) error {
	if err := notOwnRequest(g); err != nil {
		return err
	}
	if until := g.Next.Text("expires_on"); until < g.Now.Time().Format("2006-01-02") {
		return sextant.Errorf(sextant.Invalid, "it was to end on %s", until).At("expires_on").WithHint("return it with a later date, or leave it")
	}
	return nil
}
