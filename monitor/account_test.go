// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"fmt"
	"maps"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/check"
	"sextant/connector"
	"sextant/connector/aws"
	"sextant/connector/aws/mototest"
	"sextant/control"
	"sextant/evidence"
	"sextant/monitor"
)

// reading is how an account is read in these tests.
func (w *way) reading() aws.Config {
	return aws.Config{Accounts: []aws.Account{{AccessKeyID: "test", SecretAccessKey: "test"}}, Endpoint: w.world.Endpoint, Regions: []string{mototest.Region}, Attempts: 1, RequestsPerSecond: 1000, LongestWait: 1}
}

// read collects by a configuration and evaluates.
func (w *way) read(t *testing.T, config aws.Config) (connector.Manifest, monitor.Report) {
	t.Helper()
	conn, err := aws.New(config, connector.Options{Source: "aws", Operator: true})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := monitor.Collect(t.Context(), &monitor.Recorder{Store: w.store, Organisation: w.org, Source: "aws"}, conn)
	if err != nil {
		t.Fatal(err)
	}
	report, err := (&monitor.Way{Kernel: w.kernel, Store: w.store}).Evaluate(t.Context(), w.org)
	if err != nil {
		t.Fatal(err)
	}
	return manifest, report
}

// outcomes gives the state of every check that ran, and standing is how many
// resources stand by type.
func (w *way) outcomes(t *testing.T) (states map[string]control.State, standing map[string]int) {
	t.Helper()
	states, standing = map[string]control.State{}, map[string]int{}
	if err := w.store.Machine(t.Context(), w.org, func(r evidence.Reader) error {
		list, err := r.Outcomes(sextant.LatestSeq)
		for _, o := range list {
			states[o.Check] = control.State(o.State)
		}
		if err != nil {
			return err
		}
		counts, err := r.ResourceCounts(sextant.LatestSeq)
		for _, c := range counts {
			standing[c.Type] = c.Count
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return states, standing
}

func TestTwoAccountsThreeRegionsAndManyUsersOnMoto(t *testing.T) {
	const users = 1500
	w := newWay(t, users)
	config := w.reading()
	config.Regions = mototest.Regions
	config.Accounts = []aws.Account{{ID: mototest.Home, AccessKeyID: "test", SecretAccessKey: "test"},
		{ID: mototest.Other, AccessKeyID: "test", SecretAccessKey: "test", RoleARN: mototest.OtherRole, ExternalID: mototest.ExternalID}}
	began := time.Now()
	manifest, report := w.read(t, config)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	states, standing := w.outcomes(t)
	t.Logf("%d resources, %d requests, %d results in %s; %d MiB of heap", total(standing), manifest.Requests, report.Changed, time.Since(began).Round(time.Millisecond), memory.HeapAlloc>>20)
	if !manifest.Complete() || standing["aws:iam_user"] != users+30 || len(manifest.Principals) != 2 {
		t.Errorf("complete %v, %d users, as %v: %v", manifest.Complete(), standing["aws:iam_user"], manifest.Principals, connector.Distinct(manifest.Failures()))
	}
	alone, modelled, mixed := 0, 0, map[control.State]int{}
	for _, c := range check.Library() {
		state := states[c.ID]
		mixed[state]++
		if state != control.Pass && state != control.Fail {
			t.Errorf("%s concludes nothing: %s", c.ID, state)
			continue
		}
		if slices.Contains(mototest.ModelledChecks, strings.ReplaceAll(c.ID, ".", "-")) {
			modelled++
		} else {
			alone++
		}
	}
	t.Logf("%d checks conclude over moto alone, %d with model-valid answers beside it: %v", alone, modelled, mixed)
	if alone < 30 || alone+modelled < 40 || mixed[control.Pass] == 0 || mixed[control.Fail] == 0 {
		t.Errorf("%d checks over moto alone, %d with model-valid answers, %v", alone, modelled, mixed)
	}
	for _, id := range []string{"A.5.5", "A.5.12", "A.5.26", "A.5.30"} {
		if n := w.status(t, 0)[id]; n.State == control.Pass {
			t.Errorf("%s passes by two AWS accounts", id)
		}
	}
	_, again := w.read(t, config)
	if again.Changed != 0 || again.Settled != 0 {
		t.Errorf("read again, %d results and %d states changed", again.Changed, again.Settled)
	}
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// Each call of the connector fails once, in five ways by turns, after everything
// was seen whole: nothing is taken for gone, and no check turns to a pass or a
// fail by what was not seen.
func TestNoFailedCallPassesFailsOrDeletesAnythingOnMoto(t *testing.T) {
	w := newWay(t, 5)
	w.read(t, w.reading())
	before, stood := w.outcomes(t)
	calls := map[string]string{}
	for _, kind := range aws.Types() {
		for _, call := range kind.Calls {
			if calls[call] == "" {
				calls[call] = kind.Name
			}
		}
	}
	faults := []mototest.Fault{mototest.Denied, mototest.Throttled, mototest.Broken, mototest.Cut, mototest.Expired}
	for i, call := range slices.Sorted(maps.Keys(calls)) {
		fault := faults[i%len(faults)]
		if call == "s3:GetBucketLocation" { // the list of buckets names their regions; a trail's bucket is asked for
			calls[call] = "aws:cloudtrail_trail"
		}
		config := w.reading()
		config.Types = []string{calls[call]}
		w.world.Break(call, fault)
		manifest, _ := w.read(t, config)
		w.world.Mend()
		named := slices.ContainsFunc(manifest.Failures(), func(f connector.Failure) bool { return f.Call == call })
		if !named {
			t.Errorf("%s with %s: the manifest does not name it", call, fault)
		}
		after, stands := w.outcomes(t)
		if !maps.Equal(stood, stands) {
			t.Errorf("%s with %s: %v stood, %v stand", call, fault, stood, stands)
		}
		for id, was := range before {
			if is := after[id]; is != was && is != control.Error {
				t.Errorf("%s with %s: %s went from %s to %s", call, fault, id, was, is)
			}
		}
		w.read(t, config)
	}
	if after, _ := w.outcomes(t); !maps.Equal(before, after) {
		t.Error("after all is mended, the outcomes are not what they were")
	}
}

func TestAnAccountThatIsEmptyDeniedExpiredOrUnreachablePassesNothingOnMoto(t *testing.T) {
	w := newWay(t, 5)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nowhere := "http://" + closed.Addr().String()
	closed.Close()
	// What is true of an account in which nothing is: facts about the account
	// itself and about the default network AWS gives every region.
	facts := []string{"aws.root-keys", "aws.root-unused", "aws.sg-admin-ports", "aws.sg-db-ports"}
	for says, prepare := range map[string]func(*aws.Config){
		"empty":       func(c *aws.Config) { c.Accounts[0].RoleARN = "arn:aws:iam::333333333333:role/read" },
		"denied":      func(*aws.Config) { breakAll(w, mototest.Denied) },
		"expired":     func(*aws.Config) { w.world.Break("sts:GetCallerIdentity", mototest.Expired) },
		"not let in":  func(*aws.Config) { w.world.Break("sts:GetCallerIdentity", mototest.Denied) },
		"unreachable": func(c *aws.Config) { c.Endpoint = nowhere },
	} {
		t.Run(says, func(t *testing.T) {
			made, err := w.store.CreateOrganisation(t.Context(), says)
			if err != nil {
				t.Fatal(err)
			}
			alone := *w
			alone.org = made.Number
			config := w.reading()
			prepare(&config)
			defer w.world.Mend()
			manifest, _ := alone.read(t, config)
			if manifest.Complete() != (says == "empty") {
				t.Errorf("complete: %v", manifest.Complete())
			}
			states, _ := alone.outcomes(t)
			for id, state := range states {
				if state == control.Pass && (says != "empty" || !slices.Contains(facts, id)) {
					t.Errorf("%s passes", id)
				}
				if state != control.Error && says != "empty" {
					t.Errorf("%s is %s where nothing could be read", id, state)
				}
			}
			for id, n := range alone.status(t, 0) {
				if n.State == control.Pass {
					t.Errorf("%s passes", id)
				}
			}
		})
	}
}

func breakAll(w *way, fault mototest.Fault) {
	for _, kind := range aws.Types() {
		for _, call := range kind.Calls {
			w.world.Break(call, fault)
		}
	}
	w.world.Break("sts:GetCallerIdentity", mototest.NoFault)
}

// One resource is mended: of all results exactly one interval ends, that of the
// check over the resource, and the one that follows it passes.
func TestMendingOneResourceClosesExactlyItsIntervalOnMoto(t *testing.T) {
	w := newWay(t, 5)
	for _, name := range mototest.Changes() {
		id := strings.Replace(name, "aws-", "aws.", 1)
		if _, _, err := mototest.BreakOne(t.Context(), w.world.Endpoint, name); err != nil {
			t.Fatal(err)
		}
		w.read(t, w.reading())
		before, stood := w.outcomes(t)
		kind, key, err := mototest.FixOne(t.Context(), w.world.Endpoint, name)
		if err != nil {
			t.Fatal(err)
		}
		manifest, report := w.read(t, w.reading())
		if !manifest.Complete() || report.Changed != 1 {
			t.Errorf("%s: %d results changed", name, report.Changed)
		}
		after, stands := w.outcomes(t)
		if !maps.Equal(stood, stands) {
			t.Errorf("%s: other resources stand", name)
		}
		for other, was := range before {
			if other != id && after[other] != was {
				t.Errorf("%s: %s went from %s to %s", name, other, was, after[other])
			}
		}
		if err := w.store.Machine(t.Context(), w.org, func(r evidence.Reader) error {
			resource, err := r.Resource(kind, key, sextant.LatestSeq)
			if err != nil {
				return err
			}
			history, err := r.ResultHistory(id, resource.ID, sextant.LatestSeq, 10)
			if err != nil {
				return err
			}
			if len(history) < 2 || check.Status(history[0].Status) != check.Pass || check.Status(history[1].Status) != check.Fail || history[1].To != history[0].From || history[1].Reason == "" {
				return fmt.Errorf("the intervals of %s over %s: %+v", id, key, history)
			}
			return nil
		}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
