// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"sextant/check"
)

// sampled is the day the samples are written for.
var sampled = time.Date(2026, 11, 19, 14, 32, 0, 0, time.UTC)

func TestEveryCheckTellsItsSamplesApart(t *testing.T) {
	if n := len(check.Library()); n < 40 {
		t.Errorf("the library has %d checks", n)
	}
	for _, c := range check.Library() {
		for want, samples := range map[check.Status][]map[string]any{check.Pass: c.Samples.Pass, check.Fail: c.Samples.Fail, check.Error: c.Samples.Error, check.NotApplicable: c.Samples.None} {
			for i, sample := range samples {
				got := c.Evaluate(sample, nil, sampled)
				if got.Status != want {
					t.Errorf("%s sample %d: %s (%s), want %s", c.ID, i, got.Status, got.Reason, want)
				}
				if want == check.Fail && (got.Reason == "" || strings.HasSuffix(got.Reason, ": not so")) {
					t.Errorf("%s sample %d fails without a reason: %q", c.ID, i, got.Reason)
				}
			}
		}
		if verdict, _ := c.Summarise(check.Counts{}, true, ""); verdict == check.Passes {
			t.Errorf("%s passes where there is nothing", c.ID)
		}
	}
}

// A check whose expression were always true or always false must be caught by
// its own samples.
func TestSamplesCatchAnExpressionThatSaysTheSameOfEverything(t *testing.T) {
	for _, c := range check.Library() {
		for _, constant := range []string{"true", "false"} {
			mutated := c.Check
			mutated.Pass = constant
			m, err := check.Compile(mutated)
			if err != nil {
				t.Fatal(err)
			}
			caught := slices.ContainsFunc(c.Samples.Pass, func(s map[string]any) bool { return m.Evaluate(s, nil, sampled).Status != check.Pass }) ||
				slices.ContainsFunc(c.Samples.Fail, func(s map[string]any) bool { return m.Evaluate(s, nil, sampled).Status != check.Fail })
			if !caught {
				t.Errorf("%s: no sample notices `pass: %s`", c.ID, constant)
			}
		}
	}
}

// Attributes are declared where the connector says what it observes.
func TestEveryAttributeAnExpressionReadsIsObserved(t *testing.T) {
	data, err := os.ReadFile("../connector/aws/resources.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var types []struct {
		Type       string
		Attributes map[string]string
	}
	if err := yaml.Unmarshal(data, &types); err != nil {
		t.Fatal(err)
	}
	known := map[string]map[string]string{}
	for _, x := range types {
		known[x.Type] = x.Attributes
	}
	for _, c := range check.Library() {
		for _, name := range c.Reads() {
			if _, ok := known[c.Resource][name]; !ok {
				t.Errorf("%s reads %s.%s, which no connector observes", c.ID, c.Resource, name)
			}
		}
		for _, group := range [][]map[string]any{c.Samples.Pass, c.Samples.Fail, c.Samples.None} {
			for _, sample := range group {
				for name := range sample {
					if _, ok := known[c.Resource][name]; !ok {
						t.Errorf("%s has a sample with %s, which %s has not", c.ID, name, c.Resource)
					}
				}
			}
		}
	}
}

func TestNothingThatWasNotSeenPasses(t *testing.T) {
	c, _ := check.Named("aws.root-mfa")
	rapid.Check(t, func(t *rapid.T) {
		n := check.Counts{Passed: rapid.IntRange(0, 3).Draw(t, "passed"), Failed: rapid.IntRange(0, 2).Draw(t, "failed"), Errors: rapid.IntRange(0, 2).Draw(t, "errors"), NotApplicable: rapid.IntRange(0, 2).Draw(t, "na")}
		n.Population = n.Passed + n.Failed + n.Errors + n.NotApplicable
		whole := rapid.Bool().Draw(t, "whole")
		verdict, _ := c.Summarise(n, whole, "denied")
		if verdict == check.Passes && (n.Passed == 0 || n.Failed > 0 || n.Errors > 0 || !whole) {
			t.Fatalf("%+v whole %v passes", n, whole)
		}
		if n.Failed > 0 && verdict != check.Fails {
			t.Fatalf("%+v whole %v does not fail", n, whole)
		}
	})
}

func TestARunawayExpressionIsStopped(t *testing.T) {
	c := check.Library()[0].Check
	c.Pass = "[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, a+b+c+d+e+f > 0))))))"
	m, err := check.Compile(c)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if got := m.Evaluate(map[string]any{}, nil, sampled); got.Status != check.Error {
		t.Errorf("got %s after %s", got.Status, time.Since(start))
	}
}

func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("library/aws/rds-backup.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := check.Parse("fuzz.yaml", data)
		if (c == nil) == (err == nil) {
			t.Errorf("check %v, error %v", c, err)
		}
		if c != nil {
			c.Evaluate(map[string]any{"name": "x"}, nil, sampled)
		}
	})
}
