// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Take writes proposals into a statement, as the person who takes them: the
// reasons, what they rest on, and what speaks for them as the justification of a
// row that has none. One batch, which one undo takes back. A row that refuses is
// named in the report and left as it is; those of one row are taken together.
func Take(tx *register.Tx, system string, list []Proposal, note register.Note) (register.Report, error) {
	note.Batch = cmp.Or(note.Batch, register.NewBatch())
	report := register.Report{Batch: note.Batch, Counts: map[register.Fate]int{}}
	if err := access.May(tx.Actor(), access.Create, access.Subject{Register: Rows.Name}, tx.Now()); err != nil {
		return report, err
	}
	for len(list) > 0 {
		id := list[0].Control.ID
		outcome, err := takeRow(tx, system, of(list, id), note)
		if err != nil {
			return report, err
		}
		report.Counts[outcome.Fate]++
		report.Outcomes = append(report.Outcomes, outcome)
		list = slices.DeleteFunc(slices.Clone(list), func(p Proposal) bool { return p.Control.ID == id })
	}
	return report, nil
}

// TakeOne is Take for one proposal; what refuses it is the error.
func TakeOne(tx *register.Tx, system string, p Proposal, note register.Note) error {
	note.Batch = cmp.Or(note.Batch, register.NewBatch())
	return decideBy(tx, system, []Proposal{p}, note)
}

func takeRow(tx *register.Tx, system string, list []Proposal, note register.Note) (register.Outcome, error) {
	c := list[0].Control
	o := register.Outcome{Key: c.ID, Title: c.ID + " " + c.Title, Fate: register.Updated}
	err := decideBy(tx, system, list, note)
	refusal, ours := errors.AsType[*sextant.Error](err)
	if err != nil && (!ours || refusal.Code == sextant.Internal || refusal.Code == sextant.Unavailable) {
		return o, err
	}
	if err != nil {
		o.Fate, o.Refusal = register.Refused, refusal
	}
	return o, nil
}

// decideBy writes the decision the proposals for one row lead to.
func decideBy(tx *register.Tx, system string, list []Proposal, note register.Note) error {
	d, found, err := Decided(&tx.View, system, list[0].Control.ID)
	if err != nil {
		return err
	}
	row, version := Row{Applicability: string(Undecided)}, 0
	if found {
		row, version = d.Fields, d.Version
	}
	unsaid := row.InclusionJustification == ""
	for _, p := range list {
		if row, err = row.taking(p); err != nil {
			return err
		}
		if why := p.Why(); unsaid && !p.Excludes() && !strings.Contains(row.InclusionJustification, why) {
			row.InclusionJustification = strings.TrimSpace(row.InclusionJustification + " " + why)
		}
	}
	decision := Applicability(row.Applicability)
	return Decide(tx, system, list[0].Control.ID, version, map[string]any{"applicability": row.Applicability, "reasons": orNone(row.Reasons), "reason_links": orNone(row.ReasonLinks),
		JustificationField(decision): row.Justification()}, note)
}

func orNone(list []string) []string { return append([]string{}, list...) }

// taking gives the row with one proposal taken. What it says already stays.
func (r Row) taking(p Proposal) (Row, error) {
	if p.Excludes() {
		if len(r.Reasons) > 0 {
			return r, sextant.Errorf(sextant.Conflict, "%s was included meanwhile", p.Control.ID).At("applicability").WithHint("take its reasons away first")
		}
		r.Applicability, r.ExclusionJustification = string(NotApplicable), cmp.Or(r.ExclusionJustification, p.Why())
		return r, nil
	}
	if Applicability(r.Applicability) == NotApplicable {
		return r, sextant.Errorf(sextant.Conflict, "%s was left out meanwhile", p.Control.ID).At("applicability").WithHint("decide first that the control applies")
	}
	r.Applicability = string(Applicable)
	if !slices.Contains(r.Reasons, p.Reason) {
		order := proposable()
		r.Reasons = append(slices.Clone(r.Reasons), p.Reason)
		slices.SortFunc(r.Reasons, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	}
	r.ReasonLinks = slices.Clone(r.ReasonLinks)
	for _, g := range p.Grounds {
		if backs(p.Reason) && g.Entry != "" && !slices.Contains(r.ReasonLinks, g.Entry) {
			r.ReasonLinks = append(r.ReasonLinks, g.Entry)
		}
	}
	return r, nil
}
