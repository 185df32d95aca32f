// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"sextant/interchange/table"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// Sheet is a list that a section holds whole, such as the checks: it filters,
// seeks, sorts, groups, pages and exports rows made in memory, with the same
// addresses as the lists the kernel reads. It decides nothing about its rows.
type Sheet[T any] struct {
	Caption string
	Fields  []Field[T]
	Row     func(T) Row // without cells
	Order   string      // where the address names none
	Views   []Tab       // the first holds everything
	Say     string      // of T in all, beside the chips
}

// Tab is a built-in view: a name and the filters it stands for.
type Tab struct {
	Label  string
	Filter []string // as register.ParseFilter reads them
}

// Field is what rows can be filtered, sorted, grouped and shown by.
type Field[T any] struct {
	Key, Label, Class string
	Of                func(T) []string             // its values as texts
	Word              func(string) string          // names a value, nil = as it is
	Mark              func(string) templ.Component // stands before a value's name, nil = nothing
	Number            func(T) (float64, bool)      // where it is compared as a number
	Rank              []string                     // order of its values, best known first; nil = of the alphabet
	Cell              func(T, Row) templ.Component // nil = no column
	Out               func(T) any                  // what is exported, nil = its values in words
	Kind              table.Kind                   // of what is exported
	Few               bool                         // few values: offered as a list, and to group by
	Every             bool                         // its values are those of Rank: each is offered, any other refused
	Spare             bool                         // a column on request only
	Edits             bool                         // its cells are edited in place, where the row has a version
}

// sheetPage is how many rows a page brings.
const sheetPage = 100

// Drawn is a sheet as an address asks for it.
type Drawn[T any] struct {
	Table Table
	Tools Tools
	Rows  []T // all that meet the filters, in order
}

// Draw reads the address and fills table and tools.
func (s Sheet[T]) Draw(ctx context.Context, p page.Page, all []T) (Drawn[T], error) {
	d := Drawn[T]{}
	filters, err := register.ParseFilters(p.Query["filter"])
	if err != nil {
		return d, err
	}
	if d.Rows, err = s.chosen(p, all, filters); err != nil {
		return d, err
	}
	columns := s.columns(p)
	d.Table = Table{Caption: s.Caption, Count: message.N(ctx, "grid.count", len(d.Rows)), Columns: s.heads(p, columns)}
	s.fill(ctx, p, &d, columns)
	d.Tools, err = s.tools(ctx, p, all, filters, columns)
	return d, err
}

// Chosen gives the rows an address asks for, in order, for an export of exactly
// what a page shows.
func (s Sheet[T]) Chosen(p page.Page, all []T) ([]T, error) {
	filters, err := register.ParseFilters(p.Query["filter"])
	if err != nil {
		return nil, err
	}
	return s.chosen(p, all, filters)
}

func (s Sheet[T]) chosen(p page.Page, all []T, filters []register.Filter) ([]T, error) {
	rows, err := s.filtered(all, filters)
	if err != nil {
		return nil, err
	}
	if words := strings.Fields(strings.ToLower(p.Query.Get("search"))); len(words) > 0 {
		rows = slices.DeleteFunc(rows, func(t T) bool { return !s.says(t, words) })
	}
	return rows, s.sort(rows, cmp.Or(p.Query.Get("order"), s.Order))
}

// filtered gives a new list of those that meet every filter.
func (s Sheet[T]) filtered(all []T, filters []register.Filter) ([]T, error) {
	rows := slices.Clone(all)
	for _, filter := range filters {
		f, err := s.field(filter.Field)
		if err != nil {
			return nil, err
		}
		meets, err := f.condition(filter)
		if err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(t T) bool { return !meets(t) })
	}
	return rows, nil
}

// says seeks words in everything a row shows.
func (s Sheet[T]) says(t T, words []string) bool {
	row := s.Row(t)
	text := strings.ToLower(row.Key + " " + row.Title)
	for _, f := range s.Fields {
		for _, value := range f.Of(t) {
			text += " " + strings.ToLower(value+" "+f.word(value))
		}
	}
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

func (s Sheet[T]) sort(rows []T, order string) error {
	key, descending := strings.CutPrefix(order, "-")
	if key == "" {
		return nil
	}
	f, err := s.field(key)
	if err != nil {
		return err
	}
	turn := 1
	if descending {
		turn = -1
	}
	slices.SortStableFunc(rows, func(a, b T) int { return f.compare(a, b, turn) })
	return nil
}

// fill puts rows into the table: one list in pages, or groups.
func (s Sheet[T]) fill(ctx context.Context, p page.Page, d *Drawn[T], columns []Field[T]) {
	if by, err := s.field(p.Query.Get("group")); err == nil {
		d.Table.Groups = s.groups(ctx, p, d.Rows, by, columns)
		return
	}
	from, _ := strconv.Atoi(p.Query.Get("after"))
	from = min(max(from, 0), len(d.Rows))
	upto := min(from+sheetPage, len(d.Rows))
	d.Table.Groups = []Group{{Rows: s.drawRows(p, d.Rows[from:upto], columns)}}
	if upto < len(d.Rows) {
		d.Table.Next = p.With("after", strconv.Itoa(upto), "in", "")
	}
	if from > 0 {
		d.Table.First = p.With("after", "", "in", "")
	}
}

func (s Sheet[T]) groups(ctx context.Context, p page.Page, rows []T, by Field[T], columns []Field[T]) []Group {
	var groups []Group
	for _, value := range by.values(rows) {
		var members []T
		for _, t := range rows {
			if slices.Contains(by.Of(t), value) {
				members = append(members, t)
			}
		}
		groups = append(groups, s.group(p, MarkedHead(by.mark(value), by.word(value), page.Count(len(members))), register.Filter{Field: by.Key, Op: register.Is, Values: []string{value}}, members, columns))
	}
	if none := slices.DeleteFunc(slices.Clone(rows), func(t T) bool { return len(by.Of(t)) > 0 }); len(none) > 0 {
		groups = append(groups, s.group(p, GroupHead(message.T(ctx, "grid.group.empty"), page.Count(len(none))), register.Filter{Field: by.Key, Op: register.Empty}, none, columns))
	}
	return groups
}

func (s Sheet[T]) group(p page.Page, head templ.Component, only register.Filter, members []T, columns []Field[T]) Group {
	g := Group{Head: head, Rows: s.drawRows(p, members[:min(len(members), sheetPage)], columns)}
	if len(members) > sheetPage {
		q := Keep(p, "group")
		q.Add("filter", only.String())
		g.More = Address(p.Path, q)
	}
	return g
}

func (s Sheet[T]) drawRows(p page.Page, rows []T, columns []Field[T]) []Row {
	drawn := make([]Row, 0, len(rows))
	for _, t := range rows {
		row := s.Row(t)
		row.Current = p.Query.Get("in") == row.Key
		for _, f := range columns {
			row.Cells = append(row.Cells, f.Cell(t, row))
		}
		drawn = append(drawn, row)
	}
	return drawn
}

// columns are those the address names, or those that are not spare.
func (s Sheet[T]) columns(p page.Page) (shown []Field[T]) {
	asked := Split(p.Query.Get("cols"))
	for i, f := range s.Fields {
		if f.Cell != nil && (s.stays(i) && !slices.Contains(asked, f.Key) || len(asked) == 0 && !f.Spare) {
			shown = append(shown, f)
		}
	}
	for _, key := range asked {
		if f, err := s.field(key); err == nil && f.Cell != nil {
			shown = append(shown, f)
		}
	}
	return shown
}

// stays says whether a column is always shown: the first, and the one that
// leads to the row.
func (s Sheet[T]) stays(i int) bool { return i == 0 || s.Fields[i].Class == "main-cell" }

func (f Field[T]) edited() string {
	if f.Edits {
		return f.Key
	}
	return ""
}

func (s Sheet[T]) heads(p page.Page, columns []Field[T]) (heads []Column) {
	for _, f := range columns {
		heads = append(heads, Column{Key: f.Key, Label: f.Label, Class: f.Class, Sort: SortBy(p, f.Key), Arrow: Arrow(p, f.Key), Field: f.edited()})
	}
	return heads
}
