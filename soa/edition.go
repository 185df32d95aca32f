// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"slices"
	"time"

	"sextant"
	"sextant/access"
	"sextant/organisation"
	"sextant/register"
)

// Edition is one version of the statement of a management system, the one a
// certificate or an audit cites. While it is a draft the living rows are what
// will be in it; when it is reviewed the whole statement is written into files,
// and those files are what top management signs. It holds no row itself.
type Edition struct {
	Title            string   `json:"title" is:"text derived title" label:"Version"`
	ManagementSystem string   `json:"management_system" is:"ref required" to:"management_system" label:"Management system"`
	Number           *float64 `json:"number" is:"number derived" label:"Number"`
	ChangeSummary    string   `json:"change_summary" is:"markdown required" label:"What changed, and why" help:"Two or three sentences for whoever knows the version before."`
	Author           string   `json:"author" is:"person required owner keep" label:"Author"`
	Reviewer         string   `json:"reviewer" is:"person keep" label:"Reviewer" help:"Reads every row before top management signs. Not the author."`
	Approver         string   `json:"approver" is:"person keep" label:"Approver" help:"Somebody of top management, in person."`
	ReviewOn         string   `json:"review_on" is:"date required due" label:"Next review on"`
	StatusAsOf       string   `json:"status_as_of" is:"datetime derived" label:"As of" help:"The moment whose decisions, declarations and evidence are in it."`
	ApprovedAt       string   `json:"approved_at" is:"datetime derived" label:"Approved"`
}

// No is the number, 0 where it has none.
func (e Edition) No() int {
	if e.Number == nil {
		return 0
	}
	return int(*e.Number)
}

// The states of an edition.
const (
	Draft      = "draft"
	Reviewed   = "reviewed"
	Approved   = "approved"
	Superseded = "superseded"
)

const editionName = "soa"

// Editions is the register of versions of statements.
var Editions = register.Declare(register.Definition{
	Name: editionName, Plural: "soa-versions", Prefix: "SOAV", Title: "Version of the statement", Titles: "Versions of the statement",
	Question: "Which version of the statement is in force?",
	Purpose:  "The versions of the Statement of Applicability. A version is drafted, reviewed, signed by top management and kept for ever as it was.",
	Clauses:  []string{"6.1.3 d)", "7.5.3"}, Retention: register.Permanent, Parent: "management_system", Group: "controls", NoToken: true,
	Unique: [][]string{{"management_system", "number"}},
	Derive: nameEdition,
	Lifecycle: register.Lifecycle{
		Initial: Draft,
		States: []register.State{{Name: Draft, Label: "Draft"}, {Name: Reviewed, Label: "Reviewed", Freeze: &register.Freeze{}},
			{Name: Approved, Label: "Approved", Freeze: &register.Freeze{}}, {Name: Superseded, Label: "Superseded", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "review", Label: "Reviewed", From: []string{Draft}, To: Reviewed, Who: []string{"reviewer"}, Needs: []string{"reviewer", "approver"}, Sign: register.Review, Renders: true, Guard: mayReview, Sets: asOfNow},
			{Name: "return", Label: "Back to draft", From: []string{Reviewed}, To: Draft, Who: []string{"reviewer", "approver", "author"}, NeedsReason: true, Sets: asOfNothing},
			{Name: "approve", Label: "Approve", From: []string{Reviewed}, To: Approved, Who: []string{"approver"}, Sign: register.Approve, Renders: true, Guard: mayApprove, Sets: approvedNow, Then: supersede},
			{Name: "supersede", Label: "Supersede", From: []string{Approved}, To: Superseded, Who: []string{string(access.System)}},
		},
	},
}, checkEdition)

// nameEdition numbers a new version after the ones there were.
func nameEdition(tx register.Reader, doc register.Doc) error {
	system := doc.Text("management_system")
	if doc["number"] == nil {
		others, err := tx.Select(editionName, ofSystem(system))
		if err != nil {
			return err
		}
		last := 0.0
		for _, e := range others {
			number, _ := e.Doc["number"].(float64)
			last = max(last, number)
		}
		doc["number"] = last + 1
	}
	title := ""
	if of, err := tx.Lookup("management_system", system); err == nil {
		title = " of " + of.Title()
	}
	doc["title"] = "Version " + doc.Text("number") + title
	return nil
}

func ofSystem(key string) register.Filter {
	return register.Filter{Field: "management_system", Op: register.Is, Values: []string{key}}
}

// checkEdition: one version at a time is on its way, and whoever wrote it
// does not review it.
func checkEdition(tx register.Reader, now register.Of[Edition], before *register.Of[Edition]) error {
	f := now.Fields
	switch {
	case f.Reviewer != "" && f.Reviewer == f.Author:
		return sextant.Errorf(sextant.Invalid, "the reviewer is not the author").At("reviewer").WithHint("ask somebody who did not decide the rows")
	}
	if before != nil {
		return nil
	}
	open, err := tx.Select(editionName, ofSystem(f.ManagementSystem), register.Filter{Field: "state", Op: register.Is, Values: []string{Draft, Reviewed}})
	if err == nil && len(open) > 0 {
		err = sextant.Errorf(sextant.Conflict, "%s is on its way already", open[0].Title()).At("management_system").WithHint("go on with that one, or delete it while it is a draft")
	}
	return err
}

func mayReview(g register.Guarding) error {
	if g.Actor.Person == g.Next.Text("author") {
		return sextant.Errorf(sextant.Denied, "nobody reviews what they wrote").At("reviewer")
	}
	if err := isTopManagement(g); err != nil {
		return err
	}
	return nothingBlocks(g)
}

// mayApprove: top management, in person, and not who wrote it.
func mayApprove(g register.Guarding) error {
	if g.Actor.Person == g.Next.Text("author") {
		return sextant.Errorf(sextant.Denied, "nobody approves what they wrote").At("approver")
	}
	return isTopManagement(g)
}

func isTopManagement(g register.Guarding) error {
	top, err := organisation.TopManagement(g.Tx)
	if err == nil && !slices.Contains(top, g.Next.Text("approver")) {
		err = sextant.Errorf(sextant.Denied, "the approver does not belong to top management").At("approver").WithHint("name somebody of top management, or correct who belongs to it under organisation")
	}
	return err
}

func asOfNow(g register.Guarding, next register.Doc) {
	next["status_as_of"] = g.Now.Time().Format(time.RFC3339)
}

func asOfNothing(_ register.Guarding, next register.Doc) { delete(next, "status_as_of") }

func approvedNow(g register.Guarding, next register.Doc) {
	next["approved_at"] = g.Now.Time().Format(time.RFC3339)
}

// supersede ends the version that was in force with the one that comes into
// force.
func supersede(tx *register.Tx, e register.Entry) error {
	before, err := tx.Select(editionName, ofSystem(e.Doc.Text("management_system")), register.Filter{Field: "state", Op: register.Is, Values: []string{Approved}})
	if err != nil {
		return err
	}
	for _, old := range before {
		if old.Key == e.Key {
			continue
		}
		if _, err := tx.Transition(editionName, old.Key, old.Version, "supersede", nil, register.Note{Why: e.Title() + " is in force"}); err != nil {
			return err
		}
	}
	return nil
}

// EditionsOf gives the versions of a management system's statement, the newest
// first.
func EditionsOf(tx register.Reader, system string) ([]register.Of[Edition], error) {
	list, err := Editions.All(tx, ofSystem(system))
	slices.SortFunc(list, func(a, b register.Of[Edition]) int { return b.Fields.No() - a.Fields.No() })
	return list, err
}

// EditionNumbered finds one of them by its number.
func EditionNumbered(tx register.Reader, system string, number int) (register.Of[Edition], error) {
	list, err := EditionsOf(tx, system)
	for _, e := range list {
		if e.Fields.No() == number {
			return e, err
		}
	}
	if err == nil {
		err = sextant.Errorf(sextant.NotFound, "there is no version %d of the statement", number)
	}
	return register.Of[Edition]{}, err
}
