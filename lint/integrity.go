// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"sextant"
	"sextant/organisation"
	"sextant/register"
)

// away are the states of a person in which nobody signs.
var away = map[string]string{"expected": "had not started", "on_leave": "was on leave", "left": "had left"}

// signedWhileAbsent looks at what those signed who were away at some time. What
// was signed anew since stands in no doubt.
func signedWhileAbsent(l Look) (a Answer, err error) {
	if a.Looked, err = l.View.CountOf(register.SignOffs.Name); err != nil {
		return a, err
	}
	people, err := organisation.Persons.All(l.View)
	for _, p := range people {
		versions := []register.Entry{p.Entry}
		if p.Version > 1 {
			if versions, err = past(l.View, p.Register.Name, p.Key); err != nil {
				return a, err
			}
		}
		if !everAway(versions) {
			continue
		}
		signs, err := register.SignOffs.All(l.View, register.Filter{Field: "person", Op: register.Is, Values: []string{p.Key}})
		if err != nil {
			return a, err
		}
		for _, s := range signs {
			why, recorded := absent(versions, s.At)
			if why == "" {
				continue
			}
			if again, err := signedAnew(l, s); err != nil || again {
				if err != nil {
					return a, err
				}
				continue
			}
			a.Findings = append(a.Findings, Finding{Entries: []string{s.Key, p.Key}, Facts: fmt.Sprintf("%s, signed on %s by %s, who %s", s.Title(), s.At.Time().Format(time.DateOnly), p.Title(), why),
				Since: max(s.At, recorded), Place: "/sign-offs/" + s.Key})
		}
	}
	if err == nil {
		err = a.giveToManager(l)
	}
	return a, err
}

// everAway says whether there is a moment at which a person could not have signed.
func everAway(versions []register.Entry) bool {
	now := versions[0]
	return now.Doc.Text("ends_on") != "" || now.Doc.Text("starts_on") > now.Created.Time().Format(time.DateOnly) || slices.ContainsFunc(versions, func(v register.Entry) bool { return away[v.State] != "" })
}

// signedAnew: the same was decided about the same thing later.
func signedAnew(l Look, s register.Of[register.SignOff]) (bool, error) {
	same, err := register.SignOffs.All(l.View, register.Filter{Field: "subject", Op: register.Is, Values: []string{s.Fields.Subject}}, register.Filter{Field: "decision", Op: register.Is, Values: []string{s.Fields.Decision}})
	return slices.ContainsFunc(same, func(other register.Of[register.SignOff]) bool { return other.At > s.At }), err
}

// giveToManager has the ISMS manager put right what nobody owns.
func (a *Answer) giveToManager(l Look) error {
	key, err := manager(l)
	for i := range a.Findings {
		a.Findings[i].Owner = cmp.Or(a.Findings[i].Owner, key)
	}
	return err
}

// past gives all versions of an entry, the newest first.
func past(v *register.View, name, key string) (all []register.Entry, err error) {
	for before := 0; ; {
		page, err := v.Past(name, key, before, versionsAtOnce)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < versionsAtOnce {
			return all, nil
		}
		before = page[len(page)-1].Version
	}
}

// absent says why a person could not have signed at a moment, "" where they
// could: by the state they had then, or by the first and last day that are
// recorded for them today; and since when that is recorded.
func absent(versions []register.Entry, at sextant.Instant) (why string, recorded sextant.Instant) {
	for _, v := range versions {
		if v.At <= at {
			if why = away[v.State]; why != "" {
				return why, 0
			}
			break
		}
	}
	day, now := at.Time().Format(time.DateOnly), versions[0].Doc
	switch starts, ends := now.Text("starts_on"), now.Text("ends_on"); {
	case starts != "" && day < starts:
		return "started only on " + starts, saidSince(versions, "starts_on")
	case ends != "" && day > ends:
		return "had left on " + ends, saidSince(versions, "ends_on")
	}
	return "", 0
}

// saidSince gives since when a field has had its value of now.
func saidSince(versions []register.Entry, field string) (since sextant.Instant) {
	for _, v := range versions {
		if v.Doc.Text(field) != versions[0].Doc.Text(field) {
			break
		}
		since = v.At
	}
	return since
}

// done are the fields that say when something was done, by register.
var done = []struct {
	register string
	fields   []string
}{
	{"attestation", []string{"period_to"}},
	{"document_review", []string{"done_on"}},
	{"obligation", []string{"reviewed_on"}},
	{"contract", []string{"signed_on"}},
	{"certificate", []string{"decided_on", "surveillances", "changes_told_on"}},
	{organisation.Persons.Name, []string{"terms_signed_on", "nda_signed_on", "assets_returned_on", "access_removed_on"}},
}

// datedInTheFuture: a day was entered for something done that had not begun
// when it was entered, wherever on earth it was entered. It stands until the day
// is corrected, also when it has come.
func datedInTheFuture(l Look) (a Answer, err error) {
	for _, of := range done {
		if _, err := l.View.Set().Named(of.register); err != nil {
			continue // a program without the register
		}
		all, err := l.View.Select(of.register)
		if err != nil {
			return a, err
		}
		for _, e := range all {
			a.Looked++
			f, err := ahead(l, e, of.fields)
			if err != nil {
				return a, err
			}
			if f != nil {
				a.Findings = append(a.Findings, *f)
			}
		}
	}
	return a, a.giveToManager(l)
}

func ahead(l Look, e register.Entry, fields []string) (*Finding, error) {
	if e.State == "voided" || e.State == "draft" {
		return nil, nil //nolint:nilnil // what is void or not said yet says nothing
	}
	slack := time.Duration(l.Params["hours"]) * time.Hour
	for _, key := range fields {
		for _, day := range e.Doc.Strings(key) {
			if startOf(day) <= e.Created.Add(slack) {
				continue // it had begun before anybody could enter it
			}
			entered, err := Held(l.View, e.Register.Name, e.Key, func(v register.Entry) bool {
				return v.State != "draft" && slices.Contains(v.Doc.Strings(key), day)
			})
			if err != nil {
				return nil, err
			}
			if startOf(day) <= entered.Add(slack) {
				continue
			}
			f, _ := e.Register.Field(key)
			return &Finding{Entries: []string{e.Key}, Facts: fmt.Sprintf("%s: %q is %s, entered on %s", e.Title(), f.Label, day, entered.Time().Format(time.DateOnly)), Since: entered, Owner: e.Owner(), Place: "/" + e.Register.Plural + "/" + e.Key}, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing is ahead
}
