// SPDX-License-Identifier: Apache-2.0

package register

import "sextant"

// AsOf reads the same snapshot as it stood at another, past moment: what nothing
// written meanwhile can change. It ends with the view it came from, and recalls
// nothing: whoever asks for many moments asks for each once. A moment at or
// beyond that of the view gives the view itself.
func (v *View) AsOf(at sextant.Instant) (*View, error) {
	if at >= v.Now() {
		return v, nil
	}
	seq, err := v.tx.SeqAt(at)
	return &View{kernel: v.kernel, ctx: v.ctx, actor: v.actor, tx: v.tx, seq: min(seq, v.seq), moment: at, titles: map[string]string{}}, err
}

// Past gives the versions of an entry that stood at the view's moment or before,
// newest first, below a version number (0 = all), whatever the actor may see;
// for rules.
func (v *View) Past(register, key string, before, limit int) ([]Entry, error) {
	def, err := v.kernel.set.Named(register)
	if err != nil {
		return nil, err
	}
	start, err := v.newest(def, key, before)
	if err != nil {
		return nil, err
	}
	rows, err := v.tx.Versions(def.Name, key, start, limit)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(rows))
	for i, row := range rows {
		if entries[i], err = def.entry(row); err != nil {
			return nil, err
		}
	}
	return entries, nil
}
