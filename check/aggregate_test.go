// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sextant"
	"sextant/check"
)

func number(n int) *int { return &n }

// counted makes counts; what is not said is 0.
func counted(passed, failed, errors, notApplicable int) check.Counts {
	return check.Counts{Population: passed + failed + errors + notApplicable, Passed: passed, Failed: failed, Errors: errors, NotApplicable: notApplicable}
}

func TestAggregates(t *testing.T) {
	all, none := check.Check{Aggregate: check.All}, check.Check{Aggregate: check.None}
	anyOf := check.Check{Aggregate: check.Any}
	most := check.Check{Aggregate: check.Percent, Threshold: 90}
	least, atMost := check.Check{Aggregate: check.Count, Min: number(2)}, check.Check{Aggregate: check.Count, Max: number(2)}
	for _, c := range []struct {
		says  string
		check check.Check
		n     check.Counts
		whole bool
		want  check.Verdict
	}{
		{"all: every one", all, counted(3, 0, 0, 1), true, check.Passes},
		{"all: one fails", all, counted(3, 1, 0, 0), true, check.Fails},
		{"all: one fails, the rest was not seen", all, counted(3, 1, 0, 0), false, check.Fails},
		{"all: one could not be told", all, counted(3, 0, 1, 0), true, check.CannotBeTold},
		{"all: not seen whole", all, counted(3, 0, 0, 0), false, check.CannotBeTold},
		{"all: nothing seen", all, counted(0, 0, 0, 0), true, check.NothingSeen},
		{"all: nothing it applies to", all, counted(0, 0, 0, 4), true, check.NothingSeen},
		{"none: not one", none, counted(3, 0, 0, 0), true, check.Passes},
		{"none: one is so", none, counted(3, 1, 0, 0), false, check.Fails},
		{"none: nothing seen", none, counted(0, 0, 0, 0), true, check.NothingSeen},
		{"any: one", anyOf, counted(1, 5, 0, 0), true, check.Passes},
		{"any: one, the rest was not seen", anyOf, counted(1, 5, 0, 0), false, check.CannotBeTold},
		{"any: not one", anyOf, counted(0, 5, 0, 0), true, check.Fails},
		{"any: not one of those that could be told", anyOf, counted(0, 5, 1, 0), true, check.CannotBeTold},
		{"any: there is none at all", anyOf, counted(0, 0, 0, 0), true, check.Fails},
		{"percent: enough", most, counted(9, 1, 0, 5), true, check.Passes},
		{"percent: too few", most, counted(8, 2, 0, 0), true, check.Fails},
		{"percent: enough only if what could not be told passes", most, counted(8, 1, 1, 0), true, check.CannotBeTold},
		{"percent: enough whatever could not be told", most, counted(19, 0, 1, 0), true, check.Passes},
		{"percent: not seen whole", most, counted(1, 9, 0, 0), false, check.CannotBeTold},
		{"percent: nothing seen", most, counted(0, 0, 0, 2), true, check.NothingSeen},
		{"count: as many as needed", least, counted(2, 9, 0, 0), true, check.Passes},
		{"count: too few", least, counted(1, 0, 0, 0), true, check.Fails},
		{"count: too few, the rest was not seen", least, counted(1, 0, 0, 0), false, check.CannotBeTold},
		{"count: enough if what could not be told does", least, counted(1, 0, 1, 0), true, check.CannotBeTold},
		{"count: there is none at all", least, counted(0, 0, 0, 0), true, check.Fails},
		{"count: no more than allowed", atMost, counted(2, 0, 0, 0), true, check.Passes},
		{"count: too many, whatever was not seen", atMost, counted(3, 0, 0, 0), false, check.Fails},
		{"count: perhaps too many", atMost, counted(2, 0, 1, 0), true, check.CannotBeTold},
		{"count: none of what may not be, seen whole", atMost, counted(0, 0, 0, 0), true, check.Passes},
		{"count: none of what may not be, not seen whole", atMost, counted(0, 0, 0, 0), false, check.CannotBeTold},
	} {
		got, reason := c.check.Summarise(c.n, c.whole, "denied")
		if got != c.want {
			t.Errorf("%s: %d (%s), want %d", c.says, got, reason, c.want)
		}
		if got == check.CannotBeTold && !c.whole && reason != "denied" {
			t.Errorf("%s: the reason is %q, not why it was not seen", c.says, reason)
		}
	}
}

// Whatever the aggregate: what was not seen whole never passes.
func TestNoAggregatePassesOverWhatWasNotSeenWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := func(name string) int { return rapid.IntRange(0, 5).Draw(t, name) }
		c := check.Check{Aggregate: rapid.SampledFrom([]check.Aggregate{check.All, check.Any, check.None, check.Percent, check.Count}).Draw(t, "aggregate"), Threshold: 50, Min: number(some("min")), Max: number(5)}
		if verdict, _ := c.Summarise(counted(some("passed"), some("failed"), some("errors"), some("na")), false, "denied"); verdict == check.Passes {
			t.Fatalf("%s passes", c.Aggregate)
		}
	})
}

const oneCheck = `id: x.one
title: One
intent: i
resource: "x:y"
pass: resource.open
reason: '"it is open"'
severity: low
freshness: P1D
does_not_show: d
remediation: r
samples: {pass: [{open: false}], fail: [{open: true}], error: [{}]}
`

// Of `none` the expression tells what must not be: what it is true of fails.
func TestNoneTurnsTheExpressionRound(t *testing.T) {
	c, err := check.Parse("x.yaml", []byte(oneCheck+"aggregate: none\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Evaluate(map[string]any{"open": true}, nil, sampled); got.Status != check.Fail || got.Reason != "it is open" {
		t.Errorf("what is open: %s %q", got.Status, got.Reason)
	}
	if got := c.Evaluate(map[string]any{"open": false}, nil, sampled); got.Status != check.Pass {
		t.Errorf("what is closed: %s", got.Status)
	}
}

func TestAnAggregateSaysWhatItNeeds(t *testing.T) {
	for text, want := range map[string]string{"aggregate: percent": "threshold", "aggregate: percent\nthreshold: 101": "threshold", "aggregate: count": "min, max or both", "aggregate: count\nmin: 3\nmax: 2": "min is not above max",
		"aggregate: all\nmin: 1": "belong to aggregate count", "aggregate: most": "no aggregate", "threshold: 5": "belongs to aggregate percent"} {
		if _, err := check.Parse("x.yaml", []byte(oneCheck+text+"\n")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{"aggregate: percent\nthreshold: 95", "aggregate: count\nmin: 1\nmax: 3", "aggregate: any"} {
		if _, err := check.Parse("x.yaml", []byte(oneCheck+text+"\n")); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestASettingStaysWithinItsCaps(t *testing.T) {
	c, _ := check.Named("aws.key-age") // medium, fresh for two days
	on := func(change func(*check.Setting)) check.Setting {
		s := check.Setting{IsOn: true}
		change(&s)
		return s
	}
	for name, x := range map[string]struct {
		setting check.Setting
		field   string // that is refused, "" = none
	}{
		"nothing":                       {on(func(*check.Setting) {}), ""},
		"a parameter":                   {on(func(s *check.Setting) { s.Params = []check.ParamValue{{Name: "max_days", Value: "60"}} }), ""},
		"a parameter it has not":        {on(func(s *check.Setting) { s.Params = []check.ParamValue{{Name: "max_weeks", Value: "6"}} }), "params"},
		"a parameter of another kind":   {on(func(s *check.Setting) { s.Params = []check.ParamValue{{Name: "max_days", Value: "soon"}} }), "params"},
		"grace of a week":               {on(func(s *check.Setting) { s.Grace = "P7D" }), ""},
		"grace of eight days":           {on(func(s *check.Setting) { s.Grace = "P8D" }), "grace"},
		"grace of a week when critical": {on(func(s *check.Setting) { s.Grace, s.Severity = "P7D", "critical" }), "grace"},
		"fresh for a month":             {on(func(s *check.Setting) { s.Freshness = "P31D" }), ""},
		"fresh for a quarter":           {on(func(s *check.Setting) { s.Freshness = "P92D" }), "freshness"},
	} {
		got, err := c.With(x.setting, 1)
		switch {
		case x.field == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case x.field != "" && (err == nil || !strings.HasPrefix(err.Error(), x.field+": ")):
			t.Errorf("%s: %v, want a refusal of %s", name, err, x.field)
		case err == nil && len(x.setting.Params) > 0 && (got.Version == c.Version || !strings.HasPrefix(got.Version, c.Version+"+")):
			t.Errorf("%s: version %s, the check's own is %s", name, got.Version, c.Version)
		}
	}
	if off, err := c.With(check.Setting{OffUntil: "2026-03-01"}, sampledInstant(t, "2026-03-01T23:59:59Z")); err != nil || off.Off == "" {
		t.Errorf("on its last day it is not off: %v", err)
	}
	if off, err := c.With(check.Setting{OffUntil: "2026-03-01"}, sampledInstant(t, "2026-03-02T00:00:00Z")); err != nil || off.Off != "" {
		t.Errorf("the day after it is off: %v", err)
	}
}

func sampledInstant(t *testing.T, text string) sextant.Instant {
	t.Helper()
	at, err := sextant.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
