// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"strings"
	"testing"

	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/monitor"
	"sextant/register"
)

// TestSwitchingAnExtensionOnAddsRowsAndOffEndsThem: a row has a state from the
// moment it is in use, by its own short plan, and none before and after.
func TestSwitchingAnExtensionOnAddsRowsAndOffEndsThem(t *testing.T) {
	h := sqliteHouse(t)
	system := h.create("management_system", map[string]any{"title": "ISMS", "scope": "All."})
	h.edit("organisation", "ORG-1", map[string]any{"cloud_role": "provider", "pii_role": "processor"})
	h.evaluate()
	before := h.now
	count := func(want int) []*control.Node {
		t.Helper()
		var nodes []*control.Node
		h.look(0, func(v *register.View, r evidence.Reader) (err error) {
			nodes, err = monitor.Status(v, r)
			return err
		})
		if len(nodes) != want || nodes[0].ID != "control:A.5.1" || nodes[92].ID != "control:A.8.34" {
			t.Fatalf("%d rows, want %d; Annex A first", len(nodes), want)
		}
		return nodes
	}
	count(93)
	h.edit("management_system", system, map[string]any{"extensions": []any{framework.ISO27018, framework.ISO27017}})
	fresh, _ := framework.ControlByID("CLD.6.3.1")
	h.look(0, func(v *register.View, r evidence.Reader) error { // before anybody settled
		n, err := monitor.ControlStatus(v, r, fresh)
		if err == nil && (n.State != control.NotAssessed || len(n.Children[0].Children) != 2) {
			t.Errorf("a row nobody has settled is %s", n.State)
		}
		return err
	})
	h.evaluate()
	settled := count(93 + 7 + 25)
	if settled[93].ID != "control:CLD.6.3.1" || settled[100].ID != "control:27018:A.2.1" || settled[93].State != control.NotAssessed || len(settled[93].Children[0].Children) != 2 {
		t.Errorf("the row of 27017 is %+v, the first of 27018 %s", settled[93], settled[100].ID)
	}
	imp := h.create("implementation", map[string]any{"control": "iso27018:2019/A.5.1", "scope_unit": "SU-1"})
	key := h.create("attestation", map[string]any{"implementation": imp, "line": "27018:A.5.1/scratch-cleared", "form": "record", "looked_at": "Scratch areas of all nodes", "period_from": "2025-01-01",
		"period_to": h.now.Time().Format("2006-01-02"), "population": "14 areas", "result": "holds", "attested_by": "PER-1", "expires_on": "2099-01-01"})
	h.move("PER-1", "attestation", key, "attest")
	h.evaluate()
	state := func(id string) (found *control.Node) {
		t.Helper()
		for _, n := range count(93 + 7 + 25) {
			if n.ID == "control:"+id {
				found = n
			}
		}
		return found
	}
	if n := state("27018:A.5.1"); n.State != control.Pass {
		t.Errorf("a signed record makes it %s: %s", n.State, n.Reason)
	}
	if n := state("A.5.1"); n.State != control.NotAssessed {
		t.Errorf("A.5.1 of Annex A, of the same number, is %s", n.State)
	}
	h.edit("management_system", system, map[string]any{"extensions": []any{}})
	h.evaluate()
	count(93)
	h.look(0, func(v *register.View, r evidence.Reader) error {
		left, err := monitor.States(v, r, monitor.ControlSubject+"27018:")
		if len(left) != 0 {
			t.Errorf("%d states of rows that are switched off", len(left))
		}
		return err
	})
	h.look(before, func(v *register.View, r evidence.Reader) error {
		nodes, err := monitor.Status(v, r)
		if len(nodes) != 93 {
			t.Errorf("before it was switched on there were %d rows", len(nodes))
		}
		return err
	})
}

// TestAnOwnControlHasOnlyThePlanItIsGiven: without plan lines nothing makes it
// pass, and its words are kept nowhere but in its entry.
func TestAnOwnControlHasOnlyThePlanItIsGiven(t *testing.T) {
	h := sqliteHouse(t)
	own := h.create("own_control", map[string]any{"reference": "NQ-1", "title": "Two people at the safe", "objective": "o", "description": "d", "owner": "PER-1"})
	imp := h.create("implementation", map[string]any{"control": "own/NQ-1", "scope_unit": "SU-1"})
	h.evaluate()
	see := func() (n *control.Node, raw string) {
		t.Helper()
		h.look(0, func(v *register.View, r evidence.Reader) (err error) {
			if n, err = monitor.StatusOf(v, r, monitor.ControlSubject+"NQ-1"); err != nil {
				return err
			}
			kept, _, err := r.Status(monitor.ControlSubject+"NQ-1", v.At())
			raw = string(kept.Tree)
			return err
		})
		return n, raw
	}
	n, raw := see()
	if n.State != control.NotAssessed || n.Title != "Two people at the safe" || strings.Contains(raw, "safe") || !strings.Contains(raw, own) {
		t.Errorf("without a line it is %s, called %q, kept as %s", n.State, n.Title, raw)
	}
	line := h.create("plan_line", map[string]any{"implementation": imp, "shows": "The log has two names", "mode": "human", "form": "statement"})
	key := h.create("attestation", map[string]any{"implementation": imp, "line": line, "looked_at": "The log", "period_from": "2025-01-01",
		"period_to": h.now.Time().Format("2006-01-02"), "population": "52 pages", "result": "holds", "attested_by": "PER-1", "expires_on": "2099-01-01"})
	h.move("PER-1", "attestation", key, "attest")
	h.evaluate()
	if n, _ := see(); n.State != control.Pass {
		t.Errorf("with its line shown it is %s: %s", n.State, n.Reason)
	}
}
