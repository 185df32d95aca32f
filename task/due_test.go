// SPDX-License-Identifier: Apache-2.0

package task_test

import (
	"testing"
	"time"

	"sextant"
	"sextant/task"
)

func TestATaskIsDueByItsPriority(t *testing.T) {
	now := sextant.InstantOf(time.Date(2026, 11, 19, 23, 0, 0, 0, time.UTC))
	for priority, want := range map[string]string{"critical": "2026-11-21", "high": "2026-11-26", "medium": "2026-12-19", "low": "2027-02-17", "": "2026-12-19"} {
		if got := task.DueFor(priority, now); got != want {
			t.Errorf("%q is due on %s, want %s", priority, got, want)
		}
	}
}
