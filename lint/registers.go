// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/asset"
	"sextant/obligation"
	"sextant/organisation"
	"sextant/register"
	"sextant/task"
)

// Registers computes the rules about persons, assets, duties, contracts and
// tasks.
func Registers() Conditions {
	return Conditions{
		"owner-has-left":             ownerHasLeft,
		"role-mandatory-vacant":      roleVacant,
		"screening-after-start":      termsAfterStart,
		"asset-without-owner":        assetWithoutOwner,
		"obligation-unreviewed":      dutyUnreviewed,
		"obligation-country-missing": countryMissing,
		"contract-terms-missing":     termsMissing,
		"contract-ran-out":           contractRanOut,
		"task-overdue":               taskOverdue,
		"certificate-cycle":          certificateCycle,
		"signed-while-absent":        signedWhileAbsent,
		"dated-in-the-future":        datedInTheFuture,
	}
}

var active = state("active")

func state(names ...string) register.Filter {
	return register.Filter{Field: "state", Op: register.Is, Values: names}
}

func today(l Look) string { return l.View.Now().Time().Format(time.DateOnly) }

// manager is the key of the ISMS manager, who puts right what nobody else does.
func manager(l Look) (string, error) {
	org, err := theOrganisation(l)
	return org.Fields.ISMSManager, err
}

func theOrganisation(l Look) (register.Of[organisation.Organisation], error) {
	return Once(l, "lint.organisation", func() (org register.Of[organisation.Organisation], err error) {
		all, err := organisation.Organisations.All(l.View)
		if err == nil && len(all) > 0 {
			org = all[0]
		}
		return org, err
	})
}

// gone gives the persons who are not here any more, with since when, by key.
func gone(l Look) (map[string]sextant.Instant, error) {
	return Once(l, "lint.gone", func() (map[string]sextant.Instant, error) {
		all, err := organisation.Persons.All(l.View)
		if err != nil {
			return nil, err
		}
		left := map[string]sextant.Instant{}
		for _, p := range all {
			ended := p.Fields.EndsOn != "" && p.Fields.EndsOn < today(l)
			if p.State != "left" && !ended {
				continue
			}
			since, err := Held(l.View, p.Register.Name, p.Key, func(e register.Entry) bool { return e.State == "left" })
			if err != nil {
				return nil, err
			}
			if ended {
				said, err := Held(l.View, p.Register.Name, p.Key, func(e register.Entry) bool { return e.Doc.Text("ends_on") == p.Fields.EndsOn })
				if err != nil {
					return nil, err
				}
				if by := max(said, After(p.Fields.EndsOn, 0)); since == 0 || by < since {
					since = by
				}
			}
			left[p.Key] = since
		}
		return left, nil
	})
}

// duties are the fields beside the owner through which a person is waited for.
var duties = []string{"approver", "assignee", "reviewer", "verifier", "operator", "custodian"}

func ownerHasLeft(l Look) (a Answer, err error) {
	left, err := gone(l)
	if err != nil {
		return a, err
	}
	if a.Looked, err = l.View.CountOf("person"); err != nil {
		return a, err
	}
	successor, err := manager(l)
	if err != nil {
		return a, err
	}
	for _, person := range sorted(left) {
		links, err := l.View.PointingAt("person", person)
		if err != nil {
			return a, err
		}
		for _, link := range links {
			f, err := heldBy(l, link, person, left[person])
			if err != nil {
				return a, err
			}
			if f != nil && !slices.ContainsFunc(a.Findings, f.Is) {
				f.Owner = successor
				a.Findings = append(a.Findings, *f)
			}
		}
	}
	return a, nil
}

func sorted(of map[string]sextant.Instant) []string {
	var keys []string
	for k := range of {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return keys
}

// heldBy says of one reference to a person who left whether something waits for
// them through it.
func heldBy(l Look, link register.Link, person string, since sextant.Instant) (*Finding, error) {
	e, err := l.View.Lookup(link.FromRegister, link.FromKey)
	if err != nil {
		if sextant.CodeOf(err) == sextant.NotFound {
			err = nil // deleted since
		}
		return nil, err
	}
	f, _ := e.Register.Field(link.Field)
	if e.Register.Group == "" && e.Register.Parent == "" || closed(e) || !f.IsOwner && !slices.Contains(duties, f.Key) {
		return nil, nil //nolint:nilnil // nothing waits
	}
	given, err := Held(l.View, link.FromRegister, link.FromKey, func(v register.Entry) bool {
		return !closed(v) && slices.Contains(v.Doc.Strings(f.Key), person)
	})
	return &Finding{Entries: []string{e.Key, person}, Facts: fmt.Sprintf("%s: %s is %s, who left", e.Title(), strings.ToLower(f.Label), l.View.TitleOf("person", person)),
		Since: max(since, given), Place: "/" + e.Register.Plural + "/" + e.Key}, err
}

func closed(e register.Entry) bool {
	s, _ := e.Register.Lifecycle.State(e.State)
	return s.Closed
}

func roleVacant(l Look) (a Answer, err error) {
	org, err := theOrganisation(l)
	if err != nil {
		return a, err
	}
	left, err := gone(l)
	if err != nil || org.Key == "" {
		a.CannotTell = "the organisation itself is not described yet"
		return a, err
	}
	here := func(key string) bool { _, isGone := left[key]; return key != "" && !isGone }
	a.Looked = 2
	var vacant []string
	if !here(org.Fields.ISMSManager) {
		vacant = append(vacant, "nobody is ISMS manager")
	}
	if !slices.ContainsFunc(org.Fields.TopManagement, here) {
		vacant = append(vacant, "nobody is top management")
	}
	if len(vacant) > 0 {
		a.Findings = []Finding{{Entries: []string{org.Key}, Facts: strings.Join(vacant, "; "), Place: "/organisation/" + org.Key}}
	}
	return a, nil
}

// termsAfterStart leaves out those who started before the management system
// did: nobody asked them then.
func termsAfterStart(l Look) (a Answer, err error) {
	org, err := theOrganisation(l)
	if err != nil {
		return a, err
	}
	all, err := organisation.Persons.All(l.View, state("active", "on_leave", "leaving"))
	for _, p := range all {
		f := p.Fields
		if f.Kind != "employee" && f.Kind != "contractor" || f.StartsOn == "" || f.StartsOn > today(l) || f.StartsOn < org.Fields.ISMSLiveOn {
			continue
		}
		a.Looked++
		last := After(f.StartsOn, l.Params["days"]).Time().AddDate(0, 0, -1).Format(time.DateOnly)
		var late []string
		for _, paper := range []struct{ name, on string }{{"terms", f.TermsSignedOn}, {"confidentiality", f.NDASignedOn}} {
			switch {
			case paper.on == "" && last < today(l):
				late = append(late, paper.name+" not signed")
			case paper.on > last:
				late = append(late, paper.name+" signed on "+paper.on)
			}
		}
		if len(late) > 0 {
			a.Findings = append(a.Findings, Finding{Entries: []string{p.Key}, Facts: p.Title() + " started on " + f.StartsOn + ": " + strings.Join(late, ", "), Owner: cmp.Or(f.Manager, org.Fields.ISMSManager), Place: "/persons/" + p.Key})
		}
	}
	return a, err
}

func assetWithoutOwner(l Look) (a Answer, err error) {
	successor, err := manager(l)
	if err != nil {
		return a, err
	}
	all, err := asset.Assets.All(l.View, state("proposed", "active"))
	for _, x := range all {
		a.Looked++
		waited := x.Created.Add(time.Duration(l.Params["days"]) * 24 * time.Hour)
		if x.Fields.Owner != "" || x.State == "proposed" && l.View.Now() < waited {
			continue
		}
		a.Findings = append(a.Findings, Finding{Entries: []string{x.Key}, Facts: x.Title() + ": nobody is its owner", Owner: successor, Place: "/assets/" + x.Key})
	}
	return a, err
}

func dutyUnreviewed(l Look) (a Answer, err error) {
	successor, err := manager(l)
	if err != nil {
		return a, err
	}
	all, err := obligation.Obligations.All(l.View, active)
	laws := 0
	for _, o := range all {
		f := o.Fields
		a.Looked++
		if f.Kind == "law" || f.Kind == "regulation" {
			laws++
		}
		if !f.Binds(today(l)) {
			continue
		}
		last := cmp.Or(f.ReviewedOn, o.Created.Time().Format(time.DateOnly))
		begins := min(After(f.ReviewOn, 0), After(last, l.Params["days"]))
		if l.View.Now() < begins {
			continue
		}
		stood, err := Held(l.View, o.Register.Name, o.Key, func(e register.Entry) bool {
			return e.State == "active" && e.Doc.Text("review_on") == f.ReviewOn && e.Doc.Text("reviewed_on") == f.ReviewedOn && e.Doc.Text("in_force_from") == f.InForceFrom && e.Doc["is_applicable"] == true
		})
		if err != nil {
			return a, err
		}
		a.Findings = append(a.Findings, Finding{Entries: []string{o.Key}, Facts: fmt.Sprintf("%s: last looked at on %s, due on %s", o.Title(), last, f.ReviewOn),
			Since: max(begins, stood, startOf(f.InForceFrom)), Owner: f.Owner, Place: "/obligations/" + o.Key})
	}
	if laws == 0 && err == nil {
		a.Findings = append(a.Findings, Finding{Facts: "no law is registered that binds you", Owner: successor, Place: "/obligations"})
	}
	return a, err
}

// startOf is the first moment of a date, 0 for none.
func startOf(date string) sextant.Instant { return max(0, After(date, -1)) }

// union are the members of the EU, which a duty of the EU covers.
var union = strings.Fields("AT BE BG CY CZ DE DK EE EL ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK")

func countryMissing(l Look) (a Answer, err error) {
	org, err := theOrganisation(l)
	if err != nil {
		return a, err
	}
	duties, err := obligation.Obligations.All(l.View, active)
	if err != nil {
		return a, err
	}
	known := map[string]bool{}
	for _, o := range duties {
		for _, code := range o.Fields.Jurisdictions {
			known[strings.ToUpper(code)] = true
		}
	}
	missing := func(code string) bool {
		return code != "" && !known[code] && (!known["EU"] || !slices.Contains(union, code))
	}
	if code := strings.ToUpper(org.Fields.Country); code != "" {
		if a.Looked++; missing(code) {
			a.Findings = append(a.Findings, Finding{Entries: []string{org.Key}, Facts: "registered in " + code + ", and no duty names it", Owner: org.Fields.ISMSManager, Place: "/obligations"})
		}
	}
	contracts, err := obligation.Contracts.All(l.View, state("signed", "in_force"))
	for _, c := range contracts {
		for _, code := range c.Fields.DataLocation {
			if a.Looked++; missing(strings.ToUpper(code)) {
				a.Findings = append(a.Findings, Finding{Entries: []string{c.Key}, Facts: c.Title() + " puts data in " + strings.ToUpper(code) + ", and no duty names it", Owner: c.Fields.Owner, Place: "/contracts/" + c.Key})
				break
			}
		}
	}
	return a, err
}

// asked are the terms without which a supplier is bound to nothing.
var asked = []string{"confidentiality", "incident_notice"}

func termsMissing(l Look) (a Answer, err error) {
	all, err := obligation.Contracts.All(l.View, state("in_force"))
	for _, c := range all {
		f := c.Fields
		if f.Kind != "supplier" && f.Kind != "data_processing" {
			continue
		}
		a.Looked++
		lacks := lacking(f.SecurityTerms)
		if len(lacks) == 0 || f.MissingTermsReason != "" {
			continue
		}
		since, err := Held(l.View, c.Register.Name, c.Key, func(e register.Entry) bool {
			return e.State == "in_force" && len(lacking(e.Doc.Strings("security_terms"))) > 0 && e.Doc.Text("missing_terms_reason") == ""
		})
		if err != nil {
			return a, err
		}
		terms, _ := c.Register.Field("security_terms")
		for i := range lacks {
			lacks[i] = strings.ToLower(terms.ValueLabel(lacks[i]))
		}
		a.Findings = append(a.Findings, Finding{Entries: []string{c.Key}, Facts: c.Title() + " says nothing of " + strings.Join(lacks, " or "), Since: since, Owner: f.Owner, Place: "/contracts/" + c.Key})
	}
	return a, err
}

// lacking gives the asked terms that are not among those of a contract.
func lacking(terms []string) []string {
	return slices.DeleteFunc(slices.Clone(asked), func(term string) bool { return slices.Contains(terms, term) })
}

func contractRanOut(l Look) (a Answer, err error) {
	all, err := obligation.Contracts.All(l.View, state("signed", "in_force"))
	for _, c := range all {
		f := c.Fields
		a.Looked++
		facts, begins := "in force, though it ended on "+f.EndsOn, After(f.EndsOn, l.Params["days"])
		if c.State == "signed" {
			facts, begins = "holds since "+f.EffectiveFrom+", and nobody marked it in force", After(f.EffectiveFrom, l.Params["days"])
		}
		if begins == 0 || l.View.Now() < begins || c.State == "in_force" && f.IsAutoRenewed {
			continue
		}
		stood, err := Held(l.View, c.Register.Name, c.Key, func(e register.Entry) bool {
			return e.State == c.State && e.Doc.Text("ends_on") == f.EndsOn && (e.State == "signed" || e.Doc["is_auto_renewed"] != true)
		})
		if err != nil {
			return a, err
		}
		a.Findings = append(a.Findings, Finding{Entries: []string{c.Key}, Facts: c.Title() + ": " + facts, Since: max(begins, stood), Owner: f.Owner, Place: "/contracts/" + c.Key})
	}
	return a, err
}

func taskOverdue(l Look) (a Answer, err error) {
	all, err := task.Tasks.All(l.View, state("open", "in_progress"))
	a.Looked = len(all)
	for _, t := range all {
		if begins := After(t.Fields.DueOn, l.Params["days"]); l.View.Now() >= begins {
			stood, err := Held(l.View, t.Register.Name, t.Key, func(e register.Entry) bool {
				return (e.State == "open" || e.State == "in_progress") && e.Doc.Text("due_on") == t.Fields.DueOn
			})
			if err != nil {
				return a, err
			}
			a.Findings = append(a.Findings, Finding{Entries: []string{t.Key}, Facts: t.Title() + ": due on " + t.Fields.DueOn, Since: max(begins, stood), Owner: t.Fields.Assignee, Place: "/tasks/" + t.Key})
		}
	}
	return a, err
}
