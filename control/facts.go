// SPDX-License-Identifier: Apache-2.0

package control

import (
	"time"

	"sextant"
	"sextant/framework"
)

// CheckOutcome is what a check concluded over its population, with what decides
// whether that still counts.
type CheckOutcome struct {
	Check      string // id
	Title      string
	State      State  // NotAssessed where it has not run, Pass, Fail, Error or NoData
	Reason     string // in a sentence
	Watch      Watch  // whose observations it rests on
	Freshness  time.Duration
	FailsSince sextant.Instant // 0 unless it fails
	Grace      time.Duration   // how long a failure is in grace
	Counts     Counts
	Blind      string     // why the population was not seen whole, "" if it was
	Offenders  []Offender // failing and erroneous resources, capped
	Permitted  Periods    // when every failing and erroneous resource is excepted, those beyond the cap as well
	Missing    []Missing  // sources that ought to be there and are not
}

// Watch names the observations whose age decides: those of a resource type, of
// every source but some.
type Watch struct {
	Type string   `json:"type"`
	Not  []string `json:"not,omitempty"`
}

// Counts are the results of a check over its population.
type Counts struct {
	Population    int `json:"population"`
	Passed        int `json:"passed"`
	Failed        int `json:"failed"`
	Errors        int `json:"errors"`
	NotApplicable int `json:"not_applicable"`
}

// Offender is a resource that keeps a check from passing.
type Offender struct {
	Key, Title, Reason string
	Resource           int64 // its id
	State              State // Fail or Error
	Permitted          Periods
}

// Missing is a source that is expected and not connected.
type Missing struct{ Key, Title, Reason string }

// Statement is an attestation that counts or counted: signed and not voided.
type Statement struct {
	Key, Line, Result, LookedAt, By string
	PeriodTo, ExpiresOn             string // dates
}

// Line is a line of an evidence plan with the checks that show it, by id.
type Line struct {
	framework.Line
	Checks []string
}

// Facts is all the derivation of one implementation looks at. The clock is not
// among them: Judge adds it.
type Facts struct {
	Checks     map[string]CheckOutcome // by id
	Statements map[string][]Statement  // by plan line id
	Permitted  Periods                 // when what fails of the control as a whole is excepted
}
