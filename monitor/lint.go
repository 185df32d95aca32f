// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/lint"
	"sextant/organisation"
	"sextant/register"
	work "sextant/task"
)

// Conditions computes the rules of lint about sources, checks and accounts in
// connected systems.
func Conditions() lint.Conditions {
	return lint.Conditions{
		"source-missing-for-declared-system": sourceMissing,
		"source-failing":                     sourceFailing,
		"failure-known-no-task":              failureWithoutTask,
		"attestation-contradicts-check":      statementContradicted,
		"leaver-access":                      leaverAccess,
		"leaver-statement-false":             statementFalse,
	}
}

func sourceMissing(l lint.Look) (a lint.Answer, err error) {
	all, err := evidence.ExpectedSources.All(l.View)
	for _, x := range all {
		if x.Register.Lifecycle.States != nil && x.State == "gone" {
			continue
		}
		a.Looked++
		if x.State != "missing" {
			continue
		}
		since, err := lint.Held(l.View, x.Register.Name, x.Key, func(e register.Entry) bool { return e.State == "missing" })
		if err != nil {
			return a, err
		}
		begins := since.Add(time.Duration(l.Params["days"]) * 24 * time.Hour)
		if l.View.Now() >= begins {
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{x.Key}, Facts: fmt.Sprintf("%s (%s) has not been connected since it was found on %s", x.Title(), x.Fields.Identifier, since.Time().Format(time.DateOnly)),
				Since: begins, Place: "/expected-sources/" + x.Key})
		}
	}
	return a, err
}

func sourceFailing(l lint.Look) (a lint.Answer, err error) {
	all, err := evidence.Sources.All(l.View, register.Filter{Field: "state", Op: register.Is, Values: []string{"connected", "failing"}})
	for _, s := range all {
		a.Looked++
		f := lint.Finding{Entries: []string{s.Key}, Owner: s.Fields.Owner, Place: "/sources/" + s.Key}
		heard, err := lastComplete(l, s)
		if err != nil {
			return a, err
		}
		switch limit := silent(s.Fields.Schedule, heard, l.Params); {
		case s.State == "failing":
			f.Facts = s.Title() + " fails; last heard in full " + moment(heard)
			f.Since, err = lint.Held(l.View, s.Register.Name, s.Key, func(e register.Entry) bool { return e.State == "failing" })
		case l.View.Now() >= limit:
			f.Facts = s.Title() + " was last heard in full " + moment(heard)
			f.Since, err = lint.Held(l.View, s.Register.Name, s.Key, func(e register.Entry) bool {
				return (e.State == "connected" || e.State == "failing") && e.Doc.Text("schedule") == s.Fields.Schedule
			})
			f.Since = max(f.Since, limit)
		default:
			continue
		}
		if err != nil {
			return a, err
		}
		a.Findings = append(a.Findings, f)
	}
	return a, err
}

// lastComplete is when the newest complete run of a source ended, else when the
// source came to be as it is.
func lastComplete(l lint.Look, s register.Of[evidence.Source]) (sextant.Instant, error) {
	runs, err := l.Evidence.Runs(s.Key, l.View.At(), healthRuns)
	for _, r := range runs {
		if r.Complete {
			return r.Finished, err
		}
	}
	return s.Created, err
}

// silent is the moment from which a source has been quiet for too long.
func silent(schedule string, heard sextant.Instant, params map[string]float64) sextant.Instant {
	step := register.AddPeriod(heard.Time(), schedule).Sub(heard.Time())
	return heard.Add(time.Duration(params["times"])*step + time.Duration(params["hours"])*time.Hour)
}

func moment(at sextant.Instant) string { return "on " + at.Time().Format("2006-01-02 15:04") }

// failureWithoutTask: a grave check fails, and neither a task nor an exception
// is about it or about a control it is evidence for.
func failureWithoutTask(l lint.Look) (a lint.Answer, err error) {
	checks, err := check.InForce(l.View)
	if err != nil {
		return a, err
	}
	about, err := worked(l)
	if err != nil {
		return a, err
	}
	states, err := l.Evidence.States(check.Prefix, l.View.At())
	for _, s := range states {
		i := slices.IndexFunc(checks, func(c *check.Compiled) bool { return check.Prefix+c.ID == s.Subject })
		if i < 0 || checks[i].Severity != check.Critical && checks[i].Severity != check.High {
			continue
		}
		a.Looked++
		begins := s.At.Add(time.Duration(l.Params["days"]) * 24 * time.Hour)
		if control.State(s.State) != control.Fail || l.View.Now() < begins {
			continue
		}
		subjects := []string{s.Subject}
		for _, id := range ControlsOf(checks[i : i+1]) {
			subjects = append(subjects, framework.ControlPrefix+id)
		}
		if !slices.ContainsFunc(subjects, func(x string) bool { return about[x] }) {
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{s.Subject}, Facts: fmt.Sprintf("%s: fails since %s, and no open task is about it", checks[i].Title, s.At.Time().Format(time.DateOnly)),
				Place: "/checks/" + checks[i].ID})
		}
	}
	return a, err
}

// worked names what open tasks and standing exceptions are about.
func worked(l lint.Look) (map[string]bool, error) {
	about := map[string]bool{}
	tasks, err := work.Tasks.All(l.View, register.Filter{Field: "state", Op: register.Is, Values: []string{"open", "in_progress"}})
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		about[t.Fields.Subject] = true
		if e, err := l.View.Lookup(control.Implementations.Name, t.Fields.Subject); err == nil {
			about[e.Doc.Text("control")] = true
		}
	}
	exceptions, err := control.Exceptions.All(l.View, is("state", "approved"))
	day := l.View.Now().Time().Format(time.DateOnly)
	for _, e := range exceptions {
		if e.Fields.StartsOn <= day && day <= e.Fields.ExpiresOn {
			about[e.Fields.Check], about[e.Fields.Control] = true, true
		}
	}
	return about, err
}

// statementContradicted: a statement says that a control holds, and a check of
// the same control failed beyond its grace on a day of that period.
func statementContradicted(l lint.Look) (a lint.Answer, err error) {
	checks, err := check.InForce(l.View)
	if err != nil {
		return a, err
	}
	statements, err := control.StandingStatements(l)
	for _, s := range statements {
		if a.Looked++; s.Fields.Result != "holds" {
			continue
		}
		imp, err := control.Implementations.Get(l.View, s.Fields.Implementation)
		if err != nil || imp.State != "active" {
			continue
		}
		failed, err := failedIn(l, checks, strings.TrimPrefix(imp.Fields.Control, framework.ControlPrefix), s.Fields.PeriodFrom, s.Fields.PeriodTo)
		if err != nil {
			return a, err
		}
		if failed != "" {
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{s.Key, check.Prefix + failed}, Facts: fmt.Sprintf("stated that it holds from %s to %s, and %s failed in that time", s.Fields.PeriodFrom, s.Fields.PeriodTo, failed),
				Since: s.At, Owner: s.Fields.AttestedBy, Place: "/attestations/" + s.Key})
		}
	}
	return a, err
}

// failedIn names a check of a control that failed for the longer part of a
// period: what failed and was repaired is no contradiction.
func failedIn(l lint.Look, checks []*check.Compiled, id, from, to string) (string, error) {
	begin, err := sextant.ParseInstant(from)
	if err != nil {
		return "", err
	}
	end := min(lint.After(to, 0), l.View.Now())
	for i, c := range checks {
		if !slices.Contains(ControlsOf(checks[i:i+1]), id) {
			continue
		}
		intervals, err := l.Evidence.StatusBetween(evidence.StatusList{Subject: check.Prefix + c.ID, From: begin, To: end, At: l.View.At()})
		if err != nil {
			return "", err
		}
		failing := sextant.Instant(0)
		for _, s := range intervals {
			if control.State(s.State) != control.Fail {
				continue
			}
			until := s.Ended
			if until == 0 || until > end {
				until = end
			}
			failing += max(0, until-max(s.At, begin))
		}
		if failing > (end-begin)/2 {
			return c.ID, nil
		}
	}
	return "", nil
}

// accountType is what the connected system calls an account of a person.
const accountType = "aws:iam_user"

// leaverAccess joins accounts to persons by address: the name of the account,
// or a tag that holds an address of theirs.
func leaverAccess(l lint.Look) (a lint.Answer, err error) {
	left, err := leavers(l)
	if err != nil {
		return a, err
	}
	err = eachAccount(l, &a, func(r evidence.Resource, seen map[string]any) error {
		if p := left[addressOf(seen)]; p.Key != "" && usable(seen) && l.View.Now() >= lint.After(p.Fields.EndsOn, 0).Add(time.Duration(l.Params["hours"])*time.Hour) {
			account, err := l.Evidence.Thing(r.ID)
			if err != nil {
				return err
			}
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{p.Key, account.Key}, Facts: fmt.Sprintf("%s left on %s, and the account %v is active", p.Title(), p.Fields.EndsOn, foreign(fmt.Sprint(seen["name"]))),
				Owner: p.Fields.Manager, Place: "/persons/" + p.Key})
		}
		return nil
	})
	return a, err
}

// eachAccount gives the accounts of people that stand, with what was seen of
// them, and counts them. It cannot tell where no connected system shows any.
func eachAccount(l lint.Look, a *lint.Answer, do func(r evidence.Resource, seen map[string]any) error) error {
	counts, err := l.Evidence.ResourceCounts(l.View.At())
	if err != nil || !slices.ContainsFunc(counts, func(c evidence.TypeCount) bool { return c.Type == accountType }) {
		a.CannotTell = "no connected system shows accounts of people"
		return err
	}
	for after := int64(0); ; {
		const page = 500
		list, err := l.Evidence.ResourcePage(accountType, after, page, l.View.At())
		if err != nil {
			return err
		}
		for _, r := range list {
			after, a.Looked = r.ID, a.Looked+1
			seen, err := attributesOf(r)
			if err != nil {
				return err
			}
			if err := do(r, seen); err != nil {
				return err
			}
		}
		if len(list) < page {
			return nil
		}
	}
}

func leavers(l lint.Look) (map[string]register.Of[organisation.Person], error) {
	all, err := organisation.Persons.All(l.View)
	left := map[string]register.Of[organisation.Person]{}
	day := l.View.Now().Time().Format(time.DateOnly)
	for _, p := range all {
		if p.Fields.EndsOn == "" || p.Fields.EndsOn >= day {
			continue
		}
		for _, address := range append([]string{p.Fields.Email}, p.Fields.OtherEmails...) {
			if address != "" {
				left[strings.ToLower(address)] = p
			}
		}
	}
	return left, err
}

func addressOf(attributes map[string]any) string {
	if name, _ := attributes["name"].(string); strings.Contains(name, "@") {
		return strings.ToLower(name)
	}
	tags, _ := attributes["tags"].(map[string]any)
	for _, value := range tags {
		if text, _ := value.(string); strings.Contains(text, "@") {
			return strings.ToLower(text)
		}
	}
	return ""
}

// usable: somebody could sign in with it now.
func usable(attributes map[string]any) bool {
	password, _ := attributes["password_enabled"].(bool)
	keys, _ := attributes["active_keys"].(float64)
	return password || keys > 0
}
