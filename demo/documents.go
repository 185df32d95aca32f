// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"strings"

	"sextant/document"
	"sextant/register"
)

// paper is one document, begun from a template.
type paper struct {
	Template, Owner, Approver string
	Approved                  int    // days ago
	Interval                  string // where it is not the template's
	Add                       string // the company's own words
	Next                      *struct {
		Written, Submitted     int
		Edition, Why, Old, New string
	}
	Reviewed *struct {
		On                  int
		By, Outcome, Inputs string
	}
}

// documents are Northquay's policies and procedures: written by the ISMS
// manager, approved by somebody else, one of them overdue, two with a next
// edition on its way.
func (s *story) documents() error {
	var shelf struct {
		Facts     map[string]string
		Documents []paper
		Own       ownWords
	}
	if err := read("documents.yaml", &shelf); err != nil {
		return err
	}
	for _, p := range shelf.Documents {
		t, err := document.FindTemplate(p.Template)
		if err != nil {
			return err
		}
		s.paper(p, t, shelf.Facts)
		s.nextEdition(p)
		s.review(p)
	}
	s.own(shelf.Own)
	return nil
}

// ownWords are what the company wrote beside the guidance on controls.
type ownWords struct {
	Attribute map[string]any
	Standards []struct {
		Control, Owner, Text string
		Written              int
		Attributes           []string
	}
	Deviation struct {
		Asked, Approved, Until                              int
		By, Approver, Unit, Control, Title, Reason, Instead string
	}
}

func (s *story) own(o ownWords) {
	s.write(s.at("209d 09:40"), "mara", "own attribute", func(tx *register.Tx) error {
		_, err := tx.Create("own_attribute", o.Attribute, register.Note{})
		return err
	})
	for _, x := range o.Standards {
		s.write(s.at(when(fmt.Sprintf("%dd 13:%02d", x.Written, spread(x.Control, 60)))), x.Owner, "standard for "+x.Control, func(tx *register.Tx) error {
			_, err := tx.Create("control_standard", map[string]any{"control": "iso27001:2022/" + x.Control, "owner": s.people[x.Owner].key, "text": x.Text, "attributes": x.Attributes}, register.Note{})
			return err
		})
	}
	d := o.Deviation
	s.write(s.at(when(fmt.Sprintf("%dd 10:05", d.Asked))), d.By, "deviation", func(tx *register.Tx) error {
		e, err := tx.Create("deviation", map[string]any{"title": d.Title, "control": "iso27001:2022/" + d.Control, "scope_unit": s.units[d.Unit], "reason": d.Reason, "instead": d.Instead,
			"requested_by": s.people[d.By].key, "approver": s.people[d.Approver].key, "expires_on": s.date(d.Until)}, register.Note{})
		if err != nil {
			return err
		}
		s.keys["deviation"] = e.Key
		_, err = tx.Transition("deviation", e.Key, 0, "request", nil, register.Note{})
		return err
	})
	s.write(s.at(when(fmt.Sprintf("%dd 11:25", d.Approved))), d.Approver, "approve the deviation", func(tx *register.Tx) error {
		_, err := tx.Transition("deviation", s.keys["deviation"], 0, "approve", nil, register.Note{Why: "until spring, with what is done instead"})
		return err
	})
}

// paper writes the first edition, submits it a day later and has it approved.
func (s *story) paper(p paper, t document.Template, told map[string]string) {
	s.write(s.at(when(fmt.Sprintf("%dd 10:%02d", p.Approved+9, spread(t.ID, 60)))), "mara", "begin "+t.ID, func(tx *register.Tx) error {
		facts, err := document.FactsOf(tx)
		if err != nil {
			return err
		}
		for name, text := range told {
			facts[name] = document.Fact{Text: text}
		}
		of, draft, err := document.Begin(tx, t, facts, document.People{Owner: s.people[p.Owner].key, Approver: s.people[p.Approver].key, Author: s.people["mara"].key}, register.Note{})
		if err != nil {
			return err
		}
		s.keys["doc "+t.ID], s.keys["dv "+t.ID] = of.Key, draft.Key
		if p.Interval != "" {
			if _, err := tx.Edit("document", of.Key, 0, map[string]any{"review_interval": p.Interval}, register.Note{}); err != nil {
				return err
			}
		}
		_, err = tx.Edit("document_version", draft.Key, 0, map[string]any{"body": draft.Doc.Text("body") + "\n" + p.Add}, register.Note{})
		return err
	})
	s.moveEdition(t.ID, "submit", "mara", when(fmt.Sprintf("%dd 16:%02d", p.Approved+4, spread(t.ID+"s", 60))), "")
	s.moveEdition(t.ID, "approve", p.Approver, when(fmt.Sprintf("%dd 09:%02d", p.Approved, spread(t.ID+"a", 60))), "read, and it is what we do")
}

func (s *story) moveEdition(id, name, by string, at when, why string) {
	s.write(s.at(at), by, name+" "+id, func(tx *register.Tx) error {
		_, err := tx.Transition("document_version", s.keys["dv "+id], 0, name, nil, register.Note{Why: why})
		return err
	})
}

// nextEdition changes one sentence of a document, and submits it where that was
// told.
func (s *story) nextEdition(p paper) {
	if p.Next == nil {
		return
	}
	s.write(s.at(when(fmt.Sprintf("%dd 11:%02d", p.Next.Written, spread(p.Template+"n", 60)))), "mara", "next edition of "+p.Template, func(tx *register.Tx) error {
		draft, err := document.Next(tx, s.keys["doc "+p.Template], s.people["mara"].key, register.Note{})
		if err != nil {
			return err
		}
		s.keys["dv "+p.Template] = draft.Key
		body := strings.Replace(draft.Doc.Text("body"), p.Next.Old, p.Next.New, 1)
		if body == draft.Doc.Text("body") {
			return fmt.Errorf("%s does not say %q", p.Template, p.Next.Old)
		}
		_, err = tx.Edit("document_version", draft.Key, 0, map[string]any{"body": body, "change_summary": p.Next.Why, "edition": p.Next.Edition}, register.Note{})
		return err
	})
	if p.Next.Submitted > 0 {
		s.moveEdition(p.Template, "submit", "mara", when(fmt.Sprintf("%dd 15:%02d", p.Next.Submitted, spread(p.Template+"ns", 60))), "")
	}
}

func (s *story) review(p paper) {
	if p.Reviewed == nil {
		return
	}
	s.write(s.at(when(fmt.Sprintf("%dd 14:%02d", p.Reviewed.On, spread(p.Template+"r", 60)))), p.Reviewed.By, "review of "+p.Template, func(tx *register.Tx) error {
		e, err := tx.Create("document_review", map[string]any{"document": s.keys["doc "+p.Template], "done_on": s.date(p.Reviewed.On), "reviewer": s.people[p.Reviewed.By].key, "outcome": p.Reviewed.Outcome, "inputs": p.Reviewed.Inputs}, register.Note{})
		if err != nil {
			return err
		}
		_, err = tx.Transition("document_review", e.Key, 0, "record", nil, register.Note{})
		return err
	})
}
