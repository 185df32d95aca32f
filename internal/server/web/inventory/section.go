// SPDX-License-Identifier: Apache-2.0

// Package inventory draws what only assets have: how much each is worth and
// where that comes from, what it stands on and what stands on it.
package inventory

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"sextant/asset"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// Section gives the pages of assets their panel.
func Section(site *page.Site) page.Section {
	if !site.Has(asset.Dependencies.Name) {
		return page.Section{}
	}
	return page.Section{Panels: map[string]page.Panel{asset.Assets.Name: {Draw: draw, Fields: valueFields(), Children: []string{asset.Dependencies.Name}}}}
}

// valueFields are those the table of values shows.
func valueFields() []string {
	list := []string{"overrides", "override_reason"}
	for _, property := range asset.Properties {
		list = append(list, property, "inherited_"+property, "effective_"+property)
	}
	return list
}

type panelView struct {
	Entry   register.Entry
	Values  []valueView
	Reason  string // why its own value stands where it does
	Needs   side
	Carries side
	Tree    *tree // nil where nothing is written down
	MayEdit bool
}

// valueView is one property.
type valueView struct {
	asset.Standing
	Label string
	Way   []hit // from where the inherited value is given
}

type hit struct{ Title, Path string }

// side is what an asset stands on, or what stands on it.
type side struct {
	Title, None, Add, AddPath, All string
	Count                          int
	Rows                           []row
}

type row struct {
	Asset      hit
	Dependency string // path of the dependency itself
	Passes     string
	Note       string
	Levels     []asset.Level
}

// shown is how many dependencies a side lists; the rest is in the list behind it.
const shown = 50

func draw(v *register.View, e register.Entry) (func(page.Page) templ.Component, error) {
	view := panelView{Entry: e, MayEdit: v.MayEdit(e), Reason: e.Doc.Text("override_reason")}
	values, err := asset.ValueOf(v, e)
	if err != nil {
		return nil, err
	}
	for _, s := range values {
		f, _ := e.Register.Field(s.Property)
		value := valueView{Standing: s, Label: f.Label}
		for _, key := range s.From {
			value.Way = append(value.Way, hitOf(v, key))
		}
		view.Values = append(view.Values, value)
	}
	if view.Tree, err = treeOf(v, e); err != nil {
		return nil, err
	}
	if view.Needs, err = sideOf(v, e, "dependent", "supports"); err != nil {
		return nil, err
	}
	view.Carries, err = sideOf(v, e, "supports", "dependent")
	return func(p page.Page) templ.Component { return panel(p, view) }, err
}

func hitOf(v *register.View, key string) hit {
	return hit{Title: v.TitleOf(asset.Assets.Name, key), Path: "/" + asset.Assets.Plural + "/" + key}
}

func sideOf(v *register.View, e register.Entry, end, other string) (s side, err error) {
	ctx := v.Context()
	name := map[string]string{"dependent": "needs", "supports": "carries"}[end]
	s = side{Title: message.T(ctx, "inventory."+name), None: message.T(ctx, "inventory."+name+".none"), Add: message.T(ctx, "inventory.add."+name),
		AddPath: "/" + asset.Dependencies.Plural + "/new?" + end + "=" + e.Key}
	filters := []register.Filter{{Field: end, Op: register.Is, Values: []string{e.Key}}, {Field: "state", Op: register.Is, Values: []string{"active"}}}
	list := register.List{Register: asset.Dependencies.Name, Filters: filters, Limit: shown}
	q := url.Values{}
	for _, f := range filters {
		q.Add("filter", f.Field+"="+f.Values[0])
	}
	s.All = "/" + asset.Dependencies.Plural + "?" + q.Encode()
	if s.Count, err = v.Count(list); err != nil {
		return s, err
	}
	found, err := v.List(list)
	if err != nil {
		return s, err
	}
	for _, d := range found.Entries {
		r, err := rowOf(v, d, other)
		if err != nil {
			return s, err
		}
		s.Rows = append(s.Rows, r)
	}
	return s, nil
}

func rowOf(v *register.View, d register.Entry, other string) (row, error) {
	e, err := v.Lookup(asset.Assets.Name, d.Doc.Text(other))
	if err != nil {
		return row{}, err
	}
	r := row{Asset: hit{e.Title(), page.Path(e)}, Dependency: page.Path(d), Note: d.Doc.Text("note"), Passes: passes(v, d)}
	values := asset.Levels(e)
	r.Levels = values[:]
	return r, nil
}

func passes(v *register.View, d register.Entry) string {
	given := d.Doc.Strings("properties")
	if len(given) == len(asset.Properties) {
		return message.T(v.Context(), "inventory.passes.all")
	}
	f, _ := d.Register.Field("properties")
	words := make([]string, 0, len(given))
	for _, property := range asset.Properties {
		if slices.Contains(given, property) {
			words = append(words, strings.ToLower(message.Mark(v.Context(), f.ValueLabel(property))))
		}
	}
	return message.T(v.Context(), "inventory.passes", strings.Join(words, ", "))
}

// says names a property with its level.
func says(ctx context.Context, property string, l asset.Level) string {
	f, _ := asset.Assets.Field(property)
	level := message.T(ctx, "inventory.notvalued")
	if l != asset.NotValued {
		level = message.Mark(ctx, l.Label())
	}
	return message.Mark(ctx, f.Label) + ": " + level
}
