// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"

	"sextant"
	"sextant/check"
	"sextant/internal/job"
	"sextant/monitor"
)

// Evaluated is the short answer of an evaluation.
type Evaluated struct {
	Changed int `json:"changed"` // results
}

// evaluate runs the checks and settles the states. There is one at a time in an
// organisation; what comes meanwhile is looked at by the next round.
func (s *Schedule) evaluate(ctx context.Context, w *job.Work) error {
	w.Progress(0, 1, "running the checks over what was observed")
	changed, err := monitor.Evaluate(ctx, s.config.Store, w.Job.Organisation, check.Library(), s.config.Clock())
	if err != nil {
		return err
	}
	w.Progress(1, 1, "")
	return w.Result(Evaluated{changed})
}

// dueTransitions asks for an evaluation where a state changes by itself: stale,
// the end of a grace, of an exception or of a statement.
func (s *Schedule) dueTransitions(ctx context.Context, org sextant.Organisation) error {
	return nil
}
