// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"log/slog"
	"slices"

	"sextant"
	"sextant/internal/job"
	"sextant/monitor"
	"sextant/notice"
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
	report, err := s.config.Way.Evaluate(ctx, w.Job.Organisation)
	if err != nil {
		return err
	}
	w.Progress(1, 1, "")
	return w.Result(Evaluated{report.Changed, report.Settled})
}

// Written derives states anew where an entry was written that decides some, and
// has the checks run again where their rules changed. For register.Config: where
// it fails the write stands, and the next evaluation makes up for it.
func (s *Schedule) Written(ctx context.Context, org sextant.Organisation, registers []string) {
	ctx = context.WithoutCancel(ctx)
	var err error
	if monitor.Written(registers) {
		_, err = s.config.Way.Settle(ctx, org)
	}
	if err == nil && monitor.Ruled(registers) {
		err = s.ask(ctx, org, job.Request{Kind: Evaluate, Again: true})
	}
	if err == nil && slices.Contains(registers, notice.Notices.Name) {
		err = s.dueMail(ctx, org)
	}
	if err != nil {
		slog.Error("states are not derived anew after a write", "organisation", org, "error", err)
	}
}

// dueTransitions asks for an evaluation where a state changes by itself: stale,
// the end of a grace, of an exception or of a statement.
func (s *Schedule) dueTransitions(ctx context.Context, org sextant.Organisation) error {
	due, err := s.config.Way.Due(ctx, org)
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
		if _, err := s.config.Way.Settle(ctx, org); err != nil {
			return err
		}
	}
	return err
}
