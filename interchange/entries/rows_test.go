// SPDX-License-Identifier: Apache-2.0

package entries

import (
	"reflect"
	"testing"

	"sextant/register"
)

func TestRowsComeBackFromOneCell(t *testing.T) {
	f := register.Field{Key: "rows", Label: "Rows", Kind: register.Rows, Fields: []register.Field{{Key: "control", Label: "Control"}, {Key: "why", Label: "Why"}}}
	rows := []any{map[string]any{"control": "A.5.1", "why": "a; \"b\"\nc: d"}, map[string]any{"control": "=1+1"}, map[string]any{"why": " x "}}
	text := rowsText(f, rows)
	back, err := rowsOf(f, text)
	if err != nil || !reflect.DeepEqual(back, rows) {
		t.Errorf("%v\n%s\n%v", err, text, back)
	}
	if named, err := rowsOf(f, "CONTROL: A.5.1; Why: because"); err != nil || !reflect.DeepEqual(named, []any{map[string]any{"control": "A.5.1", "why": "because"}}) {
		t.Error(named, err)
	}
	if _, err := rowsOf(f, "control: A.5.1; level: 3"); err == nil {
		t.Error("a value no row has was taken")
	}
}

func FuzzRows(f *testing.F) {
	f.Add("control: A.5.1; why: \"a; b\"\"\"\ncontrol: x")
	field := register.Field{Kind: register.Rows, Fields: []register.Field{{Key: "control"}, {Key: "why"}}}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := rowsOf(field, text)
		if err != nil {
			return
		}
		for _, row := range rows {
			for key, value := range row.(map[string]any) {
				if value == "" {
					delete(row.(map[string]any), key) // an empty value is none
				}
			}
		}
		again, err := rowsOf(field, rowsText(field, rows))
		if err != nil || len(again) > len(rows) {
			t.Fatalf("%q became %q: %v", rows, again, err)
		}
	})
}
