// SPDX-License-Identifier: Apache-2.0

// Package product is the program's set of registers, and how an organisation
// begins. Commands and tests of the whole take both from here. It holds no rule
// of its own and starts nothing.
package product

import (
	"context"

	"sextant"
	"sextant/access"
	"sextant/asset"
	"sextant/check"
	"sextant/connector"
	"sextant/connector/aws"
	"sextant/control"
	"sextant/crosswalk"
	"sextant/document"
	"sextant/evidence"
	"sextant/gap"
	"sextant/interchange/controlled"
	"sextant/interchange/gapreport"
	"sextant/interchange/riskreport"
	"sextant/interchange/statement"
	"sextant/internal/store"
	"sextant/library"
	"sextant/lint"
	"sextant/migration"
	"sextant/monitor"
	"sextant/monitor/custom"
	"sextant/notice"
	"sextant/obligation"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
	"sextant/soa"
	"sextant/supplier"
	"sextant/task"
)

// Registers is every register of the product, in the order people meet them.
func Registers() *register.Set {
	return register.NewSet(content(),
		control.Implementations.Definition,
		soa.Rows.Definition,
		soa.Editions.Definition,
		soa.DeclinedReasons.Definition,
		migration.Proposals.Definition,
		control.PlanLines.Definition,
		control.OwnControls.Definition,
		control.Attestations.Definition,
		control.Exceptions.Definition,
		control.Standards.Definition,
		control.Deviations.Definition,
		control.OwnAttributes.Definition,
		document.Documents.Definition,
		document.Versions.Definition,
		document.Reviews.Definition,
		lint.Settings.Definition,
		check.Settings.Definition,
		custom.Checks.Definition,
		evidence.Sources.Definition,
		evidence.ExpectedSources.Definition,
		obligation.Obligations.Definition,
		obligation.Contracts.Definition,
		library.Libraries.Definition,
		asset.Assets.Definition,
		asset.Dependencies.Definition,
		risk.Risks.Definition,
		risk.Evaluations.Definition,
		risk.Treatments.Definition,
		risk.Acceptances.Definition,
		risk.Assessments.Definition,
		risk.CriteriaEditions.Definition,
		risk.Opportunities.Definition,
		risk.Scenarios.Definition,
		risk.Threats.Definition,
		risk.Vulnerabilities.Definition,
		risk.Declines.Definition,
		gap.Campaigns.Definition,
		gap.Answers.Definition,
		supplier.CloudServices.Definition,
		supplier.Responsibilities.Definition,
		task.Tasks.Definition,
		notice.Notices.Definition,
		organisation.Persons.Definition,
		organisation.ScopeUnits.Definition,
		organisation.ManagementSystems.Definition,
		organisation.CertificationBodies.Definition,
		organisation.Certificates.Definition,
		organisation.LegalHolds.Definition,
		organisation.Organisations.Definition,
	)
}

// Way is the way from observations to states, with the organisation's own checks
// beside the library, and on to the risks that follow from states.
func Way(kernel *register.Kernel, store evidence.Store) *monitor.Way {
	return &monitor.Way{Kernel: kernel, Store: store, Own: custom.InForce, Then: risk.FollowStates}
}

// Frameworks is every framework there is, and the mappings between them.
func Frameworks() crosswalk.Board {
	return crosswalk.Board{Standing: soa.Standing, Sources: []crosswalk.Source{crosswalk.Imported{}}}
}

// Functions resolves actors that are no account's role.
func Functions() map[string]register.Function {
	return map[string]register.Function{"top_management": organisation.TopManagement}
}

// Renderers write the files that are kept with a frozen version, by register.
func Renderers() map[string]register.Renderer {
	return map[string]register.Renderer{
		document.Versions.Name: controlled.Render,
		gap.Campaigns.Name:     gapreport.Render,
		risk.Assessments.Name:  riskreport.Render,
		soa.Editions.Name:      statement.Render,
	}
}

// Follows is what follows from writes of the kernel's own registers.
func Follows() map[string]func(*register.Tx, register.Entry) error {
	return map[string]func(*register.Tx, register.Entry) error{register.Comments.Name: notice.Mention}
}

// Types is what the connectors observe, for completion in the check editor.
func Types() []connector.Type { return aws.Types() }

// Store makes organisations.
type Store interface {
	Found(ctx context.Context, f access.Founding, begin func(sextant.Organisation, register.WriteTx) (person string, err error)) (store.Organisation, error)
}

// Found makes an organisation with its own entry, its first person and one unit
// that covers everything; nobody can sign in to it yet. It gives the key of the
// person.
func Found(ctx context.Context, s Store, kernel *register.Kernel, name, person, email string) (sextant.Organisation, string, error) {
	return Begin(ctx, s, kernel, access.Founding{Organisation: name, Person: person, Email: email})
}

// Begin is Found with the first member, all in one transaction.
func Begin(ctx context.Context, s Store, kernel *register.Kernel, f access.Founding) (org sextant.Organisation, person string, err error) {
	tell := func() {}
	made, err := s.Found(ctx, f, func(org sextant.Organisation, w register.WriteTx) (string, error) {
		tell, err = kernel.WriteIn(ctx, access.SystemActor(org, "set-up"), w, func(tx *register.Tx) (err error) {
			person, err = found(tx, f.Organisation, f.Person, f.Email)
			return err
		})
		return person, err
	})
	if err != nil {
		return 0, "", err
	}
	tell()
	return made.Number, person, nil
}

func found(tx *register.Tx, name, person, email string) (string, error) {
	first, err := organisation.Persons.Create(tx, organisation.Person{Name: person, Email: email, Kind: "employee"}, register.Note{})
	if err != nil {
		return "", err
	}
	if _, err := organisation.Organisations.Create(tx, organisation.Organisation{LegalName: name, TimeZone: "UTC", TopManagement: []string{first.Key}, ISMSManager: first.Key}, register.Note{}); err != nil {
		return "", err
	}
	_, err = organisation.ScopeUnits.Create(tx, organisation.ScopeUnit{Title: "Whole organisation", Kind: "entity", Owner: first.Key, IsInScope: true}, register.Note{})
	return first.Key, err
}
