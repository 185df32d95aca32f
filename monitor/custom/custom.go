// SPDX-License-Identifier: Apache-2.0

// Package custom holds an organisation's own checks: written in the format of
// the library, kept as entries, tried over what is stored before they count.
// Active ones are evaluated beside the library, from their activation on.
//
// It evaluates nothing by itself: package monitor does, with the checks InForce
// gives it.
package custom

import (
	"sextant"
	"sextant/register"
)

// Check is a check of the organisation's own. Expressions are CEL over
// resource, params and now, as in the library.
type Check struct {
	Reference   string   `json:"reference" is:"text required unique" label:"Id" help:"own.what-it-tests; stands in results and exceptions for good."`
	Title       string   `json:"title" is:"text required title" label:"Title" help:"A sentence that is true when it passes."`
	Intent      string   `json:"intent" is:"markdown" label:"Why it matters"`
	Resource    string   `json:"resource" is:"text required" label:"Resource type" help:"As observed: aws:iam_user"`
	Where       string   `json:"where" is:"markdown" label:"Only where" help:"CEL; resources it is not true of are left out."`
	Pass        string   `json:"pass" is:"markdown" label:"Passes when" help:"CEL; true for a resource as it should be."`
	Reason      string   `json:"reason" is:"markdown" label:"Says, where it fails" help:"CEL; a text that names what is wrong with the resource."`
	Aggregate   string   `json:"aggregate" is:"enum required" values:"all=All must pass,any=One must pass,none=None may be so,percent=A percentage must pass,count=A number must pass" default:"all" label:"Over all resources"`
	Threshold   *float64 `json:"threshold" is:"number" label:"Percent" help:"For a percentage: how many of a hundred must pass."`
	Min         *float64 `json:"min" is:"number" label:"At least" help:"For a number: how many must pass."`
	Max         *float64 `json:"max" is:"number" label:"At most" help:"For a number: how many may."`
	Params      string   `json:"params" is:"markdown" label:"Parameters" help:"YAML: a name and a value a line."`
	Severity    string   `json:"severity" is:"enum required" values:"critical=Critical,high=High,medium=Medium,low=Low" default:"medium" label:"Severity"`
	Grace       string   `json:"grace" is:"duration" label:"Grace" help:"How long a failure may count as in grace: at most a day for critical, three for high, seven for medium, fourteen for low."`
	Freshness   string   `json:"freshness" is:"duration required" default:"P2D" label:"Freshness" help:"How long an observation counts."`
	Supports    []string `json:"supports" is:"text" label:"Evidence for" help:"Plan lines that are shown by checks: A.8.13/databases-backed-up"`
	DoesNotShow string   `json:"does_not_show" is:"markdown" label:"What it does not show"`
	Remediation string   `json:"remediation" is:"markdown" label:"How to mend it"`
	Samples     string   `json:"samples" is:"markdown" label:"Samples" help:"YAML: lists pass, fail, error and not_applicable of attributes as observed."`
	Owner       string   `json:"owner" is:"person required owner" label:"Owner"`
	Approver    string   `json:"approver" is:"person keep" label:"Approver" help:"Somebody else than the owner where the severity is critical or high."`
}

// mostActive caps how many of its own an organisation evaluates.
const mostActive = 200

// frozen is what an active check keeps: everything that could change a result.
// A change goes by way of a draft, and acts from its activation on.
var frozen = &register.Freeze{Except: []string{"title", "intent", "does_not_show", "remediation", "owner", "approver"}}

// Checks is the register of an organisation's own checks.
var Checks = register.Declare(register.Definition{
	Name: "custom_check", Plural: "custom-checks", Prefix: "CHK", Title: "Own check", Titles: "Own checks",
	Purpose: "Tests as code of our own, beside those of the library.", Clauses: []string{"9.1"}, Retention: "cycle", Group: "monitoring",
	Lists: []register.Shape{{Filter: []string{"state"}, Order: "title"}},
	Lifecycle: register.Lifecycle{
		Initial: "draft",
		States:  []register.State{{Name: "draft", Label: "Draft"}, {Name: "active", Label: "Active", Freeze: frozen}, {Name: "retired", Label: "Retired", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "activate", Label: "Activate", From: []string{"draft"}, To: "active", Who: []string{"approver", "isms_manager"}, Guard: ready,
				Needs: []string{"intent", "pass", "reason", "does_not_show", "remediation", "samples"}},
			{Name: "revise", Label: "Revise", From: []string{"active"}, To: "draft", Who: []string{"owner", "isms_manager"}, NeedsReason: true},
			{Name: "retire", Label: "Retire", From: []string{"draft", "active"}, To: "retired", Who: []string{"isms_manager"}, NeedsReason: true},
		},
	},
}, validate)

// validate holds for every save what must hold for ever; the rest is asked for
// when the check is activated, so that a draft can be kept half done.
func validate(_ register.Reader, now register.Of[Check], before *register.Of[Check]) error {
	switch {
	case !ownID.MatchString(now.Fields.Reference):
		return sextant.Errorf(sextant.Invalid, "%q is no id of an own check", now.Fields.Reference).At("reference").WithHint("write own.what-it-tests, in small letters, digits and hyphens")
	case before != nil && before.Fields.Reference != now.Fields.Reference:
		return sextant.Errorf(sextant.Invalid, "the id stands in what was recorded").At("reference").WithHint("make a new check")
	case now.State != "draft":
		return Problems(now.Fields)
	}
	return nil
}

// ready lets nothing count that does not compile, whose samples do not say what
// they should, or that its owner alone decided where much depends on it.
func ready(g register.Guarding) error {
	f, err := fieldsOf(g.Next)
	if err != nil {
		return err
	}
	if err := Problems(f); err != nil {
		return err
	}
	if (f.Severity == "critical" || f.Severity == "high") && g.Actor.Person == f.Owner {
		return sextant.Errorf(sextant.Denied, "a check of severity %s is activated by somebody else than its owner", f.Severity).At("approver")
	}
	n, err := g.Tx.CountOf("custom_check", register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err == nil && n >= mostActive {
		return sextant.Errorf(sextant.TooLarge, "%d own checks are active; that is the most", n).WithHint("retire one first")
	}
	return err
}
