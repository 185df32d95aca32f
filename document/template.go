// SPDX-License-Identifier: Apache-2.0

package document

import (
	"regexp"
	"slices"
	"strings"

	"sextant"
)

// variable is a place in a text that waits for a fact of the organisation.
var variable = regexp.MustCompile(`\{\{\s*([a-z][a-z0-9_]{0,59})\s*\}\}`)

// Unresolved names the variables a text still holds, each once, in the order in
// which a reader meets them.
func Unresolved(text string) (names []string) {
	for _, found := range variable.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, found[1]) {
			names = append(names, found[1])
		}
	}
	return names
}

func allFilledIn(body string) error {
	names := Unresolved(body)
	if len(names) == 0 {
		return nil
	}
	return sextant.Errorf(sextant.Invalid, "not filled in yet: %s", strings.Join(names, ", ")).At("body").WithHint("write what holds here in place of {{%s}}", names[0])
}
