// SPDX-License-Identifier: Apache-2.0

package document

import (
	"sextant"
	"sextant/framework"
	"sextant/register"
)

func isReached(g register.Guarding) error {
	if from := g.Next.Text("effective_from"); from > today(g.Now) {
		return sextant.Errorf(sextant.Conflict, "it holds from %s", from).WithHint("the program puts it in force on that day")
	}
	return nil
}

// publishIfReached puts an edition in force that was approved for today.
func publishIfReached(tx *register.Tx, e register.Entry) error {
	if e.Doc.Text("effective_from") > today(tx.Now()) {
		return nil
	}
	_, err := tx.Transition(versionName, e.Key, e.Version, "publish", nil, register.Note{Why: "approved, and holds from today"})
	return err
}

// takeForce supersedes what was in force and has the document show the new
// edition. Its review counts from the approval.
func takeForce(tx *register.Tx, e register.Entry) error {
	of := e.Doc.Text("document")
	before, err := inForce(tx, of)
	if err != nil {
		return err
	}
	for _, old := range before {
		if old.Key == e.Key {
			continue
		}
		if _, err := tx.Transition(versionName, old.Key, old.Version, "supersede", nil, register.Note{Why: "edition " + e.Doc.Text("edition") + " is in force"}); err != nil {
			return err
		}
	}
	_, err = tx.Edit(documentName, of, 0, map[string]any{
		"current_version": e.Key, "edition": e.Doc.Text("edition"), "counts_from": day(e.Doc.Text("approved_at")),
	}, register.Note{Why: e.Key + " came into force"})
	return err
}

// leaveForce: a withdrawn edition leaves its document without one.
func leaveForce(tx *register.Tx, e register.Entry) error {
	_, err := tx.Edit(documentName, e.Doc.Text("document"), 0, map[string]any{"current_version": nil, "edition": nil, "counts_from": nil}, register.Note{Why: e.Key + " was withdrawn"})
	return err
}

func inForce(tx register.Reader, document string) ([]register.Entry, error) {
	return tx.Select(versionName, register.Filter{Field: "state", Op: register.Is, Values: []string{"published"}}, register.Filter{Field: "document", Op: register.Is, Values: []string{document}})
}

// day is the date of a moment as the kernel writes it.
func day(moment string) string { return moment[:min(len(moment), len("2006-01-02"))] }

func mayWithdraw(g register.Guarding) error {
	of, err := g.Tx.Lookup(documentName, g.Next.Text("document"))
	if err != nil {
		return err
	}
	return keepsMandatory(g.Tx, of.Key, of.Doc.Strings("fulfils"))
}

// keepsMandatory refuses to let a document go that is the only one in force for
// documented information the standard names (document.r1).
func keepsMandatory(tx register.Reader, key string, fulfils []string) error {
	if versions, err := inForce(tx, key); err != nil || len(versions) == 0 {
		return err
	}
	others, err := tx.Select(documentName, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, other := range others {
		for _, reference := range other.Doc.Strings("fulfils") {
			kept[clauseOf(reference)] = kept[clauseOf(reference)] || other.Key != key && other.Doc.Text("current_version") != ""
		}
	}
	for _, reference := range fulfils {
		if clause := clauseOf(reference); isMandatory(clause) && !kept[clause] {
			return sextant.Errorf(sextant.Conflict, "nothing else in force is the documented information of %s", clause).WithHint("put the document in force that takes its place, and say there that it fulfils %s", reference)
		}
	}
	return nil
}

// clauseOf gives the id of the clause a reference is to, or is to an item of;
// "" for anything else.
func clauseOf(reference string) string {
	read, err := framework.ParseReference(reference)
	if err != nil {
		return ""
	}
	for _, c := range framework.ISO27001().Clauses {
		if c.ID == read.ID {
			return c.ID
		}
		for _, r := range c.Requirements {
			if r.ID == read.ID {
				return c.ID
			}
		}
	}
	return ""
}

// isMandatory says whether a clause names a document of its own.
func isMandatory(clause string) bool {
	c, _ := framework.ClauseByID(clause)
	for _, d := range c.Documents {
		if d.Kind == "document" && d.Level == string(framework.Mandatory) {
			return true
		}
	}
	return false
}
