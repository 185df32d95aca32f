// SPDX-License-Identifier: Apache-2.0

package control_test

import (
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/framework"
	"sextant/product/producttest"
	"sextant/register"
)

// as does something as a person of a role who has just said who they are.
func as(t *testing.T, h *producttest.House, role access.Role, fn func(*register.Tx) error) error {
	actor := access.Actor{Organisation: h.Org, Name: "person:" + h.People[role], Person: h.People[role], Roles: []access.Role{role}, Proof: access.Proof{Method: access.Password, At: h.Clock()}}
	return h.Kernel.Write(t.Context(), actor, fn)
}

func TestChangedGuidanceIsShownAndOverwritesNothing(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		e := h.Create(t, "control_standard", map[string]any{"control": "iso27001:2022/A.8.13", "text": "Backups are kept 35 days. A restore is tried each quarter.", "owner": h.People[access.Owner]})
		standard := func() control.Standard {
			t.Helper()
			var s register.Of[control.Standard]
			if err := h.Kernel.Read(t.Context(), h.System(), 0, func(v *register.View) (err error) {
				s, err = control.Standards.Get(v, e.Key)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return s.Fields
		}
		g, _ := framework.GuidanceFor("A.8.13")
		if _, _, changed := control.Outdated(standard(), g); changed {
			t.Error("a standard is outdated on the day it is written")
		}
		// An update of the content brings another step.
		g.Steps[0].How = "Ask the ships' cats."
		before, after, changed := control.Outdated(standard(), g)
		if !changed || strings.Contains(before, "ships' cats") || !strings.Contains(after, "ships' cats") {
			t.Errorf("the change of the guidance is not shown: %v", changed)
		}
		// An edit of the standard does not measure it anew: somebody has to look.
		if err := as(t, h, access.Owner, func(tx *register.Tx) error {
			_, err := tx.Edit("control_standard", e.Key, 0, map[string]any{"text": "Backups are kept 40 days."}, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if s := standard(); s.Text != "Backups are kept 40 days." || s.GuidanceText != before {
			t.Errorf("own words %q, written against %d characters", s.Text, len(s.GuidanceText))
		}
		// What was written against an older text is measured by the newest one when its owner says so.
		h.Write(t, func(tx *register.Tx) error {
			_, err := tx.Edit("control_standard", e.Key, 0, map[string]any{"guidance_text": "As it was.", "guidance_digest": "0f"}, register.Note{})
			return err
		})
		newest, _ := framework.GuidanceFor("A.8.13")
		if _, _, changed := control.Outdated(standard(), newest); !changed {
			t.Error("older guidance passes for the newest")
		}
		if err := as(t, h, access.Owner, func(tx *register.Tx) error {
			_, err := tx.Transition("control_standard", e.Key, 0, "compare", nil, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, _, changed := control.Outdated(standard(), newest); changed || standard().Text != "Backups are kept 40 days." {
			t.Error("the owner has compared it, and it is still outdated, or changed")
		}
	})
}

func TestOwnAttributesHaveTheirValues(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		h.Create(t, "own_attribute", map[string]any{"name": "Crown jewels", "values": []string{"yes", "no"}})
		write := func(attribute string) error {
			return as(t, h, access.ISMSManager, func(tx *register.Tx) error {
				_, err := tx.Create("control_standard", map[string]any{"control": "iso27001:2022/A.5.9", "attributes": []string{attribute}, "owner": h.People[access.Owner]}, register.Note{})
				return err
			})
		}
		for bad, word := range map[string]string{"Crown jewels=maybe": "never", "Wave=1": "no attribute", "Crown jewels": "never"} {
			if err := write(bad); sextant.CodeOf(err) != sextant.Invalid || !strings.Contains(err.Error(), word) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if err := write("Crown jewels = yes"); err != nil {
			t.Error(err)
		}
		if got := control.ValuesOf(control.Standard{Attributes: []string{"Crown jewels = yes", "Wave=2"}}, "Crown jewels"); len(got) != 1 || got[0] != "yes" {
			t.Errorf("%v", got)
		}
		if err := as(t, h, access.ISMSManager, func(tx *register.Tx) error {
			_, err := tx.Create("own_attribute", map[string]any{"name": "a=b", "values": []string{"c"}}, register.Note{})
			return err
		}); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("a name with an equals sign: %v", err)
		}
	})
}

func TestADeviationIsApprovedBySomebodyElseAndUntilADay(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		ask := func(approver access.Role, until string) register.Entry {
			t.Helper()
			e := h.Create(t, "deviation", map[string]any{"title": "No second factor on the scanners", "control": "iso27001:2022/A.8.5", "scope_unit": "SU-1", "reason": "They have no keys.",
				"requested_by": h.People[access.Owner], "approver": h.People[approver], "expires_on": until})
			if err := as(t, h, access.Owner, func(tx *register.Tx) (err error) {
				e, err = tx.Transition("deviation", e.Key, 0, "request", nil, register.Note{})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return e
		}
		approve := func(role access.Role, e register.Entry) error {
			return as(t, h, role, func(tx *register.Tx) error {
				_, err := tx.Transition("deviation", e.Key, 0, "approve", nil, register.Note{})
				return err
			})
		}
		if err := approve(access.Owner, ask(access.Owner, "2099-01-01")); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("one's own request: %v", err)
		}
		if err := approve(access.ISMSManager, ask(access.ISMSManager, "2020-01-01")); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("over already: %v", err)
		}
		e := ask(access.ISMSManager, "2099-01-01")
		if err := approve(access.ISMSManager, e); err != nil {
			t.Fatal(err)
		}
		if err := as(t, h, access.ISMSManager, func(tx *register.Tx) error {
			_, err := tx.Edit("deviation", e.Key, 0, map[string]any{"expires_on": "2199-01-01"}, register.Note{})
			return err
		}); sextant.CodeOf(err) != sextant.Frozen {
			t.Errorf("a signed deviation is made longer: %v", err)
		}
	})
}
