// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// listView is what the list page draws.
type listView struct {
	Def         *register.Definition
	Columns     []column
	Rows        []listRow
	Tabs        []tab
	Filters     []string
	Suggestions []string
	Next        string
	Count       int
	MayWrite    bool
}

type column struct {
	Field register.Field
	Class string
}

type listRow struct {
	Key, Path, State      string
	Changed, ChangedExact string
	Cells                 []cell
}

type cell struct {
	Text, Class   string
	Title, Person bool
}

type tab struct {
	Label, Path, Count string
	Current            bool
}

// columnsOf chooses what a list shows from the declaration: the title, the
// owner, the due date, then short fields, most important first.
func columnsOf(v *register.View, def *register.Definition) []column {
	var columns []column
	classes := []string{"", "", "p2", "p2", "p3", "p4"}
	add := func(f register.Field) {
		if len(columns) < len(classes) {
			columns = append(columns, column{f, classes[len(columns)]})
		}
	}
	fields := v.Fields(def)
	for _, wanted := range []func(register.Field) bool{
		func(f register.Field) bool { return f.IsTitle },
		func(f register.Field) bool { return f.IsOwner },
		func(f register.Field) bool { return f.IsDue },
		func(f register.Field) bool {
			return !f.IsTitle && !f.IsOwner && !f.IsDue && f.Required && f.Kind != register.Markdown && f.Kind != register.File && f.Kind != register.Bool
		},
		func(f register.Field) bool { return !f.Required && f.Kind == register.Enum },
	} {
		for _, f := range fields {
			if wanted(f) {
				add(f)
			}
		}
	}
	return columns
}

func listOf(r *http.Request) (register.List, error) {
	q := r.URL.Query()
	filters, err := register.ParseFilters(q["filter"])
	return register.List{Register: r.PathValue("register"), Filters: filters, Search: q.Get("search"), Order: q.Get("order"), After: q.Get("after")}, err
}

func (s *section) list(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	l, err := listOf(r)
	if err != nil {
		return err
	}
	var view listView
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		view, err = s.listView(v, l)
		return err
	}); err != nil {
		return err
	}
	for _, f := range l.Filters {
		view.Filters = append(view.Filters, f.String())
	}
	p := s.Page(r, actor, view.Def.Titles)
	for i := range view.Tabs {
		view.Tabs[i].Path = p.With("filter", "", "after", "")
		if state := view.Tabs[i].Path; view.Tabs[i].Label != "All" {
			view.Tabs[i].Path = joinQuery(state, "filter="+url.QueryEscape("state="+stateName(view.Def, view.Tabs[i].Label)))
			view.Tabs[i].Current = slices.Equal(view.Filters, []string{"state=" + stateName(view.Def, view.Tabs[i].Label)})
		} else {
			view.Tabs[i].Current = len(view.Filters) == 0
		}
	}
	s.Draw(w, r, listPage(p, view))
	return nil
}

func joinQuery(path, query string) string {
	if strings.Contains(path, "?") {
		return path + "&" + query
	}
	return path + "?" + query
}

func (s *section) listView(v *register.View, l register.List) (listView, error) {
	list, err := v.List(l)
	if err != nil {
		return listView{}, err
	}
	def, err := v.Set().Named(l.Register)
	if err != nil {
		return listView{}, err
	}
	view := listView{Def: def, Columns: columnsOf(v, def), Next: list.Next, MayWrite: mayWrite(v, def)}
	if view.Count, err = v.Count(l); err != nil {
		return view, err
	}
	for _, e := range list.Entries {
		view.Rows = append(view.Rows, rowOf(v, e, view.Columns))
	}
	view.Tabs, err = stateTabs(v, def)
	view.Suggestions = suggestions(v, def)
	return view, err
}

// mayWrite hides what the actor could not do anyway; the kernel decides again.
func mayWrite(v *register.View, def *register.Definition) bool {
	if def.WrittenBy != "" {
		return false
	}
	subject := access.Subject{Register: def.Name, OpenTo: def.OpenTo, People: []string{v.Actor().Person}}
	return access.May(v.Actor(), access.Create, subject, v.Now()) == nil
}

func rowOf(v *register.View, e register.Entry, columns []column) listRow {
	row := listRow{Key: e.Key, Path: "/" + e.Register.Plural + "/" + e.Key, State: page.StateLabel(e.Register, e.State),
		Changed: page.Age(v.Context(), e.At, v.Now()), ChangedExact: page.Exact(e.At)}
	if v.Moment() != 0 {
		row.Path += "?as_of=" + url.QueryEscape(v.Moment().String())
	}
	for _, c := range columns {
		row.Cells = append(row.Cells, cellOf(v, e, c))
	}
	return row
}

func cellOf(v *register.View, e register.Entry, c column) cell {
	out := cell{Class: c.Class, Title: c.Field.IsTitle, Person: c.Field.Kind == register.Person}
	out.Text = displayText(c.Field, e.Doc)
	if c.Field.IsReference() {
		var titles []string
		for _, key := range e.Doc.Strings(c.Field.Key) {
			titles = append(titles, v.TitleOf(c.Field.To, key))
		}
		out.Text = strings.Join(titles, ", ")
	}
	if out.Title {
		out.Text = e.Title()
	}
	return out
}

// stateTabs counts the states of a register; one that has a single state needs
// no tabs.
func stateTabs(v *register.View, def *register.Definition) ([]tab, error) {
	if len(def.Lifecycle.States) < 2 {
		return nil, nil
	}
	all, err := v.Count(register.List{Register: def.Name})
	if err != nil || all == 0 {
		return nil, err
	}
	tabs := []tab{{Label: "All", Count: page.Count(all)}}
	for _, state := range def.Lifecycle.States {
		n, err := v.Count(register.List{Register: def.Name, Filters: []register.Filter{{Field: "state", Op: register.Is, Values: []string{state.Name}}}})
		if err != nil {
			return nil, err
		}
		if n > 0 {
			tabs = append(tabs, tab{Label: state.Label, Count: page.Count(n)})
		}
	}
	return tabs, nil
}

func stateName(def *register.Definition, label string) string {
	for _, s := range def.Lifecycle.States {
		if s.Label == label {
			return s.Name
		}
	}
	return label
}

// suggestions are filters people are likely to want.
func suggestions(v *register.View, def *register.Definition) []string {
	var list []string
	for _, state := range def.Lifecycle.States {
		list = append(list, "state="+state.Name)
	}
	for _, f := range v.Fields(def) {
		for _, value := range f.Values {
			list = append(list, f.Key+"="+value.Name)
		}
		if f.IsOwner || f.IsDue {
			list = append(list, f.Key+":empty")
		}
	}
	return list
}

func (view listView) countText(ctx context.Context) string {
	switch {
	case view.Count == 1:
		return message.T(ctx, "list.count.one")
	case view.Count > register.CountLimit:
		return message.T(ctx, "list.count.more")
	}
	return message.T(ctx, "list.count", view.Count)
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

func (view listView) bulk(p page.Page) string {
	return p.Path + "/bulk?" + url.Values{"filter": view.Filters}.Encode()
}

func (view listView) without(p page.Page, filter string) string {
	q := url.Values{}
	for k, values := range p.Query {
		for _, value := range values {
			if k != "after" && (k != "filter" || value != filter) && value != "" {
				q.Add(k, value)
			}
		}
	}
	return p.Path + "?" + q.Encode()
}

func nextOrder(now, key string) string {
	if now == key {
		return "-" + key
	}
	return key
}

func orderArrow(now, key string) string {
	switch now {
	case key:
		return "↑"
	case "-" + key:
		return "↓"
	}
	return ""
}

// bulkView is the form that changes a whole list.
type bulkView struct {
	Filters              []string
	Field, Value, Reason string
	Report               *register.Report
}

func (s *section) bulkForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawBulk(w, r, actor, bulkView{Filters: r.URL.Query()["filter"]})
}

func (s *section) drawBulk(w http.ResponseWriter, r *http.Request, actor access.Actor, view bulkView) error {
	def, err := s.Kernel.Set().Named(r.PathValue("register"))
	if err != nil {
		return err
	}
	var fields []register.Field
	for _, f := range def.Fields {
		if !f.Derived && f.Kind != register.File && f.Kind != register.Secret && f.Kind != register.Rows && !f.Unique {
			fields = append(fields, f)
		}
	}
	s.Draw(w, r, bulkPage(s.Page(r, actor, message.T(r.Context(), "list.bulk.title")), def, fields, view))
	return nil
}

func (s *section) bulk(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	filters, err := register.ParseFilters(r.PostForm["filter"])
	if err != nil {
		return err
	}
	view := bulkView{Filters: slices.DeleteFunc(r.PostForm["filter"], func(f string) bool { return f == "" }),
		Field: r.PostFormValue("field"), Value: r.PostFormValue("value"), Reason: r.PostFormValue("reason")}
	l := register.List{Register: r.PathValue("register"), Filters: filters}
	run := s.Kernel.Rehearse
	if r.PostFormValue("do") == "write" {
		run = s.Kernel.Write
	}
	var report register.Report
	if err := run(r.Context(), actor, func(tx *register.Tx) (err error) {
		report, err = tx.BulkEdit(l, map[string]any{view.Field: view.Value}, register.Note{Why: view.Reason})
		return err
	}); err != nil {
		return err
	}
	if r.PostFormValue("do") == "write" {
		return s.done(w, r, actor, l.Register, report)
	}
	view.Report = &report
	return s.drawBulk(w, r, actor, view)
}

func (s *section) done(w http.ResponseWriter, r *http.Request, actor access.Actor, name string, report register.Report) error {
	def, err := s.Kernel.Set().Named(name)
	if err != nil {
		return err
	}
	s.Draw(w, r, donePage(s.Page(r, actor, message.T(r.Context(), "import.done")), def, report))
	return nil
}

func (s *section) undoBatch(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var report register.Report
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) (err error) {
		report, err = tx.UndoBatch(r.PathValue("batch"), register.Note{})
		return err
	}); err != nil {
		return err
	}
	return s.done(w, r, actor, r.PostFormValue("register"), report)
}

var fates = []register.Fate{register.Refused, register.Created, register.Updated, register.Unchanged}

func sortedOutcomes(r register.Report) []register.Outcome {
	out := slices.Clone(r.Outcomes)
	slices.SortStableFunc(out, func(a, b register.Outcome) int { return slices.Index(fates, a.Fate) - slices.Index(fates, b.Fate) })
	const most = 500
	return out[:min(len(out), most)]
}

func writable(r register.Report) int { return r.Counts[register.Created] + r.Counts[register.Updated] }

func countOf(r register.Report, fate register.Fate) string { return fmt.Sprint(r.Counts[fate]) }

func rowText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func text(value any) string { return register.Doc{"v": value}.Text("v") }
