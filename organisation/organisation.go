// SPDX-License-Identifier: Apache-2.0

// Package organisation declares who and what the management system is about:
// the organisation itself, its management systems, the units things are
// answered for, and its people. It knows no control and no evidence.
package organisation

import (
	"slices"
	"time"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

// Organisation is the entity whose management system this is: the name a
// certificate carries (4.1, 4.3, 4.4, 5.1). There is one entry.
type Organisation struct {
	LegalName                string   `json:"legal_name" is:"text required title" label:"Legal name" help:"Exactly as it should stand on the certificate and in the scope statement."`
	OtherNames               []string `json:"other_names" is:"text" label:"Other names" help:"Trading names and abbreviations people use."`
	RegistrationNumber       string   `json:"registration_number" is:"text" label:"Registration number"`
	Country                  string   `json:"country" is:"text" label:"Country" help:"ISO 3166-1 alpha-2, such as NL."`
	TimeZone                 string   `json:"time_zone" is:"text required" default:"UTC" label:"Time zone" help:"IANA name; due dates and business days are computed in it."`
	BusinessDays             []string `json:"business_days" is:"enum" values:"mon=Monday,tue=Tuesday,wed=Wednesday,thu=Thursday,fri=Friday,sat=Saturday,sun=Sunday" default:"mon,tue,wed,thu,fri" label:"Business days"`
	Holidays                 []string `json:"holidays" is:"date" label:"Holidays"`
	Headcount                *float64 `json:"headcount" is:"number" label:"Headcount in scope" help:"People working under the organisation's control; a certification body computes audit days from it."`
	Purpose                  string   `json:"purpose" is:"markdown" label:"What it exists for" help:"Input to 4.1 and to the policy."`
	TopManagement            []string `json:"top_management" is:"person keep" label:"Top management" help:"Those who direct and control at the highest level. They approve and accept."`
	ISMSManager              string   `json:"isms_manager" is:"person owner keep" label:"ISMS manager"`
	ISMSLiveOn               string   `json:"isms_live_on" is:"date" label:"ISMS in operation since" help:"Stage 2 needs records made after this day."`
	CloudRole                string   `json:"cloud_role" is:"enum" values:"none=None,customer=Customer,provider=Provider,both=Both" default:"none" label:"Cloud role" help:"Decides which ISO/IEC 27017 rows apply."`
	PIIRole                  string   `json:"pii_role" is:"enum" values:"none=None,controller=Controller,processor=Processor,both=Both" default:"none" label:"Role for personal data" help:"Decides which 27701 and 27018 rows apply."`
	RiskReviewInterval       string   `json:"risk_review_interval" is:"duration" default:"P12M" label:"Risk review every"`
	ManagementReviewInterval string   `json:"management_review_interval" is:"duration" default:"P12M" label:"Management review every"`
	AuditCycle               string   `json:"audit_cycle" is:"duration" default:"P36M" label:"Audit cycle" help:"Within it every clause and applicable control is audited at least once."`
	KeepTwoCycles            string   `json:"keep_two_cycles" is:"duration" default:"P6Y" label:"Keep decisions and their evidence" help:"After closing. At least six years: the current certification cycle and the one before."`
	KeepCycle                string   `json:"keep_cycle" is:"duration" default:"P3Y" label:"Keep operational records" help:"After closing. At least three years, and until the next recertification has closed."`
	KeepContract             string   `json:"keep_contract" is:"duration" label:"Keep contracts" help:"After their end: the limitation period that applies to you. Empty keeps them."`
	KeepEmployment           string   `json:"keep_employment" is:"duration" default:"P24M" label:"Keep personal data of people who left" help:"After they left. Then personal fields are erased; key and kind stay, so that what they signed keeps its subject."`
	KeepShort                string   `json:"keep_short" is:"duration" default:"P90D" label:"Keep short-lived personal data" help:"After closing. Then personal fields are erased."`
}

// Organisations is the register with the one entry of the organisation.
var Organisations = register.Declare(register.Definition{
	Name: "organisation", Plural: "organisation", Prefix: "ORG", Title: "Organisation", Titles: "Organisation",
	Question: "Who are we?",
	Purpose:  "The entity whose management system this is.", Clauses: []string{"4.1", "4.3", "4.4", "5.1"},
	Singleton: true, Retention: "permanent", Group: "settings",
	Lifecycle: register.Lifecycle{Initial: "active", States: []register.State{{Name: "active", Label: "Active"}}},
}, func(_ register.Reader, now register.Of[Organisation], _ *register.Of[Organisation]) error {
	if err := checkKeeping(now.Fields); err != nil {
		return err
	}
	return CheckZone(now.Fields.TimeZone)
})

// TopManagement resolves the function of that name to persons (5.1).
func TopManagement(tx register.Reader) ([]string, error) {
	all, err := Organisations.All(tx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0].Fields.TopManagement, nil
}

// Zone is the time zone of the organisation at the moment of a view: that of its
// papers, and of pages where somebody chose none. UTC, which is right everywhere,
// where the organisation has not said so or it cannot be read.
func Zone(tx register.Reader) *time.Location {
	all, err := Organisations.All(tx)
	if err != nil || len(all) == 0 {
		return time.UTC
	}
	zone, err := time.LoadLocation(all[0].Fields.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Roles gives what the organisation is to cloud services and to personal data;
// none before it has said so.
func Roles(tx register.Reader) (roles []framework.Role, err error) {
	all, err := Organisations.All(tx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	for _, said := range []struct {
		value string
		both  []framework.Role
	}{
		{all[0].Fields.CloudRole, []framework.Role{framework.Customer, framework.Provider}},
		{all[0].Fields.PIIRole, []framework.Role{framework.Controller, framework.Processor}},
	} {
		for _, role := range said.both {
			if said.value == string(role) || said.value == "both" {
				roles = append(roles, role)
			}
		}
	}
	return roles, nil
}

// ManagementSystem is one management system: a standard with its scope, and
// what its Statement of Applicability, risk assessments and audits belong to.
type ManagementSystem struct {
	Title         string   `json:"title" is:"text required unique title" label:"Name"`
	Standard      string   `json:"standard" is:"enum required" values:"iso27001:2022=ISO/IEC 27001:2022,iso27701:2025=ISO/IEC 27701:2025" default:"iso27001:2022" label:"Standard"`
	Extensions    []string `json:"extensions" is:"enum" values:"iso27701:2025=ISO/IEC 27701:2025 (personal data),iso27017:2015=ISO/IEC 27017:2015 (cloud services),iso27018:2019=ISO/IEC 27018:2019 (personal data in public clouds)" label:"Extensions" help:"Each adds its rows to the Statement of Applicability, as far as they ask something of your roles. Set the roles in the entry of the organisation."`
	Scope         string   `json:"scope" is:"markdown required" label:"Scope statement" help:"One paragraph that could stand on a certificate: activities, places, systems (4.3)."`
	Boundaries    string   `json:"boundaries" is:"markdown" label:"Boundaries" help:"What is outside, and why."`
	Interfaces    string   `json:"interfaces" is:"markdown" label:"Interfaces" help:"What others do inside or for the scope, and who answers for its security."`
	UnitsIn       []string `json:"units_in" is:"ref" to:"scope_unit" label:"Units inside"`
	UnitsOut      []string `json:"units_out" is:"ref" to:"scope_unit" label:"Units outside"`
	Owner         string   `json:"owner" is:"person owner" label:"Owner"`
	Certification string   `json:"certification" is:"enum" values:"not_intended=Not intended,intended=Intended,certified=Certified" default:"intended" label:"Certification"`
	ReviewOn      string   `json:"review_on" is:"date due" label:"Review on"`
}

// ManagementSystems is the register of management systems.
var ManagementSystems = register.Declare(register.Definition{
	Name: "management_system", Plural: "management-systems", Prefix: "MS", Title: "Management system",
	Question: "Which management systems do we run?",
	Purpose:  "A standard, what it covers here, and where its limits are.", Clauses: []string{"4.3", "4.4"},
	Retention: "permanent", Group: "settings",
	Lists:     []register.Shape{{Filter: []string{"state"}, Order: "title"}},
	Lifecycle: register.Living(nil),
}, func(_ register.Reader, now register.Of[ManagementSystem], _ *register.Of[ManagementSystem]) error {
	if slices.Contains(now.Fields.Extensions, now.Fields.Standard) {
		return sextant.Errorf(sextant.Invalid, "%s is the standard itself and adds nothing to it", now.Fields.Standard).At("extensions").WithHint("take it out of the extensions")
	}
	for _, in := range now.Fields.UnitsIn {
		for _, out := range now.Fields.UnitsOut {
			if in == out {
				return sextant.Errorf(sextant.Invalid, "%s cannot be inside and outside at once", in).At("units_out")
			}
		}
	}
	return nil
})
