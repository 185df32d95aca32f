// SPDX-License-Identifier: Apache-2.0

package monarc

// Likelihood gives the level of a pair of rates.
func Likelihood(s Scales, threat, vulnerability int) int { return s.likelihood(threat, vulnerability) }
