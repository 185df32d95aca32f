// SPDX-License-Identifier: Apache-2.0

// Package demo makes a fictional company with a history: Northquay, sixty
// people who move parcels, a year into their management system. Everything goes
// through the real kernel, accounts, recorder, checks and evaluation under a
// clock that runs through that year, so the demo obeys every rule the product
// has and its log verifies like any other.
//
// It is the same company for everybody who looks: people trying Sextant, page
// authors, pictures and browser tests. It is no fixture for unit tests and it
// opens no store itself.
package demo

import (
	"context"

	"sextant/access"
	"sextant/demo/cloud"
	"sextant/evidence"
	"sextant/register"
)

// Organisation is the name of the company.
const Organisation = "Northquay"

// Password of every account of the demo. It guards nothing: the company does
// not exist.
const Password = "harbour lights at dusk"

// Login is an account to sign in with.
type Login struct{ Role, Email, Name, Is string }

// Logins are the accounts for looking around, for tests and for pictures. All
// have Password.
func Logins() []Login {
	return []Login{
		{"manager", "mara.lindqvist@northquay.example", "Mara Lindqvist", "ISMS manager"},
		{"owner", "priya.raman@northquay.example", "Priya Raman", "owner of the controls of the platform"},
		{"auditor", "ingrid.solberg@nordcert.example", "Ingrid Solberg", "external auditor, reads everything"},
		{"reader", "noor.haddad@northquay.example", "Noor Haddad", "reads what is not restricted"},
		{"admin", "tomas.oliveira@northquay.example", "Tomás Oliveira", "administrator: accounts and settings"},
	}
}

// Parts are what the story is told with. Store and Kernel must have been opened
// with the Clock.
type Parts struct {
	World    *cloud.World // the synthetic AWS; its present is that of the story
	Store    evidence.Store
	Kernel   *register.Kernel
	Accounts *access.Accounts
	Clock    *Clock
	Report   func(done, total int) // may be nil
}

// Fill tells the whole story into an installation that holds no organisation
// yet; checking that is the caller's. Equal presents give equal companies, but
// for what is drawn at random by design: log names, password salts and tokens.
// When it returns, the clock follows the machine's again.
func Fill(ctx context.Context, parts Parts) error {
	defer parts.Clock.Release()
	s := &story{Parts: parts, ctx: ctx, present: parts.World.Present, people: map[string]person{}, units: map[string]string{}, keys: map[string]string{}}
	for _, chapter := range []func() error{s.company, s.controls, s.versions, s.documents, s.legal, s.belongings, s.dependencies, s.risks, s.work, s.gaps, s.collecting} {
		if err := chapter(); err != nil {
			return err
		}
	}
	return s.tell()
}
