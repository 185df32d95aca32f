// SPDX-License-Identifier: Apache-2.0

package task

import (
	"time"

	"sextant"
)

// within is how many days somebody has by default, by priority. It is a start
// for whoever makes the task, no rule.
var within = map[string]int{"critical": 2, "high": 7, "medium": 30, "low": 90}

// DueFor gives the date a task of a priority is due by default, counted from a
// moment. An unknown priority is taken as medium.
func DueFor(priority string, now sextant.Instant) string {
	days, known := within[priority]
	if !known {
		days = within["medium"]
	}
	return now.Time().AddDate(0, 0, days).Format(time.DateOnly)
}
