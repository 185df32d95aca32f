// SPDX-License-Identifier: Apache-2.0

package register

import (
	"sextant"
)

// Revision is one version of an entry with what it changed.
type Revision struct {
	Entry
	Changes    []Difference `json:"changes"`
	StateFrom  string       `json:"state_from,omitempty"`
	Superseded sextant.Seq  `json:"-"`
}

// History gives an entry's versions, newest first, with readable differences;
// before = 0 starts at the newest that stood at the view's moment.
func (v *View) History(register, key string, before, limit int) ([]Revision, error) {
	def, err := v.readable(register)
	if err != nil {
		return nil, err
	}
	start, err := v.newest(def, key, before)
	if err != nil {
		return nil, err
	}
	rows, err := v.tx.Versions(def.Name, key, start, limit+1)
	if err != nil {
		return nil, err
	}
	var revisions []Revision
	for i := range rows {
		if len(revisions) == limit {
			break
		}
		revision, err := v.revision(def, rows, i)
		if err != nil {
			return nil, err
		}
		revisions = append(revisions, revision)
	}
	if len(revisions) == 0 && before == 0 {
		return nil, sextant.Errorf(sextant.NotFound, "there is no %s %q", def.Title, key)
	}
	return revisions, nil
}

// newest gives the version below which a history starts: that of the caller, but
// none that came after the view's moment.
func (v *View) newest(def *Definition, key string, before int) (int, error) {
	if v.seq == sextant.LatestSeq {
		return before, nil
	}
	stood, err := v.tx.Entry(def.Name, key, v.seq)
	if err != nil {
		if sextant.CodeOf(err) == sextant.NotFound {
			return 1, nil // no version stood yet
		}
		return 0, err
	}
	if before == 0 || before > stood.Version {
		return stood.Version + 1, nil
	}
	return before, nil
}

func (v *View) revision(def *Definition, rows []Row, i int) (Revision, error) {
	now, err := def.entry(rows[i])
	if err != nil {
		return Revision{}, err
	}
	r := Revision{Entry: v.visible(now), Superseded: rows[i].To}
	if r.Superseded > v.seq {
		r.Superseded = sextant.LatestSeq // it stood at the view's moment
	}
	previous := Doc{}
	if i+1 < len(rows) {
		before, err := def.entry(rows[i+1])
		if err != nil {
			return Revision{}, err
		}
		previous = v.visible(before).Doc
		if before.State != now.State {
			r.StateFrom = before.State
		}
	}
	r.Changes = def.differences(previous, r.Doc)
	return r, nil
}

// Version gives one version of an entry.
func (v *View) Version(register, key string, number int) (Entry, error) {
	def, err := v.readable(register)
	if err != nil {
		return Entry{}, err
	}
	e, err := v.version(def, key, number)
	if err != nil {
		return Entry{}, err
	}
	return v.visible(e), nil
}

func (v *View) version(def *Definition, key string, number int) (Entry, error) {
	rows, err := v.tx.Versions(def.Name, key, number+1, 1)
	if err != nil {
		return Entry{}, err
	}
	if len(rows) == 0 || rows[0].Version != number || rows[0].From > v.seq {
		return Entry{}, sextant.Errorf(sextant.NotFound, "%s has no version %d", key, number)
	}
	return def.entry(rows[0])
}

// Find searches the present of every register the actor may read, newest first.
func (v *View) Find(words string, limit int) ([]Entry, error) {
	if v.seq != sextant.LatestSeq {
		return nil, sextant.Errorf(sextant.Invalid, "full-text search works for now only, not for a past moment")
	}
	var names []string
	for _, def := range v.kernel.set.definitions {
		if _, err := v.readable(def.Name); err == nil {
			names = append(names, def.Name)
		}
	}
	rows, err := v.tx.Find(words, names, limit)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(rows))
	for _, row := range rows {
		e, err := v.kernel.set.byName[row.Register].entry(row)
		if err != nil {
			return nil, err
		}
		entries = append(entries, v.visible(e))
	}
	return entries, nil
}
