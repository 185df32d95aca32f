// SPDX-License-Identifier: Apache-2.0

package registers

import (
	"slices"

	"sextant/internal/server/web/grid"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// Limits of a grouped list: so many groups, so many rows of each; the rest of a
// group is a list of its own.
const (
	groupsShown  = 20
	rowsOfAGroup = 15
)

// groupsOf reads a short list for each value of a field.
func groupsOf(v *register.View, p page.Page, l register.List, def *register.Definition, columns []register.Field, by string) ([]grid.Group, error) {
	counts, err := v.Groups(l, by)
	if err != nil {
		return nil, err
	}
	f := fieldOr(filterFields(v, def), by)
	sortByDeclaration(counts, f)
	var groups []grid.Group
	for _, c := range counts[:min(len(counts), groupsShown)] {
		g, err := groupOf(v, p, l, columns, f, c)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func groupOf(v *register.View, p page.Page, l register.List, columns []register.Field, f register.Field, c register.Group) (grid.Group, error) {
	only, label := register.Filter{Field: f.Key, Op: register.Is, Values: []string{c.Value}}, valueWord(v, f, c.Value)
	if c.Value == "" {
		only, label = register.Filter{Field: f.Key, Op: register.Empty}, message.T(v.Context(), "grid.group.empty")
	}
	part := l
	part.Filters = append(slices.Clone(l.Filters), only)
	part.Limit, part.After = rowsOfAGroup, ""
	list, err := v.List(part)
	if err != nil {
		return grid.Group{}, err
	}
	g := grid.Group{Head: grid.GroupHead(label, page.Count(c.Count)), Rows: rowsOf(v, p, list.Entries, columns)}
	if list.Next != "" {
		q := grid.Keep(p, "group")
		q.Add("filter", only.String())
		g.More = grid.Address(p.Path, q)
	}
	return g, nil
}

// sortByDeclaration puts groups of an enumeration in the order it was declared,
// others by size as they came.
func sortByDeclaration(groups []register.Group, f register.Field) {
	if len(f.Values) == 0 {
		return
	}
	place := func(g register.Group) int {
		i := slices.IndexFunc(f.Values, func(v register.Value) bool { return v.Name == g.Value })
		if i < 0 {
			return len(f.Values)
		}
		return i
	}
	slices.SortStableFunc(groups, func(a, b register.Group) int { return place(a) - place(b) })
}
