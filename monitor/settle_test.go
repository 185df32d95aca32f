// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/connector"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/monitor"
	"sextant/register"
)

// saw records resources of a type as one whole population.
func (h *house) saw(source, kind string, all map[string]map[string]any) {
	h.t.Helper()
	h.now = h.now.Add(time.Second)
	recorder := &monitor.Recorder{Store: h.store, Organisation: h.org, Source: source}
	s := connector.Slice{Type: kind, Account: source, Region: "r"}
	for key, attributes := range all {
		if err := recorder.Observe(h.t.Context(), connector.Observation{Slice: s, Key: key, Kind: connector.Configuration, Attributes: attributes}); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := recorder.Complete(h.t.Context(), connector.Population{Slice: s, State: connector.Complete, Count: len(all)}); err != nil {
		h.t.Fatal(err)
	}
}

// flags are resources that pass or fail.
func flags(all map[string]bool) map[string]map[string]any {
	list := map[string]map[string]any{}
	for key, flag := range all {
		list[key] = map[string]any{"flag": flag}
	}
	return list
}

// flagged is a check that passes where the flag is set.
func (h *house) flagged(id, kind string, supports ...string) {
	h.t.Helper()
	c, err := check.Compile(check.Check{ID: id, Title: id, Resource: kind, Pass: "resource.flag", Reason: `"no flag"`, Aggregate: check.All, Severity: check.Medium, Freshness: "P2D", Supports: supports})
	if err != nil {
		h.t.Fatal(err)
	}
	h.checks = append(h.checks, c)
}

// look reads at a moment, 0 = now.
func (h *house) look(at sextant.Instant, fn func(*register.View, evidence.Reader) error) {
	h.t.Helper()
	if err := h.kernel.Read(h.t.Context(), access.SystemActor(h.org, "test"), at, func(v *register.View) error {
		r, err := evidence.On(v)
		if err != nil {
			return err
		}
		return fn(v, r)
	}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) explain(subject string) (n *control.Node) {
	h.t.Helper()
	h.look(0, func(v *register.View, r evidence.Reader) (err error) {
		n, err = monitor.StatusOf(v, r, subject)
		return err
	})
	return n
}

// find gives the node with an id from a tree.
func find(t *testing.T, n *control.Node, id string) (found *control.Node) {
	t.Helper()
	n.Walk(func(x *control.Node) {
		if x.ID == id {
			found = x
		}
	})
	if found == nil {
		t.Fatalf("%s has no %s below it", n.ID, id)
	}
	return found
}

// onBothStores runs a test on SQLite and on PostgreSQL.
func onBothStores(t *testing.T, test func(*testing.T, *house)) {
	t.Run("SQLite", func(t *testing.T) { test(t, sqliteHouse(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, postgresHouse(t)) })
}

func TestDeletingOneObservationChangesExactlyTheNodesAboveItPostgreSQL(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		h.flagged("t.x", "t:x", "A.8.13/databases-backed-up")
		h.flagged("t.y", "t:y", "A.8.13/objects-versioned", "A.8.2/root-idle")
		h.saw("aws", "t:x", flags(map[string]bool{"good": true, "bad": false}))
		h.saw("aws", "t:y", flags(map[string]bool{"other": false}))
		h.evaluate()
		before := h.everything()
		h.saw("aws", "t:x", flags(map[string]bool{"good": true}))
		h.evaluate()
		after := h.everything()
		for path, was := range before {
			above := strings.Contains(was, `"check:t.x"`) || strings.HasSuffix(path, " resource:bad")
			if changed := after[path] != was; changed != above {
				t.Errorf("%s: changed %v, stands above the observation %v", path, changed, above)
			}
		}
		for path, is := range after {
			if _, was := before[path]; !was {
				t.Errorf("%s is new: %s", path, is)
			}
		}
	})
}

// everything gives every node of every control, with what hangs from it, by its
// path.
func (h *house) everything() map[string]string {
	h.t.Helper()
	all := map[string]string{}
	h.look(0, func(v *register.View, r evidence.Reader) error {
		nodes, err := monitor.Status(v, r)
		for _, n := range nodes {
			flatten(h.t, all, "", n)
		}
		return err
	})
	return all
}

func flatten(t testing.TB, all map[string]string, path string, n *control.Node) {
	path += " " + n.ID
	all[path] = plain(t, n)
	for _, child := range n.Children {
		flatten(t, all, path, child)
	}
}

// A unit rests on the sources that speak for it: those of its own, of what it is
// part of, and those that name no unit; not on its neighbour's.
func TestAnImplementationRestsOnTheSourcesOfItsUnitPostgreSQL(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		h.flagged("t.x", "t:x", "A.8.13/databases-backed-up")
		north := h.create("scope_unit", map[string]any{"title": "North", "kind": "team", "is_in_scope": true, "parent": "SU-1"})
		south := h.create("scope_unit", map[string]any{"title": "South", "kind": "team", "is_in_scope": true, "parent": "SU-1"})
		east := h.create("scope_unit", map[string]any{"title": "East", "kind": "team", "is_in_scope": true, "parent": "SU-1"})
		of := func(title, unit string) string {
			return h.create("source", map[string]any{"title": title, "connector": "aws", "scope_units": []any{unit}, "schedule": "PT1H"})
		}
		h.saw(of("n", north), "t:x", flags(map[string]bool{"a": true, "b": true}))
		h.saw(of("s", south), "t:x", flags(map[string]bool{"c": false}))
		imp := map[string]string{}
		for _, unit := range []string{"SU-1", north, south, east} {
			imp[unit] = h.create("implementation", map[string]any{"control": framework.ControlPrefix + "A.8.13", "scope_unit": unit})
		}
		h.evaluate()
		for unit, want := range map[string]control.State{"SU-1": control.Fail, north: control.Pass, south: control.Fail, east: control.NotAssessed} {
			n := find(t, h.explain(imp[unit]), "check:t.x")
			if n.State != want {
				t.Errorf("in %s it is %s (%s), want %s", unit, n.State, n.Reason, want)
			}
		}
		if n := find(t, h.explain(imp[north]), "check:t.x"); len(n.Children) != 0 {
			t.Errorf("the north names the south's resource: %+v", n.Children[0])
		}
		h.saw("everywhere", "t:x", flags(map[string]bool{"z": true}))
		h.evaluate()
		if n := find(t, h.explain(imp[east]), "check:t.x"); n.State != control.Pass {
			t.Errorf("a source without units speaks for no unit: %s (%s)", n.State, n.Reason)
		}
	})
}

func TestAPlanLineOfOnesOwnIsShownByTheChecksItNames(t *testing.T) {
	h := sqliteHouse(t)
	imp := h.create("implementation", map[string]any{"control": framework.ControlPrefix + "A.5.5", "scope_unit": "SU-1"})
	line := h.create("plan_line", map[string]any{"implementation": imp, "shows": "Buckets are closed", "mode": "automatic", "form": "checks", "checks": []any{"check/aws.s3-public"}})
	h.evaluate()
	if n := find(t, h.explain(imp), "line:"+line); n.State != control.NotAssessed || n.Title != "Buckets are closed" || len(n.Children) != 1 {
		t.Errorf("before anything ran: %+v", n)
	}
	h.saw("aws", "aws:s3_bucket", map[string]map[string]any{"b": {"name": "b", "public_access_blocked": true, "policy_public": false}})
	h.evaluate()
	if n := find(t, h.explain(imp), "line:"+line); n.State != control.Pass {
		t.Errorf("the named check passes, the line is %s (%s)", n.State, n.Reason)
	}
	if n := h.explain(imp); n.State == control.Pass {
		t.Errorf("a check turned %s green, whose other lines are human", n.ID)
	}
}

func TestAnExceptionCoversWhatItNamesWhileItLasts(t *testing.T) {
	h := sqliteHouse(t)
	other := h.create("person", map[string]any{"name": "Bea", "kind": "employee"})
	public := map[string]any{"name": "b", "public_access_blocked": false, "policy_public": true}
	h.saw("aws", "aws:s3_bucket", map[string]map[string]any{"b1": public, "b2": public})
	h.now = h.now.Add(30 * time.Hour) // out of grace
	h.saw("aws", "aws:s3_bucket", map[string]map[string]any{"b1": public, "b2": public})
	h.evaluate()
	h.now = h.now.Add(25 * time.Hour)
	except := func(from, until int, resources ...any) {
		day := func(n int) string { return h.now.Add(time.Duration(n) * 24 * time.Hour).Time().Format(time.DateOnly) }
		key := h.create("exception", map[string]any{"title": "x", "check": "check/aws.s3-public", "resources": resources, "reason": "r", "requested_by": "PER-1", "approver": other, "starts_on": day(from), "expires_on": day(until)})
		h.move("PER-1", "exception", key, "request")
		h.move(other, "exception", key, "approve")
		h.settle()
	}
	state := func() control.State { return h.explain("check/aws.s3-public").State }
	except(0, 5, "b1")
	if got := state(); got != control.Fail {
		t.Errorf("one of two is excepted: %s", got)
	}
	except(2, 3, "b2")
	if got := state(); got != control.Fail {
		t.Errorf("the second exception has not begun: %s", got)
	}
	h.now = h.now.Add(48 * time.Hour)
	h.saw("aws", "aws:s3_bucket", map[string]map[string]any{"b1": public, "b2": public})
	h.settle()
	if got := state(); got != control.Excepted {
		t.Errorf("both are excepted: %s", got)
	}
	h.now = h.now.Add(48 * time.Hour) // nobody settles; the second one has ended
	if got := state(); got != control.Fail {
		t.Errorf("the exception of one has ended: %s", got)
	}
}

// A rule that comes later acts from then on: what was said of the past stays.
func TestNewRulesActFromTheirActivation(t *testing.T) {
	h := sqliteHouse(t)
	h.saw("aws", "aws:s3_bucket", map[string]map[string]any{"b": {"name": "b", "public_access_blocked": true, "policy_public": false}})
	h.evaluate()
	h.now = h.now.Add(30 * time.Hour)
	then := h.now
	if n := h.explain("check/aws.s3-public"); n.State != control.Pass {
		t.Fatalf("fresh for two days, after 30 hours it is %s", n.State)
	}
	h.now = h.now.Add(time.Hour)
	h.create("check_setting", map[string]any{"check": "check/aws.s3-public", "is_on": true, "freshness": "P1D", "reason": "we want to know sooner"})
	h.settle()
	if n := h.explain("check/aws.s3-public"); n.State != control.Stale {
		t.Errorf("under the new rule it is %s", n.State)
	}
	h.look(then, func(v *register.View, r evidence.Reader) error {
		n, err := monitor.StatusOf(v, r, "check/aws.s3-public")
		if err == nil && n.State != control.Pass {
			t.Errorf("the new rule acts backwards: %s", n.State)
		}
		return err
	})
}

func TestASettingOfACheckIsAnInputByName(t *testing.T) {
	h := sqliteHouse(t)
	h.saw("aws", "aws:iam_user", map[string]map[string]any{"ana": {"name": "ana", "oldest_active_key_at": "2026-01-01T00:00:00Z"}})
	h.evaluate()
	outcome := func() (found evidence.Outcome, body monitor.Body) {
		h.look(0, func(_ *register.View, r evidence.Reader) error {
			list, err := r.OutcomeHistory("aws.key-age", sextant.LatestSeq, 1)
			if err == nil {
				found, err = list[0], json.Unmarshal(list[0].Body, &body)
			}
			return err
		})
		return found, body
	}
	if o, _ := outcome(); control.State(o.State) != control.Pass {
		t.Fatalf("a key of 60 days is %s", control.State(o.State))
	}
	setting := h.create("check_setting", map[string]any{"check": "check/aws.key-age", "is_on": true, "params": []any{map[string]any{"name": "max_days", "value": "30"}}, "reason": "our policy says 30"})
	report := h.evaluate()
	if want := (monitor.Ran{Check: "aws.key-age", Input: monitor.Parameter, Resources: 1, Changed: 1}); !contains(report.Ran, want) {
		t.Errorf("ran %+v, want %+v", report.Ran, want)
	}
	o, _ := outcome()
	if control.State(o.State) != control.Fail || !strings.Contains(o.Version, "+") {
		t.Errorf("under 30 days it is %s by version %s", control.State(o.State), o.Version)
	}
	h.write(func(tx *register.Tx) error {
		_, err := tx.Edit("check_setting", setting, 0, map[string]any{"is_on": false, "reason": "no keys here any more"}, register.Note{})
		return err
	})
	h.evaluate()
	if o, body := outcome(); control.State(o.State) != control.NoData || body.Counts.Population != 0 {
		t.Errorf("switched off it is %s %+v", control.State(o.State), body)
	}
	if n := h.explain("check/aws.key-age"); n.State != control.NoData || !strings.Contains(n.Reason, "no keys here any more") {
		t.Errorf("the reason is not shown: %s %q", n.State, n.Reason)
	}
}

func contains(list []monitor.Ran, want monitor.Ran) bool {
	for _, r := range list {
		if r == want {
			return true
		}
	}
	return false
}

// Nothing is kept where nothing a reader would see has changed, however often
// somebody looks and however often the same is observed.
func TestNothingNewOpensNothing(t *testing.T) {
	h := sqliteHouse(t)
	h.flagged("t.x", "t:x", "A.8.13/databases-backed-up")
	for round := range 5 {
		h.saw("aws", "t:x", flags(map[string]bool{"a": true}))
		report := h.evaluate()
		if round > 0 && (report.Changed > 0 || report.Settled > 0) {
			t.Errorf("round %d: %+v", round, report)
		}
		h.now = h.now.Add(10 * time.Hour)
	}
	h.look(0, func(_ *register.View, r evidence.Reader) error {
		list, err := r.StatusHistory("check/t.x", sextant.LatestSeq, 10)
		if len(list) != 1 {
			t.Errorf("%d intervals, want 1", len(list))
		}
		return err
	})
}

func TestHowSomethingOperated(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		h.flagged("t.x", "t:x", "A.8.13/databases-backed-up")
		begin := h.now
		at := func(hours int, flag bool, more ...string) {
			h.now = begin.Add(time.Duration(hours) * time.Hour)
			all := map[string]bool{"a": flag}
			for _, key := range more {
				all[key] = true
			}
			h.saw("aws", "t:x", flags(all))
			h.evaluate()
		}
		at(0, true)
		at(24, false)      // fails a day
		at(48, true, "b")  // passes for its freshness of two days
		at(120, true, "b") // was stale from 96 to 120
		h.now = begin.Add(144 * time.Hour)
		var o monitor.Operation
		h.look(0, func(v *register.View, r evidence.Reader) (err error) {
			o, err = monitor.Operated(v, r, "check/t.x", begin.Add(time.Hour), begin.Add(200*time.Hour))
			return err
		})
		got := map[control.State]float64{}
		for state, d := range o.Shares {
			got[state] = d.Round(time.Minute).Hours()
		}
		if diff := cmp.Diff(map[control.State]float64{control.Pass: 23 + 48 + 24, control.Fail: 24, control.Stale: 24}, got); diff != "" {
			t.Error(diff)
		}
		if longest := o.Longest.To.Time().Sub(o.Longest.From.Time()).Round(time.Minute); longest != 24*time.Hour {
			t.Errorf("longest failure %s", longest)
		}
		if diff := cmp.Diff([]monitor.Growth{{Type: "t:x", From: 1, To: 2}}, o.Growth); diff != "" {
			t.Error(diff)
		}
		h.look(0, func(v *register.View, r evidence.Reader) error {
			changes, err := monitor.Changes(v, r, monitor.CheckSubject+"t.", nil, 10)
			var path []string
			for _, c := range changes {
				path = append(path, c.Before.String()+" to "+c.After.String())
			}
			if diff := cmp.Diff([]string{"stale to pass", "pass to stale", "fail to pass", "pass to fail", "not_assessed to pass"}, path); diff != "" {
				t.Error(diff)
			}
			days, err2 := monitor.Days(r, begin, h.now)
			var stales []int
			for _, d := range days {
				stales = append(stales, d.Checks[check.Medium]["stale"])
			}
			if diff := cmp.Diff([]int{0, 0, 0, 0, 1, 0, 0}, stales); diff != "" {
				t.Errorf("stale by day: %s", diff)
			}
			if err == nil {
				err = err2
			}
			return err
		})
	})
}

func TestARecountNoticesWhatIsNotSo(t *testing.T) {
	h := sqliteHouse(t)
	h.flagged("t.x", "t:x", "A.8.13/databases-backed-up")
	h.saw("aws", "t:x", flags(map[string]bool{"a": true, "b": false}))
	h.evaluate()
	recount := func() monitor.Recounted {
		r, err := h.way.Recount(t.Context(), h.org)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := recount(); r.Differ != 0 || r.Resources != 2 {
		t.Fatalf("%s", r)
	}
	if err := h.store.Record(t.Context(), h.org, func(w evidence.Writer) error {
		list, err := w.Results("t.x", sextant.LatestSeq, 10, int(check.Fail))
		if err != nil {
			return err
		}
		seq, err := w.Seal("results", "tampered")
		if err != nil {
			return err
		}
		list[0].Status, list[0].First = int(check.Pass), false
		return w.PutResults(seq, list)
	}); err != nil {
		t.Fatal(err)
	}
	if r := recount(); r.Differ == 0 {
		t.Error("a result that was turned round is not noticed")
	}
}

func TestTwoEvaluationsAtOnceDoNotBothWrite(t *testing.T) {
	h := sqliteHouse(t)
	h.flagged("t.x", "t:x")
	h.saw("aws", "t:x", flags(map[string]bool{"a": true}))
	mark := evidence.Mark{Check: "t.x", Type: "t:x", Counts: map[string]evidence.Counts{}}
	put := func() error {
		return h.store.Record(t.Context(), h.org, func(w evidence.Writer) error { return w.PutMark(mark) })
	}
	if err := put(); err != nil {
		t.Fatal(err)
	}
	if err := put(); sextant.CodeOf(err) != sextant.Conflict {
		t.Errorf("a second writer from the same mark: %v", err)
	}
	h.evaluate()
}

func TestWhatWasErasedIsInNoExplanation(t *testing.T) {
	h := sqliteHouse(t)
	imp := h.create("implementation", map[string]any{"control": framework.ControlPrefix + "A.5.5", "scope_unit": "SU-1"})
	line := h.create("plan_line", map[string]any{"implementation": imp, "shows": "unmistakable promise", "mode": "human", "form": "statement"})
	key := h.create("attestation", map[string]any{"implementation": imp, "line": line, "looked_at": "unmistakable file", "period_from": "2026-01-01", "period_to": "2026-02-01", "population": "all", "result": "holds", "attested_by": "PER-1", "expires_on": "2026-12-01"})
	h.move("PER-1", "attestation", key, "attest")
	h.evaluate()
	n := find(t, h.explain(imp), "attestation:"+key)
	if n.Title != "unmistakable file" || n.Inputs["by"] != "Ana" {
		t.Errorf("a reader sees %q by %v", n.Title, n.Inputs["by"])
	}
	h.look(0, func(_ *register.View, r evidence.Reader) error {
		list, err := r.Statuses("", sextant.LatestSeq)
		for _, s := range list {
			if text := s.Reason + string(s.Tree); strings.Contains(text, "unmistakable") || strings.Contains(text, "Ana") {
				t.Errorf("%s keeps words of an entry: %s", s.Subject, text)
			}
		}
		return err
	})
}
