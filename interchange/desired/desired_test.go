// SPDX-License-Identifier: Apache-2.0

package desired_test

import (
	"strings"
	"testing"

	"sextant"
	"sextant/interchange/desired"
)

// YAML comes from other people's repositories: what cannot be read is refused
// with its file, and nothing breaks.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"register: asset\nkey: AST-1\nfields: {title: a}\n", "---\n---\n", "a: &a [*a]", "register: [1]", "fields: {? {a: b} : c}", "\x00", strings.Repeat("[", 1000), "<<: {register: x}", "key: !!binary aGk=", "!!merge x: y"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := desired.Parse("file.yaml", data)
		if err != nil && (sextant.CodeOf(err) != sextant.Invalid && sextant.CodeOf(err) != sextant.TooLarge || !strings.Contains(err.Error(), "file.yaml")) {
			t.Errorf("refused without saying where: %v", err)
		}
		for _, d := range list {
			if err == nil && !strings.HasPrefix(d.File, "file.yaml:") {
				t.Errorf("a document without its place: %+v", d)
			}
		}
	})
}
