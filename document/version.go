// SPDX-License-Identifier: Apache-2.0

package document

import (
	"time"

	"sextant"
	"sextant/register"
)

// Version is one edition of a document: its words or its file, what changed and
// why, who wrote it, who approved it, and from when it holds.
type Version struct {
	Title           string         `json:"title" is:"text derived title" label:"Edition of"`
	Document        string         `json:"document" is:"ref required" to:"document" label:"Document"`
	Edition         string         `json:"edition" is:"text required" label:"Edition" help:"Such as 1.0. The first number counts up when the meaning changes."`
	Body            string         `json:"body" is:"markdown" label:"Text"`
	File            map[string]any `json:"file" is:"file" label:"File" help:"Instead of a text."`
	ChangeSummary   string         `json:"change_summary" is:"markdown" label:"What changed, and why"`
	Author          string         `json:"author" is:"person required owner keep" label:"Author"`
	Reviewers       []string       `json:"reviewers" is:"person keep" label:"Reviewers"`
	Approver        string         `json:"approver" is:"person keep derived" label:"Approver" help:"Taken from the document when the edition is submitted."`
	SubmittedAt     string         `json:"submitted_at" is:"datetime derived" label:"Submitted"`
	ApprovedAt      string         `json:"approved_at" is:"datetime derived" label:"Approved"`
	EffectiveFrom   string         `json:"effective_from" is:"date" label:"In force from" help:"Not before it is approved."`
	Template        string         `json:"template" is:"text" label:"Template" help:"Where the text was begun from one of the templates: its name."`
	TemplateVersion string         `json:"template_version" is:"text derived" label:"Version of the template"`
	TemplateText    string         `json:"template_text" is:"markdown derived" label:"Template as it was" help:"What a newer version of the template is compared with."`
}

const versionName = "document_version"

// Versions is the register of editions. Approval is a sign-off by somebody
// other than the author; the edition that comes into force supersedes the one
// before in the same transaction.
var Versions = register.Declare(register.Definition{
	Name: versionName, Plural: "document-versions", Prefix: "DV", Title: "Document version",
	Question: "Which editions are there, and which is in force?",
	Purpose:  "The editions of documents: words or file, what changed, who approved it, from when it holds.",
	Clauses:  []string{"7.5.2", "7.5.3"}, Retention: "permanent", Parent: "document",
	Unique: [][]string{{"document", "edition"}},
	Lists:  []register.Shape{{Filter: []string{"state"}, Order: "title"}},
	Derive: deriveVersion,
	Lifecycle: register.Lifecycle{
		Initial: "draft",
		States: []register.State{
			{Name: "draft", Label: "Draft"},
			{Name: "in_review", Label: "In review", Freeze: &register.Freeze{Except: []string{"reviewers", "effective_from", "change_summary"}}},
			{Name: "approved", Label: "Approved", Freeze: &register.Freeze{}},
			{Name: "published", Label: "In force", Freeze: &register.Freeze{}},
			{Name: "superseded", Label: "Superseded", Closed: true, Freeze: &register.Freeze{}},
			{Name: "withdrawn", Label: "Withdrawn", Closed: true, Freeze: &register.Freeze{}},
		},
		Transitions: []register.Transition{
			{Name: "compare", Label: "Compared with the newest template", From: []string{"draft"}, To: "draft", Who: []string{"author", "isms_manager"}, Guard: hasTemplate, Sets: measureByNewest},
			{Name: "submit", Label: "Submit for approval", From: []string{"draft"}, To: "in_review", Who: []string{"author", "isms_manager"}, Needs: []string{"change_summary"}, Input: []string{"change_summary", "effective_from"}, Guard: maySubmit, Sets: submitted},
			{Name: "review", Label: "Reviewed", From: []string{"in_review"}, To: "in_review", Who: []string{"reviewers"}, Sign: register.Review},
			{Name: "return", Label: "Return to the author", From: []string{"in_review"}, To: "draft", Who: []string{"approver", "reviewers", "author"}, NeedsReason: true, Sets: unsubmitted},
			{Name: "approve", Label: "Approve", From: []string{"in_review"}, To: "approved", Who: []string{"approver"}, Input: []string{"effective_from"}, Sign: register.Approve, Renders: true, Guard: mayApprove, Sets: approved, Then: publishIfReached},
			{Name: "publish", Label: "Put in force", From: []string{"approved"}, To: "published", Who: []string{"system", "isms_manager"}, On: "effective_from", Guard: isReached, Then: takeForce},
			{Name: "supersede", Label: "Supersede", From: []string{"published"}, To: "superseded", Who: []string{"system"}},
			{Name: "withdraw", Label: "Withdraw", From: []string{"published"}, To: "withdrawn", Who: []string{"approver", "isms_manager"}, NeedsReason: true, Guard: mayWithdraw, Then: leaveForce},
		},
	},
}, checkVersion)

func deriveVersion(tx register.Reader, doc register.Doc) error {
	if of, err := tx.Lookup(documentName, doc.Text("document")); err == nil {
		doc["title"] = of.Title() + ", edition " + doc.Text("edition")
	}
	return rememberTemplate(tx, doc)
}

// open are the states of an edition on its way.
var open = register.Filter{Field: "state", Op: register.Is, Values: []string{"draft", "in_review", "approved"}}

// checkVersion: words or a file, not both; and one edition on its way at a time,
// so that nobody approves what another draft has overtaken.
func checkVersion(tx register.Reader, now register.Of[Version], before *register.Of[Version]) error {
	if now.Fields.Body != "" && now.Fields.File != nil {
		return sextant.Errorf(sextant.Invalid, "an edition has a text or a file, not both").At("file").WithHint("take out the text, or attach the file to the document instead")
	}
	if before != nil {
		return nil
	}
	others, err := tx.Select(versionName, open, register.Filter{Field: "document", Op: register.Is, Values: []string{now.Fields.Document}})
	if err != nil || len(others) == 0 {
		return err
	}
	return sextant.Errorf(sextant.Conflict, "%s is on its way already", others[0].Key).At("document").WithHint("go on with that one, or delete it while it is a draft")
}

func maySubmit(g register.Guarding) error {
	if g.Next.Text("body") == "" && g.Next["file"] == nil {
		return sextant.Errorf(sextant.Invalid, "there is nothing to approve yet").At("body").WithHint("write the text or upload a file")
	}
	if err := allFilledIn(g.Next.Text("body")); err != nil {
		return err
	}
	of, err := g.Tx.Lookup(documentName, g.Next.Text("document"))
	if err == nil && of.Doc.Text("approver") == g.Next.Text("author") {
		return sextant.Errorf(sextant.Denied, "the approver of %s is the author of this edition", of.Title()).At("author").WithHint("another person approves: change the approver of the document, or the author")
	}
	return err
}

func submitted(g register.Guarding, next register.Doc) {
	if of, err := g.Tx.Lookup(documentName, next.Text("document")); err == nil {
		next["approver"] = of.Doc.Text("approver")
	}
	next["submitted_at"] = g.Now.Time().Format(time.RFC3339)
}

func unsubmitted(_ register.Guarding, next register.Doc) {
	delete(next, "submitted_at")
}

// mayApprove: four eyes, and nothing holds from before it was approved.
func mayApprove(g register.Guarding) error {
	if g.Actor.Person == g.Next.Text("author") {
		return sextant.Errorf(sextant.Denied, "nobody approves what they wrote").At("approver")
	}
	if from := g.Next.Text("effective_from"); from != "" && from < today(g.Now) {
		return sextant.Errorf(sextant.Invalid, "it cannot hold from %s, before it is approved", from).At("effective_from").WithHint("leave it empty to put it in force today")
	}
	return nil
}

func approved(g register.Guarding, next register.Doc) {
	next["approved_at"] = g.Now.Time().Format(time.RFC3339)
	if next.Text("effective_from") == "" {
		next["effective_from"] = today(g.Now)
	}
}

func today(now sextant.Instant) string { return now.Time().Format(time.DateOnly) }
