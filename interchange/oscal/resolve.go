// SPDX-License-Identifier: Apache-2.0

package oscal

import (
	"path"
	"slices"
	"strings"

	"sextant"
	"sextant/library"
)

// Beside is a document that was given beside a profile.
type Beside struct {
	Name string // of its file
	Document
}

// The limits of one resolution.
const (
	mostNested   = 8   // profiles that import one another
	mostSources  = 64  // imports, those of imported profiles among them
	mostPatterns = 500 // patterns of ids
)

// Resolve gives the catalog a profile chooses: the controls it includes and does
// not exclude, in the groups they had, with the parameters it sets. Sources are
// found among the documents given beside it by file name or UUID; where one
// import meets one document, that is the one. What is not at hand, what is not
// found and what is not altered is in the report.
func Resolve(p *Profile, beside []Beside, report *library.Report) (*Catalog, error) {
	r := &resolving{beside: beside, report: report}
	return r.resolve(p, 0)
}

type resolving struct {
	beside            []Beside
	report            *library.Report
	sources, patterns int // met so far
}

func (r *resolving) meets(im Import, nested int) error {
	r.sources++
	for _, s := range slices.Concat(im.Include, im.Exclude) {
		r.patterns += len(s.Matching)
	}
	switch {
	case nested > mostNested:
		return sextant.Errorf(sextant.Invalid, "profiles import one another more than %d deep", mostNested)
	case r.sources > mostSources:
		return sextant.Errorf(sextant.TooLarge, "the profile and those it imports have more than %d imports", mostSources)
	case r.patterns > mostPatterns:
		return sextant.Errorf(sextant.TooLarge, "the profile and those it imports have more than %d patterns", mostPatterns)
	}
	return nil
}

func (r *resolving) resolve(p *Profile, nested int) (*Catalog, error) {
	report := r.report
	whole := &Catalog{UUID: p.UUID, Metadata: p.Metadata, BackMatter: p.BackMatter}
	for _, im := range p.Imports {
		if err := r.meets(im, nested); err != nil {
			return nil, err
		}
		source, err := r.source(p, im, nested)
		if err != nil {
			return nil, err
		}
		if source == nil {
			report.Left(library.NotResolved, im.Href)
			continue
		}
		c := choice{taken: chosen(im, source, report)}
		whole.Params = append(whole.Params, source.Params...)
		groups, controls := c.groups(source.Groups), c.controls(source.Controls)
		if p.Merge != nil && p.Merge.Flat != nil {
			controls, groups = append(controls, flattened(groups)...), nil
		}
		whole.Groups, whole.Controls = append(whole.Groups, groups...), append(whole.Controls, controls...)
	}
	if p.Modify != nil {
		p.Modify.apply(whole)
		for _, a := range p.Modify.Alters {
			report.Left(library.NotAltered, a.ControlID)
		}
	}
	if len(whole.Groups)+len(whole.Controls) == 0 {
		return nil, sextant.Errorf(sextant.Invalid, "the profile chooses no control out of what was given beside it").WithHint("give the catalog it imports: %s", hrefs(p))
	}
	return whole, nil
}

func hrefs(p *Profile) string {
	var list []string
	for _, im := range p.Imports {
		list = append(list, im.Href)
	}
	return strings.Join(list, ", ")
}

// source finds what an import names; nil where it is not at hand.
func (r *resolving) source(p *Profile, im Import, nested int) (*Catalog, error) {
	names := p.namesOf(im.Href)
	for _, b := range r.beside {
		if !(len(r.beside) == 1 && len(p.Imports) == 1) && !b.isNamed(names) {
			continue
		}
		switch {
		case b.Catalog != nil:
			return b.Catalog, nil
		case b.Profile != nil && b.Profile != p:
			return r.resolve(b.Profile, nested+1)
		}
	}
	return nil, nil
}

// namesOf gives what a reference may be known by: the file's name, or those of
// the resource it points at within the profile.
func (p *Profile) namesOf(href string) (names []string) {
	id, within := strings.CutPrefix(href, "#")
	names = []string{id, stem(href)}
	if within && p.BackMatter != nil {
		for _, r := range p.BackMatter.Resources {
			if r.UUID == id {
				for _, l := range r.RLinks {
					names = append(names, stem(l.Href))
				}
			}
		}
	}
	return names
}

// stem is the name of a file without its folder and the end that says its format.
func stem(href string) string {
	name := path.Base(strings.ReplaceAll(href, `\`, "/"))
	return strings.ToLower(strings.TrimSuffix(name, path.Ext(name)))
}

func (b Beside) isNamed(names []string) bool {
	id := ""
	switch {
	case b.Catalog != nil:
		id = b.Catalog.UUID
	case b.Profile != nil:
		id = b.Profile.UUID
	}
	return slices.Contains(names, stem(b.Name)) || id != "" && slices.Contains(names, id)
}

// chosen gives the ids an import takes.
func chosen(im Import, source *Catalog, report *library.Report) map[string]bool {
	ids := idsOf(source)
	taken := map[string]bool{}
	if im.All != nil || len(im.Include) == 0 {
		for id := range ids {
			taken[id] = true
		}
	}
	for _, s := range im.Include {
		s.each(ids, report, func(id string) { taken[id] = true })
	}
	for _, s := range im.Exclude {
		s.each(ids, report, func(id string) { delete(taken, id) })
	}
	return taken
}

// idsOf gives the ids of all controls with those right below each.
func idsOf(c *Catalog) map[string][]string {
	ids := map[string][]string{}
	var controls func([]Control)
	controls = func(list []Control) {
		for _, k := range list {
			ids[k.ID] = nil
			for _, child := range k.Controls {
				ids[k.ID] = append(ids[k.ID], child.ID)
			}
			controls(k.Controls)
		}
	}
	var groups func([]Group)
	groups = func(list []Group) {
		for _, g := range list {
			controls(g.Controls)
			groups(g.Groups)
		}
	}
	controls(c.Controls)
	groups(c.Groups)
	return ids
}

// each calls fn for every id the selection names.
func (s Selection) each(ids map[string][]string, report *library.Report, fn func(string)) {
	met := map[string]bool{} // an id may stand within itself
	var take func(id string)
	take = func(id string) {
		if met[id] {
			return
		}
		met[id] = true
		fn(id)
		if s.WithChildren == "yes" {
			for _, child := range ids[id] {
				take(child)
			}
		}
	}
	for _, id := range s.IDs {
		if _, ok := ids[id]; !ok {
			report.Left(library.NotChosen, id)
			continue
		}
		take(id)
	}
	for _, m := range s.Matching {
		for id := range ids {
			if matches(m.Pattern, id) {
				take(id)
			}
		}
	}
}

// matches compares an id with a pattern of * and ?; anything else stands for
// itself.
func matches(pattern, id string) bool {
	pattern = strings.NewReplacer(`\`, `\\`, "[", `\[`).Replace(pattern)
	ok, err := path.Match(pattern, id)
	return err == nil && ok
}

// choice copies what is taken of a catalog. A control that is taken while the
// one above it is not comes in its place.
type choice struct{ taken map[string]bool }

func (c choice) groups(list []Group) (kept []Group) {
	for _, g := range list {
		g.Groups, g.Controls = c.groups(g.Groups), c.controls(g.Controls)
		if len(g.Groups)+len(g.Controls) > 0 {
			kept = append(kept, g)
		}
	}
	return kept
}

func (c choice) controls(list []Control) (kept []Control) {
	for _, k := range list {
		below := c.controls(k.Controls)
		if !c.taken[k.ID] {
			kept = append(kept, below...)
			continue
		}
		k.Controls = below
		kept = append(kept, k)
	}
	return kept
}

func flattened(list []Group) (controls []Control) {
	for _, g := range list {
		controls = append(append(controls, g.Controls...), flattened(g.Groups)...)
	}
	return controls
}

// apply sets the parameters.
func (m *Modify) apply(c *Catalog) {
	set := map[string]SetParameter{}
	for _, s := range m.SetParameters {
		set[s.ParamID] = s
	}
	c.Params = setIn(c.Params, set)
	for i := range c.Controls {
		setInControl(&c.Controls[i], set)
	}
	for i := range c.Groups {
		setInGroup(&c.Groups[i], set)
	}
}

func setInGroup(g *Group, set map[string]SetParameter) {
	g.Params = setIn(g.Params, set)
	for i := range g.Controls {
		setInControl(&g.Controls[i], set)
	}
	for i := range g.Groups {
		setInGroup(&g.Groups[i], set)
	}
}

func setInControl(k *Control, set map[string]SetParameter) {
	k.Params = setIn(k.Params, set)
	for i := range k.Controls {
		setInControl(&k.Controls[i], set)
	}
}

// setIn gives a copy: the source stands as it was.
func setIn(params []Param, set map[string]SetParameter) []Param {
	params = slices.Clone(params)
	for i, p := range params {
		if s, ok := set[p.ID]; ok {
			if len(s.Values) > 0 {
				params[i].Values = s.Values
			}
			if s.Label != "" {
				params[i].Label = s.Label
			}
		}
	}
	return params
}
