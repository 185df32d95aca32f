// SPDX-License-Identifier: Apache-2.0

package documents

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"sextant/access"
	"sextant/document"
	"sextant/framework"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// askedView is what the page of documented information draws.
type askedView struct {
	grid.Drawn[document.Asked]
	Counts []keptCount
}

// keptCount is how many are kept in one way, with the list of exactly those.
type keptCount struct {
	Kept document.Keeping
	N    int
	Path string
}

func (s *section) asked(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "documents.asked.title"))
	var view askedView
	if err := s.Read(r, actor, func(v *register.View) error {
		all, err := document.AskedAll(v)
		if err != nil {
			return err
		}
		for _, kept := range document.Keepings() {
			c := keptCount{Kept: kept, Path: p.Link(path + "/asked?filter=kept%3D" + string(kept))}
			for _, a := range all {
				if a.Kept() == kept {
					c.N++
				}
			}
			view.Counts = append(view.Counts, c)
		}
		view.Drawn, err = askedSheet(v, p).Draw(v.Context(), p, all)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, askedPage(p, view))
	return nil
}

func (s *section) askedExport(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.Read(r, actor, func(v *register.View) error {
		if err := access.May(actor, access.Export, access.Subject{Register: document.Documents.Name}, v.Now()); err != nil {
			return err
		}
		all, err := document.AskedAll(v)
		if err != nil {
			return err
		}
		p := page.Page{Path: path + "/asked", Query: r.URL.Query()}
		return askedSheet(v, p).Send(w, p, all, grid.Stamp{Name: "documented-information", At: v.Now(), By: actor.Name})
	})
}

func askedSheet(v *register.View, p page.Page) grid.Sheet[document.Asked] {
	ctx := v.Context()
	return grid.Sheet[document.Asked]{
		Caption: message.T(ctx, "documents.asked.caption"), Fields: askedFields(ctx, v, p),
		Views: []grid.Tab{{Label: message.T(ctx, "list.all")}, {Label: message.T(ctx, "documents.asked.tab.mandatory"), Filter: []string{"grade=mandatory"}}, {Label: message.T(ctx, "documents.asked.tab.missing"), Filter: []string{"kept=missing"}}},
		Row: func(a document.Asked) grid.Row {
			return grid.Row{Key: a.ID + "/" + a.Name, Title: a.Name, Path: askedPath(p, a), Narrow: a.ID + " " + a.Title}
		},
	}
}

// askedPath is where the row leads: to what it is kept in, else to what asks.
func askedPath(p page.Page, a document.Asked) string {
	switch {
	case len(a.Documents) > 0:
		return p.Link(path + "/" + a.Documents[0].Key)
	case strings.HasPrefix(a.ID, "A."):
		return p.Link("/controls/" + a.ID)
	}
	return p.Link(path + "/asked?search=" + a.ID)
}

func askedFields(ctx context.Context, v *register.View, p page.Page) []grid.Field[document.Asked] {
	said := func(prefix string) func(string) string {
		return func(value string) string { return message.T(ctx, prefix+value) }
	}
	return []grid.Field[document.Asked]{
		{Key: "id", Label: message.T(ctx, "documents.asked.by"), Class: "id num fit", Of: func(a document.Asked) []string { return []string{a.ID} }, Rank: framework.Guided(), Cell: func(a document.Asked, _ grid.Row) templ.Component { return askedByCell(p, a) }},
		{Key: "name", Label: message.T(ctx, "documents.asked.name"), Class: "main-cell", Of: func(a document.Asked) []string { return []string{a.Name} }, Cell: func(a document.Asked, r grid.Row) templ.Component { return askedNameCell(a, r) }},
		{Key: "grade", Label: message.T(ctx, "documents.asked.grade"), Class: "p2 fit t2", Few: true, Every: true, Rank: []string{string(framework.Mandatory), string(framework.Implied)}, Word: said("grade."), Of: func(a document.Asked) []string { return []string{string(a.Grade)} },
			Cell: func(a document.Asked, _ grid.Row) templ.Component {
				return grid.Data(message.T(ctx, "grade."+string(a.Grade)))
			}},
		{Key: "kept", Label: message.T(ctx, "documents.asked.kept"), Class: "fit", Few: true, Every: true, Rank: keepingNames(), Word: said("documents.kept."), Of: func(a document.Asked) []string { return []string{string(a.Kept())} },
			Cell: func(a document.Asked, _ grid.Row) templ.Component {
				return keptCell(a.Kept(), a.Grade == framework.Mandatory)
			}},
		{Key: "where", Label: message.T(ctx, "documents.asked.where"), Class: "p2 wide", Of: func(a document.Asked) []string { return whereTexts(v, a) },
			Cell: func(a document.Asked, _ grid.Row) templ.Component { return whereCell(p, a, titles(v, a)) }},
		{Key: "of", Label: message.T(ctx, "documents.asked.of"), Few: true, Every: true, Rank: []string{"clause", "control"}, Word: said("documents.asked.of."), Of: func(a document.Asked) []string { return []string{askedOf(a)} }},
	}
}

func keepingNames() (names []string) {
	for _, k := range document.Keepings() {
		names = append(names, string(k))
	}
	return names
}

func askedOf(a document.Asked) string {
	if strings.HasPrefix(a.ID, "A.") {
		return "control"
	}
	return "clause"
}

// titles names the register that carries it.
func titles(v *register.View, a document.Asked) string {
	if def, err := v.Set().Named(a.Carrier); err == nil {
		return def.Titles
	}
	return ""
}

func whereTexts(v *register.View, a document.Asked) (list []string) {
	for _, d := range a.Documents {
		list = append(list, d.Fields.Reference+" "+d.Fields.Title)
	}
	if a.Entries > 0 {
		list = append(list, titles(v, a))
	}
	return list
}

// carrierPath is the list of the register that carries it.
func carrierPath(p page.Page, a document.Asked) string {
	paths := map[string]string{"management_system": "/management-systems", "soa": "/statement", "implementation": "/controls", "attestation": "/evidence", "asset": "/assets", "obligation": "/obligations"}
	return p.Link(paths[a.Carrier])
}
