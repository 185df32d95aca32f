// SPDX-License-Identifier: Apache-2.0

package asset

import (
	"cmp"
	"maps"
	"slices"

	"sextant/register"
)

// settle brings inherited values into agreement after assets or dependencies
// were written. It reads and writes what changes and its neighbours only, each
// once a property.
//
// Raising is a walk from the highest level down (as Dijkstra's, for the widest
// path): the first level an asset gets is its last. Lowering takes back first
// what may have come from what was lowered, and then raises again.
func settle(tx *register.Tx, changed []register.Changed) error {
	g, err := graphOf(tx)
	if err != nil {
		return err
	}
	changed = whole(changed)
	found := map[string]*[3]Level{}
	for property := range Properties {
		w := &wave{g: g, property: property, inherits: map[string]Level{}, suspect: map[string]bool{}}
		if err := w.run(changed); err != nil {
			return err
		}
		if err := w.collect(found); err != nil {
			return err
		}
	}
	return write(tx, found, changed[0].Key)
}

// whole joins the writes of one entry: how it was before the transaction, and
// how it is.
func whole(changed []register.Changed) []register.Changed {
	at, joined := map[string]int{}, []register.Changed{}
	for _, c := range changed {
		if i, again := at[c.Key]; again {
			joined[i].After = c.After
			continue
		}
		at[c.Key] = len(joined)
		joined = append(joined, c)
	}
	return joined
}

// write keeps the levels that differ, as the program.
func write(tx *register.Tx, found map[string]*[3]Level, cause string) error {
	return tx.Foreseeing(assetName, slices.Sorted(maps.Keys(found)), func(key string) error {
		values := map[string]any{}
		for i, level := range found[key] {
			values[inheritedPrefix+Properties[i]] = nil
			if level != NotValued {
				values[inheritedPrefix+Properties[i]] = level.String()
			}
		}
		return tx.Settled(assetName, key, values, cause)
	})
}

// wave settles one property.
type wave struct {
	g        *graph
	property int
	inherits map[string]Level // what was found anew
	suspect  map[string]bool  // whose inherited level may have come from what was lowered
	heap     [VeryHigh + 1][]string
}

func (w *wave) run(changed []register.Changed) error {
	for _, c := range changed {
		if err := w.begin(c); err != nil {
			return err
		}
	}
	for asset := range w.suspect {
		if err := w.again(asset); err != nil {
			return err
		}
	}
	return w.raise()
}

// begin finds where one write may change what others inherit.
func (w *wave) begin(c register.Changed) error {
	entry := cmp.Or(c.After, c.Before)
	switch {
	case entry == nil: // came and went
		return nil
	case entry.Register.Name == assetName:
		return w.asset(c, nodeOf(c.Before), nodeOf(c.After))
	}
	if was, ok := edgeOf(c.Before); ok && was.passes[w.property] {
		if err := w.doubt(was.supports); err != nil {
			return err
		}
	}
	if is, ok := edgeOf(c.After); ok && is.passes[w.property] {
		return w.source(is.dependent)
	}
	return nil
}

func (w *wave) asset(c register.Changed, before, after *node) error {
	if c.Before != nil && after.open && !before.open { // what came meanwhile passed it by
		if err := w.doubt(c.Key); err != nil {
			return err
		}
	}
	was, is := before.passing(w.property), after.passing(w.property)
	switch {
	case is > was:
		return w.source(c.Key)
	case is < was:
		return w.lowered(c.Key, was)
	}
	return nil
}

// lowered doubts what may have its level from an asset that passed on so much.
func (w *wave) lowered(asset string, was Level) error {
	edges, err := w.g.standsOn(asset)
	for _, e := range edges {
		if err != nil {
			return err
		}
		var n *node
		if n, err = w.g.node(e.supports); err == nil && e.passes[w.property] && n.worth[w.property].inherited == was {
			err = w.doubt(e.supports)
		}
	}
	return err
}

// doubt marks an asset to be found anew, and what may have its level from it.
func (w *wave) doubt(asset string) error {
	n, err := w.g.node(asset)
	if err != nil || !n.open || w.suspect[asset] {
		return err
	}
	w.suspect[asset] = true
	worth := n.worth[w.property]
	if worth.stands || worth.inherited <= worth.own {
		return nil // what it passes on is its own
	}
	return w.lowered(asset, worth.effective())
}

// source has an asset pass its level on once more.
func (w *wave) source(asset string) error {
	n, err := w.g.node(asset)
	if err == nil {
		w.push(asset, n.passing(w.property))
	}
	return err
}

func (w *wave) push(asset string, level Level) {
	if level != NotValued {
		w.heap[level] = append(w.heap[level], asset)
	}
}

// again finds what a doubted asset inherits from assets that are in no doubt.
func (w *wave) again(asset string) error {
	edges, err := w.g.carries(asset)
	if err != nil {
		return err
	}
	level := NotValued
	for _, e := range edges {
		if !e.passes[w.property] || w.suspect[e.dependent] {
			continue
		}
		n, err := w.g.node(e.dependent)
		if err != nil {
			return err
		}
		level = max(level, n.passing(w.property))
	}
	w.inherits[asset] = level
	passes, err := w.passing(asset)
	w.push(asset, passes)
	return err
}

// now gives what an asset inherits as far as is known.
func (w *wave) now(asset string) (worth, bool, error) {
	n, err := w.g.node(asset)
	if err != nil {
		return worth{}, false, err
	}
	is := n.worth[w.property]
	if level, anew := w.inherits[asset]; anew {
		is.inherited = level
	}
	return is, n.open, nil
}

func (w *wave) passing(asset string) (Level, error) {
	is, open, err := w.now(asset)
	if !open {
		return NotValued, err
	}
	return is.effective(), err
}

// raise passes levels on, the highest first.
func (w *wave) raise() error {
	done := map[string]bool{}
	for level := VeryHigh; level > NotValued; level-- {
		for len(w.heap[level]) > 0 {
			last := len(w.heap[level]) - 1
			asset := w.heap[level][last]
			w.heap[level] = w.heap[level][:last]
			if done[asset] {
				continue
			}
			if passes, err := w.passing(asset); err != nil || passes != level {
				if err != nil {
					return err
				}
				continue // it stands in another level's heap
			}
			done[asset] = true
			if err := w.pass(asset, level); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *wave) pass(asset string, level Level) error {
	edges, err := w.g.standsOn(asset)
	if err != nil {
		return err
	}
	for _, e := range edges {
		if !e.passes[w.property] {
			continue
		}
		is, open, err := w.now(e.supports)
		if err != nil {
			return err
		}
		if !open || is.inherited >= level {
			continue
		}
		before := is.effective()
		is.inherited = level
		w.inherits[e.supports] = level
		if after := is.effective(); after > before {
			w.push(e.supports, after)
		}
	}
	return nil
}

// collect adds the levels that differ from what is kept to those of the other
// properties.
func (w *wave) collect(found map[string]*[3]Level) error {
	for asset, level := range w.inherits {
		n, err := w.g.node(asset)
		if err != nil {
			return err
		}
		if level == n.worth[w.property].inherited {
			continue
		}
		if found[asset] == nil {
			found[asset] = &[3]Level{}
			for i := range Properties {
				found[asset][i] = n.worth[i].inherited
			}
		}
		found[asset][w.property] = level
	}
	return nil
}
