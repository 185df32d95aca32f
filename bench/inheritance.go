// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"sextant/register"
)

// inheritance lays dependencies over up to 10,000 assets: twenty layers, each
// asset on three of the next, so that every way forks and meets again. It comes
// last, because it stays.
func (b *bench) inheritance() error {
	if !b.wanted("dependencies, inherit") {
		return nil
	}
	const layers = 20
	wide := min(b.n, 10_000) / layers
	at := func(layer, i int) string { return key(layer*wide + i%wide) }
	var rows []register.Incoming
	add := func(dependent, supports string) {
		rows = append(rows, register.Incoming{Row: len(rows), Values: map[string]any{"dependent": dependent, "supports": supports, "origin": "import"}})
	}
	for layer := range layers - 1 {
		for i := range wide {
			for k := range 3 {
				add(at(layer, i), at(layer+1, i*2+k*7))
			}
		}
	}
	for i := 1; i < wide; i++ {
		add(at(0, 0), at(1, i)) // everything stands beneath the first
	}
	take := func(tx *register.Tx) error {
		report, err := tx.Import("asset_dependency", rows, register.Note{})
		if err == nil && report.Counts[register.Refused] > 2*len(rows)/3 {
			err = fmt.Errorf("dependencies: %s", report.Summary())
		}
		return err
	}
	name := fmt.Sprintf("import of %s dependencies of %s assets, 20 deep, with diamonds", "28,999 (small: 2,899)", "10,000 (small: 1,000)")
	if err := b.row(name, none, 1, func(int) error { return b.kernel.Rehearse(b.ctx, b.actor, take) }); err != nil {
		return err
	}
	if err := b.kernel.Write(b.ctx, b.actor, take); err != nil {
		return err
	}
	level := func(asset, level string) error {
		return b.kernel.Write(b.ctx, b.actor, func(tx *register.Tx) error {
			_, err := tx.Edit("asset", asset, 0, map[string]any{"integrity": level}, register.Note{})
			return err
		})
	}
	levels := []string{"low", "high"}
	if err := b.row("a value at the bottom changes: nothing inherits", "5 / 50", 200, func(i int) error { return level(at(layers-1, i), levels[i/wide%2]) }); err != nil {
		return err
	}
	if err := b.row("a value in the middle changes: about 300 inherit", none, 20, func(i int) error { return level(at(layers-6, 3), levels[i%2]) }); err != nil {
		return err
	}
	return b.row("a value at the top changes: all 10,000 (small: 1,000) inherit", none, 2, func(i int) error { return level(at(0, 0), levels[i%2]) })
}
