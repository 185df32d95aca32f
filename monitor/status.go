// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"encoding/json"
	"slices"
	"time"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/register"
)

// offendersShown is how many failing resources an explanation names; the counts
// say how many there are.
const offendersShown = 20

// Status explains every control at the moment the two views are of. It is drawn
// anew from what was recorded, so equal records give equal answers.
func Status(v *register.View, r evidence.Reader) ([]*control.Node, error) {
	lines, err := outcomesByLine(v, r)
	if err != nil {
		return nil, err
	}
	implementations, err := control.Implementations.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return nil, err
	}
	statements, err := statements(v)
	if err != nil {
		return nil, err
	}
	var nodes []*control.Node
	for _, c := range framework.Controls() {
		node, err := statusOf(v, c, implementations, control.Facts{Now: v.Now(), Checks: lines}, statements)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, node)
	}
	return nodes, nil
}

// statusOf explains one control over its implementations. Where none is
// declared yet, the standard plan stands for the whole organisation.
func statusOf(v *register.View, c framework.Control, all []register.Of[control.Implementation], facts control.Facts, statements map[string]map[string][]control.Statement) (*control.Node, error) {
	plan, _ := framework.PlanFor(c.ID)
	var nodes []*control.Node
	for _, imp := range all {
		if imp.Fields.Control != framework.ControlPrefix+c.ID {
			continue
		}
		lines, err := adjusted(v, imp.Key, plan.Lines)
		if err != nil {
			return nil, err
		}
		facts.Statements = statements[imp.Key]
		nodes = append(nodes, control.DeriveImplementation(imp.Key, imp.Title(), lines, facts))
	}
	if len(nodes) == 0 {
		node := control.DeriveImplementation("", "Whole organisation", plan.Lines, facts)
		node.ID, node.Link = "implementation:none", ""
		nodes = []*control.Node{node}
	}
	return control.DeriveControl(c.ID, c.Title, nodes), nil
}

// adjusted applies the organisation's own lines to a standard plan.
func adjusted(v *register.View, implementation string, standard []framework.Line) ([]framework.Line, error) {
	own, err := control.PlanLines.All(v, register.Filter{Field: "implementation", Op: register.Is, Values: []string{implementation}}, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return nil, err
	}
	lines := slices.Clone(standard)
	for _, o := range own {
		line := framework.Line{ID: o.Fields.Line, Shows: o.Fields.Shows, Mode: framework.Mode(o.Fields.Mode), Form: framework.Form(o.Fields.Form), Period: o.Fields.Period, Expires: o.Fields.Expires, Independent: o.Fields.Independent}
		if line.ID == "" {
			line.ID = o.Key
		}
		i := slices.IndexFunc(lines, func(l framework.Line) bool { return l.ID == line.ID })
		switch {
		case o.Fields.LeftOut && i >= 0:
			lines = slices.Delete(lines, i, i+1)
		case i >= 0:
			lines[i] = line
		default:
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// statements gives what was signed and not voided, by implementation and line.
func statements(v *register.View) (map[string]map[string][]control.Statement, error) {
	signed, err := control.Attestations.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"recorded"}})
	if err != nil {
		return nil, err
	}
	all := map[string]map[string][]control.Statement{}
	for _, a := range signed {
		if all[a.Fields.Implementation] == nil {
			all[a.Fields.Implementation] = map[string][]control.Statement{}
		}
		lines := all[a.Fields.Implementation]
		lines[a.Fields.Line] = append(lines[a.Fields.Line], control.Statement{Key: a.Key, Line: a.Fields.Line, Result: a.Fields.Result, LookedAt: a.Fields.LookedAt,
			By: v.TitleOf("person", a.Fields.AttestedBy), PeriodTo: a.Fields.PeriodTo, ExpiresOn: a.Fields.ExpiresOn})
	}
	return all, nil
}

func outcomesByLine(v *register.View, r evidence.Reader) (map[string][]control.CheckOutcome, error) {
	outcomes, err := r.Outcomes(v.At())
	if err != nil {
		return nil, err
	}
	populations, err := r.Populations(v.At())
	if err != nil {
		return nil, err
	}
	missing, err := missingSources(v)
	if err != nil {
		return nil, err
	}
	exceptions, err := approved(v)
	if err != nil {
		return nil, err
	}
	byLine := map[string][]control.CheckOutcome{}
	for _, c := range check.Library() {
		outcome := control.CheckOutcome{Check: c.ID, Title: c.Title, Never: true, Freshness: c.FreshFor(), Grace: c.GraceFor(), Missing: missing}
		if i := slices.IndexFunc(outcomes, func(o evidence.Outcome) bool { return o.Check == c.ID }); i >= 0 {
			if err := fill(&outcome, outcomes[i], c, populations); err != nil {
				return nil, err
			}
			if outcome.Offenders, err = offenders(r, c.ID, v.At(), exceptions); err != nil {
				return nil, err
			}
		}
		for _, line := range c.Supports {
			byLine[line] = append(byLine[line], outcome)
		}
	}
	return byLine, nil
}

func fill(outcome *control.CheckOutcome, o evidence.Outcome, c *check.Compiled, populations []evidence.Population) error {
	var body Body
	if err := json.Unmarshal(o.Body, &body); err != nil {
		return err
	}
	outcome.Never, outcome.State, outcome.Reason, outcome.FailsSince = false, control.State(o.State), body.Reason, o.Since
	outcome.Counts = control.Counts{Population: body.Counts.Population, Passed: body.Counts.Passed, Failed: body.Counts.Failed, Errors: body.Counts.Errors, NotApplicable: body.Counts.NotApplicable}
	first := true
	for _, p := range populations {
		if p.Type == c.Resource && (first || p.Whole < outcome.Observed) {
			outcome.Observed, first = p.Whole, false
		}
	}
	return nil
}

func offenders(r evidence.Reader, id string, at sextant.Seq, exceptions []register.Of[control.Exception]) ([]control.Offender, error) {
	results, err := r.Results(id, at, offendersShown, int(check.Fail), int(check.Error))
	if err != nil {
		return nil, err
	}
	var list []control.Offender
	for _, result := range results {
		thing, err := r.Thing(result.Resource)
		if err != nil {
			return nil, err
		}
		o := control.Offender{Key: thing.Key, Title: thing.Key, Reason: result.Reason, State: control.Fail}
		if result.Status == int(check.Error) {
			o.State = control.Error
		}
		for _, e := range exceptions {
			if e.Fields.Check == "check/"+id && (len(e.Fields.Resources) == 0 || slices.Contains(e.Fields.Resources, thing.Key)) {
				o.ExceptedUntil = max(o.ExceptedUntil, dayAfter(e.Fields.ExpiresOn))
			}
		}
		list = append(list, o)
	}
	return list, nil
}

func dayAfter(date string) sextant.Instant {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	return sextant.InstantOf(t.AddDate(0, 0, 1))
}

func approved(v *register.View) ([]register.Of[control.Exception], error) {
	return control.Exceptions.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"approved"}})
}

func missingSources(v *register.View) ([]control.Missing, error) {
	expected, err := evidence.ExpectedSources.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"missing"}})
	var list []control.Missing
	for _, e := range expected {
		list = append(list, control.Missing{Key: e.Key, Title: e.Title(), Reason: "expected and not connected"})
	}
	return list, err
}
