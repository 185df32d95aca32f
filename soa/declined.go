// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"slices"

	"sextant"
	"sextant/control"
	"sextant/register"
)

// Declined is a reason that was proposed for a row and not taken, with what
// spoke for it then. It does not come back until something else does, or the
// same says something else.
type Declined struct {
	Title            string           `json:"title" is:"text derived title" label:"Declined"`
	ManagementSystem string           `json:"management_system" is:"ref required" to:"management_system" label:"Management system"`
	Control          string           `json:"control" is:"ref required" to:"control" label:"Control"`
	Reason           string           `json:"reason" is:"enum required" values:"risk_assessment=Risk assessment,legal=Legal,contractual=Contractual,business=Business requirement,good_practice=Good practice,exclusion=Leave out" label:"Proposed"`
	Why              string           `json:"why" is:"text" label:"Why it was declined"`
	Grounds          []DeclinedGround `json:"grounds" is:"rows" label:"What spoke for it"`
}

// DeclinedGround is one of the grounds as it was worded.
type DeclinedGround struct {
	Entry string `json:"entry" is:"text" label:"From"`
	Why   string `json:"why" is:"text required" label:"What it said"`
}

// DeclinedReasons is the register of what was declined; one entry for a reason
// of a row.
var DeclinedReasons = register.Declare[Declined](register.Definition{
	Name: "soa_declined", Plural: "declined-reasons", Prefix: "SOAD", Title: "Declined reason",
	Question: "Which proposed reasons did somebody decline?",
	Purpose:  "Reasons that the records spoke for and a person did not take into the Statement of Applicability.", Clauses: []string{"6.1.3 d)"}, Retention: "two_cycles",
	Parent: "management_system", Unique: [][]string{{"management_system", "control", "reason"}},
	Derive: nameDeclined, Lifecycle: register.Living(nil),
}, nil)

func nameDeclined(tx register.Reader, doc register.Doc) error {
	c, ok, err := control.Find(tx, doc.Text("control"))
	if ok {
		doc["title"] = c.ID + ": " + ProposalLabel(doc.Text("reason"))
	}
	return err
}

// ProposalLabel is what people call a proposed reason.
func ProposalLabel(reason string) string {
	if reason == Exclusion {
		return "Leave out"
	}
	f, _ := Rows.Definition.Field("reasons")
	return f.ValueLabel(reason)
}

// declinedKey is a ground as it is known again.
type declinedKey struct{ control, reason, entry, why string }

func declinedIn(v register.Reader, system string) (map[declinedKey]bool, error) {
	all, err := DeclinedReasons.All(v, ofSystem(system), active)
	known := map[declinedKey]bool{}
	for _, d := range all {
		for _, g := range d.Fields.Grounds {
			known[declinedKey{d.Fields.Control, d.Fields.Reason, g.Entry, g.Why}] = true
		}
	}
	return known, err
}

// Decline keeps a proposal from coming back, for the reason in note, until what
// speaks for it changes. The row stays as it is.
func Decline(tx *register.Tx, system string, p Proposal, note register.Note) error {
	before, found, err := declinedOf(tx, system, p)
	if err != nil {
		return err
	}
	grounds := slices.Clone(before.Fields.Grounds)
	for _, g := range p.Grounds {
		if one := (DeclinedGround{g.Entry, g.Why}); !slices.Contains(grounds, one) {
			grounds = append(grounds, one)
		}
	}
	if found {
		_, err = tx.Edit(DeclinedReasons.Name, before.Key, before.Version, map[string]any{"grounds": rowsOf(grounds), "why": note.Why}, note)
		return err
	}
	_, err = DeclinedReasons.Create(tx, Declined{ManagementSystem: system, Control: p.Control.Reference().String(), Reason: p.Reason, Why: note.Why, Grounds: grounds}, note)
	return err
}

func rowsOf(grounds []DeclinedGround) (rows []any) {
	for _, g := range grounds {
		rows = append(rows, map[string]any{"entry": g.Entry, "why": g.Why})
	}
	return rows
}

func declinedOf(tx register.Reader, system string, p Proposal) (d register.Of[Declined], found bool, err error) {
	all, err := DeclinedReasons.All(tx, register.Filter{Field: "control", Op: register.Is, Values: []string{p.Control.Reference().String()}}, active)
	for _, d := range all {
		if d.Fields.ManagementSystem == system && d.Fields.Reason == p.Reason {
			return d, true, nil
		}
	}
	return d, false, err
}

// Reconsider lets what was declined be proposed again.
func Reconsider(tx *register.Tx, system, id, reason string, note register.Note) error {
	c, err := RowOf(&tx.View, system, id)
	if err != nil {
		return err
	}
	d, found, err := declinedOf(tx, system, Proposal{Control: c, Reason: reason})
	if err == nil && !found {
		err = sextant.Errorf(sextant.Conflict, "nobody declined that for %s", id).WithHint("look at the row again")
	}
	if err == nil {
		err = tx.Delete(DeclinedReasons.Name, d.Key, d.Version, note)
	}
	return err
}
