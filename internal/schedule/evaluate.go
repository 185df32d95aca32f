// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"

	"sextant"
	"sextant/internal/job"
	"sextant/monitor"
)

// Evaluated is the short answer of an evaluation.
type Evaluated struct {
	Changed int `json:"changed"` // results
	Settled int `json:"settled"` // states
}

// evaluate runs the checks and settles the states. There is one at a time in an
// organisation; what comes meanwhile is looked at by the next round.
func (s *Schedule) evaluate(ctx context.Context, w *job.Work) error {
	w.Progress(0, 1, "running the checks over what was observed")
	report, err := s.way().Evaluate(ctx, w.Job.Organisation)
	if err != nil {
		return err
	}
	w.Progress(1, 1, "")
	return w.Result(Evaluated{report.Changed, report.Settled})
}

func (s *Schedule) way() *monitor.Way {
	return &monitor.Way{Kernel: s.config.Kernel, Store: s.config.Store}
}

// dueTransitions asks for an evaluation where a state changes by itself: stale,
// the end of a grace, of an exception or of a statement.
func (s *Schedule) dueTransitions(ctx context.Context, org sextant.Organisation) error {
	due, err := s.way().Due(ctx, org)
	if err != nil || due == 0 || due > s.config.Clock() {
		return err
	}
	return s.ask(ctx, org, job.Request{Kind: Evaluate})
}

// activate brings the states under the rules of this program: those act from
// now on, not backwards.
func (s *Schedule) activate(ctx context.Context) error {
	organisations, err := s.organisations(ctx)
	for _, org := range organisations {
		if _, err := s.way().Settle(ctx, org); err != nil {
			return err
		}
	}
	return err
}
