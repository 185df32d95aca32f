// SPDX-License-Identifier: Apache-2.0

package quantity

import (
	"math"
	"sort"
)

// Result is the annual loss of all scenarios together. Amounts are in the
// currency of the losses.
type Result struct {
	Settings  Settings       `json:"settings"`
	Mean      float64        `json:"mean"`
	MeanError float64        `json:"mean_error"` // standard error: how far chance alone moves the mean
	Deviation float64        `json:"deviation"`
	Scenarios []Contribution `json:"scenarios"` // in the order they were given

	losses []float64 // of each trial, rising
}

// Contribution is what one scenario adds.
type Contribution struct {
	ID       string  `json:"id"`
	Mean     float64 `json:"mean"`     // annual loss
	Expected float64 `json:"expected"` // the same in closed form, to hold the simulation against
	Share    float64 `json:"share"`    // of the mean of all
	Drives   float64 `json:"drives"`   // share of the variance of all: what makes bad years bad
	Happens  float64 `json:"happens"`  // share of years in which it happens at all
}

// Amount is an estimate with the band chance leaves around it.
type Amount struct {
	Value float64 `json:"value"`
	From  float64 `json:"from"` // 95 % confidence
	To    float64 `json:"to"`
}

// Quantile is the annual loss that is not exceeded in a share of the years, as
// value at risk has it: 0.95 is the loss of the worst year in twenty. Its band
// comes from order statistics and assumes nothing about the distribution.
func (r Result) Quantile(share float64) Amount {
	n := float64(len(r.losses))
	if n == 0 || share < 0 || share > 1 || math.IsNaN(share) {
		return Amount{}
	}
	reach := 1.959964 * math.Sqrt(n*share*(1-share))
	at := func(rank float64) float64 { return r.losses[int(math.Max(0, math.Min(n-1, rank)))] }
	return Amount{Value: at(math.Ceil(n*share) - 1), From: at(math.Floor(n*share - reach)), To: at(math.Ceil(n*share + reach))}
}

// Shortfall is the mean loss of the years beyond a quantile: what a bad year
// costs when it is one.
func (r Result) Shortfall(share float64) float64 {
	from := int(math.Ceil(float64(len(r.losses)) * share))
	worst := r.losses[min(from, max(len(r.losses)-1, 0)):]
	sum := 0.0
	for _, loss := range worst {
		sum += loss
	}
	return sum / math.Max(1, float64(len(worst)))
}

// Exceeds gives the share of years whose loss is above an amount (the
// exceedance curve at that amount), with the band of Wilson (1927).
func (r Result) Exceeds(amount float64) Amount {
	n := float64(len(r.losses))
	if n == 0 {
		return Amount{}
	}
	above := n - float64(sort.Search(len(r.losses), func(i int) bool { return r.losses[i] > amount }))
	p, z := above/n, 1.959964
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	reach := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Amount{Value: p, From: math.Max(0, middle-reach), To: math.Min(1, middle+reach)}
}

// Point of an exceedance curve.
type Point struct {
	Amount float64 `json:"amount"`
	Share  Amount  `json:"share"` // of the years that lose more
}

// Curve gives the exceedance curve at so many amounts, spread over the losses
// that occur so that both ends can be read.
func (r Result) Curve(points int) (curve []Point) {
	if len(r.losses) == 0 || points < 2 {
		return nil
	}
	last := -1.0
	for i := range points {
		share := 1 - math.Pow(10, -4*float64(i)/float64(points-1)) // from 0 to 0.9999
		if amount := r.Quantile(share).Value; amount > last {
			curve = append(curve, Point{Amount: amount, Share: r.Exceeds(amount)})
			last = amount
		}
	}
	return curve
}

// Treatment is what would change and what it costs a year.
type Treatment struct {
	ID        string   `yaml:"id" json:"id"`
	Cost      float64  `yaml:"cost" json:"cost"`
	Scenario  string   `yaml:"scenario" json:"scenario"`
	Frequency *Range   `yaml:"frequency,omitempty" json:"frequency,omitempty"` // afterwards; nil = as before
	Loss      *Range   `yaml:"loss,omitempty" json:"loss,omitempty"`
	Also      []Change `yaml:"also,omitempty" json:"also,omitempty"`
}

// Change of a further scenario by the same treatment.
type Change struct {
	Scenario  string `yaml:"scenario" json:"scenario"`
	Frequency *Range `yaml:"frequency,omitempty" json:"frequency,omitempty"`
	Loss      *Range `yaml:"loss,omitempty" json:"loss,omitempty"`
}

// Effect of a treatment on the annual loss.
type Effect struct {
	ID      string  `json:"id"`
	Cost    float64 `json:"cost"`
	Saves   float64 `json:"saves"`   // mean annual loss, before less after
	Tail    float64 `json:"tail"`    // the same of the 95th percentile
	Returns float64 `json:"returns"` // (saves - cost) / cost; 0 without a cost
}
