// SPDX-License-Identifier: Apache-2.0

package control

import (
	"sextant"
	"sextant/framework"
	"sextant/register"
)

// PlanLine adjusts the evidence plan of one implementation: it adds a line of
// the organisation's own, changes one of the standard plan, or leaves one out
// with a reason. Without such entries the standard plan of the control holds.
type PlanLine struct {
	Implementation string   `json:"implementation" is:"ref required" to:"implementation" label:"Implementation"`
	Line           string   `json:"line" is:"text" label:"Standard line" help:"Id of the line this changes, such as A.8.13/restore-test; empty for a line of your own."`
	Shows          string   `json:"shows" is:"text required title" label:"What it shows"`
	Mode           string   `json:"mode" is:"enum required" values:"automatic=Automatic,assisted=Assisted,human=By a person" default:"human" label:"Mode"`
	Form           string   `json:"form" is:"enum required" values:"checks=Checks,record=Record,statement=Statement" default:"statement" label:"Form"`
	Checks         []string `json:"checks" is:"ref" to:"check" label:"Checks"`
	Population     string   `json:"population" is:"text" label:"Population"`
	Period         string   `json:"period" is:"duration" label:"Needed every"`
	Expires        string   `json:"expires" is:"duration" default:"P12M" label:"A statement holds for"`
	Independent    bool     `json:"independent" is:"bool" default:"false" label:"Not by the operator"`
	LeftOut        bool     `json:"left_out" is:"bool" default:"false" label:"Left out"`
	Reason         string   `json:"reason" is:"markdown" label:"Reason"`
}

// PlanLines is the register of adjustments to evidence plans.
var PlanLines = register.Declare(register.Definition{
	Name: "plan_line", Plural: "plan-lines", Prefix: "PLN", Title: "Evidence plan line",
	Question: "How do our evidence plans differ from the standard ones?",
	Purpose:  "What together shows that a control works here.", Clauses: []string{"9.1"}, Retention: "two_cycles",
	Parent: "implementation", Unique: [][]string{{"implementation", "line", "shows"}},
	Lifecycle: register.Living(nil, "isms_manager"),
}, checkPlanLine)

func checkPlanLine(tx register.Reader, now register.Of[PlanLine], _ *register.Of[PlanLine]) error {
	f := now.Fields
	switch {
	case f.LeftOut && (f.Line == "" || f.Reason == ""):
		return sextant.Errorf(sextant.Invalid, "leaving out a standard line needs its id and a reason").At("reason")
	case f.Form == "checks" && len(f.Checks) == 0 && f.Line == "":
		return sextant.Errorf(sextant.Invalid, "a line shown by checks names them").At("checks")
	}
	return isLineOf(tx, f.Implementation, f.Line)
}

// isLineOf refuses a line id the implementation's control does not have.
func isLineOf(tx register.Reader, implementation, line string) error {
	if line == "" {
		return nil
	}
	imp, err := tx.Lookup(implementationName, implementation)
	if err != nil {
		return err
	}
	plan, _ := framework.PlanFor(imp.Doc.Text("control"))
	for _, l := range plan.Lines {
		if l.ID == line {
			return nil
		}
	}
	return sextant.Errorf(sextant.Invalid, "the plan of %s has no line %q", imp.Title(), line).At("line")
}
