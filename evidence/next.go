// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"time"

	"sextant"
	"sextant/register"
)

// shortest is how often a source is collected at most, whatever its schedule.
const shortest = 5 * time.Minute

// NextRun is when a source with a schedule is collected again by itself, after
// it was tried last at a moment; 0 where it never was: at once.
func NextRun(schedule string, last sextant.Instant) sextant.Instant {
	if last == 0 {
		return 0
	}
	return max(sextant.InstantOf(register.AddPeriod(last.Time(), schedule)), last.Add(shortest))
}
