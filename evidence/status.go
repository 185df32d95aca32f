// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"encoding/json"

	"sextant"
)

// Status is the derived state of a check, an implementation or a control over
// an interval, with the tree that explains it.
type Status struct {
	Subject       string // check/aws.root-mfa, IMP-12, control/A.8.13
	State         int    // control.State
	Before        int    // the state of the interval before it
	Passed, Parts int
	Reason        string
	From, To      sextant.Seq     // the positions at which it was recorded and superseded
	At            sextant.Instant // from which moment it has been so; earlier than its recording where the clock alone made it so
	Ended         sextant.Instant // when something else began, 0 while it stands
	Due           sextant.Instant // when it changes by the clock alone, 0 = not. Of what stands; later renewals move it
	RuleSet       string
	Tree          json.RawMessage // what it was derived from, without what the clock adds; nil where a list does not need it
}

// StatusList asks for intervals of statuses by the moment they hold.
type StatusList struct {
	Subject  string // one subject, or
	Prefix   string // all that begin so: check/, control/, IMP-
	From, To sextant.Instant
	At       sextant.Seq // recorded up to here; LatestSeq for all
}

// Feed asks for changes of state, newest first.
type Feed struct {
	Prefix string      // of the subjects: check/, control/, IMP-; "" = all
	At     sextant.Seq // recorded up to here
	After  *Status     // the last one of the page before, nil = from the newest
	Limit  int
}

// Day is what was counted at the end of a day; today's is what was counted so
// far. A day without a row is like the day before it.
type Day struct {
	Kind string          // controls, checks, resources
	Day  int             // days since 1970-01-01, UTC
	Body json.RawMessage // monitor.DayCounts
}
