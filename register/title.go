// SPDX-License-Identifier: Apache-2.0

package register

import "slices"

// TitleOf names an entry or a piece of content by its reference; the reference
// itself where nothing of that name stands. Looked up once per view, and all
// that the page read last refers to in one go.
func (v *View) TitleOf(kind, reference string) string {
	if title, ok := v.titles[reference]; ok {
		return title
	}
	title := reference
	if def, ok := v.kernel.set.OfKey(reference); ok && keyForm.MatchString(reference) {
		return v.titlesOf(def, reference)
	} else if named, ok, err := v.kernel.set.contentIn(v, kind, reference); ok && err == nil {
		title = named
	}
	v.titles[reference] = title
	return title
}

// titlesOf looks up a key of a register, together with what else is awaited of
// it.
func (v *View) titlesOf(def *Definition, key string) string {
	keys := []string{key}
	for _, other := range v.awaited {
		if of, ok := v.kernel.set.OfKey(other); ok && of == def && v.titles[other] == "" && !slices.Contains(keys, other) {
			keys = append(keys, other)
		}
	}
	found, err := v.tx.Titles(def.Name, keys, v.seq)
	if err != nil {
		return key // as for one that is not there: a title is a help, never a rule
	}
	for _, k := range keys {
		v.titles[k] = k
		if title, ok := found[k]; ok {
			v.titles[k] = title
		}
	}
	return v.titles[key]
}

// await remembers what a page refers to, should somebody ask for the titles.
func (v *View) await(entries []Entry) {
	v.awaited = v.awaited[:0]
	for _, e := range entries {
		for _, f := range e.Register.Fields {
			if f.IsReference() {
				v.awaited = append(v.awaited, e.Doc.Strings(f.Key)...)
			}
		}
	}
	slices.Sort(v.awaited)
	v.awaited = slices.Compact(v.awaited)
}
