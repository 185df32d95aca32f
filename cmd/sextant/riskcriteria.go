// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sextant/evidence"
	"sextant/register"
	"sextant/risk"
)

func (p *program) criteriaCommand() *cobra.Command {
	c := &cobra.Command{Use: "criteria", Short: "What risks are measured by"}
	c.AddCommand(&cobra.Command{Use: "preview KEY", Short: "Where open risks would stand by another edition of the criteria; nothing is written", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return p.criteriaPreview(c.Context(), args[0]) }})
	c.AddCommand(p.criteriaFromCommand(), p.criteriaMatrixCommand())
	return c
}

func (p *program) criteriaPreview(ctx context.Context, key string) error {
	var preview risk.Preview
	if err := p.look(ctx, "", func(v *register.View, _ evidence.Reader) error {
		c, err := risk.CriteriaEditions.Get(v, key)
		if err == nil {
			preview, err = risk.PreviewOf(v, c.Key, c.Fields)
		}
		return err
	}); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(preview)
	}
	fmt.Fprintf(p.stdout, "%s instead of %s: %s\n\n", preview.After, preview.Before, preview.Says())
	var rows [][]string
	for _, s := range preview.Shifts {
		why := s.Gone
		if len(s.Lost) > 0 {
			why = strings.TrimSpace(why + " without " + strings.Join(s.Lost, ", "))
		}
		rows = append(rows, []string{s.Risk, s.Title, s.Before.Name, s.After.Name, strings.ReplaceAll(string(s.Change), "_", " "), why, s.Refused})
	}
	return p.table([]string{"RISK", "TITLE", "NOW", "WOULD BE", "CHANGE", "GONE", "ACCEPTANCE NO LONGER ALLOWED"}, rows)
}
