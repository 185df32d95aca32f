// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/evidence"
	"sextant/framework"
	"sextant/register"
	"sextant/risk"
)

// supposed are the words a supposition is named by.
var supposed = map[string]risk.SupposedKind{"control": risk.ControlFails, "source": risk.SourceLost, "treatment": risk.TreatmentDone}

func (p *program) whatIfCommand() *cobra.Command {
	var asOf string
	c := &cobra.Command{Use: "what-if [control|source|treatment KEY]", Short: "What would follow if a control failed, a source was lost, a treatment was done", Args: cobra.MatchAll(cobra.MaximumNArgs(2), func(_ *cobra.Command, args []string) error {
		if len(args) == 1 {
			return sextant.Errorf(sextant.Invalid, "%q of which key?", args[0]).WithHint("name what is supposed: sextant risk what-if control A.8.13")
		}
		return nil
	}),
		Long:    "Reckons from the judgements, signatures and evidence of a moment, and writes nothing. Without a supposition it lists the controls that risks rest on, those that hold most first.",
		Example: "  sextant risk what-if\n  sextant risk what-if control A.8.13\n  sextant risk what-if source SRC-1 --json",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.printSupports(c.Context(), asOf)
			}
			kind, known := supposed[args[0]]
			if !known {
				return sextant.Errorf(sextant.Invalid, "%q is nothing that can be supposed", args[0]).WithHint("say control, source or treatment")
			}
			of := args[1]
			if kind == risk.ControlFails {
				of = framework.ReferenceOf(of)
			}
			return p.printWhatIf(c.Context(), asOf, risk.Supposition{Kind: kind, Of: of})
		}}
	c.Flags().StringVar(&asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
	return c
}

func (p *program) printSupports(ctx context.Context, asOf string) error {
	return p.look(ctx, asOf, func(v *register.View, _ evidence.Reader) error {
		list, err := risk.Supports(v)
		if err != nil {
			return err
		}
		if p.json {
			return p.printJSON(list)
		}
		var rows [][]string
		for _, s := range list {
			rows = append(rows, []string{s.Title, s.State.String(), strconv.Itoa(len(s.Rises)), strconv.Itoa(s.Above), strconv.Itoa(s.Breaks)})
		}
		return p.table([]string{"CONTROL", "EVIDENCE", "RISKS RISE", "NEWLY ABOVE APPETITE", "ACCEPTANCES BREAK"}, rows)
	})
}

func (p *program) printWhatIf(ctx context.Context, asOf string, s risk.Supposition) error {
	return p.look(ctx, asOf, func(v *register.View, _ evidence.Reader) error {
		o, err := risk.WhatIf(v, s)
		if err != nil {
			return err
		}
		if p.json {
			return p.printJSON(o)
		}
		fmt.Fprintf(p.stdout, "%s: %d risks and %d controls would stand otherwise\n", o.Title, len(o.Risks), len(o.Controls))
		var rows [][]string
		for _, r := range o.Risks {
			rows = append(rows, []string{r.Risk, r.Title, r.Before.Name, r.After.Name, r.Breaks})
		}
		if len(rows) > 0 {
			fmt.Fprintln(p.stdout)
			if err := p.table([]string{"RISK", "", "NOW", "THEN", "BREAKS"}, rows); err != nil {
				return err
			}
		}
		rows = nil
		for _, c := range o.Controls {
			rows = append(rows, []string{c.Title, c.Before.String(), c.After.String()})
		}
		if len(rows) == 0 {
			return nil
		}
		fmt.Fprintln(p.stdout)
		return p.table([]string{"CONTROL", "NOW", "THEN"}, rows)
	})
}
