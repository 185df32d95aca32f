// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"context"
	"slices"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// followAtOnce is how many risks are written in one transaction: others who
// write wait for no longer than 200 ms.
const followAtOnce = 25

// FollowStates brings the open risks of an organisation up to what evidence and
// clock make of them, and ends acceptances that are over or broken. It reads
// first and writes only risks that moved. Called after states were settled; safe
// to call again after a failure.
func FollowStates(ctx context.Context, kernel *register.Kernel, org sextant.Organisation) error {
	actor := access.SystemActor(org, "risk")
	var behind []string
	if err := kernel.Read(ctx, actor, 0, func(v *register.View) (err error) {
		behind, err = Behind(v)
		return err
	}); err != nil {
		return err
	}
	for some := range slices.Chunk(behind, followAtOnce) {
		if err := kernel.Write(ctx, actor, func(tx *register.Tx) error {
			return refresh(tx, "follows the evidence", some...)
		}); err != nil {
			return err
		}
	}
	return nil
}

// Behind gives the open risks of which something else is kept than follows from
// what is recorded. Right after FollowStates there is none.
func Behind(v *register.View) (keys []string, err error) {
	risks, err := all[Risk](v, riskName, isOpen)
	if err != nil || len(risks) == 0 {
		return nil, err
	}
	w, err := readWorld(v)
	if err != nil {
		return nil, err
	}
	for _, r := range risks {
		s, err := w.of(r)
		if err != nil {
			return nil, err
		}
		if s.breaks != "" || s.comes != "" || s.state != r.State || len(s.patch(r)) > 0 || len(w.orphaned(r)) > 0 {
			keys = append(keys, r.Key)
		}
	}
	return keys, nil
}
