// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"regexp"
	"strings"

	"sextant/control"
	"sextant/register"
)

// What is kept of a state never holds the words of an entry, only its key in
// brackets: what is erased from an entry is gone from every explanation, and a
// new title opens no new interval. Readers see the words the entry had at the
// moment they look at.
const (
	opens  = "⟦"
	closes = "⟧"
)

// words stands for the words of an entry.
func words(key string) string { return opens + key + closes }

// foreign takes the brackets out of what outside systems say.
func foreign(text string) string { return strings.NewReplacer(opens, "[", closes, "]").Replace(text) }

var inBrackets = regexp.MustCompile(opens + `([A-Z]+-[0-9]+)` + closes)

// Words puts the words of entries where a kept text has their keys: the reason
// of a check setting, the title of anything else.
func Words(v *register.View, text string) string {
	if !strings.Contains(text, opens) {
		return text
	}
	return inBrackets.ReplaceAllStringFunc(text, func(found string) string {
		key := strings.TrimSuffix(strings.TrimPrefix(found, opens), closes)
		if strings.HasPrefix(key, "CS-") {
			if e, err := v.Lookup("check_setting", key); err == nil {
				return e.Doc.Text("reason")
			}
		}
		return v.TitleOf("any", key)
	})
}

// spell puts words into a judged tree.
func spell(v *register.View, n *control.Node) *control.Node {
	n.Walk(func(x *control.Node) {
		x.Title, x.Reason = Words(v, x.Title), Words(v, x.Reason)
		for name, value := range x.Inputs {
			if text, ok := value.(string); ok && strings.Contains(text, opens) {
				x.Inputs[name] = Words(v, text)
			}
		}
	})
	return n
}
