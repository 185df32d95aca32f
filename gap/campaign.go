// SPDX-License-Identifier: Apache-2.0

// Package gap keeps gap analyses: campaigns that ask of chosen requirements and
// controls, in chosen units, where the organisation stands, and what people
// answered. What the program knows already stands beside a question as a
// proposal with its source; it is no answer until a person takes it for one. An
// answer is somebody's judgement: it changes no evidence state and no line of a
// Statement of Applicability, and no figure here is an average of levels.
package gap

import (
	"time"

	"sextant"
	"sextant/register"
)

// Campaign is one round of asking.
type Campaign struct {
	Title           string   `json:"title" is:"text required title" label:"Campaign"`
	Frameworks      []string `json:"frameworks" is:"enum required" values:"iso27001:2022=ISO/IEC 27001:2022 with Annex A" default:"iso27001:2022" label:"Frameworks"`
	Detail          string   `json:"detail" is:"enum required" values:"clause=One question for each clause,requirement=One question for each requirement of a clause" default:"clause" label:"Depth" help:"Controls are asked about one by one either way."`
	Clauses         []string `json:"clauses" is:"enum" values:"4=4 Context of the organization,5=5 Leadership,6=6 Planning,7=7 Support,8=8 Operation,9=9 Performance evaluation,10=10 Improvement" label:"Clauses" help:"Where clauses, themes and attributes are all left empty, everything is asked."`
	Themes          []string `json:"themes" is:"enum" values:"organizational=Organizational controls,people=People controls,physical=Physical controls,technological=Technological controls" label:"Themes of controls"`
	Attributes      []string `json:"attributes" is:"enum" values:"Preventive=Preventive,Detective=Detective,Corrective=Corrective,Confidentiality=Confidentiality,Integrity=Integrity,Availability=Availability,Identify=Identify,Protect=Protect,Detect=Detect,Respond=Respond,Recover=Recover,Governance=Governance,Asset_management=Asset management,Information_protection=Information protection,Human_resource_security=Human resource security,Physical_security=Physical security,System_and_network_security=System and network security,Application_security=Application security,Secure_configuration=Secure configuration,Identity_and_access_management=Identity and access management,Threat_and_vulnerability_management=Threat and vulnerability management,Continuity=Continuity,Supplier_relationships_security=Supplier relationships security,Legal_and_compliance=Legal and compliance,Information_security_event_management=Information security event management,Information_security_assurance=Information security assurance,Governance_and_Ecosystem=Governance and Ecosystem,Protection=Protection,Defence=Defence,Resilience=Resilience" label:"Attributes of controls" help:"Controls with any of the chosen values of each attribute."`
	ScopeUnits      []string `json:"scope_units" is:"ref required" to:"scope_unit" label:"Units"`
	Previous        string   `json:"previous" is:"ref keep" to:"gap_campaign" label:"Compared with" help:"An earlier campaign: its answers are proposed here."`
	StartsOn        string   `json:"starts_on" is:"date required" label:"Starts on"`
	DueOn           string   `json:"due_on" is:"date required due" label:"Due on"`
	Owner           string   `json:"owner" is:"person required owner" label:"Owner"`
	Assessors       []string `json:"assessors" is:"person required keep" label:"Assessors" help:"Who asks and answers. Questions go to the first of them unless the owner of a control is among them."`
	Summary         string   `json:"summary" is:"markdown" label:"What was concluded" help:"Stands at the head of the report."`
	Scale           []Level  `json:"scale" is:"rows derived" label:"Maturity levels" help:"As they were when the campaign began."`
	GuidanceEdition string   `json:"guidance_edition" is:"text derived" label:"Edition that was asked from"`
	ClosedOn        string   `json:"closed_on" is:"date derived" label:"Closed on"`
}

// Level is one level of maturity. The scale is ours; it is never part of an
// evidence state or of a Statement of Applicability.
type Level struct {
	Level   *float64 `json:"level" is:"number required" label:"Level"`
	Name    string   `json:"name" is:"text required" label:"Name"`
	Meaning string   `json:"meaning" is:"text required" label:"Meaning"`
}

// States of a campaign.
const (
	Planned = "planned"
	Running = "running"
	Closed  = "closed"
)

const campaignName = "gap_campaign"

// Campaigns is the register of campaigns.
var Campaigns = register.Declare(register.Definition{
	Name: campaignName, Plural: "gap-campaigns", Prefix: "GAP", Title: "Gap campaign",
	Question: "Which gap analyses are there?",
	Purpose:  "A repeatable look at where the organisation stands against chosen requirements and controls, in chosen units, at a time.",
	Clauses:  []string{"4.4", "9.1", "10.1"}, Retention: "two_cycles", Group: "gap",
	Lifecycle: campaignLife,
}, checkCampaign)

var campaignLife = register.Lifecycle{
	Initial: Planned,
	States: []register.State{
		{Name: Planned, Label: "Planned"},
		{Name: Running, Label: "Running", Freeze: &register.Freeze{Except: []string{"title", "previous", "due_on", "owner", "assessors", "summary", answerName}}},
		{Name: Closed, Label: "Closed", Closed: true, Freeze: &register.Freeze{}},
	},
	Transitions: []register.Transition{
		{Name: "start", Label: "Start", From: []string{Planned}, To: Running, Who: []string{"owner", "isms_manager"}, Sets: freeze, Then: begin},
		{Name: "close", Label: "Close", From: []string{Running}, To: Closed, Who: []string{"owner", "isms_manager"}, Input: []string{"summary"}, Guard: everyQuestionSettled, Renders: true,
			Sets: func(g register.Guarding, next register.Doc) { next["closed_on"] = g.Now.Time().Format(time.DateOnly) }},
	},
}

func checkCampaign(_ register.Reader, now register.Of[Campaign], _ *register.Of[Campaign]) error {
	f := now.Fields
	switch {
	case f.DueOn < f.StartsOn:
		return sextant.Errorf(sextant.Invalid, "a campaign cannot be due before it starts").At("due_on")
	case f.Previous != "" && f.Previous == now.Key:
		return sextant.Errorf(sextant.Invalid, "a campaign is compared with another one").At("previous")
	case len(f.Questions()) == 0:
		return sextant.Errorf(sextant.Invalid, "this selection asks nothing: no control has all of these").At("attributes").
			WithHint("take fewer attributes, or leave clauses, themes and attributes empty to ask everything")
	}
	return nil
}

// freeze keeps the scale and the edition a campaign is asked from.
func freeze(_ register.Guarding, next register.Doc) {
	levels := make([]any, len(Scale))
	for i, l := range Scale {
		levels[i] = map[string]any{"level": float64(i), "name": l.Name, "meaning": l.Meaning}
	}
	next["scale"] = levels
	asked := Campaign{Detail: next.Text("detail"), Clauses: next.Strings("clauses"), Themes: next.Strings("themes"), Attributes: next.Strings("attributes")}
	next["guidance_edition"] = asked.Edition()
}

// everyQuestionSettled guards closing: a question is answered, or says in its
// observation why it was not.
func everyQuestionSettled(g register.Guarding) error {
	open, err := Answers.All(g.Tx, of(g.Entry.Key), register.Filter{Field: "state", Op: register.Is, Values: []string{Open}})
	if err != nil {
		return err
	}
	var left []string
	for _, a := range open {
		if a.Fields.Answer != NotAssessed || a.Fields.Observation == "" {
			left = append(left, a.Key)
		}
	}
	if len(left) == 0 {
		return nil
	}
	return sextant.Errorf(sextant.Conflict, "%d questions are open, the first is %s", len(left), left[0]).
		WithHint("answer them, or write in the observation of each why it was not assessed")
}

func of(campaign string) register.Filter {
	return register.Filter{Field: "campaign", Op: register.Is, Values: []string{campaign}}
}
