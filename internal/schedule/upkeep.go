// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"fmt"
	"time"

	"sextant"
	"sextant/internal/job"
)

// day is how long a checkpoint is new enough.
const day = 24 * time.Hour

// ended work is forgotten after this.
const rememberJobs = 30 * day

// dueCheckpoint asks for a checkpoint where the log grew and the last one is a
// day old.
func (s *Schedule) dueCheckpoint(ctx context.Context, org sextant.Organisation) error {
	tree, pending, err := s.config.Store.Tree(ctx, org)
	if err != nil || tree.Size+pending == 0 {
		return err
	}
	size, at, err := s.config.Store.LastCheckpoint(ctx, org)
	now := s.config.Clock()
	if err != nil || size >= tree.Size+pending || (at != 0 && now < at.Add(day)) {
		return err
	}
	return s.ask(ctx, org, job.Request{Kind: Checkpoint, Once: fmt.Sprintf("checkpoint/%d/%s", size, now.Time().Format(time.DateOnly))})
}

func (s *Schedule) checkpoint(ctx context.Context, w *job.Work) error {
	w.Progress(0, 1, "signing the log")
	_, err := s.config.Prover.Checkpoint(ctx, w.Job.Organisation)
	return err
}

// tidy keeps the tables in shape, once a day in each process.
func (s *Schedule) tidy(ctx context.Context, organisations []sextant.Organisation) error {
	if time.Since(s.tidied) < day {
		return nil
	}
	s.tidied = time.Now()
	for _, org := range organisations {
		if _, err := s.queue.Forget(ctx, org, s.config.Clock().Add(-rememberJobs)); err != nil {
			return err
		}
	}
	return s.config.Store.Optimise(ctx)
}
