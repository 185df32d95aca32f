// SPDX-License-Identifier: Apache-2.0

// Package documents shows the controlled documents: the list, a page to read
// one on with its editions and who approved them, a page to write the next one,
// and which documents are asked for and where they are kept. What may be
// submitted, approved and put in force is decided in package document; the
// steps themselves are those every register has.
package documents

import (
	"net/http"

	"sextant/access"
	"sextant/internal/server/web/page"
	"sextant/register"
)

type section struct{ *page.Site }

const path = "/documents"

// Section gives the pages of documents.
func Section(site *page.Site) page.Section {
	s := &section{site}
	if !site.Has("document") || !site.Has("document_version") {
		return page.Section{}
	}
	return page.Section{
		Items:    []page.Item{{Key: "nav.documents", Path: path, Icon: "i-doc", Groups: []string{"documents"}}},
		Commands: []page.Command{{Key: "documents.command.new", Path: path + "/templates", Icon: "i-plus", Needs: access.Create}, {Key: "documents.command.asked", Path: path + "/asked", Icon: "i-doc"}},
		Routes: map[string]page.Serve{
			"GET " + path:                       s.list,
			"GET " + path + "/export":           s.export,
			"GET " + path + "/asked":            s.asked,
			"GET " + path + "/asked/export":     s.askedExport,
			"GET " + path + "/templates":        s.templates,
			"POST " + path + "/begin":           s.begin,
			"GET " + path + "/{key}":            s.one,
			"GET " + path + "/{key}/write":      s.writeForm,
			"POST " + path + "/{key}/write":     s.write,
			"POST " + path + "/{key}/upload":    s.upload,
			"GET " + path + "/{key}/difference": s.difference,
			"GET /document-versions/{key}":      s.edition,
			"GET /document-versions/{key}/edit": s.editionEdit,
			"GET /document-versions/{key}/file": s.file,
		},
	}
}

// edition leads to the page of the document, which shows it.
func (s *section) edition(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.toDocument(w, r, actor, "")
}

func (s *section) editionEdit(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.toDocument(w, r, actor, "/write")
}

func (s *section) toDocument(w http.ResponseWriter, r *http.Request, actor access.Actor, part string) error {
	var of string
	if err := s.Read(r, actor, func(v *register.View) error {
		e, err := v.Entry("document_version", r.PathValue("key"))
		of = e.Doc.Text("document")
		return err
	}); err != nil {
		return err
	}
	q := r.URL.Query()
	if part == "" {
		q.Set("edition", r.PathValue("key"))
	}
	http.Redirect(w, r, path+"/"+of+part+"?"+q.Encode(), http.StatusSeeOther)
	return nil
}
