// SPDX-License-Identifier: Apache-2.0

package product

import (
	"strings"

	"sextant/check"
	"sextant/control"
	"sextant/framework"
	"sextant/library"
	"sextant/monitor/custom"
	"sextant/register"
	"sextant/risk/scenario"
)

// content is what references point at that is no register.
func content() map[string]register.Content {
	return map[string]register.Content{"control": controlTitles{}, "requirement": requirementTitles{}, "check": checkTitles{}, "rule": ruleTitles{},
		"scenario": scenarioTitles("scenario/"), "threat": scenarioTitles("threat/"), "vulnerability": scenarioTitles("vulnerability/")}
}

// controlTitles names the rows of standards and own controls by their reference.
type controlTitles struct{}

// References lists the 93 controls and the rows extensions can add.
func (controlTitles) References() []string {
	var list []string
	for _, c := range framework.RowsFor(framework.StandardID, framework.Extensions(), framework.Roles()) {
		list = append(list, c.Reference().String())
	}
	return list
}

func (controlTitles) Title(reference string) (string, bool) {
	c, ok := framework.ControlByID(reference)
	return c.ID + " " + c.Title, ok && reference == c.Reference().String()
}

// UsedReferences lists the rows in use.
func (controlTitles) UsedReferences(tx register.Reader) ([]string, error) {
	rows, err := control.InUse(tx)
	var list []string
	for _, c := range rows {
		list = append(list, c.Reference().String())
	}
	return list, err
}

// OwnTitle names a control of the organisation's own, whatever its state.
func (controlTitles) OwnTitle(tx register.Reader, reference string) (string, bool, error) {
	return control.OwnTitle(tx, reference)
}

// requirementTitles names the clauses of ISO/IEC 27001 and what each asks for.
type requirementTitles struct{}

// References lists the clauses that ask for something, each before its items.
func (requirementTitles) References() []string {
	var list []string
	for _, c := range framework.ISO27001().Clauses {
		if !c.Auditable() {
			continue
		}
		list = append(list, framework.ControlPrefix+c.ID)
		for _, r := range c.Requirements {
			if r.ID != c.ID {
				list = append(list, framework.ControlPrefix+r.ID)
			}
		}
	}
	return list
}

func (requirementTitles) Title(reference string) (string, bool) {
	id, ok := strings.CutPrefix(reference, framework.ControlPrefix)
	if !ok {
		return "", false
	}
	if c, ok := framework.ClauseByID(id); ok {
		return c.ID + " " + c.Title, true
	}
	r, ok := framework.RequirementByID(id)
	return r.ID + " " + r.Asks, ok
}

// OwnTitle names the nodes of imported libraries, as library/LIB-3/a.5.15.
func (requirementTitles) OwnTitle(tx register.Reader, reference string) (string, bool, error) {
	return library.Nodes{}.OwnTitle(tx, reference)
}

// checkTitles names the checks by their id, as check/aws.root-mfa.
type checkTitles struct{}

// References lists the checks of the library.
func (checkTitles) References() []string {
	var list []string
	for _, c := range check.Library() {
		list = append(list, "check/"+c.ID)
	}
	return list
}

func (checkTitles) Title(reference string) (string, bool) {
	c, ok := check.Named(reference)
	if !ok {
		return "", false
	}
	return c.Title, true
}

// OwnTitle names a check of the organisation's own, whatever its state: what was
// recorded may speak of one that is retired.
func (checkTitles) OwnTitle(tx register.Reader, reference string) (string, bool, error) {
	return custom.Named(tx, strings.TrimPrefix(reference, check.Prefix))
}

// scenarioTitles names what the library of risks holds by its id, as
// scenario/public-bucket, threat/TH08 and vulnerability/V-SO-13.
type scenarioTitles string

// References lists what the library holds of the kind.
func (prefix scenarioTitles) References() (list []string) {
	library := scenario.Library()
	switch prefix {
	case "scenario/":
		for _, s := range library.Scenarios() {
			list = append(list, string(prefix)+s.ID)
		}
	case "threat/":
		for _, t := range library.Threats() {
			list = append(list, string(prefix)+t.ID)
		}
	case "vulnerability/":
		for _, v := range library.Vulnerabilities() {
			list = append(list, string(prefix)+v.ID)
		}
	}
	return list
}

func (prefix scenarioTitles) Title(reference string) (string, bool) {
	id, ok := strings.CutPrefix(reference, string(prefix))
	if !ok {
		return "", false
	}
	library := scenario.Library()
	switch prefix {
	case "scenario/":
		s, ok := library.Scenario(id)
		return s.Title, ok
	case "threat/":
		t, ok := library.Threat(id)
		return t.Name, ok
	}
	v, ok := library.Vulnerability(id)
	return v.Name, ok
}
