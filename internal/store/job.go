// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"sextant"
	"sextant/internal/job"
)

var _ job.Store = (*Store)(nil)

// jobChange counts what happened to jobs, so that a page can be told. Jobs are
// not in the journal.
const jobChange = "#job-change"

// jobs runs fn in a writing transaction that does not hold the organisation's
// write lock: progress must not wait for an import.
func (s *Store) jobs(ctx context.Context, org sextant.Organisation, fn func(*transaction) error) error {
	err := s.within(ctx, s.writer, nil, org, func(t *transaction) error {
		if err := fn(t); err != nil {
			return err
		}
		_, err := t.NextKey(jobChange)
		return err
	})
	if err == nil {
		s.moved(org)
	}
	return err
}

const jobColumns = `id, kind, subject, once, state, done, total, sentence, attempt, token, lease, cancelling, again, run_at, created, started, finished, started_by, error, hint, arguments, result`

func scanJob(org sextant.Organisation, scan func(...any) error) (j job.Job, err error) {
	var cancelling, again int
	var arguments, result string
	err = scan(&j.ID, &j.Kind, &j.Subject, &j.Once, &j.State, &j.Progress.Done, &j.Progress.Total, &j.Progress.Sentence, &j.Attempt, &j.Token, &j.Lease, &cancelling, &again,
		&j.RunAt, &j.Created, &j.Started, &j.Finished, &j.By, &j.Error, &j.Hint, &arguments, &result)
	j.Organisation, j.Cancelling, j.Again = org, cancelling != 0, again != 0
	if arguments != "" {
		j.Arguments = json.RawMessage(arguments)
	}
	if result != "" {
		j.Result = json.RawMessage(result)
	}
	return j, err
}

// selectJobs reads jobs; the condition begins with AND, its parameters with $2.
func (t *transaction) selectJobs(condition string, args ...any) (list []job.Job, err error) {
	rows, err := t.query(`SELECT `+jobColumns+` FROM job WHERE org=$1`+condition, args...)
	err = each(rows, err, func() error {
		j, err := scanJob(t.org, rows.Scan)
		list = append(list, j)
		return err
	})
	return list, err
}

func (t *transaction) job(id int64) (job.Job, error) {
	list, err := t.selectJobs(` AND id=$2`, id)
	if err == nil && len(list) == 0 {
		err = sextant.Errorf(sextant.NotFound, "there is no job %d", id)
	}
	if err != nil {
		return job.Job{}, err
	}
	return list[0], nil
}

// PutJob implements job.Store.
func (s *Store) PutJob(ctx context.Context, j job.Job) (kept job.Job, made bool, err error) {
	err = s.jobs(ctx, j.Organisation, func(t *transaction) error {
		id, err := t.NextKey("#job")
		if err != nil {
			return err
		}
		if made, err = t.execOne(`INSERT INTO job (org, `+jobColumns+`) VALUES ($1,$2,$3,$4,$5,$6,0,0,'',0,0,0,0,0,$7,$8,0,0,$9,'','',$10,'') ON CONFLICT DO NOTHING`,
			id, j.Kind, j.Subject, j.Once, string(job.Waiting), int64(j.RunAt), int64(j.Created), j.By, string(j.Arguments)); err != nil {
			return err
		}
		if made {
			kept, err = t.job(int64(id))
			return err
		}
		if kept, err = t.openJob(j); err == nil && j.Again && kept.State == job.Running {
			err = t.again(kept)
		}
		return err
	})
	if sextant.CodeOf(err) == sextant.NotFound { // it ended between the two looks
		return s.PutJob(ctx, j)
	}
	return kept, made, err
}

// openJob gives the job that kept another from being made.
func (t *transaction) openJob(j job.Job) (job.Job, error) {
	list, err := t.selectJobs(` AND once=$2 AND once<>'' LIMIT 1`, j.Once)
	if err == nil && len(list) == 0 {
		list, err = t.selectJobs(` AND kind=$2 AND subject=$3 AND state IN ('waiting','running') LIMIT 1`, j.Kind, j.Subject)
	}
	if err == nil && len(list) == 0 {
		err = sextant.Errorf(sextant.NotFound, "%s has just ended", j.Kind)
	}
	if err != nil {
		return job.Job{}, err
	}
	return list[0], nil
}

// again has running work done once more when it ends.
func (t *transaction) again(j job.Job) error {
	ok, err := t.execOne(`UPDATE job SET again=1 WHERE org=$1 AND id=$2 AND state='running'`, j.ID)
	if err == nil && !ok {
		err = sextant.Errorf(sextant.NotFound, "%s has just ended", j.Kind)
	}
	return err
}

// Job implements job.Store.
func (s *Store) Job(ctx context.Context, org sextant.Organisation, id int64) (j job.Job, err error) {
	err = s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		j, err = t.job(id)
		return err
	})
	return j, err
}

// Jobs implements job.Store.
func (s *Store) Jobs(ctx context.Context, org sextant.Organisation, f job.Filter) (list []job.Job, err error) {
	condition, args := "", []any{}
	bind := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args)+1)
	}
	if f.Kind != "" {
		condition += " AND kind=" + bind(f.Kind)
	}
	if f.Subject != "" {
		condition += " AND subject=" + bind(f.Subject)
	}
	if len(f.States) > 0 {
		condition += " AND state IN (" + marks(f.States, bind) + ")"
	}
	err = s.within(ctx, s.readers, nil, org, func(t *transaction) error {
		list, err = t.selectJobs(condition+" ORDER BY id DESC LIMIT "+bind(cmp.Or(f.Limit, 100)), args...)
		return err
	})
	return list, err
}

func marks[T ~string](values []T, bind func(any) string) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = bind(string(v))
	}
	return strings.Join(list, ",")
}

// ClaimJob implements job.Store. It looks with a reader first, so that idle
// replicas write nothing.
func (s *Store) ClaimJob(ctx context.Context, org sextant.Organisation, kinds []string, now, lease sextant.Instant) (j job.Job, found bool, err error) {
	args := []any{int64(now), int64(now)}
	bind := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args)+1)
	}
	due := ` AND ((state='waiting' AND run_at<=$2) OR (state='running' AND lease<=$3)) AND kind IN (` + marks(kinds, bind) + `) ORDER BY run_at, id LIMIT 1`
	var list []job.Job
	look := func(suffix string) func(*transaction) error {
		return func(t *transaction) (err error) {
			list, err = t.selectJobs(due+suffix, args...)
			return err
		}
	}
	if err = s.within(ctx, s.readers, nil, org, look("")); err != nil || len(list) == 0 {
		return j, false, err
	}
	err = s.jobs(ctx, org, func(t *transaction) error {
		suffix := ""
		if t.dialect.isPostgres() {
			suffix = " FOR UPDATE SKIP LOCKED"
		}
		if err := look(suffix)(t); err != nil || len(list) == 0 {
			return err
		}
		found = true
		if err := t.exec(`UPDATE job SET state='running', attempt=attempt+1, token=token+1, lease=$2, started=$3 WHERE org=$1 AND id=$4`, int64(lease), int64(now), list[0].ID); err != nil {
			return err
		}
		j, err = t.job(list[0].ID)
		return err
	})
	return j, found && err == nil, err
}

// stale is told to a runner whose claim is not the latest.
func stale(f job.Fence) error {
	return sextant.Errorf(sextant.Conflict, "job %d was taken over by another runner, or ended", f.ID)
}

// BeatJob implements job.Store.
func (s *Store) BeatJob(ctx context.Context, f job.Fence, p job.Progress, lease sextant.Instant) (cancelling bool, err error) {
	err = s.jobs(ctx, f.Organisation, func(t *transaction) error {
		ok, err := t.execOne(`UPDATE job SET done=$2, total=$3, sentence=$4, lease=$5 WHERE org=$1 AND id=$6 AND token=$7 AND state='running'`,
			p.Done, p.Total, p.Sentence, int64(lease), f.ID, f.Token)
		if err == nil && !ok {
			err = stale(f)
		}
		if err != nil {
			return err
		}
		cancelling, err = t.held(f, "")
		return err
	})
	return cancelling, err
}

// CancelsJob implements job.Store.
func (s *Store) CancelsJob(ctx context.Context, f job.Fence) (cancelling bool, err error) {
	err = s.within(ctx, s.readers, nil, f.Organisation, func(t *transaction) error {
		cancelling, err = t.held(f, "")
		return err
	})
	return cancelling, err
}

// held makes sure that a claim is the latest.
func (t *transaction) held(f job.Fence, suffix string) (cancelling bool, err error) {
	var n int
	found, err := t.scan(`SELECT cancelling FROM job WHERE org=$1 AND id=$2 AND token=$3 AND state='running'`+suffix, []any{f.ID, f.Token}, &n)
	if err == nil && (!found || f.Organisation != t.org) {
		err = stale(f)
	}
	return n != 0, err
}

// fenced refuses a write for a job that another runner has taken over. On
// PostgreSQL the row is kept as it is until the write commits, so that no claim
// comes in between.
func (t *transaction) fenced() error {
	f, bound := job.FenceOf(t.ctx)
	if !bound {
		return nil
	}
	suffix := ""
	if t.dialect.isPostgres() {
		suffix = " FOR KEY SHARE"
	}
	_, err := t.held(f, suffix)
	return err
}

// EndJob implements job.Store.
func (s *Store) EndJob(ctx context.Context, j job.Job, now sextant.Instant) error {
	return s.jobs(ctx, j.Organisation, func(t *transaction) error {
		// Whoever asks for it once more waits for the row, and then finds it ended.
		lock := ""
		if t.dialect.isPostgres() {
			lock = " FOR UPDATE"
		}
		var again int
		if _, err := t.scan(`SELECT again FROM job WHERE org=$1 AND id=$2`+lock, []any{j.ID}, &again); err != nil {
			return err
		}
		if again != 0 && j.State != job.Cancelled {
			j.State, j.Attempt, j.RunAt = job.Waiting, 0, now
		}
		finished := now
		if j.State.Open() {
			finished = 0
		}
		ok, err := t.execOne(`UPDATE job SET state=$2, done=$3, total=$4, sentence=$5, attempt=$6, run_at=$7, finished=$8, error=$9, hint=$10, result=$11, lease=0, cancelling=0, again=0 WHERE org=$1 AND id=$12 AND token=$13 AND state='running'`,
			string(j.State), j.Progress.Done, j.Progress.Total, j.Progress.Sentence, j.Attempt, int64(j.RunAt), int64(finished), j.Error, j.Hint, string(j.Result), j.ID, j.Token)
		if err == nil && !ok {
			err = stale(j.Fence())
		}
		return err
	})
}

// CancelJob implements job.Store.
func (s *Store) CancelJob(ctx context.Context, org sextant.Organisation, id int64, now sextant.Instant) (j job.Job, err error) {
	err = s.jobs(ctx, org, func(t *transaction) error {
		ok, err := t.execOne(`UPDATE job SET cancelling=CASE WHEN state='waiting' THEN 0 ELSE 1 END, finished=CASE WHEN state='waiting' THEN CAST($2 AS BIGINT) ELSE 0 END,
			state=CASE WHEN state='waiting' THEN 'cancelled' ELSE state END WHERE org=$1 AND id=$3 AND state IN ('waiting','running')`, int64(now), id)
		if err != nil {
			return err
		}
		if j, err = t.job(id); err == nil && !ok {
			err = sextant.Errorf(sextant.Conflict, "%s has ended already", j.Kind)
		}
		return err
	})
	return j, err
}

// RemoveJobs implements job.Store.
func (s *Store) RemoveJobs(ctx context.Context, org sextant.Organisation, before sextant.Instant) (n int, err error) {
	err = s.jobs(ctx, org, func(t *transaction) error {
		if _, err := t.scan(`SELECT count(*) FROM job WHERE org=$1 AND state NOT IN ('waiting','running') AND finished<$2`, []any{int64(before)}, &n); err != nil {
			return err
		}
		return t.exec(`DELETE FROM job WHERE org=$1 AND state NOT IN ('waiting','running') AND finished<$2`, int64(before))
	})
	return n, err
}
