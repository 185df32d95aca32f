// SPDX-License-Identifier: Apache-2.0

// Package supplier keeps the cloud services an organisation uses or offers, and
// who of the two sides does what for their security, topic by topic (A.5.23;
// ISO/IEC 27017:2015). It says nothing about whether either side does it: that
// is shown by evidence.
package supplier

import (
	"sextant"
	"sextant/framework"
	"sextant/register"
)

// CloudService is a service somebody runs on machines that are not the user's:
// one the organisation uses, one it offers, or one it does both with.
type CloudService struct {
	Title             string   `json:"title" is:"text required unique title" label:"Service"`
	Role              string   `json:"role" is:"enum required" values:"customer=We use it,provider=We offer it,both=Both" default:"customer" label:"We are"`
	Model             string   `json:"model" is:"enum required" values:"iaas=Infrastructure,paas=Platform,saas=Software,other=Other" default:"saas" label:"Model"`
	OtherSide         string   `json:"other_side" is:"text" label:"The other side" help:"The provider, or the group of customers."`
	Purpose           string   `json:"purpose" is:"markdown" label:"What for"`
	Regions           []string `json:"regions" is:"text" label:"Regions" help:"Where data lies: country, or the provider's name of the region."`
	HoldsPII          bool     `json:"holds_pii" is:"bool required" default:"false" label:"Holds personal data"`
	Assets            []string `json:"assets" is:"ref" to:"asset" label:"Assets that stand on it"`
	AgreedOn          string   `json:"agreed_on" is:"date" label:"Responsibilities agreed on" help:"With the other side, in a contract or in its published terms."`
	BackupBy          string   `json:"backup_by" is:"enum" values:"provider=The provider,us=Us,both=Both,none=Nobody" label:"Backup by"`
	LogAccess         bool     `json:"log_access" is:"bool" default:"false" label:"We can read its logs"`
	AssetRemovalTerms string   `json:"asset_removal_terms" is:"markdown" label:"Return and removal at the end" help:"What comes back in which form, by when the rest is deleted, and what proves it (CLD.8.1.5)."`
	ExitPlan          string   `json:"exit_plan" is:"markdown" label:"How to leave" help:"Where to, how long it takes, what it costs, when it was last tried."`
	AdminsOwner       string   `json:"admins_owner" is:"person names" label:"Answers for administrator accounts"`
	Owner             string   `json:"owner" is:"person required owner" label:"Owner"`
	ReviewOn          string   `json:"review_on" is:"date required due" label:"Review on"`
}

const cloudServiceName = "cloud_service"

// CloudServices is the register of cloud services. Approving one lays out the
// topics whose responsibility has to be settled; it is in use once none is open.
var CloudServices = register.Declare(register.Definition{
	Name: cloudServiceName, Plural: "cloud-services", Prefix: "CLO", Title: "Cloud service",
	Question: "Which cloud services do we use or offer, and who does what?",
	Purpose:  "Services on machines that are not their user's, with who does what for security. Begin with the one that holds the most.",
	Clauses:  []string{"8.1", "4.3"}, Retention: register.Contract, Group: "programme",
	Lists: []register.Shape{{Filter: []string{"state"}, Order: "title"}, {Filter: []string{"state", "owner"}, Order: "review_on"}},
	Lifecycle: register.Lifecycle{
		Initial: "requested",
		States: []register.State{{Name: "requested", Label: "Requested"}, {Name: "approved", Label: "Approved"}, {Name: "in_use", Label: "In use"}, {Name: "leaving", Label: "Leaving"},
			{Name: "left", Label: "Left", Closed: true, Freeze: &register.Freeze{}}, {Name: "refused", Label: "Refused", Closed: true}},
		Transitions: []register.Transition{
			{Name: "approve", Label: "Approve", From: []string{"requested"}, To: "approved", Who: []string{"isms_manager"}, Then: layOut},
			{Name: "refuse", Label: "Refuse", From: []string{"requested"}, To: "refused", Who: []string{"isms_manager"}, NeedsReason: true},
			{Name: "use", Label: "Take into use", From: []string{"approved"}, To: "in_use", Who: []string{"owner", "isms_manager"}, Needs: []string{"admins_owner"}, Input: []string{"admins_owner", "agreed_on"}, Guard: settled},
			{Name: "leave", Label: "Leave", From: []string{"in_use"}, To: "leaving", Who: []string{"owner", "isms_manager"}, NeedsReason: true, Needs: []string{"exit_plan"}},
			{Name: "left", Label: "Has been left", From: []string{"leaving"}, To: "left", Who: []string{"owner", "isms_manager"}, NeedsReason: true},
		},
	},
}, checkCloudService)

func checkCloudService(_ register.Reader, now register.Of[CloudService], _ *register.Of[CloudService]) error {
	if now.Fields.Role == "customer" && now.Fields.OtherSide == "" {
		return sextant.Errorf(sextant.Invalid, "a service that is used has a provider").At("other_side").WithHint("write the name of the company you have the contract with")
	}
	return nil
}

// settled lets a service be used once it is clear who does what.
func settled(g register.Guarding) error {
	open, err := Responsibilities.All(g.Tx, register.Filter{Field: "cloud_service", Op: register.Is, Values: []string{g.Entry.Key}}, register.Filter{Field: "done_by", Op: register.Is, Values: []string{"undecided"}})
	if err != nil || len(open) == 0 {
		return err
	}
	return sextant.Errorf(sextant.Conflict, "who does what is open for %d topics, %s among them", len(open), open[0].Title()).
		WithHint("settle them under %s; a topic that does not arise is 'Does not arise' with a reason", Responsibilities.Titles)
}

// Responsibility is who does what about one topic of a cloud service: one row
// of its matrix.
type Responsibility struct {
	Title        string `json:"title" is:"text derived title" label:"Topic"`
	CloudService string `json:"cloud_service" is:"ref required" to:"cloud_service" label:"Cloud service"`
	Control      string `json:"control" is:"ref required" to:"control" label:"Control"`
	DoneBy       string `json:"done_by" is:"enum required" values:"undecided=Not settled,customer=The customer,provider=The provider,both=Both,none=Does not arise" default:"undecided" label:"Done by"`
	Customer     string `json:"customer" is:"markdown" label:"The customer does"`
	Provider     string `json:"provider" is:"markdown" label:"The provider does"`
	Source       string `json:"source" is:"text" label:"Where it is agreed" help:"Clause of the contract, page of the provider's terms, ticket."`
	ThinkOf      string `json:"think_of" is:"markdown derived" label:"To think of"`
}

// Responsibilities is the register of who does what; one entry for each topic
// of a service.
var Responsibilities = register.Declare(register.Definition{
	Name: "cloud_responsibility", Plural: "cloud-responsibilities", Prefix: "CLR", Title: "Responsibility", Titles: "Responsibilities in cloud services",
	Question: "Who does what for the security of our cloud services?",
	Purpose:  "Topic by topic, what the customer does and what the provider does. They are laid out when a cloud service is approved.",
	Clauses:  []string{"8.1"}, Retention: register.Contract, Parent: "cloud_service", Unique: [][]string{{"cloud_service", "control"}},
	Derive: nameTopic, Lifecycle: register.Living(nil, "isms_manager"),
}, checkResponsibility)

// nameTopic calls a topic by its control and says what 27017 makes one think of.
func nameTopic(_ register.Reader, doc register.Doc) error {
	c, ok := framework.ControlByID(doc.Text("control"))
	if !ok {
		return nil // the missing control is refused with its field by the reference check that follows
	}
	doc["title"] = c.ID + " " + c.Title
	doc["think_of"] = thoughts(c)
	return nil
}

func checkResponsibility(_ register.Reader, now register.Of[Responsibility], _ *register.Of[Responsibility]) error {
	f := now.Fields
	switch {
	case f.DoneBy == "both" && (f.Customer == "" || f.Provider == ""):
		return sextant.Errorf(sextant.Invalid, "where both do something, say what each does: 'shared' protects nobody").At("customer")
	case f.DoneBy == "none" && f.Source == "":
		return sextant.Errorf(sextant.Invalid, "say why the topic does not arise").At("source")
	}
	return nil
}
