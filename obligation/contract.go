// SPDX-License-Identifier: Apache-2.0

package obligation

import (
	"slices"

	"sextant"
	"sextant/register"
)

// Contract is a signed agreement with the security terms that bind either side.
// What it makes us do stands in the obligations that name it.
type Contract struct {
	Title               string   `json:"title" is:"text required title" label:"Contract"`
	Kind                string   `json:"kind" is:"enum required" values:"customer=Customer,supplier=Supplier,data_processing=Data processing,non_disclosure=Non-disclosure,employment=Employment,insurance=Insurance,partner=Partner,service_level=Service level,other=Other" default:"customer" label:"Kind"`
	Counterparty        string   `json:"counterparty" is:"text required" label:"Other side"`
	Reference           string   `json:"reference" is:"text" label:"Reference" help:"Your number for it, or where the signed copy is kept if not here."`
	Persons             []string `json:"persons" is:"person keep personal" label:"People it binds" help:"For employment and non-disclosure."`
	SignedOn            string   `json:"signed_on" is:"date" label:"Signed on"`
	EffectiveFrom       string   `json:"effective_from" is:"date required" label:"Holds from"`
	EndsOn              string   `json:"ends_on" is:"date" label:"Ends on"`
	NoticeBy            string   `json:"notice_by" is:"date due" label:"Notice by" help:"The last day to end or change it."`
	IsAutoRenewed       bool     `json:"is_auto_renewed" is:"bool" default:"false" label:"Renews itself"`
	SecurityTerms       []string `json:"security_terms" is:"enum" values:"confidentiality=Confidentiality,incident_notice=Notice of incidents,right_to_audit=Right to audit,subcontracting=Subcontracting,data_location=Where data is,return_or_deletion=Return or deletion,access_control=Access control,continuity=Continuity,vulnerability_handling=Handling of vulnerabilities,personnel_screening=Screening of people,service_levels=Service levels,exit_support=Help on leaving,ip_rights=Rights in what is made,training=Training" label:"Security terms"`
	MissingTermsReason  string   `json:"missing_terms_reason" is:"text" label:"Why terms are missing"`
	IncidentNoticeHours *float64 `json:"incident_notice_hours" is:"number" label:"Notice of an incident within, hours"`
	DataLocation        []string `json:"data_location" is:"text" label:"Where data may be" help:"ISO 3166 codes."`
	Owner               string   `json:"owner" is:"person required owner" label:"Owner"`
	Value               string   `json:"value" is:"money" label:"Value a year"`
	ReviewOn            string   `json:"review_on" is:"date" label:"Review on"`
}

// Contracts is the register of contracts.
var Contracts = register.Declare(register.Definition{
	Name: "contract", Plural: "contracts", Prefix: "CON", Title: "Contract",
	Question: "What did we sign, and until when does it hold?",
	Purpose:  "Agreements with customers, suppliers and others that carry terms on security. Those that touch personal data or production come first.",
	Clauses:  []string{"4.2", "8.1"}, Retention: register.Contract, KeptFrom: "ends_on", Group: "programme",
	Lists:     []register.Shape{{Filter: []string{"state"}, Order: "notice_by"}},
	Lifecycle: contractLife,
}, checkContract)

var contractLife = register.Lifecycle{
	Initial: "draft",
	States: []register.State{{Name: "draft", Label: "Draft"}, {Name: "signed", Label: "Signed", Freeze: signed}, {Name: "in_force", Label: "In force", Freeze: signed},
		{Name: "ended", Label: "Ended", Closed: true, Freeze: signed}, {Name: "terminated", Label: "Terminated", Closed: true, Freeze: signed}},
	Transitions: []register.Transition{
		{Name: "sign", Label: "Signed", From: []string{"draft"}, To: "signed", Who: []string{"owner", "isms_manager"}, Needs: []string{"signed_on"}, Input: []string{"signed_on", "reference"}, Guard: isSigned},
		{Name: "start", Label: "In force", From: []string{"signed"}, To: "in_force", Who: []string{"system", "owner", "isms_manager"}, Guard: reached("effective_from", "it holds from %s")},
		{Name: "end", Label: "Has ended", From: []string{"in_force"}, To: "ended", Who: []string{"system", "owner", "isms_manager"}, Needs: []string{"ends_on"}, Input: []string{"ends_on"}, Guard: reached("ends_on", "it ends on %s")},
		{Name: "terminate", Label: "Terminate", From: []string{"signed", "in_force"}, To: "terminated", Who: []string{"owner", "isms_manager"}, NeedsReason: true, Needs: []string{"ends_on"}, Input: []string{"ends_on"}},
	},
}

// signed is what a signature fixes: all but how we look after it. An amendment
// is a contract of its own.
var signed = &register.Freeze{Except: []string{"ends_on", "notice_by", "is_auto_renewed", "owner", "review_on", "value", "missing_terms_reason", "reference"}}

func checkContract(_ register.Reader, now register.Of[Contract], _ *register.Of[Contract]) error {
	f := now.Fields
	switch {
	case f.EndsOn != "" && f.EndsOn < f.EffectiveFrom:
		return sextant.Errorf(sextant.Invalid, "it ends before it holds").At("ends_on")
	case f.NoticeBy != "" && f.EndsOn != "" && f.NoticeBy > f.EndsOn:
		return sextant.Errorf(sextant.Invalid, "notice comes after the end").At("notice_by")
	case f.IncidentNoticeHours != nil && *f.IncidentNoticeHours <= 0:
		return sextant.Errorf(sextant.Invalid, "a number of hours above none").At("incident_notice_hours")
	}
	return nil
}

// isSigned: the signed copy is attached, or it is said where it is kept; nobody
// signed tomorrow.
func isSigned(g register.Guarding) error {
	if g.Next.Text("signed_on") > today(g.Now) {
		return sextant.Errorf(sextant.Invalid, "nobody can have signed it yet").At("signed_on")
	}
	links, err := g.Tx.PointingAt(g.Entry.Register.Name, g.Entry.Key)
	attached := slices.ContainsFunc(links, func(l register.Link) bool { return l.FromRegister == "attachment" })
	if err == nil && !attached && g.Next.Text("reference") == "" {
		err = sextant.Errorf(sextant.Invalid, "attach the signed copy, or say where it is kept").At("reference")
	}
	return err
}

func reached(field, says string) func(register.Guarding) error {
	return func(g register.Guarding) error {
		if day := g.Next.Text(field); day > today(g.Now) {
			return sextant.Errorf(sextant.Conflict, says, day).At(field)
		}
		return nil
	}
}
