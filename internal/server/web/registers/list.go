// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// listView is what the list page draws.
type listView struct {
	Def      *register.Definition
	Table    grid.Table
	Tools    grid.Tools
	Filters  []string
	Count    int
	MayWrite bool
	Drawer   *entryView // the entry beside the list, if one is open
	Flash    *flash
}

// flash is the answer to what was just done, with its undo.
type flash struct{ Text, Undo string }

// listOf reads what a list shows from its address.
func listOf(r *http.Request) (register.List, error) {
	q := r.URL.Query()
	filters, err := register.ParseFilters(q["filter"])
	return register.List{Register: r.PathValue("register"), Filters: filters, Search: q.Get("search"), Order: q.Get("order"), After: q.Get("after"), Limit: pageSize}, err
}

// pageSize is how many rows a page brings; the script fetches the next before
// the last is reached.
const pageSize = 100

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if to, changed, err := grid.Normalised(r); err != nil || changed {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	l, err := listOf(r)
	if err != nil {
		return err
	}
	def, err := s.Kernel.Set().Named(l.Register)
	if err != nil {
		return err
	}
	p := s.Page(r, actor, message.Mark(r.Context(), def.Question))
	var view listView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = s.listView(v, r, p, l)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, listPage(p, view))
	return nil
}

func (s *section) listView(v *register.View, r *http.Request, p page.Page, l register.List) (listView, error) {
	def, err := v.Set().Named(l.Register)
	if err != nil {
		return listView{}, err
	}
	view := listView{Def: def, MayWrite: v.MayCreate(def), Flash: flashOf(r)}
	for _, f := range l.Filters {
		view.Filters = append(view.Filters, f.String())
	}
	columns := columnsOf(v, def, p.Query.Get("cols"))
	if view.Table, err = tableOf(v, p, l, def, columns); err != nil {
		return view, err
	}
	if view.Count, err = v.Count(l); err != nil {
		return view, err
	}
	view.Table.Pick = view.MayWrite
	view.MayWrite = view.MayWrite && !(def.Singleton && view.Count > 0)
	view.Table.Count = countText(v.Context(), view.Count)
	if view.Tools, err = toolsOf(v, p, l, def, columns); err != nil {
		return view, err
	}
	return view, s.openDrawer(v, r, p, &view)
}

// openDrawer fills the drawer for the entry the address names (?in=AST-3).
func (s *section) openDrawer(v *register.View, r *http.Request, p page.Page, view *listView) error {
	key := p.Query.Get("in")
	if key == "" {
		return nil
	}
	open, err := s.entryView(v, r, view.Def.Name, key)
	if sextant.CodeOf(err) == sextant.NotFound {
		return nil
	}
	view.Drawer = &open
	return err
}

// tableOf reads the rows: one list, or one short list for each group.
func tableOf(v *register.View, p page.Page, l register.List, def *register.Definition, columns []register.Field) (grid.Table, error) {
	t := grid.Table{Caption: message.Mark(v.Context(), def.Titles), Live: def.Name, Columns: headsOf(v.Context(), p, def, columns)}
	if by := p.Query.Get("group"); by != "" {
		groups, err := groupsOf(v, p, l, def, columns, by)
		t.Groups = groups
		return t, err
	}
	list, err := v.List(l)
	if err != nil {
		return t, err
	}
	t.Groups = []grid.Group{{Rows: rowsOf(v, p, list.Entries, columns)}}
	if list.Next != "" {
		t.Next = p.With("after", list.Next, "in", "")
	}
	if l.After != "" {
		t.First = p.With("after", "", "in", "")
	}
	return t, nil
}

func rowsOf(v *register.View, p page.Page, entries []register.Entry, columns []register.Field) []grid.Row {
	rows := make([]grid.Row, 0, len(entries))
	for _, e := range entries {
		rows = append(rows, rowOf(v, p, e, columns))
	}
	return rows
}

func rowOf(v *register.View, p page.Page, e register.Entry, columns []register.Field) grid.Row {
	row := grid.Row{Key: e.Key, Title: e.Title(), Path: p.Link(page.Path(e)), Current: p.Query.Get("in") == e.Key}
	if v.MayEdit(e) {
		row.Version = versionText(e)
	}
	row.Narrow = narrowText(v, e, columns)
	row.Cells = append(row.Cells, grid.Data(e.Key))
	for _, f := range columns {
		row.Cells = append(row.Cells, cellOf(v, e, f, row))
	}
	row.Cells = append(row.Cells, grid.Tag(page.StateLabel(e.Register, e.State)), grid.Time(page.Age(v.Context(), e.At, v.Now()), page.Exact(v.Context(), e.At)))
	return row
}

func cellOf(v *register.View, e register.Entry, f register.Field, row grid.Row) templ.Component {
	switch {
	case f.IsTitle:
		return grid.Link(row)
	case f.Kind == register.Person && !f.Many:
		return page.Avatar(titles(v, e, f))
	case f.Kind == register.Date:
		date := e.Doc.Text(f.Key)
		if f.IsDue && date != "" && !isClosed(e) {
			return grid.Due(page.Until(v.Context(), date, v.Now()), date, page.Overdue(date, v.Now()))
		}
		return grid.Due(page.Day(date), date, false)
	case f.IsReference():
		return grid.Data(titles(v, e, f))
	case f.Kind == register.Enum || f.Kind == register.Bool:
		return grid.Text(displayText(v.Context(), f, e.Doc))
	}
	return grid.Data(displayText(v.Context(), f, e.Doc))
}

func isClosed(e register.Entry) bool {
	state, _ := e.Register.Lifecycle.State(e.State)
	return state.Closed
}

// titles names what a reference field points at.
func titles(v *register.View, e register.Entry, f register.Field) string {
	var names []string
	for _, key := range e.Doc.Strings(f.Key) {
		names = append(names, v.TitleOf(f.To, key))
	}
	return strings.Join(names, ", ")
}

// narrowText is what a narrow table keeps of the columns that leave it.
func narrowText(v *register.View, e register.Entry, columns []register.Field) string {
	var parts []string
	for _, f := range columns {
		if len(parts) == 2 || f.IsTitle {
			continue
		}
		text := displayText(v.Context(), f, e.Doc)
		if f.IsReference() {
			text = titles(v, e, f)
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " · ")
}

func countText(ctx context.Context, n int) string {
	switch {
	case n == 1:
		return message.T(ctx, "list.count.one")
	case n > register.CountLimit:
		return message.T(ctx, "list.count.more")
	}
	return message.T(ctx, "list.count", n)
}

func (view listView) export(p page.Page, format string) string {
	q := url.Values{"format": {format}, "filter": view.Filters}
	for _, key := range []string{"as_of", "search", "order"} {
		if p.Query.Get(key) != "" {
			q.Set(key, p.Query.Get(key))
		}
	}
	return "/" + view.Def.Plural + "/export?" + q.Encode()
}

// flashOf says what was just done, where the address names it.
func flashOf(r *http.Request) *flash {
	q := r.URL.Query()
	n, err := strconv.Atoi(q.Get("n"))
	if q.Get("done") == "" || err != nil {
		return nil
	}
	return &flash{Text: message.N(r.Context(), "list.flash", n), Undo: "/batches/" + url.PathEscape(q.Get("done")) + "/undo"}
}
