// SPDX-License-Identifier: Apache-2.0

package registertest

import (
	"strings"
	"testing"

	"sextant"
	"sextant/register"
)

// following: a deck counts its barrels whichever way they are written, as the
// program and for everybody to see; what cannot follow takes the write back.
func following(t *testing.T, b *Bench) {
	deck := ""
	b.Write(t, b.Manager(), func(tx *register.Tx) error {
		e, err := tx.Create("deck", map[string]any{"name": "Fore"}, register.Note{})
		deck = e.Key
		return err
	})
	barrel := func(name string) (e register.Entry, err error) {
		err = b.Try(b.Manager(), func(tx *register.Tx) (err error) {
			e, err = tx.Create("barrel", map[string]any{"deck": deck, "name": name}, register.Note{})
			return err
		})
		return e, err
	}
	counts := func(want string, after string) {
		t.Helper()
		b.View(t, b.Manager(), 0, func(v *register.View) error {
			e, err := v.Entry("deck", deck)
			if got := e.Doc.Text("barrels"); got != want || !strings.HasPrefix(e.Actor, "system:follows ") {
				t.Errorf("after %s it has %q barrels, written by %s; want %s, by the program", after, got, e.Actor, want)
			}
			return err
		})
	}
	first, err := barrel("rum")
	if err != nil {
		t.Fatal(err)
	}
	counts("1", "one barrel")
	if _, err := barrel("water"); err != nil {
		t.Fatal(err)
	}
	b.Write(t, b.Manager(), func(tx *register.Tx) error {
		_, err := tx.Transition("barrel", first.Key, 0, "retire", nil, register.Note{Why: "drunk"})
		return err
	})
	counts("1", "a move")
	third, err := barrel("flour")
	if err != nil {
		t.Fatal(err)
	}
	b.Write(t, b.Manager(), func(tx *register.Tx) error { return tx.Delete("barrel", third.Key, 0, register.Note{Why: "overboard"}) })
	counts("1", "a deletion")
	for _, name := range []string{"tar", "rope"} {
		if _, err := barrel(name); err != nil {
			t.Fatal(err)
		}
	}
	_, err = barrel("one too many")
	wantCode(t, err, sextant.Conflict)
	counts("3", "a write that was taken back")
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		n, err := v.CountOf("barrel", register.Filter{Field: "name", Op: register.Contains, Values: []string{"too many"}})
		if n != 0 {
			t.Errorf("the refused barrel is there")
		}
		return err
	})
}
