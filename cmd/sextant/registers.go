// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
	"sextant/product"
)

func (p *program) newOrganisation(ctx context.Context, name, person, email string) (sextant.Organisation, string, error) {
	return p.begin(ctx, access.Founding{Organisation: name, Person: person, Email: email})
}

// found makes an organisation with its first member.
func (p *program) found(ctx context.Context, f access.Founding) (sextant.Organisation, error) {
	org, _, err := p.begin(ctx, f)
	return org, err
}

// begin makes an organisation, and the key of its log: whoever starts later with
// another master key is told so.
func (p *program) begin(ctx context.Context, f access.Founding) (sextant.Organisation, string, error) {
	org, person, err := product.Begin(ctx, p.store, p.kernel, f)
	if err == nil {
		_, err = p.prover.Key(ctx, org)
	}
	return org, person, err
}

func (p *program) registersCommand() *cobra.Command {
	return &cobra.Command{Use: "registers", Short: "List the registers with their fields", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		var rows [][]string
		for _, def := range p.set().All() {
			for _, f := range def.Fields {
				need := ""
				if f.Required {
					need = "needed"
				}
				rows = append(rows, []string{def.Name, f.Key, string(f.Kind), need, f.Label})
			}
		}
		if p.json {
			return p.printJSON(rows)
		}
		return p.table([]string{"REGISTER", "FIELD", "KIND", "", "LABEL"}, rows)
	}}
}
