// SPDX-License-Identifier: Apache-2.0

package control

import (
	"fmt"
	"maps"
	"time"

	"sextant"
)

// Rules is the number of the rules Judge and Combine follow. Trees are kept as
// they were laid out and judged when they are read, so a change here would
// change what the past says: raise the number, keep the old rules beside the
// new ones, and let Judge choose by the number the tree was kept with.
const Rules = 1

// Clock is what decides a node beside what was found, as time goes by. It is
// part of a kept tree and never shown.
type Clock struct {
	Found     State           `json:"found"`
	Says      string          `json:"says,omitempty"`
	Watch     *Watch          `json:"watch,omitempty"` // of a check: whose age decides
	Freshness time.Duration   `json:"freshness,omitempty"`
	Since     sextant.Instant `json:"since,omitempty"`
	Grace     time.Duration   `json:"grace,omitempty"`
	Blind     string          `json:"blind,omitempty"`
	Unheard   string          `json:"unheard,omitempty"`
	Permitted Periods         `json:"permitted,omitempty"`
	Ends      sextant.Instant `json:"ends,omitempty"` // of a statement
}

// Observed tells when what a check rests on was last seen whole: the oldest
// such moment of the populations, 0 where none ever was.
type Observed func(Watch) sextant.Instant

// Judge draws the states of a tree at a moment. It leaves the tree as it is
// and gives another one, in which nothing but the states counts any more. It
// is a pure function of the tree, the moment and the age of the observations.
func Judge(tree *Node, now sextant.Instant, observed Observed) *Node {
	n := *tree
	n.Clock, n.Children, n.Inputs = nil, nil, maps.Clone(tree.Inputs)
	for _, child := range tree.Children {
		n.Children = append(n.Children, Judge(child, now, observed))
	}
	switch {
	case tree.Clock == nil && tree.Reason != "": // nothing to judge: a missing source, a statement not made
	case tree.Clock == nil:
		n.combine()
	case tree.Kind == CheckNode:
		n.judgeCheck(*tree.Clock, now, observed)
	case tree.Kind == ResourceNode:
		n.judgeResource(*tree.Clock, now)
	default:
		n.judgeStatement(*tree.Clock, now)
	}
	return &n
}

func (n *Node) judgeResource(c Clock, now sextant.Instant) {
	n.State, n.Rule, n.Reason, n.Until = c.Found, "the check's expression", c.Says, c.Permitted.Next(now)
	if until, ok := c.Permitted.Holds(now); ok {
		n.State, n.Reason = Excepted, c.Says+"; permitted until "+day(until-1)
	}
}

func day(at sextant.Instant) string { return at.Time().Format(time.DateOnly) }

func minute(at sextant.Instant) string { return at.Time().Format("2006-01-02 15:04") }

func (n *Node) judgeStatement(c Clock, now sextant.Instant) {
	switch until, permitted := c.Permitted.Holds(now); {
	case c.Found != Pass && permitted:
		n.State, n.Rule, n.Reason, n.Until = Excepted, "a failure is excepted when all that fails is", "permitted until "+day(until-1)+"; "+c.Says, c.Permitted.Next(now)
	case c.Found != Pass:
		n.State, n.Rule, n.Reason, n.Until = Fail, "a statement that it does not hold fails", c.Says, c.Permitted.Next(now)
	case now >= c.Ends:
		n.State, n.Rule, n.Reason = Stale, "a statement counts until it expires", "expired on "+day(c.Ends-1)
	default:
		n.State, n.Rule, n.Reason, n.Until = Pass, "a statement counts until it expires", "holds until "+day(c.Ends-1), c.Ends
	}
}

// judgeCheck judges an outcome: grace and exceptions soften a failure, blindness
// and age take back what is not a failure, and a pass covers every expected
// source. An old failure stays one: it is the last thing seen.
func (n *Node) judgeCheck(c Clock, now sextant.Instant, observed Observed) {
	seen := observed(*c.Watch)
	fresh := seen.Add(c.Freshness)
	n.Inputs["observed"] = seen.String()
	n.State, n.Rule, n.Reason = c.Found, "aggregate over the population", c.Says
	for _, child := range n.Children {
		n.Until = earlier(n.Until, child.Until)
	}
	if c.Found == Fail {
		n.judgeFailure(c, now)
	}
	softened := n.State == Excepted || n.State == FailInGrace
	switch {
	case softened && c.Blind != "":
		n.State, n.Rule, n.Reason = Error, "what was not seen whole may fail elsewhere", c.Blind+"; "+n.Reason
	case n.State == Fail || n.State == Error:
		return
	case now >= fresh:
		n.stale(seen, c.Freshness)
		return
	case n.State == Pass && c.Unheard != "":
		n.State, n.Rule, n.Reason = Partial, "a pass covers every expected source", "passes where we look; not heard from "+c.Unheard
	}
	if fresh > now {
		n.Until = earlier(n.Until, fresh)
	}
}

func (n *Node) stale(seen sextant.Instant, freshness time.Duration) {
	n.State, n.Rule, n.Reason = Stale, "an outcome counts for its freshness", "never seen whole"
	if seen != 0 {
		n.Reason = fmt.Sprintf("last seen whole on %s, it counts for %s", minute(seen), spoken(freshness))
	}
}

// judgeFailure: a failure is excepted when every offender is, and in grace while
// it is young. Neither is ever green.
func (n *Node) judgeFailure(c Clock, now sextant.Instant) {
	n.Until = earlier(n.Until, c.Permitted.Next(now))
	graceEnds := c.Since.Add(c.Grace)
	if now < graceEnds {
		n.Until = earlier(n.Until, graceEnds)
	}
	switch until, permitted := c.Permitted.Holds(now); {
	case permitted:
		n.State, n.Rule, n.Reason = Excepted, "a failure is excepted when all that fails is", "permitted until "+day(until-1)+"; "+c.Says
	case now < graceEnds:
		n.State, n.Rule, n.Reason = FailInGrace, "a failure is in grace while it is young", "in grace until "+minute(graceEnds)+"; "+c.Says
	}
}

// spoken writes a duration as people say it: "2 days", "36 hours".
func spoken(d time.Duration) string {
	n, unit := int64(d/time.Hour), "hour"
	if d >= 48*time.Hour && d%(24*time.Hour) == 0 {
		n, unit = int64(d/(24*time.Hour)), "day"
	}
	switch {
	case n == 0:
		return d.String()
	case n == 1:
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
