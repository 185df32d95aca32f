// SPDX-License-Identifier: Apache-2.0

// Package control keeps what is known about a control in four facets that are
// never merged: applicability (decided, in the Statement of Applicability),
// implementation (declared by its owner, here), evidence state (derived by the
// program from the evidence plan, typed by nobody) and effectiveness (concluded
// by a person). It reads observations' results; it collects none.
package control

import (
	"sextant"
	"sextant/framework"
	"sextant/register"
)

// Implementation is how one control is done in one scope unit, as its owner
// declares it (6.1.3 d). The declaration does not flip when a bucket does.
type Implementation struct {
	Title          string   `json:"title" is:"text derived title" label:"Implementation"`
	Control        string   `json:"control" is:"ref required" to:"control" label:"Control"`
	ScopeUnit      string   `json:"scope_unit" is:"ref required" to:"scope_unit" label:"Unit"`
	Implementation string   `json:"implementation" is:"enum required" values:"not_started=Not started,planned=Planned,partly=Partly implemented,implemented=Implemented" default:"not_started" label:"Implementation"`
	PlannedOn      string   `json:"planned_on" is:"date due" label:"Planned by"`
	How            string   `json:"how" is:"markdown" label:"How it is done here" help:"Where it lives: policy, process, tool, people."`
	Owner          string   `json:"owner" is:"person owner" label:"Owner"`
	Operator       string   `json:"operator" is:"person names" label:"Operator" help:"Who runs it. Where the plan asks for an independent statement, not this person."`
	OperatesSince  string   `json:"operates_since" is:"date" label:"In operation since"`
	Frequency      string   `json:"frequency" is:"enum" values:"continuous=Continuous,per_event=Per event,daily=Daily,weekly=Weekly,monthly=Monthly,quarterly=Quarterly,yearly=Yearly" label:"How often"`
	Assets         []string `json:"assets" is:"ref" to:"asset" label:"Assets"`
	Documents      []string `json:"documents" is:"ref" to:"document" label:"Documents" help:"What is written about it: policy, procedure, standard."`
	CostYearly     string   `json:"cost_yearly" is:"money" label:"Cost a year"`
	Effectiveness  string   `json:"effectiveness" is:"enum" values:"effective=Effective,partly_effective=Partly effective,not_effective=Not effective" label:"Effectiveness" help:"A conclusion of an audit or an evaluation (9.1), with a date and a person."`
	ConcludedOn    string   `json:"concluded_on" is:"date" label:"Concluded on"`
	ConcludedBy    string   `json:"concluded_by" is:"person keep" label:"Concluded by"`
}

const implementationName = "implementation"

// Implementations is the register of control implementations; one per control
// and unit.
var Implementations = register.Declare(register.Definition{
	Name: implementationName, Plural: "implementations", Prefix: "IMP", Title: "Control implementation",
	Question: "How is each control done here?",
	Purpose:  "How each control is done in each unit, as its owner declares it.",
	Clauses:  []string{"6.1.3", "8.1"}, Retention: "two_cycles", Group: "controls",
	Unique:    [][]string{{"control", "scope_unit"}},
	Lists:     []register.Shape{{Filter: []string{"state", "owner"}, Order: "planned_on"}, {Filter: []string{"state"}, Order: "title"}},
	Derive:    nameImplementation,
	Lifecycle: register.Living(nil, "isms_manager", "owner"),
}, checkImplementation)

func nameImplementation(tx register.Reader, doc register.Doc) error {
	id := framework.IDOf(doc.Text("control"))
	unit, err := tx.Lookup("scope_unit", doc.Text("scope_unit"))
	if err != nil {
		return nil //nolint:nilerr // the missing unit is refused with its field by the reference check that follows
	}
	doc["title"] = id + " in " + unit.Title()
	return nil
}

func checkImplementation(_ register.Reader, now register.Of[Implementation], _ *register.Of[Implementation]) error {
	f := now.Fields
	switch {
	case f.Implementation == "planned" && f.PlannedOn == "":
		return sextant.Errorf(sextant.Invalid, "planned by when?").At("planned_on")
	case (f.Implementation == "implemented" || f.Implementation == "partly") && f.How == "":
		return sextant.Errorf(sextant.Invalid, "say how it is done here: policy, process, tool, people").At("how")
	case (f.Implementation == "implemented" || f.Implementation == "partly") && f.Owner == "":
		return sextant.Errorf(sextant.Invalid, "an implementation is declared by its owner").At("owner")
	case f.Effectiveness != "" && (f.ConcludedOn == "" || f.ConcludedBy == ""):
		return sextant.Errorf(sextant.Invalid, "a conclusion has a date and a person").At("concluded_on")
	}
	return nil
}
