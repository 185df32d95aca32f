// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"slices"
	"strings"

	"sextant"
	"sextant/framework"
	"sextant/library"
	"sextant/register"
)

// Answer is what was answered to one question of a campaign, in one unit.
type Answer struct {
	Title               string   `json:"title" is:"text derived title" label:"Question"`
	Campaign            string   `json:"campaign" is:"ref required" to:"gap_campaign" label:"Campaign"`
	Reference           string   `json:"reference" is:"ref required" to:"any" label:"Requirement or control"`
	ScopeUnit           string   `json:"scope_unit" is:"ref required" to:"scope_unit" label:"Unit"`
	Part                string   `json:"part" is:"enum derived" values:"4=4 Context of the organization,5=5 Leadership,6=6 Planning,7=7 Support,8=8 Operation,9=9 Performance evaluation,10=10 Improvement,organizational=Organizational controls,people=People controls,physical=Physical controls,technological=Technological controls" label:"Clause or theme"`
	Chapter             string   `json:"chapter" is:"text derived" label:"Chapter" help:"Of what is not ISO/IEC 27001: its framework and chapter."`
	Attributes          []string `json:"attributes" is:"enum derived" values:"Preventive=Preventive,Detective=Detective,Corrective=Corrective,Confidentiality=Confidentiality,Integrity=Integrity,Availability=Availability,Identify=Identify,Protect=Protect,Detect=Detect,Respond=Respond,Recover=Recover,Governance=Governance,Asset_management=Asset management,Information_protection=Information protection,Human_resource_security=Human resource security,Physical_security=Physical security,System_and_network_security=System and network security,Application_security=Application security,Secure_configuration=Secure configuration,Identity_and_access_management=Identity and access management,Threat_and_vulnerability_management=Threat and vulnerability management,Continuity=Continuity,Supplier_relationships_security=Supplier relationships security,Legal_and_compliance=Legal and compliance,Information_security_event_management=Information security event management,Information_security_assurance=Information security assurance,Governance_and_Ecosystem=Governance and Ecosystem,Protection=Protection,Defence=Defence,Resilience=Resilience" label:"Attributes"`
	Answer              string   `json:"answer" is:"enum required" values:"not_assessed=Not assessed,not_met=Not met,partly=Partly met,met=Met,not_applicable=Not applicable" default:"not_assessed" label:"Answer"`
	NotApplicableReason string   `json:"not_applicable_reason" is:"text" label:"Why it does not apply"`
	Maturity            *float64 `json:"maturity" is:"scale" values:"0..5" label:"Maturity now"`
	TargetMaturity      *float64 `json:"target_maturity" is:"scale" values:"0..5" label:"Maturity wanted"`
	Observation         string   `json:"observation" is:"markdown" label:"What was seen"`
	Evidence            []string `json:"evidence" is:"ref keep" to:"any" label:"Evidence" help:"Keys of what was looked at: statements, assets, documents, checks."`
	Actions             []string `json:"actions" is:"ref detach" to:"task" label:"Actions"`
	Effort              string   `json:"effort" is:"enum" values:"hours=Hours,days=Days,weeks=Weeks,months=Months" label:"Effort to close"`
	Effect              string   `json:"effect" is:"enum" values:"little=Little,some=Some,much=Much" label:"Effect of closing it" help:"How much better off the organisation would be."`
	Assignee            string   `json:"assignee" is:"person required owner keep" label:"Asked"`
	DueOn               string   `json:"due_on" is:"date due" label:"Due on"`
	AnsweredBy          string   `json:"answered_by" is:"person derived keep" label:"Answered by"`
	Reviewer            string   `json:"reviewer" is:"person names keep" label:"Reviewer"`
	Proposed            string   `json:"proposed" is:"enum derived" values:"not_assessed=Not assessed,not_met=Not met,partly=Partly met,met=Met,not_applicable=Not applicable" label:"Proposed" help:"What follows from what is known. It is no answer."`
	Known               []Fact   `json:"known" is:"rows derived" label:"What is known" help:"When the campaign began, and what an earlier assessment said."`
	EvidenceState       string   `json:"evidence_state" is:"text derived" label:"Evidence state when the campaign began"`
	Guidance            string   `json:"guidance" is:"text derived" label:"Edition of the guidance"`
}

// NumberOf is the id of what was asked: A.8.13, the number in a library.
func NumberOf(a Answer) string {
	if _, _, ok := library.ParseReference(a.Reference); ok {
		number, _, _ := strings.Cut(a.Title, " ")
		return number
	}
	return framework.IDOf(a.Reference)
}

// Fact is something the program knew about a question when its campaign began.
type Fact struct {
	Source string `json:"source" is:"enum required" values:"evidence=Evidence state,implementation=Declared implementation,previous=Earlier campaign,document=Document,statement=Statement of Applicability,inferred=Inferred from mappings,assessment=Earlier assessment" label:"Source"`
	From   string `json:"from" is:"text" label:"From"`
	Says   string `json:"says" is:"text required" label:"What it says"`
}

// The answers. The zero value of a row is NotAssessed.
const (
	NotAssessed   = "not_assessed"
	NotMet        = "not_met"
	Partly        = "partly"
	Met           = "met"
	NotApplicable = "not_applicable"
)

// Choices gives the answers in the order they are offered in.
func Choices() []string { return []string{Met, Partly, NotMet, NotApplicable, NotAssessed} }

// States of an answer.
const (
	Open     = "open"
	Answered = "answered"
	Reviewed = "reviewed"
)

const answerName = "gap_answer"

// Answers is the register of answers; one for each question and unit of a
// campaign. They come to be when their campaign starts and are frozen with it.
var Answers = register.Declare(register.Definition{
	Name: answerName, Plural: "gap-answers", Prefix: "GA", Title: "Gap answer",
	Question: "What was answered, and what is still open?",
	Purpose:  "One requirement or control in one campaign and unit: answer, maturity, observation, evidence, action.",
	Clauses:  []string{"4.4", "10.1"}, Retention: "two_cycles",
	Parent: "campaign", Unique: [][]string{{"campaign", "reference", "scope_unit"}},
	Derive: nameAnswer, Lifecycle: answerLife,
}, checkAnswer)

var answerLife = register.Lifecycle{
	Initial: Open,
	States: []register.State{
		{Name: Open, Label: "Open"}, {Name: Answered, Label: "Answered"},
		{Name: Reviewed, Label: "Reviewed", Freeze: &register.Freeze{Except: []string{"actions", "effort", "effect"}}},
	},
	Transitions: []register.Transition{
		{Name: "answer", Label: "Take as answered", From: []string{Open, Answered}, To: Answered, Who: []string{"assignee", "reviewer", "isms_manager"},
			Sets: func(g register.Guarding, next register.Doc) { next["answered_by"] = known(g.Actor.Person) }},
		{Name: "reopen", Label: "Open again", From: []string{Answered}, To: Open, Who: []string{"assignee", "reviewer", "isms_manager"},
			Sets: func(_ register.Guarding, next register.Doc) { delete(next, "answered_by") }},
		{Name: "review", Label: "Reviewed", From: []string{Answered}, To: Reviewed, Who: []string{"reviewer"}, Guard: notOwnAnswer},
		{Name: "return", Label: "Give back", From: []string{Reviewed}, To: Answered, Who: []string{"reviewer"}, NeedsReason: true},
	},
}

func known(person string) any {
	if person == "" {
		return nil
	}
	return person
}

// nameAnswer fills what follows from the reference.
func nameAnswer(tx register.Reader, doc register.Doc) error {
	q, ok, err := QuestionOf(tx, doc.Text("reference"))
	if err != nil || !ok {
		return err // refused with its field by the check that follows
	}
	doc["title"] = q.ID + " " + q.Title
	for key, value := range map[string]string{"part": q.Part, "chapter": q.Chapter} {
		if value != "" {
			doc[key] = value
		}
	}
	if values := q.Attributes(); len(values) > 0 {
		list := make([]any, len(values))
		for i, value := range values {
			list[i] = value
		}
		doc["attributes"] = list
	}
	return nil
}

// checkAnswer holds the rules of one answer.
func checkAnswer(tx register.Reader, now register.Of[Answer], before *register.Of[Answer]) error {
	q, ok, err := QuestionOf(tx, now.Fields.Reference)
	if err != nil {
		return err
	}
	if !ok {
		return sextant.Errorf(sextant.Invalid, "%.60q is nothing a campaign asks about", now.Fields.Reference).At("reference")
	}
	if err := now.Fields.stays(before); err != nil {
		return err
	}
	if before != nil {
		campaign, err := tx.Lookup(campaignName, now.Fields.Campaign)
		if err != nil {
			return err
		}
		if campaign.State == Planned {
			return sextant.Errorf(sextant.Conflict, "%s has not started yet", campaign.Key).WithHint("start it, then answer")
		}
	}
	if err := now.Fields.holds(q); err != nil || now.State == Open {
		return err
	}
	return now.Fields.says()
}

// stays: what is asked, and where, does not move.
func (a Answer) stays(before *register.Of[Answer]) error {
	if before == nil {
		return nil
	}
	b := before.Fields
	for _, moved := range []struct{ field, from, to string }{{"campaign", b.Campaign, a.Campaign}, {"reference", b.Reference, a.Reference}, {"scope_unit", b.ScopeUnit, a.ScopeUnit}} {
		if moved.from != moved.to {
			return sextant.Errorf(sextant.Invalid, "what is asked stays %s", moved.from).At(moved.field)
		}
	}
	return nil
}

// holds: rules of an answer in whatever state.
func (a Answer) holds(q Question) error {
	if a.Answer == NotApplicable && q.IsRequirement() {
		return sextant.Errorf(sextant.Invalid, "clauses 4 to 10 always apply").At("answer").WithHint("answer met, partly met or not met; only controls can be left out")
	}
	if a.Maturity != nil && a.TargetMaturity != nil && *a.TargetMaturity < *a.Maturity {
		return sextant.Errorf(sextant.Invalid, "the level wanted lies below the one reached").At("target_maturity")
	}
	return nil
}

// says: what an answer needs before it is taken for one.
func (a Answer) says() error {
	switch {
	case a.Answer == NotAssessed:
		return sextant.Errorf(sextant.Invalid, "choose an answer first").At("answer")
	case a.Answer == NotApplicable && a.NotApplicableReason == "":
		return sextant.Errorf(sextant.Invalid, "say why it does not apply").At("not_applicable_reason")
	case slices.Contains([]string{Partly, NotMet}, a.Answer) && a.Observation == "":
		return sextant.Errorf(sextant.Invalid, "say what was seen, so that somebody can act on it").At("observation")
	}
	return nil
}

// notOwnAnswer: persons are compared, not accounts.
func notOwnAnswer(g register.Guarding) error {
	if g.Actor.Person != "" && g.Actor.Person == g.Entry.Doc.Text("answered_by") {
		return sextant.Errorf(sextant.Denied, "the one who answered cannot review it").WithHint("ask another reviewer")
	}
	return nil
}
