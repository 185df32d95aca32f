// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"cmp"
	"fmt"

	"sextant/register"
)

// belonging is an asset.
type belonging struct {
	As       string
	From     int    // days ago it came into the register, if not at the start
	State    string // where it ended up, if not active
	Why      string
	Disposed int
	Set      map[string]any
	Edits    []edit
}

// belongings enters what has to be protected: proposed from a list, then taken
// into the register by its owner.
func (s *story) belongings() error {
	var all []belonging
	if err := read("assets.yaml", &all); err != nil {
		return err
	}
	for i, b := range all {
		from := cmp.Or(b.From, 336-i/12)
		s.write(s.at(when(fmt.Sprintf("%dd 10:%02d", from, i%12*4))), "mara", "asset "+b.As, func(tx *register.Tx) error {
			e, err := tx.Create("asset", s.resolve(b.Set), register.Note{Why: "asset workshop"})
			s.keys[b.As] = e.Key
			return err
		})
		s.changes("asset", b.As, b.Edits, b.moves(from))
	}
	return nil
}

// dependency says that an asset stands on another.
type dependency struct {
	Asset, On, Note string
	Passes          []string
}

// dependencies enters what stands on what, found in one workshop.
func (s *story) dependencies() error {
	var all []dependency
	if err := read("dependencies.yaml", &all); err != nil {
		return err
	}
	s.write(s.at("118d 14:30"), "mara", "what stands on what", func(tx *register.Tx) error {
		for _, d := range all {
			values := map[string]any{"dependent": s.keys[d.Asset], "supports": s.keys[d.On], "note": d.Note}
			if d.Passes != nil {
				values["properties"] = d.Passes
			}
			if _, err := tx.Create("asset_dependency", values, register.Note{Why: "dependency workshop"}); err != nil {
				return fmt.Errorf("%s on %s: %w", d.Asset, d.On, err)
			}
		}
		return nil
	})
	return nil
}

func (b belonging) moves(from int) []step {
	taken := step{When: when(fmt.Sprintf("%dd 15:30", from)), By: "mara", Name: "activate"}
	switch b.State {
	case "proposed":
		return nil
	case "ignored":
		return []step{{When: taken.When, By: "mara", Name: "ignore", Reason: b.Why}}
	case "disposed":
		return []step{taken, {When: when(fmt.Sprintf("%dd 16:20", b.Disposed)), By: "mara", Name: "dispose", Set: map[string]any{"disposed_on": fmt.Sprintf("~%d", b.Disposed)}}}
	}
	return []step{taken}
}
