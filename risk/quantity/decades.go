// SPDX-License-Identifier: Apache-2.0

package quantity

import "math"

// Decades is a logarithmic axis of amounts, from one power of ten to a later one:
// losses span orders of magnitude.
type Decades struct{ Least, Most int }

// DecadesOf gives the axis from one amount to another, one power of ten long at
// least. Below a ten-thousandth of most nothing is told apart.
func DecadesOf(least, most float64) Decades {
	d := Decades{Most: int(math.Ceil(math.Log10(math.Max(most, 1e-9))))}
	d.Least = max(int(math.Floor(math.Log10(math.Max(least, 1e-9)))), d.Most-4)
	d.Most = max(d.Most, d.Least+1)
	return d
}

// At places an amount on the axis: 0 is its beginning, 1 its end. What lies
// before stands at the beginning.
func (d Decades) At(amount float64) float64 {
	if amount <= 0 {
		return 0
	}
	return math.Max(0, (math.Log10(amount)-float64(d.Least))/float64(d.Most-d.Least))
}

// Amount is what stands at a place of the axis.
func (d Decades) Amount(at float64) float64 {
	return math.Pow(10, float64(d.Least)+at*float64(d.Most-d.Least))
}

// Marks are the powers of ten, both ends included.
func (d Decades) Marks() (amounts []float64) {
	for e := d.Least; e <= d.Most; e++ {
		amounts = append(amounts, math.Pow10(e))
	}
	return amounts
}

// Exceedance gives the exceedance curve at amounts that stand evenly apart on a
// logarithmic axis, from what nearly every year loses to what hardly one does,
// and that axis; also what an appetite of another amount needs to stand on it
// (0 = none). No point where no year loses anything.
func (r Result) Exceedance(points int, also float64) (curve []Point, axis Decades) {
	most := r.Quantile(0.9999).Value
	least := math.Max(r.Quantile(0.01).Value, most/1e4)
	if most <= 0 || points < 2 {
		return nil, Decades{}
	}
	axis = DecadesOf(least, math.Max(most, also))
	for i := range points {
		amount := least * math.Pow(most/least, float64(i)/float64(points-1))
		curve = append(curve, Point{Amount: amount, Share: r.Exceeds(amount)})
		if most <= least {
			break
		}
	}
	return curve, axis
}
