// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant/control"
	"sextant/organisation"
	"sextant/register"
)

// Preview says what another edition of the criteria would make of the open
// risks, judged as they are: nothing of it is kept, and every risk is judged
// anew by people once the edition is in force.
type Preview struct {
	Before     string  `json:"before"` // key of the edition in force
	After      string  `json:"after"`
	RuleBefore string  `json:"rule_before"`
	RuleAfter  string  `json:"rule_after"`
	Shifts     []Shift `json:"risks"`
}

// Judged is what a preview needs to know of one open risk.
type Judged struct {
	Key, Title, Category string
	Evaluation           *Evaluation // the newest current judgement by the edition in force
	Earlier              bool        // there is one, by an earlier edition
	Inherent             *Evaluation // by the same edition as the current judgement
	Acceptance           string      // key of the one in force
	Accepted             *Acceptance
	State                func(reference string) control.State // of the controls it counts on
}

// Shift is where one risk stands by both editions.
type Shift struct {
	Risk       string   `json:"risk"`
	Title      string   `json:"title"`
	Change     Change   `json:"change"`
	Before     Stand    `json:"before"`
	After      Stand    `json:"after"`
	Lost       []string `json:"types_lost,omitempty"` // types of consequence it was judged by that are no longer there
	Gone       string   `json:"gone,omitempty"`       // the level nothing took the place of
	Acceptance string   `json:"acceptance,omitempty"`
	Refused    string   `json:"refused,omitempty"` // why the acceptance would not be allowed
}

// Stand is a span of levels by one edition; levels are 0 and names "" where they
// are not known.
type Stand struct {
	Best     int    `json:"best_level"`
	Worst    int    `json:"level"`
	Name     string `json:"name"`
	Appetite string `json:"appetite"`
}

// Change says how a level by one edition compares with that by another. Levels
// compare only where one took the place of the other.
type Change string

// The changes.
const (
	Lower         Change = "lower"
	Unmoved       Change = "same"
	Higher        Change = "higher"
	NotComparable Change = "not_comparable" // a level is gone and nothing took its place
	ByEarlier     Change = "earlier"        // judged by an edition before that in force
	NotJudged     Change = "not_evaluated"
)

// Changes gives all of them, what needs attention first.
func Changes() []Change {
	return []Change{NotComparable, Higher, Lower, Unmoved, ByEarlier, NotJudged}
}

// Counts counts the risks by change.
func (p Preview) Counts() map[Change]int {
	counts := map[Change]int{}
	for _, s := range p.Shifts {
		counts[s.Change]++
	}
	return counts
}

// Refused counts the acceptances that would no longer be allowed.
func (p Preview) Refused() (n int) {
	for _, s := range p.Shifts {
		if s.Refused != "" {
			n++
		}
	}
	return n
}

// Compare computes where risks stand by two editions: the same judgements, in
// levels of the later one, with the same evidence. Top management are those of
// this moment.
func Compare(before, after *Yardstick, risks []Judged, topManagement []string) []Shift {
	shifts := make([]Shift, len(risks))
	for i, r := range risks {
		shifts[i] = shift(before, after, r, topManagement)
	}
	slices.SortStableFunc(shifts, func(a, b Shift) int {
		return slices.Index(Changes(), a.Change) - slices.Index(Changes(), b.Change)
	})
	return shifts
}

func shift(before, after *Yardstick, r Judged, top []string) Shift {
	s := Shift{Risk: r.Key, Title: r.Title, Change: NotJudged, Acceptance: r.Acceptance, Before: Stand{Appetite: "not_evaluated"}, After: Stand{Appetite: "not_evaluated"}}
	if r.Earlier {
		s.Change = ByEarlier
	}
	if r.Evaluation == nil || r.Evaluation.Likelihood == nil {
		return s
	}
	was := before.Now(*r.Evaluation, r.Inherent, r.State)
	s.Before = stand(before, r.Category, was)
	moved, lost, gone := after.Criteria.Restate(*r.Evaluation)
	s.Lost, s.Gone = lost, gone
	if gone != "" || len(moved.Consequences) == 0 {
		s.Change, s.Refused = NotComparable, r.refusal(before, after, Span{}, top)
		return s
	}
	is := after.Now(moved, after.Criteria.inherent(r.Inherent), r.State)
	s.After = stand(after, r.Category, is)
	s.Change = change(after, was.Worst, is.Worst)
	if s.Change == NotComparable {
		s.Gone = before.LevelName(was.Worst)
	}
	s.Refused = r.refusal(before, after, is, top)
	return s
}

// refusal is that of the acceptance in force; "" where there is none, or it would
// be allowed. A span of zeros is not known.
func (r Judged) refusal(before, after *Yardstick, is Span, top []string) string {
	if r.Accepted == nil {
		return ""
	}
	return refusal(before, after, *r.Accepted, is, top)
}

func stand(y *Yardstick, category string, s Span) Stand {
	return Stand{s.Best, s.Worst, SpanName(y, s.Best, s.Worst), appetite(y, category, s)}
}

func change(after *Yardstick, was, is int) Change {
	meant, ok := after.Criteria.now("level", was)
	switch {
	case !ok:
		return NotComparable
	case is > meant:
		return Higher
	case is < meant:
		return Lower
	}
	return Unmoved
}

// Restate gives a judgement made by the edition before in levels of this one.
// Types of consequence that are no longer there fall away and are named; gone
// names the first level nothing took the place of, "" where all have one.
func (c Criteria) Restate(e Evaluation) (moved Evaluation, lost []string, gone string) {
	moved = e
	n, ok := c.now("likelihood", Whole(e.Likelihood))
	if !ok {
		return e, nil, fmt.Sprintf("likelihood %d", Whole(e.Likelihood))
	}
	moved.Likelihood, moved.Consequences = Kept(n), nil
	worst := 0
	for _, r := range e.Consequences {
		if !slices.Contains(c.ConsequenceTypes, r.Type) {
			lost = append(lost, r.Type)
			continue
		}
		n, ok := c.now("consequence", Whole(r.Level))
		if !ok {
			return e, lost, fmt.Sprintf("consequence %d", Whole(r.Level))
		}
		worst = max(worst, n)
		moved.Consequences = append(moved.Consequences, Rated{r.Type, Kept(n)})
	}
	moved.Consequence = Kept(worst)
	return moved, lost, ""
}

// inherent bounds what is given back, where the inherent judgement can be
// restated.
func (c Criteria) inherent(e *Evaluation) *Evaluation {
	if e == nil || e.Likelihood == nil {
		return nil
	}
	moved, _, gone := c.Restate(*e)
	if gone != "" || len(moved.Consequences) == 0 {
		return nil
	}
	return &moved
}

// refusal says why what was accepted would not be allowed by another edition:
// its level is gone, its owner may not accept it, not for so long, or the risk
// would stand above it.
func refusal(before, after *Yardstick, a Acceptance, is Span, top []string) string {
	n, ok := after.Criteria.now("level", Whole(a.Level))
	if !ok {
		return fmt.Sprintf("nothing took the place of %s", before.LevelName(Whole(a.Level)))
	}
	if err := after.MayAccept(a.AcceptedBy, n, top); err != nil {
		return err.Error()
	}
	if allowed, ok := after.Criteria.now("level", a.allows()); ok && is.Worst > max(n, allowed) {
		return fmt.Sprintf("the risk would be %s, above %s", SpanName(after, is.Best, is.Worst), after.LevelName(n))
	}
	if at, err := time.Parse(time.RFC3339, a.AcceptedAt); err == nil {
		last := register.AddPeriod(at, after.Criteria.Levels[n-1].AcceptedFor).Format(time.DateOnly)
		if a.ValidUntil > last {
			return fmt.Sprintf("%s would be accepted until %s at most", after.LevelName(n), last)
		}
	}
	return ""
}

// PreviewOf previews an edition, kept or not, against the one in force. NotFound
// where none is in force; Invalid, with field and row, where the edition cannot
// be measured by.
func PreviewOf(v *register.View, key string, next Criteria) (p Preview, err error) {
	after, err := NewYardstick(next)
	if err != nil {
		return p, err
	}
	now, err := InForce(v, next.ManagementSystem)
	if err != nil {
		return p, err
	}
	before, err := NewYardstick(now.Fields)
	if err != nil {
		return p, err
	}
	risks, err := judgedBy(v, now)
	if err != nil {
		return p, err
	}
	top, err := organisation.TopManagement(v)
	return Preview{now.Key, key, now.Fields.Rule, next.Rule, Compare(before, after, risks, top)}, err
}

// judgedBy gives the open risks of a management system with their judgements by
// an edition.
func judgedBy(v *register.View, c register.Of[Criteria]) ([]Judged, error) {
	risks, err := all[Risk](v, riskName, ofSystem(c.Fields.ManagementSystem), isOpen)
	if err != nil {
		return nil, err
	}
	w, err := readWorld(v)
	if err != nil {
		return nil, err
	}
	states, err := readStates(v)
	if err != nil {
		return nil, err
	}
	list := make([]Judged, len(risks))
	for i, r := range risks {
		j := Judged{Key: r.Key, Title: r.Title(), Category: r.Fields.Category, State: func(reference string) control.State { return states.of(reference, r.Fields.ScopeUnits) }}
		newest := latest(w.evaluations[r.Key])
		if e, ok := newest[Current]; ok && e.Fields.Criteria == c.Key {
			j.Evaluation = &e.Fields
		} else {
			j.Earlier = ok
		}
		if e, ok := newest[Inherent]; ok && e.Fields.Criteria == c.Key {
			j.Inherent = &e.Fields
		}
		for _, a := range w.acceptances[r.Key] {
			if a.State != Accepted {
				continue
			}
			if j.Acceptance = a.Key; w.restate(&a, c.Key) {
				j.Accepted = &a.Fields
			}
		}
		list[i] = j
	}
	return list, nil
}

// restate puts what was signed into levels of a later edition; false where that
// has none for them.
func (w *world) restate(a *register.Of[Acceptance], edition string) bool {
	by, err := w.criteriaOf(*a)
	if err != nil {
		return false
	}
	for _, level := range []**float64{&a.Fields.Level, &a.Fields.LiveThen} {
		n, ok := w.lifted(Whole(*level), by, edition)
		if !ok && Whole(*level) > 0 {
			return false
		}
		*level = Kept(n)
	}
	return true
}

// Says tells a preview in one line.
func (p Preview) Says() string {
	counts := p.Counts()
	var said []string
	for _, c := range []struct {
		of    Change
		words string
	}{{Higher, "higher"}, {Lower, "lower"}, {Unmoved, "where it is"}, {NotComparable, "not comparable"}, {ByEarlier, "judged by earlier criteria"}, {NotJudged, "not evaluated"}} {
		if counts[c.of] > 0 {
			said = append(said, fmt.Sprintf("%d %s", counts[c.of], c.words))
		}
	}
	if len(said) == 0 {
		return "no open risk"
	}
	text := strings.Join(said, ", ")
	if n := p.Refused(); n > 0 {
		text += fmt.Sprintf("; acceptances that would no longer be allowed: %d", n)
	}
	return text
}

// Editions gives the editions of a management system, the newest first.
func Editions(tx register.Reader, system string) ([]register.Of[Criteria], error) {
	list, err := all[Criteria](tx, criteriaName, ofSystem(system))
	slices.SortFunc(list, func(a, b register.Of[Criteria]) int { return Whole(b.Fields.Number) - Whole(a.Fields.Number) })
	return list, err
}
