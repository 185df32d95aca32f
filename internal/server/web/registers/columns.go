// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"context"
	"slices"

	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// classes give columns their priority, in the order they are shown.
var classes = []string{"main-cell", "fit p2", "fit p2", "fit p2 t2", "fit p3 t2", "fit p4 t2"}

// columnsOf gives the fields a list shows: those asked for, or a choice from
// the declaration (the title, the owner, the due date, then short fields, the
// needed ones first). The title is always among them.
func columnsOf(v *register.View, def *register.Definition, asked string) []register.Field {
	fields := v.Fields(def)
	if asked != "" {
		return named(fields, grid.Split(asked))
	}
	var chosen []register.Field
	for _, wanted := range preferences {
		for _, f := range fields {
			if wanted(f) && len(chosen) < len(classes) && !slices.ContainsFunc(chosen, same(f)) {
				chosen = append(chosen, f)
			}
		}
	}
	return chosen
}

// preferences choose columns, the most wanted first.
var preferences = []func(register.Field) bool{
	func(f register.Field) bool { return f.IsTitle },
	func(f register.Field) bool { return f.IsOwner },
	func(f register.Field) bool { return f.IsDue },
	func(f register.Field) bool { return f.Required && isShort(f) && f.Kind != register.Bool },
	func(f register.Field) bool { return f.Kind == register.Enum },
}

func same(f register.Field) func(register.Field) bool {
	return func(other register.Field) bool { return other.Key == f.Key }
}

// isShort fields fit into a cell.
func isShort(f register.Field) bool {
	switch f.Kind {
	case register.Markdown, register.File, register.Secret, register.Rows:
		return false
	}
	return true
}

func named(fields []register.Field, keys []string) []register.Field {
	var chosen []register.Field
	for _, f := range fields {
		if f.IsTitle && !slices.Contains(keys, f.Key) {
			chosen = append(chosen, f)
		}
	}
	for _, key := range keys {
		i := slices.IndexFunc(fields, func(f register.Field) bool { return f.Key == key && isShort(f) })
		if i >= 0 && !slices.ContainsFunc(chosen, same(fields[i])) {
			chosen = append(chosen, fields[i])
		}
	}
	return chosen
}

// headsOf draws the columns' heads: key, fields, state, age.
func headsOf(ctx context.Context, p page.Page, def *register.Definition, columns []register.Field) []grid.Column {
	heads := []grid.Column{head(p, "key", message.T(ctx, "list.key"), "id num fit")}
	for i, f := range columns {
		h := head(p, f.Key, message.Mark(ctx, f.Label), classOf(i, f))
		if f.Many && (f.IsReference() || f.Kind == register.Enum || f.Kind == register.Text) {
			h.Sort, h.Arrow = "", ""
		}
		if editsInPlace(f) {
			h.Field = f.Key
		}
		heads = append(heads, h)
	}
	return append(heads, head(p, "state", message.T(ctx, "list.state"), "fit"), head(p, "changed_at", message.T(ctx, "list.changed"), "p3 r fit num t2"))
}

func classOf(i int, f register.Field) string {
	if f.IsTitle {
		return classes[0]
	}
	return classes[min(max(i, 1), len(classes)-1)]
}

func head(p page.Page, key, label, class string) grid.Column {
	return grid.Column{Key: key, Label: label, Class: class, Sort: grid.SortBy(p, key), Arrow: grid.Arrow(p, key)}
}

// editsInPlace: what one small box can take.
func editsInPlace(f register.Field) bool { return isShort(f) && !f.Derived && !f.Many }
