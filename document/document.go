// SPDX-License-Identifier: Apache-2.0

// Package document keeps the controlled documents of an organisation: policies,
// procedures, plans, and those of others it works by (7.5). The entry of a
// document says who answers for it, what it fulfils and when it is looked at
// again; the words are in its editions, which people write, somebody else
// approves, and the next one supersedes. It asks nobody to confirm having read.
package document

import (
	"time"

	"sextant"
	"sextant/register"
)

// Document is one controlled document with its duties.
type Document struct {
	Title          string   `json:"title" is:"text required unique title" label:"Title"`
	Reference      string   `json:"reference" is:"text required unique" label:"Reference" help:"What people cite it by, such as POL-01."`
	Kind           string   `json:"kind" is:"enum required" values:"policy=Policy,topic_policy=Topic-specific policy,procedure=Procedure,standard=Standard,plan=Plan,form=Form,guideline=Guideline,scope_statement=Scope statement,method=Method,external=From outside" default:"topic_policy" label:"Kind"`
	Fulfils        []string `json:"fulfils" is:"ref" to:"requirement" label:"Fulfils" help:"The clauses whose documented information this is, such as iso27001:2022/5.2."`
	Controls       []string `json:"controls" is:"ref" to:"control" label:"Controls"`
	Owner          string   `json:"owner" is:"person required owner" label:"Owner"`
	Approver       string   `json:"approver" is:"person required keep" label:"Approver" help:"Approves each edition. Not its author; for a policy not its owner."`
	Language       string   `json:"language" is:"text" default:"en" label:"Language"`
	Classification string   `json:"classification" is:"enum required" values:"public=Public,internal=Internal,confidential=Confidential,restricted=Restricted" default:"internal" label:"Classification"`
	Audience       []string `json:"audience" is:"ref" to:"scope_unit" label:"For" help:"The units that must know it; empty: everybody."`
	ReviewInterval string   `json:"review_interval" is:"duration required" default:"P12M" label:"Reviewed every"`
	Retention      string   `json:"retention" is:"text" label:"Kept for"`
	Location       string   `json:"location" is:"text" label:"Kept where" help:"For a document that is kept elsewhere: where people find it."`
	ExternalIssuer string   `json:"external_issuer" is:"text" label:"Issued by" help:"For a document from outside: who publishes it."`
	Template       string   `json:"template" is:"text" label:"Template" help:"The template it was begun from, where it was."`
	CurrentVersion string   `json:"current_version" is:"ref keep derived" to:"document_version" label:"Edition in force"`
	Edition        string   `json:"edition" is:"text derived" label:"Edition"`
	CountsFrom     string   `json:"counts_from" is:"date derived" label:"Review counted from" help:"The approval of the edition in force, or the day the last review was planned for."`
	NextReviewOn   string   `json:"next_review_on" is:"date due derived" label:"Next review"`
}

const documentName = "document"

// Documents is the register of documents.
var Documents = register.Declare(register.Definition{
	Name: documentName, Plural: "documents", Prefix: "DOC", Title: "Document",
	Question: "Which documents do we work by?",
	Purpose:  "Policies, procedures and what else is written down and controlled.",
	Clauses:  []string{"7.5.1", "7.5.2", "7.5.3", "5.2"}, Retention: "permanent", Group: "documents",
	Lists:     []register.Shape{{Filter: []string{"state"}, Order: "next_review_on"}, {Filter: []string{"state"}, Order: "title"}},
	Derive:    planReview,
	Lifecycle: register.Living(mayRetire, "owner", "isms_manager"),
}, checkDocument)

// planReview counts the next review from the last one, so that a changed
// interval moves it.
func planReview(_ register.Reader, doc register.Doc) error {
	from, err := time.Parse(time.DateOnly, doc.Text("counts_from"))
	if err != nil {
		delete(doc, "next_review_on")
		return nil //nolint:nilerr // nothing is in force yet, so nothing is due
	}
	doc["next_review_on"] = register.AddPeriod(from, doc.Text("review_interval")).Format(time.DateOnly)
	return nil
}

// checkDocument: those who set a policy are not alone (document.r2), and what
// comes from outside names its issuer.
func checkDocument(_ register.Reader, now register.Of[Document], _ *register.Of[Document]) error {
	f := now.Fields
	switch {
	case (f.Kind == "policy" || f.Kind == "topic_policy") && f.Owner == f.Approver:
		return sextant.Errorf(sextant.Invalid, "a policy is approved by somebody other than its owner").At("approver")
	case f.Kind == "external" && f.ExternalIssuer == "":
		return sextant.Errorf(sextant.Invalid, "a document from outside names who issued it").At("external_issuer")
	}
	return nil
}

// besides point at a document without depending on it.
var besides = map[string]bool{"comment": true, "attachment": true, "task": true, "sign_off": true, "saved_view": true, "legal_hold": true, versionName: true, reviewName: true}

// mayRetire: nothing current refers to the document, and what is mandatory has
// another one (document.r1).
func mayRetire(g register.Guarding) error {
	links, err := g.Tx.PointingAt(documentName, g.Entry.Key)
	if err != nil {
		return err
	}
	for _, link := range links {
		if besides[link.FromRegister] {
			continue
		}
		from, err := g.Tx.Lookup(link.FromRegister, link.FromKey)
		if err != nil {
			return err
		}
		if state, _ := from.Register.Lifecycle.State(from.State); !state.Closed {
			return sextant.Errorf(sextant.Conflict, "%s still refers to %s", from.Key, g.Entry.Key).WithHint("name another document there first")
		}
	}
	return keepsMandatory(g.Tx, g.Entry.Key, g.Entry.Doc.Strings("fulfils"))
}
