// SPDX-License-Identifier: Apache-2.0

package desired_test

import (
	"bytes"
	"strings"
	"testing"

	"sextant"
	"sextant/evidence"
	"sextant/interchange/desired"
	"sextant/product/producttest"
	"sextant/register"
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

// What Write wrote is what Parse reads, and applied to where it came from it
// changes nothing.
func TestWhatIsWrittenIsReadAsTheSame(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it.\n\nBut the attic: \"never\"."})
		h.Create(t, "asset", map[string]any{"title": "007", "type": "database", "scope_units": []any{"SU-1"}, "identifiers": []any{"yes", "1.10"}, "holds_pii": true, "acquired_on": "2026-02-01"})
		h.Create(t, "risk", map[string]any{"title": "=SUM(A1): # none", "approach": "asset", "assets": []any{"AST-1"}, "properties": []any{"availability"}, "category": "continuity", "scope_units": []any{"SU-1"},
			"treating": []any{map[string]any{"control": "iso27001:2022/A.8.13", "lowers_likelihood": 1, "why": "Nightly; \"tested\": by hand"}, map[string]any{"control": "iso27001:2022/A.8.14"}}})
		h.Create(t, "source", map[string]any{"title": "Cloud", "access_key_id": "test", "secret_access_key": "never leaves"})
		var out bytes.Buffer
		h.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			for _, name := range []string{"management_system", "asset", "risk", "source"} {
				if err := desired.Write(&out, v, register.List{Register: name}); err != nil {
					return err
				}
				out.WriteString("---\n")
			}
			return nil
		})
		text := strings.TrimSuffix(out.String(), "---\n")
		for _, not := range []string{"never leaves", "current_level", "state:"} {
			if strings.Contains(text, not) {
				t.Errorf("%q is written:\n%s", not, text)
			}
		}
		list, err := desired.Parse("kept.yaml", []byte(text))
		if err != nil || len(list) != 4 {
			t.Fatalf("%d documents, %v:\n%s", len(list), err, text)
		}
		h.Write(t, func(tx *register.Tx) error {
			steps, err := tx.Apply("git", list, false)
			for _, s := range steps {
				if s.Action != "keep" {
					t.Errorf("%s would %s: %+v", s.Key, s.Action, s.Changes)
				}
			}
			return err
		})
	})
}
