// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/control"
	"sextant/register"
	"sextant/soa"
)

// Options are what a person decides for rows that leave it open.
type Options struct {
	File   string // name of the file, kept with what is written
	Digest string // SHA-256 of it
	Reason string // for applicable rows that name none, "" = refuse them
	Unit   string // key of the unit implementations are declared for, "" = leave them out
	Owner  string // key of the person who declares implementations where the sheet names none

	Content []byte // the file, to be kept with the report beside the management system; nil = it is not kept
}

// Bring writes a sheet of the 2022 edition into the statement of a management
// system, or shows with dry what would become of each row. A row is written
// whole or not at all: a first pass finds the rows that are refused, a second
// writes the others, in one transaction that one undo takes back. Only who may
// import into the statement gets an answer; others are Denied.
func Bring(ctx context.Context, k *register.Kernel, actor access.Actor, system string, r Result, o Options, dry bool) (register.Report, error) {
	w := writer{system: system, result: r, options: o, note: register.Note{Why: "import of " + o.File, Batch: register.NewBatch()}}
	var seen, report register.Report
	if err := k.Rehearse(ctx, actor, func(tx *register.Tx) (err error) {
		seen, err = w.write(tx, nil)
		return err
	}); err != nil || dry {
		return Complete(seen, r), err
	}
	refused := map[int]bool{}
	for _, outcome := range seen.Outcomes {
		refused[outcome.Row] = outcome.Fate == register.Refused
	}
	kept, err := keep(ctx, k, actor, system, o)
	if err != nil {
		return report, err
	}
	err = k.Write(ctx, actor, func(tx *register.Tx) (err error) {
		if report, err = w.write(tx, refused); err == nil && report.Counts[register.Refused] > 0 {
			err = sextant.Errorf(sextant.Conflict, "the statement was changed while the file was read").WithHint("look at the file again")
		}
		if err != nil {
			return err
		}
		for _, outcome := range seen.Outcomes {
			if outcome.Fate == register.Refused {
				add(&report, outcome)
			}
		}
		report = Complete(report, r)
		return kept(tx, report)
	})
	return report, err
}

// Complete puts the rows that could not be read into a report, in the order of
// the file.
func Complete(report register.Report, r Result) register.Report {
	for _, refused := range r.Refused {
		add(&report, register.Outcome{Row: refused.Row, Title: refused.ID, Fate: register.Refused, Refusal: refused.Err()})
	}
	slices.SortStableFunc(report.Outcomes, func(a, b register.Outcome) int { return cmp.Compare(a.Row, b.Row) })
	return report
}

func add(report *register.Report, o register.Outcome) {
	if report.Counts == nil {
		report.Counts = map[register.Fate]int{}
	}
	last := len(report.Outcomes) - 1
	if o.Fate != register.Refused || last < 0 || report.Outcomes[last].Row != o.Row { // a row is counted once
		report.Counts[o.Fate]++
	}
	report.Outcomes = append(report.Outcomes, o)
}

// writer brings rows into one statement.
type writer struct {
	system  string
	result  Result
	options Options
	note    register.Note
}

func (w writer) write(tx *register.Tx, without map[int]bool) (register.Report, error) {
	report := register.Report{Batch: w.note.Batch, Counts: map[register.Fate]int{}}
	if err := access.May(tx.Actor(), access.Import, access.Subject{Register: soa.Rows.Name}, tx.Now()); err != nil {
		return report, err
	}
	rows, err := soa.Rows.All(tx, register.Filter{Field: "management_system", Op: register.Is, Values: []string{w.system}}, standing)
	if err != nil {
		return report, err
	}
	standing := map[string]register.Of[soa.Row]{}
	for _, row := range rows {
		standing[row.Fields.Control] = row
	}
	for _, row := range w.result.Rows {
		if without[row.Row] {
			continue
		}
		outcome, err := w.row(tx, row, standing[row.Reference])
		if err != nil {
			return report, err
		}
		add(&report, outcome)
	}
	return report, nil
}

// row writes the decision and what is declared beside it.
func (w writer) row(tx *register.Tx, row Row, before register.Of[soa.Row]) (register.Outcome, error) {
	o := register.Outcome{Row: row.Row, Key: before.Key, Title: row.ID + " " + row.Title, Fate: register.Unchanged}
	values := w.values(row, before.Fields)
	if before.Key == "" && !decides(values) {
		return o, nil // a row comes to be when something is said about it
	}
	if before.Key == "" {
		values["management_system"], values["control"] = w.system, row.Reference
	}
	decided, err := imported(tx, soa.Rows.Name, row.Row, before.Key, values, w.note)
	if err != nil || decided.Fate == register.Refused {
		return decided, err
	}
	if decided.Fate == register.Created {
		decided.Changes = made(values)
	}
	if row.Applicability == string(soa.NotApplicable) {
		return decided, nil
	}
	for _, d := range w.declared(row) {
		next, err := w.declare(tx, row, d)
		if err != nil || next.Fate == register.Refused {
			return next, err
		}
		decided.Changes = append(decided.Changes, next.Changes...)
		if next.Fate != register.Unchanged && decided.Fate == register.Unchanged {
			decided.Fate = register.Updated
		}
	}
	return decided, nil
}

// made is what a new row says, for a person who looks at its fate.
func made(values map[string]any) (changes []register.Difference) {
	for _, f := range soa.Rows.Fields {
		if f.Key == "management_system" || f.Key == "control" {
			continue
		}
		after := ""
		switch v := values[f.Key].(type) {
		case string:
			after = f.ValueLabel(v)
		case []string:
			var labels []string
			for _, name := range v {
				labels = append(labels, f.ValueLabel(name))
			}
			after = strings.Join(labels, ", ")
		}
		if after != "" && !f.IsReference() {
			changes = append(changes, register.Difference{Field: f.Key, Label: f.Label, After: after})
		}
	}
	return changes
}

// imported judges one row by the kernel's rules for imports.
func imported(tx *register.Tx, name string, row int, key string, values map[string]any, note register.Note) (register.Outcome, error) {
	report, err := tx.Import(name, []register.Incoming{{Row: row, Key: key, Values: values}}, note)
	if err != nil || len(report.Outcomes) != 1 {
		return register.Outcome{}, err
	}
	return report.Outcomes[0], nil
}

// values are the fields of the decision that the sheet speaks of.
func (w writer) values(row Row, before soa.Row) map[string]any {
	r, values := w.result, map[string]any{}
	if row.Applicability != "" { // an empty cell revokes no decision
		values["applicability"] = row.Applicability
	}
	applies := cmp.Or(row.Applicability, before.Applicability) == string(soa.Applicable)
	switch {
	case applies && len(row.Reasons) == 0 && w.options.Reason != "" && (r.HasReasons() || len(before.Reasons) == 0):
		values["reasons"] = []string{w.options.Reason}
	case r.HasReasons():
		values["reasons"] = row.Reasons
	}
	w.justify(row, soa.Applicability(cmp.Or(row.Applicability, before.Applicability)), values)
	if r.Has(Planned) {
		values["planned_on"] = row.PlannedOn
	}
	if r.Has(Owner) {
		values["owner"] = row.Owner
	}
	return values
}

// justify takes the texts of columns of their own as they are; one column for
// both goes to the side that was decided.
func (w writer) justify(row Row, decided soa.Applicability, values map[string]any) {
	if w.result.Has(Inclusion) {
		values["inclusion_justification"] = row.Inclusion
	}
	if w.result.Has(Exclusion) {
		values["exclusion_justification"] = row.Exclusion
	}
	field := soa.JustificationField(decided)
	if text, _ := values[field].(string); w.result.Has(Justification) && text == "" {
		values[field] = row.Justification
	}
}

func decides(values map[string]any) bool {
	for key, value := range values {
		switch v := value.(type) {
		case []string:
			if len(v) > 0 {
				return true
			}
		case string:
			if v != "" && !(key == "applicability" && v == string(soa.Undecided)) {
				return true
			}
		}
	}
	return false
}

// declared is what the row says is done, for each unit it speaks of.
func (w writer) declared(row Row) []Declared {
	if len(row.Declared) > 0 {
		return row.Declared
	}
	if unit := cmp.Or(row.Unit, w.options.Unit); row.Implementation != "" && unit != "" {
		return []Declared{{State: row.Implementation, Unit: unit, PlannedOn: row.PlannedOn}}
	}
	return nil
}

func (w writer) declare(tx *register.Tx, row Row, d Declared) (register.Outcome, error) {
	found, err := control.Implementations.All(tx, register.Filter{Field: "control", Op: register.Is, Values: []string{row.Reference}}, standing)
	if err != nil {
		return register.Outcome{}, err
	}
	var before register.Of[control.Implementation]
	for _, imp := range found {
		if imp.Fields.ScopeUnit == d.Unit {
			before = imp
		}
	}
	values := map[string]any{"implementation": d.State}
	if d.PlannedOn != "" || w.result.Has(Planned) {
		values["planned_on"] = d.PlannedOn
	}
	if row.How != "" {
		values["how"] = row.How
	} else if before.Fields.How == "" {
		values["how"] = cmp.Or(row.Remarks, fmt.Sprintf("As stated in %s, row %d.", w.options.File, row.Row))
	}
	if owner := cmp.Or(row.Owner, w.options.Owner); row.Owner != "" || before.Fields.Owner == "" {
		values["owner"] = owner
	}
	if before.Key == "" {
		values["control"], values["scope_unit"] = row.Reference, d.Unit
	}
	o, err := imported(tx, control.Implementations.Name, row.Row, before.Key, values, w.note)
	if o.Fate == register.Created {
		o.Changes = []register.Difference{{Field: "implementation", Label: tx.TitleOf("scope_unit", d.Unit), After: control.DeclarationLabel(d.State)}}
	}
	return o, err
}
