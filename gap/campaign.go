// SPDX-License-Identifier: Apache-2.0

// Package gap keeps gap analyses: campaigns that ask of chosen requirements and
// controls, of ISO/IEC 27001, its extensions, own controls and imported
// frameworks, in chosen units, where the organisation stands, and what people
// answered. What the program knows already stands beside a question as a
// proposal with its source; it is no answer until a person takes it for one. An
// answer is somebody's judgement: it changes no evidence state and no line of a
// Statement of Applicability, and no figure here is an average of levels.
package gap

import (
	"time"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

// Campaign is one round of asking.
type Campaign struct {
	Title           string   `json:"title" is:"text required title" label:"Campaign"`
	Frameworks      []string `json:"frameworks" is:"enum" values:"iso27001:2022=ISO/IEC 27001:2022 with Annex A,iso27701:2025=ISO/IEC 27701:2025,iso27017:2015=ISO/IEC 27017:2015,iso27018:2019=ISO/IEC 27018:2019,own=Own controls" default:"iso27001:2022" label:"Frameworks" help:"Of an extension, the rows that are in use: it is switched on at the management system."`
	Libraries       []string `json:"libraries" is:"ref keep" to:"library" label:"Imported libraries" help:"Each requirement of their frameworks is asked about."`
	Chapters        []string `json:"chapters" is:"text" label:"Chapters of libraries" help:"Such as LIB-3/gv; the page of a framework offers them. Empty: all of each."`
	Detail          string   `json:"detail" is:"enum required" values:"clause=One question for each clause,requirement=One question for each requirement of a clause" default:"clause" label:"Depth" help:"Controls are asked about one by one either way."`
	Clauses         []string `json:"clauses" is:"enum" values:"4=4 Context of the organization,5=5 Leadership,6=6 Planning,7=7 Support,8=8 Operation,9=9 Performance evaluation,10=10 Improvement" label:"Clauses" help:"Clauses, themes and attributes choose what is asked of ISO/IEC 27001; where all are left empty, that is everything."`
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

// mostQuestions is how many a campaign may ask in all its units together. The
// largest frameworks there are have some 6,000 nodes, of which half ask something.
const mostQuestions = 6000

func checkCampaign(tx register.Reader, now register.Of[Campaign], before *register.Of[Campaign]) error {
	f := now.Fields
	switch {
	case f.DueOn < f.StartsOn:
		return sextant.Errorf(sextant.Invalid, "a campaign cannot be due before it starts").At("due_on")
	case f.Previous != "" && f.Previous == now.Key:
		return sextant.Errorf(sextant.Invalid, "a campaign is compared with another one").At("previous")
	case len(f.Frameworks)+len(f.Libraries) == 0:
		return sextant.Errorf(sextant.Invalid, "choose a framework or a library to ask about").At("frameworks")
	case now.State != Planned && before != nil:
		return nil // what is asked was laid down when it started
	}
	return f.checkSelection(tx)
}

// checkSelection: each part of a selection asks something, and all together not
// more than people can answer.
func (c Campaign) checkSelection(tx register.Reader) error {
	list, err := c.All(tx)
	if err != nil {
		return err
	}
	asked := map[string]bool{}
	for _, q := range list {
		asked[q.Framework] = true
	}
	for _, id := range c.Frameworks {
		if !asked[id] {
			return c.asksNothing(id)
		}
	}
	for _, key := range c.Libraries {
		if !asked[key] {
			return sextant.Errorf(sextant.Invalid, "%s has no requirement in what was chosen", key).At("libraries").WithHint("choose a library with a framework, and chapters it has")
		}
	}
	if n := len(list) * max(1, len(c.ScopeUnits)); n > mostQuestions {
		return sextant.Errorf(sextant.Invalid, "this selection asks %d questions, in %d units", n, len(c.ScopeUnits)).At("libraries").
			WithHint("a campaign has up to %d: choose chapters of the library, or fewer units", mostQuestions)
	}
	return nil
}

func (c Campaign) asksNothing(id string) error {
	switch id {
	case framework.StandardID:
		return sextant.Errorf(sextant.Invalid, "this selection asks nothing: no control has all of these").At("attributes").
			WithHint("take fewer attributes, or leave clauses, themes and attributes empty to ask everything")
	case framework.OwnStandard:
		return sextant.Errorf(sextant.Invalid, "there are no controls of your own").At("frameworks").WithHint("make one under Own controls first")
	}
	return sextant.Errorf(sextant.Invalid, "no row of %s is in use", FrameworkTitle(id)).At("frameworks").
		WithHint("switch it on at the management system, and name the role it follows at the organisation")
}

// freeze keeps the scale and the edition a campaign is asked from.
func freeze(g register.Guarding, next register.Doc) {
	levels := make([]any, len(Scale))
	for i, l := range Scale {
		levels[i] = map[string]any{"level": float64(i), "name": l.Name, "meaning": l.Meaning}
	}
	next["scale"] = levels
	asked := Campaign{Frameworks: next.Strings("frameworks"), Libraries: next.Strings("libraries"), Chapters: next.Strings("chapters"),
		Detail: next.Text("detail"), Clauses: next.Strings("clauses"), Themes: next.Strings("themes"), Attributes: next.Strings("attributes")}
	next["guidance_edition"] = asked.Edition(g.Tx)
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
