// SPDX-License-Identifier: Apache-2.0

// Package quantity computes with risks whose frequency and loss are given as
// ranges: the annual loss of a set of scenarios, how likely it exceeds an
// amount, what contributes to it, and what a treatment would change. Equal
// input and seed give equal results, whatever the number of workers.
//
// It knows no register and stores nothing. Levels of an ordinal scale do not
// belong here: they are no quantities.
package quantity

import (
	"math"
	"math/rand/v2"

	"sextant"
)

// Shape is how a quantity is spread over its range.
type Shape string

// The shapes. Low and High of a lognormal are its 5th and 95th percentile; of
// the others the least and the most there can be.
const (
	Fixed      Shape = "fixed"      // Low, known for certain
	Lognormal  Shape = "lognormal"  // Low is p5, High is p95
	PERT       Shape = "pert"       // beta around Mode with weight 4 (Malcolm et al., 1959)
	Triangular Shape = "triangular" // straight lines to Mode and back
)

// Shapes gives the four.
func Shapes() []Shape { return []Shape{Fixed, Lognormal, PERT, Triangular} }

// Range is a quantity that is not known exactly.
type Range struct {
	Shape Shape   `yaml:"shape" json:"shape"`
	Low   float64 `yaml:"low" json:"low"`
	Mode  float64 `yaml:"mode,omitempty" json:"mode,omitempty"`
	High  float64 `yaml:"high,omitempty" json:"high,omitempty"`
}

// mostOf bounds what can be typed: beyond it sums of floats lose their cents.
const mostOf = 1e15

// Check refuses what is no range: negative, inverted, not a number, without the
// value its shape needs.
func (r Range) Check() error {
	for _, v := range []struct {
		field string
		value float64
	}{{"low", r.Low}, {"mode", r.Mode}, {"high", r.High}} {
		switch {
		case math.IsNaN(v.value) || math.IsInf(v.value, 0):
			return sextant.Errorf(sextant.Invalid, "%s is no number", v.field).At(v.field)
		case v.value < 0:
			return sextant.Errorf(sextant.Invalid, "%s is negative: %g", v.field, v.value).At(v.field).WithHint("frequencies and losses are counted from zero up")
		case v.value > mostOf:
			return sextant.Errorf(sextant.Invalid, "%s is above %g", v.field, mostOf).At(v.field)
		}
	}
	switch r.Shape {
	case Fixed:
		return nil
	case Lognormal:
		if r.Low <= 0 || r.High <= r.Low {
			return sextant.Errorf(sextant.Invalid, "a lognormal range goes from above zero (p5) to more (p95), not from %g to %g", r.Low, r.High).At("low").WithHint("where zero is possible, take pert or triangular")
		}
		return nil
	case PERT, Triangular:
		if r.High <= r.Low || r.Mode < r.Low || r.Mode > r.High {
			return sextant.Errorf(sextant.Invalid, "the most likely value %g must lie between %g and %g", r.Mode, r.Low, r.High).At("mode").WithHint("write low, mode and high in rising order")
		}
		return nil
	}
	return sextant.Errorf(sextant.Invalid, "%.40q is no shape of a range", string(r.Shape)).At("shape").WithHint("write fixed, lognormal, pert or triangular")
}

// z95 is the 95th percentile of the standard normal distribution.
const z95 = 1.6448536269514722

// logs gives mu and sigma of a lognormal from its p5 and p95.
func (r Range) logs() (mu, sigma float64) {
	low, high := math.Log(r.Low), math.Log(r.High)
	return (low + high) / 2, (high - low) / (2 * z95)
}

// Mean is the expected value, in closed form.
func (r Range) Mean() float64 {
	switch r.Shape {
	case Lognormal:
		mu, sigma := r.logs()
		return math.Exp(mu + sigma*sigma/2)
	case PERT:
		return (r.Low + 4*r.Mode + r.High) / 6
	case Triangular:
		return (r.Low + r.Mode + r.High) / 3
	}
	return r.Low
}

// Variance is the expected squared distance from the mean, in closed form.
func (r Range) Variance() float64 {
	switch r.Shape {
	case Lognormal:
		mu, sigma := r.logs()
		return (math.Exp(sigma*sigma) - 1) * math.Exp(2*mu+sigma*sigma)
	case PERT:
		m := r.Mean()
		return (m - r.Low) * (r.High - m) / 7
	case Triangular:
		a, b, c := r.Low, r.High, r.Mode
		return (a*a + b*b + c*c - a*b - a*c - b*c) / 18
	}
	return 0
}

// sampler draws from a range; what does not change from draw to draw is
// computed once.
type sampler struct {
	shape       Shape
	low, span   float64
	mu, sigma   float64 // lognormal
	alpha, beta float64 // PERT
	cut         float64 // triangular: share below the mode
}

func (r Range) sampler() sampler {
	s := sampler{shape: r.Shape, low: r.Low, span: r.High - r.Low}
	switch r.Shape {
	case Lognormal:
		s.mu, s.sigma = r.logs()
	case PERT:
		s.alpha = 1 + 4*(r.Mode-r.Low)/s.span
		s.beta = 1 + 4*(r.High-r.Mode)/s.span
	case Triangular:
		s.cut = (r.Mode - r.Low) / s.span
	}
	return s
}

func (s *sampler) draw(random *rand.Rand) float64 {
	switch s.shape {
	case Lognormal:
		return math.Exp(s.mu + s.sigma*random.NormFloat64())
	case PERT:
		a, b := gamma(random, s.alpha), gamma(random, s.beta)
		return s.low + s.span*a/(a+b)
	case Triangular:
		u := random.Float64()
		if u < s.cut {
			return s.low + s.span*math.Sqrt(u*s.cut)
		}
		return s.low + s.span*(1-math.Sqrt((1-u)*(1-s.cut)))
	}
	return s.low
}

// gamma draws from a gamma distribution with shape at least 1 and scale 1
// (Marsaglia and Tsang, 2000).
func gamma(random *rand.Rand, shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := random.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v *= v * v
		u := random.Float64()
		if u < 1-0.0331*x*x*x*x || math.Log(u) < 0.5*x*x+d*(1-v+math.Log(v)) {
			return d * v
		}
	}
}

// poisson draws how often something happens in a year in which it is expected
// so many times: by multiplication for small numbers (Knuth), by transformed
// rejection for large ones (Hörmann's PTRS, 1993).
func poisson(random *rand.Rand, expected float64) int {
	switch {
	case expected <= 0:
		return 0
	case expected < 10:
		limit, product := math.Exp(-expected), random.Float64()
		n := 0
		for ; product > limit; n++ {
			product *= random.Float64()
		}
		return n
	}
	b := 0.931 + 2.53*math.Sqrt(expected)
	a := -0.059 + 0.02483*b
	inverse := 1.1239 + 1.1328/(b-3.4)
	edge := 0.9277 - 3.6224/(b-2)
	logOf := math.Log(expected)
	for {
		u := random.Float64() - 0.5
		v := random.Float64()
		us := 0.5 - math.Abs(u)
		k := math.Floor((2*a/us+b)*u + expected + 0.43)
		switch {
		case us >= 0.07 && v <= edge:
			return int(k)
		case k < 0 || us < 0.013 && v > us:
			continue
		}
		gammaOf, _ := math.Lgamma(k + 1)
		if math.Log(v)+math.Log(inverse)-math.Log(a/(us*us)+b) <= k*logOf-expected-gammaOf {
			return int(k)
		}
	}
}
