// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"net/http"
	"slices"

	"sextant/access"
	"sextant/evidence"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/views"
	"sextant/register"
	"sextant/soa"
)

// listView is what the list page draws.
type listView struct {
	grid.Drawn[soa.Known]
	Drawer *drawerView // the control beside the list, if one is open
}

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	p := s.Page(r, actor, message.T(r.Context(), "controls.title"))
	var view listView
	if err := s.Look(r, actor, func(v *register.View, m evidence.Reader) (err error) {
		view, err = listOf(p, v, m)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, listPage(p, view))
	return nil
}

func listOf(p page.Page, v *register.View, m evidence.Reader) (view listView, err error) {
	all, err := soa.All(v, m)
	if err != nil {
		return view, err
	}
	shown, err := withOwn(v, sheet(v, p, all))
	if err != nil {
		return view, err
	}
	if view.Drawn, err = shown.Draw(v.Context(), p, all); err != nil {
		return view, err
	}
	view.Tools.Say = summary(v.Context(), view.Rows)
	view.Tools.SaveView = views.SavePath(v, p)
	saved, err := views.Saved(v, p)
	view.Tools.Views = append(view.Tools.Views, saved...)
	if err != nil {
		return view, err
	}
	return view, view.openDrawer(v, p, all)
}

// openDrawer fills the drawer for the control the address names (?in=A.8.13).
func (view *listView) openDrawer(v *register.View, p page.Page, all []soa.Known) (err error) {
	is := func(k soa.Known) bool { return k.Control.ID == p.Query.Get("in") }
	i := slices.IndexFunc(all, is)
	if i < 0 {
		return nil
	}
	if view.Drawer, err = drawerOf(v, p, all[i]); err != nil {
		return err
	}
	at := slices.IndexFunc(view.Rows, is)
	view.Drawer.At, view.Drawer.Of = at, len(view.Rows)
	if at > 0 {
		view.Drawer.Before = p.With("in", view.Rows[at-1].Control.ID)
	}
	if at >= 0 && at+1 < len(view.Rows) {
		view.Drawer.After = p.With("in", view.Rows[at+1].Control.ID)
	}
	return nil
}

// export writes exactly the controls that are listed.
func (s *section) export(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.Look(r, actor, func(v *register.View, m evidence.Reader) error {
		if err := access.May(actor, access.Export, access.Subject{}, v.Now()); err != nil {
			return err
		}
		all, err := soa.All(v, m)
		if err != nil {
			return err
		}
		p := page.Page{Path: path, Query: r.URL.Query()}
		shown, err := withOwn(v, sheet(v, p, all))
		if err != nil {
			return err
		}
		return shown.Send(w, p, all, grid.Stamp{Name: "controls", At: v.Now(), By: actor.Name})
	})
}
