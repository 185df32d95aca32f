// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/register"
)

// Age says whether something that proves still counts.
type Age string

// The ages, what needs somebody first.
const (
	Expired Age = "expired"     // it counted once
	Going   Age = "going_stale" // it counts, and not for long
	Draft   Age = "draft"       // nobody has signed it
	Unseen  Age = "unseen"      // nothing was ever seen whole
	Fresh   Age = "fresh"       // it counts
	Former  Age = "superseded"  // a later one speaks to the same line
	Voided  Age = "voided"      // it was taken back
)

// Ages lists them in that order.
var Ages = []Age{Expired, Going, Draft, Unseen, Fresh, Former, Voided}

// Proving is one thing that plan lines rest on: a statement or a record a person
// signed, or what a check concluded over its population.
type Proving struct {
	Form           framework.Form
	Key            string // of the attestation, or id of the check
	Title          string
	Lines          []string // ids of plan lines
	Implementation string   // of a statement or record
	By             string   // key of the person who states it
	Sources        []string // keys of those that look, for checks
	From, To       string   // dates of the period it speaks of
	Effective      sextant.Instant
	Population     string // in words
	State          control.State
	Age            Age
	Until          sextant.Instant // until when it counts, 0 = not
	Seq            sextant.Seq     // where it is sealed
}

// Controls are those the lines belong to, by id.
func (p Proving) Controls() (ids []string) {
	for _, line := range p.Lines {
		id, _, found := strings.Cut(line, "/")
		if found {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, byNumber)
	return slices.Compact(ids)
}

// soon is how long before its end something is going stale: two weeks, or a
// quarter of its life where that is less.
const soon = 14 * 24 * time.Hour

func ageOf(began, until, now sextant.Instant) Age {
	left := until.Time().Sub(now.Time())
	switch {
	case now >= until:
		return Expired
	case left < min(soon, until.Time().Sub(began.Time())/4):
		return Going
	}
	return Fresh
}

// ProvingAll tells everything that proves at the moment of a view: what checks
// concluded, and what people stated, drafts and what was voided among it. What
// needs somebody comes first.
func ProvingAll(v *register.View, r evidence.Reader, checks []*check.Compiled) ([]Proving, error) {
	checked, err := CheckedAll(v, r, checks)
	if err != nil {
		return nil, err
	}
	outcomes, err := r.Outcomes(v.At())
	if err != nil {
		return nil, err
	}
	sealed := map[string]sextant.Seq{}
	for _, o := range outcomes {
		sealed[o.Check] = o.From
	}
	var all []Proving
	for _, c := range checked {
		if c.Ran {
			all = append(all, provingCheck(c, sealed[c.ID], v.Now()))
		}
	}
	stated, err := control.Attestations.All(v)
	newest := newestOf(stated)
	for _, a := range stated {
		p := provingStatement(a, v.Now())
		if a.State == "recorded" && newest[speaksTo(a)].Key != a.Key {
			p.Age, p.State = Former, control.NotAssessed
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b Proving) int {
		return cmp.Or(cmp.Compare(slices.Index(Ages, a.Age), slices.Index(Ages, b.Age)), cmp.Compare(a.Until, b.Until))
	})
	return all, err
}

// speaksTo names what a statement is about: one line in one unit.
func speaksTo(a register.Of[control.Attestation]) string {
	return a.Fields.Implementation + "\n" + a.Fields.Line
}

// newestOf gives the statement that decides for each line of each unit: the one
// about the latest period, as the derivation takes it.
func newestOf(stated []register.Of[control.Attestation]) map[string]register.Of[control.Attestation] {
	newest := map[string]register.Of[control.Attestation]{}
	for _, a := range stated {
		if now, known := newest[speaksTo(a)]; a.State == "recorded" && (!known || cmp.Or(cmp.Compare(a.Fields.PeriodTo, now.Fields.PeriodTo), cmp.Compare(len(a.Key), len(now.Key)), cmp.Compare(a.Key, now.Key)) > 0) {
			newest[speaksTo(a)] = a
		}
	}
	return newest
}

func provingCheck(c Checked, seq sextant.Seq, now sextant.Instant) Proving {
	p := Proving{Form: framework.Checks, Key: c.ID, Title: c.Title, Lines: c.Supports, Sources: c.Sources, Effective: c.Observed, State: c.State, Seq: seq, Until: c.Fresh(), Age: Unseen,
		Population: fmt.Sprintf("%d / %d", c.Counts.Passed, c.Applicable())}
	if c.Observed != 0 {
		p.Age = ageOf(c.Observed, p.Until, now)
	}
	return p
}

func provingStatement(a register.Of[control.Attestation], now sextant.Instant) Proving {
	f := a.Fields
	p := Proving{Form: framework.Form(f.Form), Key: a.Key, Title: a.Title(), Lines: []string{f.Line}, Implementation: f.Implementation, By: f.AttestedBy, From: f.PeriodFrom, To: f.PeriodTo,
		Population: cmp.Or(f.Sample, f.Population), Effective: midnight(f.PeriodTo, 0), Seq: a.Seq}
	line, _ := framework.LineByID(f.Line)
	p.Until = control.Statement{PeriodTo: f.PeriodTo, ExpiresOn: f.ExpiresOn}.Ends(line)
	switch {
	case a.State == "draft":
		p.Age = Draft
	case a.State == "voided":
		p.Age = Voided
	default:
		p.Age = ageOf(p.Effective, p.Until, now)
	}
	p.State = stated(p.Age, f.Result)
	return p
}

func stated(age Age, result string) control.State {
	switch {
	case age == Draft || age == Voided:
		return control.NotAssessed
	case result != "holds":
		return control.Fail
	case age == Expired:
		return control.Stale
	}
	return control.Pass
}

// Asked is a plan line a person has to speak to, in one unit.
type Asked struct {
	Implementation register.Of[control.Implementation]
	Line           framework.Line
	Newest         string          // key of the newest statement that counts or counted, "" where there is none
	Until          sextant.Instant // until when that one counts
}

// AskedAll lists the lines of every implementation that need a statement or a
// record, those without one first, then by when theirs ends.
func AskedAll(v *register.View) ([]Asked, error) {
	f := &facts{}
	if err := f.readPlans(v); err != nil {
		return nil, err
	}
	var all []Asked
	for _, id := range keys(f.implemented) {
		for _, imp := range f.implemented[id] {
			for _, line := range f.plan(id, imp.Key) {
				if line.Form != framework.Checks {
					all = append(all, askedOf(imp, line.Line, f.statements[imp.Key][line.ID]))
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Asked) int {
		return cmp.Or(cmp.Compare(a.Until, b.Until), byNumber(a.Line.Control, b.Line.Control))
	})
	return all, nil
}

func askedOf(imp register.Of[control.Implementation], line framework.Line, signed []control.Statement) Asked {
	a := Asked{Implementation: imp, Line: line}
	if a.Line.Control == "" { // a line of the organisation's own
		a.Line.Control = framework.IDOf(imp.Fields.Control)
	}
	for _, s := range signed {
		if ends := s.Ends(line); ends >= a.Until {
			a.Newest, a.Until = s.Key, ends
		}
	}
	return a
}
