// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Assessment is one dated round over chosen units by one edition of the
// criteria: why it was held, who took part, what was judged and what came out
// (8.2). Its results are copied in when it is completed; changing a risk later
// changes no past assessment.
type Assessment struct {
	Title            string   `json:"title" is:"text required title" label:"Assessment"`
	ManagementSystem string   `json:"management_system" is:"ref" to:"management_system" label:"Management system"`
	Trigger          string   `json:"trigger" is:"enum required" values:"initial=The first one,planned=Planned,significant_change=Significant change,incident=Incident,audit=Audit,criteria_change=New criteria" default:"planned" label:"Reason"`
	TriggerSubject   string   `json:"trigger_subject" is:"ref keep" to:"any" label:"What changed"`
	Criteria         string   `json:"criteria" is:"ref derived keep" to:"risk_criteria" label:"Measured by"`
	ScopeUnits       []string `json:"scope_units" is:"ref required" to:"scope_unit" label:"Units"`
	Participants     []string `json:"participants" is:"person required keep" label:"Participants"`
	Unchanged        []string `json:"unchanged" is:"ref keep" to:"risk" label:"Looked at and unchanged" help:"Risks whose last judgement still holds."`
	PlannedOn        string   `json:"planned_on" is:"date required" label:"Planned for"`
	DueOn            string   `json:"due_on" is:"date due" label:"Due on"`
	Every            string   `json:"every" is:"duration" label:"Repeated every" help:"The next one is planned when this one is approved, counted from the planned date."`
	StartedOn        string   `json:"started_on" is:"date derived" label:"Began"`
	CompletedOn      string   `json:"completed_on" is:"date derived" label:"Completed"`
	Conclusion       string   `json:"conclusion" is:"markdown" label:"Conclusion"`
	Results          []Result `json:"results" is:"rows derived" label:"Results"`
	Owner            string   `json:"owner" is:"person required owner" label:"Owner"`
	Approver         string   `json:"approver" is:"person required keep" label:"Approver"`
}

// Result is what an assessment found of one risk, in words that stay what they
// were.
type Result struct {
	Risk        string   `json:"risk" is:"ref required keep" to:"risk" label:"Risk"`
	Title       string   `json:"title" is:"text required" label:"Title"`
	Owner       string   `json:"owner" is:"person keep" label:"Risk owner"`
	Evaluation  string   `json:"evaluation" is:"ref keep" to:"risk_evaluation" label:"Judgement"`
	Likelihood  string   `json:"likelihood" is:"text" label:"Likelihood"`
	Consequence string   `json:"consequence" is:"text" label:"Consequence"`
	Level       *float64 `json:"level" is:"scale" values:"1..12" label:"Level"`
	LevelName   string   `json:"level_name" is:"text" label:"Level by name"`
	Before      string   `json:"before" is:"text" label:"In the assessment before"`
}

// States of an assessment.
const (
	ToCome    = "planned"
	Running   = "running"
	Completed = "completed"
)

const assessmentName = "risk_assessment"

// Assessments is the register of assessments.
var Assessments = register.Declare(register.Definition{
	Name: assessmentName, Plural: "risk-assessments", Prefix: "RAS", Title: "Risk assessment",
	Question: "When did we assess our risks, why, and what came out?",
	Purpose:  "Dated rounds of judging risks, at planned intervals and on significant change, kept as they were.",
	Clauses:  []string{"6.1.2", "8.2"}, Retention: "two_cycles", Group: "risks",
	Derive:     deriveAssessment,
	Recurrence: &register.Recurrence{Every: "every", Planned: "planned_on", Due: "due_on", When: []string{Approved}, Copies: []string{"title", "management_system", "scope_units", "participants", "owner", "approver"}},
	Lifecycle: register.Lifecycle{
		Initial: ToCome,
		States: []register.State{{Name: ToCome, Label: "Planned"}, {Name: Running, Label: "Running", Freeze: &register.Freeze{Except: []string{"participants", "unchanged", "conclusion", "due_on", "every", "approver"}}},
			{Name: Completed, Label: "Completed", Freeze: &register.Freeze{Except: []string{"conclusion", "every"}}}, {Name: Approved, Label: "Approved", Closed: true, Freeze: &register.Freeze{}},
			{Name: Cancelled, Label: "Cancelled", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "start", Label: "Start", From: []string{ToCome}, To: Running, Who: []string{"owner", "isms_manager"}, Guard: hasCriteria, Sets: startedNow},
			{Name: "complete", Label: "Complete", From: []string{Running}, To: Completed, Who: []string{"owner", "isms_manager"}, Guard: everyRiskLookedAt, Sets: completedNow},
			{Name: "return", Label: "Open again", From: []string{Completed}, To: Running, Who: []string{"approver", "owner"}, NeedsReason: true, Sets: reopened},
			{Name: "approve", Label: "Approve", From: []string{Completed}, To: Approved, Who: []string{"approver"}, Needs: []string{"conclusion"}, Input: []string{"conclusion"}, Sign: register.Approve, Guard: notItsOwner, Renders: true},
			{Name: "cancel", Label: "Cancel", From: []string{ToCome, Running}, To: Cancelled, Who: []string{"owner", "isms_manager"}, NeedsReason: true},
		},
	},
}, func(_ register.Reader, now register.Of[Assessment], _ *register.Of[Assessment]) error {
	switch {
	case now.Fields.ManagementSystem == "":
		return sextant.Errorf(sextant.Invalid, "say which management system is assessed").At("management_system")
	case now.Fields.Owner == now.Fields.Approver:
		return sextant.Errorf(sextant.Invalid, "the approver is not the owner").At("approver")
	}
	return nil
})

func deriveAssessment(tx register.Reader, doc register.Doc) error {
	if doc.Text("trigger") == "" {
		doc["trigger"] = "planned" // one that follows from the one before it
	}
	if doc.Text("due_on") == "" {
		doc["due_on"] = doc["planned_on"]
	}
	if doc.Text("management_system") != "" {
		return nil
	}
	systems, err := tx.Select("management_system", inState("active"))
	if err == nil && len(systems) == 1 {
		doc["management_system"] = systems[0].Key
	}
	return err
}

func hasCriteria(g register.Guarding) error {
	_, err := InForce(g.Tx, g.Next.Text("management_system"))
	return err
}

// startedNow fixes the criteria of the round.
func startedNow(g register.Guarding, next register.Doc) {
	next["started_on"] = today(g.Now)
	if c, err := InForce(g.Tx, next.Text("management_system")); err == nil {
		next["criteria"] = c.Key
	}
}

// Covers gives the open risks of a management system in the units of a round.
func Covers(tx register.Reader, a Assessment) ([]register.Of[Risk], error) {
	risks, err := all[Risk](tx, riskName, ofSystem(a.ManagementSystem), isOpen)
	return slices.DeleteFunc(risks, func(r register.Of[Risk]) bool {
		return !slices.ContainsFunc(r.Fields.ScopeUnits, func(unit string) bool { return slices.Contains(a.ScopeUnits, unit) })
	}), err
}

// ResultsOf gives what a round found so far: the newest current judgement made
// in it of each risk it covers, or the one that was said to hold still. Risks
// that nobody looked at are given apart.
func ResultsOf(tx register.Reader, key string, a Assessment) (results []Result, open []register.Of[Risk], err error) {
	risks, err := Covers(tx, a)
	if err != nil {
		return nil, nil, err
	}
	y, err := yardstickOf(tx, a.Criteria)
	if err != nil {
		return nil, nil, err
	}
	evaluations, err := all[Evaluation](tx, evaluationName, inState(Recorded), register.Filter{Field: "criteria", Op: register.Is, Values: []string{a.Criteria}})
	if err != nil {
		return nil, nil, err
	}
	inRound, still := map[string][]register.Of[Evaluation]{}, map[string][]register.Of[Evaluation]{}
	for _, e := range evaluations {
		if e.Fields.Assessment == key {
			inRound[e.Fields.Risk] = append(inRound[e.Fields.Risk], e)
		}
		still[e.Fields.Risk] = append(still[e.Fields.Risk], e)
	}
	before, err := resultsBefore(tx, key, a)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range risks {
		e, ok := latest(inRound[r.Key])[Current]
		if !ok && slices.Contains(a.Unchanged, r.Key) {
			e, ok = latest(still[r.Key])[Current]
		}
		if !ok {
			open = append(open, r)
			continue
		}
		results = append(results, Result{Risk: r.Key, Title: r.Title(), Owner: r.Fields.Owner, Evaluation: e.Key,
			Likelihood: y.LikelihoodName(Whole(e.Fields.Likelihood)), Consequence: y.ConsequenceName(Whole(e.Fields.Consequence)),
			Level: e.Fields.Level, LevelName: e.Fields.LevelName, Before: before[r.Key]})
	}
	return results, open, nil
}

// resultsBefore names the levels of the round before, with its criteria where
// those were others: levels by different scales do not compare.
func resultsBefore(tx register.Reader, key string, a Assessment) (map[string]string, error) {
	rounds, err := all[Assessment](tx, assessmentName, ofSystem(a.ManagementSystem), inState(Completed, Approved))
	if err != nil {
		return nil, err
	}
	rounds = slices.DeleteFunc(rounds, func(r register.Of[Assessment]) bool { return r.Key == key })
	if len(rounds) == 0 {
		return nil, nil
	}
	last := slices.MaxFunc(rounds, func(a, b register.Of[Assessment]) int {
		if a.Fields.CompletedOn != b.Fields.CompletedOn {
			return strings.Compare(a.Fields.CompletedOn, b.Fields.CompletedOn)
		}
		return int(a.Seq - b.Seq)
	})
	names := map[string]string{}
	for _, r := range last.Fields.Results {
		names[r.Risk] = r.LevelName
		if last.Fields.Criteria != a.Criteria && r.LevelName != "" {
			names[r.Risk] += " by " + last.Fields.Criteria
		}
	}
	return names, nil
}

// everyRiskLookedAt guards completing.
func everyRiskLookedAt(g register.Guarding) error {
	a, err := register.As[Assessment](register.Entry{Register: g.Entry.Register, Key: g.Entry.Key, Doc: g.Next})
	if err != nil {
		return err
	}
	results, open, err := ResultsOf(g.Tx, g.Entry.Key, a.Fields)
	switch {
	case err != nil:
		return err
	case len(open) > 0:
		return sextant.Errorf(sextant.Conflict, "%d risks were not looked at in this round, the first is %s %s", len(open), open[0].Key, open[0].Title()).
			WithHint("judge them, or name them as looked at and unchanged")
	case len(results) == 0:
		return sextant.Errorf(sextant.Conflict, "no risk is in the units of this round").At("scope_units")
	}
	return nil
}

func completedNow(g register.Guarding, next register.Doc) {
	a, err := register.As[Assessment](register.Entry{Register: g.Entry.Register, Key: g.Entry.Key, Doc: next})
	if err != nil {
		return
	}
	results, _, err := ResultsOf(g.Tx, g.Entry.Key, a.Fields)
	if err != nil {
		return
	}
	next["completed_on"], next["results"] = today(g.Now), rowsOf(results)
}

func reopened(_ register.Guarding, next register.Doc) {
	delete(next, "completed_on")
	delete(next, "results")
}

func notItsOwner(g register.Guarding) error {
	if g.Actor.Person != "" && g.Actor.Person == g.Next.Text("owner") {
		return sextant.Errorf(sextant.Denied, "the owner of the round does not approve it").At("approver")
	}
	return nil
}

// rowsOf gives results as a document keeps them.
func rowsOf(results []Result) []any {
	rows := make([]any, len(results))
	for i, r := range results {
		row := map[string]any{}
		for key, value := range map[string]string{"risk": r.Risk, "title": r.Title, "owner": r.Owner, "evaluation": r.Evaluation, "likelihood": r.Likelihood,
			"consequence": r.Consequence, "level_name": r.LevelName, "before": r.Before} {
			if value != "" {
				row[key] = value
			}
		}
		if r.Level != nil {
			row["level"] = *r.Level
		}
		rows[i] = row
	}
	return rows
}

// Opportunity is a risk to the management system itself, or an opportunity for
// it (6.1.1): that it does not reach what it is meant to reach, or could do
// better. It has no level: what counts is what is done about it.
type Opportunity struct {
	Title         string   `json:"title" is:"text required title" label:"Risk or opportunity"`
	Kind          string   `json:"kind" is:"enum required" values:"risk=Risk,opportunity=Opportunity" default:"risk" label:"Kind"`
	Comes         string   `json:"comes_from" is:"markdown required" label:"Where it comes from" help:"The issue, party or requirement (4.1, 4.2) behind it."`
	Effect        string   `json:"effect" is:"markdown required" label:"What it would do to the management system"`
	Action        string   `json:"action" is:"markdown" label:"What is done about it"`
	Where         string   `json:"integrated_in" is:"text" label:"Built into" help:"The process in which it is done (6.1.1 e 1)."`
	Tasks         []string `json:"tasks" is:"ref detach" to:"task" label:"Tasks"`
	Owner         string   `json:"owner" is:"person required owner" label:"Owner"`
	DueOn         string   `json:"due_on" is:"date due" label:"Due on"`
	Effectiveness string   `json:"effectiveness" is:"markdown" label:"Did it work" help:"How one can tell, and what one saw (6.1.1 e 2)."`
}

// Opportunities is the register of risks and opportunities of the management
// system.
var Opportunities = register.Declare[Opportunity](register.Definition{
	Name: "isms_opportunity", Plural: "isms-opportunities", Prefix: "OPP", Title: "Risk or opportunity of the ISMS", Titles: "Risks and opportunities of the ISMS",
	Question: "What could keep the management system from working, and what could make it better?",
	Purpose:  "Risks and opportunities of the management system itself, with what is done about them and whether it worked.",
	Clauses:  []string{"6.1.1"}, Retention: "two_cycles", Group: "risks", OpenTo: []access.Role{access.Owner},
	Lifecycle: register.Lifecycle{
		Initial: "open",
		States:  []register.State{{Name: "open", Label: "Open"}, {Name: "acting", Label: "Acted on"}, {Name: "closed", Label: "Closed", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "act", Label: "Act on it", From: []string{"open"}, To: "acting", Who: []string{"owner", "isms_manager"}, Needs: []string{"action", "due_on"}, Input: []string{"action", "due_on"}},
			{Name: "close", Label: "Close", From: []string{"acting"}, To: "closed", Who: []string{"owner", "isms_manager"}, Needs: []string{"effectiveness"}, Input: []string{"effectiveness"}},
			{Name: "leave", Label: "Leave it", From: []string{"open"}, To: "closed", Who: []string{"owner", "isms_manager"}, NeedsReason: true},
		},
	},
}, nil)
