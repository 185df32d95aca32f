// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"encoding/json"
	"fmt"
	"slices"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/register"
)

// Standing is how one check stands at the moment of a view.
type Standing struct {
	*check.Compiled
	State    control.State
	Reason   string // in a sentence
	Rule     string // that drew the state
	Counts   check.Counts
	Ran      bool            // it was evaluated at least once
	At       sextant.Instant // since when the counts are so, 0 = never run
	Since    sextant.Instant // since when it fails without a break, 0 unless it does
	Observed sextant.Instant // the oldest observation it rests on, 0 = never seen whole
	Sources  []string        // keys of those that look at its type
}

// Fails says whether the check is being failed, softened or not.
func (s Standing) Fails() bool { return s.Since != 0 }

// Applicable is how many resources the check applies to.
func (s Standing) Applicable() int { return s.Counts.Population - s.Counts.NotApplicable }

// Standings tells how every check stands, by id. The view and the reader are of
// one snapshot.
func Standings(v *register.View, r evidence.Reader) ([]Standing, error) {
	judged, err := judgedChecks(v, r)
	if err != nil {
		return nil, err
	}
	outcomes, err := r.Outcomes(v.At())
	if err != nil {
		return nil, err
	}
	populations, err := r.Populations(v.At())
	if err != nil {
		return nil, err
	}
	var all []Standing
	for _, c := range check.Library() {
		s := Standing{Compiled: c}
		if i := slices.IndexFunc(outcomes, func(o evidence.Outcome) bool { return o.Check == c.ID }); i >= 0 {
			if err := s.read(outcomes[i]); err != nil {
				return nil, err
			}
		}
		s.look(populations)
		if n := judged[c.ID]; n != nil {
			s.State, s.Reason, s.Rule = n.State, n.Reason, n.Rule
		}
		all = append(all, s)
	}
	return all, nil
}

func (s *Standing) read(o evidence.Outcome) error {
	var body Body
	if err := json.Unmarshal(o.Body, &body); err != nil {
		return fmt.Errorf("outcome of %s: %w", o.Check, err)
	}
	s.Ran, s.State, s.Counts, s.Reason, s.At, s.Since = true, control.State(o.State), body.Counts, body.Reason, o.At, o.Since
	return nil
}

// look finds who looks at the check's type, and how old the oldest look is.
func (s *Standing) look(populations []evidence.Population) {
	first := true
	for _, p := range populations {
		if p.Type != s.Resource {
			continue
		}
		if first || p.Whole < s.Observed {
			s.Observed, first = p.Whole, false
		}
		if !slices.Contains(s.Sources, p.Source) {
			s.Sources = append(s.Sources, p.Source)
		}
	}
}

// judgedChecks gives the node of every check, as the explanations of the
// controls judge it over the whole organisation.
func judgedChecks(v *register.View, r evidence.Reader) (map[string]*control.Node, error) {
	controls, err := Status(v, r)
	nodes := map[string]*control.Node{}
	for _, c := range controls {
		c.Walk(func(n *control.Node) {
			if n.Kind == control.CheckNode && nodes[n.ID[len("check:"):]] == nil {
				nodes[n.ID[len("check:"):]] = n
			}
		})
	}
	return nodes, err
}
