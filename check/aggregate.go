// SPDX-License-Identifier: Apache-2.0

package check

import "fmt"

// Aggregate says when the population passes.
type Aggregate string

// The aggregates. Resources `where` leaves out count for none of them.
const (
	All     Aggregate = "all"     // every resource passes
	Any     Aggregate = "any"     // at least one passes
	None    Aggregate = "none"    // the expression tells what must not be: a resource it is true of fails
	Percent Aggregate = "percent" // at least `threshold` of a hundred pass
	Count   Aggregate = "count"   // at least `min` and at most `max` pass
)

// aggregateProblem says what is wrong with the aggregate, "" if nothing.
func (c *Check) aggregateProblem() string {
	bounds := c.Min != nil || c.Max != nil
	switch c.Aggregate {
	case All, Any, None, Percent, Count:
	default:
		return fmt.Sprintf("%q is no aggregate; write all, any, none, percent or count", c.Aggregate)
	}
	switch {
	case c.Aggregate != Percent && c.Threshold != 0:
		return "threshold belongs to aggregate percent"
	case c.Aggregate == Percent && (c.Threshold <= 0 || c.Threshold > 100):
		return "aggregate percent needs a threshold above 0 and up to 100"
	case c.Aggregate != Count && bounds:
		return "min and max belong to aggregate count"
	case c.Aggregate == Count && !bounds:
		return "aggregate count needs min, max or both"
	case c.Min != nil && *c.Min < 0 || c.Max != nil && *c.Max < 0 || c.Min != nil && c.Max != nil && *c.Min > *c.Max:
		return "min and max are counts, and min is not above max"
	}
	return ""
}

// Verdict is what a check concluded over its population.
type Verdict int8

// The verdicts.
const (
	NothingSeen  Verdict = 0 // no resource it applies to: no data, never a pass
	Passes       Verdict = 1
	Fails        Verdict = 2
	CannotBeTold Verdict = 3 // an error, or a population that was not seen whole
)

// Summarise concludes over a population. whole says whether every population
// the check looks at was seen to its end, why what kept it from that. Nothing
// that was not seen passes; a failure that was seen is a failure, whatever was
// not.
func (c *Check) Summarise(n Counts, whole bool, why string) (Verdict, string) {
	verdict, text := c.conclude(n, whole)
	if verdict == CannotBeTold && !whole {
		return verdict, why
	}
	return verdict, text
}

func (c *Check) conclude(n Counts, whole bool) (Verdict, string) {
	switch c.Aggregate {
	case Any:
		return n.concludeAny(whole)
	case Percent:
		return n.concludePercent(whole, c.Threshold)
	case Count:
		return n.concludeCount(whole, c.Min, c.Max)
	}
	switch applicable := n.applicable(); {
	case n.Failed > 0:
		return Fails, fmt.Sprintf("%d of %d fail", n.Failed, applicable)
	case !whole || n.Errors > 0:
		return CannotBeTold, n.unclear()
	case applicable == 0:
		return NothingSeen, nothing
	}
	return Passes, n.passed()
}

const nothing = "there is nothing it applies to"

func (n Counts) applicable() int { return n.Population - n.NotApplicable }

func (n Counts) passed() string { return fmt.Sprintf("%d of %d pass", n.Passed, n.applicable()) }

func (n Counts) unclear() string {
	return fmt.Sprintf("%d of %d could not be told", n.Errors, n.applicable())
}

// concludeAny: where nothing at all was found, there is none that does.
func (n Counts) concludeAny(whole bool) (Verdict, string) {
	switch {
	case !whole:
		return CannotBeTold, n.unclear()
	case n.Passed > 0:
		return Passes, n.passed()
	case n.Errors > 0:
		return CannotBeTold, n.unclear()
	}
	return Fails, fmt.Sprintf("none of %d does", n.Population)
}

// concludePercent counts what could not be told against a pass, and for it
// against a failure.
func (n Counts) concludePercent(whole bool, threshold float64) (Verdict, string) {
	applicable := n.applicable()
	enough := func(passed int) bool { return float64(passed)*100 >= threshold*float64(applicable) }
	switch {
	case !whole:
		return CannotBeTold, n.unclear()
	case applicable == 0:
		return NothingSeen, nothing
	case enough(n.Passed):
		return Passes, n.passed()
	case enough(n.Passed + n.Errors):
		return CannotBeTold, n.unclear()
	}
	return Fails, fmt.Sprintf("%s, %g %% is the least", n.passed(), threshold)
}

// concludeCount: too many is too many whatever was not seen; a whole population
// without any answers a maximum, and fails a minimum.
func (n Counts) concludeCount(whole bool, least, most *int) (Verdict, string) {
	switch {
	case most != nil && n.Passed > *most:
		return Fails, fmt.Sprintf("%d do, %d is the most", n.Passed, *most)
	case !whole:
		return CannotBeTold, n.unclear()
	case least != nil && n.Passed+n.Errors < *least:
		return Fails, fmt.Sprintf("%d do, %d is the least", n.Passed, *least)
	case least != nil && n.Passed < *least, most != nil && n.Passed+n.Errors > *most:
		return CannotBeTold, n.unclear()
	}
	return Passes, fmt.Sprintf("%d do", n.Passed)
}
