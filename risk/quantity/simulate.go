// SPDX-License-Identifier: Apache-2.0

package quantity

import (
	"context"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"sextant"
)

// Scenario is one way harm comes about: how often a year, and what it costs
// each time. Both are uncertain; how often it happens in a given year follows a
// Poisson distribution around the frequency.
type Scenario struct {
	ID        string `yaml:"id" json:"id"` // of its own stream of random numbers: it draws the same whatever stands beside it
	Frequency Range  `yaml:"frequency" json:"frequency"`
	Loss      Range  `yaml:"loss" json:"loss"`
}

// Mean is the expected annual loss, in closed form: of a compound Poisson
// variable with uncertain frequency.
func (s Scenario) Mean() float64 { return s.Frequency.Mean() * s.Loss.Mean() }

// Variance of the annual loss, in closed form: E(f)·E(l²) + Var(f)·E(l)².
func (s Scenario) Variance() float64 {
	mean := s.Loss.Mean()
	return s.Frequency.Mean()*(s.Loss.Variance()+mean*mean) + s.Frequency.Variance()*mean*mean
}

// Settings of a run. The zero value of Workers takes all cores.
type Settings struct {
	Trials  int    `json:"trials"` // years that are played
	Seed    uint64 `json:"seed"`
	Workers int    `json:"-"` // changes no result
}

// Limits of one run, which keep it within seconds and bounded memory.
const (
	LeastTrials   = 1000
	MostTrials    = 5_000_000
	MostScenarios = 5000
	mostEvents    = 5e9 // losses drawn in all
)

// block is how many trials share a stream and are summed at once.
const block = 2048

// Check refuses a run that cannot be done, or not sensibly.
func Check(scenarios []Scenario, s Settings) error {
	switch {
	case s.Trials < LeastTrials || s.Trials > MostTrials:
		return sextant.Errorf(sextant.Invalid, "%d trials: between %d and %d are possible", s.Trials, LeastTrials, MostTrials).At("trials").WithHint("100000 settle the mean of most portfolios to a percent")
	case len(scenarios) == 0:
		return sextant.Errorf(sextant.Invalid, "there is no scenario")
	case len(scenarios) > MostScenarios:
		return sextant.Errorf(sextant.TooLarge, "%d scenarios are more than %d", len(scenarios), MostScenarios)
	}
	seen, events := map[string]bool{}, 0.0
	for _, scenario := range scenarios {
		if scenario.ID == "" || seen[scenario.ID] {
			return sextant.Errorf(sextant.Invalid, "the scenario id %q is empty or there twice", scenario.ID).At("id")
		}
		seen[scenario.ID] = true
		for name, r := range map[string]Range{"frequency": scenario.Frequency, "loss": scenario.Loss} {
			if err := r.Check(); err != nil {
				return sextant.Errorf(sextant.CodeOf(err), "%s of %s: %w", name, scenario.ID, err)
			}
		}
		events += scenario.Frequency.Mean() * float64(s.Trials)
	}
	if events > mostEvents {
		return sextant.Errorf(sextant.TooLarge, "about %.0f losses would be drawn, more than %.0f", events, mostEvents).WithHint("fewer trials, or count events that happen every hour as one a day")
	}
	return nil
}

// Simulate plays the years. It uses memory for one number a trial and a block
// of each worker, whatever the number of scenarios; ctx ends it early.
func Simulate(ctx context.Context, scenarios []Scenario, settings Settings) (Result, error) {
	if err := Check(scenarios, settings); err != nil {
		return Result{}, err
	}
	run := newRun(scenarios, settings)
	workers := settings.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	blocks := make(chan int)
	var wait sync.WaitGroup
	for range min(workers, run.blocks) {
		wait.Go(func() {
			scratch := run.scratch()
			for b := range blocks {
				run.play(b, scratch)
			}
		})
	}
	err := feed(ctx, blocks, run.blocks)
	wait.Wait()
	if err != nil {
		return Result{}, err
	}
	return run.result(), nil
}

func feed(ctx context.Context, blocks chan<- int, n int) error {
	defer close(blocks)
	for b := range n {
		select {
		case blocks <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// run is one simulation under way. Each block writes its own part only, so that
// the order in which blocks are played changes nothing.
type run struct {
	Settings
	scenarios []Scenario
	samplers  []struct{ frequency, loss sampler }
	streams   []uint64
	blocks    int
	totals    []float64 // annual loss, by trial
	sums      []moments // by block and scenario
}

// moments are what is kept of a scenario in a block.
type moments struct{ sum, withTotal, years float64 }

func newRun(scenarios []Scenario, settings Settings) *run {
	r := &run{Settings: settings, scenarios: scenarios, blocks: (settings.Trials + block - 1) / block, totals: make([]float64, settings.Trials)}
	r.sums = make([]moments, r.blocks*len(scenarios))
	for _, s := range scenarios {
		r.samplers = append(r.samplers, struct{ frequency, loss sampler }{s.Frequency.sampler(), s.Loss.sampler()})
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(s.ID)) // never fails
		r.streams = append(r.streams, hash.Sum64())
	}
	return r
}

func (r *run) scratch() []float64 { return make([]float64, block*len(r.scenarios)) }

// play plays the trials of a block: each scenario on a stream of its own.
func (r *run) play(b int, losses []float64) {
	from := b * block
	n := min(block, r.Trials-from)
	totals := r.totals[from : from+n]
	for i := range r.scenarios {
		random := rand.New(rand.NewPCG(r.Seed^r.streams[i], uint64(b)*0x9E3779B97F4A7C15+1))
		sampler := &r.samplers[i]
		mine := losses[i*block : i*block+n]
		for t := range mine {
			loss := 0.0
			for range poisson(random, sampler.frequency.draw(random)) {
				loss += sampler.loss.draw(random)
			}
			mine[t] = loss
			totals[t] += loss
		}
	}
	for i := range r.scenarios {
		m := &r.sums[b*len(r.scenarios)+i]
		for t, loss := range losses[i*block : i*block+n] {
			m.sum += loss
			m.withTotal += loss * totals[t]
			if loss > 0 {
				m.years++
			}
		}
	}
}

func (r *run) result() Result {
	trials := float64(r.Trials)
	result := Result{Settings: r.Settings, losses: r.totals}
	for _, t := range r.totals {
		result.Mean += t
	}
	result.Mean /= trials
	squares := 0.0
	for _, t := range r.totals {
		squares += (t - result.Mean) * (t - result.Mean)
	}
	variance := squares / (trials - 1)
	result.Deviation = math.Sqrt(variance)
	result.MeanError = result.Deviation / math.Sqrt(trials)
	for i, s := range r.scenarios {
		var m moments
		for b := range r.blocks {
			part := r.sums[b*len(r.scenarios)+i]
			m.sum, m.withTotal, m.years = m.sum+part.sum, m.withTotal+part.withTotal, m.years+part.years
		}
		c := Contribution{ID: s.ID, Mean: m.sum / trials, Expected: s.Mean(), Happens: m.years / trials}
		if result.Mean > 0 {
			c.Share = c.Mean / result.Mean
		}
		if variance > 0 {
			c.Drives = (m.withTotal/trials - c.Mean*result.Mean) / variance
		}
		result.Scenarios = append(result.Scenarios, c)
	}
	slices.Sort(result.losses)
	return result
}
