// SPDX-License-Identifier: Apache-2.0

// Package obligation declares what binds the organisation from outside: the
// laws, orders, licences and promises it has to keep, each with the controls
// that answer it (A.5.31), and the contracts with customers, suppliers and
// others that some of them come from (A.5.20). They back the reasons 'legal'
// and 'contractual' of a Statement of Applicability. It gives no legal advice
// and knows no law by itself.
package obligation

import (
	"time"

	"sextant"
	"sextant/register"
)

// Obligation is one duty: the provision, what it asks of us in our own words,
// and what answers it.
type Obligation struct {
	Title           string   `json:"title" is:"text required title" label:"Duty" help:"What people here call it, such as: tell the authority within 72 hours."`
	Kind            string   `json:"kind" is:"enum required" values:"law=Law,regulation=Regulation,court_or_authority_order=Order of a court or authority,contract=Contract,standard=Standard,licence=Licence,internal_commitment=Own promise" default:"law" label:"Kind"`
	Citation        string   `json:"citation" is:"text required" label:"Where it is written" help:"Act and article, or contract and section."`
	Jurisdictions   []string `json:"jurisdictions" is:"text" label:"Where it holds" help:"ISO 3166 codes such as DE; EU covers its members."`
	Summary         string   `json:"summary" is:"markdown required" label:"What it asks of us" help:"In your own words, as you would say it to the person who has to do it."`
	SourceLink      string   `json:"source_link" is:"text" label:"Link to the text"`
	Contract        string   `json:"contract" is:"ref keep" to:"contract" label:"Contract" help:"Where the duty comes from a contract."`
	Owner           string   `json:"owner" is:"person required owner" label:"Owner"`
	LegalReviewer   string   `json:"legal_reviewer" is:"person keep" label:"Legally reviewed by"`
	IsApplicable    bool     `json:"is_applicable" is:"bool required" default:"true" label:"Binds us"`
	ApplicableWhy   string   `json:"applicability_reason" is:"markdown required" label:"Why it binds us, or why not" help:"Size, sector, place, what is processed, who the customer is."`
	ScopeUnits      []string `json:"scope_units" is:"ref" to:"scope_unit" label:"Units" help:"Empty: all."`
	Controls        []string `json:"controls" is:"ref" to:"control" label:"Controls that answer it"`
	NoControlReason string   `json:"no_control_reason" is:"text" label:"Why no control answers it"`
	InForceFrom     string   `json:"in_force_from" is:"date" label:"In force from"`
	InForceTo       string   `json:"in_force_to" is:"date" label:"In force until"`
	ReviewedOn      string   `json:"reviewed_on" is:"date derived" label:"Last reviewed" help:"Set by 'Reviewed'; nobody types it."`
	ReviewOn        string   `json:"review_on" is:"date required due" label:"Review on"`
	Penalty         string   `json:"penalty" is:"money" label:"What a breach may cost"`
}

// Obligations is the register of duties.
var Obligations = register.Declare(register.Definition{
	Name: "obligation", Plural: "obligations", Prefix: "OBL", Title: "Obligation",
	Question: "What do laws and contracts ask of us?",
	Purpose:  "Each law, order, licence or contract duty that binds you, with the controls that answer it. Start with data protection, and with what your three largest customers made you sign.",
	Clauses:  []string{"4.2", "5.2 c)", "6.1.3", "8.1"}, Retention: register.TwoCycles, Group: "programme",
	Lists: []register.Shape{{Filter: []string{"state"}, Order: "review_on"}},
	Lifecycle: register.Lifecycle{
		Initial: "active",
		States:  []register.State{{Name: "active", Label: "Active"}, {Name: "retired", Label: "Retired", Closed: true}},
		Transitions: []register.Transition{
			{Name: "review", Label: "Reviewed", From: []string{"active"}, To: "active", Who: []string{"owner", "legal_reviewer", "isms_manager"}, Input: []string{"review_on"}, Guard: reviewedAhead, Sets: reviewed},
			{Name: "retire", Label: "Retire", From: []string{"active"}, To: "retired", Who: []string{"owner", "isms_manager"}, NeedsReason: true},
			{Name: "reactivate", Label: "Reactivate", From: []string{"retired"}, To: "active", Who: []string{"isms_manager"}, NeedsReason: true},
		},
	},
}, checkObligation)

func checkObligation(_ register.Reader, now register.Of[Obligation], _ *register.Of[Obligation]) error {
	f := now.Fields
	switch {
	case f.Kind == "contract" && f.Contract == "":
		return sextant.Errorf(sextant.Invalid, "from which contract?").At("contract").WithHint("enter the contract first, then choose it here")
	case f.IsApplicable && len(f.Controls) == 0 && f.NoControlReason == "":
		return sextant.Errorf(sextant.Invalid, "name a control that answers the duty, or say why none does").At("controls")
	case !f.IsApplicable && (f.LegalReviewer == "" || f.LegalReviewer == f.Owner):
		return sextant.Errorf(sextant.Invalid, "that a duty does not bind is said by a legal reviewer other than the owner").At("legal_reviewer")
	case f.InForceFrom != "" && f.InForceTo != "" && f.InForceTo < f.InForceFrom:
		return sextant.Errorf(sextant.Invalid, "it ends before it begins").At("in_force_to")
	}
	return nil
}

// reviewedAhead: whoever has reviewed says when the next review is.
func reviewedAhead(g register.Guarding) error {
	if g.Next.Text("review_on") <= today(g.Now) {
		return sextant.Errorf(sextant.Invalid, "when is the next review?").At("review_on").WithHint("choose a day to come")
	}
	return nil
}

func reviewed(g register.Guarding, doc register.Doc) { doc["reviewed_on"] = today(g.Now) }

func today(now sextant.Instant) string { return now.Time().Format(time.DateOnly) }

// Binds says whether the duty binds on a day: it applies, and the day lies in
// the time it is in force.
func (o Obligation) Binds(day string) bool {
	return o.IsApplicable && (o.InForceFrom == "" || o.InForceFrom <= day) && (o.InForceTo == "" || day <= o.InForceTo)
}
