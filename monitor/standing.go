// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/register"
)

// Checked is how one check stands at the moment of a view, over the whole
// organisation.
type Checked struct {
	*check.Compiled
	Standing
	Ran        bool // it was evaluated at least once
	Counts     check.Counts
	Counted    sextant.Instant // since when the counts are so, 0 = never run
	FailsSince sextant.Instant // since when it fails without a break, softened or not; 0 unless it does
	Observed   sextant.Instant // the oldest observation it rests on, 0 = never seen whole
	Sources    []string        // keys of those that look at its type
}

// Applicable is how many resources the check applies to.
func (c Checked) Applicable() int { return c.Counts.Population - c.Counts.NotApplicable }

// Fresh is until when its observations count; 0 where it was never seen whole.
func (c Checked) Fresh() sextant.Instant {
	if c.Observed == 0 {
		return 0
	}
	return c.Observed.Add(c.FreshFor())
}

// CheckedAll tells how every one of the checks stands, in their order. The view
// and the reader are of one snapshot.
func CheckedAll(v *register.View, r evidence.Reader, checks []*check.Compiled) ([]Checked, error) {
	standings, err := States(v, r, CheckSubject)
	if err != nil {
		return nil, err
	}
	judged := map[string]Standing{}
	for _, s := range standings {
		judged[strings.TrimPrefix(s.Subject, CheckSubject)] = s
	}
	outcomes, err := r.Outcomes(v.At())
	if err != nil {
		return nil, err
	}
	populations, err := r.Populations(v.At())
	if err != nil {
		return nil, err
	}
	all := make([]Checked, 0, len(checks))
	for _, c := range checks {
		s := Checked{Compiled: c, Standing: Standing{Subject: CheckSubject + c.ID, Reason: "has not run yet"}}
		if standing, known := judged[c.ID]; known {
			s.Standing = standing
		}
		if i := slices.IndexFunc(outcomes, func(o evidence.Outcome) bool { return o.Check == c.ID }); i >= 0 {
			if err := s.read(outcomes[i]); err != nil {
				return nil, err
			}
		}
		s.look(populations)
		all = append(all, s)
	}
	return all, nil
}

func (c *Checked) read(o evidence.Outcome) error {
	var body Body
	if err := json.Unmarshal(o.Body, &body); err != nil {
		return fmt.Errorf("outcome of %s: %w", o.Check, err)
	}
	c.Ran, c.Counts, c.Counted, c.FailsSince = true, body.Counts, o.At, o.Since
	return nil
}

// look finds who looks at the check's type, and how old the oldest look is.
func (c *Checked) look(populations []evidence.Population) {
	first := true
	for _, p := range populations {
		if p.Type != c.Resource {
			continue
		}
		if first || p.Whole < c.Observed {
			c.Observed, first = p.Whole, false
		}
		if !slices.Contains(c.Sources, p.Source) {
			c.Sources = append(c.Sources, p.Source)
		}
	}
}

// Rank is the place of a state in the order of what needs work first.
func Rank(s control.State) int {
	if i := slices.Index(control.WorstFirst, s); i >= 0 {
		return i
	}
	return len(control.WorstFirst)
}
