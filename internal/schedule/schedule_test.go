// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/connector/aws/mototest"
	"sextant/control"
	"sextant/evidence"
	"sextant/internal/blob"
	"sextant/internal/job"
	"sextant/internal/proof"
	"sextant/internal/schedule"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/monitor"
	"sextant/monitor/custom"
	"sextant/product"
	"sextant/register"
	"sextant/secret"
)

var (
	moto  mototest.Shared
	small struct {
		once  sync.Once
		world *mototest.World
		err   error
	}
)

func TestMain(m *testing.M) {
	code := m.Run()
	moto.Stop()
	os.Exit(code)
}

// world is seeded once; tests mend what they break.
func world(t *testing.T) *mototest.World {
	t.Helper()
	server := moto.Start(t)
	small.once.Do(func() { small.world, small.err = mototest.NewWorld(context.Background(), server, 20) })
	if small.err != nil {
		t.Fatal(small.err)
	}
	t.Cleanup(small.world.Mend)
	return small.world
}

// house is an organisation with its parts, and a clock that tests put forward.
type house struct {
	store  *store.Store
	kernel *register.Kernel
	prover *proof.Prover
	org    sextant.Organisation
	boss   access.Actor
	ahead  atomic.Int64                      // microseconds
	active atomic.Pointer[schedule.Schedule] // is told what is written
}

func (h *house) clock() sextant.Instant {
	return sextant.SystemClock() + sextant.Instant(h.ahead.Load())
}

func (h *house) later(d time.Duration) { h.ahead.Add(int64(d / time.Microsecond)) }

func onBoth(t *testing.T, test func(*testing.T, *house)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newHouse(t, store.Config{Folder: t.TempDir()})) })
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		test(t, newHouse(t, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner}))
	})
}

func newHouse(t *testing.T, config store.Config) *house {
	t.Helper()
	h := &house{}
	config.Clock = h.clock
	var err error
	config.Readers = 1
	if h.store, err = store.Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.store.Close() })
	key, err := secret.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h.kernel = register.New(h.store, product.Registers(), register.Config{Clock: h.clock, Blobs: files, Renderers: product.Renderers(), Sealer: key, Functions: product.Functions(), Written: func(ctx context.Context, org sextant.Organisation, registers []string) {
		if s := h.active.Load(); s != nil {
			s.Written(ctx, org, registers)
		}
	}})
	h.prover = &proof.Prover{Store: h.store, Sealer: key, Clock: h.clock}
	if h.org, _, err = product.Found(t.Context(), h.store, h.kernel, "Works", "Mara", "mara@example.org"); err != nil {
		t.Fatal(err)
	}
	h.boss = access.Actor{Organisation: h.org, Name: "account:mara@example.org", Person: "PER-1", Roles: []access.Role{access.ISMSManager}}
	return h
}

func (h *house) schedule(ambient bool) *schedule.Schedule {
	return schedule.New(schedule.Config{Store: h.store, Kernel: h.kernel, Prover: h.prover, Way: product.Way(h.kernel, h.store), Clock: h.clock, Ambient: ambient, Every: 50 * time.Millisecond, Poll: 20 * time.Millisecond})
}

// run lets a schedule work until the function it gives is called.
func run(t *testing.T, s *schedule.Schedule) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

func (h *house) source(t *testing.T, endpoint string) string {
	t.Helper()
	key := ""
	if err := h.kernel.Write(t.Context(), h.boss, func(tx *register.Tx) error {
		made, err := evidence.Sources.Create(tx, evidence.Source{Title: "Production", Connector: "aws", AccessKeyID: "test", SecretAccessKey: "test", Endpoint: endpoint, Regions: []string{mototest.Region}, Schedule: "PT1H", Owner: "PER-1"}, register.Note{})
		key = made.Key
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return key
}

func (h *house) move(t *testing.T, register_, key, name, why string) {
	t.Helper()
	if err := h.kernel.Write(t.Context(), h.boss, func(tx *register.Tx) error {
		e, err := tx.Lookup(register_, key)
		if err == nil {
			_, err = tx.Transition(register_, key, e.Version, name, nil, register.Note{Why: why})
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func (h *house) entry(t *testing.T, register_, key string) (e register.Entry) {
	t.Helper()
	if err := h.kernel.Read(t.Context(), h.boss, 0, func(v *register.View) (err error) {
		e, err = v.Entry(register_, key)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return e
}

func (h *house) runs(t *testing.T) (runs []evidence.Run) {
	t.Helper()
	if err := h.store.Machine(t.Context(), h.org, func(r evidence.Reader) (err error) {
		if runs, err = r.Runs("", sextant.LatestSeq, 100); err != nil {
			return err
		}
		for i, one := range runs { // a list leaves the manifests where they are
			if runs[i], err = r.Run(one.Seq); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return runs
}

// until waits for something to become true.
func until(t *testing.T, what string, true_ func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !true_(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

func (h *house) ended(t *testing.T, id int64) job.Job {
	t.Helper()
	var j job.Job
	until(t, "the end of a job", func() (over bool) {
		var err error
		if j, err = h.store.Job(t.Context(), h.org, id); err != nil {
			t.Fatal(err)
		}
		return !j.State.Open()
	})
	return j
}

func (h *house) outcomes(t *testing.T) (list []evidence.Outcome) {
	t.Helper()
	if err := h.store.Machine(t.Context(), h.org, func(r evidence.Reader) (err error) {
		list, err = r.Outcomes(sextant.LatestSeq)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestASourceIsCollectedOnItsScheduleOnMoto(t *testing.T) {
	w := world(t)
	onBoth(t, func(t *testing.T, h *house) {
		key := h.source(t, w.Endpoint)
		if err := h.kernel.Write(t.Context(), h.boss, func(tx *register.Tx) error {
			_, err := evidence.ExpectedSources.Create(tx, evidence.ExpectedSource{Title: "Production", Connector: "aws", Identifier: mototest.Home}, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		s := h.schedule(true)
		run(t, s)
		time.Sleep(200 * time.Millisecond)
		if n := len(h.runs(t)); n != 0 {
			t.Errorf("a draft was collected %d times", n)
		}
		j, err := s.CollectNow(t.Context(), h.boss, key)
		if err != nil {
			t.Fatal(err)
		}
		j = h.ended(t, j.ID)
		var result schedule.Collected
		if err := json.Unmarshal(j.Result, &result); err != nil || j.State != job.Done || !result.Complete || result.Changed == 0 || j.Progress.Done == 0 || j.Progress.Done != j.Progress.Total {
			t.Errorf("collected: %+v, %+v, %v", j, result, err)
		}
		until(t, "outcomes", func() bool { return len(h.outcomes(t)) >= 40 })
		if e := h.entry(t, "source", key); e.State != "connected" {
			t.Errorf("the source is %s", e.State)
		}
		if e := h.entry(t, "expected_source", "XS-1"); e.State != "connected" || e.Doc.Text("source") != key {
			t.Errorf("the expected system is %s, source %s", e.State, e.Doc.Text("source"))
		}
		h.later(time.Hour + time.Minute)
		until(t, "the second run", func() bool { return len(h.runs(t)) == 2 })
		until(t, "idleness", func() bool { return h.idle(t) })
		h.move(t, "source", key, "pause", "maintenance")
		h.later(3 * time.Hour)
		time.Sleep(300 * time.Millisecond)
		if n := len(h.runs(t)); n != 2 {
			t.Errorf("a paused source was collected: %d runs", n)
		}
		if _, err := s.CollectNow(t.Context(), h.boss, key); sextant.CodeOf(err) != sextant.Conflict {
			t.Errorf("a paused source is collected now: %v", err)
		}
		h.move(t, "source", key, "resume", "")
		h.later(2 * time.Hour) // a turn that was taken just before the pause counts from when it was refused
		until(t, "the third run", func() bool { return len(h.runs(t)) == 3 })
	})
}

func (h *house) idle(t *testing.T) bool {
	t.Helper()
	open, err := h.store.Jobs(t.Context(), h.org, job.Filter{States: []job.State{job.Waiting, job.Running}})
	if err != nil {
		t.Fatal(err)
	}
	return len(open) == 0
}

func TestASourceThatFailsSaysWhyAndComesBackOnMoto(t *testing.T) {
	w := world(t)
	onBoth(t, func(t *testing.T, h *house) {
		key := h.source(t, w.Endpoint)
		if err := h.kernel.Write(t.Context(), h.boss, func(tx *register.Tx) error {
			_, err := evidence.ExpectedSources.Create(tx, evidence.ExpectedSource{Title: "Production", Connector: "aws", Identifier: mototest.Home}, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		s := h.schedule(true)
		run(t, s)
		if _, err := s.CollectNow(t.Context(), h.boss, key); err != nil {
			t.Fatal(err)
		}
		until(t, "connected", func() bool { return h.entry(t, "source", key).State == "connected" && h.idle(t) })
		w.Break("sts:GetCallerIdentity", mototest.Expired)
		h.later(2 * time.Hour)
		until(t, "failing", func() bool { return h.entry(t, "source", key).State == "failing" })
		if e := h.entry(t, "source", key); !strings.Contains(e.Why, "sts:GetCallerIdentity") || e.Actor != "system:collect" {
			t.Errorf("why: %q by %s", e.Why, e.Actor)
		}
		if e := h.entry(t, "expected_source", "XS-1"); e.State != "missing" {
			t.Errorf("the expected system is %s", e.State)
		}
		until(t, "idleness", func() bool { return h.idle(t) })
		for _, o := range h.outcomes(t) {
			if strings.HasPrefix(o.Check, "aws.") && control.State(o.State) == control.Pass {
				t.Errorf("%s passes after a sign-in that failed", o.Check)
			}
		}
		w.Mend()
		h.later(2 * time.Hour)
		until(t, "connected again", func() bool { return h.entry(t, "source", key).State == "connected" && h.idle(t) })
		passing := 0
		for _, o := range h.outcomes(t) {
			switch control.State(o.State) {
			case control.Error:
				t.Errorf("%s is still an error after the sign-in was mended: %s", o.Check, o.Body)
			case control.Pass:
				passing++
			}
		}
		if passing == 0 {
			t.Error("nothing passes any more")
		}
		h.move(t, "source", key, "remove", "closed")
		until(t, "what a removed source told is forgotten", func() bool {
			left := 0
			for _, o := range h.outcomes(t) {
				if s := control.State(o.State); s != control.NoData && s != control.NotAssessed {
					left++
				}
			}
			return left == 0 && h.entry(t, "expected_source", "XS-1").State == "missing"
		})
	})
}

func TestWhatBelongsToTheMachineIsUsedOnlyWhereTheOperatorAllowsItOnMoto(t *testing.T) {
	w := world(t)
	onBoth(t, func(t *testing.T, h *house) {
		key := h.source(t, w.Endpoint)
		s := h.schedule(false)
		run(t, s)
		j, err := s.CollectNow(t.Context(), h.boss, key)
		if err != nil {
			t.Fatal(err)
		}
		if j = h.ended(t, j.ID); j.State != job.Failed || !strings.Contains(j.Error, "operator") || j.Attempt != 1 {
			t.Errorf("a custom endpoint: %+v", j)
		}
		if e := h.entry(t, "source", key); e.State != "failing" || !strings.Contains(e.Why, "endpoint") {
			t.Errorf("the source is %s: %s", e.State, e.Why)
		}
		if _, err := s.Test(t.Context(), h.boss, key); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("a try: %v", err)
		}
		reader := access.Actor{Organisation: h.org, Roles: []access.Role{access.Reader}}
		if _, err := s.Test(t.Context(), reader, key); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("a reader tries: %v", err)
		}
		if _, err := s.CollectNow(t.Context(), reader, key); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("a reader collects: %v", err)
		}
		operator := access.Actor{Organisation: h.org, Name: "operator:root", Roles: []access.Role{access.Operator}}
		trial, err := s.Test(t.Context(), operator, key)
		if err != nil || !trial.Good() || trial.Principals[0].Account != mototest.Home {
			t.Errorf("the operator tries: %+v, %v", trial, err)
		}
		j, err = s.CollectNow(t.Context(), operator, key)
		if err != nil {
			t.Fatal(err)
		}
		if j = h.ended(t, j.ID); j.State != job.Done {
			t.Errorf("the operator collects: %+v", j)
		}
	})
}

func TestAnInterruptedCollectionGoesOnOnMoto(t *testing.T) {
	w := world(t)
	onBoth(t, func(t *testing.T, h *house) {
		key := h.source(t, w.Endpoint)
		first := h.schedule(true)
		stop := run(t, first)
		j, err := first.CollectNow(t.Context(), h.boss, key)
		if err != nil {
			t.Fatal(err)
		}
		until(t, "some populations", func() bool {
			seen := 0
			if err := h.store.Machine(t.Context(), h.org, func(r evidence.Reader) error {
				list, err := r.Populations(sextant.LatestSeq)
				seen = len(list)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return seen >= 3
		})
		stop()
		if j, err = h.store.Job(t.Context(), h.org, j.ID); err != nil || j.State != job.Waiting || j.Attempt != 0 {
			t.Fatalf("after stopping: %+v, %v", j, err)
		}
		run(t, h.schedule(true))
		if j = h.ended(t, j.ID); j.State != job.Done {
			t.Fatalf("after the next start: %+v", j)
		}
		var manifest struct{ Populations []struct{ State string } }
		if err := json.Unmarshal(h.runs(t)[0].Manifest, &manifest); err != nil {
			t.Fatal(err)
		}
		counts := map[string]int{}
		for _, p := range manifest.Populations {
			counts[p.State]++
		}
		if counts["skipped"] < 3 || counts["complete"] == 0 || counts["skipped"]+counts["complete"] != len(manifest.Populations) {
			t.Errorf("the second attempt: %v", counts)
		}
		if err := h.store.Machine(t.Context(), h.org, func(r evidence.Reader) error {
			list, err := r.Populations(sextant.LatestSeq)
			for _, p := range list {
				if p.State != "complete" && p.State != "skipped" || p.Whole == 0 {
					t.Errorf("%v is %s, %d seen", p.Slice, p.State, p.Count)
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheLogIsSignedDailyWhereItGrew(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		signed := func() (size int64) {
			size, _, err := h.store.LastCheckpoint(t.Context(), h.org)
			if err != nil {
				t.Fatal(err)
			}
			return size
		}
		run(t, h.schedule(false))
		until(t, "the first checkpoint", func() bool { return signed() > 0 && h.idle(t) })
		before := signed()
		if err := h.kernel.Write(t.Context(), h.boss, func(tx *register.Tx) error {
			_, err := tx.Create("person", map[string]any{"name": "Jo"}, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
		if signed() != before {
			t.Error("signed twice within a day")
		}
		h.later(25 * time.Hour)
		until(t, "the next day's checkpoint", func() bool { return signed() > before })
		all, err := h.store.Checkpoints(t.Context(), h.org)
		if err != nil {
			t.Fatal(err)
		}
		h.later(50 * time.Hour)
		time.Sleep(300 * time.Millisecond)
		if again, err := h.store.Checkpoints(t.Context(), h.org); err != nil || len(again) != len(all) {
			t.Errorf("signed although nothing grew: %d, then %d, %v", len(all), len(again), err)
		}
	})
}

func TestReplicasDoEachThingOnceOnMotoAndPostgreSQL(t *testing.T) {
	w := world(t)
	h := newHouse(t, func() store.Config {
		database := testserver.PostgreSQL(t)
		return store.Config{DatabaseURL: database.App, OwnerURL: database.Owner}
	}())
	key := h.source(t, w.Endpoint)
	one, two := h.schedule(true), h.schedule(true)
	run(t, one)
	run(t, two)
	if _, err := one.CollectNow(t.Context(), h.boss, key); err != nil {
		t.Fatal(err)
	}
	until(t, "connected", func() bool { return h.entry(t, "source", key).State == "connected" && h.idle(t) })
	for n := 2; n <= 4; n++ {
		h.later(time.Hour + time.Minute)
		until(t, "a run", func() bool { return len(h.runs(t)) >= n && h.idle(t) })
		time.Sleep(200 * time.Millisecond)
		if got := len(h.runs(t)); got != n {
			t.Fatalf("%d runs, want %d", got, n)
		}
	}
}

func TestAnOwnCheckRunsAsSoonAsItIsActivated(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		r := &monitor.Recorder{Store: h.store, Organisation: h.org, Source: "SRC-1"}
		slice := connector.Slice{Type: "aws:s3_bucket", Account: "1", Region: "global"}
		if err := r.Observe(t.Context(), connector.Observation{Slice: slice, Key: "arn:b", Kind: connector.Configuration, Attributes: map[string]any{"versioned": false}}); err != nil {
			t.Fatal(err)
		}
		if err := r.Complete(t.Context(), connector.Population{Slice: slice, State: connector.Complete, Count: 1, Pages: 1}); err != nil {
			t.Fatal(err)
		}
		s := h.schedule(false)
		h.active.Store(s)
		run(t, s)
		key := ""
		if err := h.kernel.Write(t.Context(), h.boss, func(tx *register.Tx) error {
			made, err := custom.Checks.Create(tx, custom.Check{Reference: "own.versioned", Title: "Buckets are versioned", Intent: "x", Resource: "aws:s3_bucket", Pass: "resource.versioned", Reason: `"not versioned"`, Aggregate: "all",
				Severity: "medium", Freshness: "P2D", DoesNotShow: "x", Remediation: "x", Owner: "PER-1", Samples: "pass: [{versioned: true}]\nfail: [{versioned: false}]\nerror: [{_errors: {versioned: denied}}]"}, register.Note{})
			key = made.Key
			return err
		}); err != nil {
			t.Fatal(err)
		}
		h.move(t, "custom_check", key, "activate", "")
		own := func() (state control.State) {
			for _, o := range h.outcomes(t) {
				if o.Check == "own.versioned" {
					state = control.State(o.State)
				}
			}
			return state
		}
		until(t, "its first outcome", func() bool { return own() == control.Fail })
		h.move(t, "custom_check", key, "retire", "not needed")
		until(t, "the end of its outcome", func() bool { return own() == control.NotAssessed })
	})
}
