// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"context"
	"slices"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/evidence"
	"sextant/register"
)

// Way is what the way from observations to states needs. It is safe for
// concurrent use; two evaluations of one organisation at a time are refused
// with Conflict, and nothing of the later one's unfinished chunk remains.
type Way struct {
	Kernel *register.Kernel
	Store  evidence.Store
	// Own gives the organisation's own checks that are in force; nil for none.
	Own func(register.Reader) ([]*check.Compiled, error)
	// Then brings up to date what follows from states, each time they were
	// settled; nil for nothing.
	Then func(ctx context.Context, kernel *register.Kernel, org sextant.Organisation) error
}

// actor is who derives: the program itself.
func actor(org sextant.Organisation) access.Actor { return access.SystemActor(org, "monitor") }

// Checks gives the checks in force in an organisation: those of the library and
// its own, its settings applied.
func (w *Way) Checks(v register.Reader) ([]*check.Compiled, error) {
	var own []*check.Compiled
	if w.Own != nil {
		var err error
		if own, err = w.Own(v); err != nil {
			return nil, err
		}
	}
	return check.InForce(v, own...)
}

// Evaluate brings results and outcomes up to the newest observations by the
// checks in force, and then the states (Settle). Safe to call again after a
// failure: it goes on where it stopped.
func (w *Way) Evaluate(ctx context.Context, org sextant.Organisation) (Report, error) {
	var checks []*check.Compiled
	if err := w.Kernel.Read(ctx, actor(org), 0, func(v *register.View) (err error) {
		checks, err = w.Checks(v)
		return err
	}); err != nil {
		return Report{}, err
	}
	report, err := Evaluate(ctx, w.Store, org, checks, w.Kernel.Now())
	if err != nil {
		return report, err
	}
	report.Settled, err = w.Settle(ctx, org)
	return report, err
}

// inputs are the registers whose entries states are derived from.
var inputs = map[string]bool{"implementation": true, "plan_line": true, "attestation": true, "exception": true, "expected_source": true, "source": true, "scope_unit": true, "check_setting": true, "custom_check": true,
	"organisation": true, "management_system": true, "own_control": true}

// Written says whether entries of any of the registers decide states, so that
// they have to be derived anew (Settle).
func Written(registers []string) bool {
	for _, name := range registers {
		if inputs[name] {
			return true
		}
	}
	return false
}

// Ruled says whether entries of any of the registers change what checks say, so
// that they have to run again (Evaluate).
func Ruled(registers []string) bool {
	return slices.Contains(registers, "check_setting") || slices.Contains(registers, "custom_check")
}
