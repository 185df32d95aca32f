// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"

	"sextant"
)

// Store keeps jobs, each organisation apart. Every method is one transaction,
// durable on return. What is not there is NotFound; a token that is not the
// latest is Conflict.
type Store interface {
	// PutJob writes new work down. Where the same kind and subject is open, or
	// the idempotency key is known, it gives that job and made is false.
	PutJob(ctx context.Context, j Job) (kept Job, made bool, err error)
	Job(ctx context.Context, org sextant.Organisation, id int64) (Job, error)
	// Jobs lists the newest first.
	Jobs(ctx context.Context, org sextant.Organisation, f Filter) ([]Job, error)
	// ClaimJob gives the oldest work that is due at now, or whose runner has been
	// silent past its lease, to the caller alone; found is false where there is
	// none. Only the named kinds are given.
	ClaimJob(ctx context.Context, org sextant.Organisation, kinds []string, now, lease sextant.Instant) (j Job, found bool, err error)
	// BeatJob extends a claim, keeps its progress, and tells whether the job is
	// being cancelled.
	BeatJob(ctx context.Context, f Fence, p Progress, lease sextant.Instant) (cancelling bool, err error)
	// CancelsJob is BeatJob without a write.
	CancelsJob(ctx context.Context, f Fence) (cancelling bool, err error)
	// EndJob gives a claim back: state, progress, result, error, run_at and
	// attempt of j are kept.
	EndJob(ctx context.Context, j Job, now sextant.Instant) error
	// CancelJob ends waiting work and marks running work; ended work is Conflict.
	CancelJob(ctx context.Context, org sextant.Organisation, id int64, now sextant.Instant) (Job, error)
	// RemoveJobs forgets work that ended before a moment.
	RemoveJobs(ctx context.Context, org sextant.Organisation, before sextant.Instant) (int, error)
}
