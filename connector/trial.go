// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"slices"
)

// Trial is what a try of a connection found: who we are, and what we may not do.
type Trial struct {
	Principals []Principal `json:"principals"`
	Denied     []string    `json:"denied"`            // calls that were refused for want of a right, sorted
	Failures   []Failure   `json:"failures"`          // everything that failed, denied calls too, the sign-in first
	Missing    []string    `json:"missing,omitempty"` // the rights the denied calls need, in the outside system's words
	Policy     string      `json:"policy,omitempty"`  // the exact rights that are needed, as Permissions prints them
	Requests   int64       `json:"requests"`
}

// Good says whether we could sign in everywhere and nothing was refused.
func (t Trial) Good() bool { return len(t.Principals) > 0 && len(t.Failures) == 0 }

// Tester is implemented by connectors that can be tried quickly: they sign in
// and make each call they know about one resource, in one region. A try keeps
// nothing. What no resource exists for is not tried: a right that only it needs
// can still be missing.
type Tester interface {
	Test(ctx context.Context) (Trial, error)
}

// Try runs a connector that was opened with Options.Sample and keeps nothing.
func Try(ctx context.Context, c Connector) (Trial, error) {
	manifest, err := c.Collect(ctx, nowhere{})
	trial := Trial{Principals: manifest.Principals, Failures: Distinct(manifest.Failures()), Denied: []string{}, Requests: manifest.Requests}
	for _, f := range trial.Failures {
		if f.Cause == Denied && !slices.Contains(trial.Denied, f.Call) {
			trial.Denied = append(trial.Denied, f.Call)
		}
	}
	slices.Sort(trial.Denied)
	if asks, ok := c.(Permissions); ok && err == nil {
		text, failed := asks.Permissions()
		trial.Policy, err = string(text), failed
	}
	return trial, err
}

// nowhere keeps nothing.
type nowhere struct{}

func (nowhere) Observe(context.Context, Observation) error { return nil }
func (nowhere) Complete(context.Context, Population) error { return nil }
func (nowhere) Progress(Progress)                          {}
