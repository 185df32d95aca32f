// SPDX-License-Identifier: Apache-2.0

package control_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sextant"
	"sextant/control"
	"sextant/framework"
)

func TestTheTruthTable(t *testing.T) {
	const (
		na, pass, part, exc, grace, nodata, stale, err, fail = control.NotAssessed, control.Pass, control.Partial, control.Excepted, control.FailInGrace, control.NoData, control.Stale, control.Error, control.Fail
	)
	for _, c := range []struct {
		parts []control.State
		want  control.State
	}{
		{nil, na}, {[]control.State{pass, pass}, pass}, {[]control.State{pass, na}, part}, {[]control.State{na, na}, na},
		{[]control.State{pass, exc}, exc}, {[]control.State{pass, na, exc}, exc}, {[]control.State{pass, grace, exc}, grace}, {[]control.State{nodata, grace}, nodata},
		{[]control.State{stale, nodata}, stale}, {[]control.State{err, stale}, err}, {[]control.State{fail, err, pass}, fail}, {[]control.State{part, pass}, part},
	} {
		if got := control.Combine(c.parts...); got != c.want {
			t.Errorf("%v gives %s, want %s", c.parts, got, c.want)
		}
	}
}

var states = append([]control.State{control.Pass}, control.WorstFirst...)

func TestOnlyAllPassPassesAndTheOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom(states), 1, 6).Draw(t, "parts")
		got := control.Combine(parts...)
		all := true
		for _, p := range parts {
			all = all && p == control.Pass
		}
		if (got == control.Pass) != all {
			t.Fatalf("%v gives %s", parts, got)
		}
		if mixed := control.Combine(rapid.Permutation(parts).Draw(t, "mixed")...); mixed != got {
			t.Fatalf("%v gives %s, in another order %s", parts, got, mixed)
		}
	})
}

var now = sextant.InstantOf(time.Date(2026, 11, 19, 14, 0, 0, 0, time.UTC))

func line(form framework.Form) framework.Line {
	return framework.Line{ID: "A.8.13/x", Shows: "it works", Mode: framework.Automatic, Form: form, Period: "P6M", Expires: "P12M"}
}

func derive(form framework.Form, facts control.Facts) *control.Node {
	facts.Now = now
	return control.DerivePlan([]framework.Line{line(form)}, facts)[0]
}

func checked(o control.CheckOutcome) control.Facts {
	return control.Facts{Checks: map[string][]control.CheckOutcome{"A.8.13/x": {o}}}
}

func TestACheckedLine(t *testing.T) {
	fresh := now.Add(-time.Hour)
	base := control.CheckOutcome{Check: "c", State: control.Pass, Observed: fresh, Freshness: 48 * time.Hour}
	with := func(change func(*control.CheckOutcome)) control.CheckOutcome { o := base; change(&o); return o }
	excepted := []control.Offender{{Key: "r", State: control.Fail, ExceptedUntil: now.Add(time.Hour)}}
	for name, c := range map[string]struct {
		outcome control.CheckOutcome
		want    control.State
	}{
		"passes while fresh":                        {base, control.Pass},
		"is stale once its freshness has run out":   {with(func(o *control.CheckOutcome) { o.Observed = now.Add(-49 * time.Hour) }), control.Stale},
		"an old failure stays a failure":            {with(func(o *control.CheckOutcome) { o.State, o.Observed = control.Fail, now.Add(-900*time.Hour) }), control.Fail},
		"has not run":                               {with(func(o *control.CheckOutcome) { o.Never = true }), control.NotAssessed},
		"saw nothing":                               {with(func(o *control.CheckOutcome) { o.State = control.NoData }), control.NoData},
		"could not look":                            {with(func(o *control.CheckOutcome) { o.State = control.Error }), control.Error},
		"fails":                                     {with(func(o *control.CheckOutcome) { o.State, o.FailsSince = control.Fail, fresh }), control.Fail},
		"fails since less than its grace":           {with(func(o *control.CheckOutcome) { o.State, o.FailsSince, o.Grace = control.Fail, fresh, 2*time.Hour }), control.FailInGrace},
		"passes where we look, a source is missing": {with(func(o *control.CheckOutcome) { o.Missing = []control.Missing{{Key: "XS-1"}} }), control.Partial},
		"every failing resource is excepted": {with(func(o *control.CheckOutcome) {
			o.State, o.FailsSince, o.Counts.Failed, o.Offenders = control.Fail, fresh, 1, excepted
		}), control.Excepted},
		"one failing resource of two is excepted": {with(func(o *control.CheckOutcome) {
			o.State, o.FailsSince, o.Counts.Failed, o.Offenders = control.Fail, fresh, 2, excepted
		}), control.Fail},
		"the exception has ended": {with(func(o *control.CheckOutcome) {
			o.State, o.FailsSince, o.Counts.Failed, o.Offenders = control.Fail, fresh, 1, []control.Offender{{Key: "r", ExceptedUntil: now}}
		}), control.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			if got := derive(framework.Checks, checked(c.outcome)); got.State != c.want {
				t.Errorf("%s (%s), want %s", got.State, got.Reason, c.want)
			}
		})
	}
	if got := derive(framework.Checks, control.Facts{}); got.State != control.NotAssessed {
		t.Errorf("a line no check supports is %s", got.State)
	}
}

func TestALineByPeople(t *testing.T) {
	said := func(result, periodTo, expires string) control.Facts {
		return control.Facts{Statements: map[string][]control.Statement{"A.8.13/x": {{Key: "ATT-1", Result: result, PeriodTo: periodTo, ExpiresOn: expires}}}}
	}
	for name, c := range map[string]struct {
		form  framework.Form
		facts control.Facts
		want  control.State
	}{
		"nothing said":                          {framework.Attested, control.Facts{}, control.NotAssessed},
		"holds":                                 {framework.Attested, said("holds", "2026-10-01", "2027-10-01"), control.Pass},
		"holds on its last day":                 {framework.Attested, said("holds", "2026-10-01", "2026-11-19"), control.Pass},
		"has expired":                           {framework.Attested, said("holds", "2025-10-01", "2026-11-18"), control.Stale},
		"does not hold":                         {framework.Attested, said("does_not_hold", "2026-10-01", "2027-10-01"), control.Fail},
		"a record of this period":               {framework.Record, said("holds", "2026-06-01", "2028-01-01"), control.Pass},
		"a record older than the plan's period": {framework.Record, said("holds", "2026-05-01", "2028-01-01"), control.Stale},
	} {
		t.Run(name, func(t *testing.T) {
			if got := derive(c.form, c.facts); got.State != c.want {
				t.Errorf("%s (%s), want %s", got.State, got.Reason, c.want)
			}
		})
	}
}

// Nothing changes before the moment a tree says it would; at that moment
// something does, or the tree said so too early, which costs a look and no more.
func TestATreeStandsUntilItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := control.CheckOutcome{Check: "c", State: rapid.SampledFrom([]control.State{control.Pass, control.Fail, control.NoData}).Draw(t, "state"),
			Observed: now.Add(-time.Duration(rapid.IntRange(0, 60).Draw(t, "age")) * time.Hour), Freshness: 48 * time.Hour, Grace: time.Duration(rapid.IntRange(0, 30).Draw(t, "grace")) * time.Hour}
		o.FailsSince = o.Observed
		facts := checked(o)
		tree := derive(framework.Checks, facts)
		if tree.Until == 0 {
			return
		}
		facts.Now = tree.Until - 1
		if later := control.DerivePlan([]framework.Line{line(framework.Checks)}, facts)[0]; later.State != tree.State {
			t.Fatalf("was %s, is %s before %s", tree.State, later.State, tree.Until)
		}
	})
}

func TestEqualFactsGiveAnEqualTree(t *testing.T) {
	facts := checked(control.CheckOutcome{Check: "c", State: control.Pass, Observed: now, Freshness: time.Hour})
	if diff := cmp.Diff(derive(framework.Checks, facts), derive(framework.Checks, facts)); diff != "" {
		t.Error(diff)
	}
}
