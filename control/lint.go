// SPDX-License-Identifier: Apache-2.0

package control

import (
	"fmt"
	"time"

	"sextant"
	"sextant/lint"
	"sextant/register"
)

// Conditions computes the rules of lint about exceptions and statements.
func Conditions() lint.Conditions {
	return lint.Conditions{
		"exception-expired":      exceptionExpired,
		"exception-too-long":     exceptionTooLong,
		"exception-without-risk": exceptionWithoutRisk,
		"backdated":              backdated,
		"four-eyes-one-person":   fourEyes,
	}
}

var approved = register.Filter{Field: "state", Op: register.Is, Values: []string{"approved"}}

// covers says whether an exception holds on a day.
func (e Exception) covers(day string) bool { return e.StartsOn <= day && day <= e.ExpiresOn }

// of is what an exception permits to deviate, without its resources.
func (e Exception) of() string { return e.Check + " " + e.Control + " " + e.Rule }

func place(e register.Entry) string { return "/" + e.Register.Plural + "/" + e.Key }

// exceptionExpired: the last permission ran out, and the check or the control
// still fails.
func exceptionExpired(l lint.Look) (a lint.Answer, err error) {
	all, err := Exceptions.All(l.View, approved)
	if err != nil {
		return a, err
	}
	failing, err := failingSubjects(l)
	day := l.View.Now().Time().Format(time.DateOnly)
	for i, e := range all {
		a.Looked++
		subject := e.Fields.Check
		if subject == "" {
			subject = "control/" + suffix(e.Fields.Control)
		}
		ended := lint.After(e.Fields.ExpiresOn, l.Params["days"])
		if since, fails := failing[subject]; fails && l.View.Now() >= ended && !renewed(all, i, day) {
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{e.Key, subject}, Facts: fmt.Sprintf("%s: permitted until %s, and it fails since %s", e.Title(), e.Fields.ExpiresOn, since.Time().Format(time.DateOnly)),
				Owner: e.Fields.RequestedBy, Place: place(e.Entry)})
		}
	}
	return a, err
}

// renewed: another exception of the same thing is newer, or holds today.
func renewed(all []register.Of[Exception], i int, day string) bool {
	for j, other := range all {
		if j != i && other.Fields.of() == all[i].Fields.of() && (other.Fields.covers(day) || other.Fields.ExpiresOn > all[i].Fields.ExpiresOn) {
			return true
		}
	}
	return false
}

// failingSubjects gives the checks and controls that fail beyond their grace,
// with since when.
func failingSubjects(l lint.Look) (map[string]sextant.Instant, error) {
	return lint.Once(l, "control.failing", func() (map[string]sextant.Instant, error) {
		failing := map[string]sextant.Instant{}
		for _, prefix := range []string{"check/", "control/"} {
			list, err := l.Evidence.States(prefix, l.View.At())
			if err != nil {
				return nil, err
			}
			for _, s := range list {
				if State(s.State) == Fail {
					failing[s.Subject] = s.At
				}
			}
		}
		return failing, nil
	})
}

func suffix(reference string) string {
	for i := len(reference) - 1; i >= 0; i-- {
		if reference[i] == '/' {
			return reference[i+1:]
		}
	}
	return reference
}

// exceptionTooLong adds up the days of all exceptions of one thing; the newest
// of them is where to decide.
func exceptionTooLong(l lint.Look) (a lint.Answer, err error) {
	all, err := Exceptions.All(l.View, approved)
	spans, newest := map[string][]Period{}, map[string]register.Of[Exception]{}
	var order []string
	for _, e := range all {
		a.Looked++
		of := e.Fields.of()
		if _, known := newest[of]; !known {
			order = append(order, of)
		}
		spans[of] = append(spans[of], Period{startOfDay(e.Fields.StartsOn), endOfDay(e.Fields.ExpiresOn)})
		if e.Fields.ExpiresOn >= newest[of].Fields.ExpiresOn {
			newest[of] = e
		}
	}
	day := l.View.Now().Time().Format(time.DateOnly)
	for _, of := range order {
		days := 0
		for _, p := range NewPeriods(spans[of]...) {
			days += int((p.Until - p.From) / sextant.Instant(24*time.Hour/time.Microsecond))
		}
		if e := newest[of]; float64(days) > l.Params["days"] && e.Fields.ExpiresOn >= day {
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{e.Key}, Facts: fmt.Sprintf("%s: permitted for %d days in %d exceptions", e.Title(), days, len(spans[of])), Owner: e.Fields.Approver, Place: place(e.Entry)})
		}
	}
	return a, err
}

func startOfDay(date string) sextant.Instant {
	at, _ := sextant.ParseInstant(date) // a date of the register is one
	return at
}

func exceptionWithoutRisk(l lint.Look) (a lint.Answer, err error) {
	all, err := Exceptions.All(l.View, approved)
	day := l.View.Now().Time().Format(time.DateOnly)
	for _, e := range all {
		if e.Fields.Rule != "" || !e.Fields.covers(day) {
			continue
		}
		if a.Looked++; e.Fields.Compensation == "" {
			since, err := lint.Held(l.View, e.Register.Name, e.Key, func(v register.Entry) bool { return v.State == "approved" })
			if err != nil {
				return a, err
			}
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{e.Key}, Facts: e.Title() + ": nothing is said of what is done instead", Since: max(since, startOfDay(e.Fields.StartsOn)), Owner: e.Fields.RequestedBy, Place: place(e.Entry)})
		}
	}
	return a, err
}

// StandingStatements gives the signed statements that count on the day of a
// look: the newest of each line, unless it has expired. What came after another
// replaces it.
func StandingStatements(l lint.Look) ([]register.Of[Attestation], error) {
	return lint.Once(l, "control.statements", func() ([]register.Of[Attestation], error) {
		all, err := Attestations.All(l.View, register.Filter{Field: "state", Op: register.Is, Values: []string{"recorded"}})
		day, newest := l.View.Now().Time().Format(time.DateOnly), map[string]int{}
		for i, s := range all {
			line := s.Fields.Implementation + " " + s.Fields.Line
			if other, known := newest[line]; !known || s.Fields.PeriodTo >= all[other].Fields.PeriodTo {
				newest[line] = i
			}
		}
		var standing []register.Of[Attestation]
		for i, s := range all {
			if newest[s.Fields.Implementation+" "+s.Fields.Line] == i && s.Fields.ExpiresOn >= day {
				standing = append(standing, s)
			}
		}
		return standing, err
	})
}

// backdated: a statement was recorded long after the period it speaks of.
func backdated(l lint.Look) (a lint.Answer, err error) {
	all, err := StandingStatements(l)
	for _, s := range all {
		if a.Looked++; s.At < lint.After(s.Fields.PeriodTo, l.Params["days"]) || s.Fields.Remarks != "" {
			continue
		}
		a.Findings = append(a.Findings, lint.Finding{Entries: []string{s.Key}, Facts: fmt.Sprintf("%s: the period ended on %s, recorded on %s", s.Title(), s.Fields.PeriodTo, s.At.Time().Format(time.DateOnly)),
			Since: s.At, Owner: s.Fields.AttestedBy, Place: place(s.Entry)})
	}
	return a, err
}
