// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"crypto/rand"

	"sextant"
	"sextant/register"
)

// Source is a configured connector to one outside system. Its credentials are
// write-only.
type Source struct {
	Title           string   `json:"title" is:"text required unique title" label:"Name"`
	Connector       string   `json:"connector" is:"enum required" values:"aws=Amazon Web Services" default:"aws" label:"Connector"`
	Account         string   `json:"account" is:"text" label:"Account" help:"The account it is expected to answer for; a different answer is an error."`
	AccessKeyID     string   `json:"access_key_id" is:"text" label:"Access key id"`
	SecretAccessKey any      `json:"secret_access_key" is:"secret" label:"Secret access key"`
	RoleARN         string   `json:"role_arn" is:"text" label:"Role to assume" help:"Read-only role in the account; the trust policy must ask for the external id."`
	ExternalID      string   `json:"external_id" is:"text derived" label:"External id" help:"Made by Sextant for this organisation."`
	Profile         string   `json:"profile" is:"text" label:"Profile" help:"Only where the operator of this installation allows it."`
	Regions         []string `json:"regions" is:"text" label:"Regions" help:"Empty: all that are enabled."`
	Endpoint        string   `json:"endpoint" is:"text" label:"Endpoint" help:"Only where the operator of this installation allows it."`
	ScopeUnits      []string `json:"scope_units" is:"ref" to:"scope_unit" label:"Units"`
	Schedule        string   `json:"schedule" is:"duration required" default:"PT1H" label:"Collect every"`
	Owner           string   `json:"owner" is:"person owner" label:"Owner"`
	ApprovedBy      string   `json:"approved_by" is:"person keep" label:"Approved by" help:"Owner of the outside system."`
}

// Sources is the register of sources.
var Sources = register.Declare(register.Definition{
	Name: "source", Plural: "sources", Prefix: "SRC", Title: "Source",
	Question: "Do we hear from every system?",
	Purpose:  "Outside systems evidence is collected from.", Clauses: []string{"9.1", "8.1"}, Retention: "cycle", Group: "monitoring",
	Lists:  []register.Shape{{Filter: []string{"state"}, Order: "title"}},
	Derive: giveExternalID,
	Lifecycle: register.Lifecycle{
		Initial: "draft",
		States: []register.State{{Name: "draft", Label: "Draft"}, {Name: "connected", Label: "Connected"}, {Name: "failing", Label: "Failing"},
			{Name: "paused", Label: "Paused"}, {Name: "removed", Label: "Removed", Closed: true}},
		Transitions: []register.Transition{
			{Name: "connect", Label: "Connected", From: []string{"draft", "failing"}, To: "connected", Who: []string{"system"}},
			{Name: "fail", Label: "Failing", From: []string{"draft", "connected"}, To: "failing", Who: []string{"system"}, NeedsReason: true},
			{Name: "pause", Label: "Pause", From: []string{"connected", "failing"}, To: "paused", Who: []string{"owner", "isms_manager"}, NeedsReason: true},
			{Name: "resume", Label: "Resume", From: []string{"paused"}, To: "connected", Who: []string{"owner", "isms_manager"}},
			{Name: "remove", Label: "Remove", From: []string{"draft", "connected", "failing", "paused"}, To: "removed", Who: []string{"isms_manager"}, NeedsReason: true},
		},
	},
}, checkSource)

// giveExternalID makes the id a role's trust policy asks for: ours, once, so that
// nobody can lend our access to another organisation's role.
func giveExternalID(_ register.Reader, doc register.Doc) error {
	if doc.Text("external_id") == "" {
		doc["external_id"] = "sextant-" + rand.Text()
	}
	return nil
}

func checkSource(_ register.Reader, now register.Of[Source], _ *register.Of[Source]) error {
	f := now.Fields
	if f.AccessKeyID != "" && f.Profile != "" {
		return sextant.Errorf(sextant.Invalid, "sign in with a key or with a profile, not both").At("profile")
	}
	return nil
}

// ExpectedSource is an account or system that ought to be connected, so that
// what is missing is visible.
type ExpectedSource struct {
	Title        string   `json:"title" is:"text required title" label:"Name"`
	Connector    string   `json:"connector" is:"enum required" values:"aws=Amazon Web Services" default:"aws" label:"Connector"`
	Identifier   string   `json:"identifier" is:"text required unique" label:"Identifier" help:"Account id, tenant or domain."`
	FoundBy      string   `json:"found_by" is:"enum required" values:"typed=Typed,organisation_api=Organisation's own list,import=Import" default:"typed" label:"Found by"`
	Asset        string   `json:"asset" is:"ref detach" to:"asset" label:"Asset"`
	ScopeUnits   []string `json:"scope_units" is:"ref" to:"scope_unit" label:"Units"`
	Source       string   `json:"source" is:"ref detach" to:"source" label:"Source"`
	WaiverReason string   `json:"waiver_reason" is:"text" label:"Why it is left out"`
	WaivedBy     string   `json:"waived_by" is:"person keep" label:"Left out by"`
	WaivedUntil  string   `json:"waived_until" is:"date due" label:"Left out until"`
}

// ExpectedSources is the register of systems that ought to be connected.
var ExpectedSources = register.Declare[ExpectedSource](register.Definition{
	Name: "expected_source", Plural: "expected-sources", Prefix: "XS", Title: "Expected source",
	Question: "Which systems ought to be connected?",
	Purpose:  "Accounts and systems that ought to be connected. What is missing lowers coverage.", Clauses: []string{"4.3", "9.1"}, Retention: "cycle", Group: "monitoring",
	Lifecycle: register.Lifecycle{
		Initial: "missing",
		States:  []register.State{{Name: "missing", Label: "Missing"}, {Name: "connected", Label: "Connected"}, {Name: "waived", Label: "Left out"}, {Name: "gone", Label: "Gone", Closed: true}},
		Transitions: []register.Transition{
			{Name: "connect", Label: "Connected", From: []string{"missing", "waived"}, To: "connected", Who: []string{"system"}},
			{Name: "lose", Label: "Missing", From: []string{"connected", "waived"}, To: "missing", Who: []string{"system"}, NeedsReason: true},
			{Name: "waive", Label: "Leave out", From: []string{"missing"}, To: "waived", Who: []string{"isms_manager"}, Needs: []string{"waiver_reason", "waived_until"}, Input: []string{"waiver_reason", "waived_until", "waived_by"}},
			{Name: "gone", Label: "No longer exists", From: []string{"missing"}, To: "gone", Who: []string{"isms_manager"}, NeedsReason: true},
		},
	},
}, nil)
