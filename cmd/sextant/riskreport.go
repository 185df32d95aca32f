// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/evidence"
	"sextant/interchange/riskreport"
	"sextant/interchange/table"
	"sextant/register"
	"sextant/risk"
)

// reportCommands write what is told of risks.
func (p *program) reportCommands() []*cobra.Command {
	return []*cobra.Command{
		p.riskFile("report", "The risk report, as of any moment", riskreport.Write, riskreport.Sheet),
		p.riskFile("plan", "The risk treatment plan, as of any moment", riskreport.WritePlan, riskreport.PlanSheet),
		p.riskFile("board", "One page of risks for the board", riskreport.WriteBoard, nil),
		{Use: "diff FROM TO", Short: "What stands otherwise at the later of two moments, in sentences", Args: cobra.ExactArgs(2), RunE: func(c *cobra.Command, args []string) error {
			return p.riskDiff(c.Context(), args[0], args[1])
		}},
	}
}

func (p *program) riskFile(name, short string, write func(io.Writer, *register.View) error, sheet func(io.Writer, *register.View, table.Format) error) *cobra.Command {
	var format, out, asOf string
	c := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		send := func(w io.Writer) error {
			return p.look(c.Context(), asOf, func(v *register.View, _ evidence.Reader) error {
				if format == "pdf" {
					return write(w, v)
				}
				f, err := table.ParseFormat(format)
				if err != nil || sheet == nil {
					return sextant.Errorf(sextant.Invalid, "%q is no format of this", format).At("format").WithHint("write pdf, or xlsx, csv or json where there is a table of it")
				}
				return sheet(w, v, f)
			})
		}
		if out == "" || out == "-" {
			return send(p.stdout)
		}
		return p.writeFile(out, send)
	}}
	c.Flags().StringVar(&format, "format", "pdf", "pdf, xlsx, csv or json")
	c.Flags().StringVarP(&out, "output", "o", "", "file to write; standard output if none")
	c.Flags().StringVar(&asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
	return c
}

func (p *program) riskDiff(ctx context.Context, from, to string) error {
	told := []risk.Told{}
	if err := p.look(ctx, to, func(now *register.View, _ evidence.Reader) error {
		at, err := sextant.ParseAsOf(from)
		if err != nil {
			return err
		}
		if at > now.Now() {
			return sextant.Errorf(sextant.Invalid, "%s is before %s", to, from).At("to").WithHint("name the earlier moment first")
		}
		then, err := now.AsOf(at)
		if err != nil {
			return err
		}
		list, err := risk.Differences(then, now)
		told = append(told, list...)
		return err
	}); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(told)
	}
	for _, t := range told {
		fmt.Fprintln(p.stdout, t.Says)
	}
	return nil
}
