// SPDX-License-Identifier: Apache-2.0

package control

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

// CheckOutcome is what a check concluded over its population, with what decides
// whether that still counts.
type CheckOutcome struct {
	Check      string // id
	Title      string
	Never      bool            // the check has not run
	State      State           // Pass, Fail, Error or NoData, as evaluated
	Reason     string          // in a sentence
	Observed   sextant.Instant // the oldest observation it rests on
	Freshness  time.Duration   // how long that counts
	FailsSince sextant.Instant // 0 unless it fails
	Grace      time.Duration   // how long a failure is in grace
	Counts     Counts
	Offenders  []Offender // failing and erroneous resources, capped
	Missing    []Missing  // sources that ought to be there and are not
}

// Counts are the results of a check over its population.
type Counts struct {
	Population    int `json:"population"`
	Passed        int `json:"passed"`
	Failed        int `json:"failed"`
	Errors        int `json:"errors"`
	NoData        int `json:"no_data"`
	NotApplicable int `json:"not_applicable"`
}

// Offender is a resource that keeps a check from passing.
type Offender struct {
	Key, Title, Reason string
	State              State // Fail or Error
	ExceptedUntil      sextant.Instant
	Link               string
}

// Missing is a source that is expected and not connected.
type Missing struct{ Key, Title, Reason string }

// Statement is an attestation that counts or counted: signed and not voided.
type Statement struct {
	Key, Line, Result, LookedAt, By string
	PeriodTo, ExpiresOn             string // dates
}

// Facts is all a derivation looks at, at one moment.
type Facts struct {
	Now        sextant.Instant
	Checks     map[string][]CheckOutcome // by plan line id
	Statements map[string][]Statement    // by plan line id, of one implementation
}

// DerivePlan explains the lines of a plan. It is a pure function: equal facts
// give an equal tree, so a state recomputed in full equals one kept up to date.
func DerivePlan(lines []framework.Line, facts Facts) []*Node {
	nodes := make([]*Node, 0, len(lines))
	for _, line := range lines {
		nodes = append(nodes, deriveLine(line, facts))
	}
	return nodes
}

func deriveLine(line framework.Line, facts Facts) *Node {
	n := &Node{ID: "line:" + line.ID, Kind: LineNode, Title: line.Shows, Mode: string(line.Mode)}
	if line.Form == framework.Checks {
		for _, outcome := range facts.Checks[line.ID] {
			n.Children = append(n.Children, deriveCheck(outcome, facts.Now))
		}
		return n.combine("every check of the line passes")
	}
	statement, ok := newest(facts.Statements[line.ID])
	if !ok {
		n.Rule, n.Reason = "a signed "+string(line.Form)+" is needed", "no "+string(line.Form)+" yet"
		return n
	}
	n.Children = []*Node{deriveStatement(line, statement, facts.Now)}
	return n.combine("the newest " + string(line.Form) + " decides")
}

// newest gives the statement about the latest period; among those, the last key
// given out.
func newest(list []Statement) (Statement, bool) {
	if len(list) == 0 {
		return Statement{}, false
	}
	return slices.MaxFunc(list, func(a, b Statement) int {
		return cmp.Or(cmp.Compare(a.PeriodTo, b.PeriodTo), cmp.Compare(len(a.Key), len(b.Key)), cmp.Compare(a.Key, b.Key))
	}), true
}

// deriveStatement: it holds until the date it names, and a record no longer
// than the period the plan asks for.
func deriveStatement(line framework.Line, s Statement, now sextant.Instant) *Node {
	n := &Node{ID: "attestation:" + s.Key, Kind: AttestationNode, Title: s.LookedAt, Link: "/attestations/" + s.Key,
		Inputs: map[string]any{"result": s.Result, "period_to": s.PeriodTo, "expires_on": s.ExpiresOn, "by": s.By}}
	ends := endOfDay(s.ExpiresOn)
	if line.Form == framework.Record && line.Period != "" {
		ends = earlier(ends, periodEnd(s.PeriodTo, line.Period))
	}
	switch {
	case s.Result != "holds":
		n.State, n.Rule, n.Reason = Fail, "a statement that it does not hold fails", "stated that it does not hold"
	case ends == 0 || now >= ends:
		n.State, n.Rule, n.Reason = Stale, "a statement counts until it expires", "expired on "+ends.Time().Format(time.DateOnly)
	default:
		n.State, n.Rule, n.Reason, n.Until = Pass, "a statement counts until it expires", "holds until "+ends.Time().Format(time.DateOnly), ends
	}
	return n
}

// endOfDay is the first moment after a date, in UTC; 0 for no date.
func endOfDay(date string) sextant.Instant {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	return sextant.InstantOf(t.AddDate(0, 0, 1))
}

func periodEnd(date, period string) sextant.Instant {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	return sextant.InstantOf(register.AddPeriod(t, period).AddDate(0, 0, 1))
}

// deriveCheck judges an outcome at a moment: freshness first, then grace and
// exceptions, then whether every expected source was heard.
func deriveCheck(o CheckOutcome, now sextant.Instant) *Node {
	n := &Node{ID: "check:" + o.Check, Kind: CheckNode, Title: o.Title, State: o.State, Reason: o.Reason, Link: "/checks/" + o.Check,
		Inputs: map[string]any{"counts": o.Counts, "observed": o.Observed.String(), "freshness": o.Freshness.String()}}
	if o.Never {
		n.State, n.Rule, n.Reason = NotAssessed, "a check that has not run shows nothing", "has not run yet"
		return n
	}
	for _, offender := range o.Offenders {
		n.Children = append(n.Children, offenderNode(offender, now))
		n.Until = earlier(n.Until, future(offender.ExceptedUntil, now))
	}
	freshUntil := o.Observed.Add(o.Freshness)
	switch {
	case now >= freshUntil && o.State != Fail && o.State != Error: // an old failure is still the last thing seen
		n.State, n.Rule = Stale, "an outcome counts for its freshness"
		n.Reason = fmt.Sprintf("last seen whole on %s, %s is the most", o.Observed.Time().Format("2006-01-02 15:04"), o.Freshness)
		return n
	case o.State == Fail:
		n.failing(o, now)
	case o.State == Pass && len(o.Missing) > 0:
		n.State, n.Rule = Partial, "a pass covers every expected source"
		n.Reason = fmt.Sprintf("passes where we look; not heard from %s", o.Missing[0].Title)
	default:
		n.Rule = "aggregate over the population"
	}
	for _, m := range o.Missing {
		n.Children = append(n.Children, &Node{ID: "source:" + m.Key, Kind: SourceNode, Title: m.Title, State: NotAssessed, Rule: "an expected source is heard", Reason: m.Reason, Link: "/expected-sources/" + m.Key})
	}
	n.Until = earlier(n.Until, freshUntil)
	return n
}

// failing: a failure is excepted when every offender is, and in grace while it
// is young. Neither is ever green.
func (n *Node) failing(o CheckOutcome, now sextant.Instant) {
	graceEnds := o.FailsSince.Add(o.Grace)
	allExcepted := len(o.Offenders) > 0 && len(o.Offenders) >= o.Counts.Failed+o.Counts.Errors &&
		!slices.ContainsFunc(o.Offenders, func(f Offender) bool { return f.ExceptedUntil <= now })
	switch {
	case allExcepted:
		n.State, n.Rule = Excepted, "a failure is excepted when every failing resource is"
		n.Reason = "permitted for every failing resource; " + o.Reason
	case now < graceEnds:
		n.State, n.Rule, n.Until = FailInGrace, "a failure is in grace while it is young", earlier(n.Until, graceEnds)
		n.Reason = "in grace until " + graceEnds.Time().Format("2006-01-02 15:04") + "; " + o.Reason
	default:
		n.State, n.Rule = Fail, "aggregate over the population"
	}
}

func future(at, now sextant.Instant) sextant.Instant {
	if at <= now {
		return 0
	}
	return at
}

func offenderNode(f Offender, now sextant.Instant) *Node {
	n := &Node{ID: "resource:" + f.Key, Kind: ResourceNode, Title: f.Title, State: f.State, Rule: "the check's expression", Reason: f.Reason, Link: f.Link}
	if f.ExceptedUntil > now {
		n.State, n.Reason = Excepted, f.Reason+"; permitted until "+f.ExceptedUntil.Time().Format(time.DateOnly)
	}
	return n
}

// DeriveImplementation explains how one control stands in one unit.
func DeriveImplementation(key, title string, lines []framework.Line, facts Facts) *Node {
	n := &Node{ID: "implementation:" + key, Kind: ImplementationNode, Title: title, Link: "/implementations/" + key, Children: DerivePlan(lines, facts)}
	return n.combine("every line of the evidence plan passes")
}

// DeriveControl explains a control over its implementations, one for each unit.
func DeriveControl(id, title string, implementations []*Node) *Node {
	n := &Node{ID: "control:" + id, Kind: ControlNode, Title: title, Link: "/controls/" + id, Children: implementations}
	return n.combine("every implementation passes")
}
