// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/document"
	"sextant/framework"
	"sextant/register"
)

// Documents computes the rules about controlled documents.
func Documents() Conditions {
	return Conditions{
		"policy-missing":             policyMissing,
		"policy-not-approved-by-top": policyBelowTop,
		"mandatory-document-missing": mandatoryMissing,
		"document-overdue":           documentOverdue,
	}
}

// policyClause asks for the information security policy.
const policyClause = "5.2"

// inForce gives the documents with an edition in force.
func inForce(l Look) ([]register.Of[document.Document], error) {
	return Once(l, "lint.documents", func() ([]register.Of[document.Document], error) {
		all, err := document.Documents.All(l.View, active)
		return slices.DeleteFunc(all, func(d register.Of[document.Document]) bool { return d.Fields.CurrentVersion == "" }), err
	})
}

// fulfils says whether a document is named as the documented information of a
// clause or of an item of it: 5.2 a) is an item of 5.2, 5.20 is not.
func fulfils(d register.Of[document.Document], clause string) bool {
	return slices.ContainsFunc(d.Fields.Fulfils, func(reference string) bool {
		rest, ok := strings.CutPrefix(strings.TrimPrefix(reference, framework.ControlPrefix), clause)
		return ok && (rest == "" || rest[0] == ' ' || rest[0] == '#')
	})
}

func policyMissing(l Look) (a Answer, err error) {
	all, err := inForce(l)
	if err != nil {
		return a, err
	}
	a.Looked = len(all)
	if slices.ContainsFunc(all, func(d register.Of[document.Document]) bool { return fulfils(d, policyClause) }) {
		return a, nil
	}
	owner, err := manager(l)
	a.Findings = []Finding{{Facts: "No document in force says that it fulfils 5.2", Owner: owner, Place: "/documents"}}
	return a, err
}

// policyBelowTop asks who was top management when the edition in force was
// approved, not who is today.
func policyBelowTop(l Look) (a Answer, err error) {
	all, err := inForce(l)
	if err != nil {
		return a, err
	}
	for _, d := range all {
		if !fulfils(d, policyClause) {
			continue
		}
		a.Looked++
		v, err := document.Versions.Get(l.View, d.Fields.CurrentVersion)
		if err != nil {
			return a, err
		}
		at, err := sextant.ParseInstant(v.Fields.ApprovedAt)
		if err != nil {
			return a, err
		}
		top, err := topAt(l, at)
		if err != nil {
			return a, err
		}
		if !slices.Contains(top, v.Fields.Approver) {
			a.Findings = append(a.Findings, Finding{Entries: []string{d.Key, v.Key}, Facts: fmt.Sprintf("%s was approved by %s, who was not top management then", v.Title(), l.View.TitleOf("person", v.Fields.Approver)),
				Owner: d.Fields.Owner, Place: "/documents/" + d.Key})
		}
	}
	return a, nil
}

// topAt gives who was top management at a moment.
func topAt(l Look, at sextant.Instant) ([]string, error) {
	then, err := l.View.AsOf(at)
	if err != nil {
		return nil, err
	}
	org, err := theOrganisation(Look{View: then})
	return org.Fields.TopManagement, err
}

// carriedBy are the clauses whose documented information a register carries: a
// management system holds the scope, the editions of the statement are rules of
// their own.
var carriedBy = map[string]string{"4.3": "management_system"}

func mandatoryMissing(l Look) (a Answer, err error) {
	all, err := inForce(l)
	if err != nil {
		return a, err
	}
	owner, err := manager(l)
	if err != nil {
		return a, err
	}
	for _, c := range framework.ISO27001().Clauses {
		names := mandatory(c)
		if len(names) == 0 || c.ID == policyClause {
			continue // the policy has a rule of its own
		}
		a.Looked++
		if slices.ContainsFunc(all, func(d register.Of[document.Document]) bool { return fulfils(d, c.ID) }) {
			continue
		}
		if name := carriedBy[c.ID]; name != "" {
			if n, err := l.View.CountOf(name, active); err != nil || n > 0 {
				if err != nil {
					return a, err
				}
				continue
			}
		}
		a.Findings = append(a.Findings, Finding{Entries: []string{framework.ControlPrefix + c.ID}, Facts: "No document in force says that it is: " + strings.Join(names, ", "), Owner: owner, Place: "/documents"})
	}
	return a, nil
}

// mandatory names the documents a clause asks for by name. The Statement of
// Applicability is kept as editions and left out here.
func mandatory(c framework.Clause) (names []string) {
	for _, d := range c.Documents {
		if d.Kind == "document" && d.Level == string(framework.Mandatory) && !strings.HasPrefix(d.Name, "Statement of Applicability") {
			names = append(names, d.Name)
		}
	}
	return names
}

func documentOverdue(l Look) (a Answer, err error) {
	all, err := inForce(l)
	for _, d := range all {
		a.Looked++
		begins := After(d.Fields.NextReviewOn, l.Params["days"])
		if begins == 0 || l.View.Now() < begins {
			continue
		}
		stood, err := Held(l.View, d.Register.Name, d.Key, func(e register.Entry) bool {
			return e.State == "active" && e.Doc.Text("current_version") != "" && e.Doc.Text("next_review_on") == d.Fields.NextReviewOn
		})
		if err != nil {
			return a, err
		}
		a.Findings = append(a.Findings, Finding{Entries: []string{d.Key}, Facts: d.Title() + ": was to be looked at by " + d.Fields.NextReviewOn, Since: max(begins, stood), Owner: d.Fields.Owner, Place: "/documents/" + d.Key})
	}
	return a, err
}
