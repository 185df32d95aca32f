// SPDX-License-Identifier: Apache-2.0

// Package registers draws every register from its declaration: list, entry,
// form, history, bulk edit, import and export. It knows no single register; a
// page with a story of its own (a control, a check) is a section of its own.
package registers

import "sextant/internal/server/web/page"

type section struct{ *page.Site }

// Section gives the pages every register has.
func Section(site *page.Site) page.Section {
	s := &section{site}
	return page.Section{
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
}
