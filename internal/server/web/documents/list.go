// SPDX-License-Identifier: Apache-2.0

package documents

import (
	"net/http"
	"time"

	"sextant/access"
	"sextant/document"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/views"
	"sextant/register"
)

// row is one document of the list, with the edition that is on its way.
type row struct {
	register.Of[document.Document]
	Open    *register.Of[document.Version]
	Overdue bool
}

// listView is what the list draws.
type listView struct {
	grid.Drawn[row]
	None    bool // no document at all
	MayMake bool
	Missing int // asked for and kept nowhere
}

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "documents.title"))
	var view listView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = listOf(p, v)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, listPage(p, view))
	return nil
}

func listOf(p page.Page, v *register.View) (view listView, err error) {
	rows, err := rowsOf(v)
	if err != nil {
		return view, err
	}
	view.None, view.MayMake = len(rows) == 0, v.MayCreate(document.Documents.Definition)
	if view.Drawn, err = sheet(v, p).Draw(v.Context(), p, rows); err != nil {
		return view, err
	}
	asked, err := document.AskedAll(v)
	if err != nil {
		return view, err
	}
	for _, a := range asked {
		if a.Kept() == document.Missing {
			view.Missing++
		}
	}
	view.Tools.SaveView = views.SavePath(v, p)
	saved, err := views.Saved(v, p)
	view.Tools.Views = append(view.Tools.Views, saved...)
	return view, err
}

func rowsOf(v *register.View) ([]row, error) {
	all, err := document.Documents.All(v)
	if err != nil {
		return nil, err
	}
	editions, err := document.Versions.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"draft", "in_review", "approved"}})
	if err != nil {
		return nil, err
	}
	open := map[string]*register.Of[document.Version]{}
	for i, e := range editions {
		open[e.Fields.Document] = &editions[i]
	}
	today := v.Now().Time().Format(time.DateOnly)
	rows := make([]row, len(all))
	for i, d := range all {
		rows[i] = row{Of: d, Open: open[d.Key], Overdue: d.State == "active" && d.Fields.NextReviewOn != "" && d.Fields.NextReviewOn < today}
	}
	return rows, nil
}

// export writes exactly the documents that are listed.
func (s *section) export(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.Read(r, actor, func(v *register.View) error {
		if err := access.May(actor, access.Export, access.Subject{Register: document.Documents.Name}, v.Now()); err != nil {
			return err
		}
		rows, err := rowsOf(v)
		if err != nil {
			return err
		}
		p := page.Page{Path: path, Query: r.URL.Query()}
		return sheet(v, p).Send(w, p, rows, grid.Stamp{Name: "documents", At: v.Now(), By: actor.Name})
	})
}
