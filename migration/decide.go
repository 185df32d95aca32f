// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/framework"
	"sextant/register"
	"sextant/soa"
)

// Line is a proposal beside what the statement says today.
type Line struct {
	register.Of[Proposal]
	Row     soa.Row // of the statement; undecided where nothing is
	Decided bool    // the statement has decided the control
	Differs bool    // and otherwise than is proposed; not where nothing is
}

// Ready says whether the proposal can be confirmed without a thought: open, no
// conflict, nothing lacking, and the statement does not say otherwise.
func (l Line) Ready() bool {
	return l.Fields.Decision == Open && !l.Fields.Conflicting() && len(l.Fields.Lacks()) == 0 && !l.Differs
}

// All gives the proposals of a management system, in the order of Annex A.
func All(tx register.Reader, system string) ([]Line, error) {
	standing, err := of(tx, system)
	if err != nil || len(standing) == 0 {
		return nil, err
	}
	rows, err := soa.Rows.All(tx, register.Filter{Field: "management_system", Op: register.Is, Values: []string{system}}, active)
	if err != nil {
		return nil, err
	}
	decided := map[string]soa.Row{}
	for _, row := range rows {
		decided[row.Fields.Control] = row.Fields
	}
	var lines []Line
	for _, c := range framework.Controls() {
		p, ok := standing[c.Reference().String()]
		if !ok {
			continue
		}
		l := Line{Of: p, Row: decided[p.Fields.Control]}
		l.Row.Applicability = cmp.Or(l.Row.Applicability, string(soa.Undecided))
		l.Decided = l.Row.Applicability != string(soa.Undecided)
		l.Differs = l.Decided && p.Fields.Decision == Open && p.Fields.Applicability != string(soa.Undecided) && !sameDecision(l.Row, p.Fields)
		lines = append(lines, l)
	}
	return lines, nil
}

func sameDecision(row soa.Row, p Proposal) bool {
	reasons := func(list []string) []string { return slices.Sorted(slices.Values(list)) }
	return row.Applicability == p.Applicability && slices.Equal(reasons(row.Reasons), reasons(p.Reasons)) && row.Justification() == p.Justification
}

// Confirm writes what is proposed into the statement, and what was declared into
// the unit of the proposal; change may alter the proposal first, nil takes it as
// it is. version is what the person saw, 0 for any. All in the caller's
// transaction: on an error nothing of it must be kept.
func Confirm(tx *register.Tx, key string, version int, note register.Note, change func(*Proposal)) error {
	p, err := undecided(tx, key, version)
	if err != nil {
		return err
	}
	next := p.Fields
	if change != nil {
		change(&next)
	}
	next.Decision = Confirmed
	if !reflect.DeepEqual(suggestion(next), suggestion(p.Fields)) {
		next.Decision = Changed
	}
	if lacks := next.Lacks(); len(lacks) > 0 {
		return lacking(next, lacks)
	}
	if err := soa.Decide(tx, next.ManagementSystem, next.ID(), 0, decisionOf(next), note); err != nil {
		return err
	}
	if err := declare(tx, next, note); err != nil {
		return err
	}
	values, err := valuesOf(next)
	if err != nil {
		return err
	}
	delete(values, "old") // what was said stays as it is
	_, err = tx.Edit(Proposals.Name, key, p.Version, values, note)
	return err
}

// suggestion is the part of a proposal a person may change.
func suggestion(p Proposal) Proposal {
	return Proposal{Applicability: p.Applicability, Reasons: slices.Sorted(slices.Values(p.Reasons)), Justification: p.Justification, Implementation: p.Implementation, PlannedOn: p.PlannedOn, How: p.How, Owner: p.Owner, ScopeUnit: p.ScopeUnit}
}

func undecided(tx *register.Tx, key string, version int) (register.Of[Proposal], error) {
	p, err := Proposals.Get(tx, key)
	switch {
	case err != nil:
	case version != 0 && version != p.Version:
		err = sextant.Errorf(sextant.Conflict, "%s was changed by %s since you opened it", key, p.Actor).WithHint("look at it again")
	case p.Fields.Decision != Open:
		err = sextant.Errorf(sextant.Conflict, "%s was decided already", key).WithHint("open it again first")
	}
	return p, err
}

var lackText = map[string]string{
	"applicability": "decide whether the control applies",
	"reasons":       "an applicable control has at least one reason",
	"justification": "an exclusion needs a justification",
	"owner":         "an implementation is declared by its owner",
	"planned_on":    "planned by when?",
}

func lacking(p Proposal, fields []string) error {
	return sextant.Errorf(sextant.Invalid, "%s cannot be confirmed as it is: %s", p.ID(), lackText[fields[0]]).At(fields[0]).WithHint("change the proposal, then confirm it")
}

func decisionOf(p Proposal) map[string]any {
	reasons := p.Reasons
	if reasons == nil || p.Applicability == string(soa.NotApplicable) {
		reasons = []string{}
	}
	values := map[string]any{"applicability": p.Applicability, "reasons": reasons, soa.JustificationField(soa.Applicability(p.Applicability)): p.Justification}
	if p.Owner != "" {
		values["owner"] = p.Owner
	}
	return values
}

// declare carries an implementation over into the unit of the proposal. One that
// is declared there already is newer than the old sheet and stays.
func declare(tx *register.Tx, p Proposal, note register.Note) error {
	if p.Implementation == "" || p.ScopeUnit == "" || p.Applicability != string(soa.Applicable) {
		return nil
	}
	found, err := control.Implementations.All(tx, register.Filter{Field: "control", Op: register.Is, Values: []string{p.Control}}, active)
	if err != nil || slices.ContainsFunc(found, func(i register.Of[control.Implementation]) bool { return i.Fields.ScopeUnit == p.ScopeUnit }) {
		return err
	}
	_, err = control.Implementations.Create(tx, control.Implementation{Control: p.Control, ScopeUnit: p.ScopeUnit, Implementation: p.Implementation, PlannedOn: p.PlannedOn, How: cmp.Or(p.How, origin(p)), Owner: p.Owner}, note)
	return err
}

// origin says where a declaration was taken from, where the sheet says no more.
func origin(p Proposal) string {
	var from []string
	for _, o := range p.Old {
		from = append(from, fmt.Sprintf("%s, row %.0f (%s)", o.File, o.Row, o.Control))
	}
	return "As stated in " + strings.Join(from, "; ") + "."
}

// Decline leaves the statement as it is.
func Decline(tx *register.Tx, key string, version int, note register.Note) error {
	if _, err := undecided(tx, key, version); err != nil {
		return err
	}
	return settle(tx, key, Declined, note)
}

// Reopen makes a proposal undecided again. The statement stays as it was
// written: a decision is changed there.
func Reopen(tx *register.Tx, key string, note register.Note) error {
	return settle(tx, key, Open, note)
}

func settle(tx *register.Tx, key, decision string, note register.Note) error {
	_, err := tx.Edit(Proposals.Name, key, 0, map[string]any{"decision": decision}, note)
	return err
}

// ConfirmReady confirms every proposal of a management system that is ready, in
// one transaction that one undo takes back. Those the statement's rules refuse
// all the same are named and left open.
func ConfirmReady(ctx context.Context, k *register.Kernel, actor access.Actor, system string) (register.Report, error) {
	note := register.Note{Why: "confirmed with all proposals that are in no conflict", Batch: register.NewBatch()}
	var seen, report register.Report
	if err := k.Rehearse(ctx, actor, func(tx *register.Tx) (err error) {
		seen, err = confirmReady(tx, system, note, nil)
		return err
	}); err != nil {
		return seen, err
	}
	refused := map[string]register.Outcome{}
	for _, o := range seen.Outcomes {
		if o.Fate == register.Refused {
			refused[o.Key] = o
		}
	}
	err := k.Write(ctx, actor, func(tx *register.Tx) (err error) {
		report, err = confirmReady(tx, system, note, refused)
		return err
	})
	return report, err
}

// confirmReady leaves out what was found to be refused, and names it.
func confirmReady(tx *register.Tx, system string, note register.Note, refused map[string]register.Outcome) (register.Report, error) {
	report := register.Report{Batch: note.Batch, Counts: map[register.Fate]int{}}
	if err := access.May(tx.Actor(), access.Edit, access.Subject{Register: Proposals.Name}, tx.Now()); err != nil {
		return report, err
	}
	lines, err := All(tx, system)
	for _, l := range lines {
		if !l.Ready() {
			continue
		}
		o, known := refused[l.Key]
		if !known {
			o = register.Outcome{Key: l.Key, Title: l.Title(), Fate: register.Updated}
			problem := Confirm(tx, l.Key, l.Version, note, nil)
			e, ours := errors.AsType[*sextant.Error](problem)
			if problem != nil && (!ours || refused != nil || e.Code == sextant.Internal || e.Code == sextant.Unavailable) {
				return report, problem
			}
			if problem != nil {
				o.Fate, o.Refusal = register.Refused, e
			}
		}
		report.Counts[o.Fate]++
		report.Outcomes = append(report.Outcomes, o)
	}
	return report, err
}
