// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"cmp"
	"slices"
	"strings"

	"sextant/register"
)

// Signature is one signature of a risk owner: under a treatment plan, or under a
// residual risk. It is asked for, given, or no longer holds (6.1.3 f).
type Signature struct {
	Kind    string // OfPlan or OfResidual
	Subject register.Entry
	Person  string // who signs
	Risks   []string
	State   SignatureState
	Level   string // what is signed, by name; of a residual only
	Until   string // date
	Because string // why it no longer holds
}

// Kinds of signature.
const (
	OfPlan     = "plan"
	OfResidual = "residual"
)

// SignatureState says where a signature stands.
type SignatureState string

// The states.
const (
	SignatureWaits   SignatureState = "waits"
	SignatureHolds   SignatureState = "in_force"
	SignatureBroken  SignatureState = "broken"
	SignatureLapsed  SignatureState = "lapsed"
	SignatureRefused SignatureState = "refused"
)

// SignatureStates gives all, what needs somebody first.
func SignatureStates() []SignatureState {
	return []SignatureState{SignatureWaits, SignatureBroken, SignatureLapsed, SignatureHolds, SignatureRefused}
}

// Signatures gives who must sign what and what was signed: of plans that wait or
// are carried out, and of each risk the newest acceptance that says something
// still. What waits comes first, by date.
func Signatures(tx register.Reader) ([]Signature, error) {
	list, err := planSignatures(tx)
	if err != nil {
		return nil, err
	}
	residuals, err := residualSignatures(tx)
	list = append(list, residuals...)
	slices.SortStableFunc(list, func(a, b Signature) int {
		return cmp.Or(slices.Index(SignatureStates(), a.State)-slices.Index(SignatureStates(), b.State), strings.Compare(a.Until, b.Until))
	})
	return list, err
}

func planSignatures(tx register.Reader) (list []Signature, err error) {
	treatments, err := all[Treatment](tx, treatmentName, inState(Proposed, Agreed, InProgress, Refused))
	for _, t := range treatments {
		for _, owner := range t.Fields.RiskOwners {
			s := Signature{Kind: OfPlan, Subject: t.Entry, Person: owner, Risks: t.Fields.Risks, State: SignatureWaits, Until: t.Fields.DueOn}
			switch {
			case t.State == Refused:
				s.State = SignatureRefused
			case slices.Contains(t.Fields.SignedBy, owner):
				s.State = SignatureHolds
			case t.State != Proposed:
				continue // became an owner after it was approved
			}
			list = append(list, s)
		}
	}
	return list, err
}

// ToDecide gives the open risks of a person whose signature no longer holds, as
// long as none is asked for anew.
func ToDecide(tx register.Reader, person string) (list []register.Of[Risk], err error) {
	risks, err := all[Risk](tx, riskName, register.Filter{Field: "owner", Op: register.Is, Values: []string{person}}, register.Filter{Field: "acceptance", Op: register.Is, Values: []string{Broken, Lapsed}},
		isOpen)
	if err != nil || len(risks) == 0 {
		return nil, err
	}
	asked, err := all[Acceptance](tx, acceptanceName, inState(Requested))
	return slices.DeleteFunc(risks, func(r register.Of[Risk]) bool {
		return slices.ContainsFunc(asked, func(a register.Of[Acceptance]) bool { return a.Fields.Risk == r.Key })
	}), err
}

var residualStates = map[string]SignatureState{Requested: SignatureWaits, Accepted: SignatureHolds, Broken: SignatureBroken, Lapsed: SignatureLapsed}

// residualSignatures: one in force and one asked for both count; one that is
// broken or over counts as long as nothing newer was asked for.
func residualSignatures(tx register.Reader) (list []Signature, err error) {
	acceptances, err := all[Acceptance](tx, acceptanceName, inState(Requested, Accepted, Broken, Lapsed))
	if err != nil {
		return nil, err
	}
	newest := map[string]register.Of[Acceptance]{}
	for _, a := range acceptances {
		if last, ok := newest[a.Fields.Risk]; !ok || a.Seq > last.Seq {
			newest[a.Fields.Risk] = a
		}
	}
	for _, a := range acceptances {
		over := a.State == Broken || a.State == Lapsed
		if over && newest[a.Fields.Risk].Key != a.Key {
			continue
		}
		list = append(list, Signature{Kind: OfResidual, Subject: a.Entry, Person: a.Fields.AcceptedBy, Risks: []string{a.Fields.Risk}, State: residualStates[a.State], Level: a.Fields.LevelName, Until: a.Fields.ValidUntil, Because: a.Fields.EndedBy})
	}
	return list, nil
}
