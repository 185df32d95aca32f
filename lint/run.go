// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sextant"
	"sextant/evidence"
	"sextant/register"
)

// Verdict is what one rule said of one moment: findings, waived ones, that it
// cannot tell, or that it is clean and how much it looked at.
type Verdict struct {
	Rule       Rule      `json:"rule"`
	Findings   []Finding `json:"findings"`
	Waived     []Waived  `json:"waived,omitempty"`
	CannotTell string    `json:"cannot_tell,omitempty"` // which data is missing
	Looked     int       `json:"looked"`
	Changed    *Changed  `json:"changed,omitempty"` // the organisation asks it with other numbers
}

// Outcome sums a verdict up.
type Outcome string

// The outcomes, the worst first.
const (
	Found   Outcome = "found"
	Unknown Outcome = "cannot_tell"
	Excused Outcome = "waived" // nothing but what somebody answers for
	Clean   Outcome = "clean"
)

// Outcome of the rule.
func (v Verdict) Outcome() Outcome {
	switch {
	case len(v.Findings) > 0:
		return Found
	case v.CannotTell != "":
		return Unknown
	case len(v.Waived) > 0:
		return Excused
	}
	return Clean
}

// Run asks rules of the moment the look is of, in their order, with the numbers
// the organisation asked them with then. A rule nobody has a condition for cannot
// tell.
func Run(l Look, conditions Conditions, rules []Rule) ([]Verdict, error) {
	l.known = map[string]any{}
	waivers, err := readWaivers(l.View)
	if err != nil {
		return nil, err
	}
	rules, changed, err := InForce(l.View, rules)
	if err != nil {
		return nil, err
	}
	verdicts := make([]Verdict, 0, len(rules))
	for _, rule := range rules {
		answer, err := ask(l, conditions[rule.ID], rule)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", rule.ID, err)
		}
		v := Verdict{Rule: rule, CannotTell: answer.CannotTell, Looked: answer.Looked}
		if c, ok := changed[rule.ID]; ok {
			v.Changed = &c
		}
		v.Findings, v.Waived = waivers.part(rule.ID, answer.Findings)
		verdicts = append(verdicts, v)
	}
	return verdicts, nil
}

func ask(l Look, condition Condition, rule Rule) (Answer, error) {
	if condition == nil {
		return Answer{CannotTell: "not looked at yet: " + strings.Join(rule.Needs, ", ")}, nil
	}
	l.Params = rule.Params
	answer, err := condition(l)
	if sextant.CodeOf(err) == sextant.TooLarge {
		return Answer{CannotTell: err.Error()}, nil // one rule that reads too much keeps no other from telling
	}
	for i, f := range answer.Findings {
		first, size := utf8.DecodeRuneInString(f.Facts)
		answer.Findings[i].Facts = string(unicode.ToUpper(first)) + f.Facts[size:]
	}
	return answer, err
}

// Report asks every rule of the moment a view is of; recalled until something
// is recorded, and for an hour at most: dates pass without anybody writing. It
// is shared and must not be changed.
func Report(v *register.View, r evidence.Reader, conditions Conditions) ([]Verdict, error) {
	return register.Recall(v, "lint.Report", func() ([]Verdict, sextant.Instant, error) {
		list, err := Run(Look{View: v, Evidence: r}, conditions, Rules())
		return list, v.Now().Add(time.Hour), err
	})
}

// Blockers gives the findings that stand in the way of a step for one subject,
// each with its rule. What is waived does not.
func Blockers(l Look, conditions Conditions, step string) ([]Verdict, error) {
	list, err := Run(l, conditions, Blocking(step))
	return slices.DeleteFunc(list, func(v Verdict) bool { return len(v.Findings) == 0 }), err
}
