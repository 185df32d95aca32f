// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"sextant/evidence"
	"sextant/lint"
	"sextant/product"
	"sextant/register"
)

// findings asks every rule anew, as after something was recorded, and follows
// what it found back to when it began.
func (b *bench) findings() error {
	look := func(then func(lint.Look, []lint.Verdict) error) func(int) error {
		return func(int) error {
			return b.kernel.Read(b.ctx, b.actor, 0, func(v *register.View) error {
				r, err := evidence.On(v)
				if err != nil {
					return err
				}
				l := lint.Look{View: v, Evidence: r}
				verdicts, err := lint.Run(l, product.Rules(), lint.Rules())
				if err != nil {
					return err
				}
				return then(l, verdicts)
			})
		}
	}
	if err := b.row("lint: all rules", "1000", 20, look(func(lint.Look, []lint.Verdict) error { return nil })); err != nil {
		return err
	}
	return b.row("lint: one rule, its findings followed back", "1000", 5, look(func(l lint.Look, verdicts []lint.Verdict) error {
		for _, v := range verdicts {
			if len(v.Findings) > 0 && v.Findings[0].Since == 0 {
				return lint.Date(l, product.Rules()[v.Rule.ID], v.Rule, v.Findings[:1], time.Time{})
			}
		}
		return nil
	}))
}
