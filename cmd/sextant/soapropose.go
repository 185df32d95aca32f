// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/evidence"
	"sextant/product"
	"sextant/register"
	"sextant/soa"
)

// proposedRow is a proposed reason, as printed.
type proposedRow struct {
	Control  string       `json:"control"`
	Title    string       `json:"title"`
	Reason   string       `json:"reason"` // or "exclusion"
	Declined bool         `json:"declined,omitempty"`
	Grounds  []soa.Ground `json:"grounds"`
}

func (p *program) soaPropose(flags *soaFlags) *cobra.Command {
	return &cobra.Command{Use: "propose", Short: "Reasons that what is on record speaks for; nothing changes until somebody takes them", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		var all soa.Proposed
		if err := p.look(c.Context(), "", func(v *register.View, r evidence.Reader) (err error) {
			_, all, err = proposedIn(v, r, flags)
			return err
		}); err != nil {
			return err
		}
		rows := append(proposedRows(all.Open, false), proposedRows(all.Declined, true)...)
		if p.json {
			return p.printJSON(rows)
		}
		var table [][]string
		for _, r := range rows {
			for i, g := range r.Grounds {
				line := []string{"", "", g.Entry, g.Why}
				if i == 0 {
					line[0], line[1] = r.Control, r.Reason
				}
				if r.Declined {
					line[3] += " (declined)"
				}
				table = append(table, line)
			}
		}
		if err := p.table([]string{"CONTROL", "REASON", "FROM", "WHY"}, table); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "\n%d proposed, %d declined\n", len(all.Open), len(all.Declined))
		return nil
	}}
}

func proposedIn(v *register.View, r evidence.Reader, flags *soaFlags) (system string, all soa.Proposed, err error) {
	if system, err = systemOf(v, flags.system); err == nil {
		all, err = soa.Propose(v, r, system, product.Proposers())
	}
	return system, all, err
}

func proposedRows(list []soa.Proposal, declined bool) []proposedRow {
	rows := []proposedRow{}
	for _, one := range list {
		rows = append(rows, proposedRow{one.Control.ID, one.Control.Title, one.Reason, declined, one.Grounds})
	}
	return rows
}

func (p *program) soaTake(flags *soaFlags) *cobra.Command {
	var all bool
	c := &cobra.Command{Use: "take [CONTROL [REASON...]]", Short: "Take proposed reasons into the statement: those named, all of a control, or with --all every one that includes a control", RunE: func(c *cobra.Command, args []string) error {
		if all != (len(args) == 0) {
			return sextant.Errorf(sextant.Invalid, "name a control, or all of them").WithHint("sextant soa take A.5.24 legal, or sextant soa take --all")
		}
		var report register.Report
		if err := p.proposing(c.Context(), flags, func(tx *register.Tx, system string, proposed soa.Proposed) (err error) {
			list, err := picked(proposed, args)
			if err == nil {
				report, err = soa.Take(tx, system, list, register.Note{Why: "taken from what was proposed"})
			}
			return err
		}); err != nil {
			return err
		}
		return p.printTaken(report)
	}}
	c.Flags().BoolVar(&all, "all", false, "every proposal that includes a control")
	return c
}

// picked gives proposals: by control and reasons, or all that include a control.
func picked(proposed soa.Proposed, args []string) (list []soa.Proposal, err error) {
	if len(args) == 0 {
		for _, one := range proposed.Open {
			if !one.Excludes() {
				list = append(list, one)
			}
		}
		return list, nil
	}
	if len(args) == 1 {
		if list = proposed.Of(args[0]); len(list) == 0 {
			err = sextant.Errorf(sextant.Conflict, "nothing is proposed for %s now", args[0]).WithHint("sextant soa propose prints what is")
		}
		return list, err
	}
	for _, reason := range args[1:] {
		one, err := proposed.FindProposal(args[0], reason)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func (p *program) printTaken(report register.Report) error {
	if p.json {
		return p.printJSON(report)
	}
	for _, o := range report.Outcomes {
		if o.Refusal != nil {
			fmt.Fprintf(p.stdout, "%s refused: %s\n", o.Key, o.Refusal.Message)
		}
	}
	fmt.Fprintf(p.stdout, "%d rows changed, %d refused; one change, %s\n", report.Counts[register.Updated], report.Counts[register.Refused], report.Batch)
	if report.Counts[register.Refused] > 0 {
		return errFindings
	}
	return nil
}

func (p *program) soaDecline(flags *soaFlags) *cobra.Command {
	var why string
	c := &cobra.Command{Use: "decline CONTROL REASON...", Short: "Keep proposed reasons from coming back until what speaks for them changes", Args: cobra.MinimumNArgs(2), RunE: func(c *cobra.Command, args []string) error {
		return p.proposing(c.Context(), flags, func(tx *register.Tx, system string, proposed soa.Proposed) error {
			list, err := picked(proposed, args)
			for _, one := range list {
				if err == nil {
					err = soa.Decline(tx, system, one, register.Note{Why: why})
				}
			}
			if err == nil {
				fmt.Fprintf(p.stdout, "%s: declined %s\n", args[0], strings.Join(args[1:], ", "))
			}
			return err
		})
	}}
	c.Flags().StringVar(&why, "why", "", "why it is declined, for the history")
	return c
}

// proposing runs fn in a transaction with what is proposed in it.
func (p *program) proposing(ctx context.Context, flags *soaFlags, fn func(tx *register.Tx, system string, proposed soa.Proposed) error) error {
	actor, err := p.openedOrNew(ctx)
	if err != nil {
		return err
	}
	return p.kernel.Write(ctx, actor, func(tx *register.Tx) error {
		r, err := evidence.On(&tx.View)
		if err != nil {
			return err
		}
		system, proposed, err := proposedIn(&tx.View, r, flags)
		if err != nil {
			return err
		}
		return fn(tx, system, proposed)
	})
}
