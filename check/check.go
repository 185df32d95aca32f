// SPDX-License-Identifier: Apache-2.0

// Package check holds tests as code: an expression over what was observed about
// one resource, with the plan lines it is evidence for and the samples that
// prove it works. It collects nothing, stores nothing and knows no control
// beyond the id of a plan line.
package check

import (
	"encoding/json"
	"time"
)

// Status is what a check says about one resource. The numbers are kept in the
// database.
type Status int8

// The statuses. The zero value says nothing.
const (
	NotEvaluated  Status = 0
	Pass          Status = 1
	Fail          Status = 2
	Error         Status = 3 // could not be told: an attribute could not be read, or the expression broke
	NotApplicable Status = 4 // `where` leaves the resource out
)

var statusNames = map[Status]string{NotEvaluated: "not_evaluated", Pass: "pass", Fail: "fail", Error: "error", NotApplicable: "not_applicable"}

func (s Status) String() string { return statusNames[s] }

// MarshalJSON writes the stable name.
func (s Status) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// Severity is how much a failure matters. It is no state.
type Severity string

// The severities.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// longestGrace caps how long a failure may count as in grace.
var longestGrace = map[Severity]time.Duration{Critical: 24 * time.Hour, High: 72 * time.Hour, Medium: 7 * 24 * time.Hour, Low: 14 * 24 * time.Hour}

// Check is one test as its file describes it.
type Check struct {
	ID          string         `yaml:"id" json:"id"`       // aws.root-mfa
	Title       string         `yaml:"title" json:"title"` // a sentence that is true when it passes
	Intent      string         `yaml:"intent" json:"intent"`
	Resource    string         `yaml:"resource" json:"resource"` // aws:iam_user
	Where       string         `yaml:"where" json:"where,omitempty"`
	Pass        string         `yaml:"pass" json:"pass"`     // CEL
	Reason      string         `yaml:"reason" json:"reason"` // CEL, a text that says why a resource fails
	Aggregate   Aggregate      `yaml:"aggregate" json:"aggregate"`
	Threshold   float64        `yaml:"threshold" json:"threshold,omitempty"` // percent: how many of a hundred must pass
	Min         *int           `yaml:"min" json:"min,omitempty"`             // count: how many must pass
	Max         *int           `yaml:"max" json:"max,omitempty"`             // count: how many may
	Params      map[string]any `yaml:"params" json:"params,omitempty"`
	Severity    Severity       `yaml:"severity" json:"severity"`
	Grace       string         `yaml:"grace" json:"grace,omitempty"`
	Freshness   string         `yaml:"freshness" json:"freshness"`
	Supports    []string       `yaml:"supports" json:"supports"` // plan lines it is evidence for
	DoesNotShow string         `yaml:"does_not_show" json:"does_not_show"`
	Remediation string         `yaml:"remediation" json:"remediation"`
	Samples     Samples        `yaml:"samples" json:"-"`
}

// Samples prove that the expression tells pass from fail from error.
type Samples struct {
	Pass  []map[string]any `yaml:"pass"`
	Fail  []map[string]any `yaml:"fail"`
	Error []map[string]any `yaml:"error"`
	None  []map[string]any `yaml:"not_applicable"`
}

// Result is what a check said about one resource.
type Result struct {
	Status Status `json:"status"`
	Reason string `json:"reason"`
}

// Counts are the results over a population.
type Counts struct {
	Population    int `json:"population"`
	Passed        int `json:"passed"`
	Failed        int `json:"failed"`
	Errors        int `json:"errors"`
	NotApplicable int `json:"not_applicable"`
}

// Add counts one result.
func (c *Counts) Add(s Status) {
	c.Population++
	switch s {
	case Pass:
		c.Passed++
	case Fail:
		c.Failed++
	case NotApplicable:
		c.NotApplicable++
	default:
		c.Errors++
	}
}
