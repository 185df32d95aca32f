// SPDX-License-Identifier: Apache-2.0

package control

import (
	"time"

	"sextant"
	"sextant/register"
)

// Exception is a time-boxed permission to deviate: a check, or one resource of
// it, does not have to hold for a while, or what a rule of lint found stands. It never makes anything green.
type Exception struct {
	Title        string   `json:"title" is:"text required title" label:"What is permitted"`
	Check        string   `json:"check" is:"ref" to:"check" label:"Check"`
	Resources    []string `json:"resources" is:"text" label:"Resources" help:"Keys of the resources, or of what a rule found, that it covers; empty: all of them."`
	Control      string   `json:"control" is:"ref" to:"control" label:"Control"`
	Rule         string   `json:"rule" is:"ref" to:"rule" label:"Rule" help:"What an auditor would raise, and somebody answers for until then."`
	Reason       string   `json:"reason" is:"markdown required" label:"Why"`
	Compensation string   `json:"compensation" is:"markdown" label:"What is done instead"`
	Severity     string   `json:"severity" is:"enum required" values:"critical=Critical,high=High,medium=Medium,low=Low" default:"medium" label:"Severity"`
	RequestedBy  string   `json:"requested_by" is:"person required owner keep" label:"Requested by"`
	Approver     string   `json:"approver" is:"person required keep" label:"Approver"`
	StartsOn     string   `json:"starts_on" is:"date required" label:"From"`
	ExpiresOn    string   `json:"expires_on" is:"date required due" label:"Until"`
}

// Longest permissions, in days (exception.r1).
const (
	longestException       = 180
	longestSevereException = 90 // critical and high
)

// Exceptions is the register of exceptions.
var Exceptions = register.Declare(register.Definition{
	Name: "exception", Plural: "exceptions", Prefix: "EXC", Title: "Exception",
	Question: "What is permitted to deviate, and until when?",
	Purpose:  "Deviations somebody answers for, until a date.", Clauses: []string{"8.1", "6.1.3"}, Retention: "cycle", Group: "monitoring",
	Lists: []register.Shape{{Filter: []string{"state"}, Order: "expires_on"}},
	Lifecycle: register.Lifecycle{
		Initial: "draft",
		States: []register.State{{Name: "draft", Label: "Draft"}, {Name: "requested", Label: "Requested"},
			{Name: "approved", Label: "Approved", Freeze: &register.Freeze{}}, {Name: "rejected", Label: "Rejected", Closed: true, Freeze: &register.Freeze{}},
			{Name: "revoked", Label: "Revoked", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "request", Label: "Ask for it", From: []string{"draft"}, To: "requested", Who: []string{"requested_by", "isms_manager"}},
			{Name: "approve", Label: "Approve", From: []string{"requested"}, To: "approved", Who: []string{"approver"}, Sign: register.Approve, Guard: notOwnRequest},
			{Name: "reject", Label: "Reject", From: []string{"requested"}, To: "rejected", Who: []string{"approver"}, NeedsReason: true, Sign: register.Reject},
			{Name: "revoke", Label: "Revoke", From: []string{"approved"}, To: "revoked", Who: []string{"approver", "isms_manager"}, NeedsReason: true},
		},
	},
}, checkException)

func checkException(_ register.Reader, now register.Of[Exception], _ *register.Of[Exception]) error {
	f := now.Fields
	if f.Check == "" && f.Control == "" && f.Rule == "" {
		return sextant.Errorf(sextant.Invalid, "an exception is from a check, from a control or from a rule").At("check")
	}
	from, err1 := time.Parse(time.DateOnly, f.StartsOn)
	until, err2 := time.Parse(time.DateOnly, f.ExpiresOn)
	if err1 != nil || err2 != nil || until.Before(from) {
		return sextant.Errorf(sextant.Invalid, "it ends before it starts").At("expires_on")
	}
	most := longestException
	if f.Severity == "critical" || f.Severity == "high" {
		most = longestSevereException
	}
	if days := int(until.Sub(from).Hours() / 24); days > most {
		return sextant.Errorf(sextant.Invalid, "%d days; %d is the most for severity %s", days, most, f.Severity).At("expires_on").WithHint("renew it by a new exception when it ends")
	}
	return nil
}

func notOwnRequest(g register.Guarding) error {
	if g.Next.Text("approver") == g.Next.Text("requested_by") {
		return sextant.Errorf(sextant.Denied, "nobody approves their own exception").At("approver")
	}
	return nil
}
