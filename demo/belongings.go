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
