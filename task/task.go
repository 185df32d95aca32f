// SPDX-License-Identifier: Apache-2.0

// Package task declares work with a person and a date: remediation, a step of a
// treatment, an occurrence of something that recurs, a request. It does not
// decide that anything is fixed: a check's remediation is verified by a later
// passing observation only.
package task

import (
	"sextant"
	"sextant/register"
)

// Task is one piece of work.
type Task struct {
	Title             string   `json:"title" is:"text required title" label:"What is to be done"`
	Kind              string   `json:"kind" is:"enum required" values:"remediation=Remediation,treatment_step=Step of a treatment,recurring=Recurring,review=Review,corrective_action=Corrective action,gap_action=Action from a gap,decision_follow_up=Follow-up of a decision,request=Request,other=Other" default:"other" label:"Kind"`
	Subject           string   `json:"subject" is:"ref keep" to:"any" label:"About"`
	Proves            string   `json:"proves" is:"text" label:"Missing proof" help:"The proof it brings, where it was made from what would make a control green."`
	Method            string   `json:"method" is:"markdown" label:"How" help:"Copied into every repetition."`
	Criteria          string   `json:"criteria" is:"markdown" label:"Done when" help:"Copied into every repetition."`
	Assignee          string   `json:"assignee" is:"person required owner keep" label:"Assignee"`
	Requester         string   `json:"requester" is:"person keep" label:"Requester"`
	Reviewer          string   `json:"reviewer" is:"person keep" label:"Reviewer" help:"Verifies the result; not the assignee."`
	PlannedOn         string   `json:"planned_on" is:"date" label:"Planned on" help:"The date the plan asked for; it never moves."`
	DueOn             string   `json:"due_on" is:"date required due" label:"Due on"`
	RepeatEvery       string   `json:"repeat_every" is:"duration" label:"Repeat every" help:"P3M: quarterly. The next one counts from the planned date."`
	DependsOn         []string `json:"depends_on" is:"ref detach" to:"task" label:"After"`
	ExternalReference string   `json:"external_reference" is:"text" label:"Ticket"`
	Priority          string   `json:"priority" is:"enum" values:"critical=Critical,high=High,medium=Medium,low=Low" default:"medium" label:"Priority"`
	Result            string   `json:"result" is:"markdown" label:"Result"`
	Outcome           string   `json:"outcome" is:"enum" values:"passed=Passed,failed=Failed,not_possible=Not possible" label:"Outcome"`
}

// Tasks is the register of tasks.
var Tasks = register.Declare(register.Definition{
	Name: "task", Plural: "tasks", Prefix: "TSK", Title: "Task",
	Question: "What has to be done, by whom, by when?",
	Purpose:  "What somebody has to do by a date.", Clauses: []string{"8.1", "6.2 h)", "10.2 c)"}, Retention: "cycle", Group: "programme",
	OpenTo: nil,
	Lists:  []register.Shape{{Filter: []string{"state", "assignee"}, Order: "due_on"}, {Order: "due_on"}},
	Recurrence: &register.Recurrence{Every: "repeat_every", Planned: "planned_on", Due: "due_on", When: []string{"done"},
		Copies: []string{"title", "kind", "subject", "proves", "method", "criteria", "assignee", "requester", "reviewer", "priority"}},
	Lifecycle: lifecycle,
}, check)

var lifecycle = register.Lifecycle{
	Initial: "open",
	States: []register.State{{Name: "open", Label: "Open"}, {Name: "in_progress", Label: "In progress"}, {Name: "done", Label: "Done"},
		{Name: "verified", Label: "Verified", Closed: true, Freeze: &register.Freeze{}}, {Name: "cancelled", Label: "Cancelled", Closed: true, Freeze: &register.Freeze{}}},
	Transitions: []register.Transition{
		{Name: "start", Label: "Start", From: []string{"open"}, To: "in_progress", Who: []string{"assignee", "isms_manager"}},
		{Name: "finish", Label: "Done", From: []string{"open", "in_progress"}, To: "done", Who: []string{"assignee"}, Needs: []string{"result"}, Input: []string{"result", "outcome"}, Guard: dependenciesDone},
		{Name: "verify", Label: "Verify", From: []string{"done"}, To: "verified", Who: []string{"reviewer", "system"}, Guard: notOwnWork},
		{Name: "reopen", Label: "Open again", From: []string{"done", "verified"}, To: "open", Who: []string{"system", "reviewer", "isms_manager"}, NeedsReason: true},
		{Name: "cancel", Label: "Cancel", From: []string{"open", "in_progress"}, To: "cancelled", Who: []string{"isms_manager", "requester"}, NeedsReason: true},
	},
}

func check(_ register.Reader, now register.Of[Task], before *register.Of[Task]) error {
	if before != nil && before.Fields.PlannedOn != "" && now.Fields.PlannedOn != before.Fields.PlannedOn {
		return sextant.Errorf(sextant.Invalid, "the planned date never moves; it is %s", before.Fields.PlannedOn).At("planned_on").WithHint("change the due date")
	}
	if now.Fields.RepeatEvery != "" && now.Fields.PlannedOn == "" {
		return sextant.Errorf(sextant.Invalid, "what repeats needs a planned date to count from").At("planned_on")
	}
	return nil
}

func dependenciesDone(g register.Guarding) error {
	for _, key := range g.Next.Strings("depends_on") {
		other, err := g.Tx.Lookup("task", key)
		if err != nil {
			return err
		}
		if other.State != "done" && other.State != "verified" && other.State != "cancelled" {
			return sextant.Errorf(sextant.Conflict, "%s comes first and is %s", key, other.State)
		}
	}
	return nil
}

// notOwnWork: persons are compared, not accounts.
func notOwnWork(g register.Guarding) error {
	if g.Actor.Person != "" && g.Actor.Person == g.Next.Text("assignee") {
		return sextant.Errorf(sextant.Denied, "the one who did it cannot verify it").WithHint("ask the reviewer")
	}
	return nil
}
