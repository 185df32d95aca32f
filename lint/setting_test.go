// SPDX-License-Identifier: Apache-2.0

package lint_test

import (
	"strings"
	"testing"
	"time"

	"sextant/access"
	"sextant/evidence"
	"sextant/lint"
	"sextant/product"
	"sextant/product/producttest"
	"sextant/register"
)

// An organisation asks a rule with other numbers from the moment it says so, and
// everybody sees that and why; what was found before stays as it was.
func TestARuleIsAskedWithTheNumbersOfTheOrganisation(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		r := room{T: t, House: h}
		const rule = "task-overdue" // thirty days
		late := h.Create(t, "task", map[string]any{"title": "Late", "assignee": "PER-1", "due_on": r.day(-20)})
		r.expect(rule, late.Key, false)
		set := func(params ...map[string]any) error {
			rows := []any{}
			for _, p := range params {
				rows = append(rows, p)
			}
			return h.Kernel.Write(t.Context(), h.System(), func(tx *register.Tx) error {
				_, err := tx.Create("rule_setting", map[string]any{"rule": lint.ReferencePrefix + rule, "params": rows, "reason": "We work in weeks.", "owner": "PER-1"}, register.Note{})
				return err
			})
		}
		for says, params := range map[string]map[string]any{
			`has no number "weeks" (it has days)`: {"name": "weeks", "value": "2"},
			`"soon" is no number`:                 {"name": "days", "value": "soon"},
			`"-1" is no number`:                   {"name": "days", "value": "-1"},
			`"NaN" is no number`:                  {"name": "days", "value": "NaN"},
			`"1e9" is no number`:                  {"name": "days", "value": "1e9"},
		} {
			if err := set(params); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%v: %v, want %q", params, err, says)
			}
		}
		before := h.Clock()
		h.Later(time.Minute)
		if err := set(map[string]any{"name": "days", "value": "14"}); err != nil {
			t.Fatal(err)
		}
		h.Look(t, 0, func(v *register.View, m evidence.Reader) error {
			of, _ := lint.Named(rule)
			list, err := lint.Run(lint.Look{View: v, Evidence: m}, product.Rules(), []lint.Rule{of})
			if err != nil {
				return err
			}
			if x := list[0]; len(x.Findings) != 1 || x.Changed == nil || x.Changed.Reason != "We work in weeks." || x.Changed.From["days"] != 30 || !strings.Contains(x.Rule.When(), "14 days") {
				t.Errorf("it is %s, changed by %+v, asked %q", x.Outcome(), x.Changed, x.Rule.When())
			}
			return err
		})
		if found := r.findings(rule, before); len(found) != 0 {
			t.Errorf("before the setting it found %+v", found)
		}
		r.move(register.Entry{Register: lint.Settings.Definition, Key: "RS-1"}, "retire", nil)
		r.expect(rule, late.Key, false)
		if err := h.Kernel.Write(t.Context(), access.Actor{Organisation: h.Org, Name: "person:x", Person: h.People[access.Owner], Roles: []access.Role{access.Reader}}, func(tx *register.Tx) error {
			_, err := tx.Create("rule_setting", map[string]any{"rule": "rule/task-overdue"}, register.Note{})
			return err
		}); err == nil {
			t.Error("a reader changes what is asked")
		}
	})
}
