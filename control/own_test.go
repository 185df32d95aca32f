// SPDX-License-Identifier: Apache-2.0

package control_test

import (
	"testing"

	"sextant"
	"sextant/access"
	"sextant/product/producttest"
	"sextant/register"
)

func TestAnOwnControlHasAnIDNobodyTakesForAStandards(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	create := func(reference string) error {
		return h.Kernel.Write(t.Context(), h.System(), func(tx *register.Tx) error {
			_, err := tx.Create("own_control", map[string]any{"reference": reference, "title": "T", "objective": "o", "description": "d", "owner": h.People[access.Owner]}, register.Note{})
			return err
		})
	}
	for _, reference := range []string{"A.5.1", "A.5.38", "B.8.2.1", "CLD.6.3.1", "a.5.1", "27018:A.5.1", "5.1", "ISO-1", "NQ", "own/NQ-1", "NQ 1", "NQ-1/x", "", "GDPR-32"} {
		if err := create(reference); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("%q: %v", reference, err)
		}
	}
	for _, reference := range []string{"NQ-1", "Nq.2", "SAFE-12-a", "B-1"} {
		if err := create(reference); err != nil {
			t.Errorf("%q: %v", reference, err)
		}
	}
	if err := create("NQ-1"); err == nil {
		t.Error("two own controls have one id")
	}
}

func TestAnOwnControlThatIsInPlaceIsNotRetired(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	own := h.Create(t, "own_control", map[string]any{"reference": "NQ-1", "title": "T", "objective": "o", "description": "d", "owner": h.People[access.Owner]})
	imp := h.Create(t, "implementation", map[string]any{"control": "own/NQ-1", "scope_unit": "SU-1"})
	if imp.Title() != "NQ-1 in Whole organisation" {
		t.Errorf("it is called %q", imp.Title())
	}
	retire := func(of, key string) error {
		manager := access.Actor{Organisation: h.Org, Name: "manager", Person: h.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}
		return h.Kernel.Write(t.Context(), manager, func(tx *register.Tx) error {
			_, err := tx.Transition(of, key, 0, "retire", nil, register.Note{Why: "no more"})
			return err
		})
	}
	if err := retire("own_control", own.Key); sextant.CodeOf(err) != sextant.Conflict {
		t.Errorf("retired while implemented: %v", err)
	}
	for _, e := range []register.Entry{imp, own} {
		if err := retire(e.Register.Name, e.Key); err != nil {
			t.Error(err)
		}
	}
}
