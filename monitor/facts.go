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
	"sextant/framework"
	"sextant/register"
)

// facts is what states are derived from, read once at one position.
type facts struct {
	reader      evidence.Reader
	at          sextant.Seq
	checks      []*check.Compiled
	outcomes    map[string]evidence.Outcome
	bodies      map[string]Body
	exceptions  []register.Of[control.Exception]
	missing     []register.Of[evidence.ExpectedSource]
	coverage    *coverage
	lines       map[string][]register.Of[control.PlanLine] // by implementation
	statements  map[string]map[string][]control.Statement  // by implementation and line
	offenders   map[string]*offending
	implemented map[string][]register.Of[control.Implementation] // by control id
	rows        []framework.Control                              // in use
}

func is(field, value string) register.Filter {
	return register.Filter{Field: field, Op: register.Is, Values: []string{value}}
}

// readFacts reads at the view's position. The view and the reader are of one
// snapshot.
func readFacts(v *register.View, r evidence.Reader, checks []*check.Compiled) (f *facts, err error) {
	f = &facts{reader: r, at: v.At(), checks: checks, offenders: map[string]*offending{}}
	if err = f.readOutcomes(); err != nil {
		return nil, err
	}
	if f.exceptions, err = control.Exceptions.All(v, is("state", "approved")); err != nil {
		return nil, err
	}
	if f.missing, err = evidence.ExpectedSources.All(v, is("state", "missing")); err != nil {
		return nil, err
	}
	if f.coverage, err = readCoverage(v); err != nil {
		return nil, err
	}
	return f, f.readPlans(v)
}

func (f *facts) readOutcomes() error {
	list, err := f.reader.Outcomes(f.at)
	f.outcomes, f.bodies = map[string]evidence.Outcome{}, map[string]Body{}
	for _, o := range list {
		var body Body
		if err := json.Unmarshal(o.Body, &body); err != nil {
			return fmt.Errorf("outcome of %s: %w", o.Check, err)
		}
		f.outcomes[o.Check], f.bodies[o.Check] = o, body
	}
	return err
}

func (f *facts) readPlans(v *register.View) error {
	implementations, err := control.Implementations.All(v, is("state", "active"))
	if err != nil {
		return err
	}
	if f.rows, err = control.InUse(v); err != nil {
		return err
	}
	f.implemented = map[string][]register.Of[control.Implementation]{}
	for _, c := range f.rows {
		f.implemented[c.ID] = nil
	}
	for _, imp := range implementations {
		id := framework.IDOf(imp.Fields.Control)
		if list, inUse := f.implemented[id]; inUse { // what implements a row that is switched off shows nothing
			f.implemented[id] = append(list, imp)
		}
	}
	own, err := control.PlanLines.All(v, is("state", "active"))
	if err != nil {
		return err
	}
	f.lines = map[string][]register.Of[control.PlanLine]{}
	for _, o := range own {
		f.lines[o.Fields.Implementation] = append(f.lines[o.Fields.Implementation], o)
	}
	f.statements, err = statements(v)
	return err
}

// statements gives what was signed and not voided, by implementation and line.
func statements(v *register.View) (map[string]map[string][]control.Statement, error) {
	signed, err := control.Attestations.All(v, is("state", "recorded"))
	if err != nil {
		return nil, err
	}
	all := map[string]map[string][]control.Statement{}
	for _, a := range signed {
		if all[a.Fields.Implementation] == nil {
			all[a.Fields.Implementation] = map[string][]control.Statement{}
		}
		lines := all[a.Fields.Implementation]
		lines[a.Fields.Line] = append(lines[a.Fields.Line], control.Statement{Key: a.Key, Line: a.Fields.Line, Result: a.Fields.Result, LookedAt: words(a.Key),
			By: words(a.Fields.AttestedBy), PeriodTo: a.Fields.PeriodTo, ExpiresOn: a.Fields.ExpiresOn})
	}
	return all, nil
}

// plan gives the lines of a control's evidence plan, those of the organisation's
// own put over the standard ones, each with the checks that show it.
func (f *facts) plan(id, implementation string) []control.Line {
	standard, _ := framework.PlanFor(id)
	var lines []control.Line
	for _, l := range standard.Lines {
		lines = append(lines, control.Line{Line: l, Checks: f.supporting(l.ID)})
	}
	for _, own := range f.lines[implementation] {
		lines = adjust(lines, own)
	}
	return lines
}

// supporting gives the checks that say they are evidence for a line.
func (f *facts) supporting(line string) (ids []string) {
	for _, c := range f.checks {
		if slices.Contains(c.Supports, line) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// adjust applies a line of the organisation's own. It is shown by the checks it
// names; one that changes a standard line and names none keeps that line's.
func adjust(lines []control.Line, own register.Of[control.PlanLine]) []control.Line {
	o := own.Fields
	line := control.Line{Line: framework.Line{ID: o.Line, Shows: words(own.Key), Mode: framework.Mode(o.Mode), Form: framework.Form(o.Form), Period: o.Period, Expires: o.Expires, Independent: o.Independent}}
	for _, reference := range o.Checks {
		line.Checks = append(line.Checks, strings.TrimPrefix(reference, check.Prefix))
	}
	if line.ID == "" {
		line.ID = own.Key
	}
	i := slices.IndexFunc(lines, func(l control.Line) bool { return l.ID == line.ID })
	switch {
	case o.LeftOut && i >= 0:
		return slices.Delete(lines, i, i+1)
	case o.LeftOut:
		return lines
	case i < 0:
		return append(lines, line)
	}
	if len(line.Checks) == 0 {
		line.Checks = lines[i].Checks
	}
	lines[i] = line
	return lines
}

// outcome gives what a check says of the sources a unit rests on; unit "" is
// the whole organisation.
func (f *facts) outcome(c *check.Compiled, unit string) (control.CheckOutcome, error) {
	not := f.coverage.not(unit)
	o := control.CheckOutcome{Check: c.ID, Title: c.Title, Watch: control.Watch{Type: c.Resource, Not: not}, Freshness: c.FreshFor(), Grace: c.GraceFor(), Missing: f.missingFor(unit)}
	found, ran := f.outcomes[c.ID]
	body := f.bodies[c.ID]
	switch {
	case c.Off != "":
		o.State, o.Reason = control.NoData, "switched off: "+words(c.Off)
		return o, nil
	case !ran:
		return o, nil
	}
	o.State, o.FailsSince = control.State(found.State), found.Since
	if len(not) > 0 {
		sources := slices.DeleteFunc(keys(body.Sources), func(s string) bool { return slices.Contains(not, s) })
		if len(sources) == 0 {
			o.State, o.Reason = control.NotAssessed, "no source of this unit looks at it"
			return o, nil
		}
		parts := body.Sources
		o.State, body = summarise(&c.Check, parts, sources)
		o.FailsSince = sinceOf(parts, sources, found.Since)
	}
	o.Reason, o.Blind, o.Counts = foreign(body.Reason), foreign(body.Blind), control.Counts(body.Counts)
	return o, f.addOffenders(&o, not)
}

// sinceOf is since when one of the sources makes the check fail; since when all
// together do, where none does alone.
func sinceOf(parts map[string]Part, sources []string, all sextant.Instant) (since sextant.Instant) {
	for _, source := range sources {
		if s := parts[source].Since; s != 0 && (since == 0 || s < since) {
			since = s
		}
	}
	return firstOf(since, all)
}

func keys[V any](m map[string]V) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

func (f *facts) missingFor(unit string) (list []control.Missing) {
	for _, e := range f.missing {
		if f.coverage.covers(e.Fields.ScopeUnits, unit) {
			list = append(list, control.Missing{Key: e.Key, Title: words(e.Key), Reason: "expected and not connected"})
		}
	}
	return list
}
