// SPDX-License-Identifier: Apache-2.0

package libraries

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"sextant/internal/server/web/message"
	"sextant/library"
)

func browsePath(key string) string { return path + "/" + key + "/browse" }

// or writes a dash for what a file does not say.
func or(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func formatLabel(ctx context.Context, format string) string {
	f, _ := library.Libraries.Definition.Field("format")
	return message.Mark(ctx, f.ValueLabel(format))
}

// labelled is a count with what is counted.
type labelled struct {
	Label string
	Count int
}

func countsOf(ctx context.Context, n library.Counts) (list []labelled) {
	for _, c := range []labelled{{"frameworks", n.Frameworks}, {"nodes", n.Nodes}, {"assessable", n.Assessable}, {"questions", n.Questions}, {"mapping_sets", n.MappingSets}, {"mappings", n.Mappings},
		{"reference_controls", n.Controls}, {"threats", n.Threats}, {"risk_matrices", n.RiskMatrices}} {
		if c.Count > 0 {
			key := "library.count." + c.Label
			if c.Count == 1 {
				key += ".one"
			}
			c.Label = message.T(ctx, key)
			list = append(list, c)
		}
	}
	return list
}

// holds says in a few words what a library has.
func holds(ctx context.Context, l library.Library) string {
	var parts []string
	for _, c := range countsOf(ctx, library.Counts{Assessable: l.Assessable, Mappings: l.Mappings, Controls: l.Controls, Threats: l.Threats, RiskMatrices: l.RiskMatrices}) {
		parts = append(parts, fmt.Sprintf("%d %s", c.Count, c.Label))
	}
	return strings.Join(parts, ", ")
}

func byline(ctx context.Context, l library.Library) string {
	var parts []string
	if l.Edition != "" {
		parts = append(parts, message.T(ctx, "library.version", l.Edition))
	}
	for _, part := range []string{l.Provider, l.Locale} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if l.Licence != "" {
		first, _, _ := strings.Cut(strings.TrimLeft(l.Licence, "# \n"), "\n")
		parts = append(parts, message.T(ctx, "library.licence", first))
	}
	return strings.Join(parts, " · ")
}

func rowsOf(list []library.Remark) (rows []library.RemarkRow) {
	for _, k := range list {
		rows = append(rows, library.RemarkRow{What: string(k.Code), Count: k.Count, LeftOut: k.Left, Examples: strings.Join(k.Examples, "\n")})
	}
	return rows
}

func rowTitle(n *library.Node) string {
	if n.Name != "" {
		return n.Name
	}
	if n.Description != "" {
		return library.Node{Description: n.Description}.Title()
	}
	return n.Title()
}

func partTitle(p library.Part) string {
	if p.Title != "" {
		return p.Title
	}
	return strings.ReplaceAll(p.Name, "-", " ")
}

func paramText(p library.Param) string {
	switch {
	case len(p.Values) > 0:
		return strings.Join(p.Values, ", ")
	case len(p.Choice) > 0:
		return strings.Join(p.Choice, " | ")
	}
	return or(p.Label)
}

func linkText(l library.Link) string {
	if l.Text != "" {
		return l.Text + " (" + l.Href + ")"
	}
	return l.Href
}

// itemRow is a control or threat of a library in a list.
type itemRow struct{ Ref, Name, Text, Kind string }

func controlRows(v browseView) (rows []itemRow) {
	for _, c := range v.Content.Controls[v.From:v.To] {
		kind := c.Category
		if c.Function != "" {
			kind = strings.Trim(kind+", "+c.Function, ", ")
		}
		rows = append(rows, itemRow{c.RefID, cmp.Or(c.Name, c.RefID, c.ID), c.Description, kind})
	}
	return rows
}

func threatRows(v browseView) (rows []itemRow) {
	for _, t := range v.Content.Threats[v.From:v.To] {
		rows = append(rows, itemRow{t.RefID, cmp.Or(t.Name, t.RefID, t.ID), t.Description, ""})
	}
	return rows
}

func levelName(m library.RiskMatrix, level int) string {
	if level < 0 {
		return "–"
	}
	return m.Risk[level].Name
}

// rank is how high a level stands in its scale, 0 to 4, for the shade behind its
// name.
func rank(m library.RiskMatrix, level int) string {
	if level < 0 || len(m.Risk) < 2 {
		return "0"
	}
	return fmt.Sprint(level * 4 / (len(m.Risk) - 1))
}

func fieldNames(fields []string) string {
	return strings.ReplaceAll(strings.Join(fields, ", "), "_", " ")
}

// pager leads through a long list; a short one has none.
func pager(ctx context.Context, p paged) templ.Component {
	p.Table.Count = message.T(ctx, "library.page", p.From+1, p.To, p.Count)
	return pagerOf(p.Table)
}

// reasoned says whether a mapping that is shown has a rationale.
func (v browseView) reasoned() bool {
	return slices.ContainsFunc(v.Mappings, func(m mappingRow) bool { return m.Rationale != "" })
}
