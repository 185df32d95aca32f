// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"sextant/interchange/table"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

func (s Sheet[T]) tools(ctx context.Context, p page.Page, all []T, filters []register.Filter, columns []Field[T]) (Tools, error) {
	t := Tools{Search: p.Query.Get("search"), MaySeek: true, Say: s.Say, Chips: s.chips(ctx, p, filters)}
	for _, f := range s.Fields {
		t.Fields = append(t.Fields, Choice{Key: f.Key, Label: f.Label, Path: p.With("edit", f.Key, "in", "")})
		if f.Few {
			t.GroupBy = append(t.GroupBy, Choice{Key: f.Key, Label: f.Label, Path: p.With("group", f.Key, "after", "", "in", ""), Chosen: p.Query.Get("group") == f.Key})
		}
	}
	if len(t.GroupBy) > 0 {
		t.GroupBy = append(t.GroupBy, Choice{Label: message.T(ctx, "grid.group.none"), Path: p.With("group", ""), Chosen: p.Query.Get("group") == ""})
	}
	t.Columns = s.choices(columns)
	var err error
	if t.Views, err = s.views(p, all); err != nil {
		return t, err
	}
	t.Editor, err = s.editor(ctx, p, all, filters)
	return t, err
}

func (s Sheet[T]) choices(shown []Field[T]) (choices []Choice) {
	add := func(f Field[T], chosen bool) {
		choices = append(choices, Choice{Key: f.Key, Label: f.Label, Chosen: chosen})
	}
	for _, f := range shown {
		add(f, true)
	}
	for _, f := range s.Fields {
		if f.Cell != nil && !slices.ContainsFunc(shown, func(o Field[T]) bool { return o.Key == f.Key }) {
			add(f, false)
		}
	}
	return choices
}

// views are the built-in tabs, each with exactly the number its list has.
func (s Sheet[T]) views(p page.Page, all []T) (views []View, err error) {
	now := strings.Join(p.Query["filter"], "\n")
	for _, tab := range s.Views {
		filters, err := register.ParseFilters(tab.Filter)
		if err != nil {
			return nil, err
		}
		rows, err := s.filtered(all, filters)
		if err != nil {
			return nil, err
		}
		q := Keep(p, "filter", "search", "group", "order", "cols")
		if len(tab.Filter) > 0 {
			q["filter"] = tab.Filter
		}
		views = append(views, View{Label: tab.Label, Path: Address(p.Path, q), Count: page.Count(len(rows)), Current: now == strings.Join(tab.Filter, "\n") && p.Query.Get("search") == ""})
	}
	return views, nil
}

func (s Sheet[T]) chips(ctx context.Context, p page.Page, filters []register.Filter) (chips []Chip) {
	for _, filter := range filters {
		f, err := s.field(filter.Field)
		if err != nil {
			continue
		}
		words := make([]string, len(filter.Values))
		for i, value := range filter.Values {
			words[i] = f.word(value)
		}
		chips = append(chips, Chip{Field: f.Key, Label: f.Label, Op: message.T(ctx, "op."+string(filter.Op)), Value: strings.Join(words, ", "),
			Edit: p.With("edit", f.Key, "in", ""), Remove: WithoutValue(p, "filter", filter.String())})
	}
	return chips
}

// editor is the filter the address asks to edit (?edit=severity).
func (s Sheet[T]) editor(ctx context.Context, p page.Page, all []T, filters []register.Filter) (*Editor, error) {
	f, err := s.field(p.Query.Get("edit"))
	if err != nil {
		return nil, nil //nolint:nilerr // no filter is being edited
	}
	now := register.Filter{Op: register.Is}
	var rest []register.Filter
	for _, filter := range filters {
		if filter.Field == f.Key {
			now = filter
		} else {
			rest = append(rest, filter)
		}
	}
	e := &Editor{Field: f.Key, Label: f.Label, Value: strings.Join(now.Values, ","), Input: "text", Close: p.With("edit", "")}
	if f.Kind == table.Date {
		e.Input = "date"
	}
	for _, op := range f.ops() {
		e.Ops = append(e.Ops, Choice{Key: string(op), Label: message.T(ctx, "op."+string(op)), Chosen: op == now.Op})
	}
	rows, err := s.filtered(all, rest)
	if err != nil || !f.Few {
		return e, err
	}
	for _, value := range f.offered(rows) {
		n := 0
		for _, t := range rows {
			n += bit(slices.Contains(f.Of(t), value))
		}
		e.Values = append(e.Values, Value{Value: value, Label: f.word(value), Mark: f.mark(value), Count: page.Count(n), Chosen: slices.Contains(now.Values, value)})
	}
	return e, nil
}

func (f Field[T]) ops() []register.Op {
	switch {
	case f.Few:
		return []register.Op{register.Is, register.IsNot, register.Empty, register.Filled}
	case f.Kind == table.Date:
		return []register.Op{register.AtMost, register.AtLeast, register.Below, register.Above, register.Is, register.Empty, register.Filled}
	case f.Number != nil:
		return []register.Op{register.AtLeast, register.AtMost, register.Above, register.Below, register.Empty, register.Filled}
	}
	return []register.Op{register.Contains, register.Is, register.IsNot, register.Empty, register.Filled}
}

// Export gives the address of a file of exactly what a page shows, below path.
func Export(p page.Page, path, format string) string {
	q := url.Values{"format": {format}}
	for _, key := range []string{"filter", "search", "order", "as_of"} {
		for _, value := range p.Query[key] {
			if value != "" {
				q.Add(key, value)
			}
		}
	}
	return path + "?" + q.Encode()
}
