// SPDX-License-Identifier: Apache-2.0

package product

import (
	"sextant/gap"
	"sextant/soa"
)

// Proposers give what speaks for the reasons of a Statement of Applicability,
// as the packages that know the sources contribute it.
func Proposers() []soa.Proposer {
	return append(soa.Proposers(), gap.Grounds)
}
