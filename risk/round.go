// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/register"
)

// Moved is how one risk stands in an assessment and in an earlier one.
type Moved struct {
	Risk, Title string
	Was, Is     string // names of levels; "" where the risk was not in the round, or not judged in levels
	Change      RoundChange
}

// RoundChange says how two results of a risk compare.
type RoundChange string

// The changes. Levels by different criteria do not compare.
const (
	RoundHigher  RoundChange = "higher"
	RoundLower   RoundChange = "lower"
	RoundSame    RoundChange = "same"
	RoundNew     RoundChange = "new"
	RoundGone    RoundChange = "gone"
	RoundByOther RoundChange = "other_criteria"
)

// RoundChanges gives all, what moved first.
func RoundChanges() []RoundChange {
	return []RoundChange{RoundHigher, RoundLower, RoundNew, RoundGone, RoundByOther, RoundSame}
}

// CompareRounds compares the results of two assessments, as they were kept.
func CompareRounds(before, after register.Of[Assessment]) (list []Moved) {
	was := map[string]Result{}
	for _, r := range before.Fields.Results {
		was[r.Risk] = r
	}
	comparable := before.Fields.Criteria == after.Fields.Criteria
	for _, r := range after.Fields.Results {
		old, known := was[r.Risk]
		delete(was, r.Risk)
		m := Moved{Risk: r.Risk, Title: r.Title, Is: r.LevelName, Change: RoundNew}
		if known {
			m.Was, m.Change = old.LevelName, moveOf(old, r, comparable)
		}
		list = append(list, m)
	}
	for _, r := range before.Fields.Results {
		if _, left := was[r.Risk]; left {
			list = append(list, Moved{Risk: r.Risk, Title: r.Title, Was: r.LevelName, Change: RoundGone})
		}
	}
	slices.SortStableFunc(list, func(a, b Moved) int {
		return slices.Index(RoundChanges(), a.Change) - slices.Index(RoundChanges(), b.Change)
	})
	return list
}

func moveOf(old, now Result, comparable bool) RoundChange {
	switch was, is := Whole(old.Level), Whole(now.Level); {
	case !comparable || was == 0 || is == 0:
		return RoundByOther
	case is > was:
		return RoundHigher
	case is < was:
		return RoundLower
	}
	return RoundSame
}

// Says tells it in a sentence.
func (m Moved) Says() string {
	name := m.Risk + " " + m.Title
	switch m.Change {
	case RoundHigher:
		return fmt.Sprintf("%s rose from %s to %s.", name, m.Was, m.Is)
	case RoundLower:
		return fmt.Sprintf("%s came down from %s to %s.", name, m.Was, m.Is)
	case RoundNew:
		return fmt.Sprintf("%s was not in the earlier assessment; it is %s.", name, orUnjudged(m.Is))
	case RoundGone:
		return fmt.Sprintf("%s was %s and is not in this assessment.", name, orUnjudged(m.Was))
	case RoundByOther:
		return fmt.Sprintf("%s was %s and is %s; the two do not compare, for they were judged by different criteria.", name, orUnjudged(m.Was), orUnjudged(m.Is))
	}
	return fmt.Sprintf("%s stays %s.", name, m.Is)
}

func orUnjudged(level string) string {
	if level == "" {
		return "not judged in levels"
	}
	return level
}

// RoundBefore gives the assessment of the same management system that was
// completed last before this one; NotFound where there is none.
func RoundBefore(tx register.Reader, a register.Of[Assessment]) (register.Of[Assessment], error) {
	rounds, err := all[Assessment](tx, assessmentName, ofSystem(a.Fields.ManagementSystem), inState(Completed, Approved))
	if err != nil {
		return register.Of[Assessment]{}, err
	}
	rounds = slices.DeleteFunc(rounds, func(r register.Of[Assessment]) bool {
		return r.Key == a.Key || a.Fields.CompletedOn != "" && (r.Fields.CompletedOn > a.Fields.CompletedOn || r.Fields.CompletedOn == a.Fields.CompletedOn && r.Seq > a.Seq)
	})
	if len(rounds) == 0 {
		return register.Of[Assessment]{}, sextant.Errorf(sextant.NotFound, "there is no assessment before %s", a.Key)
	}
	return slices.MaxFunc(rounds, func(x, y register.Of[Assessment]) int {
		if x.Fields.CompletedOn != y.Fields.CompletedOn {
			return strings.Compare(x.Fields.CompletedOn, y.Fields.CompletedOn)
		}
		return int(x.Seq - y.Seq)
	}), nil
}

// LookAtLast says what is known of a risk a round has still to look at.
type LookAtLast struct {
	Risk      register.Of[Risk]
	Judgement *register.Of[Evaluation] // the newest current one
	Stands    bool                     // it was made by the criteria of the round, so that it may be said to hold still
}

// ToLookAt gives the risks a running round has not looked at yet, those judged
// longest ago first.
func ToLookAt(tx register.Reader, key string, a Assessment) (list []LookAtLast, done []Result, err error) {
	done, open, err := ResultsOf(tx, key, a)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range open {
		evaluations, err := all[Evaluation](tx, evaluationName, register.Filter{Field: "risk", Op: register.Is, Values: []string{r.Key}}, inState(Recorded))
		if err != nil {
			return nil, nil, err
		}
		row := LookAtLast{Risk: r}
		if e, ok := latest(evaluations)[Current]; ok {
			row.Judgement, row.Stands = &e, e.Fields.Criteria == a.Criteria
		}
		list = append(list, row)
	}
	slices.SortStableFunc(list, func(x, y LookAtLast) int { return strings.Compare(judgedOn(x), judgedOn(y)) })
	return list, done, nil
}

func judgedOn(l LookAtLast) string {
	if l.Judgement == nil {
		return ""
	}
	return l.Judgement.Fields.EvaluatedOn
}
