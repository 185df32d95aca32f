// SPDX-License-Identifier: Apache-2.0

package register

import (
	"sextant"
	"sextant/access"
)

// Incoming is one row of a file: its number there and the values of the columns
// the file has. A column the file lacks is not in Values and leaves its field
// alone; a column that is there but empty clears it.
type Incoming struct {
	Row    int
	Key    string // identifies the entry; "" = a new one
	State  string // refused unless it is the state the entry is in: states move by transitions
	Values map[string]any
}

// Import writes rows into a register: entries with a known key are changed,
// rows without a key, or with one that is free, make new ones. Every row's fate
// is reported; refused rows change nothing. Run it in Kernel.Rehearse for the
// dry run: it meets the very rules the real run meets.
func (tx *Tx) Import(register string, rows []Incoming, note Note) (Report, error) {
	def, err := tx.kernel.set.Named(register)
	if err != nil {
		return Report{}, err
	}
	if def.WrittenBy != "" {
		return Report{}, sextant.Errorf(sextant.Denied, "%s are written by the program and cannot be imported", def.Titles)
	}
	if note.Batch == "" {
		note.Batch = NewBatch()
	}
	report := newReport(note.Batch)
	seen := map[string]int{}
	for _, row := range rows {
		if earlier := seen[row.Key]; row.Key != "" && earlier != 0 {
			err := sextant.Errorf(sextant.Conflict, "%s stands in row %d already", row.Key, earlier).WithHint("keep one of the two rows")
			if err := report.refuse(Outcome{Row: row.Row, Key: row.Key}, err); err != nil {
				return report, err
			}
			continue
		}
		seen[row.Key] = row.Row
		if err := tx.importOne(def, row, note, &report); err != nil {
			return report, err
		}
	}
	return report, nil
}

func (tx *Tx) importOne(def *Definition, row Incoming, note Note, report *Report) error {
	o := Outcome{Row: row.Row, Key: row.Key}
	if err := access.May(tx.actor, access.Read, access.Subject{Register: def.Name}, tx.kernel.Now()); err != nil {
		return err
	}
	if row.Key == "" {
		return tx.importNew(def, row, o, note, report)
	}
	before, err := tx.Lookup(def.Name, row.Key)
	switch {
	case sextant.CodeOf(err) == sextant.NotFound:
		return tx.importNew(def, row, o, note, report)
	case err != nil:
		return err
	case row.State != "" && row.State != before.State:
		return report.refuse(o, sextant.Errorf(sextant.Invalid, "%s is %s; a file cannot move it to %s", row.Key, before.State, row.State).
			At("state").WithHint("use the transition instead"))
	}
	before = tx.visible(before)
	o.Title = before.Title()
	after, err := tx.Edit(def.Name, row.Key, 0, row.Values, note)
	if err != nil {
		return report.refuse(o, err)
	}
	o.settle(before, after)
	report.add(o)
	return nil
}

func (tx *Tx) importNew(def *Definition, row Incoming, o Outcome, note Note, report *Report) error {
	after, err := tx.CreateAs(def.Name, row.Key, row.Values, note)
	if err != nil {
		return report.refuse(o, err)
	}
	o.Key, o.Title, o.Fate = after.Key, after.Title(), Created
	report.add(o)
	return nil
}
