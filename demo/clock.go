// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"sync/atomic"

	"sextant"
)

// Clock is set by the story and follows the machine's clock once released. Its
// zero value follows the machine's. It is safe for concurrent use.
type Clock struct{ at atomic.Int64 }

// Now is a sextant.Clock.
func (c *Clock) Now() sextant.Instant {
	if at := sextant.Instant(c.at.Load()); at != 0 {
		return at
	}
	return sextant.SystemClock()
}

func (c *Clock) set(at sextant.Instant) { c.at.Store(int64(at)) }

// Release lets the clock follow the machine's.
func (c *Clock) Release() { c.at.Store(0) }
