// SPDX-License-Identifier: Apache-2.0

// Package sarif writes what lint found as SARIF 2.1.0 (OASIS), which code review
// tools show beside a change. A finding is about an entry and not about a line
// of a file, so it carries a logical location. What could not be told is among
// the notifications: a tool must not show it as fine.
package sarif

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"sextant/lint"
)

type report struct {
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []run  `json:"runs"`
}

type run struct {
	Tool        tool         `json:"tool"`
	Invocations []invocation `json:"invocations"`
	Results     []result     `json:"results"`
}

type tool struct {
	Driver driver `json:"driver"`
}

type driver struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Rules   []rule `json:"rules"`
}

type rule struct {
	ID         string     `json:"id"`
	Short      text       `json:"shortDescription"`
	Full       text       `json:"fullDescription"`
	Help       text       `json:"help"`
	Default    level      `json:"defaultConfiguration"`
	Properties properties `json:"properties"`
}

type properties struct {
	Tags []string `json:"tags"`
}

type level struct {
	Level string `json:"level"`
}

type text struct {
	Text string `json:"text"`
}

type invocation struct {
	Successful    bool           `json:"executionSuccessful"`
	Notifications []notification `json:"toolExecutionNotifications,omitempty"`
}

type notification struct {
	Level      string     `json:"level"`
	Message    text       `json:"message"`
	Associated descriptor `json:"associatedRule"`
}

type descriptor struct {
	ID string `json:"id"`
}

type result struct {
	RuleID       string        `json:"ruleId"`
	Level        string        `json:"level"`
	Message      text          `json:"message"`
	Locations    []location    `json:"locations"`
	Suppressions []suppression `json:"suppressions,omitempty"`
}

type location struct {
	Logical []logical `json:"logicalLocations"`
}

type logical struct {
	Name  string `json:"name"`
	Place string `json:"fullyQualifiedName"`
}

type suppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}

// levels are SARIF's words for our severities.
var levels = map[lint.Severity]string{lint.Major: "error", lint.Minor: "warning", lint.Observation: "note"}

// Write writes the verdicts of one run; version is that of the program. Waived
// findings are in it, as suppressed.
func Write(w io.Writer, version string, verdicts []lint.Verdict) error {
	r := run{Tool: tool{driver{Name: "sextant lint", Version: version}}, Invocations: []invocation{{Successful: true}}, Results: []result{}}
	for _, v := range verdicts {
		r.Tool.Driver.Rules = append(r.Tool.Driver.Rules, ruleOf(v.Rule))
		if v.CannotTell != "" {
			r.Invocations[0].Notifications = append(r.Invocations[0].Notifications, notification{"warning", text{"cannot tell: " + v.CannotTell}, descriptor{v.Rule.ID}})
		}
		for _, f := range v.Findings {
			r.Results = append(r.Results, resultOf(v.Rule, f))
		}
		for _, f := range v.Waived {
			waived := resultOf(v.Rule, f.Finding)
			waived.Suppressions = []suppression{{"external", "accepted", f.Exception + " until " + f.Until + ": " + f.Reason}}
			r.Results = append(r.Results, waived)
		}
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(report{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []run{r}})
}

func ruleOf(r lint.Rule) rule {
	return rule{r.ID, text{r.Title}, text{r.When() + " " + r.Why}, text{r.Fix}, level{levels[r.Severity]}, properties{append(slices.Clone(r.Clauses), r.Controls...)}}
}

func resultOf(r lint.Rule, f lint.Finding) result {
	one := result{RuleID: r.ID, Level: levels[r.Severity], Message: text{r.Title + ": " + f.Facts}, Locations: []location{{}}}
	for i, key := range f.Entries {
		place := key
		if i == 0 {
			place = f.Place
		}
		one.Locations[0].Logical = append(one.Locations[0].Logical, logical{strings.TrimSpace(key), place})
	}
	if len(f.Entries) == 0 {
		one.Locations[0].Logical = []logical{{f.Place, f.Place}}
	}
	return one
}
