// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"

	"sextant/framework"
	"sextant/register"
)

// duties is what binds Northquay: contracts, and what they and the law ask for.
type duties struct {
	Contracts, Obligations []duty
}

// duty is one entry with what became of it.
type duty struct {
	As       string
	Controls []string // ids
	Set      map[string]any
	Moves    []step
}

// legal enters the contracts and then the duties, as Sofia Marques did with
// counsel in the weeks after the statement was decided; Mara Lindqvist entered
// those that others answer for.
func (s *story) legal() error {
	var all duties
	if err := read("duties.yaml", &all); err != nil {
		return err
	}
	for i, c := range all.Contracts {
		s.enterDuty("contract", c, when(fmt.Sprintf("284d 14:%02d", i*5)), "from the contract folder")
	}
	for i, o := range all.Obligations {
		s.enterDuty("obligation", o, when(fmt.Sprintf("277d %02d:%02d", 10+i/10, i%10*5)), "gone through with counsel")
	}
	return nil
}

func (s *story) enterDuty(name string, d duty, at when, why string) {
	by := "sofia"
	if owner := d.Set["owner"]; owner != nil && owner != "@sofia" {
		by = "mara"
	}
	s.write(s.at(at), by, name+" "+d.As, func(tx *register.Tx) error {
		values := s.resolve(d.Set)
		if d.Controls != nil {
			var references []string
			for _, id := range d.Controls {
				references = append(references, framework.ControlPrefix+id)
			}
			values["controls"] = references
		}
		if values["owner"] == nil {
			values["owner"] = s.people["sofia"].key
		}
		e, err := tx.Create(name, values, register.Note{Why: why})
		s.keys[d.As] = e.Key
		return err
	})
	s.changes(name, d.As, nil, d.Moves)
}
