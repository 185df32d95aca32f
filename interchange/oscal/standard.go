// SPDX-License-Identifier: Apache-2.0

package oscal

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

// WriteStandard writes a standard the program knows as a catalog: ids, titles,
// attribute values and our own sentence on each. No sentence of the standard is
// in it. at says when it is written. For "own" it is the organisation's own
// controls, as rows gives them.
func WriteStandard(w io.Writer, standard string, own []framework.Control, at sextant.Instant) error {
	title, rows := "Controls of our own", own
	if standard != framework.OwnStandard {
		s, ok := framework.StandardByID(standard)
		if !ok {
			return sextant.Errorf(sextant.NotFound, "there is no standard %q", standard).WithHint("there are %s", strings.Join(standards(), ", "))
		}
		title, rows = s.Title, framework.RowsOf(standard)
	}
	if len(rows) == 0 {
		return sextant.Errorf(sextant.Invalid, "there is no control in it; OSCAL has no catalog without one")
	}
	c := &Catalog{UUID: identifier("catalog", standard, when(at)), Metadata: Metadata{Title: Markup(title), LastModified: when(at), Version: standard, OSCALVersion: Version,
		Remarks: "Identifiers, titles and attribute values. The sentences are Sextant's own words; the text of the standard is not in here and is available from ISO and its members."}}
	if standard == framework.StandardID {
		c.Groups = append(c.Groups, clauses())
	}
	c.Groups = append(c.Groups, groupsOf(standard, rows)...)
	return Document{Catalog: c}.Write(w)
}

func standards() []string {
	list := []string{framework.OwnStandard}
	for _, s := range framework.Standards() {
		if len(framework.RowsOf(s.ID)) > 0 {
			list = append(list, s.ID)
		}
	}
	slices.Sort(list)
	return list
}

// clauses are what the standard asks of the management system itself.
func clauses() Group {
	g := Group{ID: "clauses", Title: "Clauses 4 to 10"}
	for _, c := range framework.ISO27001().Clauses {
		if !c.Auditable() {
			continue
		}
		k := Control{ID: Token(c.ID), Class: "clause", Title: Markup(line(c.Title, c.ID)), Props: []Prop{{Name: "label", Value: c.ID}}}
		for _, r := range c.Requirements {
			k.Parts = append(k.Parts, Part{ID: Token(c.ID + "_" + r.ID), Name: "item", NS: namespace, Props: []Prop{{Name: "label", Value: r.ID}}, Prose: Markup(r.Asks)})
		}
		g.Controls = append(g.Controls, k)
	}
	return g
}

var themes = map[framework.Theme]string{framework.Organizational: "Organizational controls", framework.People: "People controls", framework.Physical: "Physical controls", framework.Technological: "Technological controls"}

func groupsOf(standard string, rows []framework.Control) (list []Group) {
	for _, row := range rows {
		title := cmp.Or(row.Section, themes[row.Theme], "Controls")
		i := slices.IndexFunc(list, func(g Group) bool { return g.Title == Markup(title) })
		if i < 0 {
			i = len(list)
			list = append(list, Group{ID: Token(standard + "_" + title), Title: Markup(line(title, "Controls"))})
		}
		list[i].Controls = append(list[i].Controls, controlOf(row))
	}
	return list
}

func controlOf(row framework.Control) Control {
	k := Control{ID: Token(row.ID), Class: "control", Title: Markup(line(row.Title, row.ID)), Props: []Prop{{Name: "label", Value: line(row.ID, "-")}}}
	k.Props = own(k.Props, "reference", row.Reference().String())
	k.Props = values(k.Props, "control-type", row.Types)
	k.Props = values(k.Props, "property", row.Properties)
	k.Props = values(k.Props, "concept", row.Concepts)
	k.Props = values(k.Props, "capability", row.Capabilities)
	k.Props = values(k.Props, "domain", row.Domains)
	if row.Asks != "" {
		k.Parts = []Part{{ID: Token(row.ID + "_overview"), Name: "overview", Prose: Markup(row.Asks)}}
	}
	return k
}

func values[T ~string](props []Prop, name string, list []T) []Prop {
	for _, value := range list {
		props = own(props, name, string(value))
	}
	return props
}

// nameOf is the title of an entry, for a sheet that stands on its own.
func nameOf(v *register.View, kind, key string) string {
	if key == "" {
		return ""
	}
	return v.TitleOf(kind, key)
}
