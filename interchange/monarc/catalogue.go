// SPDX-License-Identifier: Apache-2.0

package monarc

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sextant"
	"sextant/interchange/batch"
	"sextant/register"
	"sextant/risk"
)

// Options are what a person decides of an import.
type Options struct {
	Catalogue string // the name kept with threats, vulnerabilities and scenarios
	Licence   string // for objects whose file states none
	Scenarios bool   // make a scenario of every triple, beside the links between threats and vulnerabilities
	System    string // key of the management system; "" = the only one
	Unit      string // key of the scope unit assets and risks belong to; "" = the only one
	Owner     string // key of the person who stands in where the analysis names nobody known here
	Due       string // day for recommendations that have none; "" = in a year
}

var touched = [3]string{"confidentiality", "integrity", "availability"}

// properties gives what a threat touches; one that says nothing touches all.
func (t Threat) properties() (list []any) {
	for i, on := range []bool{t.Confidentiality, t.Integrity, t.Availability} {
		if on {
			list = append(list, touched[i])
		}
	}
	if list == nil {
		return []any{touched[0], touched[1], touched[2]}
	}
	return list
}

// shelf finds entries by what they are called elsewhere, and keeps titles apart.
type shelf struct {
	keys   map[string]string // external id and language, to the key here
	titles map[string]string // in small letters, to the external id and language it belongs to
}

func name(uuid, language string) string { return uuid + "\x00" + language }

func (s shelf) place(key, title string, p risk.Provenance) {
	id := name(p.ExternalID, p.Language)
	if p.ExternalID != "" {
		s.keys[id] = key
	}
	s.titles[strings.ToLower(title)] = id
}

// title gives an object a title nothing else has: two may be called the same.
func (s shelf) title(o Object) string {
	id := name(o.UUID, o.Language)
	for _, title := range []string{o.Label, o.Label + " (" + o.Code + ")", o.Label + " (" + o.Code + ", " + o.Language + ")", o.Label + " (" + o.UUID + ")"} {
		if owner, taken := s.titles[strings.ToLower(title)]; !taken || owner == id {
			s.titles[strings.ToLower(title)] = id
			return title
		}
	}
	return o.Label
}

// bringing is an import under way.
type bringing struct {
	*batch.Batch
	o                   Options
	c                   *Catalogue
	threats, weaknesses shelf
	types               map[string]AssetType // by UUID
	unthemed, unkinded  int
}

// Objects brings objects of MOSP into the registers of threats, vulnerabilities
// and, where asked, scenarios. Kinds of asset become words of those; a triple
// says which threat uses which vulnerability. Whatever came before is found by
// its UUID and language and brought up to date, but for the category, which
// people may have corrected.
func (c *Catalogue) Objects(b *batch.Batch, o Options) error {
	in := &bringing{Batch: b, o: o, c: c}
	if err := in.catalogue(); err != nil {
		return err
	}
	for i, refused := range c.Refused {
		if err := b.Refuse(risk.Threats.Name, i+1, refused.File, sextant.Errorf(sextant.Invalid, "%s: %s", refused.File, refused.Reason)); err != nil {
			return err
		}
	}
	in.tell()
	return nil
}

func (in *bringing) catalogue() error {
	in.types = map[string]AssetType{}
	for _, t := range in.c.Assets {
		in.types[t.UUID] = t
	}
	if err := in.shelves(); err != nil {
		return err
	}
	if err := in.bringThreats(); err != nil {
		return err
	}
	if err := in.bringVulnerabilities(); err != nil {
		return err
	}
	if in.o.Scenarios {
		return in.bringScenarios()
	}
	return nil
}

// shelves reads what was imported before.
func (in *bringing) shelves() error {
	in.threats, in.weaknesses = shelf{map[string]string{}, map[string]string{}}, shelf{map[string]string{}, map[string]string{}}
	threats, err := risk.Threats.All(in)
	if err != nil {
		return err
	}
	for _, t := range threats {
		in.threats.place(t.Key, t.Fields.Title, t.Fields.Provenance)
	}
	weaknesses, err := risk.Vulnerabilities.All(in)
	for _, v := range weaknesses {
		in.weaknesses.place(v.Key, v.Fields.Title, v.Fields.Provenance)
	}
	return err
}

// provenance of an object under a key, "" for a new entry: what came by another
// catalogue before stays that one's.
func (in *bringing) provenance(key string, o Object) map[string]any {
	values := map[string]any{"description": o.Description, "external_id": o.UUID, "language": o.Language}
	if key == "" {
		values["catalogue"] = in.o.Catalogue
	}
	if licence := cmp.Or(o.Licence, in.o.Licence); licence != "" {
		values["licence"] = licence
	}
	return values
}

func (in *bringing) bringThreats() error {
	var rows []register.Incoming
	for i, t := range in.c.Threats {
		key := in.threats.keys[name(t.UUID, t.Language)]
		values := in.provenance(key, t.Object)
		values["title"], values["properties"] = in.threats.title(t.Object), t.properties()
		category, known := threatCategory(t.Theme)
		if key == "" {
			values["category"] = category
		}
		if !known {
			in.unthemed++
		}
		rows = append(rows, register.Incoming{Row: i + 1, Key: key, Values: values})
	}
	keys, err := in.Import(risk.Threats.Name, rows)
	for i, t := range in.c.Threats {
		if key := keys[i+1]; key != "" {
			in.threats.keys[name(t.UUID, t.Language)] = key
		}
	}
	return err
}

// used is what triples say of one vulnerability.
type used struct {
	threats, types []string // keys; words
	categories     map[string]int
}

func (in *bringing) uses() (map[string]*used, error) {
	uses := map[string]*used{}
	of := func(uuid string) *used {
		if uses[uuid] == nil {
			uses[uuid] = &used{categories: map[string]int{}}
		}
		return uses[uuid]
	}
	for _, t := range in.c.Triples {
		u, language := of(t.Vulnerability), in.c.Language()
		if key := in.threats.keys[name(t.Threat, language)]; key != "" && !slices.Contains(u.threats, key) {
			u.threats = append(u.threats, key)
		}
		kind, known := in.types[t.Asset]
		if known && !slices.Contains(u.types, listed(kind.Label)) {
			u.types = append(u.types, listed(kind.Label))
		}
		if known {
			category, _ := kindOf(kind.Code)
			u.categories[category]++
		}
	}
	return uses, nil
}

// listed makes a value of a field that holds several, which commas part.
func listed(text string) string {
	return clip(strings.NewReplacer(",", " /", ";", " /").Replace(text), 300)
}

func (in *bringing) bringVulnerabilities() error {
	uses, err := in.uses()
	if err != nil {
		return err
	}
	var rows []register.Incoming
	for i, v := range in.c.Vulnerabilities {
		key := in.weaknesses.keys[name(v.UUID, v.Language)]
		values := in.provenance(key, v.Object)
		values["title"] = in.weaknesses.title(v.Object)
		u := uses[v.UUID]
		if u != nil {
			if err := in.join(key, u, values); err != nil {
				return err
			}
		}
		if key == "" {
			values["category"] = in.category(u)
		}
		rows = append(rows, register.Incoming{Row: i + 1, Key: key, Values: values})
	}
	keys, err := in.Import(risk.Vulnerabilities.Name, rows)
	for i, v := range in.c.Vulnerabilities {
		if key := keys[i+1]; key != "" {
			in.weaknesses.keys[name(v.UUID, v.Language)] = key
		}
	}
	if err != nil {
		return err
	}
	return in.linkEarlier(uses, len(rows))
}

// linkEarlier gives vulnerabilities that were imported before the threats that
// triples of this file name.
func (in *bringing) linkEarlier(uses map[string]*used, row int) error {
	here := map[string]bool{}
	for _, v := range in.c.Vulnerabilities {
		here[v.UUID] = true
	}
	var rows []register.Incoming
	for _, uuid := range slices.Sorted(maps.Keys(uses)) {
		key := in.weaknesses.keys[name(uuid, in.c.Language())]
		if here[uuid] || key == "" {
			continue
		}
		values := map[string]any{}
		if err := in.join(key, uses[uuid], values); err != nil {
			return err
		}
		row++
		rows = append(rows, register.Incoming{Row: row, Key: key, Values: values})
	}
	_, err := in.Import(risk.Vulnerabilities.Name, rows)
	return err
}

// join adds what triples say to what a vulnerability has.
func (in *bringing) join(key string, u *used, values map[string]any) error {
	threats, types := u.threats, u.types
	if key != "" {
		before, err := risk.Vulnerabilities.Get(in, key)
		if err != nil {
			return err
		}
		threats, types = union(before.Fields.Threats, threats), union(before.Fields.AssetTypes, types)
	}
	values["threats"], values["asset_types"] = threats, types
	return nil
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, v := range b {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// category is the one most of the kinds of asset belong to.
func (in *bringing) category(u *used) string {
	if u == nil || len(u.categories) == 0 {
		in.unkinded++
		return "organisation"
	}
	best := ""
	for _, c := range slices.Sorted(maps.Keys(u.categories)) {
		if best == "" || u.categories[c] > u.categories[best] {
			best = c
		}
	}
	return best
}

func (in *bringing) bringScenarios() error {
	before, err := risk.Scenarios.All(in)
	if err != nil {
		return err
	}
	known := map[string]string{}
	for _, s := range before {
		known[name(s.Fields.ExternalID, s.Fields.Language)] = s.Key
	}
	threats, weaknesses := map[string]Threat{}, map[string]Vulnerability{}
	for _, t := range in.c.Threats {
		threats[t.UUID] = t
	}
	for _, v := range in.c.Vulnerabilities {
		weaknesses[v.UUID] = v
	}
	var rows []register.Incoming
	for i, t := range in.c.Triples {
		threat, weakness := in.threats.keys[name(t.Threat, in.c.Language())], in.weaknesses.keys[name(t.Vulnerability, in.c.Language())]
		if threat == "" || weakness == "" {
			continue
		}
		title := in.TitleOf(risk.Threats.Name, threat) + ": " + in.TitleOf(risk.Vulnerabilities.Name, weakness)
		key := known[name(t.UUID, in.c.Language())]
		values := in.provenance(key, Object{UUID: t.UUID, Language: in.c.Language(), Licence: t.Licence})
		delete(values, "description")
		if kind, ok := in.types[t.Asset]; ok {
			title += " (" + kind.Label + ")"
			values["asset_types"] = []string{listed(kind.Label)}
		}
		values["title"], values["approach"], values["level"] = clip(title, 900), "asset", "operational"
		values["threats"], values["vulnerabilities"] = []string{threat}, []string{weakness}
		if of, ok := threats[t.Threat]; ok {
			values["consequence_types"] = of.properties()
		}
		rows = append(rows, register.Incoming{Row: i + 1, Key: key, Values: values})
	}
	_, err = in.Import(risk.Scenarios.Name, rows)
	return err
}

// tell says what a person should know.
func (in *bringing) tell() {
	c := in.c
	if n := len(c.Assets); n > 0 {
		in.Say(fmt.Sprintf("%d kinds of asset became words of vulnerabilities and scenarios: they are no assets of yours", n))
	}
	if lost := in.lost(); lost > 0 {
		in.Say(fmt.Sprintf("%d of %d triples name a threat or vulnerability that is neither in the files nor was imported before", lost, len(c.Triples)))
	}
	if len(c.Triples) > 0 && !in.o.Scenarios {
		in.Say(fmt.Sprintf("%d triples say which threat uses which vulnerability; no scenario was made of them", len(c.Triples)))
	}
	for _, language := range slices.Sorted(maps.Keys(c.Languages)) {
		if language != in.c.Language() && c.Languages[language] > 0 {
			in.Say(fmt.Sprintf("%d objects in %s are left: import them by choosing that language", c.Languages[language], language))
		}
	}
	if in.unthemed > 0 {
		in.Say(fmt.Sprintf("%d threats have no theme that is known: they became organisational", in.unthemed))
	}
	if in.unkinded > 0 {
		in.Say(fmt.Sprintf("%d vulnerabilities belong to no kind of asset here: they became organisational", in.unkinded))
	}
	for _, kind := range slices.Sorted(maps.Keys(c.Left)) {
		in.Say(fmt.Sprintf("left out: %s (%d)", kind, c.Left[kind]))
	}
	in.licences()
}

func (in *bringing) lost() (n int) {
	for _, t := range in.c.Triples {
		if in.threats.keys[name(t.Threat, in.c.Language())] == "" || in.weaknesses.keys[name(t.Vulnerability, in.c.Language())] == "" {
			n++
		}
	}
	return n
}

func (in *bringing) licences() {
	count := in.c.Licences(in.o.Licence)
	for _, licence := range slices.Sorted(maps.Keys(count)) {
		in.Say(fmt.Sprintf("licence of %d objects: %s", count[licence], cmp.Or(licence, "not stated")))
	}
}

// Licences counts threats and vulnerabilities by licence; other is that of those
// that state none.
func (c *Catalogue) Licences(other string) map[string]int {
	count := map[string]int{}
	for _, t := range c.Threats {
		count[cmp.Or(t.Licence, other)]++
	}
	for _, v := range c.Vulnerabilities {
		count[cmp.Or(v.Licence, other)]++
	}
	return count
}

// Language of what is brought: a set of objects is in one.
func (c *Catalogue) Language() string {
	for _, t := range c.Threats {
		return t.Language
	}
	for _, v := range c.Vulnerabilities {
		return v.Language
	}
	for _, a := range c.Assets {
		return a.Language
	}
	return "EN"
}
