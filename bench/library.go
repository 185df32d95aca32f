// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"

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
	handler := server.Handler(server.Config{Kernel: b.kernel, Accounts: b.accounts, Version: "bench", Way: product.Way(b.kernel, b.store), Rules: product.Rules()})
	at := "/libraries/" + key + "/browse?show=framework&n=0"
	for _, p := range []struct{ name, path string }{
		{"page: a library of 6,000 nodes", at}, {"page: one requirement of it", at + "&at=20.5.3"}, {"page: words found in it", at + "&q=rule+20"},
	} {
		if err := b.row(p.name, quick, 300, func(int) error { _, err := b.get(handler, p.path, true); return err }); err != nil {
			return err
		}
	}
	return nil
}
