// SPDX-License-Identifier: Apache-2.0

package custom_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/connector"
	"sextant/control"
	"sextant/evidence"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/monitor"
	"sextant/monitor/custom"
	"sextant/product"
	"sextant/register"
)

// house is an organisation with observations of buckets.
type house struct {
	store  *store.Store
	kernel *register.Kernel
	org    sextant.Organisation
	boss   access.Actor
}

func onBoth(t *testing.T, test func(*testing.T, *house)) {
	open := func(t *testing.T, config store.Config) {
		s, err := store.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		h := &house{store: s, kernel: register.New(s, product.Registers(), register.Config{Functions: product.Functions()})}
		if h.org, _, err = product.Found(t.Context(), s, h.kernel, "Works", "Mara", "mara@example.org"); err != nil {
			t.Fatal(err)
		}
		h.boss = access.Actor{Organisation: h.org, Name: "account:mara@example.org", Person: "PER-1", Roles: []access.Role{access.ISMSManager}}
		test(t, h)
	}
	t.Run("SQLite", func(t *testing.T) { open(t, store.Config{Folder: t.TempDir()}) })
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		open(t, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner})
	})
}

// observe records buckets as one complete run would, or as a run that was
// stopped by an error.
func (h *house) observe(t *testing.T, state connector.State, buckets map[string]map[string]any) {
	t.Helper()
	r := &monitor.Recorder{Store: h.store, Organisation: h.org, Source: "SRC-1"}
	slice := connector.Slice{Type: "aws:s3_bucket", Account: "1", Region: "global"}
	for key, attributes := range buckets {
		if err := r.Observe(t.Context(), connector.Observation{Slice: slice, Key: key, Kind: connector.Configuration, Attributes: attributes}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Complete(t.Context(), connector.Population{Slice: slice, State: state, Count: len(buckets), Pages: 1}); err != nil {
		t.Fatal(err)
	}
}

func buckets(n int, change func(i int, attributes map[string]any)) map[string]map[string]any {
	all := map[string]map[string]any{}
	for i := range n {
		attributes := map[string]any{"name": fmt.Sprint("b", i), "versioned": true, "tags": map[string]any{"owner": "ops", "cost-centre": "7"}, "days": int64(30)}
		if change != nil {
			change(i, attributes)
		}
		all[fmt.Sprint("arn:b", i)] = attributes
	}
	return all
}

func draft() custom.Check {
	return custom.Check{Reference: "own.bucket-versioned", Title: "Buckets keep old versions", Intent: "So that nothing is lost.", Resource: "aws:s3_bucket",
		Where: `resource.name != "scratch"`, Pass: "resource.versioned && resource.days >= params.days", Reason: `"keeps " + string(resource.days) + " days"`, Params: "days: 30",
		Aggregate: "all", Severity: "medium", Freshness: "P2D", Supports: []string{"A.8.13/databases-backed-up"}, DoesNotShow: "A restore.", Remediation: "Turn it on.", Owner: "PER-1",
		Samples: "pass: [{name: a, versioned: true, days: 30}]\nfail: [{name: a, versioned: true, days: 3}]\nerror: [{name: a, days: 3, _errors: {versioned: denied}}]\nnot_applicable: [{name: scratch}]"}
}

func (h *house) create(t *testing.T, f custom.Check) (key string, err error) {
	t.Helper()
	err = h.kernel.Write(t.Context(), h.boss, func(tx *register.Tx) error {
		made, err := custom.Checks.Create(tx, f, register.Note{})
		key = made.Key
		return err
	})
	return key, err
}

func (h *house) move(t *testing.T, actor access.Actor, key, name string) error {
	t.Helper()
	return h.kernel.Write(t.Context(), actor, func(tx *register.Tx) error {
		e, err := tx.Lookup("custom_check", key)
		if err == nil {
			_, err = tx.Transition("custom_check", key, e.Version, name, nil, register.Note{Why: "for the test"})
		}
		return err
	})
}

func (h *house) inForce(t *testing.T) (all []*check.Compiled) {
	t.Helper()
	if err := h.kernel.Read(t.Context(), h.boss, 0, func(v *register.View) (err error) {
		all, err = custom.InForce(v)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOnlyWhatHoldsUpIsActivated(t *testing.T) {
	for says, c := range map[string]struct {
		change func(*custom.Check)
		field  string
	}{
		"an expression that does not compile":     {func(f *custom.Check) { f.Pass = "resource.versioned &&" }, "pass"},
		"an expression that gives a number":       {func(f *custom.Check) { f.Pass = "1 + 1" }, "pass"},
		"a reason that gives no text":             {func(f *custom.Check) { f.Reason = "true" }, "reason"},
		"an expression as long as a book":         {func(f *custom.Check) { f.Where = strings.Repeat("true && ", 1000) + "true" }, "where"},
		"a sample that says otherwise":            {func(f *custom.Check) { f.Samples = strings.Replace(f.Samples, "days: 3}", "days: 31}", 1) }, "samples"},
		"no sample that fails":                    {func(f *custom.Check) { f.Samples = "pass: [{name: a, versioned: true, days: 30}]" }, "samples"},
		"samples that are no YAML":                {func(f *custom.Check) { f.Samples = "pass: [" }, "samples"},
		"samples of an unknown name":              {func(f *custom.Check) { f.Samples += "\nmaybe: []" }, "samples"},
		"parameters that are no YAML":             {func(f *custom.Check) { f.Params = "days" }, "params"},
		"a plan line nobody knows":                {func(f *custom.Check) { f.Supports = []string{"A.8.13/nothing"} }, "supports"},
		"a plan line that people show":            {func(f *custom.Check) { f.Supports = []string{"A.5.30/exercised"} }, "supports"},
		"a grace longer than its severity allows": {func(f *custom.Check) { f.Grace = "P30D" }, "grace"},
		"a loop over everything in every resource": {func(f *custom.Check) {
			f.Samples = endless
			f.Pass = "resource.list.all(a, resource.list.all(b, resource.list.all(c, a + b + c >= 0)))"
		}, "samples"},
	} {
		f := draft()
		c.change(&f)
		e, ours := errors.AsType[*sextant.Error](custom.Problems(f))
		if !ours || e.Field != c.field {
			t.Errorf("%s: %v, want an error at %s", says, e, c.field)
		}
	}
	if err := custom.Problems(draft()); err != nil {
		t.Errorf("a good check: %v", err)
	}
}

// endless are samples over which three nested loops cost too much.
var endless = "pass: [{name: a, list: [" + strings.Repeat("1, ", 99) + "1]}]\nfail: [{name: a, list: [-1]}]\nerror: [{name: a}]"

func TestACheckActsFromItsActivationOn(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		f := draft()
		f.Pass = "half a"
		key, err := h.create(t, f)
		if err != nil {
			t.Fatalf("a draft half done: %v", err)
		}
		if err := h.move(t, h.boss, key, "activate"); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("activated half done: %v", err)
		}
		edit := func(change func(*custom.Check)) error {
			return h.kernel.Write(t.Context(), h.boss, func(tx *register.Tx) error {
				_, err := custom.Checks.Edit(tx, key, register.Note{}, change)
				return err
			})
		}
		if err := edit(func(f *custom.Check) { f.Pass = draft().Pass }); err != nil {
			t.Fatal(err)
		}
		if n := len(h.inForce(t)); n != 0 {
			t.Errorf("%d drafts are in force", n)
		}
		if err := h.move(t, h.boss, key, "activate"); err != nil {
			t.Fatal(err)
		}
		all := h.inForce(t)
		if len(all) != 1 || all[0].ID != "own.bucket-versioned" || all[0].Supports[0] != "A.8.13/databases-backed-up" {
			t.Fatalf("in force: %+v", all)
		}
		if err := edit(func(f *custom.Check) { f.Pass = "true" }); sextant.CodeOf(err) != sextant.Frozen {
			t.Errorf("an active check was changed: %v", err)
		}
		if err := edit(func(f *custom.Check) { f.Remediation = "Turn versions on." }); err != nil {
			t.Errorf("its words: %v", err)
		}
		if err := h.move(t, h.boss, key, "retire"); err != nil {
			t.Fatal(err)
		}
		if n := len(h.inForce(t)); n != 0 {
			t.Errorf("%d retired checks are in force", n)
		}
	})
}

func TestMuchDependsOnMoreThanOne(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		f := draft()
		f.Severity, f.Grace = "critical", ""
		key, err := h.create(t, f)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.move(t, h.boss, key, "activate"); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("its owner activated it alone: %v", err)
		}
		somebody := h.boss
		somebody.Person, somebody.Name = "PER-2", "account:jo@example.org"
		if err := h.move(t, somebody, key, "activate"); err != nil {
			t.Error(err)
		}
		if _, err := h.create(t, f); sextant.CodeOf(err) != sextant.Conflict {
			t.Errorf("the same id twice: %v", err)
		}
		f.Reference = "aws.root-mfa"
		if _, err := h.create(t, f); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("the id of a check of the library: %v", err)
		}
	})
}

func TestWhatAnExpressionMayLookAtComesFromWhatWasObserved(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.observe(t, connector.Complete, buckets(10, func(i int, a map[string]any) {
			if i < 3 {
				delete(a, "versioned")
				a[connector.ErrorsKey] = map[string]any{"versioned": "denied: s3:GetBucketVersioning"}
			}
		}))
		list, err := custom.Attributes(t.Context(), h.store, h.org, "aws:s3_bucket", []connector.Type{{Name: "aws:s3_bucket", Attributes: []connector.Attribute{{Name: "days", Type: connector.Int, Says: "how long"}, {Name: "website", Type: connector.Bool}}}})
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]custom.Attribute{}
		for _, a := range list {
			by[a.Path] = a
		}
		if a := by["resource.versioned"]; a.Type != "yes or no" || a.Seen != 7 || a.Of != 10 || a.Unread != 3 || !slices.Equal(a.Examples, []string{"true"}) {
			t.Errorf("versioned: %+v", a)
		}
		if a := by["resource.days"]; a.Says != "how long" || a.Seen != 10 {
			t.Errorf("days: %+v", a)
		}
		if a := by["resource.website"]; a.Seen != 0 || a.Of != 10 {
			t.Errorf("what is declared and nobody has: %+v", a)
		}
		if a := by[`resource.tags["cost-centre"]`]; a.Seen != 10 || !slices.Equal(a.Examples, []string{`"7"`}) {
			t.Errorf("a nested one: %+v", a)
		}
		if _, there := by["resource."+connector.ErrorsKey]; there {
			t.Error("what could not be read is an attribute")
		}
	})
}

func TestARehearsalSaysWhatWouldBeNowAndThenAndKeepsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		c, err := custom.Compile(draft())
		if err != nil {
			t.Fatal(err)
		}
		if r, err := custom.Rehearse(ctx, h.store, h.org, c, 0, sextant.SystemClock()); err != nil || r.Verdict == check.Passes || r.Whole {
			t.Errorf("before anything was seen: %+v, %v", r, err)
		}
		h.observe(t, connector.Complete, buckets(10, func(i int, a map[string]any) {
			if i == 0 {
				a["days"] = int64(3)
			}
			if i == 9 {
				a["name"] = "scratch"
			}
		}))
		then := sextant.SystemClock()
		h.observe(t, connector.Complete, buckets(5, nil))
		before, waiting, err := h.store.Tree(ctx, h.org)
		if err != nil {
			t.Fatal(err)
		}
		now, err := custom.Rehearse(ctx, h.store, h.org, c, 0, sextant.SystemClock())
		if err != nil || now.Verdict != check.Passes || now.Counts.Population != 5 || len(now.Rows) != 5 {
			t.Errorf("now: %+v, %v", now, err)
		}
		past, err := custom.Rehearse(ctx, h.store, h.org, c, then, sextant.SystemClock())
		want := check.Counts{Population: 10, Passed: 8, Failed: 1, NotApplicable: 1}
		if err != nil || past.Verdict != check.Fails || past.Counts != want || past.Rows[0].Key != "arn:b0" || past.Rows[0].Reason != "keeps 3 days" {
			t.Errorf("then: %+v, %v", past, err)
		}
		after, still, err := h.store.Tree(ctx, h.org)
		if err != nil || after.Size+still != before.Size+waiting {
			t.Errorf("a rehearsal wrote: %d lines, then %d, %v", before.Size, after.Size, err)
		}
		h.observe(t, connector.Partial, buckets(1, nil))
		if blind, err := custom.Rehearse(ctx, h.store, h.org, c, 0, sextant.SystemClock()); err != nil || blind.Verdict != check.CannotBeTold || blind.Blind == "" {
			t.Errorf("after a partial run: %+v, %v", blind, err)
		}
	})
}

func (h *house) states(t *testing.T, at sextant.Instant) map[string]control.State {
	t.Helper()
	all := map[string]control.State{}
	if err := h.kernel.Read(t.Context(), h.boss, at, func(v *register.View) error {
		return h.store.Machine(t.Context(), h.org, func(r evidence.Reader) error {
			nodes, err := monitor.Status(v, r)
			for _, n := range nodes {
				all[strings.TrimPrefix(n.ID, "control:")] = n.State
			}
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatWouldMoveMovesWhereTheCheckIsActivated(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		way := product.Way(h.kernel, h.store)
		evaluate := func() {
			t.Helper()
			if _, err := way.Evaluate(t.Context(), h.org); err != nil {
				t.Fatal(err)
			}
		}
		h.observe(t, connector.Complete, buckets(10, func(i int, a map[string]any) {
			if i == 0 {
				a["days"] = int64(3)
			}
		}))
		evaluate()
		before := h.states(t, 0)
		c, err := custom.Compile(draft())
		if err != nil {
			t.Fatal(err)
		}
		moves, err := way.Preview(t.Context(), h.org, c)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]control.State{}
		lines := 0
		for _, m := range moves {
			if m.Kind == control.ControlNode {
				want[m.Control] = m.After
			}
			if m.Kind == control.LineNode && m.ID == "line:A.8.13/databases-backed-up" && m.After == control.Fail {
				lines++
			}
		}
		if len(want) != 1 || want["A.8.13"] != control.Fail || lines != 1 {
			t.Errorf("would move: %+v", moves)
		}
		if now := h.states(t, 0); !maps.Equal(now, before) {
			t.Error("a preview moved something")
		}
		then := sextant.SystemClock()
		key, err := h.create(t, draft())
		if err != nil {
			t.Fatal(err)
		}
		if err := h.move(t, h.boss, key, "activate"); err != nil {
			t.Fatal(err)
		}
		evaluate()
		after := h.states(t, 0)
		for id, state := range before {
			if moved, would := want[id]; would {
				state = moved
			}
			if after[id] != state {
				t.Errorf("%s is %s, the preview said %s", id, after[id], state)
			}
		}
		if past := h.states(t, then); !maps.Equal(past, before) {
			t.Error("the check acts backwards")
		}
		if moves, err := way.Preview(t.Context(), h.org, c); err != nil || len(moves) != 0 {
			t.Errorf("of what is in force already: %+v, %v", moves, err)
		}
		if err := h.move(t, h.boss, key, "retire"); err != nil {
			t.Fatal(err)
		}
		evaluate()
		if now := h.states(t, 0); !maps.Equal(now, before) {
			t.Error("a retired check still counts")
		}
	})
}

func TestAnExceptionMayBeFromAnOwnCheck(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		except := func() error {
			return h.kernel.Write(t.Context(), h.boss, func(tx *register.Tx) error {
				_, err := control.Exceptions.Create(tx, control.Exception{Title: "One bucket", Check: "check/own.bucket-versioned", Reason: "moving", RequestedBy: "PER-1", Approver: "PER-1", StartsOn: "2026-11-01", ExpiresOn: "2026-12-01"}, register.Note{})
				return err
			})
		}
		if err := except(); sextant.CodeOf(err) != sextant.Invalid {
			t.Errorf("from a check that is not there: %v", err)
		}
		if _, err := h.create(t, draft()); err != nil {
			t.Fatal(err)
		}
		if err := except(); err != nil {
			t.Error(err)
		}
	})
}

func TestAnObservedResourceBecomesASample(t *testing.T) {
	text, err := custom.AddSample("", check.Pass, map[string]any{"name": "orders", "days": 7.0})
	if err != nil {
		t.Fatal(err)
	}
	if text, err = custom.AddSample(text, check.Fail, map[string]any{"name": "users", "days": 1.0, "tags": map[string]any{"a": "b"}}); err != nil {
		t.Fatal(err)
	}
	c, err := custom.Compile(custom.Check{Reference: "own.days", Title: "Days", Intent: "x", Resource: "aws:rds_instance", Pass: "resource.days >= 7", Reason: "'no'", Aggregate: "all", Severity: "low", Freshness: "P2D",
		DoesNotShow: "x", Remediation: "x", Samples: text + "error:\n- name: x\n  _errors: {days: denied}\n"})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	for _, s := range custom.Try(c) {
		if !s.AsWanted() {
			t.Errorf("%+v", s)
		}
	}
	if _, err := custom.AddSample("pass: {", check.Pass, nil); sextant.CodeOf(err) != sextant.Invalid {
		t.Errorf("broken samples: %v", err)
	}
	if same, err := custom.AddSample(text, check.NotEvaluated, nil); sextant.CodeOf(err) != sextant.Invalid || same != text {
		t.Errorf("a sample of nothing: %v", err)
	}
}

func TestAHalfWrittenCheckCanBeTriedAndNotActivated(t *testing.T) {
	half := custom.Check{Reference: "own.", Resource: "aws:rds_instance", Pass: "resource.days >= 7", Aggregate: "all", Severity: "low", Freshness: "P2D", Samples: "fail:\n- days: 1\n"}
	c, err := custom.Compile(custom.Tryable(half))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Evaluate(map[string]any{"days": 9.0}, nil, custom.SampleMoment).Status; got != check.Pass {
		t.Errorf("tried: %s", got)
	}
	if custom.Problems(half) == nil || custom.Problems(custom.Tryable(half)) == nil {
		t.Error("a half-written check could be activated")
	}
	if _, err := custom.Compile(custom.Tryable(custom.Check{Resource: "aws:rds_instance", Pass: "resource.days >=", Aggregate: "all", Severity: "low", Freshness: "P2D"})); sextant.CodeOf(err) != sextant.Invalid {
		t.Errorf("a broken expression: %v", err)
	}
}
