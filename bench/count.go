// SPDX-License-Identifier: Apache-2.0

package main

import (
	"sextant"
	"sextant/register"
)

// counts and searches.
func (b *bench) counts() error {
	for _, q := range []struct {
		name, budget string
		at           sextant.Instant
		fn           func(*register.View) error
	}{
		{"count of the register", quick, 0, count(list(""))},
		{"count of a state and an owner, exact to 1,000", quick, 0, count(list("", is("state", "proposed"), is("owner", "PER-3")))},
		{"groups by state, of the register", quick, 0, groups("state")},
		{"groups by owner, of the register", quick, 0, groups("owner")},
		{"groups by state, of a type (counts the matches)", none, 0, groups("state", is("type", "database"))},
		{"groups by state, as of (counts all)", "200", b.before, groups("state")},
	} {
		if err := b.row(q.name, q.budget, 500, func(int) error { return b.kernel.Read(b.ctx, b.actor, q.at, q.fn) }); err != nil {
			return err
		}
	}
	return nil
}

func count(l register.List) func(*register.View) error {
	return func(v *register.View) error { _, err := v.Count(l); return err }
}

func groups(by string, filters ...register.Filter) func(*register.View) error {
	return func(v *register.View) error { _, err := v.Groups(list("", filters...), by); return err }
}

func (b *bench) searches() error {
	for name, words := range map[string]string{"search, two common words, newest first": "customer orders", "search, a rare word and a common one": "fleet 777",
		"search, a word of one entry": "777", "search, the beginning of a common word": "custo"} {
		if err := b.row(name, quick, 500, func(int) error {
			return b.kernel.Read(b.ctx, b.actor, 0, func(v *register.View) error { _, err := v.Find(words, 50); return err })
		}); err != nil {
			return err
		}
	}
	found := list("")
	found.Search = "customer orders"
	return b.row("search within a list, first page", quick, 500, func(int) error { return b.kernel.Read(b.ctx, b.actor, 0, firstRows(found)) })
}
