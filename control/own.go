// SPDX-License-Identifier: Apache-2.0

package control

import (
	"regexp"
	"strings"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

// OwnControl is a control the organisation designed itself or took from
// elsewhere (6.1.3 b). It is referred to as own/NQ-1, stands in every Statement
// of Applicability after the rows of standards, and is implemented, attested
// and excepted like one of them. No standard plan belongs to it: its evidence
// is what the plan lines of its implementations ask for, and without any it is
// not assessed.
type OwnControl struct {
	Reference       string   `json:"reference" is:"text required unique" label:"Id" help:"Short, such as NQ-1; stands in addresses and results for good. It may not look like the id of a standard."`
	Title           string   `json:"title" is:"text required title" label:"Title"`
	Objective       string   `json:"objective" is:"markdown required" label:"Objective" help:"What it is to bring about."`
	Description     string   `json:"description" is:"markdown required" label:"Description" help:"What is done, where and by whom."`
	Attributes      []string `json:"attributes" is:"enum" values:"preventive=Preventive,detective=Detective,corrective=Corrective,confidentiality=Confidentiality,integrity=Integrity,availability=Availability" label:"Attributes"`
	SourceFramework string   `json:"source_framework" is:"text" label:"Taken from" help:"The framework or the customer it comes from, empty for one of your own design."`
	RelatedControls []string `json:"related_controls" is:"ref" to:"control" label:"Stands beside" help:"Controls it adds to."`
	Owner           string   `json:"owner" is:"person required owner" label:"Owner"`
}

const ownControlName = "own_control"

// OwnControls is the register of an organisation's own controls.
var OwnControls = register.Declare(register.Definition{
	Name: ownControlName, Plural: "own-controls", Prefix: "OC", Title: "Own control",
	Question: "Which controls of our own do we have beside those of the standards?",
	Purpose:  "Controls the organisation designed itself or took from elsewhere.", Clauses: []string{"6.1.3 b)"}, Retention: "two_cycles", Group: "controls",
	Lists:     []register.Shape{{Filter: []string{"state"}, Order: "title"}},
	Lifecycle: register.Living(nothingInPlace, "owner", "isms_manager"),
}, checkOwnControl)

var (
	ownReference = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,9}([-.][A-Za-z0-9]{1,8}){1,3}$`)
	// foreign are ids a reader would take for those of a standard: A.5.1, B.8.2.1,
	// CLD.6.3.1, ISO27001-1.
	foreign = regexp.MustCompile(`(?i)^([AB]\.[0-9]|CLD\.|ISO|IEC|GDPR|NIS2|SOC2|CIS)`)
)

func checkOwnControl(_ register.Reader, now register.Of[OwnControl], before *register.Of[OwnControl]) error {
	id := now.Fields.Reference
	switch {
	case foreign.MatchString(id):
		return sextant.Errorf(sextant.Invalid, "%q looks like the id of a standard", id).At("reference").WithHint("begin with letters of your own, such as NQ-1")
	case !ownReference.MatchString(id):
		return sextant.Errorf(sextant.Invalid, "%q is no id of an own control", id).At("reference").WithHint("write a capital letter, more letters or digits, and a number after a hyphen or a full stop, such as NQ-1")
	case before != nil && before.Fields.Reference != id:
		return sextant.Errorf(sextant.Invalid, "the id stands in what was recorded").At("reference").WithHint("make a new control")
	}
	return nil
}

// nothingInPlace guards retiring: an implementation that still stands would be
// left without its control.
func nothingInPlace(g register.Guarding) error {
	reference := framework.OwnStandard + "/" + g.Entry.Doc.Text("reference")
	standing, err := g.Tx.Select(implementationName, register.Filter{Field: "control", Op: register.Is, Values: []string{reference}}, active)
	if err == nil && len(standing) > 0 {
		return sextant.Errorf(sextant.Conflict, "%s still implements %s", standing[0].Key, g.Entry.Title()).WithHint("retire the implementation first")
	}
	return err
}

var active = register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}}

// asRow gives an own control as a row of a statement.
func asRow(o register.Of[OwnControl]) framework.Control {
	f := o.Fields
	c := framework.Control{ID: f.Reference, Number: f.Reference, Standard: framework.OwnStandard, Entry: o.Key, Title: f.Title, Asks: f.Objective, Section: f.SourceFramework}
	for _, reference := range f.RelatedControls {
		c.Related = append(c.Related, framework.IDOf(reference))
	}
	for _, a := range f.Attributes {
		value := strings.ToUpper(a[:1]) + a[1:]
		switch a {
		case "preventive", "detective", "corrective":
			c.Types = append(c.Types, framework.ControlType(value))
		default:
			c.Properties = append(c.Properties, framework.Property(value))
		}
	}
	return c
}

// ownByReference finds an own control in any state: what was recorded may speak
// of one that is retired.
func ownByReference(tx register.Reader, id string) (framework.Control, bool, error) {
	if !ownReference.MatchString(id) {
		return framework.Control{}, false, nil
	}
	list, err := OwnControls.All(tx, register.Filter{Field: "reference", Op: register.Is, Values: []string{id}})
	if err != nil || len(list) == 0 {
		return framework.Control{}, false, err
	}
	return asRow(list[0]), true, nil
}

// OwnTitle names an own control by its stored reference, own/NQ-1.
func OwnTitle(tx register.Reader, reference string) (title string, ok bool, err error) {
	id, ok := strings.CutPrefix(reference, framework.OwnStandard+"/")
	if !ok {
		return "", false, nil
	}
	c, ok, err := ownByReference(tx, id)
	return c.ID + " " + c.Title, ok, err
}
