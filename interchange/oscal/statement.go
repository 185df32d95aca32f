// SPDX-License-Identifier: Apache-2.0

package oscal

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"io"
	"slices"

	"sextant"
)

// Sheet is a Statement of Applicability as it is to be written: plain words and
// values, so that a frozen version can be written as it was.
type Sheet struct {
	Organisation string // its name
	Key          string // of the management system: MS-1
	System       string // its title
	Scope        string // the scope statement
	Boundaries   string
	Version      string // of the statement: 2.0; "" = what stands now
	State        string // draft, reviewed, approved, superseded
	ApprovedBy   string // a person's name
	ApprovedAt   sextant.Instant
	At           sextant.Instant // what it says was so then
	Rows         []Row
}

// Row is what the statement says of one control.
type Row struct {
	Reference      string // iso27001:2022/A.5.15
	ID, Title      string // A.5.15
	Asks           string // our own words, for the catalogue that goes with it; may be empty
	Applicability  string // applicable, not_applicable, undecided
	Reasons        []string
	Justification  string
	Implementation string // implemented, partly, planned, not_started; "" = not declared
	PlannedOn      string // a date
	How            string
	Owner          string // a person's name
	Evidence       string // the evidence state, as people read it
	Fresh          string // a date
	Units          []Unit // what is declared for each scope unit
	Risks          []string
	Documents      []string
}

// Unit is what is declared of a control in one scope unit.
type Unit struct {
	Key, Title     string
	Implementation string
	PlannedOn      string
	How            string
}

// Statement writes the sheet as a system security plan. Its profile (what
// applies) is within it, so that the file stands on its own. An empty sheet is
// refused: OSCAL has no plan without an answer.
func Statement(w io.Writer, s Sheet) error {
	if len(s.Rows) == 0 {
		return sextant.Errorf(sextant.Invalid, "the statement has no rows; OSCAL has no plan without an answer").WithHint("decide on the controls first")
	}
	plan, err := planOf(s)
	if err != nil {
		return err
	}
	return Document{Plan: plan}.Write(w)
}

// The roles of a statement.
const (
	controlOwner = "control-owner"
	approver     = "approver"
)

func planOf(s Sheet) (*SecurityPlan, error) {
	at, system := when(s.At), identifier("system", s.Organisation, s.Key)
	plan := &SecurityPlan{
		UUID: identifier("statement", s.Organisation, s.Key, s.Version, at),
		Metadata: Metadata{Title: Markup(line("Statement of Applicability, "+s.System, "Statement of Applicability")), LastModified: at, Version: line(s.Version, at), OSCALVersion: Version,
			Roles: []Role{{ID: controlOwner, Title: "Owner of a control"}, {ID: approver, Title: "Approved the statement"}},
			Props: own(own(nil, "state", s.State), "model", "statement-of-applicability")},
		Characteristics: SystemCharacteristics{
			IDs: []SystemID{{ID: line(s.Key, "management-system")}}, Name: line(s.System, "Management system"),
			Description: Markup(cmp.Or(s.Scope, "No scope statement is written yet.")),
			Information: SystemInformation{Types: []InformationType{{UUID: identifier("information", s.Organisation, s.Key), Title: "Information in scope", Description: "What is in the scope of the management system."}}},
			Status:      Status{State: "operational"},
			Boundary:    Boundary{Description: Markup(cmp.Or(s.Boundaries, s.Scope, "No boundaries are written yet."))}},
		System: SystemImplementation{
			Users:      []SystemUser{{UUID: identifier("users", s.Organisation, s.Key), Title: "People who own controls", RoleIDs: []string{controlOwner}}},
			Components: []Component{{UUID: system, Type: "this-system", Title: Markup(line(s.System, "Management system")), Description: "The management system as a whole.", Status: Status{State: "operational"}}}},
		Controls: ControlImplementation{Description: "Each control with the decision on it, the reasons, what is declared to be implemented and what the evidence showed."},
	}
	people := peopleOf(s)
	plan.Metadata.Parties = people.list
	if s.ApprovedBy != "" {
		plan.Metadata.ResponsibleParties = []ResponsibleParty{{RoleID: approver, Parties: []string{people.uuid(s.ApprovedBy)}}}
		if s.ApprovedAt != 0 {
			plan.Metadata.Props = own(plan.Metadata.Props, "approved-at", when(s.ApprovedAt))
		}
	}
	plan.System.Components = append(plan.System.Components, unitsOf(s)...)
	for _, r := range s.Rows {
		plan.Controls.Requirements = append(plan.Controls.Requirements, requirementOf(s, r, system, people))
	}
	return plan, plan.enclose(s)
}

// enclose puts the profile of what applies into the plan.
func (plan *SecurityPlan) enclose(s Sheet) error {
	var profile bytes.Buffer
	if err := (Document{Profile: profileOf(s)}).Write(&profile); err != nil {
		return err
	}
	id := identifier("enclosed profile", plan.UUID)
	plan.ImportProfile = ImportProfile{Href: "#" + id}
	plan.BackMatter = &BackMatter{Resources: []Resource{{UUID: id, Title: "What applies", Description: "The controls the statement includes, as a profile.",
		Base64: &Base64{Filename: "profile.json", MediaType: "application/oscal+json", Value: base64.StdEncoding.EncodeToString(profile.Bytes())}}}}
	return nil
}

// people are the persons a sheet names, once each.
type people struct {
	organisation string
	list         []Party
}

func peopleOf(s Sheet) people {
	p := people{organisation: s.Organisation, list: []Party{{UUID: identifier("organisation", s.Organisation), Type: "organization", Name: line(s.Organisation, "The organisation")}}}
	var names []string
	for _, r := range s.Rows {
		names = append(names, r.Owner)
	}
	names = append(names, s.ApprovedBy)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if name != "" {
			p.list = append(p.list, Party{UUID: p.uuid(name), Type: "person", Name: line(name, "Somebody")})
		}
	}
	return p
}

func (p people) uuid(name string) string { return identifier("person", p.organisation, name) }

func unitUUID(s Sheet, key string) string { return identifier("unit", s.Organisation, key) }

func unitsOf(s Sheet) (list []Component) {
	known := map[string]bool{}
	for _, r := range s.Rows {
		for _, u := range r.Units {
			if !known[u.Key] {
				known[u.Key] = true
				list = append(list, Component{UUID: unitUUID(s, u.Key), Type: "scope-unit", Title: Markup(line(u.Title, u.Key)), Description: "A unit within the scope.",
					Props: own(nil, "key", u.Key), Status: Status{State: "operational"}})
			}
		}
	}
	slices.SortFunc(list, func(a, b Component) int {
		return cmp.Compare(a.Title+"\x1f"+Markup(a.UUID), b.Title+"\x1f"+Markup(b.UUID))
	})
	return list
}

func requirementOf(s Sheet, r Row, system string, p people) ImplementedRequirement {
	id := identifier("row", s.Organisation, s.Key, r.Reference)
	req := ImplementedRequirement{UUID: id, ControlID: Token(r.ID), Remarks: Markup(r.Justification)}
	req.Props = own(req.Props, "label", r.ID)
	req.Props = own(req.Props, "title", r.Title)
	req.Props = own(req.Props, "reference", r.Reference)
	req.Props = own(req.Props, "applicability", cmp.Or(r.Applicability, "undecided"))
	for _, reason := range r.Reasons {
		req.Props = own(req.Props, "reason", reason)
	}
	req.Props = own(req.Props, "planned-on", r.PlannedOn)
	req.Props = own(req.Props, "evidence-state", r.Evidence)
	req.Props = own(req.Props, "evidence-fresh-until", r.Fresh)
	for _, risk := range r.Risks {
		req.Props = own(req.Props, "treats-risk", risk)
	}
	for _, document := range r.Documents {
		req.Props = own(req.Props, "document", document)
	}
	if r.Owner != "" {
		req.Roles = []ResponsibleRole{{RoleID: controlOwner, Parties: []string{p.uuid(r.Owner)}}}
	}
	if r.Applicability == "not_applicable" || len(r.Units) == 0 {
		req.ByComponent = []ByComponent{{ComponentUUID: system, UUID: identifier(id, "whole"), Description: Markup(cmp.Or(r.How, says(r))), Status: Status{State: stateOf(r.Applicability, r.Implementation)}}}
		return req
	}
	for _, u := range r.Units {
		req.ByComponent = append(req.ByComponent, ByComponent{ComponentUUID: unitUUID(s, u.Key), UUID: identifier(id, u.Key), Description: Markup(cmp.Or(u.How, "Nothing is written about how.")),
			Props: own(nil, "planned-on", u.PlannedOn), Status: Status{State: stateOf(r.Applicability, u.Implementation)}})
	}
	return req
}

func says(r Row) string {
	if r.Applicability == "not_applicable" {
		return "The control is left out; the remarks say why."
	}
	return "Nothing is written about how."
}

// stateOf gives the word OSCAL has for a declaration; not-started and
// not-declared are ours, where OSCAL has none and allows others.
func stateOf(applicability, implementation string) string {
	switch {
	case applicability == "not_applicable":
		return "not-applicable"
	case implementation == "implemented":
		return "implemented"
	case implementation == "partly":
		return "partial"
	case implementation == "planned":
		return "planned"
	case implementation == "not_started":
		return "not-started"
	}
	return "not-declared"
}

// WriteProfile writes the controls that apply as a profile of the catalog.
func WriteProfile(w io.Writer, s Sheet) error {
	if p := profileOf(s); len(p.Imports[0].Include[0].IDs) > 0 {
		return Document{Profile: p}.Write(w)
	}
	return sextant.Errorf(sextant.Invalid, "no control is decided to apply; OSCAL has no profile without a control").WithHint("decide on the controls first")
}

// profileOf is the choice of controls that apply.
func profileOf(s Sheet) *Profile {
	at := when(s.At)
	resource := identifier("catalog resource", s.Organisation, s.Key)
	p := &Profile{UUID: identifier("profile", s.Organisation, s.Key, s.Version, at),
		Metadata:   Metadata{Title: Markup(line("What applies, "+s.System, "What applies")), LastModified: at, Version: line(s.Version, at), OSCALVersion: Version},
		Imports:    []Import{{Href: "#" + resource, Include: []Selection{{}}}},
		Merge:      &Merge{AsIs: true},
		BackMatter: &BackMatter{Resources: []Resource{{UUID: resource, Title: "The catalog the controls are from", RLinks: []RLink{{Href: "catalog.json", MediaType: "application/oscal+json"}}}}}}
	for _, r := range s.Rows {
		if r.Applicability == "applicable" {
			p.Imports[0].Include[0].IDs = append(p.Imports[0].Include[0].IDs, Token(r.ID))
		}
	}
	return p
}
