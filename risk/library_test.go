// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
	"testing"

	"sextant"
	"sextant/product/producttest"
	"sextant/register"
)

// TestARiskNamesTheLibraryAndWhatIsOnesOwn: references are held to their kind.
func TestARiskNamesTheLibraryAndWhatIsOnesOwn(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		own := h.Create(t, "threat", map[string]any{"title": "Storks on the mast", "category": "natural", "properties": []any{"availability"}}).Key
		key := d.risk(t, map[string]any{"scenarios": []any{"scenario/public-bucket"}, "threats": []any{"threat/TH10", own}, "vulnerabilities": []any{"vulnerability/V-SO-11"}})
		if r := d.of(t, key); len(r.Fields.Threats) != 2 {
			t.Errorf("threats are %v", r.Fields.Threats)
		}
		base := map[string]any{"title": "x", "approach": "asset", "assets": []any{d.asset}, "properties": []any{"availability"}, "category": "cyber", "scope_units": []any{"SU-1"}}
		for field, wrong := range map[string]string{"scenarios": "threat/TH10", "threats": "scenario/public-bucket", "vulnerabilities": own} {
			values := map[string]any{field: []any{wrong}}
			for k, v := range base {
				values[k] = v
			}
			wants(t, d.create("risk", values), sextant.Invalid, "is none of these")
		}
		base["threats"] = []any{"threat/TH99"}
		wants(t, d.create("risk", base), sextant.Invalid, "there is no")
	})
}

// TestWhatFillsItselfIsNoDrift: YAML that leaves out what the program fills
// plans nothing the second time.
func TestWhatFillsItselfIsNoDrift(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		wanted := []register.Desired{{Register: "risk", Key: "RSK-1", Values: map[string]any{"title": "Orders are lost", "approach": "asset", "assets": []any{d.asset}, "properties": []any{"availability"},
			"category": "continuity", "scope_units": []any{"SU-1"}, "owner": d.owner.Person, "treating": []any{map[string]any{"control": d.control, "lowers_likelihood": 1.0}}}}}
		for i, want := range []string{"create", "keep"} {
			h.Write(t, func(tx *register.Tx) error {
				steps, err := tx.Apply("test", wanted, false)
				if err == nil && (len(steps) != 1 || steps[0].Action != want) {
					t.Errorf("time %d: %+v, want %s", i+1, steps, want)
				}
				return err
			})
		}
	})
}
