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

// DerivePlan lays out the lines of a plan over the facts, for Judge to draw
// their states at a moment. It is a pure function: equal facts give an equal
// tree, so a state recomputed in full equals one kept up to date.
func DerivePlan(lines []Line, facts Facts) []*Node {
	nodes := make([]*Node, 0, len(lines))
	for _, line := range lines {
		nodes = append(nodes, deriveLine(line, facts))
	}
	return nodes
}

func deriveLine(line Line, facts Facts) *Node {
	n := &Node{ID: "line:" + line.ID, Kind: LineNode, Title: line.Shows, Mode: string(line.Mode)}
	if line.Form == framework.Checks {
		n.Rule = "every check of the line passes"
		for _, id := range line.Checks {
			if outcome, ok := facts.Checks[id]; ok {
				n.Children = append(n.Children, DeriveCheck(outcome, facts.Permitted))
			}
		}
		return n
	}
	statement, ok := newest(facts.Statements[line.ID])
	if !ok {
		n.Rule, n.Reason = "a signed "+string(line.Form)+" is needed", "no "+string(line.Form)+" yet"
		return n
	}
	n.Rule = "the newest " + string(line.Form) + " decides"
	n.Children = []*Node{deriveStatement(line, statement, facts.Permitted)}
	return n
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

// deriveStatement lays out what was stated; see Ends for how long it holds.
func deriveStatement(line Line, s Statement, permitted Periods) *Node {
	c := &Clock{Found: Pass, Ends: s.Ends(line.Line)}
	if s.Result != "holds" {
		c.Found, c.Says, c.Permitted = Fail, "stated that it does not hold", permitted
	}
	return &Node{ID: "attestation:" + s.Key, Kind: AttestationNode, Title: s.LookedAt, Link: "/attestations/" + s.Key, Clock: c,
		Inputs: map[string]any{"result": s.Result, "period_to": s.PeriodTo, "expires_on": s.ExpiresOn, "by": s.By}}
}

// Ends is when a statement for a line counts no longer: after the date it names,
// and a record no longer than the period the plan asks for. 0 for no date.
func (s Statement) Ends(line framework.Line) sextant.Instant {
	ends := endOfDay(s.ExpiresOn)
	if line.Form == framework.Record && line.Period != "" {
		ends = earlier(ends, periodEnd(s.PeriodTo, line.Period))
	}
	return ends
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

// DeriveCheck lays out what a check found. permitted is when a failure of the
// control as a whole is excepted, beside what is excepted of the check.
func DeriveCheck(o CheckOutcome, permitted Periods) *Node {
	n := &Node{ID: "check:" + o.Check, Kind: CheckNode, Title: o.Title, Link: "/checks/" + o.Check,
		Inputs: map[string]any{"counts": o.Counts, "freshness": o.Freshness.String()}}
	if o.State == NotAssessed {
		n.Rule, n.Reason = "a check that has not run shows nothing", cmp.Or(o.Reason, "has not run yet")
		return n
	}
	n.Clock = &Clock{Found: o.State, Says: o.Reason, Watch: &o.Watch, Freshness: o.Freshness, Since: o.FailsSince, Grace: o.Grace, Blind: o.Blind,
		Permitted: NewPeriods(append(slices.Clone(o.Permitted), permitted...)...)}
	for _, f := range o.Offenders {
		n.Children = append(n.Children, &Node{ID: "resource:" + f.Key, Kind: ResourceNode, Title: f.Title, Inputs: map[string]any{"resource": f.Resource},
			Clock: &Clock{Found: f.State, Says: f.Reason, Permitted: NewPeriods(append(slices.Clone(f.Permitted), permitted...)...)}})
	}
	for _, m := range o.Missing {
		n.Clock.Unheard = cmp.Or(n.Clock.Unheard, m.Title)
		n.Children = append(n.Children, &Node{ID: "source:" + m.Key, Kind: SourceNode, Title: m.Title, Rule: "an expected source is heard", Reason: m.Reason, Link: "/expected-sources/" + m.Key})
	}
	return n
}

// DeriveImplementation lays out how one control stands in one unit.
func DeriveImplementation(key, title string, lines []Line, facts Facts) *Node {
	return &Node{ID: "implementation:" + key, Kind: ImplementationNode, Title: title, Link: "/implementations/" + key, Rule: "every line of the evidence plan passes", Children: DerivePlan(lines, facts)}
}

// DeriveControl lays out a control over its implementations, one for each unit.
func DeriveControl(id, title string, implementations []*Node) *Node {
	return &Node{ID: "control:" + id, Kind: ControlNode, Title: title, Link: "/controls/" + id, Rule: "every implementation passes", Children: implementations}
}
