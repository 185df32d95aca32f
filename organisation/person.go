// SPDX-License-Identifier: Apache-2.0

package organisation

import (
	"net/mail"

	"sextant"
	"sextant/register"
)

// Person is someone who works for or with the organisation, with or without an
// account. Personal fields go when the person has left and the retention has
// ended; key and kind stay, so that sign-offs keep a stable subject.
type Person struct {
	Name             string   `json:"name" is:"text required title personal" label:"Name"`
	Email            string   `json:"email" is:"text unique personal" label:"E-mail"`
	OtherEmails      []string `json:"other_emails" is:"text personal" label:"Other addresses" help:"Join the person to identities in outside systems."`
	EmployeeNumber   string   `json:"employee_number" is:"text unique personal" label:"Employee number"`
	Kind             string   `json:"kind" is:"enum required" values:"employee=Employee,contractor=Contractor,supplier_staff=Supplier's staff,board_member=Board member,auditor=Auditor,service_account_owner=Owner of service accounts" default:"employee" label:"Kind"`
	JobTitle         string   `json:"job_title" is:"text personal" label:"Job title"`
	Manager          string   `json:"manager" is:"person keep personal" label:"Manager"`
	ScopeUnits       []string `json:"scope_units" is:"ref" to:"scope_unit" label:"Units"`
	StartsOn         string   `json:"starts_on" is:"date" label:"Starts on"`
	EndsOn           string   `json:"ends_on" is:"date due" label:"Ends on"`
	StatusSource     string   `json:"status_source" is:"enum" values:"typed=Typed,hr_source=HR system,idp_source=Identity provider,import=Import" default:"typed" label:"Known from"`
	ScreeningOn      string   `json:"screening_on" is:"date personal" readers:"isms_manager,internal_auditor,external_auditor" label:"Screened on" help:"A.6.1: outcome and date only, never details."`
	ScreeningOutcome string   `json:"screening_outcome" is:"enum personal" values:"not_required=Not required,pending=Pending,passed=Passed,accepted_with_risk=Accepted with risk" readers:"isms_manager,internal_auditor,external_auditor" label:"Screening"`
	TermsSignedOn    string   `json:"terms_signed_on" is:"date" label:"Terms signed on"`
	NDASignedOn      string   `json:"nda_signed_on" is:"date" label:"Confidentiality signed on"`
	AssetsReturnedOn string   `json:"assets_returned_on" is:"date" label:"Assets returned on"`
	AccessRemovedOn  string   `json:"access_removed_on" is:"date" label:"Access removed on" help:"As stated; compared with what sources show."`
}

const personName = "person"

// Persons is the register of people.
var Persons = register.Declare(register.Definition{
	Name: personName, Plural: "persons", Prefix: "PER", Title: "Person", Titles: "People",
	Question: "Who works here, and with what duties?",
	Purpose:  "Everyone who works for or with the organisation.", Clauses: []string{"5.3", "7.2", "7.3"},
	Retention: register.Employment, KeptFrom: "ends_on", Group: "programme",
	Lists: []register.Shape{{Filter: []string{"state"}, Order: "name"}},
	Lifecycle: register.Lifecycle{
		Initial: "active",
		States: []register.State{{Name: "expected", Label: "Expected"}, {Name: "active", Label: "Active"}, {Name: "on_leave", Label: "On leave"},
			{Name: "leaving", Label: "Leaving"}, {Name: "left", Label: "Left", Closed: true}},
		Transitions: []register.Transition{
			{Name: "expect", Label: "Not here yet", From: []string{"active"}, To: "expected", Who: []string{"isms_manager"}, Needs: []string{"starts_on"}},
			{Name: "start", Label: "Has started", From: []string{"expected"}, To: "active", Who: []string{"system", "isms_manager"}},
			{Name: "take_leave", Label: "On leave", From: []string{"active"}, To: "on_leave", Who: []string{"isms_manager", "system"}, NeedsReason: true},
			{Name: "return", Label: "Is back", From: []string{"on_leave"}, To: "active", Who: []string{"isms_manager", "system"}},
			{Name: "leave", Label: "Is leaving", From: []string{"active", "on_leave"}, To: "leaving", Who: []string{"isms_manager", "system"}, Needs: []string{"ends_on"}, Input: []string{"ends_on"}},
			{Name: "stay", Label: "Stays after all", From: []string{"leaving"}, To: "active", Who: []string{"isms_manager"}, NeedsReason: true},
			{Name: "left", Label: "Has left", From: []string{"leaving"}, To: "left", Who: []string{"system", "isms_manager"}, Guard: ownsNothing},
		},
	},
}, checkPerson)

func checkPerson(_ register.Reader, now register.Of[Person], _ *register.Of[Person]) error {
	f := now.Fields
	for _, address := range append([]string{f.Email}, f.OtherEmails...) {
		if parsed, err := mail.ParseAddress(address); address != "" && (err != nil || parsed.Address != address) {
			return sextant.Errorf(sextant.Invalid, "%q is no e-mail address", address).At("email")
		}
	}
	if f.StartsOn != "" && f.EndsOn != "" && f.EndsOn < f.StartsOn {
		return sextant.Errorf(sextant.Invalid, "ends before it starts").At("ends_on")
	}
	return nil
}

// ownsNothing guards leaving: a person who owns entries leaves only with a
// successor for each (person.r1).
func ownsNothing(g register.Guarding) error {
	links, err := g.Tx.PointingAt(personName, g.Entry.Key)
	if err != nil {
		return err
	}
	for _, link := range links {
		from, err := g.Tx.Lookup(link.FromRegister, link.FromKey)
		if err != nil {
			return err
		}
		f, _ := from.Register.Field(link.Field)
		state, _ := from.Register.Lifecycle.State(from.State)
		if f.IsOwner && !state.Closed && from.Register.Group != "" {
			return sextant.Errorf(sextant.Conflict, "%s is still owner of %s", g.Entry.Title(), from.Key).WithHint("name a successor there first")
		}
	}
	return nil
}
