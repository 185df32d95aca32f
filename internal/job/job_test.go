// SPDX-License-Identifier: Apache-2.0

package job_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/internal/job"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/register"
	"sextant/register/registertest"
)

// yard is a store with one organisation, and as many runners as a test wants.
type yard struct {
	store *store.Store
	org   sextant.Organisation
	boss  access.Actor
}

func onBoth(t *testing.T, test func(*testing.T, *yard)) {
	open := func(t *testing.T, config store.Config) {
		s, err := store.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		made, err := s.CreateOrganisation(t.Context(), "Works")
		if err != nil {
			t.Fatal(err)
		}
		test(t, &yard{s, made.Number, access.Actor{Organisation: made.Number, Name: "account:mara@example.org", Roles: []access.Role{access.ISMSManager}}})
	}
	t.Run("SQLite", func(t *testing.T) { open(t, store.Config{Folder: t.TempDir()}) })
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		open(t, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner})
	})
}

func (y *yard) organisations(ctx context.Context) (list []sextant.Organisation, err error) {
	all, err := y.store.Organisations(ctx)
	for _, o := range all {
		list = append(list, o.Number)
	}
	return list, err
}

func (y *yard) queue(kinds ...job.Kind) *job.Queue {
	return job.New(job.Config{Store: y.store, Organisations: y.organisations, Workers: 4, Poll: 20 * time.Millisecond, Beat: 20 * time.Millisecond, Lease: 400 * time.Millisecond,
		Wait: func(int) time.Duration { return 10 * time.Millisecond }}, kinds...)
}

// start runs a queue until the function it gives is called, or the test ends.
func start(t *testing.T, q *job.Queue) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { q.Run(ctx); close(done) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

func (y *yard) ask(t *testing.T, q *job.Queue, r job.Request) job.Job {
	t.Helper()
	j, _, err := q.Enqueue(t.Context(), y.boss, r)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// until waits for a job to be as wanted.
func (y *yard) until(t *testing.T, id int64, what string, wanted func(job.Job) bool) job.Job {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		j, err := y.store.Job(t.Context(), y.org, id)
		if err != nil {
			t.Fatal(err)
		}
		if wanted(j) {
			return j
		}
	}
	j, _ := y.store.Job(t.Context(), y.org, id)
	t.Fatalf("job %d never was %s: %+v", id, what, j)
	return j
}

func in(state job.State) func(job.Job) bool {
	return func(j job.Job) bool { return j.State == state }
}

func kind(run func(context.Context, *job.Work) error) job.Kind {
	return job.Kind{Name: "dig", Verb: access.Collect, Run: run}
}

func TestTwoRunnersNeverDoOneJobTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, y *yard) {
		var done sync.Map
		var doing atomic.Int64
		dig := kind(func(ctx context.Context, w *job.Work) error {
			before, _ := done.LoadOrStore(w.Job.Subject, new(atomic.Int64))
			before.(*atomic.Int64).Add(1)
			doing.Add(1)
			return nil
		})
		one, two := y.queue(dig), y.queue(dig)
		var ids []int64
		for i := range 60 {
			ids = append(ids, y.ask(t, one, job.Request{Kind: "dig", Subject: fmt.Sprint(i)}).ID)
		}
		start(t, one)
		start(t, two)
		for _, id := range ids {
			y.until(t, id, "done", in(job.Done))
		}
		done.Range(func(subject, n any) bool {
			if n := n.(*atomic.Int64).Load(); n != 1 {
				t.Errorf("%v was done %d times", subject, n)
			}
			return true
		})
		if doing.Load() != 60 {
			t.Errorf("%d jobs were done, want 60", doing.Load())
		}
	})
}

// A runner that dies is one that beats no more: here its store refuses to.
type deadStore struct {
	*store.Store
	dead atomic.Bool
}

var errDead = errors.New("this runner is dead")

func (d *deadStore) BeatJob(ctx context.Context, f job.Fence, p job.Progress, lease sextant.Instant) (bool, error) {
	if d.dead.Load() {
		return false, errDead
	}
	return d.Store.BeatJob(ctx, f, p, lease)
}

func (d *deadStore) CancelsJob(ctx context.Context, f job.Fence) (bool, error) {
	if d.dead.Load() {
		return false, errDead
	}
	return d.Store.CancelsJob(ctx, f)
}

func (d *deadStore) ClaimJob(ctx context.Context, org sextant.Organisation, kinds []string, now, lease sextant.Instant) (job.Job, bool, error) {
	if d.dead.Load() {
		return job.Job{}, false, nil
	}
	return d.Store.ClaimJob(ctx, org, kinds, now, lease)
}

func TestARunnerThatDiesLosesItsLeaseAndWritesNothingMore(t *testing.T) {
	onBoth(t, func(t *testing.T, y *yard) {
		kernel := register.New(y.store, registertest.Set(), register.Config{})
		write := func(ctx context.Context, name string) error {
			return kernel.Write(ctx, access.SystemActor(y.org, "dig"), func(tx *register.Tx) error {
				_, err := registertest.Sailors.Create(tx, registertest.Sailor{Name: name}, register.Note{})
				return err
			})
		}
		wakeUp, stale := make(chan struct{}), make(chan [2]error, 1)
		dying := &deadStore{Store: y.store}
		first := job.New(job.Config{Store: dying, Organisations: y.organisations, Poll: 20 * time.Millisecond, Beat: 20 * time.Millisecond, Lease: 300 * time.Millisecond},
			kind(func(ctx context.Context, w *job.Work) error {
				if err := write(ctx, "while alive"); err != nil {
					return err
				}
				dying.dead.Store(true)
				<-wakeUp
				machine := y.store.Record(context.WithoutCancel(ctx), y.org, func(w evidence.Writer) error { _, err := w.Seal("dig", 1); return err })
				stale <- [2]error{write(context.WithoutCancel(ctx), "back from the dead"), machine}
				return nil
			}))
		j := y.ask(t, first, job.Request{Kind: "dig"})
		start(t, first)
		y.until(t, j.ID, "running", in(job.Running))
		for !dying.dead.Load() {
			time.Sleep(time.Millisecond)
		}
		start(t, y.queue(kind(func(ctx context.Context, w *job.Work) error { return write(ctx, "taken over") })))
		if j = y.until(t, j.ID, "done by the other", in(job.Done)); j.Attempt != 2 || j.Token != 2 {
			t.Errorf("attempt %d, token %d, want 2 and 2", j.Attempt, j.Token)
		}
		close(wakeUp)
		for i, err := range <-stale {
			if sextant.CodeOf(err) != sextant.Conflict {
				t.Errorf("stale write %d: %v, want a conflict", i, err)
			}
		}
		time.Sleep(100 * time.Millisecond) // the dead one ends its work
		if j, _ = y.store.Job(t.Context(), y.org, j.ID); j.State != job.Done || j.Attempt != 2 {
			t.Errorf("the dead runner's end was kept: %+v", j)
		}
		var names []string
		err := kernel.Read(t.Context(), access.SystemActor(y.org, "test"), 0, func(v *register.View) error {
			all, err := registertest.Sailors.All(v)
			for _, s := range all {
				names = append(names, s.Fields.Name)
			}
			return err
		})
		if err != nil || fmt.Sprint(names) != "[while alive taken over]" {
			t.Errorf("written: %v, %v", names, err)
		}
	})
}

func TestCancellingStopsWork(t *testing.T) {
	onBoth(t, func(t *testing.T, y *yard) {
		stopped := make(chan error, 4)
		dig := kind(func(ctx context.Context, w *job.Work) error {
			<-ctx.Done()
			stopped <- context.Cause(ctx)
			return ctx.Err()
		})
		here, there := y.queue(dig), y.queue(dig) // there never runs: it stands for another replica
		waiting := y.ask(t, here, job.Request{Kind: "dig", Subject: "later", At: sextant.SystemClock().Add(time.Hour)})
		if j, err := there.Cancel(t.Context(), y.boss, waiting.ID); err != nil || j.State != job.Cancelled || j.Finished == 0 {
			t.Errorf("waiting work: %+v, %v", j, err)
		}
		start(t, here)
		for who, q := range map[string]*job.Queue{"this process": here, "another replica": there} {
			j := y.ask(t, here, job.Request{Kind: "dig", Subject: who})
			y.until(t, j.ID, "running", in(job.Running))
			if _, err := q.Cancel(t.Context(), y.boss, j.ID); err != nil {
				t.Fatal(err)
			}
			if j = y.until(t, j.ID, "cancelled", in(job.Cancelled)); j.Error != "" || j.Attempt != 1 {
				t.Errorf("cancelled from %s: %+v", who, j)
			}
			<-stopped
			if _, err := q.Cancel(t.Context(), y.boss, j.ID); sextant.CodeOf(err) != sextant.Conflict {
				t.Errorf("cancelled twice: %v", err)
			}
		}
	})
}

func TestProgressAndResultAreSeenByOthers(t *testing.T) {
	onBoth(t, func(t *testing.T, y *yard) {
		next := make(chan struct{})
		q := y.queue(kind(func(ctx context.Context, w *job.Work) error {
			var depth struct{ Metres int }
			if err := w.Arguments(&depth); err != nil {
				return err
			}
			w.Progress(1, int64(depth.Metres), "one metre deep")
			<-next
			w.Progress(3, 3, "there")
			return w.Result(map[string]int{"found": 7})
		}))
		j := y.ask(t, q, job.Request{Kind: "dig", Subject: "garden", Arguments: map[string]int{"metres": 3}})
		start(t, q)
		y.until(t, j.ID, "one metre deep", func(j job.Job) bool { return j.Progress == job.Progress{Done: 1, Total: 3, Sentence: "one metre deep"} })
		close(next)
		j = y.until(t, j.ID, "done", in(job.Done))
		if j.Progress.Done != 3 || string(j.Result) != `{"found":7}` || j.Finished < j.Started || j.By != y.boss.Name {
			t.Errorf("at the end: %+v", j)
		}
		list, err := q.List(t.Context(), y.boss, job.Filter{Kind: "dig", Subject: "garden", States: []job.State{job.Done}})
		if err != nil || len(list) != 1 || list[0].ID != j.ID {
			t.Errorf("listed: %+v, %v", list, err)
		}
	})
}

func TestAFailureIsTriedAgainWhereTimeMayMendIt(t *testing.T) {
	onBoth(t, func(t *testing.T, y *yard) {
		var tries atomic.Int64
		q := y.queue(kind(func(_ context.Context, w *job.Work) error {
			switch n := tries.Add(1); {
			case w.Job.Subject == "never":
				return sextant.Errorf(sextant.Invalid, "there is rock").WithHint("dig elsewhere")
			case w.Job.Subject == "panics":
				panic("spade broke")
			case n < 3:
				return sextant.Errorf(sextant.Unavailable, "it rains")
			}
			return nil
		}))
		start(t, q)
		j := y.ask(t, q, job.Request{Kind: "dig", Subject: "mends"})
		if j = y.until(t, j.ID, "done", in(job.Done)); j.Attempt != 3 || j.Error != "" {
			t.Errorf("mended: %+v", j)
		}
		j = y.until(t, y.ask(t, q, job.Request{Kind: "dig", Subject: "never"}).ID, "failed", in(job.Failed))
		if j.Attempt != 1 || j.Error != "there is rock" || j.Hint != "dig elsewhere" {
			t.Errorf("final: %+v", j)
		}
		j = y.until(t, y.ask(t, q, job.Request{Kind: "dig", Subject: "panics"}).ID, "failed", in(job.Failed))
		if j.Attempt != 5 || j.Error != "something went wrong here" {
			t.Errorf("panicked: %+v", j)
		}
		again, err := q.Retry(t.Context(), y.boss, j.ID)
		if err != nil || again.ID == j.ID || again.Subject != "panics" {
			t.Errorf("asked for once more: %+v, %v", again, err)
		}
	})
}

func TestAskingTwiceGivesOneJob(t *testing.T) {
	onBoth(t, func(t *testing.T, y *yard) {
		q := y.queue(kind(func(context.Context, *job.Work) error { return nil }))
		first := y.ask(t, q, job.Request{Kind: "dig", Subject: "a", Once: "a/1"})
		if again, made, err := q.Enqueue(t.Context(), y.boss, job.Request{Kind: "dig", Subject: "a"}); err != nil || made || again.ID != first.ID {
			t.Errorf("while it is open: %+v, %v, %v", again, made, err)
		}
		start(t, q)
		y.until(t, first.ID, "done", in(job.Done))
		if again := y.ask(t, q, job.Request{Kind: "dig", Subject: "a", Once: "a/1"}); again.ID != first.ID {
			t.Error("an idempotency key made a second job")
		}
		if again := y.ask(t, q, job.Request{Kind: "dig", Subject: "a"}); again.ID == first.ID {
			t.Error("ended work keeps new work from being made")
		}
		var made sync.Map
		var together sync.WaitGroup
		for range 8 {
			together.Go(func() {
				j, _, err := q.Enqueue(context.Background(), y.boss, job.Request{Kind: "dig", Subject: "b", At: sextant.SystemClock().Add(time.Hour)})
				if err != nil {
					t.Error(err)
				}
				made.Store(j.ID, true)
			})
		}
		together.Wait()
		n := 0
		made.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("eight at once made %d jobs", n)
		}
	})
}

func TestWhatComesWhileWorkRunsIsNotForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, y *yard) {
		var rounds atomic.Int64
		next := make(chan struct{})
		q := y.queue(kind(func(context.Context, *job.Work) error { rounds.Add(1); <-next; return nil }))
		j := y.ask(t, q, job.Request{Kind: "dig"})
		start(t, q)
		y.until(t, j.ID, "running", in(job.Running))
		for range 3 {
			if same := y.ask(t, q, job.Request{Kind: "dig", Again: true}); same.ID != j.ID {
				t.Errorf("another job was made: %+v", same)
			}
		}
		next <- struct{}{}
		next <- struct{}{}
		if j = y.until(t, j.ID, "done", in(job.Done)); rounds.Load() != 2 || j.Attempt != 1 {
			t.Errorf("%d rounds, %+v", rounds.Load(), j)
		}
	})
}

func TestStoppingGivesWorkBack(t *testing.T) {
	onBoth(t, func(t *testing.T, y *yard) {
		started := make(chan struct{}, 2)
		dig := kind(func(ctx context.Context, w *job.Work) error {
			started <- struct{}{}
			if w.Job.Token > 1 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		q := y.queue(dig)
		j := y.ask(t, q, job.Request{Kind: "dig"})
		stop := start(t, q)
		<-started
		stop()
		if j, err := y.store.Job(t.Context(), y.org, j.ID); err != nil || j.State != job.Waiting || j.Attempt != 0 || j.Error != "" {
			t.Errorf("after stopping: %+v, %v", j, err)
		}
		start(t, y.queue(dig))
		if j = y.until(t, j.ID, "done after the next start", in(job.Done)); j.Attempt != 1 {
			t.Errorf("stopping counted as an attempt: %+v", j)
		}
	})
}

func TestRightsAndOrganisationsHoldForJobs(t *testing.T) {
	onBoth(t, func(t *testing.T, y *yard) {
		q := y.queue(kind(func(context.Context, *job.Work) error { return nil }))
		reader := access.Actor{Organisation: y.org, Roles: []access.Role{access.Reader}}
		if _, _, err := q.Enqueue(t.Context(), reader, job.Request{Kind: "dig"}); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("a reader asked for work: %v", err)
		}
		j := y.ask(t, q, job.Request{Kind: "dig", At: sextant.SystemClock().Add(time.Hour)})
		if _, err := q.Cancel(t.Context(), reader, j.ID); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("a reader cancelled: %v", err)
		}
		if list, err := q.List(t.Context(), reader, job.Filter{}); err != nil || len(list) != 1 {
			t.Errorf("a reader sees %d jobs, %v", len(list), err)
		}
		other, err := y.store.CreateOrganisation(t.Context(), "Others")
		if err != nil {
			t.Fatal(err)
		}
		stranger := access.Actor{Organisation: other.Number, Roles: []access.Role{access.ISMSManager}}
		if list, err := q.List(t.Context(), stranger, job.Filter{}); err != nil || len(list) != 0 {
			t.Errorf("another organisation sees %d jobs, %v", len(list), err)
		}
		if _, err := q.Cancel(t.Context(), stranger, j.ID); sextant.CodeOf(err) != sextant.NotFound {
			t.Errorf("another organisation cancelled: %v", err)
		}
		if n, err := q.Forget(t.Context(), y.org, sextant.Forever); err != nil || n != 0 {
			t.Errorf("open work was forgotten: %d, %v", n, err)
		}
		if _, err := q.Cancel(t.Context(), y.boss, j.ID); err != nil {
			t.Fatal(err)
		}
		if n, err := q.Forget(t.Context(), y.org, sextant.Forever); err != nil || n != 1 {
			t.Errorf("forgotten: %d, %v", n, err)
		}
	})
}
