// SPDX-License-Identifier: Apache-2.0

// Package soa keeps the decisions of a Statement of Applicability: for each
// control of a management system whether it applies, for which reasons, and why
// (6.1.3 d). What is implemented and what the evidence shows stand beside it;
// they never change a decision.
package soa

import (
	"strings"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

// Row is the decision on one control in one management system.
type Row struct {
	Title            string   `json:"title" is:"text derived title" label:"Row"`
	ManagementSystem string   `json:"management_system" is:"ref required" to:"management_system" label:"Management system"`
	Control          string   `json:"control" is:"ref required" to:"control" label:"Control"`
	Applicability    string   `json:"applicability" is:"enum required" values:"undecided=Undecided,applicable=Applicable,not_applicable=Not applicable" default:"undecided" label:"Applicability"`
	Reasons          []string `json:"reasons" is:"enum" values:"risk_assessment=Risk assessment,legal=Legal,contractual=Contractual,business=Business requirement,good_practice=Good practice" label:"Reasons"`
	Justification    string   `json:"justification" is:"markdown" label:"Justification" help:"Why it is in, or why it is out."`
	Owner            string   `json:"owner" is:"person owner" label:"Owner"`
}

// Rows is the register of decisions; one per control and management system.
var Rows = register.Declare(register.Definition{
	Name: "soa_row", Plural: "soa-rows", Prefix: "SOA", Title: "Statement row", Titles: "Statement of Applicability",
	Question: "Which controls apply, and why?",
	Purpose:  "Which controls apply, why, and why not.", Clauses: []string{"6.1.3 d)"}, Retention: "two_cycles",
	Parent: "management_system", Group: "controls", Unique: [][]string{{"management_system", "control"}},
	Derive: name, Lifecycle: register.Living(nil),
}, check)

func name(_ register.Reader, doc register.Doc) error {
	c, ok := framework.ControlByID(strings.TrimPrefix(doc.Text("control"), framework.ControlPrefix))
	if ok {
		doc["title"] = c.ID + " " + c.Title
	}
	return nil
}

// check: an exclusion is justified and cannot stand beside a reason to include;
// an inclusion has a reason.
func check(_ register.Reader, now register.Of[Row], _ *register.Of[Row]) error {
	f := now.Fields
	switch {
	case f.Applicability == "not_applicable" && f.Justification == "":
		return sextant.Errorf(sextant.Invalid, "an exclusion needs a justification").At("justification")
	case f.Applicability == "not_applicable" && len(f.Reasons) > 0:
		return sextant.Errorf(sextant.Invalid, "an exclusion cannot stand beside a reason to include").At("reasons")
	case f.Applicability == "applicable" && len(f.Reasons) == 0:
		return sextant.Errorf(sextant.Invalid, "an applicable control has at least one reason").At("reasons")
	}
	return nil
}
