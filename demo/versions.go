// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"slices"

	"sextant/obligation"
	"sextant/register"
	"sextant/risk"
	"sextant/soa"
)

// versions tells of the first version of the statement, signed a year ago for
// the certification body, and of the second one, which is being drafted.
func (s *story) versions() error {
	s.draftVersion("296d 10:00", "soa 1", map[string]any{"change_summary": "The first statement: the 93 controls were decided in three workshops, one theme after the other.", "review_on": s.date(-69)})
	s.moveVersion("295d 11:00", "daniel", "soa 1", "review", "read row by row against the risks of the platform")
	s.moveVersion("294d 09:30", "henrik", "soa 1", "approve", "goes to the certification body with this")
	s.write(s.at("6d 16:00"), "mara", "reasons backed", s.backReasons)
	s.draftVersion("6d 16:20", "soa 2", map[string]any{"change_summary": "After a year: duties stand behind the reasons, and what was planned is in place.", "review_on": s.date(-365)})
	return nil
}

// backReasons links the duties that name a control to the reason 'legal' of its
// row, their contracts to 'contractual', and the risks it treats to 'risk
// assessment'.
func (s *story) backReasons(tx *register.Tx) error {
	duties, err := obligation.Obligations.All(tx)
	if err != nil {
		return err
	}
	risks, err := risk.Treated(tx)
	if err != nil {
		return err
	}
	rows, err := soa.Rows.All(tx)
	for _, row := range rows {
		var links []string
		for _, d := range duties {
			if !slices.Contains(d.Fields.Controls, row.Fields.Control) {
				continue
			}
			if slices.Contains(row.Fields.Reasons, "legal") && d.Fields.Contract == "" {
				links = append(links, d.Key)
			}
			if slices.Contains(row.Fields.Reasons, "contractual") && d.Fields.Contract != "" && !slices.Contains(links, d.Fields.Contract) {
				links = append(links, d.Fields.Contract)
			}
		}
		if slices.Contains(row.Fields.Reasons, "risk_assessment") {
			for _, r := range risks[row.Fields.Control] {
				links = append(links, r.Key)
			}
		}
		if err == nil && len(links) > 0 {
			_, err = tx.Edit(soa.Rows.Name, row.Key, 0, map[string]any{"reason_links": links}, register.Note{Why: "what the reasons rest on"})
		}
	}
	return err
}

func (s *story) draftVersion(at when, handle string, values map[string]any) {
	s.write(s.at(at), "mara", handle, func(tx *register.Tx) error {
		values["management_system"], values["author"], values["reviewer"], values["approver"] = s.keys["ms"], s.people["mara"].key, s.people["daniel"].key, s.people["henrik"].key
		e, err := tx.Create(soa.Editions.Name, values, register.Note{})
		s.keys[handle] = e.Key
		return err
	})
}

func (s *story) moveVersion(at when, by, handle, transition, why string) {
	s.write(s.at(at), by, handle+" "+transition, func(tx *register.Tx) error {
		_, err := tx.Transition(soa.Editions.Name, s.keys[handle], 0, transition, nil, register.Note{Why: why})
		return err
	})
}
