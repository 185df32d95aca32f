// SPDX-License-Identifier: Apache-2.0

package oscal

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sextant/library"
)

// Content makes a library out of a catalog: a tree of groups and controls. A
// control's statement is its description, its guidance the annotation; its other
// parts stand beside.
func Content(c *Catalog, format library.Format, report *library.Report) *library.Content {
	content := &library.Content{Format: format, URN: "urn:oscal:" + slug(string(c.Metadata.Title), c.UUID), Name: line(string(c.Metadata.Title), "Catalog without a title"),
		Version: c.Metadata.Version, Published: c.Metadata.Published, Annotation: string(c.Metadata.Remarks), Provider: providerOf(c.Metadata), Licence: licenceOf(c)}
	if content.Published == "" {
		content.Published = c.Metadata.LastModified
	}
	t := taking{params: map[string]Param{}}
	t.learn(c.Params)
	for _, g := range c.Groups {
		t.group(g, "", 1)
	}
	for _, k := range c.Controls {
		t.control(k, "", 1)
	}
	var names library.Namer
	content.Frameworks = []library.Framework{{URN: content.URN + ":catalog", Name: content.Name, Nodes: library.Arrange(t.drafts, &names, report)}}
	return content
}

func slug(title, uuid string) string {
	var n library.Namer
	if name := n.Name(strings.ReplaceAll(title, ":", " ")); name != "node" {
		return name
	}
	return strings.ToLower(uuid)
}

func providerOf(m Metadata) string {
	for _, role := range []string{"creator", "publisher", "contact"} {
		for _, r := range m.ResponsibleParties {
			for _, p := range m.Parties {
				if r.RoleID == role && slices.Contains(r.Parties, p.UUID) && p.Name != "" {
					return p.Name
				}
			}
		}
	}
	if len(m.Parties) > 0 {
		return m.Parties[0].Name
	}
	return ""
}

// licenceOf gives what the document says of its licence.
func licenceOf(c *Catalog) string {
	for _, l := range c.Metadata.Links {
		if l.Rel == "license" || l.Rel == "licence" {
			return strings.TrimSpace(string(l.Text) + " " + l.Href)
		}
	}
	for _, p := range c.Metadata.Props {
		if p.Name == "license" || p.Name == "licence" || p.Name == "copyright" {
			return p.Value
		}
	}
	return ""
}

// taking collects the nodes of a catalog.
type taking struct {
	drafts []library.Draft
	params map[string]Param
}

func (t *taking) learn(params []Param) {
	for _, p := range params {
		t.params[p.ID] = p
	}
}

func (t *taking) group(g Group, parent string, depth int) {
	t.learn(g.Params)
	id := g.ID
	if id == "" {
		id = fmt.Sprintf("group-%d", len(t.drafts)+1)
	}
	id = "group:" + strings.ToLower(id)
	n := library.Node{URN: id, RefID: label(g.Props, ""), Name: line(string(g.Title), ""), Class: g.Class}
	t.fill(&n, g.Params, g.Props, g.Links, g.Parts)
	t.drafts = append(t.drafts, library.Draft{Node: n, ParentURN: parent, Depth: fmt.Sprint(depth)})
	for _, k := range g.Controls {
		t.control(k, id, depth+1)
	}
	for _, sub := range g.Groups {
		t.group(sub, id, depth+1)
	}
}

func (t *taking) control(k Control, parent string, depth int) {
	t.learn(k.Params)
	id := strings.ToLower(k.ID)
	n := library.Node{URN: id, RefID: label(k.Props, k.ID), Name: line(string(k.Title), ""), Class: k.Class, Assessable: !withdrawn(k.Props)}
	t.fill(&n, k.Params, k.Props, k.Links, k.Parts)
	t.drafts = append(t.drafts, library.Draft{Node: n, ParentURN: parent, Depth: fmt.Sprint(depth)})
	for _, sub := range k.Controls {
		t.control(sub, id, depth+1)
	}
}

// label is what people call it; the one without a class where there are several.
func label(props []Prop, id string) string {
	found := ""
	for _, p := range props {
		if p.Name == "label" && (found == "" || p.Class == "") {
			found = p.Value
		}
	}
	if found == "" {
		return id
	}
	return found
}

func withdrawn(props []Prop) bool {
	return slices.ContainsFunc(props, func(p Prop) bool { return p.Name == "status" && strings.EqualFold(p.Value, "withdrawn") })
}

func (t *taking) fill(n *library.Node, params []Param, props []Prop, links []Link, parts []Part) {
	for _, p := range params {
		n.Params = append(n.Params, paramOf(p))
	}
	for _, p := range props {
		if p.Name != "label" && p.Name != "sort-id" {
			n.Properties = append(n.Properties, library.Property{Name: p.Name, Value: p.Value})
		}
	}
	for _, l := range links {
		n.Links = append(n.Links, library.Link{Rel: l.Rel, Href: l.Href, Text: string(l.Text)})
	}
	for _, p := range parts {
		text := strings.TrimSpace(t.prose(p, 0))
		switch {
		case text == "":
		case p.Name == "statement" && n.Description == "":
			n.Description = text
		case p.Name == "guidance" && n.Annotation == "":
			n.Annotation = text
		case p.Name == "overview" && n.Description == "":
			n.Description = text
		default:
			n.Parts = append(n.Parts, library.Part{Name: p.Name, Title: line(string(p.Title), ""), Text: text})
		}
	}
}

func paramOf(p Param) library.Param {
	out := library.Param{ID: p.ID, Label: string(p.Label), Values: p.Values}
	if p.Select != nil {
		for _, c := range p.Select.Choice {
			out.Choice = append(out.Choice, string(c))
		}
	}
	return out
}

// prose writes a part with its items as a list.
func (t *taking) prose(p Part, depth int) string {
	var b strings.Builder
	text := t.inserted(string(p.Prose), 0)
	if depth > 0 {
		b.WriteString(strings.Repeat("   ", depth-1) + "- " + strings.TrimSpace(label(p.Props, "")+" "+string(p.Title)))
		if text != "" {
			b.WriteString(" " + text)
		}
		b.WriteString("\n")
	} else if text != "" {
		b.WriteString(text + "\n\n")
	}
	for _, sub := range p.Parts {
		b.WriteString(t.prose(sub, depth+1))
	}
	return b.String()
}

var insertion = regexp.MustCompile(`\{\{\s*(?:insert:)?\s*param,\s*([^\s}]+)\s*\}\}`)

// inserted puts into a text what stands for its parameters: the value that is
// set, else the choice or the label in brackets.
func (t *taking) inserted(text string, nested int) string {
	return insertion.ReplaceAllStringFunc(text, func(place string) string {
		p, ok := t.params[insertion.FindStringSubmatch(place)[1]]
		switch {
		case !ok:
			return place
		case len(p.Values) > 0:
			return strings.Join(p.Values, ", ")
		case p.Select != nil && nested < 3:
			var choices []string
			for _, c := range p.Select.Choice {
				choices = append(choices, t.inserted(string(c), nested+1))
			}
			return "[" + strings.Join(choices, " | ") + "]"
		case p.Label != "":
			return "[" + string(p.Label) + "]"
		}
		return "[" + p.ID + "]"
	})
}
