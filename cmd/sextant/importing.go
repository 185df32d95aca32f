// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sextant/interchange/entries"
	"sextant/interchange/table"
	"sextant/register"
)

func (p *program) importCommand() *cobra.Command {
	var dry, accept bool
	var why string
	c := &cobra.Command{Use: "import REGISTER FILE", Short: "Bring rows of an XLSX, CSV or JSON file into a register", Args: cobra.ExactArgs(2), RunE: func(c *cobra.Command, args []string) error {
		actor, err := p.opened(c.Context())
		if err != nil {
			return err
		}
		def, err := p.kernel.Set().Named(args[0])
		if err != nil {
			return err
		}
		f, err := p.shell.Open(args[1])
		if err != nil {
			return err
		}
		defer f.Close()
		file, err := entries.Read(f, def, table.Unknown)
		if err != nil {
			return err
		}
		var report register.Report
		bring := func(tx *register.Tx) (err error) {
			report, err = entries.Import(tx, def, file, register.Note{Why: why})
			return err
		}
		if err := p.kernel.Rehearse(c.Context(), actor, bring); err != nil {
			return err
		}
		refused := report.Counts[register.Refused]
		if !dry && (refused == 0 || accept) {
			if err := p.kernel.Write(c.Context(), actor, bring); err != nil {
				return err
			}
		}
		if err := p.printReport(report, file.Notes); err != nil {
			return err
		}
		if refused > 0 && !accept {
			fmt.Fprintln(p.stderr, "Nothing was written: rows are refused. Mend them, or go on without them by --accept-refused.")
			return errFindings
		}
		return nil
	}}
	c.Flags().BoolVar(&dry, "dry-run", false, "show each row's fate and write nothing")
	c.Flags().BoolVar(&accept, "accept-refused", false, "write the accepted rows although others are refused")
	c.Flags().StringVar(&why, "reason", "", "kept with every version")
	c.AddCommand(p.importSoaCommand(), p.importGapCommand())
	c.AddCommand(p.importCISOAssistantCommand(), p.importOSCALCommand())
	c.AddCommand(p.importMospCommand(), p.importMonarcCommand(), p.importRisksCommand())
	return c
}

func (p *program) printReport(r register.Report, notes []string) error {
	if p.json {
		return p.printJSON(r)
	}
	var rows [][]string
	for _, o := range r.Outcomes {
		what := o.Title
		if o.Refusal != nil {
			what = o.Refusal.Error()
		}
		rows = append(rows, []string{fmt.Sprint(o.Row), o.Key, string(o.Fate), what})
	}
	if err := p.table([]string{"ROW", "KEY", "FATE", ""}, rows); err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintln(p.stdout, "note: "+note)
	}
	fmt.Fprintf(p.stdout, "%s (batch %s)\n", r.Summary(), r.Batch)
	return nil
}
