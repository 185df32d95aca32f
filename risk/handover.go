// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"

	"sextant/register"
)

// handOver has whatever waits for the signature of a risk's owner wait for who
// owns it now, in the write that gave it to another.
func handOver(tx *register.Tx, written register.Entry) error {
	if written.Version < 2 {
		return nil
	}
	before, err := tx.Version(riskName, written.Key, written.Version-1)
	if err != nil || before.Owner() == written.Owner() {
		return err
	}
	if err := handOverPlans(tx, written); err != nil {
		return err
	}
	asked, err := tx.Select(acceptanceName, register.Filter{Field: "risk", Op: register.Is, Values: []string{written.Key}}, inState(Requested))
	for _, a := range asked {
		if _, err := tx.Program().Edit(acceptanceName, a.Key, 0, map[string]any{"accepted_by": written.Doc["owner"]}, otherOwner(written)); err != nil {
			return err
		}
	}
	return err
}

// handOverPlans: what was signed by who owned the risk counts no longer, and who
// takes it over signs again, for this one, where they signed for others.
func handOverPlans(tx *register.Tx, written register.Entry) error {
	plans, err := all[Treatment](tx, treatmentName, inState(Proposed), register.Filter{Field: "risks", Op: register.Is, Values: []string{written.Key}})
	for _, t := range plans {
		owners := ownersOf(tx, t.Fields.Risks)
		signed := slices.DeleteFunc(slices.Clone(t.Fields.SignedBy), func(person string) bool {
			return person == written.Owner() || !slices.Contains(owners, person)
		})
		e, err := tx.Program().Edit(treatmentName, t.Key, 0, map[string]any{"risk_owners": asAny(owners), "signed_by": asAny(signed)}, otherOwner(written))
		if err != nil {
			return err
		}
		if err := askToSign(tx, e, written.Owner()); err != nil {
			return err
		}
	}
	return err
}

func otherOwner(of register.Entry) register.Note {
	return register.Note{Why: of.Key + " has another risk owner"}
}
