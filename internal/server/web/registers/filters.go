// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"context"
	"slices"
	"strings"

	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/views"
	"sextant/register"
)

// stateField makes the lifecycle's state a field to filter by.
func stateField(ctx context.Context, def *register.Definition) register.Field {
	f := register.Field{Key: "state", Label: message.T(ctx, "list.state"), Kind: register.Enum}
	for _, s := range def.Lifecycle.States {
		f.Values = append(f.Values, register.Value{Name: s.Name, Label: s.Label})
	}
	return f
}

// filterFields are what a list can be filtered by.
func filterFields(v *register.View, def *register.Definition) []register.Field {
	fields := []register.Field{stateField(v.Context(), def)}
	for _, f := range v.Fields(def) {
		if f.Kind != register.File && f.Kind != register.Secret && f.Kind != register.Rows {
			fields = append(fields, f)
		}
	}
	return fields
}

// toolsOf fills what stands above a list.
func toolsOf(v *register.View, p page.Page, l register.List, def *register.Definition, columns []register.Field) (grid.Tools, error) {
	ctx := v.Context()
	fields := filterFields(v, def)
	t := grid.Tools{Search: l.Search, MaySeek: !p.Past(), Chips: chipsOf(v, p, l, fields)}
	for _, f := range fields {
		t.Fields = append(t.Fields, grid.Choice{Key: f.Key, Label: message.Mark(ctx, f.Label), Path: p.With("edit", f.Key, "in", "")})
		if f.Kind == register.Enum || f.Kind == register.Person || f.Kind == register.Ref || f.Kind == register.Bool {
			t.GroupBy = append(t.GroupBy, grid.Choice{Key: f.Key, Label: message.Mark(ctx, f.Label), Path: p.With("group", f.Key, "after", "", "in", ""), Chosen: p.Query.Get("group") == f.Key})
		}
	}
	t.GroupBy = append(t.GroupBy, grid.Choice{Label: message.T(ctx, "grid.group.none"), Path: p.With("group", ""), Chosen: p.Query.Get("group") == ""})
	t.Columns = columnChoices(v, def, columns)
	t.SaveView = views.SavePath(v, p)
	var err error
	if t.Views, err = viewsOf(v, p, def); err != nil {
		return t, err
	}
	t.Editor, err = editorOf(v, p, l, fields)
	return t, err
}

func columnChoices(v *register.View, def *register.Definition, shown []register.Field) []grid.Choice {
	var choices []grid.Choice
	add := func(f register.Field, chosen bool) {
		choices = append(choices, grid.Choice{Key: f.Key, Label: message.Mark(v.Context(), f.Label), Chosen: chosen})
	}
	for _, f := range shown {
		add(f, true)
	}
	for _, f := range v.Fields(def) {
		if isShort(f) && !slices.ContainsFunc(shown, same(f)) {
			add(f, false)
		}
	}
	return choices
}

func chipsOf(v *register.View, p page.Page, l register.List, fields []register.Field) []grid.Chip {
	var chips []grid.Chip
	for _, filter := range l.Filters {
		f := fieldOr(fields, filter.Field)
		chips = append(chips, grid.Chip{Field: f.Key, Label: message.Mark(v.Context(), f.Label), Op: message.T(v.Context(), "op."+string(filter.Op)),
			Value: filterValue(v, f, filter), Edit: p.With("edit", f.Key, "in", ""), Remove: grid.WithoutValue(p, "filter", filter.String())})
	}
	return chips
}

func fieldOr(fields []register.Field, key string) register.Field {
	i := slices.IndexFunc(fields, func(f register.Field) bool { return f.Key == key })
	if i < 0 {
		return register.Field{Key: key, Label: key}
	}
	return fields[i]
}

// filterValue says what a filter compares with, in words.
func filterValue(v *register.View, f register.Field, filter register.Filter) string {
	if filter.Op == register.Empty || filter.Op == register.Filled {
		return ""
	}
	words := make([]string, len(filter.Values))
	for i, value := range filter.Values {
		words[i] = valueWord(v, f, value)
	}
	const most = 3
	if len(words) > most {
		return message.T(v.Context(), "list.filter.values", len(words))
	}
	return strings.Join(words, ", ")
}

func valueWord(v *register.View, f register.Field, value string) string {
	switch {
	case f.Kind == register.Enum:
		return message.Mark(v.Context(), f.ValueLabel(value))
	case f.IsReference():
		return v.TitleOf(f.To, value)
	case f.Kind == register.Date:
		return page.Day(value)
	}
	return value
}

// editorOf draws the filter the address asks to edit (?edit=owner).
func editorOf(v *register.View, p page.Page, l register.List, fields []register.Field) (*grid.Editor, error) {
	key := p.Query.Get("edit")
	i := slices.IndexFunc(fields, func(f register.Field) bool { return f.Key == key })
	if i < 0 {
		return nil, nil
	}
	f, now := fields[i], register.Filter{Op: register.Is}
	rest := l
	rest.Filters = nil
	for _, filter := range l.Filters {
		if filter.Field == key {
			now = filter
		} else {
			rest.Filters = append(rest.Filters, filter)
		}
	}
	e := &grid.Editor{Field: key, Label: message.Mark(v.Context(), f.Label), Value: strings.Join(now.Values, ","), Input: "text", Close: p.With("edit", "")}
	for _, op := range opsOf(f) {
		e.Ops = append(e.Ops, grid.Choice{Key: string(op), Label: message.T(v.Context(), "op."+string(op)), Chosen: op == now.Op})
	}
	if f.Kind == register.Date {
		e.Input = "date"
	}
	values, err := valuesOf(v, rest, f, now)
	e.Values = values
	return e, err
}

func opsOf(f register.Field) []register.Op {
	switch f.Kind {
	case register.Enum, register.Bool, register.Person, register.Ref:
		return []register.Op{register.Is, register.IsNot, register.Empty, register.Filled}
	case register.Date, register.DateTime, register.Number, register.Percent, register.Scale:
		return []register.Op{register.Is, register.AtMost, register.AtLeast, register.Below, register.Above, register.Empty, register.Filled}
	}
	return []register.Op{register.Contains, register.Is, register.IsNot, register.Empty, register.Filled}
}

// valuesOf lists the values of a field with how many entries have each, for
// fields with few; nil where a value is typed.
func valuesOf(v *register.View, rest register.List, f register.Field, now register.Filter) ([]grid.Value, error) {
	if f.Kind != register.Enum && f.Kind != register.Bool && !f.IsReference() {
		return nil, nil
	}
	groups, err := v.Groups(rest, f.Key)
	if err != nil {
		return nil, err
	}
	var values []grid.Value
	add := func(value, count string) {
		values = append(values, grid.Value{Value: value, Label: valueWord(v, f, value), Count: count, Chosen: slices.Contains(now.Values, value)})
	}
	for _, g := range groups {
		if g.Value != "" {
			add(g.Value, page.Count(g.Count))
		}
	}
	for _, possible := range f.Values {
		if !slices.ContainsFunc(values, func(x grid.Value) bool { return x.Value == possible.Name }) {
			add(possible.Name, "0")
		}
	}
	return values, nil
}
