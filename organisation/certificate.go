// SPDX-License-Identifier: Apache-2.0

package organisation

import (
	"fmt"
	"time"

	"sextant"
	"sextant/register"
)

// CertificationBody is who certifies, under which accreditation, and what it
// asks of those it certified.
type CertificationBody struct {
	Title                string `json:"title" is:"text required unique title" label:"Name"`
	Accreditation        string `json:"accreditation" is:"text required" label:"Accreditation" help:"Its number, and for which standards."`
	AccreditationBody    string `json:"accreditation_body" is:"text required" label:"Accredited by"`
	AccreditationValidTo string `json:"accreditation_valid_to" is:"date due" label:"Accredited until"`
	Contact              string `json:"contact" is:"text personal" label:"Contact"`
	ChangeNoticeRules    string `json:"change_notice_rules" is:"markdown" label:"What it wants to be told" help:"Which changes, how, and how soon: a move, a merger, a control that no longer applies."`
	MarkRules            string `json:"mark_rules" is:"markdown" label:"How its mark may be used"`
	Contract             string `json:"contract" is:"ref keep" to:"contract" label:"Contract"`
	Owner                string `json:"owner" is:"person required owner" label:"Owner"`
}

const bodyName = "certification_body"

// CertificationBodies is the register of certification bodies.
var CertificationBodies = register.Declare[CertificationBody](register.Definition{
	Name: bodyName, Plural: "certification-bodies", Prefix: "CB", Title: "Certification body", Titles: "Certification bodies",
	Question: "Who certifies us, and by which rules?",
	Purpose:  "Who certifies, under which accreditation, with its rules on notices and marks.",
	Clauses:  []string{"9.2.1"}, Retention: "permanent", Group: "programme",
	Lists:     []register.Shape{{Filter: []string{"state"}, Order: "title"}},
	Lifecycle: register.Living(nothingDepends(bodyName), "owner", "isms_manager"),
}, nil)

// Certificate is a certificate that is held: the words on it, the version of
// the Statement of Applicability it cites, how long it lives, and what has to
// happen meanwhile. It is compared with the management system before it counts;
// from then on what is printed on it no longer changes here.
type Certificate struct {
	Number            string         `json:"number" is:"text required unique title" label:"Number"`
	ManagementSystem  string         `json:"management_system" is:"ref required" to:"management_system" label:"Management system"`
	Standard          string         `json:"standard" is:"text derived" label:"Standard" help:"That of the management system, when the certificate was recorded."`
	CertificationBody string         `json:"certification_body" is:"ref required" to:"certification_body" label:"Certification body"`
	SoA               string         `json:"soa" is:"ref required" to:"soa" label:"Version of the statement" help:"The one named on it. Only an approved version can be cited."`
	ScopeWording      string         `json:"scope_wording" is:"markdown required" label:"Scope, as printed" help:"Word by word; compare it with the scope statement of the management system."`
	Sites             []string       `json:"sites" is:"text" label:"Places named on it"`
	DecidedOn         string         `json:"decided_on" is:"date required" label:"Decided on" help:"The day of the certification decision. The first surveillance audit is counted from it."`
	ValidFrom         string         `json:"valid_from" is:"date required" label:"Valid from"`
	ValidTo           string         `json:"valid_to" is:"date required" label:"Valid until"`
	File              map[string]any `json:"file" is:"file" label:"The certificate"`
	Surveillances     []string       `json:"surveillances" is:"date" label:"Surveillance audits held on"`
	NextSurveillance  string         `json:"next_surveillance" is:"date" label:"Next surveillance audit agreed for"`
	SurveillanceBy    string         `json:"surveillance_by" is:"date due derived" label:"Next surveillance by" help:"The first within a year of the decision, then one in each calendar year: a usual reading of ISO/IEC 17021-1. The certification body's dates go before ours."`
	Recertification   string         `json:"recertification" is:"date" label:"Recertification audit agreed for"`
	ChangesToldOn     string         `json:"changes_told_on" is:"date" label:"Certification body told of changes on" help:"The last time it was told what changed since the version it cites."`
	MarkUses          string         `json:"mark_uses" is:"markdown" label:"Where the mark is shown"`
	Owner             string         `json:"owner" is:"person required owner" label:"Owner"`
}

// The states of a certificate.
const (
	CertificateIssued    = "issued"
	CertificateValid     = "valid"
	CertificateSuspended = "suspended"
)

// printed freezes what stands on the certificate.
var printed = &register.Freeze{Except: []string{"surveillances", "next_surveillance", "recertification", "changes_told_on", "mark_uses", "owner"}}

const certificateName = "certificate"

// Certificates is the register of certificates. It reaches the versions of
// statements, which are declared further out, by their name.
var Certificates = register.Declare(register.Definition{
	Name: certificateName, Plural: "certificates", Prefix: "CRT", Title: "Certificate",
	Question: "Which certificates do we hold, what do they cite, and until when?",
	Purpose:  "Certificates held: wording, the version of the statement they cite, their life.",
	Clauses:  []string{"4.3", "6.1.3 d)"}, Retention: "permanent", Group: "programme",
	Lists:  []register.Shape{{Filter: []string{"state"}, Order: "valid_to"}},
	Derive: deriveCertificate,
	Lifecycle: register.Lifecycle{
		Initial: CertificateIssued,
		States: []register.State{{Name: CertificateIssued, Label: "Issued"}, {Name: CertificateValid, Label: "Valid", Freeze: printed}, {Name: CertificateSuspended, Label: "Suspended", Freeze: printed},
			{Name: "expired", Label: "Expired", Closed: true, Freeze: &register.Freeze{}}, {Name: "withdrawn", Label: "Withdrawn", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "confirm", Label: "Compared: it is valid", From: []string{CertificateIssued}, To: CertificateValid, Who: []string{"isms_manager"}, NeedsReason: true, Needs: []string{"file"}, Guard: mayBeValid},
			{Name: "suspend", Label: "Suspended", From: []string{CertificateValid}, To: CertificateSuspended, Who: []string{"isms_manager"}, NeedsReason: true},
			{Name: "restore", Label: "Valid again", From: []string{CertificateSuspended}, To: CertificateValid, Who: []string{"isms_manager"}, NeedsReason: true},
			{Name: "expire", Label: "Expired", From: []string{CertificateValid, CertificateSuspended}, To: "expired", Who: []string{"system"}, After: "valid_to"},
			{Name: "withdraw", Label: "Withdrawn", From: []string{CertificateValid, CertificateSuspended}, To: "withdrawn", Who: []string{"isms_manager"}, NeedsReason: true},
		},
	},
}, checkCertificate)

func deriveCertificate(tx register.Reader, doc register.Doc) error {
	if of, err := tx.Lookup(ManagementSystems.Name, doc.Text("management_system")); err == nil && doc.Text("standard") == "" {
		field, _ := ManagementSystems.Field("standard")
		doc["standard"] = field.ValueLabel(of.Doc.Text("standard"))
	}
	delete(doc, "surveillance_by")
	if by := surveillanceBy(doc.Text("decided_on"), doc.Strings("surveillances"), doc.Text("valid_to")); by != "" {
		doc["surveillance_by"] = by
	}
	return nil
}

// surveillanceBy gives the last day of the next surveillance audit; "" where
// recertification comes first, or nothing is decided yet.
func surveillanceBy(decided string, held []string, until string) string {
	day, err := time.Parse(time.DateOnly, decided)
	if err != nil {
		return ""
	}
	by := register.AddPeriod(day, "P12M").Format(time.DateOnly)
	last := ""
	for _, on := range held {
		if on >= decided {
			last = max(last, on)
		}
	}
	if year, err := time.Parse(time.DateOnly, last); err == nil {
		by = fmt.Sprintf("%04d-12-31", year.Year()+1)
	}
	if until != "" && by >= until {
		return ""
	}
	return by
}

// citable are the states of a version of a statement that a certificate can
// name: approved, or overtaken since.
var citable = map[string]bool{"approved": true, "superseded": true}

func checkCertificate(tx register.Reader, now register.Of[Certificate], _ *register.Of[Certificate]) error {
	f := now.Fields
	switch {
	case f.ValidTo < f.ValidFrom:
		return sextant.Errorf(sextant.Invalid, "it ends before it begins").At("valid_to")
	case f.ValidFrom < f.DecidedOn:
		return sextant.Errorf(sextant.Invalid, "it cannot be valid from %s, before it was decided", f.ValidFrom).At("valid_from")
	}
	cited, err := tx.Lookup("soa", f.SoA)
	if err == nil && cited.Doc.Text("management_system") != f.ManagementSystem {
		err = sextant.Errorf(sextant.Invalid, "%s is a version of another statement", f.SoA).At("soa").WithHint("choose one of %s", f.ManagementSystem)
	}
	return err
}

// mayBeValid: nothing is valid before its day, or cites what nobody approved.
func mayBeValid(g register.Guarding) error {
	if from := g.Next.Text("valid_from"); from > g.Now.Time().Format(time.DateOnly) {
		return sextant.Errorf(sextant.Conflict, "it is valid from %s", from).At("valid_from")
	}
	cited, err := g.Tx.Lookup("soa", g.Next.Text("soa"))
	if err == nil && !citable[cited.State] {
		err = sextant.Errorf(sextant.Conflict, "%s is not approved, and a certificate cites an approved version", cited.Title()).At("soa").WithHint("have top management approve it, or choose the one that is printed on the certificate")
	}
	return err
}
