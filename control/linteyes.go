// SPDX-License-Identifier: Apache-2.0

package control

import (
	"fmt"
	"strings"

	"sextant/lint"
	"sextant/organisation"
	"sextant/register"
)

// fourEyes: the kernel keeps one entry of a person from signing twice; two
// entries of one human being pass it, and so does an operator who was named
// only after the statement, or whose line is the organisation's own.
func fourEyes(l lint.Look) (a lint.Answer, err error) {
	same, err := humans(l)
	if err != nil {
		return a, err
	}
	permitted, err := Exceptions.All(l.View, approved)
	if err != nil {
		return a, err
	}
	for _, e := range permitted {
		if a.Looked++; e.Fields.RequestedBy == "" || same[e.Fields.RequestedBy] != same[e.Fields.Approver] {
			continue
		}
		a.Findings = append(a.Findings, lint.Finding{Entries: []string{e.Key, e.Fields.RequestedBy, e.Fields.Approver}, Owner: e.Fields.RequestedBy, Place: place(e.Entry),
			Facts: fmt.Sprintf("%s: asked for by %s and approved by %s, who share an address", e.Title(), l.View.TitleOf("person", e.Fields.RequestedBy), l.View.TitleOf("person", e.Fields.Approver))})
	}
	stated, err := StandingStatements(l)
	for _, s := range stated {
		f, looked, err := ownWork(l, s, same)
		if err != nil {
			return a, err
		}
		if looked {
			a.Looked++
		}
		if f != nil {
			a.Findings = append(a.Findings, *f)
		}
	}
	return a, err
}

// ownWork says whether a statement that somebody else was to make is the
// operator's, as the operator was when it was signed.
func ownWork(l lint.Look, s register.Of[Attestation], same map[string]string) (f *lint.Finding, looked bool, err error) {
	then, err := l.View.AsOf(s.At)
	if err != nil {
		return nil, false, err
	}
	imp, err := then.Lookup(implementationName, s.Fields.Implementation)
	if err != nil {
		return nil, false, err
	}
	independent, err := asksForAnother(then, imp, s.Fields.Line)
	operator := imp.Doc.Text("operator")
	if err != nil || !independent || operator == "" || same[operator] != same[s.Fields.AttestedBy] {
		return nil, independent, err
	}
	return &lint.Finding{Entries: []string{s.Key, s.Fields.AttestedBy}, Since: s.At, Owner: s.Fields.AttestedBy, Place: place(s.Entry),
		Facts: fmt.Sprintf("%s: stated by %s, who operates %s", s.Title(), l.View.TitleOf("person", s.Fields.AttestedBy), imp.Title())}, true, nil
}

// asksForAnother says whether a line of a plan wants somebody other than the
// operator.
func asksForAnother(tx register.Reader, imp register.Entry, line string) (bool, error) {
	if strings.HasPrefix(line, PlanLines.Prefix+"-") {
		own, err := tx.Lookup(PlanLines.Name, line)
		return own.Doc["independent"] == true, err
	}
	return planLineByID(imp.Doc.Text("control"), line).Independent, nil
}

// humans gives for each person one that stands for the human being: entries
// that share an address are one.
func humans(l lint.Look) (map[string]string, error) {
	all, err := organisation.Persons.All(l.View)
	of, byAddress := map[string]string{}, map[string]string{}
	for _, p := range all {
		of[p.Key] = p.Key
		for _, address := range append([]string{p.Fields.Email}, p.Fields.OtherEmails...) {
			if address = strings.ToLower(address); address == "" {
				continue
			}
			if first, known := byAddress[address]; known {
				of[p.Key] = of[first]
			} else {
				byAddress[address] = p.Key
			}
		}
	}
	return of, err
}
