// SPDX-License-Identifier: Apache-2.0

// Package risk keeps the risks of a management system after ISO/IEC 27005:2022:
// the criteria they are measured by, the assessments they were judged in, what
// is done about them, and what their owners signed. Levels are ordinal: they are
// compared and looked up, never added up or multiplied; whole declared steps are
// the only way one moves. Quantities are package quantity's.
//
// What people judged (Evaluation) and signed (Acceptance) stays as it was. What
// the program keeps of a risk (Risk.CurrentLevel and its neighbours) follows
// from those and from the evidence states of the controls they count on.
package risk

import (
	"fmt"
	"slices"
	"time"

	"sextant"
	"sextant/access"
	"sextant/organisation"
	"sextant/register"
)

// Criteria is one edition of the yardstick of a management system (6.1.2 a):
// scales, what they look up to, what is acceptable, and who may accept it.
type Criteria struct {
	Title            string        `json:"title" is:"text derived title" label:"Criteria"`
	ManagementSystem string        `json:"management_system" is:"ref required" to:"management_system" label:"Management system"`
	Number           *float64      `json:"number" is:"number derived" label:"Edition"`
	ChangeSummary    string        `json:"change_summary" is:"markdown required" label:"What changed, and why"`
	ConsequenceTypes []string      `json:"consequence_types" is:"enum required" values:"confidentiality=Confidentiality,integrity=Integrity,availability=Availability,legal=Legal,financial=Financial,reputation=Reputation,safety=Safety,privacy=Privacy,operations=Operations,environment=Environment" label:"Types of consequence"`
	Likelihoods      []Likelihood  `json:"likelihoods" is:"rows required" label:"Likelihood" help:"From the least likely, numbered from 1."`
	Consequences     []Consequence `json:"consequences" is:"rows required" label:"Consequence" help:"From the mildest, numbered from 1."`
	Definitions      []Definition  `json:"definitions" is:"rows" label:"What a consequence means for each type"`
	Levels           []Level       `json:"levels" is:"rows required" label:"Levels of risk" help:"From the lowest, numbered from 1."`
	Matrix           []Cell        `json:"matrix" is:"rows required" label:"Matrix" help:"The level of every pair of likelihood and consequence. It is looked up, not computed."`
	AcceptUpTo       *float64      `json:"accept_up_to" is:"scale required" values:"1..12" label:"Acceptable up to" help:"The highest level that may stand without treatment."`
	Appetites        []Appetite    `json:"appetites" is:"rows" label:"Appetite by category" help:"Where it differs from what is acceptable in general."`
	AppetiteLoss     string        `json:"appetite_loss" is:"money" label:"Loss in a year" help:"With the chance beside it: how often a year may cost more than this."`
	AppetiteChance   *float64      `json:"appetite_chance" is:"percent" label:"Chance of more than that"`
	Authorities      []Authority   `json:"authorities" is:"rows" label:"Who may accept more than others"`
	Rule             string        `json:"rule" is:"enum required" values:"1=1: what fails within its grace is not known yet,2=2: what fails within its grace is given back" default:"1" label:"How current risk follows evidence" help:"A control that fails gives its steps back. One that is not known to work shows the span from best to worst."`
	AssessEvery      string        `json:"assess_every" is:"duration required" default:"P12M" label:"Assessed every"`
	AssessWhen       string        `json:"assess_when" is:"markdown required" label:"Assessed when" help:"The changes and events that ask for an assessment between the planned ones (6.1.2 a 2)."`
	Method           string        `json:"method_document" is:"ref keep" to:"document" label:"Method"`
	Replaced         []Replaced    `json:"replaced" is:"rows" label:"Levels that are gone" help:"For each level of the edition before that this one no longer has: which one took its place."`
	Author           string        `json:"author" is:"person required owner keep" label:"Author"`
	Approver         string        `json:"approver" is:"person keep" label:"Approver" help:"Somebody of top management, not the author."`
	ApprovedAt       string        `json:"approved_at" is:"datetime derived" label:"Approved"`
}

// Likelihood is a level of how likely something is.
type Likelihood struct {
	Level      *float64 `json:"level" is:"scale required" values:"1..12" label:"Level"`
	Name       string   `json:"name" is:"text required" label:"Name"`
	Definition string   `json:"definition" is:"text required" label:"Meaning"`
	From       *float64 `json:"from" is:"number" label:"Times a year, from"`
	To         *float64 `json:"to" is:"number" label:"Times a year, to"`
}

// Consequence is a level of how bad something is.
type Consequence struct {
	Level      *float64 `json:"level" is:"scale required" values:"1..12" label:"Level"`
	Name       string   `json:"name" is:"text required" label:"Name"`
	Definition string   `json:"definition" is:"text required" label:"Meaning"`
	From       string   `json:"from" is:"money" label:"Loss, from"`
	To         string   `json:"to" is:"money" label:"Loss, to"`
}

// Definition says what a level of consequence means for one type.
type Definition struct {
	Type    string   `json:"type" is:"enum required" values:"confidentiality=Confidentiality,integrity=Integrity,availability=Availability,legal=Legal,financial=Financial,reputation=Reputation,safety=Safety,privacy=Privacy,operations=Operations,environment=Environment" label:"Type"`
	Level   *float64 `json:"level" is:"scale required" values:"1..12" label:"Level"`
	Meaning string   `json:"meaning" is:"text required" label:"Meaning"`
}

// Level is a level of risk and what follows from it.
type Level struct {
	Level       *float64 `json:"level" is:"scale required" values:"1..12" label:"Level"`
	Name        string   `json:"name" is:"text required" label:"Name"`
	Meaning     string   `json:"meaning" is:"text required" label:"What is done"`
	MayAccept   string   `json:"may_accept" is:"enum required" values:"owner=The risk owner,named=A risk owner named below,top_management=A risk owner of top management,nobody=Nobody" label:"May be accepted by"`
	AcceptedFor string   `json:"accepted_for" is:"duration required" label:"For at most"`
	ReviewEvery string   `json:"review_every" is:"duration required" label:"Looked at every"`
}

// Cell is the level of one pair.
type Cell struct {
	Likelihood  *float64 `json:"likelihood" is:"scale required" values:"1..12" label:"Likelihood"`
	Consequence *float64 `json:"consequence" is:"scale required" values:"1..12" label:"Consequence"`
	Level       *float64 `json:"level" is:"scale required" values:"1..12" label:"Level"`
}

// Appetite is the highest level a category of risks may have.
type Appetite struct {
	Category string   `json:"category" is:"enum required" values:"cyber=Cyber,people=People,physical=Physical,supplier=Supplier,legal=Legal,privacy=Privacy,continuity=Continuity,fraud=Fraud,project=Project,management_system=Management system,climate=Climate" label:"Category"`
	UpTo     *float64 `json:"up_to" is:"scale required" values:"1..12" label:"Up to"`
}

// Authority lets a risk owner accept a level others may not.
type Authority struct {
	Person string   `json:"person" is:"person required" label:"Person"`
	UpTo   *float64 `json:"up_to" is:"scale required" values:"1..12" label:"Up to"`
}

// Replaced names the level that took the place of one that is gone.
type Replaced struct {
	Scale string   `json:"scale" is:"enum required" values:"likelihood=Likelihood,consequence=Consequence,level=Level of risk" label:"Scale"`
	Old   *float64 `json:"old" is:"scale required" values:"1..12" label:"Was"`
	New   *float64 `json:"new" is:"scale required" values:"1..12" label:"Is now"`
}

// States of an edition of criteria.
const (
	Draft      = "draft"
	InReview   = "in_review"
	Approved   = "approved"
	Superseded = "superseded"
)

const criteriaName = "risk_criteria"

// CriteriaEditions is the register of criteria. One edition of a management
// system is in force at any moment.
var CriteriaEditions = register.Declare(register.Definition{
	Name: criteriaName, Plural: "risk-criteria", Prefix: "RC", Title: "Risk criteria", Titles: "Risk criteria",
	Question: "By what do we measure risk, and what do we accept?",
	Purpose:  "Scales, matrix, what is acceptable and who may accept it: approved by top management, kept with every judgement made by it.",
	Clauses:  []string{"6.1.2 a)", "6.1.2 b)", "8.2"}, Retention: register.Permanent, Parent: "management_system", Group: "risks",
	Unique: [][]string{{"management_system", "number"}},
	Derive: nameCriteria,
	Lifecycle: register.Lifecycle{
		Initial: Draft,
		States: []register.State{{Name: Draft, Label: "Draft"}, {Name: InReview, Label: "In review", Freeze: &register.Freeze{}},
			{Name: Approved, Label: "In force", Freeze: &register.Freeze{}}, {Name: Superseded, Label: "Superseded", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "submit", Label: "Submit for approval", From: []string{Draft}, To: InReview, Who: []string{"author", "isms_manager"}, Needs: []string{"approver"}, Input: []string{"approver"}, Guard: approverIsTop},
			{Name: "return", Label: "Back to draft", From: []string{InReview}, To: Draft, Who: []string{"approver", "author"}, NeedsReason: true},
			{Name: "approve", Label: "Approve", From: []string{InReview}, To: Approved, Who: []string{"approver"}, Sign: register.Approve, Guard: mayApproveCriteria, Sets: approvedNow, Then: takeForce},
			{Name: "supersede", Label: "Supersede", From: []string{Approved}, To: Superseded, Who: []string{string(access.System)}},
		},
	},
}, checkCriteria)

func nameCriteria(tx register.Reader, doc register.Doc) error {
	system := doc.Text("management_system")
	if doc["number"] == nil {
		others, err := tx.Select(criteriaName, ofSystem(system))
		if err != nil {
			return err
		}
		last := 0.0
		for _, e := range others {
			number, _ := e.Doc["number"].(float64)
			last = max(last, number)
		}
		doc["number"] = last + 1
	}
	doc["title"] = "Risk criteria, edition " + doc.Text("number")
	return nil
}

func ofSystem(key string) register.Filter {
	return register.Filter{Field: "management_system", Op: register.Is, Values: []string{key}}
}

func inState(states ...string) register.Filter {
	return register.Filter{Field: "state", Op: register.Is, Values: states}
}

// checkCriteria: the edition can be measured by, and one is on its way at a time.
func checkCriteria(tx register.Reader, now register.Of[Criteria], before *register.Of[Criteria]) error {
	if _, err := NewYardstick(now.Fields); err != nil {
		return err
	}
	if now.Fields.Approver != "" && now.Fields.Approver == now.Fields.Author {
		return sextant.Errorf(sextant.Invalid, "nobody approves what they wrote").At("approver").WithHint("name another person of top management")
	}
	if before != nil {
		return nil
	}
	open, err := tx.Select(criteriaName, ofSystem(now.Fields.ManagementSystem), inState(Draft, InReview))
	if err == nil && len(open) > 0 {
		err = sextant.Errorf(sextant.Conflict, "%s is on its way already", open[0].Title()).At("management_system").WithHint("go on with %s, or delete it while it is a draft", open[0].Key)
	}
	return err
}

func approverIsTop(g register.Guarding) error {
	top, err := organisation.TopManagement(g.Tx)
	if err == nil && !slices.Contains(top, g.Next.Text("approver")) {
		err = sextant.Errorf(sextant.Denied, "the approver does not belong to top management").At("approver").WithHint("name somebody of top management, or correct who belongs to it under organisation")
	}
	return err
}

// mayApproveCriteria: four eyes, and no level in use is lost without saying which
// one took its place (risk_criteria.r1).
func mayApproveCriteria(g register.Guarding) error {
	if g.Actor.Person == g.Next.Text("author") {
		return sextant.Errorf(sextant.Denied, "nobody approves what they wrote").At("approver")
	}
	if err := approverIsTop(g); err != nil {
		return err
	}
	next, err := register.As[Criteria](register.Entry{Register: g.Entry.Register, Key: g.Entry.Key, Doc: g.Next})
	if err != nil {
		return err
	}
	return losesNothing(g.Tx, next.Fields)
}

func approvedNow(g register.Guarding, next register.Doc) {
	next["approved_at"] = g.Now.Time().Format(time.RFC3339)
}

// takeForce ends the edition before, in the same transaction, and has every risk
// say that it was judged by an earlier one.
func takeForce(tx *register.Tx, e register.Entry) error {
	before, err := tx.Select(criteriaName, ofSystem(e.Doc.Text("management_system")), inState(Approved))
	if err != nil {
		return err
	}
	for _, old := range before {
		if old.Key == e.Key {
			continue
		}
		if _, err := tx.Transition(criteriaName, old.Key, old.Version, "supersede", nil, register.Note{Why: e.Title() + " is in force"}); err != nil {
			return err
		}
	}
	return followAll(tx, e.Title()+" is in force")
}

// InForce gives the criteria of a management system that are in force; NotFound
// where none are.
func InForce(tx register.Reader, system string) (register.Of[Criteria], error) {
	list, err := all[Criteria](tx, criteriaName, ofSystem(system), inState(Approved))
	if err == nil && len(list) == 0 {
		err = notInForce()
	}
	if err != nil {
		return register.Of[Criteria]{}, err
	}
	return list[0], nil
}

func notInForce() *sextant.Error {
	return sextant.Errorf(sextant.NotFound, "no risk criteria are in force").WithHint("approve risk criteria first: a level means something only by an approved scale")
}

// losesNothing compares with the edition in force: each level a risk is judged
// at is still there, or replaced.
func losesNothing(tx register.Reader, next Criteria) error {
	now, err := InForce(tx, next.ManagementSystem)
	if sextant.CodeOf(err) == sextant.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	used, err := levelsInUse(tx, now.Key)
	if err != nil {
		return err
	}
	for _, use := range used {
		if _, ok := next.now(use.scale, use.level); !ok {
			return sextant.Errorf(sextant.Conflict, "%s uses level %d of %s, which this edition does not have", use.risk, use.level, use.scale).At("replaced").
				WithHint("add a row to \"Levels that are gone\" that says which level took its place")
		}
	}
	return nil
}

// now gives the level of this edition that stands for one of the edition before.
func (c Criteria) now(scale string, level int) (int, bool) {
	for _, r := range c.Replaced {
		if r.Scale == scale && Whole(r.Old) == level {
			return Whole(r.New), true
		}
	}
	top := map[string]int{"likelihood": len(c.Likelihoods), "consequence": len(c.Consequences), "level": len(c.Levels)}[scale]
	return level, level <= top
}

type use struct {
	risk, scale string
	level       int
}

// levelsInUse are those of the latest evaluations made by an edition.
func levelsInUse(tx register.Reader, criteria string) (list []use, err error) {
	evaluations, err := all[Evaluation](tx, evaluationName, register.Filter{Field: "criteria", Op: register.Is, Values: []string{criteria}}, inState(Recorded))
	for _, e := range evaluations {
		if e.Fields.Likelihood == nil {
			continue
		}
		list = append(list, use{e.Fields.Risk, "likelihood", Whole(e.Fields.Likelihood)}, use{e.Fields.Risk, "consequence", Whole(e.Fields.Consequence)})
	}
	return list, err
}

// Whole reads a level as it is kept; 0 is none.
func Whole(level *float64) int {
	if level == nil {
		return 0
	}
	return int(*level)
}

// Kept is a level as it is kept; nil for 0, which is none.
func Kept(n int) *float64 {
	if n == 0 {
		return nil
	}
	f := float64(n)
	return &f
}

func rowError(field string, row int, format string, args ...any) error {
	return sextant.Errorf(sextant.Invalid, "row %d: %s", row+1, fmt.Sprintf(format, args...)).At(field)
}
