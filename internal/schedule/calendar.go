// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"

	"sextant"
	"sextant/access"
	"sextant/internal/job"
	"sextant/register"
)

// Moved is the short answer of what the calendar moved.
type Moved struct {
	Moved   int `json:"moved"`
	Refused int `json:"refused"`
}

// dueMoves asks for the moves whose day has come. What was refused is tried
// again every hour: somebody may have put right what stood in its way.
func (s *Schedule) dueMoves(ctx context.Context, org sextant.Organisation) error {
	due, err := s.listDueMoves(ctx, org)
	if err != nil || len(due) == 0 {
		return err
	}
	these := fnv.New64a()
	for _, m := range due {
		fmt.Fprintf(these, "%s/%s/%d/%s ", m.Entry.Register.Name, m.Entry.Key, m.Entry.Version, m.Name)
	}
	return s.ask(ctx, org, job.Request{Kind: Calendar, Once: fmt.Sprintf("calendar/%s/%x", s.config.Clock().Time().Format("2006-01-02T15"), these.Sum64())})
}

func (s *Schedule) listDueMoves(ctx context.Context, org sextant.Organisation) (due []register.DueMove, err error) {
	err = s.config.Kernel.Read(ctx, access.SystemActor(org, Calendar), 0, func(v *register.View) (err error) {
		due, err = v.DueMoves()
		return err
	})
	return due, err
}

// calendar makes the moves whose day has come, each by itself: one that is
// refused holds up no other.
func (s *Schedule) calendar(ctx context.Context, w *job.Work) error {
	org := w.Job.Organisation
	due, err := s.listDueMoves(ctx, org)
	if err != nil {
		return err
	}
	var done Moved
	var refusals []error
	for i, m := range due {
		w.Progress(int64(i), int64(len(due)), m.Entry.Title())
		err := s.config.Kernel.Write(ctx, access.SystemActor(org, Calendar), func(tx *register.Tx) error { return tx.MakeDue(m) })
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			done.Refused++
			refusals = append(refusals, fmt.Errorf("%s cannot be moved on %s: %w", m.Entry.Key, m.Day, err))
		default:
			done.Moved++
		}
	}
	if err := errors.Join(refusals...); err != nil {
		return err
	}
	return w.Result(done)
}
