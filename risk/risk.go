// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Risk is one risk to information in scope, event- or asset-based, owned by
// somebody with the authority to act. What was judged of it is in its
// evaluations; what stands here of levels is kept by the program.
type Risk struct {
	Title            string   `json:"title" is:"text required title" label:"Risk" help:"What could happen, in a line."`
	Description      string   `json:"description" is:"markdown" label:"Description" help:"Cause, event, effect."`
	ManagementSystem string   `json:"management_system" is:"ref" to:"management_system" label:"Management system"`
	Approach         string   `json:"approach" is:"enum required" values:"event=Event-based,asset=Asset-based" default:"asset" label:"Approach"`
	Scenarios        []string `json:"scenarios" is:"ref keep" to:"any" label:"Scenarios" help:"From the library, or your own."`
	Assets           []string `json:"assets" is:"ref" to:"asset" label:"Assets"`
	Threats          []string `json:"threats" is:"ref keep" to:"any" label:"Threats"`
	Vulnerabilities  []string `json:"vulnerabilities" is:"ref keep" to:"any" label:"Vulnerabilities"`
	RiskSource       string   `json:"risk_source" is:"text" label:"Risk source" help:"Who or what would bring it about."`
	DesiredEndState  string   `json:"desired_end_state" is:"text" label:"What they want" help:"For an event-based risk: what the source is after."`
	Properties       []string `json:"properties" is:"enum required" values:"confidentiality=Confidentiality,integrity=Integrity,availability=Availability" label:"Touches"`
	Category         string   `json:"category" is:"enum required" values:"cyber=Cyber,people=People,physical=Physical,supplier=Supplier,legal=Legal,privacy=Privacy,continuity=Continuity,fraud=Fraud,project=Project,management_system=Management system,climate=Climate" default:"cyber" label:"Category"`
	ScopeUnits       []string `json:"scope_units" is:"ref required" to:"scope_unit" label:"Units"`
	Owner            string   `json:"owner" is:"person owner" label:"Risk owner" help:"Answers for the risk and signs for it. Not the owner of the asset by default."`
	Treating         []Effect `json:"treating" is:"rows" label:"Controls that treat it" help:"With the whole steps each takes off while it works."`
	Controls         []string `json:"controls" is:"ref derived" to:"control" label:"Controls"`
	Obligations      []string `json:"obligations" is:"ref detach" to:"obligation" label:"Obligations"`
	CommonCauses     []string `json:"common_causes" is:"text" label:"Common causes" help:"What would bring several risks about at once."`
	Origin           string   `json:"origin" is:"enum" values:"typed=Typed,library=Library,suggestion=Suggestion,incident=Incident,audit=Audit,import=Import" default:"typed" label:"Origin"`
	IdentifiedOn     string   `json:"identified_on" is:"date" label:"Identified on"`
	ExternalID       string   `json:"external_id" is:"text" label:"Id elsewhere"`
	Criteria         string   `json:"criteria" is:"ref derived keep" to:"risk_criteria" label:"Measured by"`
	Yardstick        string   `json:"yardstick" is:"enum derived" values:"in_force=Criteria in force,earlier=Earlier criteria" label:"Criteria"`
	InherentLevel    *float64 `json:"inherent_level" is:"scale derived" values:"1..12" label:"Inherent"`
	JudgedLevel      *float64 `json:"judged_level" is:"scale derived" values:"1..12" label:"Judged"`
	Likelihood       *float64 `json:"likelihood" is:"scale derived" values:"1..12" label:"Likelihood, worst"`
	Consequence      *float64 `json:"consequence" is:"scale derived" values:"1..12" label:"Consequence, worst"`
	BestLikelihood   *float64 `json:"best_likelihood" is:"scale derived" values:"1..12" label:"Likelihood, best"`
	BestConsequence  *float64 `json:"best_consequence" is:"scale derived" values:"1..12" label:"Consequence, best"`
	BestLevel        *float64 `json:"best_level" is:"scale derived" values:"1..12" label:"Current, best"`
	CurrentLevel     *float64 `json:"current_level" is:"scale derived score" values:"1..12" label:"Current" help:"The worst it may be, as far as the evidence shows."`
	Because          string   `json:"because" is:"text derived" label:"Because"`
	TargetLevel      *float64 `json:"target_level" is:"scale derived" values:"1..12" label:"Target"`
	AcceptedLevel    *float64 `json:"accepted_level" is:"scale derived" values:"1..12" label:"Residual accepted"`
	Acceptance       string   `json:"acceptance" is:"enum derived" values:"none=Not signed,requested=Asked for,accepted=In force,broken=Broken,lapsed=Lapsed" label:"Acceptance"`
	Appetite         string   `json:"appetite" is:"enum derived" values:"within=Within,may_be_above=May be above,above=Above,not_evaluated=Not evaluated" label:"Appetite"`
	Options          []string `json:"options" is:"enum derived" values:"modify=Modify,retain=Retain,avoid=Avoid,share=Share" label:"Treatment"`
	ExpectedLoss     string   `json:"expected_loss" is:"money derived" label:"Expected loss a year"`
	EvaluatedOn      string   `json:"evaluated_on" is:"date derived" label:"Judged on"`
	ReviewOn         string   `json:"review_on" is:"date derived due" label:"Look at it again"`
}

// Effect is what a control takes off a risk while it works: whole steps of the
// scales, declared by people. 0 is "no step", not known is "not declared".
type Effect struct {
	Control           string   `json:"control" is:"ref required" to:"control" label:"Control"`
	LowersLikelihood  *float64 `json:"lowers_likelihood" is:"scale" values:"0..11" label:"Lowers likelihood by"`
	LowersConsequence *float64 `json:"lowers_consequence" is:"scale" values:"0..11" label:"Lowers consequence by"`
	Why               string   `json:"why" is:"text" label:"Why"`
}

// States of a risk. The program moves it among those that are open by what is
// recorded; people close and reject.
const (
	Identified = "identified" // never judged
	NoLevel    = "no_level"   // judged, but not in levels of the criteria in force
	Evaluated  = "evaluated"  // is or may be above appetite
	Acceptable = "acceptable" // within appetite; its owner has still to accept it (6.1.3 f)
	Treating   = "treating"
	Monitored  = "monitored" // accepted by its owner
	Closed     = "closed"
	Rejected   = "rejected"
)

// OpenStates are those of a risk that is not over.
func OpenStates() []string { return slices.Clone(openStates) }

var (
	openStates = []string{Identified, NoLevel, Evaluated, Acceptable, Treating, Monitored}
	isOpen     = inState(openStates...)
)

const riskName = "risk"

var system = []string{string(access.System)}

// Risks is the register of risks.
var Risks = register.Declare(register.Definition{
	Name: riskName, Plural: "risks", Prefix: "RSK", Title: "Risk",
	Question: "Which risks are above our appetite?",
	Purpose:  "What could happen to information in scope, who answers for it, how high it is, and what is done about it.",
	Clauses:  []string{"6.1.2", "6.1.3", "8.2"}, Retention: "two_cycles", Group: "risks", OpenTo: []access.Role{access.Owner},
	Lists: []register.Shape{
		{Filter: []string{"state"}, Order: "current_level"},
		{Filter: []string{"appetite"}, Order: "current_level"},
		{Filter: []string{"category"}, Order: "current_level"},
		{Filter: []string{"state"}, Order: "title"},
	},
	Derive:  deriveRisk,
	Follows: followsRisk,
	Lifecycle: register.Lifecycle{
		Initial: Identified,
		States: []register.State{{Name: Identified, Label: "To be evaluated"}, {Name: NoLevel, Label: "No level by the criteria in force"}, {Name: Evaluated, Label: "To be treated"},
			{Name: Acceptable, Label: "Within appetite, to be accepted"}, {Name: Treating, Label: "Treatment running"}, {Name: Monitored, Label: "Monitored"}, {Name: Closed, Label: "Closed", Closed: true, Freeze: &register.Freeze{}}, {Name: Rejected, Label: "Rejected", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			moved(Identified, "To be evaluated"), moved(NoLevel, "No level by the criteria in force"), moved(Evaluated, "To be treated"),
			moved(Acceptable, "Within appetite, to be accepted"), moved(Treating, "Treatment running"), moved(Monitored, "Monitored"),
			{Name: "close", Label: "Close", From: openStates[1:], To: Closed, Who: []string{"owner"}, NeedsReason: true},
			{Name: "reject", Label: "Reject", From: []string{Identified}, To: Rejected, Who: []string{"isms_manager"}, NeedsReason: true},
			{Name: "reopen", Label: "Open again", From: []string{Closed, Rejected}, To: Identified, Who: []string{"isms_manager", "owner"}, NeedsReason: true},
		},
	},
}, checkRisk)

// moved is the program's move of an open risk to a state, named like it.
func moved(to, label string) register.Transition {
	from := slices.DeleteFunc(OpenStates(), func(state string) bool { return state == to })
	return register.Transition{Name: to, Label: label, From: from, To: to, Who: system}
}

// deriveRisk fills the only management system there is, the day, and the list of
// controls the rows name, which links are made of.
func deriveRisk(tx register.Reader, doc register.Doc) error {
	if doc.Text("management_system") == "" {
		system, err := onlySystem(tx)
		if err != nil {
			return err
		}
		if system != "" {
			doc["management_system"] = system
		}
	}
	if doc.Text("identified_on") == "" {
		doc["identified_on"] = today(tx.Now())
	}
	for _, kept := range [][2]string{{"acceptance", "none"}, {"appetite", "not_evaluated"}} {
		if doc.Text(kept[0]) == "" {
			doc[kept[0]] = kept[1]
		}
	}
	controls := controlsOf(doc["treating"])
	if len(controls) == 0 {
		delete(doc, "controls")
		return nil
	}
	doc["controls"] = controls
	return nil
}

// onlySystem is the management system where there is only one, "" otherwise.
func onlySystem(tx register.Reader) (string, error) {
	const name = "management_system"
	return register.KeptWhile(tx, "risk.system", func(written string) bool { return written == name }, func() (string, error) {
		systems, err := tx.Select(name, inState("active"))
		if err != nil || len(systems) != 1 {
			return "", err
		}
		return systems[0].Key, nil
	})
}

func controlsOf(rows any) (list []any) {
	all, _ := rows.([]any)
	for _, row := range all {
		effect, _ := row.(map[string]any)
		if control, _ := effect["control"].(string); control != "" && !slices.Contains(list, any(control)) {
			list = append(list, control)
		}
	}
	return list
}

// checkRisk: an asset-based risk names an asset, an event-based one a source
// (risk.r2), and each control treats it once.
func checkRisk(tx register.Reader, now register.Of[Risk], _ *register.Of[Risk]) error {
	f := now.Fields
	switch {
	case f.ManagementSystem == "":
		return sextant.Errorf(sextant.Invalid, "say which management system the risk belongs to").At("management_system")
	case f.Approach == "asset" && len(f.Assets) == 0:
		return sextant.Errorf(sextant.Invalid, "an asset-based risk names at least one asset").At("assets").WithHint("name the asset, or choose the event-based approach")
	case f.Approach == "event" && f.RiskSource == "" && len(f.Scenarios) == 0:
		return sextant.Errorf(sextant.Invalid, "an event-based risk names its source, or a scenario that does").At("risk_source")
	}
	seen := map[string]bool{}
	for i, e := range f.Treating {
		if seen[e.Control] {
			return rowError("treating", i, "%s is there twice", e.Control)
		}
		seen[e.Control] = true
	}
	for _, kind := range []struct {
		field, register, content string
		refs                     []string
	}{{"scenarios", scenarioName, "scenario/", f.Scenarios}, {"threats", threatName, "threat/", f.Threats}, {"vulnerabilities", vulnerabilityName, "vulnerability/", f.Vulnerabilities}} {
		if err := areKind(tx, kind.field, kind.register, kind.content, kind.refs); err != nil {
			return err
		}
	}
	return nil
}

// isKind holds a reference to either the library or the organisation's own
// register of the same thing.
func isKind(tx register.Reader, field, own, content, ref string) error {
	if strings.HasPrefix(ref, content) {
		return nil
	}
	if _, err := tx.Lookup(own, ref); err != nil {
		return sextant.Errorf(sextant.Invalid, "%s is none of these", ref).At(field).WithHint("choose one of the library, such as %s…, or one of your own", content)
	}
	return nil
}

func followsRisk(tx *register.Tx, written register.Entry) error {
	if written.Deleted {
		return nil
	}
	if err := handOver(tx, written); err != nil {
		return err
	}
	return refresh(tx, "follows from the change", written.Key)
}

func today(now sextant.Instant) string { return now.Time().Format("2006-01-02") }
