// SPDX-License-Identifier: Apache-2.0

package control

import (
	"cmp"
	"slices"
	"time"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

// yearly is how long a statement holds and how often a record is needed where
// the plan does not say.
const yearly = "P12M"

// Expected gives the dates a new statement or record for a plan line begins
// with: the period up to today, and until when the plan lets it hold.
func Expected(line framework.Line, now sextant.Instant) (from, to, expires string) {
	period := cmp.Or(line.Expires, yearly)
	if line.Form == framework.Record {
		period = cmp.Or(line.Period, yearly)
	}
	today := now.Time()
	until := register.AddPeriod(today, period)
	return today.Add(today.Sub(until)).Format(time.DateOnly), today.Format(time.DateOnly), until.Format(time.DateOnly)
}

// Conclusion is what a person concluded of a control's effectiveness.
type Conclusion struct{ Value, On, By string }

// effects orders conclusions, the worst first.
var effects = []string{"not_effective", "partly_effective", "effective"}

// Concluded sums up the conclusions on one control: the worst of its units, and
// of equal ones the one longest ago. ok is false where nobody concluded anything.
func Concluded(of []register.Of[Implementation]) (c Conclusion, ok bool) {
	for _, imp := range of {
		f := imp.Fields
		if f.Effectiveness == "" {
			continue
		}
		next := Conclusion{f.Effectiveness, f.ConcludedOn, f.ConcludedBy}
		if !ok || cmp.Or(slices.Index(effects, next.Value)-slices.Index(effects, c.Value), cmp.Compare(next.On, c.On)) < 0 {
			c, ok = next, true
		}
	}
	return c, ok
}
