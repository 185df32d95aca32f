// SPDX-License-Identifier: Apache-2.0

package control

import (
	"sextant"
	"sextant/framework"
	"sextant/register"
)

// Attestation is a person's dated statement, or a record of something done,
// that one line of an evidence plan holds. A bare "yes" is none: it says what
// was looked at, over which period and population or sample, with what result,
// by whom, and until when it holds.
type Attestation struct {
	Implementation string `json:"implementation" is:"ref required" to:"implementation" label:"Implementation"`
	Line           string `json:"line" is:"text required" label:"Plan line" help:"Id of the line it speaks to, such as A.8.13/restore-test."`
	Form           string `json:"form" is:"enum required" values:"statement=Statement,record=Record" default:"statement" label:"Form"`
	LookedAt       string `json:"looked_at" is:"text required title" label:"What was looked at"`
	PeriodFrom     string `json:"period_from" is:"date required" label:"Period from"`
	PeriodTo       string `json:"period_to" is:"date required" label:"Period to"`
	Population     string `json:"population" is:"text required" label:"Population" help:"How many there are in all, and how you know."`
	Sample         string `json:"sample" is:"text" label:"Sample" help:"Which of them were looked at, and how they were chosen. Empty: all."`
	Result         string `json:"result" is:"enum required" values:"holds=Holds,does_not_hold=Does not hold" label:"Result"`
	Remarks        string `json:"remarks" is:"markdown" label:"Remarks"`
	AttestedBy     string `json:"attested_by" is:"person required owner keep" label:"By"`
	ExpiresOn      string `json:"expires_on" is:"date required due" label:"Holds until"`
}

// Attestations is the register of statements and records. It counts once
// signed by the person it names.
var Attestations = register.Declare(register.Definition{
	Name: "attestation", Plural: "attestations", Prefix: "ATT", Title: "Attestation",
	Question: "What did people state, and until when does it hold?",
	Purpose:  "Statements by people and records of what was done, each for one line of an evidence plan.",
	Clauses:  []string{"9.1"}, Retention: "two_cycles", Parent: "implementation", Group: "evidence",
	Lists: []register.Shape{{Filter: []string{"state"}, Order: "expires_on"}},
	Lifecycle: register.Lifecycle{
		Initial: "draft",
		States: []register.State{{Name: "draft", Label: "Draft"}, {Name: "recorded", Label: "Recorded", Freeze: &register.Freeze{}},
			{Name: "voided", Label: "Voided", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "attest", Label: "Attest", From: []string{"draft"}, To: "recorded", Who: []string{"attested_by"}, Sign: register.Attest, Guard: mayAttest},
			{Name: "void", Label: "Void", From: []string{"recorded"}, To: "voided", Who: []string{"attested_by", "isms_manager"}, NeedsReason: true},
		},
	},
}, checkAttestation)

func checkAttestation(tx register.Reader, now register.Of[Attestation], _ *register.Of[Attestation]) error {
	f := now.Fields
	switch {
	case f.PeriodTo < f.PeriodFrom:
		return sextant.Errorf(sextant.Invalid, "the period ends before it starts").At("period_to")
	case f.ExpiresOn <= f.PeriodTo:
		return sextant.Errorf(sextant.Invalid, "it would expire before the period it speaks of has ended").At("expires_on")
	case now.Key == "" || now.State == "draft":
		return isPlanned(tx, f)
	}
	return nil
}

// isPlanned accepts lines of the standard plan and the organisation's own.
func isPlanned(tx register.Reader, f Attestation) error {
	if own, err := tx.Lookup("plan_line", f.Line); err == nil {
		if own.Doc.Text("implementation") == f.Implementation {
			return nil
		}
		return sextant.Errorf(sextant.Invalid, "%s belongs to another implementation", f.Line).At("line")
	}
	return isLineOf(tx, f.Implementation, f.Line)
}

// mayAttest: no statement about the future, none longer than the plan allows,
// none by the operator where the plan asks for somebody else.
func mayAttest(g register.Guarding) error {
	today := g.Now.Time().Format("2006-01-02")
	if g.Next.Text("period_to") > today {
		return sextant.Errorf(sextant.Invalid, "the period has not ended yet").At("period_to")
	}
	imp, err := g.Tx.Lookup(implementationName, g.Next.Text("implementation"))
	if err != nil {
		return err
	}
	line := planLineByID(imp.Doc.Text("control"), g.Next.Text("line"))
	if line.Independent && g.Next.Text("attested_by") == imp.Doc.Text("operator") {
		return sextant.Errorf(sextant.Denied, "the plan asks for somebody other than the operator").At("attested_by")
	}
	return nil
}

func planLineByID(control, id string) framework.Line {
	plan, _ := framework.PlanFor(control)
	for _, l := range plan.Lines {
		if l.ID == id {
			return l
		}
	}
	return framework.Line{}
}
