// SPDX-License-Identifier: Apache-2.0

package monarc

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sextant"
	"sextant/register"
	"sextant/risk"
)

// bringCriteria makes a draft of the scales, unless criteria that measure the
// same are in force or on their way.
func (in *analysed) bringCriteria() error {
	if !in.a.Evaluated {
		in.Say("the analysis was exported without its judgements and scales")
		return nil
	}
	if err := in.a.Scales.Usable(); err != nil {
		in.Say("no criteria were made of its scales: " + err.Error())
		return nil
	}
	editions, err := risk.CriteriaEditions.All(in, register.Filter{Field: "management_system", Op: register.Is, Values: []string{in.o.System}})
	if err != nil {
		return err
	}
	for _, e := range editions {
		switch {
		case e.State == risk.Approved && in.a.Scales.fit(e):
			return in.Keep(risk.CriteriaEditions.Name, 1, e.Key, e.Title())
		case e.State == risk.Draft || e.State == risk.InReview:
			in.Say(fmt.Sprintf("no criteria were made of its scales: %s is on its way already", e.Key))
			return nil
		}
	}
	if in.me == "" {
		in.Say("no criteria were made of its scales: nobody is named who could be their author; name an owner")
		return nil
	}
	c, err := in.a.Scales.Criteria(in.o.System, in.me, in.a.File)
	if err != nil {
		return err
	}
	made, err := risk.CriteriaEditions.Create(in.Tx, c, in.Note)
	if err == nil {
		in.Say(made.Key + " is a draft of criteria made of the scales: look through who may accept what, have it approved, and import the analysis again to have its judgements")
	}
	return in.Make(risk.CriteriaEditions.Name, 1, made.Key, "Criteria of "+in.a.File, err)
}

// judgement is an evaluation that could be made.
type judgement struct {
	of, stage  string
	likelihood int
	rated      []any
	worst      int
	why        string
}

// bringEvaluations makes judgements where the criteria in force are those of the
// analysis.
func (in *analysed) bringEvaluations() error {
	n := in.a.Counts().Rated
	if n == 0 {
		return nil
	}
	c, err := risk.InForce(in, in.o.System)
	if sextant.CodeOf(err) != sextant.NotFound && err != nil {
		return err
	}
	if err != nil || !in.a.Scales.fit(c) {
		in.Say(fmt.Sprintf("%d judged risks are not evaluated: the criteria in force are not those of the analysis. What was judged stays as text", n))
		return nil
	}
	if in.me == "" {
		in.Say(fmt.Sprintf("%d judged risks are not evaluated: nobody is named who judged; name an owner", n))
		return nil
	}
	return in.evaluate(c)
}

func (in *analysed) evaluate(c register.Of[risk.Criteria]) error {
	threats := map[string]Threat{}
	for _, t := range in.a.Catalogue.Threats {
		threats[t.UUID] = t
	}
	made, err := risk.Evaluations.All(in, register.Filter{Field: "criteria", Op: register.Is, Values: []string{c.Key}})
	if err != nil {
		return err
	}
	known := map[string]string{}
	for _, e := range made {
		if e.State == risk.Recorded && e.Fields.Likelihood != nil && e.Fields.Consequence != nil {
			known[fmt.Sprint(e.Fields.Risk, e.Fields.Stage, int(*e.Fields.Likelihood), int(*e.Fields.Consequence))] = e.Key
		}
	}
	var rows []register.Incoming
	row, ownerless, differs := 0, 0, 0
	for _, r := range in.a.Risks {
		of, err := in.Lookup(risk.Risks.Name, in.risks[r.ID])
		if sextant.CodeOf(err) == sextant.NotFound || err == nil && in.risks[r.ID] == "" {
			continue
		}
		if err != nil {
			return err
		}
		list, same := in.judgements(r, threats[r.Threat], of.Key)
		if !same {
			differs++
			continue
		}
		if len(list) > 0 && of.Owner() == "" {
			ownerless++
			continue
		}
		for _, j := range list {
			row++
			if key := known[fmt.Sprint(j.of, j.stage, j.likelihood, j.worst)]; key != "" {
				if err := in.Keep(risk.Evaluations.Name, row, key, j.stage+" risk of "+j.of); err != nil {
					return err
				}
				continue
			}
			rows = append(rows, register.Incoming{Row: row, Values: map[string]any{"risk": j.of, "stage": j.stage, "likelihood": float64(j.likelihood), "consequences": j.rated, "rationale": j.why, "confidence": "medium", "evaluated_by": in.me}})
		}
	}
	if ownerless > 0 {
		in.Say(fmt.Sprintf("%d risks are not evaluated: they have no risk owner", ownerless))
	}
	if differs > 0 {
		in.Say(fmt.Sprintf("%d risks are not evaluated: what MONARC computed is not what its rates and impacts give", differs))
	}
	_, err = in.Import(risk.Evaluations.Name, rows)
	return err
}

// judgements gives what was judged of a risk: as it is, and after its treatment.
// same is false where the analysis contradicts itself.
func (in *analysed) judgements(r Risk, t Threat, key string) (list []judgement, same bool) {
	at := in.places[r.Instance]
	var rated []any
	worst, highest := 0, notSaid
	for p, on := range []bool{t.Confidentiality, t.Integrity, t.Availability} {
		if !on || at.Impact[p] < 0 || at.Impact[p] > in.a.Scales.Impact.Max {
			continue
		}
		rated = append(rated, map[string]any{"type": touched[p], "level": float64(at.Impact[p] + 1)})
		worst = max(worst, at.Impact[p]+1)
		highest = max(highest, at.Impact[p]*r.ThreatRate*r.VulnerabilityRate)
	}
	likelihood := in.a.Scales.likelihood(r.ThreatRate, r.VulnerabilityRate)
	if likelihood == 0 || len(rated) == 0 {
		return nil, true
	}
	if r.Highest > notSaid && r.Highest != highest {
		return nil, false
	}
	why := cmp.Or(r.Comment, fmt.Sprintf("Threat %d and vulnerability %d in MONARC.", r.ThreatRate, r.VulnerabilityRate))
	list = append(list, judgement{key, risk.Current, likelihood, rated, worst, why})
	after := in.a.Scales.likelihood(r.ThreatRate, r.VulnerabilityRate-r.Reduced)
	if _, treated := options[r.Kind]; treated && r.Reduced > 0 && after > 0 {
		list = append(list, judgement{key, risk.Target, after, rated, worst, cmp.Or(r.After, fmt.Sprintf("Vulnerability goes down by %d in MONARC.", r.Reduced))})
	}
	return list, true
}

// tell adds the people the analysis names that are nobody here.
func (in *analysed) tell() {
	if len(in.strangers) > 0 {
		names := slices.Sorted(maps.Keys(in.strangers))
		for i := range names {
			names[i] = clip(names[i], 60)
		}
		in.Say("nobody here is called " + strings.Join(names[:min(len(names), 20)], ", ") + ": the names stay as text")
	}
	in.bringing.tell()
}
