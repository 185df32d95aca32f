// SPDX-License-Identifier: Apache-2.0

// Package soa keeps the decisions of a Statement of Applicability: for each
// control of a management system whether it applies, for which reasons, and why
// (6.1.3 d). What is implemented and what the evidence shows stand beside it;
// they never change a decision.
package soa

import (
	"strings"

	"sextant"
	"sextant/control"
	"sextant/register"
)

// Row is the decision on one control in one management system.
type Row struct {
	Title                  string   `json:"title" is:"text derived title" label:"Row"`
	ManagementSystem       string   `json:"management_system" is:"ref required" to:"management_system" label:"Management system"`
	Control                string   `json:"control" is:"ref required" to:"control" label:"Control"`
	Applicability          string   `json:"applicability" is:"enum required" values:"undecided=Undecided,applicable=Applicable,not_applicable=Not applicable" default:"undecided" label:"Applicability"`
	Reasons                []string `json:"reasons" is:"enum" values:"risk_assessment=Risk assessment,legal=Legal,contractual=Contractual,business=Business requirement,good_practice=Good practice" label:"Reasons"`
	ReasonLinks            []string `json:"reason_links" is:"ref" to:"any" label:"What the reasons rest on" help:"The duty behind 'legal', the contract behind 'contractual', the risk behind 'risk assessment'."`
	InclusionJustification string   `json:"inclusion_justification" is:"markdown" label:"Why it is in" help:"In a sentence: which risk, law, contract or need it is."`
	ExclusionJustification string   `json:"exclusion_justification" is:"markdown" label:"Why it is left out" help:"What is not there or not done, so that a stranger can check it."`
	PlannedOn              string   `json:"planned_on" is:"date" label:"Planned by" help:"By when the control is meant to be in place everywhere; each unit has a date of its own beside its implementation."`
	Documents              []string `json:"documents" is:"ref detach" to:"document" label:"Documents" help:"Policies and procedures that say how it is done, beside those that name the control themselves."`
	Owner                  string   `json:"owner" is:"person owner" label:"Owner"`
}

// Rows is the register of decisions; one per control and management system.
var Rows = register.Declare(register.Definition{
	Name: "soa_row", Plural: "soa-rows", Prefix: "SOA", Title: "Statement row", Titles: "Statement of Applicability",
	Question: "Which controls apply, and why?",
	Purpose:  "Which controls apply, why, and why not.", Clauses: []string{"6.1.3 d)"}, Retention: "two_cycles",
	Parent: "management_system", Group: "controls", Unique: [][]string{{"management_system", "control"}},
	Schema: 2, Upcasters: []register.Upcaster{splitJustification},
	Derive: name, Lifecycle: register.Living(nil),
}, check)

// splitJustification: until schema 2 one text said why a control is in or out,
// whichever was decided.
func splitJustification(doc register.Doc) register.Doc {
	text, ok := doc["justification"]
	delete(doc, "justification")
	switch {
	case !ok:
	case doc["applicability"] == string(NotApplicable):
		doc["exclusion_justification"] = text
	default:
		doc["inclusion_justification"] = text
	}
	return doc
}

// JustificationField names the field that justifies a decision.
func JustificationField(decision Applicability) string {
	if decision == NotApplicable {
		return "exclusion_justification"
	}
	return "inclusion_justification"
}

// Justification is why it is in, or why it is left out, whichever was decided.
func (r Row) Justification() string {
	if Applicability(r.Applicability) == NotApplicable {
		return r.ExclusionJustification
	}
	return r.InclusionJustification
}

// OnlyGoodPractice says that nothing but good practice asks for the control:
// allowed, and the first thing an auditor asks about.
func (r Row) OnlyGoodPractice() bool {
	return Applicability(r.Applicability) == Applicable && len(r.Reasons) == 1 && r.Reasons[0] == "good_practice"
}

func name(tx register.Reader, doc register.Doc) error {
	c, ok, err := control.Find(tx, doc.Text("control"))
	if ok {
		doc["title"] = c.ID + " " + c.Title
	}
	return err
}

// check: an exclusion is justified and cannot stand beside a reason to include;
// an inclusion has a reason.
func check(_ register.Reader, now register.Of[Row], _ *register.Of[Row]) error {
	f := now.Fields
	switch {
	case f.Applicability == "not_applicable" && f.ExclusionJustification == "":
		return sextant.Errorf(sextant.Invalid, "an exclusion needs a justification").At("exclusion_justification").WithHint("open the row and say what is not there or not done")
	case f.Applicability == "not_applicable" && len(f.Reasons) > 0:
		return sextant.Errorf(sextant.Invalid, "an exclusion cannot stand beside a reason to include").At("reasons")
	case f.Applicability == "not_applicable" && len(f.ReasonLinks) > 0:
		return sextant.Errorf(sextant.Invalid, "an exclusion cannot stand beside what asks for the control").At("reason_links").WithHint("take %s away, or decide that the control applies", strings.Join(f.ReasonLinks, ", "))
	case f.Applicability == "applicable" && len(f.Reasons) == 0:
		return sextant.Errorf(sextant.Invalid, "an applicable control has at least one reason").At("reasons")
	}
	return nil
}
