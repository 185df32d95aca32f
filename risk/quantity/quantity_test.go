// SPDX-License-Identifier: Apache-2.0

package quantity_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sextant/internal/testserver"
	"sextant/risk/quantity"
)

func lognormal(low, high float64) quantity.Range {
	return quantity.Range{Shape: quantity.Lognormal, Low: low, High: high}
}

func fixed(value float64) quantity.Range {
	return quantity.Range{Shape: quantity.Fixed, Low: value}
}

var portfolio = []quantity.Scenario{
	{ID: "ransomware", Frequency: quantity.Range{Shape: quantity.PERT, Low: 0.02, Mode: 0.1, High: 0.5}, Loss: lognormal(40_000, 900_000)},
	{ID: "lost laptop", Frequency: lognormal(1, 6), Loss: quantity.Range{Shape: quantity.Triangular, Low: 800, Mode: 1500, High: 9000}},
	{ID: "outage", Frequency: fixed(14), Loss: quantity.Range{Shape: quantity.PERT, Low: 200, Mode: 2500, High: 20_000}},
	{ID: "fraud", Frequency: fixed(0.4), Loss: lognormal(2_000, 60_000)},
}

func simulate(t testing.TB, scenarios []quantity.Scenario, s quantity.Settings) quantity.Result {
	t.Helper()
	r, err := quantity.Simulate(context.Background(), scenarios, s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The mean and the variance of a compound Poisson variable are known exactly;
// what is played must agree with them as far as chance allows. The seed is
// fixed, so the test says the same every time.
func TestSimulationAgreesWithClosedForms(t *testing.T) {
	for _, s := range append(portfolio, quantity.Scenario{ID: "many", Frequency: lognormal(40, 400), Loss: lognormal(10, 500)}) {
		r := simulate(t, []quantity.Scenario{s}, quantity.Settings{Trials: 400_000, Seed: 11})
		if off := math.Abs(r.Mean-s.Mean()) / r.MeanError; off > 4 {
			t.Errorf("%s: mean %.1f, closed form %.1f: %.1f standard errors apart", s.ID, r.Mean, s.Mean(), off)
		}
		if ratio := r.Deviation * r.Deviation / s.Variance(); ratio < 0.93 || ratio > 1.07 {
			t.Errorf("%s: variance is %.3f of the closed form", s.ID, ratio)
		}
	}
	all := simulate(t, portfolio, quantity.Settings{Trials: 200_000, Seed: 5})
	mean, shares, drives := 0.0, 0.0, 0.0
	for i, c := range all.Scenarios {
		mean, shares, drives = mean+portfolio[i].Mean(), shares+c.Share, drives+c.Drives
	}
	if math.Abs(all.Mean-mean) > 4*all.MeanError {
		t.Errorf("together %.0f, closed form %.0f", all.Mean, mean)
	}
	if math.Abs(shares-1) > 1e-9 || math.Abs(drives-1) > 1e-3 {
		t.Errorf("shares add up to %g, what drives the variance to %g", shares, drives)
	}
}

// The closed forms themselves, against values worked out by hand.
func TestSpreadsHaveTheirMomentsInClosedForm(t *testing.T) {
	for _, c := range []struct {
		r              quantity.Range
		mean, variance float64
	}{
		{fixed(7), 7, 0},
		{quantity.Range{Shape: quantity.Triangular, Low: 0, Mode: 3, High: 6}, 3, 1.5},
		{quantity.Range{Shape: quantity.PERT, Low: 0, Mode: 5, High: 10}, 5, 25.0 / 7},
		{lognormal(math.Exp(-1.6448536269514722), math.Exp(1.6448536269514722)), math.Exp(0.5), (math.E - 1) * math.E},
	} {
		if math.Abs(c.r.Mean()-c.mean) > 1e-9 || math.Abs(c.r.Variance()-c.variance) > 1e-9 {
			t.Errorf("%+v: mean %g and variance %g, want %g and %g", c.r, c.r.Mean(), c.r.Variance(), c.mean, c.variance)
		}
	}
}

func TestWorkersAndNeighboursChangeNothing(t *testing.T) {
	one := simulate(t, portfolio, quantity.Settings{Trials: 50_000, Seed: 3, Workers: 1})
	many := simulate(t, portfolio, quantity.Settings{Trials: 50_000, Seed: 3, Workers: 7})
	many.Settings = one.Settings
	if !reflect.DeepEqual(one, many) {
		t.Error("seven workers come to another result than one")
	}
	other := simulate(t, portfolio, quantity.Settings{Trials: 50_000, Seed: 4})
	if other.Mean == one.Mean {
		t.Error("another seed comes to the same years")
	}
	alone := simulate(t, portfolio[1:2], quantity.Settings{Trials: 50_000, Seed: 3})
	if math.Abs(alone.Mean-one.Scenarios[1].Mean) > 1e-9*alone.Mean { // the same draws, added in another order
		t.Errorf("alone the laptops cost %g, among others %g", alone.Mean, one.Scenarios[1].Mean)
	}
}

func TestTheCurveFallsAndItsBandHoldsIt(t *testing.T) {
	r := simulate(t, portfolio, quantity.Settings{Trials: 100_000, Seed: 9})
	curve := r.Curve(60)
	for i, p := range curve {
		if p.Share.From > p.Share.Value || p.Share.To < p.Share.Value || p.Share.From < 0 || p.Share.To > 1 {
			t.Errorf("at %.0f the band %+v does not hold its value", p.Amount, p.Share)
		}
		if i > 0 && (p.Amount <= curve[i-1].Amount || p.Share.Value > curve[i-1].Share.Value) {
			t.Errorf("the curve rises at %.0f", p.Amount)
		}
	}
	q := r.Quantile(0.95)
	if q.From > q.Value || q.To < q.Value || math.Abs(r.Exceeds(q.Value).Value-0.05) > 0.001 {
		t.Errorf("value at risk %+v is exceeded in %v of the years", q, r.Exceeds(q.Value).Value)
	}
	if r.Shortfall(0.95) < q.Value {
		t.Errorf("bad years cost %.0f on average, less than where they begin", r.Shortfall(0.95))
	}
}

func TestATreatmentIsMeasuredOnTheSameYears(t *testing.T) {
	before := simulate(t, portfolio, quantity.Settings{Trials: 100_000, Seed: 2})
	halved := lognormal(0.5, 3)
	e, err := quantity.Try(context.Background(), portfolio, before, quantity.Treatment{ID: "disk encryption", Scenario: "lost laptop", Frequency: &halved, Cost: 1000})
	if err != nil {
		t.Fatal(err)
	}
	want := portfolio[1].Mean() / 2
	if math.Abs(e.Saves-want) > want*0.03 || math.Abs(e.Returns-(e.Saves-1000)/1000) > 1e-9 {
		t.Errorf("saves %.0f and returns %.2f, want about %.0f", e.Saves, e.Returns, want)
	}
	nothing, err := quantity.Try(context.Background(), portfolio, before, quantity.Treatment{ID: "poster", Scenario: "fraud", Cost: 10})
	if err != nil || nothing.Saves != 0 || nothing.Returns != -1 {
		t.Errorf("a treatment that changes nothing saves %g, %v", nothing.Saves, err)
	}
	if _, err := quantity.Try(context.Background(), portfolio, before, quantity.Treatment{ID: "x", Scenario: "flood"}); err == nil || !strings.Contains(err.Error(), "flood") {
		t.Errorf("a scenario that is not there: %v", err)
	}
}

func TestWhatCannotBeComputedIsRefused(t *testing.T) {
	good := quantity.Scenario{ID: "a", Frequency: fixed(1), Loss: fixed(1)}
	with := func(change func(*quantity.Scenario)) []quantity.Scenario {
		s := good
		change(&s)
		return []quantity.Scenario{s}
	}
	for want, run := range map[string]struct {
		scenarios []quantity.Scenario
		trials    int
	}{
		"1000000000 trials": {[]quantity.Scenario{good}, 1_000_000_000},
		"0 trials":          {[]quantity.Scenario{good}, 0},
		"no scenario":       {nil, 10_000},
		"there twice":       {[]quantity.Scenario{good, good}, 10_000},
		"negative":          {with(func(s *quantity.Scenario) { s.Loss = fixed(-5) }), 10_000},
		"no number":         {with(func(s *quantity.Scenario) { s.Frequency = fixed(math.NaN()) }), 10_000},
		"loss of a":         {with(func(s *quantity.Scenario) { s.Loss = lognormal(9, 3) }), 10_000},
		"from 0 to 3":       {with(func(s *quantity.Scenario) { s.Loss = lognormal(0, 3) }), 10_000},
		"between 1 and 5":   {with(func(s *quantity.Scenario) { s.Loss = quantity.Range{Shape: quantity.PERT, Low: 1, Mode: 7, High: 5} }), 10_000},
		"no shape":          {with(func(s *quantity.Scenario) { s.Loss.Shape = "gauss" }), 10_000},
		"losses would":      {with(func(s *quantity.Scenario) { s.Frequency = fixed(1e9) }), 10_000},
	} {
		_, err := quantity.Simulate(context.Background(), run.scenarios, quantity.Settings{Trials: run.trials})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := quantity.Simulate(ended, portfolio, quantity.Settings{Trials: quantity.MostTrials}); err == nil {
		t.Error("a run that was called off has a result")
	}
}

// Whatever is typed is refused or computed; never a number that is none.
func TestAnyRangeIsRefusedOrComputed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) quantity.Range {
			return quantity.Range{Shape: rapid.SampledFrom(append(quantity.Shapes(), "?")).Draw(t, name+" shape"), Low: rapid.Float64Range(-1, 50).Draw(t, name+" low"),
				Mode: rapid.Float64Range(-1, 60).Draw(t, name+" mode"), High: rapid.Float64Range(-1, 80).Draw(t, name+" high")}
		}
		s := quantity.Scenario{ID: "x", Frequency: draw("frequency"), Loss: draw("loss")}
		r, err := quantity.Simulate(context.Background(), []quantity.Scenario{s}, quantity.Settings{Trials: quantity.LeastTrials, Seed: rapid.Uint64().Draw(t, "seed")})
		if err != nil {
			return
		}
		for _, v := range []float64{r.Mean, r.Deviation, r.Quantile(0.99).Value, r.Shortfall(0.99), r.Exceeds(1).Value} {
			if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
				t.Fatalf("%+v comes to %+v", s, r)
			}
		}
	})
}

// Another program, written from the definitions alone, comes to the same.
func TestPythonComesToTheSame(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		testserver.Missing(t, "no python3")
	}
	question, err := json.Marshal(map[string]any{"seed": 7, "trials": 40_000, "scenarios": portfolio})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/independent.py")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(question), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs struct{ Mean, P50, P95, P99 float64 }
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	ours := simulate(t, portfolio, quantity.Settings{Trials: 300_000, Seed: 7})
	for name, pair := range map[string][3]float64{
		"mean": {ours.Mean, theirs.Mean, 0.03}, "median": {ours.Quantile(0.5).Value, theirs.P50, 0.02}, "p95": {ours.Quantile(0.95).Value, theirs.P95, 0.05}, "p99": {ours.Quantile(0.99).Value, theirs.P99, 0.08},
	} {
		if math.Abs(pair[0]/pair[1]-1) > pair[2] {
			t.Errorf("%s: ours %.0f, theirs %.0f", name, pair[0], pair[1])
		}
	}
}

func BenchmarkTwoHundredScenarios(b *testing.B) {
	var scenarios []quantity.Scenario
	for i := range 200 {
		s := portfolio[i%2*3]
		s.ID = fmt.Sprint(i)
		scenarios = append(scenarios, s)
	}
	for b.Loop() {
		simulate(b, scenarios, quantity.Settings{Trials: 100_000, Seed: 1})
	}
}

func TestAnAxisOfDecadesReadsBothWays(t *testing.T) {
	for _, c := range []struct {
		least, most float64
		want        quantity.Decades
	}{{1200, 95_000, quantity.Decades{Least: 3, Most: 5}}, {0, 50, quantity.Decades{Least: -2, Most: 2}}, {7, 7, quantity.Decades{Least: 0, Most: 1}}, {1, 1e9, quantity.Decades{Least: 5, Most: 9}}, {10, 10, quantity.Decades{Least: 1, Most: 2}}} {
		d := quantity.DecadesOf(c.least, c.most)
		if d != c.want {
			t.Errorf("from %g to %g: %+v, want %+v", c.least, c.most, d, c.want)
		}
		for _, at := range []float64{0, 0.3, 1} {
			if back := d.At(d.Amount(at)); math.Abs(back-at) > 1e-9 {
				t.Errorf("%+v: %g comes back as %g", d, at, back)
			}
		}
		if marks := d.Marks(); d.At(marks[0]) != 0 || d.At(marks[len(marks)-1]) != 1 || d.At(0) != 0 || d.At(d.Amount(0)/10) != 0 {
			t.Errorf("%+v marks %v", d, marks)
		}
	}
}
