// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"sextant/framework"
	"sextant/register"
)

// decision is what Northquay decided on one control.
type decision struct {
	For   []string // reasons, by their letters
	Why   string
	Out   string // not applicable, because
	In    []implementation
	Shown string // what was signed: all, late, part or none
}

// implementation is how one unit does it.
type implementation struct {
	Unit, By, Operator, How, State string
	Since                          int // days ago it was declared as it stands
	Plan                           int // planned, due in so many days
	Ended                          int // what was first signed speaks of a year that ended so many days ago
	control, key                   string
}

var reasons = map[string]string{"r": "risk_assessment", "l": "legal", "c": "contractual", "b": "business", "g": "good_practice"}

// controls decides what applies, declares who does it, and lets each unit say
// when it stands.
func (s *story) controls() error {
	all := map[string]decision{}
	if err := read("controls.yaml", &all); err != nil {
		return err
	}
	for _, c := range framework.Controls() {
		d, told := all[c.ID]
		if !told {
			return fmt.Errorf("demo: controls.yaml says nothing about %s", c.ID)
		}
		delete(all, c.ID)
		for i := range d.In {
			d.In[i].control = c.ID
			s.implement(c, &d.In[i], d)
		}
		s.decide(c, d)
	}
	if len(all) > 0 {
		return fmt.Errorf("demo: controls.yaml speaks of %v, which is no control", slices.Sorted(maps.Keys(all)))
	}
	return nil
}

// themeDay is when the statement was worked through, a theme a day.
var themeDay = map[framework.Theme]when{framework.Organizational: "330d 10:00", framework.People: "329d 10:00", framework.Physical: "329d 14:00", framework.Technological: "328d 10:00"}

// decide writes the row of the statement: undecided at first, then one theme
// after the other.
func (s *story) decide(c framework.Control, d decision) {
	handle := "soa " + c.ID
	s.write(s.at("331d 09:00"), "mara", handle, func(tx *register.Tx) error {
		e, err := tx.Create("soa_row", map[string]any{"management_system": s.keys["ms"], "control": framework.ControlPrefix + c.ID, "applicability": "undecided", "owner": s.people["mara"].key}, register.Note{Why: "the 93 controls of the standard"})
		s.keys[handle] = e.Key
		return err
	})
	values := map[string]any{"applicability": "not_applicable", "exclusion_justification": d.Out}
	if d.Out == "" {
		values = map[string]any{"applicability": "applicable", "inclusion_justification": d.Why, "reasons": spelled(d.For)}
		if len(d.In) > 0 {
			values["owner"] = "@" + d.In[0].By
		}
	}
	s.changes("soa_row", handle, []edit{{When: themeDay[c.Theme], By: "mara", Why: "decided in the SoA workshop", Set: values}}, nil)
}

func spelled(letters []string) []any {
	var list []any
	for _, l := range letters {
		list = append(list, reasons[l])
	}
	return list
}

// implement declares who does it in a unit, and later that it stands.
func (s *story) implement(c framework.Control, imp *implementation, d decision) {
	handle := "imp " + c.ID + " " + imp.Unit
	s.write(s.at("327d 09:00"), "mara", handle, func(tx *register.Tx) error {
		e, err := tx.Create("implementation", map[string]any{"control": framework.ControlPrefix + c.ID, "scope_unit": s.units[imp.Unit], "owner": s.people[imp.By].key, "operator": s.people[imp.Operator].key,
			"implementation": "not_started"}, register.Note{Why: "who does it, from the SoA workshop"})
		s.keys[handle], imp.key = e.Key, e.Key
		return err
	})
	if imp.Plan > 0 {
		s.planned(handle, imp)
		return
	}
	s.declared(handle, imp)
	s.attestations(c, imp, d)
}

func (s *story) planned(handle string, imp *implementation) {
	s.changes("implementation", handle, []edit{
		{When: "320d 11:00", By: imp.By, Why: "first plan", Set: map[string]any{"implementation": "planned", "planned_on": fmt.Sprintf("~%d", 120)}},
		{When: "126d 11:30", By: imp.By, Why: "Not before winter: the people it needs are on the second region.", Set: map[string]any{"planned_on": fmt.Sprintf("~%d", -imp.Plan), "how": imp.How}},
	}, nil)
}

func (s *story) declared(handle string, imp *implementation) {
	state := cmp.Or(imp.State, "implemented")
	since := min(imp.Since, 319)
	edits := []edit{{When: "321d 11:00", By: imp.By, Why: "first plan", Set: map[string]any{"implementation": "planned", "planned_on": fmt.Sprintf("~%d", since-6)}}}
	set := map[string]any{"implementation": state, "how": imp.How, "operates_since": fmt.Sprintf("~%d", imp.Since), "planned_on": nil}
	if state == "partly" {
		set["planned_on"] = fmt.Sprintf("~%d", -40-spread(handle, 90))
	}
	clock := fmt.Sprintf("%dd %02d:%02d", since, 8+spread(handle, 9), spread(handle+"m", 60))
	edits = append(edits, edit{When: when(clock), By: imp.By, Why: "stands as described", Set: set})
	s.changes("implementation", handle, edits, nil)
	s.concluded(handle, imp)
}

// concluded is what the internal audit of spring found, for every fifth.
func (s *story) concluded(handle string, imp *implementation) {
	if imp.Since < 195 || spread(handle+"audit", 5) != 0 {
		return
	}
	verdict := "effective"
	if spread(handle+"verdict", 4) == 0 {
		verdict = "partly_effective"
	}
	s.changes("implementation", handle, []edit{{When: "190d 15:20", By: "mara", Why: "internal audit of spring, report IA-2", Set: map[string]any{"effectiveness": verdict, "concluded_on": "~191", "concluded_by": "@anke"}}}, nil)
}
