// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"fmt"
	"strings"

	"sextant"
	"sextant/evidence"
	"sextant/framework"
	"sextant/lint"
	"sextant/register"
)

// ReviewStep is what lint calls the review of a version.
const ReviewStep = "soa review"

// Raised is what the rules of lint find in one statement: what stands in the
// way of its review, and what an auditor would ask about all the same.
type Raised struct {
	Blockers []lint.Verdict
	Warnings []lint.Verdict
}

// Count gives how many findings there are of a kind.
func Count(verdicts []lint.Verdict) (n int) {
	for _, v := range verdicts {
		n += len(v.Findings)
	}
	return n
}

// RaisedIn asks the rules about statements of one management system, at the
// moment the two readers are of. What an exception waives is not among it.
func RaisedIn(v *register.View, r evidence.Reader, system string) (raised Raised, err error) {
	conditions := statementConditions()
	var ours []lint.Rule
	for _, rule := range lint.Rules() {
		if conditions[rule.ID] != nil {
			ours = append(ours, rule)
		}
	}
	verdicts, err := lint.Run(lint.Look{View: v, Evidence: r, Subject: system}, conditions, ours)
	for _, verdict := range verdicts {
		switch {
		case len(verdict.Findings) == 0:
		case blocks(verdict.Rule):
			raised.Blockers = append(raised.Blockers, verdict)
		default:
			raised.Warnings = append(raised.Warnings, verdict)
		}
	}
	return raised, err
}

func blocks(rule lint.Rule) bool {
	for _, step := range rule.Blocks {
		if step == ReviewStep {
			return true
		}
	}
	return false
}

// nothingBlocks refuses a review while a blocking rule finds something, and
// names the first few places.
func nothingBlocks(g register.Guarding) error {
	v, ok := g.Tx.(*register.View)
	if !ok {
		return fmt.Errorf("review of %s: the rules need a view", g.Entry.Key)
	}
	r, err := evidence.On(v)
	if err != nil {
		return err
	}
	verdicts, err := lint.Blockers(lint.Look{View: v, Evidence: r, Subject: g.Next.Text("management_system")}, statementConditions(), ReviewStep)
	if err != nil || len(verdicts) == 0 {
		return err
	}
	const most = 3
	var first []string
	for _, verdict := range verdicts {
		for _, f := range verdict.Findings {
			if len(first) < most {
				first = append(first, About(f)+": "+f.Facts)
			}
		}
	}
	n := Count(verdicts)
	rest := ""
	if n > most {
		rest = fmt.Sprintf("; and %d more", n-most)
	}
	return sextant.Errorf(sextant.Conflict, "%d findings stand in the way of a review. %s%s", n, strings.Join(first, "; "), rest).WithHint("put them right first: the page of the version leads to each")
}

// About names what a finding is about as people do.
func About(f lint.Finding) string {
	if len(f.Entries) == 0 {
		return "the statement"
	}
	return framework.IDOf(f.Entries[0])
}
