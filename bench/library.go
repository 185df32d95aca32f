// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"net/http"

	"sextant/control"
	"sextant/crosswalk"
	"sextant/evidence"
	"sextant/framework"
	"sextant/interchange/cisoassistant"
	"sextant/internal/server"
	"sextant/library"
	"sextant/library/librarytest"
	"sextant/product"
	"sextant/register"
)

// libraries imports a library of the largest size in the field, each time as a
// new version, and reads in it.
func (b *bench) libraries() error {
	data := librarytest.Generated(6_000)
	version, key := 0, ""
	take := func(int) (err error) {
		version++
		file := bytes.Replace(data, []byte("\nversion: 1\n"), fmt.Appendf(nil, "\nversion: %d\n", version), 1)
		content, report, err := cisoassistant.Read("generated.yaml", file)
		if err == nil {
			key, _, err = library.Take(b.ctx, b.kernel, b.actor, library.Came("generated.yaml", file, content, report), register.Note{})
		}
		return err
	}
	if err := b.row("import of a library of 6,000 nodes", "1000", 5, take); err != nil {
		return err
	}
	if key == "" { // that row is not wanted
		if err := take(0); err != nil {
			return err
		}
	}
	handler := server.Handler(server.Config{Kernel: b.kernel, Accounts: b.accounts, Version: "bench", Way: product.Way(b.kernel, b.store), Frameworks: told(0), Rules: product.Rules()})
	at := "/libraries/" + key + "/browse?show=framework&n=0"
	for _, p := range []struct{ name, path string }{
		{"page: a library of 6,000 nodes", at}, {"page: one requirement of it", at + "&at=20.5.3"}, {"page: words found in it", at + "&q=rule+20"},
	} {
		if err := b.row(p.name, quick, 300, func(int) error { _, err := b.get(handler, p.path, true); return err }); err != nil {
			return err
		}
	}
	return b.mappings(handler, key)
}

// mappings imports as many mappings as all libraries of the field have together,
// from the requirements of a library to controls, and reads what they carry over.
func (b *bench) mappings(handler http.Handler, key string) error {
	for set := range 2 {
		data := librarytest.GeneratedMappings(set+1, 5_400, 7)
		content, report, err := cisoassistant.Read("mappings.yaml", data)
		if err != nil {
			return err
		}
		if _, _, err := library.Take(b.ctx, b.kernel, b.actor, library.Came("mappings.yaml", data, content, report), register.Note{}); err != nil {
			return err
		}
	}
	board := told(0)
	if err := b.row("crosswalk: 75,600 imported mappings laid down (once an import)", "1000", 20, func(int) error {
		return b.kernel.Read(b.ctx, b.actor, 0, func(v *register.View) error {
			sets, err := board.Sets(v)
			crosswalk.Drawn(sets, nil)
			return err
		})
	}); err != nil {
		return err
	}
	if err := b.row("crosswalk: what they carry over, after a state changed", "200", 50, func(i int) error { return b.inferred(told(i), key) }); err != nil {
		return err
	}
	if err := b.row("crosswalk: states of 5,400 imported requirements by them", quick, 200, func(int) error { return b.inferred(board, key) }); err != nil {
		return err
	}
	for _, p := range []struct{ name, path string }{
		{"page: the list of frameworks, with them", "/frameworks"}, {"page: an imported framework of 6,000 nodes, with its states", "/frameworks/" + key},
		{"page: one chapter of it", "/frameworks/" + key + "?at=19.4"}, {"page: a control, with the frameworks it serves", "/controls/A.8.13"},
	} {
		if err := b.row(p.name, quick, 300, func(int) error { _, err := b.get(handler, p.path, true); return err }); err != nil {
			return err
		}
	}
	return nil
}

// told is the board with states made up for the 93 controls, one of which is
// another each time.
func told(time int) crosswalk.Board {
	board := product.Frameworks()
	board.Standing = func(*register.View, evidence.Reader) (map[string]control.State, error) {
		states := map[string]control.State{}
		for i, c := range framework.Controls() {
			states[c.Reference().String()] = []control.State{control.Pass, control.Partial, control.Fail, control.NotAssessed, control.Stale}[i%5]
			if i == time%93 {
				states[c.Reference().String()] = control.Error
			}
		}
		return states, nil
	}
	return board
}

// inferred asks for the state of every requirement of a framework.
func (b *bench) inferred(board crosswalk.Board, key string) error {
	return b.kernel.Read(b.ctx, b.actor, 0, func(v *register.View) error {
		r, err := evidence.On(v)
		if err != nil {
			return err
		}
		states, err := board.At(v, r)
		if err != nil {
			return err
		}
		points, err := board.Asking(v, key)
		for _, point := range points {
			states.Brief(point)
		}
		return err
	})
}
