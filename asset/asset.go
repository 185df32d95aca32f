// SPDX-License-Identifier: Apache-2.0

// Package asset declares what has to be protected: information, and what
// carries, processes or supports it (A.5.9), what stands on what, and how much
// confidentiality, integrity and availability each matters. An asset inherits
// the value of what stands on it. It knows no risk.
package asset

import (
	"sextant"
	"sextant/register"
)

// Asset is information or something that supports it, with an owner.
type Asset struct {
	Title       string   `json:"title" is:"text required title" label:"Name" help:"What people here call it."`
	Kind        string   `json:"kind" is:"enum required" values:"primary=Primary,supporting=Supporting" default:"supporting" label:"Kind" help:"Primary: what matters (information, process). Supporting: what it stands on."`
	Type        string   `json:"type" is:"enum required" values:"process=Process,information=Information,service=Service,application=Application,database=Database,cloud_account=Cloud account,server=Server,device=Device,network=Network,repository=Repository,site=Site,person_group=Group of people,supplier_service=Supplier's service,media=Media,document_set=Set of documents,key_material=Key material,other=Other" default:"application" label:"Type"`
	Identifiers []string `json:"identifiers" is:"text unique" label:"Identifiers" help:"As outside systems know it: ARN, URL, serial number."`
	Owner       string   `json:"owner" is:"person owner" label:"Owner"`
	Custodian   string   `json:"custodian" is:"person names" label:"Custodian" help:"Who runs it day to day, if not the owner."`
	ScopeUnits  []string `json:"scope_units" is:"ref required" to:"scope_unit" label:"Units"`
	Value
	HoldsPII         bool   `json:"holds_pii" is:"bool required" default:"false" label:"Holds personal data"`
	Environment      string `json:"environment" is:"enum" values:"production=Production,staging=Staging,test=Test,development=Development,office=Office,none=None" default:"none" label:"Environment"`
	IsInternetFacing bool   `json:"is_internet_facing" is:"bool" default:"false" label:"Reachable from the internet"`
	RTO              string `json:"rto" is:"duration" label:"Recovery time objective"`
	RPO              string `json:"rpo" is:"duration" label:"Recovery point objective"`
	MTPD             string `json:"mtpd" is:"duration" label:"Longest tolerable disruption"`
	Notes            string `json:"notes" is:"markdown" label:"Notes"`
	AcquiredOn       string `json:"acquired_on" is:"date" label:"Acquired on"`
	DisposedOn       string `json:"disposed_on" is:"date" label:"Disposed on"`
	Origin           string `json:"origin" is:"enum" values:"typed=Typed,discovered=Discovered,import=Import" default:"typed" label:"Origin"`
	ReviewOn         string `json:"review_on" is:"date due" label:"Review on"`
}

const assetName = "asset"

// Assets is the register of assets.
var Assets = register.Declare(register.Definition{
	Name: assetName, Plural: "assets", Prefix: "AST", Title: "Asset",
	Question: "What do we have to protect?",
	Purpose:  "Information, and what carries, processes or supports it. Start with the ten that would hurt most.",
	Clauses:  []string{"4.3", "6.1.2 c)", "8.1"}, Retention: "cycle", Group: "programme",
	Lists: []register.Shape{
		{Filter: []string{"state", "owner"}, Order: "review_on"},
		{Filter: []string{"state"}, Order: "title"},
		{Order: "review_on"},
		{Filter: []string{"state"}, Order: "effective_confidentiality"},
		{Filter: []string{"state"}, Order: "effective_integrity"},
		{Filter: []string{"state"}, Order: "effective_availability"},
	},
	Lifecycle: lifecycle, Derive: deriveValue, Settle: settle,
}, check)

var lifecycle = register.Lifecycle{
	Initial: "proposed",
	States: []register.State{
		{Name: "proposed", Label: "Proposed"}, {Name: "active", Label: "Active"}, {Name: "ignored", Label: "Ignored", Closed: true},
		{Name: "disposed", Label: "Disposed", Closed: true, Freeze: &register.Freeze{}},
	},
	Transitions: []register.Transition{
		{Name: "activate", Label: "Take into the register", From: []string{"proposed"}, To: "active", Who: []string{"owner", "isms_manager"}, Needs: []string{"owner"}, Input: []string{"owner"}},
		{Name: "ignore", Label: "Ignore", From: []string{"proposed"}, To: "ignored", Who: []string{"isms_manager"}, NeedsReason: true},
		{Name: "propose", Label: "Look at it again", From: []string{"ignored"}, To: "proposed", Who: []string{"isms_manager"}, NeedsReason: true},
		{Name: "dispose", Label: "Dispose of", From: []string{"active"}, To: "disposed", Who: []string{"owner", "isms_manager"}, Needs: []string{"disposed_on"}, Input: []string{"disposed_on"}},
		{Name: "reactivate", Label: "Back in use", From: []string{"disposed"}, To: "active", Who: []string{"isms_manager"}, NeedsReason: true},
	},
}

// check: an asset without owner cannot be active (asset.r1).
func check(_ register.Reader, now register.Of[Asset], _ *register.Of[Asset]) error {
	f := now.Fields
	if now.State == "active" && f.Owner == "" {
		return sextant.Errorf(sextant.Invalid, "an active asset needs an owner").At("owner")
	}
	if f.AcquiredOn != "" && f.DisposedOn != "" && f.DisposedOn < f.AcquiredOn {
		return sextant.Errorf(sextant.Invalid, "disposed of before it was acquired").At("disposed_on")
	}
	return f.Value.check()
}
