// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/framework"
	"sextant/register"
	"sextant/soa"
)

// Sheet is an old statement that was read.
type Sheet struct {
	File   string // name
	Digest string // SHA-256 of it
	Said   []Said
	// What a person chose for rows that leave it open; "" for nothing.
	Reason string // of applicable rows that name none
	Owner  string // key of a person
	Unit   string // key of the unit implementations would be declared for
}

// Report is what a sheet proposes: the fate of each of its rows, and how many
// proposals there are by what became of the control.
type Report struct {
	register.Report
	Proposals map[framework.Change]int `json:"proposals"`
}

// Propose makes a proposal for each of the 93 controls: from what the sheet says
// about its predecessors, and one without suggestion for each control that is
// new or that the sheet is silent about. Proposals that are open take what a
// later sheet says; decided ones are left, and their rows are refused. One undo
// takes the whole back.
func Propose(tx *register.Tx, system string, s Sheet) (Report, error) {
	report := Report{Report: register.Report{Batch: register.NewBatch(), Counts: map[register.Fate]int{}}, Proposals: map[framework.Change]int{}}
	if err := access.May(tx.Actor(), access.Import, access.Subject{Register: Proposals.Name}, tx.Now()); err != nil {
		return report, err
	}
	standing, err := of(tx, system)
	if err != nil {
		return report, err
	}
	said := map[string]Said{}
	for _, row := range s.Said {
		said[row.ID] = row
	}
	fates := map[string]register.Outcome{} // by control of 2022
	for _, c := range framework.Controls() {
		before := standing[c.Reference().String()]
		outcome, err := s.proposal(tx, system, c, before, said, register.Note{Why: "import of " + s.File, Batch: report.Batch})
		if err != nil {
			return report, err
		}
		fates[c.ID] = outcome
		if outcome.Fate != register.Refused {
			change, _ := framework.Predecessors(c.ID)
			report.Proposals[change.Kind]++
		}
	}
	for _, row := range s.Said {
		o := fateOf(row, fates)
		report.Counts[o.Fate]++
		report.Outcomes = append(report.Outcomes, o)
	}
	return report, nil
}

func of(tx register.Reader, system string) (map[string]register.Of[Proposal], error) {
	all, err := Proposals.All(tx, register.Filter{Field: "management_system", Op: register.Is, Values: []string{system}}, active)
	byControl := map[string]register.Of[Proposal]{}
	for _, p := range all {
		byControl[p.Fields.Control] = p
	}
	return byControl, err
}

// proposal writes one: what the sheet says about a predecessor stands in the
// place of what an earlier one said.
func (s Sheet) proposal(tx *register.Tx, system string, c framework.Control, before register.Of[Proposal], said map[string]Said, note register.Note) (register.Outcome, error) {
	next := before.Fields
	next.ManagementSystem, next.Control = system, c.Reference().String()
	next.Old = nil
	predecessors, _ := framework.Predecessors(c.ID)
	news, row := 0, 0
	for _, id := range predecessors.IDs {
		if now, ok := said[id]; ok {
			next.Old = append(next.Old, s.old(now))
			news, row = news+1, cmp.Or(row, now.Row)
		} else if earlier, ok := before.Fields.Of(id); ok {
			next.Old = append(next.Old, earlier)
		}
	}
	switch {
	case before.Key != "" && news == 0:
		return register.Outcome{Row: row, Key: before.Key, Title: before.Title(), Fate: register.Unchanged}, nil
	case before.Key != "" && before.Fields.Decision != Open:
		return register.Outcome{Row: row, Key: before.Key, Title: before.Title(), Fate: register.Refused,
			Refusal: sextant.Errorf(sextant.Conflict, "the proposal for %s was decided already", c.ID).WithHint("open it again first")}, nil
	}
	next.Conflicts = conflicts(predecessors.IDs, next.Old)
	next.compose()
	s.complete(&next)
	values, err := valuesOf(next)
	if err != nil {
		return register.Outcome{}, err
	}
	made, err := tx.Import(Proposals.Name, []register.Incoming{{Row: row, Key: before.Key, Values: values}}, note)
	if err != nil {
		return register.Outcome{}, err
	}
	return made.Outcomes[0], nil
}

// complete fills in what a person chose for rows that leave it open.
func (s Sheet) complete(p *Proposal) {
	if p.Applicability == string(soa.Applicable) && len(p.Reasons) == 0 && s.Reason != "" {
		p.Reasons = []string{s.Reason}
	}
	if p.Applicability == string(soa.Applicable) && p.Owner == "" && !slices.ContainsFunc(p.Old, func(o Old) bool { return o.Person != "" }) {
		p.Owner = s.Owner
	}
	p.ScopeUnit = s.Unit
}

func (s Sheet) old(row Said) Old {
	texts := []string{row.Justification, row.Inclusion, row.Exclusion}
	if row.Applicability == string(soa.NotApplicable) {
		texts = []string{row.Justification, row.Exclusion, row.Inclusion}
	}
	justification := strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), "\n\n")
	return Old{Control: row.ID, File: s.File, Digest: s.Digest, Row: float64(row.Row), Title: row.Title, Applicability: row.Applicability, Reasons: row.Reasons, Justification: justification,
		Implementation: row.Implementation, PlannedOn: row.PlannedOn, How: row.How, Owner: row.OwnerText, Person: row.Owner, Remarks: row.Remarks}
}

// valuesOf are the fields a proposal is written with; what is derived is left to
// the program.
func valuesOf(p Proposal) (map[string]any, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	if err := json.Unmarshal(data, &values); err != nil {
		return nil, err
	}
	for _, f := range Proposals.Fields {
		if f.Derived {
			delete(values, f.Key)
		}
	}
	rows, _ := values["old"].([]any)
	for _, row := range rows {
		fields, _ := row.(map[string]any)
		for key, value := range fields {
			if value == "" || value == nil {
				delete(fields, key)
			}
		}
	}
	if values["decision"] == "" {
		values["decision"] = Open
	}
	return values, nil
}

// saying is what a row says, for a person who looks at its fate.
func saying(row Said) (changes []register.Difference) {
	for _, part := range []struct{ field, value string }{{"applicability", row.Applicability}, {"implementation", row.Implementation}} {
		if f, _ := Proposals.Field(part.field); part.value != "" {
			changes = append(changes, register.Difference{Field: f.Key, Label: f.Label, After: f.ValueLabel(part.value)})
		}
	}
	return changes
}

// fateOf says what became of a row of the sheet: the fate of what it went into,
// refused if any of it was.
func fateOf(row Said, fates map[string]register.Outcome) register.Outcome {
	successors, _ := framework.Successors(row.ID)
	o := register.Outcome{Row: row.Row, Title: row.ID + " → " + strings.Join(successors.IDs, ", "), Fate: register.Unchanged, Changes: saying(row)}
	for _, id := range successors.IDs {
		o.Key = strings.TrimPrefix(o.Key+", "+fates[id].Key, ", ")
		switch fate := fates[id]; fate.Fate {
		case register.Refused:
			o.Fate, o.Refusal = register.Refused, fate.Refusal
			return o
		case register.Created, register.Updated:
			o.Fate = fate.Fate
		}
	}
	return o
}
