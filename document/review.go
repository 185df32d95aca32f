// SPDX-License-Identifier: Apache-2.0

package document

import (
	"time"

	"sextant"
	"sextant/register"
)

// Review is the proof that somebody looked at a document when it was due, even
// where nothing changed (7.5.2 c).
type Review struct {
	Title     string `json:"title" is:"text derived title" label:"Review of"`
	Document  string `json:"document" is:"ref required" to:"document" label:"Document"`
	Version   string `json:"document_version" is:"ref keep derived" to:"document_version" label:"Edition" help:"The one in force when it was looked at."`
	PlannedOn string `json:"planned_on" is:"date derived" label:"Planned for"`
	DoneOn    string `json:"done_on" is:"date required" label:"Done on"`
	Reviewer  string `json:"reviewer" is:"person required owner keep" label:"Reviewer"`
	Outcome   string `json:"outcome" is:"enum required" values:"still_right=Still right,minor_change=Needs a minor change,major_change=Needs a major change,withdraw=To be withdrawn" label:"Outcome"`
	Inputs    string `json:"inputs" is:"markdown required" label:"What was considered" help:"Incidents, audits, law, risks, what people said: and what came of it."`
	NextOn    string `json:"next_on" is:"date derived" label:"Next review"`
}

const reviewName = "document_review"

// Reviews is the register of reviews. One counts once its reviewer has signed it.
var Reviews = register.Declare[Review](register.Definition{
	Name: reviewName, Plural: "document-reviews", Prefix: "DRV", Title: "Document review",
	Question: "Which documents were looked at, and what came of it?",
	Purpose:  "Proof that documents were looked at when due.", Clauses: []string{"7.5.2 c)"}, Retention: "two_cycles",
	Parent: "document", Derive: deriveReview,
	Lifecycle: register.Lifecycle{
		Initial: "draft",
		States: []register.State{{Name: "draft", Label: "Draft"}, {Name: "recorded", Label: "Recorded", Freeze: &register.Freeze{}},
			{Name: "voided", Label: "Voided", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "record", Label: "Record", From: []string{"draft"}, To: "recorded", Who: []string{"reviewer"}, Sign: register.Review, Guard: mayRecord, Then: moveReview},
			{Name: "void", Label: "Void", From: []string{"recorded"}, To: "voided", Who: []string{"isms_manager"}, NeedsReason: true},
		},
	},
}, nil)

// deriveReview takes from the document what was planned, once, and counts the
// next review from that plan: lateness does not move it. A review so late that
// the next one would be over already goes on to the first still ahead.
func deriveReview(tx register.Reader, doc register.Doc) error {
	of, err := tx.Lookup(documentName, doc.Text("document"))
	if err != nil {
		return nil //nolint:nilerr // the missing document is refused with its field by the reference check that follows
	}
	doc["title"] = of.Title() + ", " + doc.Text("done_on")
	if doc.Text("document_version") == "" && of.Doc.Text("current_version") != "" {
		doc["document_version"] = of.Doc.Text("current_version")
	}
	if doc.Text("planned_on") == "" {
		doc["planned_on"] = of.Doc.Text("next_review_on")
	}
	planned, err := time.Parse(time.DateOnly, doc.Text("planned_on"))
	if err != nil {
		delete(doc, "planned_on")
		return nil //nolint:nilerr // a document without an edition in force has no plan; recording refuses it
	}
	_, next := planAfter(planned, of.Doc.Text("review_interval"), doc.Text("done_on"))
	doc["next_on"] = next
	return nil
}

func mayRecord(g register.Guarding) error {
	if g.Next.Text("document_version") == "" || g.Next.Text("planned_on") == "" {
		return sextant.Errorf(sextant.Conflict, "no edition of it is in force, so there is nothing to review").At("document").WithHint("put an edition in force first")
	}
	if g.Next.Text("done_on") > today(g.Now) {
		return sextant.Errorf(sextant.Invalid, "it is not %s yet", g.Next.Text("done_on")).At("done_on")
	}
	return nil
}

// planAfter goes on from a planned day by whole intervals to the first that is
// after the day it was done, and gives the step it counts from and that day.
func planAfter(planned time.Time, interval, done string) (from, next string) {
	at := planned
	for range 1000 {
		ahead := register.AddPeriod(at, interval)
		if ahead.Format(time.DateOnly) > done || !ahead.After(at) {
			return at.Format(time.DateOnly), ahead.Format(time.DateOnly)
		}
		at = ahead
	}
	return at.Format(time.DateOnly), at.Format(time.DateOnly)
}

// moveReview has the document ask again when the review says.
func moveReview(tx *register.Tx, e register.Entry) error {
	of, err := tx.Lookup(documentName, e.Doc.Text("document"))
	if err != nil {
		return err
	}
	planned, err := time.Parse(time.DateOnly, e.Doc.Text("planned_on"))
	if err != nil {
		return err
	}
	from, _ := planAfter(planned, of.Doc.Text("review_interval"), e.Doc.Text("done_on"))
	_, err = tx.Edit(documentName, of.Key, 0, map[string]any{"counts_from": from}, register.Note{Why: "reviewed: " + e.Key})
	return err
}
