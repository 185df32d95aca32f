// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) viewsCommand() *cobra.Command {
	var role string
	c := &cobra.Command{Use: "views", Short: "Show the SQL views for reporting tools, or let a PostgreSQL role read them", Args: cobra.NoArgs,
		Long: "Every register is a SQL view of what stands now, without secrets and without fields that only some roles may see.\n" +
			"PostgreSQL: report.<register>; a role bound by --bind sees one organisation's rows and no table.\n" +
			"SQLite: report_<organisation>_<register>; open the file, or better a copy of it, read-only.",
		RunE: func(c *cobra.Command, _ []string) error {
			if role != "" {
				return p.bindReporting(c, role)
			}
			var rows [][]string
			for _, v := range p.set().ReportViews() {
				for _, column := range v.Columns {
					rows = append(rows, []string{v.Register, column.Key, string(column.Kind)})
				}
			}
			if p.json {
				return p.printJSON(p.set().ReportViews())
			}
			return p.table([]string{"VIEW", "COLUMN", "KIND"}, rows)
		}}
	c.Flags().StringVar(&role, "bind", "", "PostgreSQL role to bind to the chosen organisation; needs --database-owner-url")
	return c
}

func (p *program) bindReporting(c *cobra.Command, role string) error {
	actor, err := p.opened(c.Context())
	if err != nil {
		return err
	}
	if err := p.store.BindReporting(c.Context(), actor.Organisation, role, actor.Name); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s reads report.* of this organisation\n", role)
	return nil
}
