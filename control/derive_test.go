// SPDX-License-Identifier: Apache-2.0

package control_test

import (
	"encoding/json"
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

func line(form framework.Form) control.Line {
	return control.Line{Line: framework.Line{ID: "A.8.13/x", Shows: "it works", Mode: framework.Automatic, Form: form, Period: "P6M", Expires: "P12M"}, Checks: []string{"c"}}
}

// at judges a plan of one line at a moment, its observations made at another.
func at(moment, seen sextant.Instant, form framework.Form, facts control.Facts) *control.Node {
	return control.Judge(control.DerivePlan([]control.Line{line(form)}, facts)[0], moment, func(control.Watch) sextant.Instant { return seen })
}

func derive(form framework.Form, facts control.Facts) *control.Node {
	return at(now, now.Add(-time.Hour), form, facts)
}

func checked(o control.CheckOutcome) control.Facts {
	return control.Facts{Checks: map[string]control.CheckOutcome{"c": o}}
}

func until(at sextant.Instant) control.Periods {
	return control.NewPeriods(control.Period{From: 0, Until: at})
}

func TestACheckedLine(t *testing.T) {
	fresh := now.Add(-time.Hour)
	old := now.Add(-900 * time.Hour)
	base := control.CheckOutcome{Check: "c", State: control.Pass, Freshness: 48 * time.Hour}
	fails := control.CheckOutcome{Check: "c", State: control.Fail, Freshness: 48 * time.Hour, FailsSince: fresh}
	with := func(base control.CheckOutcome, change func(*control.CheckOutcome)) control.CheckOutcome {
		change(&base)
		return base
	}
	permitted := with(fails, func(o *control.CheckOutcome) { o.Permitted = until(now.Add(time.Hour)) })
	grace := with(fails, func(o *control.CheckOutcome) { o.Grace = 2 * time.Hour })
	for name, c := range map[string]struct {
		outcome control.CheckOutcome
		seen    sextant.Instant
		want    control.State
	}{
		"passes while fresh":                        {base, fresh, control.Pass},
		"is stale once its freshness has run out":   {base, now.Add(-49 * time.Hour), control.Stale},
		"was never seen whole":                      {base, 0, control.Stale},
		"an old failure stays a failure":            {fails, old, control.Fail},
		"has not run":                               {with(base, func(o *control.CheckOutcome) { o.State = control.NotAssessed }), fresh, control.NotAssessed},
		"saw nothing":                               {with(base, func(o *control.CheckOutcome) { o.State = control.NoData }), fresh, control.NoData},
		"could not look":                            {with(base, func(o *control.CheckOutcome) { o.State = control.Error }), fresh, control.Error},
		"fails":                                     {fails, fresh, control.Fail},
		"fails since less than its grace":           {grace, fresh, control.FailInGrace},
		"young, and seen too long ago":              {grace, old, control.Stale},
		"young, and not seen whole":                 {with(grace, func(o *control.CheckOutcome) { o.Blind = "denied" }), fresh, control.Error},
		"passes where we look, a source is missing": {with(base, func(o *control.CheckOutcome) { o.Missing = []control.Missing{{Key: "XS-1"}, {Title: "y"}} }), fresh, control.Partial},
		"every failing resource is excepted":        {permitted, fresh, control.Excepted},
		"excepted, and seen too long ago":           {permitted, old, control.Stale},
		"the exception has ended":                   {with(fails, func(o *control.CheckOutcome) { o.Permitted = until(now) }), fresh, control.Fail},
		"the exception has not begun": {with(fails, func(o *control.CheckOutcome) {
			o.Permitted = control.NewPeriods(control.Period{From: now + 1, Until: now + 9})
		}), fresh, control.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			if got := at(now, c.seen, framework.Checks, checked(c.outcome)); got.State != c.want {
				t.Errorf("%s (%s), want %s", got.State, got.Reason, c.want)
			}
		})
	}
	if got := derive(framework.Checks, control.Facts{}); got.State != control.NotAssessed {
		t.Errorf("a line no check supports is %s", got.State)
	}
	facts := checked(fails)
	facts.Permitted = until(now + 1)
	if got := derive(framework.Checks, facts); got.State != control.Excepted {
		t.Errorf("with an exception of the control it is %s", got.State)
	}
}

func TestPeriodsJoinAndMeet(t *testing.T) {
	joined := control.NewPeriods(control.Period{From: 10, Until: 20}, control.Period{From: 5, Until: 10}, control.Period{From: 30, Until: 40}, control.Period{From: 50, Until: 50})
	if diff := cmp.Diff(control.Periods{{From: 5, Until: 20}, {From: 30, Until: 40}}, joined); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(control.Periods{{From: 15, Until: 20}, {From: 30, Until: 35}}, joined.Both(control.Periods{{From: 15, Until: 35}})); diff != "" {
		t.Error(diff)
	}
	if until, ok := joined.Holds(20); ok {
		t.Errorf("holds until %d at its end", until)
	}
	if next := joined.Next(20); next != 30 {
		t.Errorf("next is %d, want 30", next)
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
	hours := func(t *rapid.T, name string) time.Duration {
		return time.Duration(rapid.IntRange(0, 60).Draw(t, name)) * time.Hour
	}
	rapid.Check(t, func(t *rapid.T) {
		seen := now.Add(-hours(t, "age"))
		o := control.CheckOutcome{Check: "c", State: rapid.SampledFrom([]control.State{control.Pass, control.Fail, control.NoData, control.Error}).Draw(t, "state"),
			Freshness: 48 * time.Hour, Grace: hours(t, "grace"), FailsSince: seen}
		if rapid.Bool().Draw(t, "blind") {
			o.Blind = "denied"
		}
		from := now.Add(hours(t, "from") - 30*time.Hour)
		o.Permitted = control.NewPeriods(control.Period{From: from, Until: from.Add(hours(t, "length"))})
		facts := checked(o)
		tree := at(now, seen, framework.Checks, facts)
		if tree.Until != 0 && tree.Until <= now {
			t.Fatalf("it says it changes at %s, which is over", tree.Until)
		}
		moment := tree.Until - 1
		if tree.Until == 0 {
			moment = now.Add(1000 * time.Hour)
		}
		if later := at(moment, seen, framework.Checks, facts); later.State != tree.State {
			t.Fatalf("was %s until %s, is %s before", tree.State, tree.Until, later.State)
		}
	})
}

func TestEqualFactsGiveAnEqualTree(t *testing.T) {
	facts := checked(control.CheckOutcome{Check: "c", State: control.Pass, Freshness: time.Hour})
	if diff := cmp.Diff(derive(framework.Checks, facts), derive(framework.Checks, facts)); diff != "" {
		t.Error(diff)
	}
}

// A tree is kept and judged later: what comes back says the same.
func TestAKeptTreeIsJudgedAsTheOneItWas(t *testing.T) {
	facts := checked(control.CheckOutcome{Check: "c", State: control.Fail, Freshness: time.Hour, FailsSince: now, Grace: time.Hour, Permitted: until(now + 5),
		Offenders: []control.Offender{{Key: "r", State: control.Fail, Permitted: until(now + 5)}}, Missing: []control.Missing{{Key: "XS-1", Reason: "expected"}}})
	tree := control.DeriveControl("A.8.13", "Backup", []*control.Node{control.DeriveImplementation("IMP-1", "Backup", []control.Line{line(framework.Checks), line(framework.Attested)}, facts)})
	kept, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	var back *control.Node
	if err := json.Unmarshal(kept, &back); err != nil {
		t.Fatal(err)
	}
	for _, moment := range []sextant.Instant{now, now + 5, now.Add(time.Hour), now.Add(100 * time.Hour)} {
		seen := func(control.Watch) sextant.Instant { return now }
		if diff := cmp.Diff(shown(t, control.Judge(tree, moment, seen)), shown(t, control.Judge(back, moment, seen))); diff != "" {
			t.Errorf("at %s: %s", moment, diff)
		}
	}
}

// shown is a tree as a reader of JSON gets it.
func shown(t *testing.T, n *control.Node) (value any) {
	data, err := json.Marshal(n)
	if err == nil {
		err = json.Unmarshal(data, &value)
	}
	if err != nil {
		t.Fatal(err)
	}
	return value
}
