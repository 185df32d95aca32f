// SPDX-License-Identifier: Apache-2.0

// Package lint says what an auditor would raise: rules over the registers and
// what the evidence shows, each with a clause, a severity, what it found, since
// when, and where it is put right. The rules are data (rules.yaml, own words);
// what computes them is contributed by the packages that know the subject. A
// rule whose data does not exist yet says that it cannot tell, never that all
// is well. It grades nothing for an auditor, repairs nothing, and raises no
// nonconformity: people do.
package lint

import (
	"strconv"
	"strings"

	"sextant"
	"sextant/evidence"
	"sextant/register"
)

// Severity is what an auditor would probably grade a finding that stands alone;
// the grade is the auditor's. The zero value is none.
type Severity string

// The severities.
const (
	Major       Severity = "major"
	Minor       Severity = "minor"
	Observation Severity = "observation"
)

// Severities gives them, the worst first.
func Severities() []Severity { return []Severity{Major, Minor, Observation} }

// AtLeast says whether a severity is as bad as another, or worse.
func (s Severity) AtLeast(other Severity) bool { return s.rank() <= other.rank() }

func (s Severity) rank() int {
	for i, known := range Severities() {
		if s == known {
			return i
		}
	}
	return len(Severities())
}

// Certainty says whether a finding follows from recorded facts or is a question.
type Certainty string

// The certainties. A heuristic rule never blocks.
const (
	Exact     Certainty = "exact"
	Heuristic Certainty = "heuristic"
)

// Rule is one question an auditor asks of a management system. All texts are
// our own.
type Rule struct {
	ID        string             `yaml:"id" json:"id"`
	Title     string             `yaml:"title" json:"title"` // what is wrong, as a heading
	Group     string             `yaml:"group" json:"group"`
	Clauses   []string           `yaml:"clauses" json:"clauses"`
	Controls  []string           `yaml:"controls" json:"controls,omitempty"`
	Severity  Severity           `yaml:"severity" json:"severity"`
	Certainty Certainty          `yaml:"certainty" json:"certainty"`
	Priority  int                `yaml:"priority" json:"priority"`       // 1 = first
	Blocks    []string           `yaml:"blocks" json:"blocks,omitempty"` // steps a finding stands in the way of: "soa review"
	Condition string             `yaml:"condition" json:"condition"`     // when it finds something, in words
	Why       string             `yaml:"why" json:"why"`                 // why an auditor raises it
	Fix       string             `yaml:"fix" json:"fix"`                 // what to do
	Params    map[string]float64 `yaml:"params" json:"params,omitempty"` // numbers the condition names
	Needs     []string           `yaml:"needs" json:"needs,omitempty"`   // what the rule, or part of it, would look at and does not yet
}

// Look is what a condition looks at: one moment of one organisation.
type Look struct {
	View     *register.View
	Evidence evidence.Reader
	Subject  string             // key of the management system, "" = all
	Params   map[string]float64 // of the rule

	known map[string]any // see Once
}

// Answer is what a condition found. Looked is the number of entries it looked
// at, so that a clean rule on an empty register is not mistaken for proof.
// CannotTell names the data that is missing; it is never fine.
type Answer struct {
	Findings   []Finding
	Looked     int
	CannotTell string
}

// Finding is one thing an auditor would raise. Two findings of a rule differ in
// their first entry or their place.
type Finding struct {
	Entries []string        `json:"entries"`         // keys or references it is about; the first is where to fix it
	Facts   string          `json:"facts"`           // what met the condition
	Since   sextant.Instant `json:"since,omitempty"` // from which moment the rule finds it; 0 where that was not looked for
	Owner   string          `json:"owner,omitempty"` // key of the person who puts it right
	Place   string          `json:"place"`           // path of the page where it is put right
}

// Is says whether two findings of a rule, at different moments, are the same.
func (f Finding) Is(other Finding) bool {
	return f.Place == other.Place && f.first() == other.first()
}

func (f Finding) first() string {
	if len(f.Entries) == 0 {
		return ""
	}
	return f.Entries[0]
}

// Condition computes one rule. It reads through the view and the reader only,
// writes nothing, and must not depend on who reads.
type Condition func(Look) (Answer, error)

// Conditions are by the id of their rule.
type Conditions map[string]Condition

// Once gives what several conditions of one run need, computed once. The answer
// is shared and must not be changed.
func Once[T any](l Look, name string, compute func() (T, error)) (T, error) {
	if known, ok := l.known[name]; ok {
		return known.(T), nil
	}
	value, err := compute()
	if err == nil && l.known != nil {
		l.known[name] = value
	}
	return value, err
}

// When gives the condition in words, its parameters filled in.
func (r Rule) When() string {
	text := r.Condition
	for name, value := range r.Params {
		text = strings.ReplaceAll(text, "{"+name+"}", strconv.FormatFloat(value, 'f', -1, 64))
	}
	return text
}
