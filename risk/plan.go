// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sextant"
	"sextant/framework"
	"sextant/register"
	"sextant/risk/scenario"
)

// Aim is where one risk of a treatment is expected to stand when the treatment
// is done: the judgement of its current risk less the declared steps of the
// measures. Levels are of the criteria it was judged by; 0 is not known.
type Aim struct {
	Risk        register.Of[Risk]
	Yardstick   *Yardstick // nil where it was not judged in levels
	Judged      int
	Likelihood  int // afterwards
	Consequence int
	Level       int
	Acceptable  int
}

// Aims computes where each risk of a treatment would stand.
func Aims(tx register.Reader, t Treatment) ([]Aim, error) {
	aims := make([]Aim, 0, len(t.Risks))
	for _, key := range t.Risks {
		r, err := get[Risk](tx, riskName, key)
		if sextant.CodeOf(err) == sextant.NotFound {
			continue // deleted since
		}
		if err != nil {
			return nil, err
		}
		aim := Aim{Risk: r}
		judged, err := judgement(tx, key)
		if err != nil {
			return nil, err
		}
		if judged != nil && judged.Likelihood != nil {
			if aim.Yardstick, err = yardstickOf(tx, judged.Criteria); err != nil {
				return nil, err
			}
			aim.Judged, aim.Acceptable = Whole(judged.Level), aim.Yardstick.Acceptable(r.Fields.Category)
			aim.Likelihood, aim.Consequence, aim.Level = aim.Yardstick.Aimed(*judged, t.Measures)
		}
		aims = append(aims, aim)
	}
	return aims, nil
}

// judgement is the newest of the current risk; nil where there is none.
func judgement(tx register.Reader, of string) (*Evaluation, error) {
	list, err := all[Evaluation](tx, evaluationName, register.Filter{Field: "risk", Op: register.Is, Values: []string{of}}, inState(Recorded))
	if err != nil {
		return nil, err
	}
	e, ok := latest(list)[Current]
	if !ok {
		return nil, nil
	}
	return &e.Fields, nil
}

// openPlans are the states of treatments whose measures are still to come.
var openPlans = inState(Planned, Proposed, Agreed, InProgress)

// Residuals gives, for each risk of a treatment that is not done, the judgement of
// what will be left as JudgeResidual would record it: with the measures of all
// treatments that are on their way. Left out are risks whose residual is judged so
// already, and those the criteria in force did not measure.
func Residuals(tx register.Reader, t register.Of[Treatment]) (list []Evaluation, err error) {
	if t.State != Planned && t.State != Proposed && t.State != Agreed && t.State != InProgress {
		return nil, nil
	}
	for _, key := range t.Fields.Risks {
		e, err := residualOf(tx, key)
		if err := gone(err); err != nil {
			return nil, err
		}
		if e != nil {
			list = append(list, *e)
		}
	}
	return list, nil
}

func residualOf(tx register.Reader, key string) (*Evaluation, error) {
	r, err := get[Risk](tx, riskName, key)
	if err != nil {
		return nil, err
	}
	judged, err := all[Evaluation](tx, evaluationName, register.Filter{Field: "risk", Op: register.Is, Values: []string{key}}, inState(Recorded))
	if err != nil {
		return nil, err
	}
	c, err := InForce(tx, r.Fields.ManagementSystem)
	if err != nil {
		return nil, err
	}
	now, last := latest(judged)[Current].Fields, latest(judged)[Residual].Fields
	if now.Criteria != c.Key || now.Level == nil {
		return nil, nil
	}
	y, err := NewYardstick(c.Fields)
	if err != nil {
		return nil, err
	}
	plans, err := all[Treatment](tx, treatmentName, openPlans, register.Filter{Field: "risks", Op: register.Is, Values: []string{key}})
	if err != nil {
		return nil, err
	}
	var measures []Measure
	says := "What is expected to be left"
	for _, t := range plans {
		measures = append(measures, t.Fields.Measures...)
		says += ", by " + t.Key + ": " + t.Fields.ExpectedEffect
	}
	likelihood, consequence, _ := y.Aimed(now, measures)
	if last.Criteria == c.Key && Whole(last.Likelihood) == likelihood && Whole(last.Consequence) == consequence {
		return nil, nil
	}
	e := Evaluation{Risk: key, Stage: Residual, Likelihood: Kept(likelihood), Confidence: now.Confidence, Rationale: strings.TrimSuffix(says, ": ")}
	for _, x := range now.Consequences {
		e.Consequences = append(e.Consequences, Rated{x.Type, Kept(max(1, Whole(x.Level)-Whole(now.Consequence)+consequence))})
	}
	return &e, nil
}

// JudgeResidual records what a treatment is expected to leave as the actor's
// judgement of the residual risk, which the owner of each risk is to accept
// (6.1.3 f). It gives how many were recorded.
func JudgeResidual(tx *register.Tx, key string) (made int, err error) {
	t, err := get[Treatment](tx, treatmentName, key)
	if err != nil {
		return 0, err
	}
	list, err := Residuals(tx, t)
	if err == nil && len(list) == 0 {
		err = sextant.Errorf(sextant.Conflict, "what %s leaves is judged already, or its risks have no level by the criteria in force", key)
	}
	for _, e := range list {
		if err == nil {
			_, err = Evaluations.Create(tx, e, register.Note{Why: "expected of " + key})
		}
	}
	return len(list), err
}

// Proposal is a control that usually answers the risks of a treatment and
// neither treats all of them nor is in the plan (6.1.3 c).
type Proposal struct {
	Control string // stored reference
	Risks   []string
	Why     []Ground
	LeftOut string // why it was left out, "" = not decided
}

// Ground is what a control is proposed for: a scenario or a weakness, with what
// the control does there, where that is told.
type Ground struct {
	Reference string
	Says      string
}

// Comparison gives the controls that scenarios and weaknesses of the risks name,
// without those in the plan and those that treat every one of the risks they are
// named for. One that is only named there, and nobody declared what it takes off,
// is not decided about and is proposed. A control of an extension that is not in use is not proposed.
func Comparison(tx register.Reader, t Treatment) (list []Proposal, err error) {
	leftOut := LeftOut(t.LeftOut)
	for _, key := range t.Risks {
		r, err := get[Risk](tx, riskName, key)
		if sextant.CodeOf(err) == sextant.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		named, err := usual(tx, r.Fields)
		if err != nil {
			return nil, err
		}
		for _, p := range named {
			if slices.ContainsFunc(t.Measures, func(m Measure) bool { return m.Control == p.control }) || slices.Contains(controlsTreating(r.Fields), p.control) {
				continue
			}
			i := slices.IndexFunc(list, func(have Proposal) bool { return have.Control == p.control })
			if i < 0 {
				list, i = append(list, Proposal{Control: p.control, LeftOut: leftOut[framework.IDOf(p.control)]}), len(list)
			}
			list[i].add(key, p.ground)
		}
	}
	slices.SortStableFunc(list, func(a, b Proposal) int {
		return cmp.Or(len(b.Why)-len(a.Why), strings.Compare(a.Control, b.Control))
	})
	return list, nil
}

func (p *Proposal) add(risk string, g Ground) {
	if !slices.Contains(p.Risks, risk) {
		p.Risks = append(p.Risks, risk)
	}
	if !slices.ContainsFunc(p.Why, func(have Ground) bool { return have.Reference == g.Reference }) {
		p.Why = append(p.Why, g)
	}
}

// controlsTreating are those of which it was declared what they take off.
func controlsTreating(r Risk) (list []string) {
	for _, e := range r.Treating {
		if e.LowersLikelihood != nil || e.LowersConsequence != nil {
			list = append(list, e.Control)
		}
	}
	return list
}

type usualControl struct {
	control string
	ground  Ground
}

// usual are the controls the scenarios and weaknesses of a risk name, of the
// library and the organisation's own.
func usual(tx register.Reader, r Risk) (list []usualControl, err error) {
	library := scenario.Library()
	for _, ref := range r.Scenarios {
		if id, ours := strings.CutPrefix(ref, "scenario/"); ours {
			s, _ := library.Scenario(id)
			for _, c := range s.Controls {
				list = append(list, usualControl{c.Reference(), Ground{ref, c.Why}})
			}
			continue
		}
		own, err := get[Scenario](tx, scenarioName, ref)
		if err := gone(err); err != nil {
			return nil, err
		}
		for _, c := range own.Fields.SuggestedControls {
			list = append(list, usualControl{c, Ground{Reference: ref}})
		}
	}
	for _, ref := range r.Vulnerabilities {
		if id, ours := strings.CutPrefix(ref, "vulnerability/"); ours {
			v, _ := library.Vulnerability(id)
			for _, c := range v.Controls {
				list = append(list, usualControl{framework.ReferenceOf(c), Ground{Reference: ref}})
			}
			continue
		}
		own, err := get[Vulnerability](tx, vulnerabilityName, ref)
		if err := gone(err); err != nil {
			return nil, err
		}
		for _, c := range own.Fields.Controls {
			list = append(list, usualControl{c, Ground{Reference: ref}})
		}
	}
	return list, nil
}

// gone lets what was deleted since pass.
func gone(err error) error {
	if sextant.CodeOf(err) == sextant.NotFound {
		return nil
	}
	return err
}

// LeftOut reads why controls were left out, by their id: a line each, as
// WithLeftOut writes it. Other lines are a remark on the whole.
func LeftOut(text string) map[string]string {
	why := map[string]string{}
	for line := range strings.Lines(text) {
		if id, reason, ok := leftOutLine(line); ok {
			why[id] = reason
		}
	}
	return why
}

func leftOutLine(line string) (id, reason string, ok bool) {
	rest, listed := strings.CutPrefix(strings.TrimSpace(line), "- ")
	head, reason, found := strings.Cut(rest, ": ")
	id, _, _ = strings.Cut(head, " ")
	return id, strings.TrimSpace(reason), listed && found && id != "" && strings.TrimSpace(reason) != ""
}

// WithLeftOut says in one line of the text why a control was left out; a line
// that said it before is replaced, and taken away where the reason is empty.
func WithLeftOut(text, id, title, reason string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if said, _, ok := leftOutLine(line); ok && said == id {
			continue
		}
		lines = append(lines, line)
	}
	if reason = strings.Join(strings.Fields(reason), " "); reason != "" {
		lines = append(lines, fmt.Sprintf("- %s %s: %s", id, strings.ReplaceAll(title, ":", ""), reason))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// TasksOf makes a task for each measure of a treatment that has none yet, for
// the owner of the measure and by its date. Callers ask first whether the actor
// may carry the treatment out. It gives how many were made.
func TasksOf(tx *register.Tx, key string) (made int, err error) {
	t, err := get[Treatment](tx, treatmentName, key)
	if err != nil {
		return 0, err
	}
	if t.State != Agreed && t.State != InProgress {
		return 0, sextant.Errorf(sextant.Conflict, "%s is not approved; work begins when the risk owners signed", key)
	}
	tasks, have := slices.Clone(t.Fields.Tasks), map[string]bool{}
	for _, task := range tasks {
		if e, err := tx.Lookup("task", task); err == nil {
			have[e.Title()] = true
		}
	}
	for _, m := range t.Fields.Measures {
		if have[m.Title] {
			continue
		}
		due := cmp.Or(m.DueOn, t.Fields.DueOn)
		e, err := tx.Program().Create("task", map[string]any{"title": m.Title, "kind": "treatment_step", "subject": key, "assignee": cmp.Or(m.Owner, t.Fields.Owner), "planned_on": due, "due_on": due,
			"requester": t.Fields.Owner}, register.Note{Why: "a measure of " + key})
		if err != nil {
			return made, err
		}
		tasks, made = append(tasks, e.Key), made+1
	}
	if made > 0 {
		_, err = tx.Program().Edit(treatmentName, key, 0, map[string]any{"tasks": tasks}, register.Note{Why: "measures became tasks"})
	}
	return made, err
}

// MayCarryOut says whether the actor may turn the measures of a treatment into
// work: whoever may finish it.
func MayCarryOut(v *register.View, t register.Of[Treatment]) bool {
	return slices.ContainsFunc(v.Possible(t.Entry), func(p register.Possible) bool { return p.Name == "finish" && p.Refusal == nil })
}
