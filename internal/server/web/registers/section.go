// SPDX-License-Identifier: Apache-2.0

// Package registers draws every register from its declaration: list, entry,
// form, history, bulk edit, import and export. It knows no single register; a
// page with a story of its own (a control, a check) is a section of its own.
package registers

import (
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
)

type section struct{ *page.Site }

// Section gives the pages every register has.
func Section(site *page.Site) page.Section {
	s := &section{site}
	section := page.Section{
		Last:  true,
		Items: []page.Item{{Key: "nav.programme", Path: "/programme", Icon: "i-prog", Apart: true, Tab: true, Groups: []string{"programme"}}},
		Routes: map[string]page.Serve{
			"GET /programme":             s.programme,
			"GET /persons/names":         s.names,
			"POST /batches/{batch}/undo": s.undoBatch,

			"GET /{register}":                           s.list,
			"GET /{register}/export":                    s.export,
			"GET /{register}/new":                       s.newForm,
			"POST /{register}":                          s.create,
			"GET /{register}/import":                    s.importForm,
			"POST /{register}/import":                   s.importTry,
			"POST /{register}/import/write":             s.importWrite,
			"GET /{register}/bulk":                      s.bulkForm,
			"POST /{register}/bulk":                     s.bulk,
			"GET /{register}/{key}":                     s.entry,
			"GET /{register}/{key}/edit":                s.editForm,
			"POST /{register}/{key}/edit":               s.edit,
			"POST /{register}/{key}/delete":             s.remove,
			"POST /{register}/{key}/undo":               s.undo,
			"POST /{register}/{key}/comments":           s.comment,
			"POST /{register}/{key}/files":              s.attach,
			"GET /{register}/{key}/transitions/{name}":  s.moveForm,
			"POST /{register}/{key}/transitions/{name}": s.move,
		},
	}
	for pattern, serve := range section.Routes {
		section.Routes[pattern] = s.ofRegister(serve)
	}
	return section
}

// ofRegister refuses an address that names no register as one of no page: what
// registers there are is for the API to tell, not for who mistyped.
func (s *section) ofRegister(next page.Serve) page.Serve {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		if name := r.PathValue("register"); name != "" {
			if _, err := s.Kernel.Set().Named(name); err != nil {
				return sextant.Errorf(sextant.NotFound, "%s", message.T(r.Context(), "page.none", r.URL.Path)).WithHint("%s", message.T(r.Context(), "page.none.hint"))
			}
		}
		return next(w, r, actor)
	}
}
