// SPDX-License-Identifier: Apache-2.0

package monarc

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"sextant"
)

// File is a file that was read, under the name it came with.
type File struct {
	Name string
	Data []byte
}

// ReadObjects reads objects of MOSP: one a file, several in a list, or as the
// platform's API answers, where each has its licence beside it. Objects in
// another language than the one asked for are counted and left; "" asks for
// English, or for the language there is most of. An error is Invalid or
// TooLarge: then a file is none of these. An object that cannot be taken over is
// in Catalogue.Refused and spoils no other.
func ReadObjects(files []File, language string) (*Catalogue, error) {
	r := &objects{catalogue: &Catalogue{Left: map[string]int{}, Languages: map[string]int{}}, seen: seen{}}
	for _, f := range files {
		top, err := parse(f.Name, f.Data)
		if err != nil {
			return nil, err
		}
		if top.has("monarc_version") {
			return nil, sextant.Errorf(sextant.Invalid, "%s is an analysis or a part of one, not an object of MOSP", f.Name).WithHint("import it by sextant import monarc")
		}
		r.file(f.Name, top)
		if err := r.catalogue.check(); err != nil {
			return nil, err
		}
	}
	c := r.catalogue
	if len(c.Threats)+len(c.Vulnerabilities)+len(c.Assets)+len(c.Triples) == 0 && len(c.Refused) == 0 {
		return nil, sextant.Errorf(sextant.Invalid, "there is no threat, vulnerability, asset or triple in %s%s", namesOf(files), r.others()).WithHint("choose the JSON files of objects of MOSP")
	}
	chosen, err := choose(c.Languages, language)
	if err != nil {
		return nil, err
	}
	c.in(chosen)
	return c, nil
}

func namesOf(files []File) string {
	if len(files) == 1 {
		return files[0].Name
	}
	return fmt.Sprintf("%d files", len(files))
}

func (r *objects) others() string {
	if len(r.catalogue.Left) == 0 {
		return ""
	}
	return ": only " + strings.Join(slices.Sorted(maps.Keys(r.catalogue.Left)), ", ")
}

// choose gives the language that is imported.
func choose(languages map[string]int, wanted string) (string, error) {
	wanted = strings.ToUpper(wanted)
	if wanted == "" {
		wanted = "EN"
		if languages[wanted] == 0 {
			names := slices.Sorted(maps.Keys(languages))
			slices.SortStableFunc(names, func(a, b string) int { return languages[b] - languages[a] })
			if len(names) > 0 {
				wanted = names[0]
			}
		}
	}
	if languages[wanted] == 0 && len(languages) > 0 {
		return "", sextant.Errorf(sextant.Invalid, "nothing is in %q", wanted).At("language").WithHint("there is %s", strings.Join(slices.Sorted(maps.Keys(languages)), ", "))
	}
	return wanted, nil
}

type objects struct {
	catalogue *Catalogue
	seen      seen
}

// file takes what one file holds: an answer of the API, a list, or one object.
func (r *objects) file(name string, n node) {
	list, isList := n.value.([]any)
	switch {
	case isList:
		for i, item := range list {
			r.wrapped(fmt.Sprintf("%s, object %d", name, i+1), "", node{item})
		}
	case n.has("data") && !n.has("uuid"):
		for i, item := range n.get("data").items() {
			r.wrapped(fmt.Sprintf("%s, object %d", name, i+1), "", item)
		}
	default:
		r.wrapped(name, path.Base(path.Dir(strings.ReplaceAll(name, "\\", "/"))), n)
	}
}

// wrapped takes an object as it is or with what the platform says of it.
func (r *objects) wrapped(file, hint string, n node) {
	inner := n.get("json_object")
	if !inner.isObject() {
		r.object(file, hint, licenceOf(n), n)
		return
	}
	r.object(file, cmp.Or(n.get("schema").get("name").text(), hint), licenceOf(n), inner)
}

func licenceOf(n node) string {
	var names []string
	for _, l := range n.get("licenses", "licences").items() {
		if name := cmp.Or(l.get("license_id").text(), l.get("name").text(), l.text()); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return clip(oneLine(strings.Join(names, ", ")), 900)
}

// object tells by what it has which kind an object is of. A threat or weakness
// with the least the format asks for reads the same; then the folder or schema
// it came from decides.
func (r *objects) object(file, hint, licence string, n node) {
	hint = strings.ToLower(hint)
	switch {
	case !n.isObject():
		r.refuse(file, "it is no object")
	case n.has("asset") && n.has("threat") && n.has("vulnerability"):
		r.triple(file, licence, n)
	case n.has("object") && n.get("object").isObject():
		r.nested(file, licence, n, 0)
	case n.has("values"):
		r.catalogue.Left[valuesKind(n)]++
	case n.has("referential") || n.has("referential_label"):
		r.catalogue.Left["measure"]++
	case n.has("theme") || n.has("c") || n.has("i") || n.has("a") || strings.Contains(hint, "threat"):
		r.threat(file, licence, n)
	case n.has("type") || strings.Contains(hint, "asset"):
		r.asset(file, licence, n)
	case n.has("label") && n.has("code"):
		r.vulnerability(file, licence, n)
	case n.has("label") || n.has("name"):
		r.catalogue.Left["other object"]++
	default:
		r.refuse(file, "it is no object of MOSP: it has neither label nor code")
	}
}

func valuesKind(n node) string {
	for _, v := range n.get("values").items() {
		if v.has("meta") {
			return "recommendation set"
		}
		if v.has("match") || v.has("from") || v.has("to") {
			return "mapping of referentials"
		}
	}
	return "referential"
}

// nested takes the knowledge an object of the library carries with it.
func (r *objects) nested(file, licence string, n node, depth int) {
	if depth == 0 {
		r.catalogue.Left["library object"]++
		if inner := n.get("object"); inner.has("asset") || inner.has("children") {
			n = inner
		}
	}
	of := n.get("asset")
	if own := of.get("asset"); own.isObject() {
		r.asset(file, licence, own)
	}
	for _, t := range of.get("threats").items() {
		r.threat(file, licence, t)
	}
	for _, v := range of.get("vuls").items() {
		r.vulnerability(file, licence, v)
	}
	for _, t := range of.get("amvs").items() {
		r.triple(file, licence, t)
	}
	for _, child := range n.get("children").items() {
		r.nested(file, licence, child, depth+1)
	}
}

func (r *objects) of(file, licence string, n node) (Object, bool) {
	o := Object{UUID: n.get("uuid").text(), Code: oneLine(n.get("code").text()), Label: clip(oneLine(n.get("label").text()), 300), Description: n.get("description").text(),
		Language: strings.ToUpper(n.get("language").text()), Licence: cmp.Or(licenceOf(n), licence), file: file}
	if o.Language == "" {
		o.Language = "EN" // what the format says of an object that has none
	}
	switch {
	case o.UUID == "":
		r.refuse(file, "it has no uuid")
	case o.Label == "":
		r.refuse(file, "it has no label")
	case len(o.UUID) > 100 || len(o.Language) > 10:
		r.refuse(file, "its uuid or language is too long")
	default:
		r.catalogue.Languages[o.Language]++
		return o, true
	}
	return o, false
}

// twice says whether an object is there already: the same again is passed over,
// another one of the same uuid and language is refused.
func (r *objects) twice(kind string, o Object, at int, before func(int) Object) bool {
	i, again := r.seen.again(kind, o, at)
	if again {
		r.catalogue.Languages[o.Language]--
		if !before(i).same(o) {
			r.refuse(o.file, fmt.Sprintf("%s in %s differs from the one in %s", o.UUID, o.Language, before(i).file))
		}
	}
	return again
}

func (r *objects) threat(file, licence string, n node) {
	o, ok := r.of(file, licence, n)
	c := r.catalogue
	if ok && !r.twice("threat", o, len(c.Threats), func(i int) Object { return c.Threats[i].Object }) {
		theme := n.get("theme")
		c.Threats = append(c.Threats, Threat{Object: o, Theme: cmp.Or(theme.text(), theme.get("label").text()), Confidentiality: n.get("c").yes(), Integrity: n.get("i").yes(), Availability: n.get("a").yes()})
	}
}

func (r *objects) vulnerability(file, licence string, n node) {
	o, ok := r.of(file, licence, n)
	c := r.catalogue
	if ok && !r.twice("vulnerability", o, len(c.Vulnerabilities), func(i int) Object { return c.Vulnerabilities[i].Object }) {
		c.Vulnerabilities = append(c.Vulnerabilities, Vulnerability{o})
	}
}

func (r *objects) asset(file, licence string, n node) {
	o, ok := r.of(file, licence, n)
	c := r.catalogue
	if ok && !r.twice("asset", o, len(c.Assets), func(i int) Object { return c.Assets[i].Object }) {
		c.Assets = append(c.Assets, AssetType{Object: o, Primary: strings.EqualFold(n.get("type").text(), "primary")})
	}
}

func (r *objects) triple(file, licence string, n node) {
	t := Triple{UUID: n.get("uuid").text(), Asset: uuidIn(n.get("asset")), Threat: uuidIn(n.get("threat")), Vulnerability: uuidIn(n.get("vulnerability")), Licence: cmp.Or(licenceOf(n), licence), file: file}
	switch {
	case t.Threat == "" || t.Vulnerability == "" || t.Asset == "":
		r.refuse(file, "a triple names an asset, a threat and a vulnerability")
	case t.UUID == "" || len(t.UUID) > 100:
		r.refuse(file, "it has no uuid")
	default:
		if _, again := r.seen.again("triple", Object{UUID: t.UUID}, len(r.catalogue.Triples)); !again {
			r.catalogue.Triples = append(r.catalogue.Triples, t)
		}
	}
}

func uuidIn(n node) string { return cmp.Or(n.get("uuid").text(), n.text()) }

func (r *objects) refuse(file, reason string) {
	r.catalogue.Refused = append(r.catalogue.Refused, Refusal{file, reason})
}
