// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/control"
	"sextant/framework"
	"sextant/lint"
	"sextant/monitor"
	"sextant/obligation"
	"sextant/organisation"
	"sextant/register"
)

// Conditions computes the rules of lint about Statements of Applicability.
func Conditions() lint.Conditions {
	return lint.Conditions{
		"soa-missing":                perSystem(missing),
		"soa-older-than-risks":       perSystem(olderThanDuties),
		"soa-scope-edition-differs":  perSystem(olderThanScope),
		"soa-incomplete":             incomplete,
		"soa-undecided":              perLine(decidedOrNot, undecidedRow),
		"soa-no-reason":              perLine(applies, noReason),
		"soa-reason-unbacked":        perLine(applies, unbacked),
		"soa-only-good-practice":     onlyGoodPractice,
		"soa-all-reasons-everywhere": wholesale,
		"soa-exclusion-unjustified":  perLine(excluded, unjustified),
		"soa-exclusion-thin":         perSystem(thinExclusions),
		"soa-excluded-in-use":        perLine(excluded, excludedInUse),
		"soa-excluded-but-treated":   perLine(excluded, excludedButTreated),
		"soa-control-without-risk":   perLine(applies, controlWithoutRisk),
		"soa-excluded-but-owed":      perLine(excluded, excludedButOwed),
		"soa-excluded-but-observed":  perLine(excluded, excludedButObserved),
		"soa-no-implementation":      perLine(applies, noImplementation),
		"soa-implemented-not-proven": perProven(applies, notProven),
		"soa-planned-without-date":   perLine(applies, plannedWithoutDate),
		"soa-planned-date-passed":    perLine(applies, plannedDatePassed),
		"soa-partial-units":          perLine(applies, partialUnits),
		"soa-control-without-owner":  perLine(applies, withoutOwner),
		"soa-evidence-stale":         perProven(applies, staleEvidence),
		"control-without-anything":   perLine(applies, withoutAnything),
		"certificate-soa-mismatch":   perSystem(certificateMismatch),
		"edition-2013-leftover":      leftover2013,
		"overlay-role-undefined":     perSystem(roleUndefined),
		"overlay-rows-missing":       perSystem(extensionRowsMissing),
		"overlay-base-excluded":      perLine(extends, baseExcluded),
		"obligation-without-control": dutyWithoutControl,
	}
}

// world is one management system with its statement, as the rules look at it.
type world struct {
	lint.Look
	system register.Of[organisation.ManagementSystem]
	lines  []Line
	today  string
}

// worlds gives those the look is about, each once a run, without what the
// evidence shows: most rules are about what was decided and declared, and are
// asked of many moments when a finding is followed back.
func worlds(l lint.Look) ([]world, error) {
	return lint.Once(l, "soa.worlds", func() ([]world, error) {
		rows, err := Rows.All(l.View, active)
		if err != nil {
			return nil, err
		}
		implementations, err := control.Implementations.All(l.View, active)
		if err != nil {
			return nil, err
		}
		return worldsOf(l, func(system string) ([]Line, error) { return decided(l.View, system, rows, implementations) })
	})
}

// proven gives the same with the evidence state of each control.
func proven(l lint.Look) ([]world, error) {
	return lint.Once(l, "soa.proven", func() ([]world, error) {
		return worldsOf(l, func(system string) ([]Line, error) { return Statement(l.View, l.Evidence, system) })
	})
}

// decided gives the lines of a statement without evidence.
func decided(v *register.View, system string, rows []register.Of[Row], implementations []register.Of[control.Implementation]) ([]Line, error) {
	inUse, err := control.RowsOf(v, system)
	lines, at := []Line{}, map[string]int{}
	for i, c := range inUse {
		reference := c.Reference().String()
		at[reference] = i
		lines = append(lines, Line{Known: Known{Control: c}, Row: Row{ManagementSystem: system, Control: reference, Applicability: string(Undecided)}})
	}
	for i, r := range rows {
		if n, known := at[r.Fields.Control]; known && r.Fields.ManagementSystem == system {
			lines[n].Row, lines[n].Entry, lines[n].Decisions = r.Fields, &rows[i], rows[i:i+1]
		}
	}
	for _, imp := range implementations {
		if n, known := at[imp.Fields.Control]; known {
			lines[n].Implementations = append(lines[n].Implementations, imp)
		}
	}
	for i := range lines {
		lines[i].Declared = control.Declared(lines[i].Implementations)
	}
	return lines, err
}

func worldsOf(l lint.Look, statement func(system string) ([]Line, error)) (list []world, err error) {
	all, err := organisation.ManagementSystems.All(l.View, active)
	for _, s := range all {
		if l.Subject != "" && l.Subject != s.Key {
			continue
		}
		lines, err := statement(s.Key)
		if err != nil {
			return nil, err
		}
		list = append(list, world{l, s, lines, l.View.Now().Time().Format(time.DateOnly)})
	}
	return list, err
}

const noSystem = "there is no management system yet"

// perLine makes a condition of a question about one line, asked of those lines
// it concerns. What the finding does not say of place and owner is the line's.
func perLine(concerns func(Line) bool, judge func(*world, Line) (*lint.Finding, error)) lint.Condition {
	return over(worlds, eachLine(concerns, judge))
}

// perProven is perLine with what the evidence shows.
func perProven(concerns func(Line) bool, judge func(*world, Line) (*lint.Finding, error)) lint.Condition {
	return over(proven, eachLine(concerns, judge))
}

func eachLine(concerns func(Line) bool, judge func(*world, Line) (*lint.Finding, error)) func(*world, *lint.Answer) error {
	return func(w *world, a *lint.Answer) error {
		for _, line := range w.lines {
			if !concerns(line) {
				continue
			}
			a.Looked++
			f, err := judge(w, line)
			if err != nil {
				return err
			}
			if f != nil {
				a.Findings = append(a.Findings, w.complete(*f, line))
			}
		}
		return nil
	}
}

func (w *world) complete(f lint.Finding, line Line) lint.Finding {
	if f.Place == "" {
		f.Entries, f.Place = append([]string{line.Row.Control}, f.Entries...), "/statement/"+w.system.Key+"/"+line.Control.ID
	}
	if owners := line.Owners(); f.Owner == "" && len(owners) > 0 {
		f.Owner = owners[0]
	}
	if f.Owner == "" {
		f.Owner = w.system.Fields.Owner
	}
	return f
}

// perSystem makes a condition of a question about a whole statement.
func perSystem(judge func(*world, *lint.Answer) error) lint.Condition { return over(worlds, judge) }

func over(worlds func(lint.Look) ([]world, error), judge func(*world, *lint.Answer) error) lint.Condition {
	return func(l lint.Look) (a lint.Answer, err error) {
		list, err := worlds(l)
		if len(list) == 0 {
			a.CannotTell = noSystem
		}
		for i := range list {
			w := list[i]
			w.Look = l // with the parameters of this rule
			if err == nil {
				err = judge(&w, &a)
			}
		}
		return a, err
	}
}

// whole is a finding about a statement as a whole.
func (w *world) whole(format string, args ...any) lint.Finding {
	return lint.Finding{Entries: []string{w.system.Key}, Facts: fmt.Sprintf(format, args...), Owner: w.system.Fields.Owner, Place: "/statement?system=" + w.system.Key}
}

func applies(l Line) bool      { return l.Decision() == Applicable }
func excluded(l Line) bool     { return l.Decision() == NotApplicable }
func decidedOrNot(l Line) bool { return l.Entry != nil }

// rowSince gives since when the row of a line has met something.
func (w *world) rowSince(l Line, met func(register.Entry) bool) (sextant.Instant, error) {
	if l.Entry == nil {
		return w.system.Created, nil
	}
	return lint.Held(w.View, Rows.Name, l.Entry.Key, met)
}

func appliesIn(e register.Entry) bool { return e.Doc.Text("applicability") == string(Applicable) }
func isOutIn(e register.Entry) bool   { return e.Doc.Text("applicability") == string(NotApplicable) }

// incomplete: the rows of extensions are asked for by a rule of their own.
func incomplete(l lint.Look) (lint.Answer, error) {
	return perSystem(func(w *world, a *lint.Answer) error {
		absent, of := w.absent(func(c framework.Control) bool { return !extends(Line{Known: Known{Control: c}}) })
		a.Looked += of
		if len(absent) > 0 {
			a.Findings = append(a.Findings, w.whole("%d of %d controls have no row: %s", len(absent), of, listed(absent)))
		}
		return nil
	})(l)
}

// absent names the controls of a kind that have no row, and counts all of it.
func (w *world) absent(kind func(framework.Control) bool) (ids []string, of int) {
	for _, line := range w.lines {
		if !kind(line.Control) {
			continue
		}
		if of++; line.Entry == nil {
			ids = append(ids, line.Control.ID)
		}
	}
	return ids, of
}

// listed writes the first few of many.
func listed(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func undecidedRow(w *world, l Line) (*lint.Finding, error) {
	if l.Decision() != Undecided {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	since, err := w.rowSince(l, func(e register.Entry) bool { return e.Doc.Text("applicability") == string(Undecided) })
	return &lint.Finding{Facts: "nobody has decided whether it applies", Since: since}, err
}

func noReason(w *world, l Line) (*lint.Finding, error) {
	if len(l.Row.Reasons) > 0 || l.Row.InclusionJustification != "" {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	since, err := w.rowSince(l, func(e register.Entry) bool {
		return appliesIn(e) && len(e.Doc.Strings("reasons")) == 0 && e.Doc.Text("inclusion_justification") == ""
	})
	return &lint.Finding{Facts: "included, without a reason and without a word why", Since: since}, err
}

func noImplementation(w *world, l Line) (*lint.Finding, error) {
	if l.Declared.Value != control.NotDeclared {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	return &lint.Finding{Facts: "it applies, and nobody has said how far it is implemented"}, nil
}

// plannedWithoutDate: a date of the decision stands for units that name none.
func plannedWithoutDate(_ *world, l Line) (*lint.Finding, error) {
	var open []string
	for _, imp := range l.Implementations {
		if f := imp.Fields; (f.Implementation == "planned" || f.Implementation == "partly") && f.PlannedOn == "" {
			open = append(open, imp.Key)
		}
	}
	if len(open) == 0 || l.Row.PlannedOn != "" {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	return &lint.Finding{Entries: open, Facts: listed(open) + " not finished, and no date by which it will be"}, nil
}

// plannedDatePassed looks at the decision and at each unit; the unit that is
// latest speaks.
func plannedDatePassed(w *world, l Line) (*lint.Finding, error) {
	if date := l.Row.PlannedOn; date != "" && l.Declared.Value != "implemented" && w.View.Now() >= lint.After(date, w.Params["days"]) {
		return &lint.Finding{Facts: fmt.Sprintf("meant to be in place by %s, and %s", date, strings.ToLower(control.DeclarationLabel(l.Declared.Value)))}, nil
	}
	var late *register.Of[control.Implementation]
	for i, imp := range l.Implementations {
		f := imp.Fields
		passed := f.Implementation != "implemented" && f.PlannedOn != "" && w.View.Now() >= lint.After(f.PlannedOn, w.Params["days"])
		if passed && (late == nil || f.PlannedOn < late.Fields.PlannedOn) {
			late = &l.Implementations[i]
		}
	}
	if late == nil {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	return &lint.Finding{Entries: []string{late.Key}, Owner: late.Fields.Owner,
		Facts: fmt.Sprintf("planned by %s, and %s", late.Fields.PlannedOn, strings.ToLower(control.DeclarationLabel(late.Fields.Implementation)))}, nil
}

func withoutOwner(_ *world, l Line) (*lint.Finding, error) {
	if len(l.Owners()) == 0 {
		return &lint.Finding{Facts: "nobody is named who answers for it"}, nil
	}
	for _, imp := range l.Implementations {
		if imp.Fields.Owner == "" {
			return &lint.Finding{Entries: []string{imp.Key}, Facts: imp.Title() + " has no owner"}, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing to raise
}

func staleEvidence(w *world, l Line) (*lint.Finding, error) {
	if l.Evidence.State != control.Stale {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	var gone []string
	for _, x := range control.Expiring(l.Evidence, w.View.Now()) {
		if x.Gone {
			gone = append(gone, x.Shows)
		}
	}
	facts := "what showed it is too old to count"
	if len(gone) > 0 {
		facts += ": " + gone[0]
	}
	if len(gone) > 1 {
		facts += fmt.Sprintf(" (and %d more)", len(gone)-1)
	}
	since, err := w.staleSince(l)
	return &lint.Finding{Facts: facts, Since: since, Place: "/controls/" + l.Control.ID, Entries: []string{l.Row.Control}}, err
}

// staleSince is the later of two: since when the control is in, and since when
// what was kept of it is stale; 0 where nobody has settled that yet.
func (w *world) staleSince(l Line) (sextant.Instant, error) {
	applied, err := w.rowSince(l, appliesIn)
	if err != nil {
		return 0, err
	}
	s, found, err := w.Evidence.Status(monitor.ControlSubject+l.Control.ID, w.View.At())
	if !found || control.State(s.State) != control.Stale {
		return 0, err
	}
	return max(applied, s.At), err
}

// notProven: declared implemented, and for some time nothing has been looked at.
func notProven(w *world, l Line) (*lint.Finding, error) {
	if l.Declared.Value != "implemented" || l.Evidence.State != control.NotAssessed && l.Evidence.State != control.NoData {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	since, err := w.unprovenSince(l)
	begins := since.Add(time.Duration(w.Params["days"]) * 24 * time.Hour)
	if err != nil || w.View.Now() < begins {
		return nil, err
	}
	return &lint.Finding{Facts: fmt.Sprintf("declared implemented, and nothing has shown it since %s: %s", since.Time().Format(time.DateOnly), strings.ToLower(l.Evidence.State.Label())),
		Since: begins, Place: "/controls/" + l.Control.ID, Entries: []string{l.Row.Control}}, nil
}

// unprovenSince is the later of two: since when every unit declares it, and
// since when nothing shows it.
func (w *world) unprovenSince(l Line) (since sextant.Instant, err error) {
	for _, imp := range l.Implementations {
		declared, err := lint.Held(w.View, control.Implementations.Name, imp.Key, func(e register.Entry) bool {
			return e.State == "active" && e.Doc.Text("implementation") == "implemented"
		})
		if err != nil {
			return 0, err
		}
		since = max(since, declared)
	}
	applied, err := w.rowSince(l, appliesIn)
	if err != nil {
		return 0, err
	}
	shown, err := w.stateSince(l.Control.ID, control.NotAssessed, control.NoData)
	return max(since, applied, shown), err
}

// stateSince gives since when the evidence state of a control has been one of
// some, by the intervals that were kept; 0 where it never was another.
func (w *world) stateSince(id string, states ...control.State) (since sextant.Instant, err error) {
	before := w.View.At()
	if before < sextant.LatestSeq {
		before++
	}
	for {
		const page = 20
		list, err := w.Evidence.StatusHistory(monitor.ControlSubject+id, before, page)
		if err != nil {
			return 0, err
		}
		for _, s := range list {
			if !slices.Contains(states, control.State(s.State)) {
				return since, nil
			}
			since, before = s.At, s.From
		}
		if len(list) < page {
			return since, nil
		}
	}
}

// withoutAnything: somebody is named for it, nothing is done and nothing
// planned; or it is done only where the scope does not reach.
func withoutAnything(w *world, l Line) (*lint.Finding, error) {
	if l.Declared.Value == control.NotDeclared {
		return nil, nil //nolint:nilnil // soa-no-implementation says so
	}
	units, err := w.units()
	if err != nil {
		return nil, err
	}
	var seen []string
	for _, imp := range l.Implementations {
		seen = append(seen, imp.Key)
		if units[imp.Fields.ScopeUnit].Fields.IsInScope && (imp.Fields.Implementation != "not_started" || imp.Fields.PlannedOn != "") {
			return nil, nil //nolint:nilnil // nothing to raise
		}
	}
	return &lint.Finding{Entries: seen, Facts: "it applies, and in no unit of the scope is anything done or planned"}, nil
}

func (w *world) units() (map[string]register.Of[organisation.ScopeUnit], error) {
	return lint.Once(w.Look, "soa.units", func() (map[string]register.Of[organisation.ScopeUnit], error) {
		all, err := organisation.ScopeUnits.All(w.View, active)
		units := map[string]register.Of[organisation.ScopeUnit]{}
		for _, u := range all {
			units[u.Key] = u
		}
		return units, err
	})
}

// partialUnits compares units of one kind under one parent: two sites, two
// products. Teams differ in what they do, so they are not compared.
func partialUnits(w *world, l Line) (*lint.Finding, error) {
	units, err := w.units()
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, imp := range l.Implementations {
		has[imp.Fields.ScopeUnit] = has[imp.Fields.ScopeUnit] || imp.Fields.Implementation == "implemented" || imp.Fields.Implementation == "partly"
	}
	var without []string
	for _, u := range units {
		_, declared := has[u.Key]
		if u.Fields.IsInScope && u.Fields.Kind != "team" && !declared && !covered(u, units, has) && hasSister(u, units, has) {
			without = append(without, u.Key)
		}
	}
	if len(without) == 0 {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	slices.Sort(without)
	var names []string
	for _, key := range without {
		names = append(names, units[key].Title())
	}
	return &lint.Finding{Entries: without, Facts: "done elsewhere, and nothing is said of " + listed(names)}, nil
}

// covered: a unit it is part of does it for it.
func covered(u register.Of[organisation.ScopeUnit], units map[string]register.Of[organisation.ScopeUnit], has map[string]bool) bool {
	for parent, steps := u.Fields.Parent, 0; parent != "" && steps < 100; parent, steps = units[parent].Fields.Parent, steps+1 {
		if _, declared := has[parent]; declared {
			return true
		}
	}
	return false
}

func hasSister(u register.Of[organisation.ScopeUnit], units map[string]register.Of[organisation.ScopeUnit], has map[string]bool) bool {
	for key, done := range has {
		other := units[key].Fields
		if done && other.IsInScope && other.Kind == u.Fields.Kind && other.Parent == u.Fields.Parent {
			return true
		}
	}
	return false
}

// duties gives the duties that bind today, by the controls that answer them and
// by their own keys.
func (w *world) duties() (map[string][]register.Of[obligation.Obligation], error) {
	return lint.Once(w.Look, "soa.duties", func() (map[string][]register.Of[obligation.Obligation], error) {
		all, err := obligation.Obligations.All(w.View, active)
		by := map[string][]register.Of[obligation.Obligation]{}
		for _, o := range all {
			if !o.Fields.Binds(w.today) {
				continue
			}
			for _, c := range append(slices.Clone(o.Fields.Controls), o.Key) {
				by[c] = append(by[c], o)
			}
		}
		return by, err
	})
}

// contracts gives the states of the contracts, by key.
func (w *world) contracts() (map[string]string, error) {
	return lint.Once(w.Look, "soa.contracts", func() (map[string]string, error) {
		all, err := obligation.Contracts.All(w.View)
		states := map[string]string{}
		for _, c := range all {
			states[c.Key] = c.State
		}
		return states, err
	})
}

// unbacked asks the registers of duties for what 'legal' and 'contractual' rest
// on.
func unbacked(w *world, l Line) (*lint.Finding, error) {
	duties, err := w.duties()
	if err != nil {
		return nil, err
	}
	contracts, err := w.contracts()
	if err != nil {
		return nil, err
	}
	legal, contractual := false, false
	behind := slices.Clone(duties[l.Row.Control])
	for _, key := range l.Row.ReasonLinks {
		behind = append(behind, duties[key]...)
	}
	for _, o := range behind {
		if o.Fields.Kind != "contract" {
			legal = true
		} else if contracts[o.Fields.Contract] == "in_force" {
			contractual = true
		}
	}
	for _, key := range l.Row.ReasonLinks {
		state, isContract := contracts[key]
		contractual = contractual || isContract && state == "in_force"
	}
	noRisk, err := w.noRiskBehind(l)
	if err != nil {
		return nil, err
	}
	var lacks []string
	if noRisk {
		lacks = append(lacks, "'risk assessment', and no open risk names the control")
	}
	if slices.Contains(l.Row.Reasons, "legal") && !legal {
		lacks = append(lacks, "'legal', and no duty by law names the control")
	}
	if slices.Contains(l.Row.Reasons, "contractual") && !contractual {
		lacks = append(lacks, "'contractual', and neither a contract in force nor a duty from one is behind it")
	}
	if len(lacks) == 0 {
		return nil, nil //nolint:nilnil // nothing to raise
	}
	return &lint.Finding{Facts: "the reason is " + strings.Join(lacks, "; ")}, nil
}

func excludedButOwed(w *world, l Line) (*lint.Finding, error) {
	duties, err := w.duties()
	if err != nil || len(duties[l.Row.Control]) == 0 {
		return nil, err
	}
	var keys, names []string
	for _, o := range duties[l.Row.Control] {
		keys, names = append(keys, o.Key), append(names, o.Title())
	}
	return &lint.Finding{Entries: keys, Facts: "left out, while it answers " + listed(names)}, nil
}

// dutyWithoutControl: nothing answers a duty, or only what every statement
// leaves out.
func dutyWithoutControl(l lint.Look) (a lint.Answer, err error) {
	list, err := worlds(l)
	if err != nil {
		return a, err
	}
	duties, err := obligation.Obligations.All(l.View, active)
	today := l.View.Now().Time().Format(time.DateOnly)
	for _, o := range duties {
		if a.Looked++; !o.Fields.Binds(today) || o.Fields.NoControlReason != "" {
			continue
		}
		if !slices.ContainsFunc(o.Fields.Controls, func(c string) bool { return !leftOut(list, c) }) {
			facts := "no control is named that answers it"
			if len(o.Fields.Controls) > 0 {
				facts = "every control that answers it is left out of the statement"
			}
			a.Findings = append(a.Findings, lint.Finding{Entries: []string{o.Key}, Facts: facts, Owner: o.Fields.Owner, Place: "/obligations/" + o.Key})
		}
	}
	return a, err
}

// leftOut says whether every statement that has a row for a control leaves it
// out; one that no statement has is no exclusion.
func leftOut(list []world, reference string) bool {
	out := false
	for _, w := range list {
		for _, line := range w.lines {
			if line.Row.Control != reference {
				continue
			}
			if out = line.Decision() == NotApplicable; !out {
				return false
			}
		}
	}
	return out
}
