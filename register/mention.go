// SPDX-License-Identifier: Apache-2.0

package register

import (
	"regexp"
	"slices"
	"strings"
)

// mentionForm finds @ and one to three words that begin with a capital, as
// names are written, or a key.
var mentionForm = regexp.MustCompile(`@([A-Z]{1,6}-[1-9][0-9]*|\p{Lu}[\p{L}'’.-]*(?: \p{Lu}[\p{L}'’.-]*){0,2})`)

// Mentioned gives the keys of the persons a text addresses: "@Priya Raman" or
// "@PER-3". A name nobody has, or that several have, addresses nobody.
func (v *View) Mentioned(text string) ([]string, error) {
	def, err := v.kernel.set.Named("person")
	if err != nil {
		return nil, nil //nolint:nilerr // a program without persons has nobody to address
	}
	var keys []string
	for _, m := range mentionForm.FindAllStringSubmatch(text, -1) {
		key, err := v.personNamed(def, m[1])
		if err != nil {
			return nil, err
		}
		if key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// personNamed tries the longest name first: "Mara Lindqvist Please" is Mara
// Lindqvist.
func (v *View) personNamed(def *Definition, name string) (string, error) {
	if keyForm.MatchString(name) {
		if _, err := v.Lookup(def.Name, name); err != nil {
			return "", nil //nolint:nilerr // an unknown key addresses nobody
		}
		return name, nil
	}
	for words := strings.Fields(strings.TrimRight(name, ".")); len(words) > 0; words = words[:len(words)-1] {
		found, err := v.Select(def.Name, Filter{Field: def.titleField().Key, Op: Is, Values: []string{strings.Join(words, " ")}})
		if err != nil {
			return "", err
		}
		if len(found) == 1 {
			return found[0].Key, nil
		}
	}
	return "", nil
}
