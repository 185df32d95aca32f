// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"slices"
	"time"

	"sextant"
	"sextant/control"
	"sextant/evidence"
	"sextant/register"
)

// Span is a time in which a subject was in one state.
type Span struct {
	State control.State   `json:"state"`
	From  sextant.Instant `json:"from"`
	To    sextant.Instant `json:"to"`
}

// Operation is what an auditor asks: how something stood from one moment to
// another.
type Operation struct {
	Subject string                          `json:"subject"`
	From    sextant.Instant                 `json:"from"`
	To      sextant.Instant                 `json:"to"`
	Known   time.Duration                   `json:"known"`           // of the period, how long its state is on record
	Shares  map[control.State]time.Duration `json:"shares"`          // of what is known; they add up to Known
	Spans   []Span                          `json:"spans"`           // in order; neighbours differ in state
	Longest Span                            `json:"longest_failure"` // the longest time without a break in Fail or FailInGrace
	Growth  []Growth                        `json:"growth,omitempty"`
}

// Growth is how many resources of a type there were at the begin and at the end.
type Growth struct {
	Type string `json:"type"`
	From int    `json:"from"`
	To   int    `json:"to"`
}

// Share is the part of the known time in a state, 0 to 1.
func (o Operation) Share(s control.State) float64 {
	if o.Known == 0 {
		return 0
	}
	return float64(o.Shares[s]) / float64(o.Known)
}

// Operated tells how a subject stood in a period, as far as it is over at the
// moment the view is of.
func Operated(v *register.View, r evidence.Reader, subject string, from, to sextant.Instant) (Operation, error) {
	o := Operation{Subject: subject, From: from, Shares: map[control.State]time.Duration{}}
	k, err := readKept(v, r)
	if err != nil {
		return o, err
	}
	o.To = min(to, k.now)
	list, err := r.StatusBetween(evidence.StatusList{Subject: subject, From: from, To: o.To, At: v.At()})
	if err != nil {
		return o, err
	}
	if n := len(list); n > 0 && list[n-1].Due != 0 && list[n-1].Due < o.To && isStanding(list[n-1], v.At()) {
		tree, err := k.tree(v, r, subject)
		if err != nil {
			return o, err
		}
		list = append(list, advance(list[n-1], tree, o.To, k.observed)...)
	}
	for i, s := range list {
		end := o.To
		if i+1 < len(list) {
			end = list[i+1].At
		} else if !isStanding(s, v.At()) {
			end = s.Ended
		}
		o.add(Span{control.State(s.State), max(s.At, from), min(end, o.To)})
	}
	return o, o.grow(v, r, k)
}

func isStanding(s evidence.Status, at sextant.Seq) bool {
	return s.To == sextant.LatestSeq || s.To > at
}

func (o *Operation) add(s Span) {
	length := s.To.Time().Sub(s.From.Time())
	if length <= 0 {
		return
	}
	o.Known += length
	o.Shares[s.State] += length
	if last := len(o.Spans) - 1; last >= 0 && o.Spans[last].State == s.State && o.Spans[last].To == s.From {
		o.Spans[last].To = s.To
	} else {
		o.Spans = append(o.Spans, s)
	}
	failing := Span{State: control.Fail}
	for _, span := range slices.Backward(o.Spans) {
		if span.State != control.Fail && span.State != control.FailInGrace || failing.To != 0 && span.To != failing.From {
			break
		}
		failing.From = span.From
		failing.To = max(failing.To, span.To)
	}
	if failing.To-failing.From > o.Longest.To-o.Longest.From {
		o.Longest = failing
	}
}

// grow counts the resources of the types its checks look at.
func (o *Operation) grow(v *register.View, r evidence.Reader, k kept) error {
	tree, err := k.tree(v, r, o.Subject)
	if sextant.CodeOf(err) == sextant.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	counts := [2]map[string]int{}
	for i, at := range []sextant.Instant{o.From, o.To} {
		seq, err := r.SeqAt(at)
		if err != nil {
			return err
		}
		list, err := r.ResourceCounts(min(seq, v.At()))
		if err != nil {
			return err
		}
		counts[i] = map[string]int{}
		for _, c := range list {
			counts[i][c.Type] = c.Count
		}
	}
	for _, kind := range watched(tree) {
		o.Growth = append(o.Growth, Growth{kind, counts[0][kind], counts[1][kind]})
	}
	return nil
}

// watched gives the resource types the checks of a tree look at.
func watched(tree *control.Node) (kinds []string) {
	tree.Walk(func(n *control.Node) {
		if n.Clock != nil && n.Clock.Watch != nil {
			kinds = append(kinds, n.Clock.Watch.Type)
		}
	})
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Change is a state that became another.
type Change struct {
	Subject string          `json:"subject"`
	Before  control.State   `json:"before"`
	After   control.State   `json:"after"`
	Reason  string          `json:"reason"`
	At      sextant.Instant `json:"at"`  // from when it has been so
	Seq     sextant.Seq     `json:"seq"` // when it became known
}

// Changes gives changes of state, the newest known first, those behind the last
// one of the page before (nil: from the newest); prefix as in States.
func Changes(v *register.View, r evidence.Reader, prefix string, after *Change, limit int) ([]Change, error) {
	feed := evidence.Feed{Prefix: prefix, At: v.At(), Limit: limit}
	if after != nil {
		feed.After = &evidence.Status{Subject: after.Subject, From: after.Seq}
	}
	list, err := r.StatusFeed(feed)
	all := make([]Change, len(list))
	for i, s := range list {
		all[i] = Change{s.Subject, control.State(s.Before), control.State(s.State), Words(v, s.Reason), s.At, s.From}
	}
	return all, err
}
