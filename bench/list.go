// SPDX-License-Identifier: Apache-2.0

package main

import (
	"sextant"
	"sextant/register"
)

func is(field string, values ...string) register.Filter {
	return register.Filter{Field: field, Op: register.Is, Values: values}
}

func list(order string, filters ...register.Filter) register.List {
	return register.List{Register: "asset", Order: order, Filters: filters}
}

// lists are first pages of 50 unless they say otherwise.
func (b *bench) lists() error {
	deep := list("review_on")
	deep.After = b.cursor(deep, min(200, b.n/50-1))
	past := b.before
	for _, q := range []struct {
		name string
		at   sextant.Instant
		list register.List
	}{
		{"list by key", 0, list("")},
		{"list, a state and an owner by due date", 0, list("review_on", is("state", "proposed"), is("owner", "PER-3"))},
		{"list by due date", 0, list("review_on")},
		{"list, page 200 by due date", 0, deep},
		{"list, several states by due date", 0, list("review_on", is("state", "proposed", "active"))},
		{"list by name, last first", 0, list("-title")},
		{"list by type, an enumeration", 0, list("type")},
		{"list by date of acquisition", 0, list("acquired_on")},
		{"list of a type", 0, list("", is("type", "database"))},
		{"list of a type by due date", 0, list("review_on", is("type", "database"))},
		{"list of a rare type by name", 0, list("title", is("type", "key_material"))},
		{"list of two values", 0, list("", is("type", "database"), is("environment", "test"))},
		{"list by reference", 0, list("", is("custodian", "PER-5"))},
		{"list, a state is not", 0, list("review_on", register.Filter{Field: "state", Op: register.IsNot, Values: []string{"disposed"}})},
		{"list without custodian, one in a thousand", 0, list("", register.Filter{Field: "custodian", Op: register.Empty})},
		{"list as of, a state and an owner by due date", past, list("review_on", is("state", "proposed"), is("owner", "PER-3"))},
		{"list as of, of a type", past, list("", is("type", "database"))},
		{"list as of, by name", past, list("title")},
	} {
		if err := b.row(q.name, quick, 500, func(int) error { return b.kernel.Read(b.ctx, b.actor, q.at, firstRows(q.list)) }); err != nil {
			return err
		}
	}
	return b.row("one entry with history and links both ways", quick, 500, func(int) error { return b.kernel.Read(b.ctx, b.actor, 0, detail) })
}

func firstRows(l register.List) func(*register.View) error {
	return func(v *register.View) error { _, err := v.List(l); return err }
}

func detail(v *register.View) error {
	e, err := v.Entry("asset", "AST-7")
	if err != nil {
		return err
	}
	if _, err := v.History("asset", "AST-7", 0, 20); err != nil {
		return err
	}
	if _, err := v.Links(e); err != nil {
		return err
	}
	_, err = v.BackLinks(e)
	return err
}

// cursor walks to a page.
func (b *bench) cursor(l register.List, page int) (after string) {
	_ = b.kernel.Read(b.ctx, b.actor, 0, func(v *register.View) error { // an empty cursor measures the first page
		l.Limit = 500
		for range max(1, page/10) {
			p, err := v.List(l)
			if err != nil || p.Next == "" {
				return err
			}
			l.After, after = p.Next, p.Next
		}
		return nil
	})
	return after
}
