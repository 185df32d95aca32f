// SPDX-License-Identifier: Apache-2.0

// Package libraries shows what others wrote and somebody imported: the list of
// libraries, each library's tree, mappings, controls, threats and risk matrices,
// and the import with its dry run. Its rules are those of package library.
package libraries

import (
	"net/http"
	"slices"
	"strconv"

	"sextant/access"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/library"
	"sextant/register"
)

type section struct{ *page.Site }

const path = "/libraries"

// Section gives the pages of imported libraries.
func Section(site *page.Site) page.Section {
	s := &section{site}
	if !site.Has(library.Libraries.Name) {
		return page.Section{}
	}
	return page.Section{
		Commands: []page.Command{{Key: "library.command.import", Path: path + "/import", Icon: "i-upload", Needs: access.Import}},
		Routes: map[string]page.Serve{
			"GET " + path:                      s.list,
			"GET " + path + "/import":          s.importForm,
			"POST " + path + "/import":         s.importTry,
			"POST " + path + "/import/write":   s.importWrite,
			"GET " + path + "/{key}/browse":    s.browse,
			"POST " + path + "/{key}/criteria": s.makeCriteria,
		},
	}
}

// listView is the list of libraries.
type listView struct {
	Libraries []register.Of[library.Library]
	All       bool // superseded and retired ones too
	Others    int  // that are superseded or retired
	MayImport bool
}

func (s *section) mayImport(actor access.Actor) bool {
	return s.refuseImport(actor) == nil
}

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	view := listView{All: r.URL.Query().Get("state") == "all"}
	p := s.Page(r, actor, message.T(r.Context(), "library.title"))
	view.MayImport = s.mayImport(actor) && !p.Past()
	if err := s.Read(r, actor, func(v *register.View) error {
		if _, err := v.List(register.List{Register: library.Libraries.Name, Limit: 1}); err != nil {
			return err // may not be read
		}
		all, err := library.Libraries.All(v)
		for _, l := range all {
			if l.State != "active" {
				view.Others++
			}
			if view.All || l.State == "active" {
				view.Libraries = append(view.Libraries, l)
			}
		}
		return err
	}); err != nil {
		return err
	}
	slices.SortStableFunc(view.Libraries, func(a, b register.Of[library.Library]) int {
		if a.Title() < b.Title() {
			return -1
		}
		return 1
	})
	s.Draw(w, r, listPage(p, view))
	return nil
}

// pageSize is how many rows of a library stand on a page.
const pageSize = 100

// paged is a piece of a long list with the way to the next one.
type paged struct {
	From, To, Count int
	Table           grid.Table // for its pager
}

// pageOf cuts the page out that the address asks for.
func pageOf(p page.Page, count int) paged {
	n, err := strconv.Atoi(p.Query.Get("page"))
	if err != nil || n < 1 || (n-1)*pageSize >= max(count, 1) {
		n = 1
	}
	cut := paged{From: (n - 1) * pageSize, To: min(n*pageSize, count), Count: count}
	if n > 1 {
		cut.Table.First = p.With("page", "")
	}
	if cut.To < count {
		cut.Table.Next = p.With("page", strconv.Itoa(n+1))
	}
	return cut
}
