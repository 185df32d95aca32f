// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"sextant"
	"sextant/access"
	"sextant/register"
)

// The organisation's own entries beside the library of package scenario: typed,
// or imported from catalogues of others, whose licence stays with each entry.

// Threat is something that may cause harm.
type Threat struct {
	Title       string   `json:"title" is:"text required unique title" label:"Threat"`
	Category    string   `json:"category" is:"enum required" values:"physical=Physical,natural=Natural,infrastructure=Infrastructure,technical=Technical,human=Human,compromise=Compromise of functions,organisational=Organisational" default:"human" label:"Category"`
	Properties  []string `json:"properties" is:"enum required" values:"confidentiality=Confidentiality,integrity=Integrity,availability=Availability" label:"Touches"`
	Origins     []string `json:"origins" is:"enum" values:"deliberate=Deliberate,accidental=Accidental,environmental=Environmental" label:"Origin"`
	Description string   `json:"description" is:"markdown" label:"Description"`
	Provenance
}

// Vulnerability is a kind of weakness a threat can use (ISO/IEC 27005). What is
// found on one machine is not this.
type Vulnerability struct {
	Title       string   `json:"title" is:"text required unique title" label:"Vulnerability"`
	Category    string   `json:"category" is:"enum required" values:"hardware=Hardware,software=Software,network=Network,personnel=Personnel,site=Site,organisation=Organisation" default:"software" label:"Category"`
	AssetTypes  []string `json:"asset_types" is:"text" label:"Kinds of asset"`
	Threats     []string `json:"threats" is:"ref keep" to:"any" label:"Used by"`
	Controls    []string `json:"controls" is:"ref" to:"control" label:"Usually answered by"`
	Description string   `json:"description" is:"markdown" label:"Description"`
	Provenance
}

// Scenario is a story of how harm comes about. A strategic one (source, aim,
// parties) may be detailed by operational ones (asset, threat, vulnerability,
// steps).
type Scenario struct {
	Title             string   `json:"title" is:"text required title" label:"Scenario"`
	Approach          string   `json:"approach" is:"enum required" values:"event=Event-based,asset=Asset-based" default:"asset" label:"Approach"`
	Category          string   `json:"category" is:"enum" values:"cyber=Cyber,people=People,physical=Physical,supplier=Supplier,legal=Legal,privacy=Privacy,continuity=Continuity,fraud=Fraud,project=Project,management_system=Management system,climate=Climate" default:"cyber" label:"Category" help:"Of the risks that are made of it."`
	Level             string   `json:"level" is:"enum" values:"strategic=Strategic,operational=Operational" default:"operational" label:"Level"`
	RiskSource        string   `json:"risk_source" is:"text" label:"Risk source"`
	DesiredEndState   string   `json:"desired_end_state" is:"text" label:"What they want"`
	Parties           string   `json:"parties" is:"text" label:"Parties on the way" help:"Suppliers, customers, people the path leads through."`
	Event             string   `json:"event" is:"markdown" label:"What happens"`
	Consequence       string   `json:"consequence" is:"markdown" label:"What follows"`
	Steps             []string `json:"steps" is:"text" label:"Steps"`
	Threats           []string `json:"threats" is:"ref keep" to:"any" label:"Threats"`
	Vulnerabilities   []string `json:"vulnerabilities" is:"ref keep" to:"any" label:"Vulnerabilities"`
	AssetTypes        []string `json:"asset_types" is:"text" label:"Kinds of asset"`
	ConsequenceTypes  []string `json:"consequence_types" is:"enum" values:"confidentiality=Confidentiality,integrity=Integrity,availability=Availability,legal=Legal,financial=Financial,reputation=Reputation,safety=Safety,privacy=Privacy,operations=Operations,environment=Environment" label:"Types of consequence"`
	SuggestedControls []string `json:"suggested_controls" is:"ref" to:"control" label:"Controls to consider"`
	Parent            string   `json:"parent" is:"ref keep" to:"any" label:"Details" help:"The strategic scenario this one details."`
	Owner             string   `json:"owner" is:"person owner" label:"Owner"`
	Provenance
}

// Provenance is where an entry came from, where it was not written here.
type Provenance struct {
	Catalogue  string `json:"catalogue" is:"text" label:"Catalogue"`
	ExternalID string `json:"external_id" is:"text" label:"Id there"`
	Language   string `json:"language" is:"text" label:"Language"`
	Licence    string `json:"licence" is:"text" label:"Licence"`
}

const (
	threatName        = "threat"
	vulnerabilityName = "vulnerability"
	scenarioName      = "risk_scenario"
)

// Threats is the register of own and imported threats.
var Threats = register.Declare[Threat](register.Definition{
	Name: threatName, Plural: "threats", Prefix: "THR", Title: "Threat", Question: "What may cause harm, beside what the library knows?",
	Purpose: "Threats of your own and of imported catalogues.", Clauses: []string{"6.1.2 c)"}, Retention: register.Permanent, Group: "risks",
	OpenTo: []access.Role{access.Owner}, Lifecycle: register.Living(nil),
}, nil)

// Vulnerabilities is the register of own and imported kinds of weakness.
var Vulnerabilities = register.Declare(register.Definition{
	Name: vulnerabilityName, Plural: "vulnerabilities", Prefix: "VUL", Title: "Vulnerability", Titles: "Vulnerabilities", Question: "Which kinds of weakness do we have, beside what the library knows?",
	Purpose: "Kinds of weakness of your own and of imported catalogues.", Clauses: []string{"6.1.2 c)"}, Retention: register.Permanent, Group: "risks",
	OpenTo: []access.Role{access.Owner}, Lifecycle: register.Living(nil),
}, func(tx register.Reader, now register.Of[Vulnerability], _ *register.Of[Vulnerability]) error {
	return areKind(tx, "threats", threatName, "threat/", now.Fields.Threats)
})

// Scenarios is the register of own and imported scenarios.
var Scenarios = register.Declare(register.Definition{
	Name: scenarioName, Plural: "risk-scenarios", Prefix: "SCN", Title: "Risk scenario", Question: "How could harm come about, beside what the library knows?",
	Purpose: "Stories of your own and of imported catalogues: what happens, how, and what follows.", Clauses: []string{"6.1.2 c)"}, Retention: register.Permanent, Group: "risks",
	OpenTo: []access.Role{access.Owner}, Lifecycle: register.Living(nil, "owner", "isms_manager"),
}, func(tx register.Reader, now register.Of[Scenario], _ *register.Of[Scenario]) error {
	f := now.Fields
	switch {
	case f.Approach == "event" && (f.RiskSource == "" || f.DesiredEndState == ""):
		return sextant.Errorf(sextant.Invalid, "an event-based scenario names its source and what they want").At("risk_source")
	case f.Approach == "asset" && len(f.Threats) == 0:
		return sextant.Errorf(sextant.Invalid, "an asset-based scenario names a threat").At("threats")
	case f.Parent != "" && f.Level == "strategic":
		return sextant.Errorf(sextant.Invalid, "an operational scenario details a strategic one, not the other way round").At("parent")
	}
	for _, kind := range []struct {
		field, register, content string
		refs                     []string
	}{{"threats", threatName, "threat/", f.Threats}, {"vulnerabilities", vulnerabilityName, "vulnerability/", f.Vulnerabilities}, {"parent", scenarioName, "scenario/", nonEmpty(f.Parent)}} {
		if err := areKind(tx, kind.field, kind.register, kind.content, kind.refs); err != nil {
			return err
		}
	}
	return nil
})

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func areKind(tx register.Reader, field, own, content string, refs []string) error {
	for _, ref := range refs {
		if err := isKind(tx, field, own, content, ref); err != nil {
			return err
		}
	}
	return nil
}
