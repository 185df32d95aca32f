// SPDX-License-Identifier: Apache-2.0

package document

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

// People are those a new document needs.
type People struct{ Owner, Approver, Author string }

// Begin makes a document and its first draft from a template, with the facts
// that are known in the place of the variables. What is not known stays in the
// text and keeps it from being submitted.
func Begin(tx *register.Tx, t Template, facts Facts, by People, note register.Note) (of, draft register.Entry, err error) {
	facts.set("review_interval", Period(t.ReviewInterval), documentName)
	values := map[string]any{
		"title": t.Title, "reference": t.Reference, "kind": t.Kind, "review_interval": t.ReviewInterval, "template": t.ID,
		"owner": by.Owner, "approver": by.Approver, "fulfils": references(t.Fulfils), "controls": references(t.Controls),
	}
	if of, err = tx.Create(documentName, values, note); err != nil {
		return of, draft, err
	}
	draft, err = tx.Create(versionName, map[string]any{
		"document": of.Key, "edition": "1.0", "body": Fill(t.Text, facts), "author": cmp.Or(by.Author, by.Owner), "template": t.ID,
		"change_summary": "First edition.",
	}, note)
	return of, draft, err
}

// references turns ids into what is stored.
func references(ids []string) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = framework.ControlPrefix + id
	}
	return list
}

// Next begins the edition after the one in force, with its words.
func Next(tx *register.Tx, document, author string, note register.Note) (draft register.Entry, err error) {
	of, err := tx.Entry(documentName, document)
	if err != nil {
		return draft, err
	}
	values := map[string]any{"document": document, "edition": "1.0", "author": cmp.Or(author, of.Doc.Text("owner"))}
	if key := of.Doc.Text("current_version"); key != "" {
		current, err := Versions.Get(tx, key)
		if err != nil {
			return draft, err
		}
		values["edition"], values["body"], values["template"] = After(current.Fields.Edition), current.Fields.Body, current.Fields.Template
	}
	if values["edition"], err = unused(tx, document, fmt.Sprint(values["edition"])); err != nil {
		return draft, err
	}
	return tx.Create(versionName, values, note)
}

// unused counts an edition up until no other one of the document is called so.
func unused(tx register.Reader, document, edition string) (string, error) {
	all, err := tx.Select(versionName, register.Filter{Field: "document", Op: register.Is, Values: []string{document}})
	if err != nil {
		return "", err
	}
	taken := map[string]bool{}
	for _, v := range all {
		taken[v.Doc.Text("edition")] = true
	}
	for range len(all) {
		if !taken[edition] {
			break
		}
		edition = After(edition)
	}
	return edition, nil
}

// After counts the last number of an edition up: 1.0 gives 1.1. One that ends
// in no number gets one.
func After(edition string) string {
	i := strings.LastIndexByte(edition, '.') + 1
	n, err := strconv.Atoi(edition[i:])
	if err != nil || n < 0 {
		return edition + ".1"
	}
	return edition[:i] + strconv.Itoa(n+1)
}

// FindTemplate is TemplateByID with an error a person can read.
func FindTemplate(id string) (Template, error) {
	if t, ok := TemplateByID(id); ok {
		return t, nil
	}
	return Template{}, sextant.Errorf(sextant.NotFound, "there is no template %q", id).WithHint("sextant document templates lists them")
}
