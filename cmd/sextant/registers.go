// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
	"sextant/asset"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/organisation"
	"sextant/register"
	"sextant/soa"
	"sextant/task"
)

// registers is every register of the product, in the order people meet them.
func registers() *register.Set {
	return register.NewSet(content(),
		control.Implementations.Definition,
		soa.Rows.Definition,
		control.PlanLines.Definition,
		control.Attestations.Definition,
		control.Exceptions.Definition,
		evidence.Sources.Definition,
		evidence.ExpectedSources.Definition,
		asset.Assets.Definition,
		task.Tasks.Definition,
		organisation.Persons.Definition,
		organisation.ScopeUnits.Definition,
		organisation.ManagementSystems.Definition,
		organisation.Organisations.Definition,
	)
}

// content is what references point at that is no register.
func content() map[string]register.Content {
	return map[string]register.Content{"control": controlTitles{}, "check": checkTitles{}}
}

// controlTitles names the controls of ISO/IEC 27002 by their reference.
type controlTitles struct{}

func (controlTitles) Title(reference string) (string, bool) {
	c, ok := framework.ControlByID(reference)
	return c.ID + " " + c.Title, ok && strings.HasPrefix(reference, framework.ControlPrefix)
}

// functions resolves actors that are no account's role.
func functions() map[string]register.Function {
	return map[string]register.Function{"top_management": organisation.TopManagement}
}

// newOrganisation makes an organisation with its own entry, the person of its
// first account and one unit that covers everything.
func (p *program) newOrganisation(ctx context.Context, name, person, email string) (sextant.Organisation, string, error) {
	made, err := p.store.CreateOrganisation(ctx, name)
	if err != nil {
		return 0, "", err
	}
	key := ""
	err = p.kernel.Write(ctx, access.SystemActor(made.Number, "set-up"), func(tx *register.Tx) error {
		first, err := organisation.Persons.Create(tx, organisation.Person{Name: person, Email: email, Kind: "employee"}, register.Note{})
		if err != nil {
			return err
		}
		key = first.Key
		if _, err := organisation.Organisations.Create(tx, organisation.Organisation{LegalName: name, TimeZone: "UTC", TopManagement: []string{key}, ISMSManager: key}, register.Note{}); err != nil {
			return err
		}
		_, err = organisation.ScopeUnits.Create(tx, organisation.ScopeUnit{Title: "Whole organisation", Kind: "entity", Owner: key, IsInScope: true}, register.Note{})
		return err
	})
	return made.Number, key, err
}

func (p *program) registersCommand() *cobra.Command {
	return &cobra.Command{Use: "registers", Short: "List the registers with their fields", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		var rows [][]string
		for _, def := range registers().All() {
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
