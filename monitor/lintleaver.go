// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"fmt"
	"strings"
	"time"

	"sextant"
	"sextant/evidence"
	"sextant/lint"
	"sextant/organisation"
	"sextant/register"
)

// How far back an account and the runs that read it are followed.
const (
	versionsOfAccount = 200
	runsLookedAt      = 1000
)

// statementFalse: it is stated on which day access was removed, and an account
// of the person was seen usable later than that day and some hours. It stands
// until the stated day is corrected: a wrong record does not become true by
// being caught up with.
func statementFalse(l lint.Look) (a lint.Answer, err error) {
	stated, err := statedRemoved(l)
	if err != nil {
		return a, err
	}
	runs := map[string][]evidence.Run{} // by source
	err = eachAccount(l, &a, func(r evidence.Resource, seen map[string]any) error {
		p := stated[addressOf(seen)]
		if p.Key == "" {
			return nil
		}
		account, err := l.Evidence.Thing(r.ID)
		if err != nil {
			return err
		}
		limit := lint.After(p.Fields.AccessRemovedOn, 0).Add(time.Duration(l.Params["hours"]) * time.Hour)
		later, err := usableAfter(l, account, limit, runs)
		if err != nil || later == 0 {
			return err
		}
		said, err := lint.Held(l.View, p.Register.Name, p.Key, func(e register.Entry) bool {
			return e.Doc.Text("access_removed_on") == p.Fields.AccessRemovedOn
		})
		a.Findings = append(a.Findings, lint.Finding{Entries: []string{p.Key, account.Key}, Since: max(later, said), Owner: p.Fields.Manager, Place: "/persons/" + p.Key,
			Facts: fmt.Sprintf("%s: access was removed on %s, it says; the account %v was active after that", p.Title(), p.Fields.AccessRemovedOn, foreign(fmt.Sprint(seen["name"])))})
		return err
	})
	return a, err
}

// statedRemoved gives those whose access is said to be removed, by address.
func statedRemoved(l lint.Look) (map[string]register.Of[organisation.Person], error) {
	all, err := organisation.Persons.All(l.View, register.Filter{Field: "access_removed_on", Op: register.Filled})
	by := map[string]register.Of[organisation.Person]{}
	for _, p := range all {
		for _, address := range append([]string{p.Fields.Email}, p.Fields.OtherEmails...) {
			if address != "" {
				by[strings.ToLower(address)] = p
			}
		}
	}
	return by, err
}

// usableAfter gives the first moment beyond a limit at which an account was seen
// to be usable, 0 where there is none. A version that began before was seen again
// by every run that read its whole source while it stood.
func usableAfter(l lint.Look, account evidence.Resource, limit sextant.Instant, runs map[string][]evidence.Run) (first sextant.Instant, err error) {
	versions, err := l.Evidence.ResourceHistory(account.Type, account.Key, versionsOfAccount)
	if err != nil {
		return 0, err
	}
	for _, r := range versions {
		if r.From > l.View.At() {
			continue
		}
		if r.Until != 0 && r.Until <= limit {
			break // and so is everything before
		}
		attributes, err := attributesOf(r)
		if err != nil {
			return 0, err
		}
		if !usable(attributes) {
			continue
		}
		if r.At > limit {
			first = r.At
			continue
		}
		again, err := readAgain(l, r, limit, runs)
		if err != nil {
			return 0, err
		}
		if again != 0 {
			first = again
		}
	}
	return first, nil
}

// readAgain gives the first run beyond a limit that saw a version again.
func readAgain(l lint.Look, r evidence.Resource, limit sextant.Instant, runs map[string][]evidence.Run) (first sextant.Instant, err error) {
	all, known := runs[r.Source]
	if !known {
		if all, err = l.Evidence.Runs(r.Source, l.View.At(), runsLookedAt); err != nil {
			return 0, err
		}
		runs[r.Source] = all
	}
	for _, run := range all { // newest first
		if run.Complete && run.Started > limit && (r.Until == 0 || run.Started < r.Until) {
			first = run.Started
		}
	}
	return first, nil
}
