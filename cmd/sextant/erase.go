// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
	"sextant/register"
)

func (p *program) eraseCommand() *cobra.Command {
	var e register.Erasure
	var dry, due bool
	c := &cobra.Command{Use: "erase [KEY]", Short: "Remove personal fields of an entry, or all of it, for good; or all whose retention has ended", Args: cobra.MaximumNArgs(1), RunE: func(c *cobra.Command, args []string) error {
		if due == (len(args) == 1) {
			return sextant.Errorf(sextant.Invalid, "say what to erase: a key, or --due for everything whose retention has ended")
		}
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		if due {
			return p.eraseDue(c.Context(), actor, dry)
		}
		def, err := p.registerOf(args[0])
		if err != nil {
			return err
		}
		e.Register, e.Key = def.Name, args[0]
		reports, err := p.erase(c.Context(), actor, dry, func(tx *register.Tx) ([]register.ErasureReport, error) {
			report, err := tx.Erase(e)
			return []register.ErasureReport{report}, err
		})
		if err != nil {
			return err
		}
		return p.printErasures(reports, dry)
	}}
	c.Flags().StringVar(&e.Rule, "rule", "", "legal ground or rule, such as gdpr-art-17")
	c.Flags().StringVar(&e.Person, "person", "", "on whose request")
	c.Flags().StringVar(&e.Reason, "reason", "", "why")
	c.Flags().BoolVar(&e.Whole, "whole", false, "everything, not only the fields marked personal")
	c.Flags().BoolVar(&due, "due", false, "everything whose retention has ended and that no legal hold keeps")
	c.Flags().BoolVar(&dry, "dry-run", false, "show what would go and remove nothing")
	return c
}

// erase runs an erasure, or rehearses it.
func (p *program) erase(ctx context.Context, actor access.Actor, dry bool, fn func(*register.Tx) ([]register.ErasureReport, error)) (reports []register.ErasureReport, err error) {
	if !dry {
		return p.custody.Erase(ctx, actor, fn)
	}
	err = p.kernel.Rehearse(ctx, actor, func(tx *register.Tx) (err error) { reports, err = fn(tx); return err })
	return reports, err
}

func (p *program) eraseDue(ctx context.Context, actor access.Actor, dry bool) error {
	var due []register.Due
	if err := p.kernel.Read(ctx, actor, 0, func(v *register.View) (err error) { due, err = v.DueErasures(); return err }); err != nil {
		return err
	}
	if !dry {
		if _, err := p.custody.EraseDue(ctx, actor); err != nil {
			return err
		}
	}
	if p.json {
		return p.printJSON(due)
	}
	var rows [][]string
	for _, d := range due {
		fate := "erased"
		switch {
		case d.Held != "":
			fate = "kept by " + d.Held
		case dry:
			fate = "would be erased"
		}
		what := "personal fields"
		if d.Whole {
			what = "everything"
		}
		rows = append(rows, []string{d.Key, d.Class, d.Ended, d.Until, what, fate})
	}
	return p.table([]string{"KEY", "CLASS", "ENDED", "KEPT UNTIL", "WHAT", "FATE"}, rows)
}

func (p *program) printErasures(reports []register.ErasureReport, dry bool) error {
	if p.json {
		return p.printJSON(reports)
	}
	word := "erased"
	if dry {
		word = "would erase"
	}
	for _, report := range reports {
		fmt.Fprintf(p.stdout, "%s %s\n", word, report.Summary())
	}
	return nil
}
