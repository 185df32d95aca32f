// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"encoding/json"

	"sextant"
)

// Result is what a check said about one resource over an interval. It opens
// anew only when status or reason changes. Status is check.Status as a number.
type Result struct {
	Check    string
	Resource int64
	Status   int
	Reason   string
	Version  string // of the check that first said so; which one says so at a moment is in its Outcome
	First    bool   // on writing: no result of the check stands for the resource
	From, To sextant.Seq
	At       sextant.Instant // when it was found
	Until    sextant.Instant // when it ended, 0 while it stands
}

// Offender is a standing result with the resource it is about.
type Offender struct {
	Result
	Of Resource // without Data
}

// ResultList asks for standing results of one check, worst status first, then
// by resource.
type ResultList struct {
	Check    string
	Sources  []string // of the resources; none = of every source
	Statuses []int    // none = all
	At       sextant.Seq
	After    *Result // the last one of the page before, nil = from the start
	Limit    int
}

// Outcome is what a check concluded over its population, over an interval. It
// opens anew only when its body or the check's version changes; the freshness
// of what it rests on is told by the populations.
type Outcome struct {
	Check    string
	Version  string
	State    int // control.State
	Before   int // the state of the interval before it
	From, To sextant.Seq
	At       sextant.Instant // since when it has been so
	Until    sextant.Instant // when it ended, 0 while it stands
	Since    sextant.Instant // since when it fails without a break, 0 if it does not
	Body     json.RawMessage // counts and reason; monitor.Body
}

// Counts are the standing results of one check over the resources of one source.
type Counts struct {
	Population    int `json:"population"`
	Passed        int `json:"passed"`
	Failed        int `json:"failed"`
	Errors        int `json:"errors"`
	NotApplicable int `json:"not_applicable"`
}

// Mark is how far a check has been evaluated. Its counts are those of the
// standing results, kept in the transaction of every chunk of them.
type Mark struct {
	Check   string
	Type    string
	Version string
	Upto    sextant.Seq     // every observation up to here is in the results
	Clock   sextant.Instant // the moment the expressions were given as now
	Turn    int64           // rises with every write; the next writer names the one it read
	Counts  map[string]Counts
}
