// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"encoding/json"
	"slices"
	"strings"

	"sextant"
	"sextant/framework"
	"sextant/register"
	"sextant/soa"
)

// Proposal is what an old sheet suggests for one control of 2022 in one
// statement. It is a suggestion until a person decides; the statement says what
// was decided.
type Proposal struct {
	Title            string   `json:"title" is:"text derived title" label:"Proposal"`
	ManagementSystem string   `json:"management_system" is:"ref required" to:"management_system" label:"Management system"`
	Control          string   `json:"control" is:"ref required" to:"control" label:"Control"`
	Change           string   `json:"change" is:"enum derived" values:"one_to_one=One to one,merged=Merged,new=New" label:"What became of it"`
	Conflicts        []string `json:"conflicts" is:"enum derived" values:"applicability=Applicability differs,implementation=Implementation differs,planned_on=Dates differ,missing=A predecessor is missing" label:"Conflicts" help:"What the predecessors do not agree on; a person decides."`
	Decision         string   `json:"decision" is:"enum required" values:"open=To decide,confirmed=Confirmed,changed=Confirmed with changes,declined=Declined" default:"open" label:"Decision"`
	Applicability    string   `json:"applicability" is:"enum required" values:"undecided=Undecided,applicable=Applicable,not_applicable=Not applicable" default:"undecided" label:"Applicability"`
	Reasons          []string `json:"reasons" is:"enum" values:"risk_assessment=Risk assessment,legal=Legal,contractual=Contractual,business=Business requirement,good_practice=Good practice" label:"Reasons"`
	Justification    string   `json:"justification" is:"markdown" label:"Justification"`
	Implementation   string   `json:"implementation" is:"enum" values:"not_started=Not started,planned=Planned,partly=Partly implemented,implemented=Implemented" label:"Implementation"`
	PlannedOn        string   `json:"planned_on" is:"date" label:"Planned by"`
	How              string   `json:"how" is:"markdown" label:"How it is done here"`
	Owner            string   `json:"owner" is:"person owner" label:"Owner"`
	ScopeUnit        string   `json:"scope_unit" is:"ref" to:"scope_unit" label:"Unit" help:"Where the implementation is declared; empty: nowhere."`
	Old              []Old    `json:"old" is:"rows" label:"What was said in 2013"`
}

// Old is what an old sheet says about one predecessor, and where.
type Old struct {
	Control        string   `json:"control" is:"text required" label:"Control of 2013"`
	File           string   `json:"file" is:"text" label:"File"`
	Digest         string   `json:"sha256" is:"text" label:"SHA-256"`
	Row            float64  `json:"row" is:"number" label:"Row"`
	Title          string   `json:"title" is:"text" label:"Title as written"`
	Applicability  string   `json:"applicability" is:"enum" values:"undecided=Undecided,applicable=Applicable,not_applicable=Not applicable" label:"Applicability"`
	Reasons        []string `json:"reasons" is:"enum" values:"risk_assessment=Risk assessment,legal=Legal,contractual=Contractual,business=Business requirement,good_practice=Good practice" label:"Reasons"`
	Justification  string   `json:"justification" is:"markdown" label:"Justification"`
	Implementation string   `json:"implementation" is:"enum" values:"not_started=Not started,planned=Planned,partly=Partly implemented,implemented=Implemented" label:"Implementation"`
	PlannedOn      string   `json:"planned_on" is:"date" label:"Planned by"`
	How            string   `json:"how" is:"markdown" label:"How it was done"`
	Owner          string   `json:"owner" is:"text" label:"Owner as written"`
	Person         string   `json:"person" is:"text" label:"Owner here"`
	Remarks        string   `json:"remarks" is:"markdown" label:"Remarks"`
}

// The decisions on a proposal.
const (
	Open      = "open"
	Confirmed = "confirmed"
	Changed   = "changed"
	Declined  = "declined"
)

// The conflicts between predecessors.
const (
	OfApplicability  = "applicability"
	OfImplementation = "implementation"
	OfDates          = "planned_on"
	Missing          = "missing"
)

// Proposals is the register of proposals; one per control and management system.
var Proposals = register.Declare(register.Definition{
	Name: "migration_proposal", Plural: "migration-proposals", Prefix: "MIG", Title: "Migration proposal",
	Question: "What did the statement of 2013 say, and what becomes of it?",
	Purpose:  "What an old Statement of Applicability on the 2013 edition suggests for each control of 2022, until a person decides.", Clauses: []string{"6.1.3 d)"}, Retention: "two_cycles",
	Parent: "management_system", Unique: [][]string{{"management_system", "control"}},
	Lists:     []register.Shape{{Filter: []string{"management_system", "decision"}, Order: "title"}},
	Derive:    derive,
	Lifecycle: register.Living(nil),
}, check)

func derive(_ register.Reader, doc register.Doc) error {
	c, ok := framework.ControlByID(doc.Text("control"))
	if !ok {
		return nil // refused with its field by the reference check that follows
	}
	before, _ := framework.Predecessors(c.ID)
	doc["title"], doc["change"] = c.ID+" "+c.Title, string(before.Kind)
	delete(doc, "conflicts")
	old, err := oldOf(doc)
	if found := conflicts(before.IDs, old); len(found) > 0 {
		list := make([]any, len(found))
		for i, name := range found {
			list[i] = name
		}
		doc["conflicts"] = list
	}
	return err
}

func oldOf(doc register.Doc) (old []Old, err error) {
	data, err := json.Marshal(doc["old"])
	if err != nil {
		return nil, err
	}
	return old, json.Unmarshal(data, &old)
}

// check: a proposal counts as confirmed only once the statement says so. What
// the statement says later is its own affair.
func check(tx register.Reader, now register.Of[Proposal], before *register.Of[Proposal]) error {
	f := now.Fields
	if f.Decision != Confirmed && f.Decision != Changed || before != nil && before.Fields.Decision == f.Decision {
		return nil
	}
	row, found, err := decided(tx, f.ManagementSystem, f.Control)
	if err != nil {
		return err
	}
	if !found || row.Fields.Applicability != f.Applicability || f.Applicability == string(soa.Undecided) {
		return sextant.Errorf(sextant.Invalid, "the statement does not say that").At("decision").WithHint("confirm it on the page of proposals: that writes the row of the statement too")
	}
	return nil
}

// decided gives the statement's row of a control, by its reference.
func decided(tx register.Reader, system, reference string) (row register.Of[soa.Row], found bool, err error) {
	rows, err := soa.Rows.All(tx, register.Filter{Field: "control", Op: register.Is, Values: []string{reference}}, active)
	for _, r := range rows {
		if r.Fields.ManagementSystem == system {
			return r, true, nil
		}
	}
	return row, false, err
}

var active = register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}}

// Lacks says which fields a proposal needs before it can be confirmed as it is.
func (p Proposal) Lacks() (fields []string) {
	declared := p.Implementation == "implemented" || p.Implementation == "partly"
	switch soa.Applicability(p.Applicability) {
	case soa.Applicable:
		if len(p.Reasons) == 0 {
			fields = append(fields, "reasons")
		}
	case soa.NotApplicable:
		if p.Justification == "" {
			fields = append(fields, "justification")
		}
		return fields
	default:
		return []string{"applicability"}
	}
	if declared && p.Owner == "" && p.ScopeUnit != "" {
		fields = append(fields, "owner")
	}
	if p.Implementation == "planned" && p.PlannedOn == "" && p.ScopeUnit != "" {
		fields = append(fields, "planned_on")
	}
	return fields
}

// Conflicting says whether the predecessors do not agree, or one is missing.
func (p Proposal) Conflicting() bool { return len(p.Conflicts) > 0 }

// ID is that of the control: A.5.15.
func (p Proposal) ID() string { return strings.TrimPrefix(p.Control, framework.ControlPrefix) }

// Of gives what was said about a predecessor.
func (p Proposal) Of(id2013 string) (Old, bool) {
	i := slices.IndexFunc(p.Old, func(o Old) bool { return o.Control == id2013 })
	if i < 0 {
		return Old{}, false
	}
	return p.Old[i], true
}
