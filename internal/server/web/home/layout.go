// SPDX-License-Identifier: Apache-2.0

package home

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// widget is a part of the first page.
type widget struct {
	Key  string
	Top  bool // stands above both columns
	Side bool // stands in the narrow column
	Out  bool // hidden until somebody asks for it
}

// widgets in the order they stand by default.
var widgets = []widget{{Key: "tiles", Top: true}, {Key: "glance"}, {Key: "drift"}, {Key: "trend"}, {Key: "registers", Out: true},
	{Key: "mine", Side: true}, {Key: "failing", Side: true}, {Key: "risks", Side: true}, {Key: "themes", Side: true}, {Key: "stale", Side: true}, {Key: "next", Side: true}, {Key: "sources", Side: true}}

// layout is how the widgets stand for the one who looks.
type layout struct {
	Top        []widget
	Wide, Side []widget
	Hidden     []widget
	Arranging  bool // the controls that move widgets are shown
	Own        bool // it is the person's own
	MayKeep    bool
	MayShare   bool
}

func (l layout) shows(key string) bool {
	is := func(w widget) bool { return w.Key == key }
	return slices.ContainsFunc(l.Top, is) || slices.ContainsFunc(l.Wide, is) || slices.ContainsFunc(l.Side, is)
}

// layoutOf reads the person's own layout, else the one shared by the
// organisation, else the default.
func layoutOf(v *register.View, p page.Page) (layout, error) {
	kept, err := register.SavedViews.All(v, register.Filter{Field: "page", Op: register.Is, Values: []string{"/"}})
	if err != nil {
		return layout{}, err
	}
	query, own := "", false
	for _, view := range kept {
		f := view.Fields
		switch {
		case f.Owner == v.Actor().Person && f.Owner != "" && !f.Shared:
			query, own = f.Query, true
		case f.Shared && !own:
			query = f.Query
		}
	}
	l := read(query)
	l.Own = own
	l.MayKeep = v.MayCreate(register.SavedViews.Definition) && v.Actor().Person != ""
	l.MayShare = l.MayKeep && v.Actor().Holds(access.ISMSManager)
	l.Arranging = l.MayKeep && p.Query.Get("arrange") != ""
	return l, nil
}

// read puts the widgets where a saved view has them; one it does not know yet
// stands where it stands by default.
func read(query string) (l layout) {
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{}
	}
	order := strings.FieldsFunc(q.Get("order"), func(r rune) bool { return r == ',' })
	hidden := strings.FieldsFunc(q.Get("hide"), func(r rune) bool { return r == ',' })
	all := slices.Clone(widgets)
	place := func(w widget) int {
		if i := slices.Index(order, w.Key); i >= 0 {
			return i
		}
		return len(order) + slices.IndexFunc(widgets, func(x widget) bool { return x.Key == w.Key })
	}
	slices.SortStableFunc(all, func(a, b widget) int { return place(a) - place(b) })
	for _, w := range all {
		switch {
		case slices.Contains(hidden, w.Key) || w.Out && !slices.Contains(order, w.Key):
			l.Hidden = append(l.Hidden, w)
		case w.Top:
			l.Top = append(l.Top, w)
		case w.Side:
			l.Side = append(l.Side, w)
		default:
			l.Wide = append(l.Wide, w)
		}
	}
	return l
}

// query writes a layout the way read takes it.
func (l layout) query() string {
	var order, hide []string
	for _, w := range slices.Concat(l.Top, l.Wide, l.Side) {
		order = append(order, w.Key)
	}
	for _, w := range l.Hidden {
		hide = append(hide, w.Key)
	}
	return url.Values{"order": {strings.Join(order, ",")}, "hide": {strings.Join(hide, ",")}}.Encode()
}

// moved gives the layout with one widget a place up or down its column.
func (l layout) moved(key string, by int) layout {
	for _, column := range []*[]widget{&l.Top, &l.Wide, &l.Side} {
		i := slices.IndexFunc(*column, func(w widget) bool { return w.Key == key })
		if to := i + by; i >= 0 && to >= 0 && to < len(*column) {
			next := slices.Clone(*column)
			next[i], next[to] = next[to], next[i]
			*column = next
		}
	}
	return l
}

// without hides a widget; with shows it again, at the end of its column.
func (l layout) without(key string) layout {
	for _, column := range []*[]widget{&l.Top, &l.Wide, &l.Side} {
		if i := slices.IndexFunc(*column, func(w widget) bool { return w.Key == key }); i >= 0 {
			l.Hidden = append(slices.Clone(l.Hidden), (*column)[i])
			*column = slices.Delete(slices.Clone(*column), i, i+1)
		}
	}
	return l
}

func (l layout) with(key string) layout {
	i := slices.IndexFunc(l.Hidden, func(w widget) bool { return w.Key == key })
	if i < 0 {
		return l
	}
	w := l.Hidden[i]
	l.Hidden = slices.Delete(slices.Clone(l.Hidden), i, i+1)
	column := &l.Wide
	switch {
	case w.Top:
		column = &l.Top
	case w.Side:
		column = &l.Side
	}
	*column = append(slices.Clone(*column), w)
	return l
}

// ordered takes the order a script sends after dragging.
func (l layout) ordered(keys string) layout {
	var hide []string
	for _, w := range l.Hidden {
		hide = append(hide, w.Key)
	}
	return read(url.Values{"order": {keys}, "hide": {strings.Join(hide, ",")}}.Encode())
}

// arrange changes how the widgets stand for a person, or for everybody.
func (s *section) arrange(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	act, key, _ := strings.Cut(r.PostFormValue("act"), ":")
	to := "/?arrange=1"
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		now, err := layoutOf(&tx.View, page.Page{Query: url.Values{}})
		if err != nil {
			return err
		}
		switch act {
		case "up":
			return keep(tx, now.moved(key, -1), false)
		case "down":
			return keep(tx, now.moved(key, 1), false)
		case "hide":
			return keep(tx, now.without(key), false)
		case "show":
			return keep(tx, now.with(key), false)
		case "order":
			return keep(tx, now.ordered(r.PostFormValue("order")), false)
		case "share":
			to = "/"
			return keep(tx, now, true)
		case "reset":
			to = "/"
			return forget(tx)
		}
		return sextant.Errorf(sextant.Invalid, "%q does nothing to a widget", act)
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// own gives the person's saved layout, or the one they share.
func own(tx *register.Tx, shared bool) (register.Of[register.SavedView], bool, error) {
	kept, err := register.SavedViews.All(tx, register.Filter{Field: "page", Op: register.Is, Values: []string{"/"}}, register.Filter{Field: "owner", Op: register.Is, Values: []string{tx.Actor().Person}})
	for _, view := range kept {
		if view.Fields.Shared == shared {
			return view, true, nil
		}
	}
	return register.Of[register.SavedView]{}, false, err
}

func keep(tx *register.Tx, l layout, shared bool) error {
	view, ok, err := own(tx, shared)
	if err != nil {
		return err
	}
	if ok {
		_, err = register.SavedViews.Edit(tx, view.Key, register.Note{}, func(f *register.SavedView) { f.Query = l.query() })
		return err
	}
	_, err = register.SavedViews.Create(tx, register.SavedView{Title: "Home", Page: "/", Query: l.query(), Shared: shared, Owner: tx.Actor().Person}, register.Note{})
	return err
}

// forget goes back to what the organisation shares, or to the default.
func forget(tx *register.Tx) error {
	view, ok, err := own(tx, false)
	if err != nil || !ok {
		return err
	}
	return tx.Delete(register.SavedViews.Name, view.Key, view.Version, register.Note{})
}
