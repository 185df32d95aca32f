// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sextant/framework"
	"sextant/register"
	"sextant/risk"
)

// yardstick is an edition of the risk criteria: the program's template with what
// Northquay changed in it.
type yardstick struct {
	As                           string
	Drafted, Submitted, Approved when
	Likelihoods, Consequences    []string // other names
	Matrix                       [][]int
	Set                          map[string]any
}

// peril is a risk with how it was judged.
type peril struct {
	As            string
	From          int // days ago it was identified, if not in the first workshop
	Set           map[string]any
	Duties        []any            // obligations it touches
	Declared      string           // what was said when the steps were declared after the second round
	Treats        map[string][]any // by id of the control: steps off likelihood and consequence, why
	First, Second *judgement
	Again         []judgement
	Moves         []step
}

// judgement is what an owner said of a risk at one moment.
type judgement struct {
	When        when
	IL, L       int            // likelihood, inherent and current
	IC, C       map[string]int // consequences by type
	Why, Sure   string
	Times, Loss []float64 // a year, euros: low and high, or least, most likely and most
}

// round is an assessment with the moments of its life.
type round struct {
	as, trigger, title, conclusion string
	made, started, completed       when
	approved                       when
	planned                        int
}

// revenue of Northquay in a year, which the amounts of the criteria are shares of.
const revenue = 9e6

const (
	workshop   = 305 // days ago the first risks were written down
	firstRound = 301
	// secondRound is the morning after a weekly collection: what the evidence
	// showed was a few hours old.
	secondRound = 116
	// steps is when the steps were declared that rest on what sources show: since
	// three days they were heard daily.
	steps = 57
)

// risks tells how Northquay measures risk, which it found, how it judged them in
// two rounds, what it does about them and what was signed.
func (s *story) risks() error {
	var editions []yardstick
	var all []peril
	if err := read("criteria.yaml", &editions); err != nil {
		return err
	}
	if err := read("risks.yaml", &all); err != nil {
		return err
	}
	for _, e := range editions {
		s.measure(e)
	}
	s.assess(round{as: "round 1", trigger: "initial", title: "Risk assessment, first round", planned: 302, made: "304d 09:00", started: "302d 09:00", completed: "298d 16:00", approved: "296d 10:30",
		conclusion: "Thirty-seven risks, judged by those who run what they are about. Most ratings are guesses that agree; the amounts are left for next time. What is above Low goes into the plan."})
	owners := map[string]string{}
	for i, p := range all {
		owners[p.As] = strings.TrimPrefix(fmt.Sprint(p.Set["owner"]), "@")
		s.threaten(i, p, owners[p.As])
	}
	s.assess(round{as: "round 2", trigger: "planned", title: "Risk assessment, summer", planned: secondRound, made: "127d 09:30", started: "117d 09:00", completed: "113d 16:30", approved: "110d 09:20",
		conclusion: "Judged by edition 2 of the criteria, so nothing is compared with the first round. Controls count where evidence showed that day that they work. Three stay high: what a stolen credential opens, a restore, and the one cloud we stand on."})
	s.assess(round{as: "round 3", trigger: "planned", title: "Risk assessment, winter", planned: -68, made: "112d 10:00"})
	return s.decisions(owners)
}

func (s *story) measure(y yardstick) {
	s.write(s.at(y.Drafted), "mara", y.As, func(tx *register.Tx) error {
		c, err := s.criteria(y)
		if err != nil {
			return err
		}
		e, err := risk.CriteriaEditions.Create(tx, c, register.Note{})
		s.keys[y.As] = e.Key
		return err
	})
	s.changes(risk.CriteriaEditions.Name, y.As, nil, []step{{When: y.Submitted, By: "mara", Name: "submit"}, {When: y.Approved, By: "henrik", Name: "approve", Reason: "read with Mara Lindqvist, level by level"}})
}

func (s *story) criteria(y yardstick) (risk.Criteria, error) {
	c := risk.Template(5, "EUR", revenue)
	for i, name := range y.Likelihoods {
		c.Likelihoods[i].Name = name
	}
	for i, name := range y.Consequences {
		c.Consequences[i].Name = name
	}
	for l, row := range y.Matrix {
		for k, n := range row {
			level := float64(n)
			c.Matrix[l*len(row)+k].Level = &level
		}
	}
	c.ManagementSystem, c.Author, c.Approver = s.keys["ms"], s.people["mara"].key, s.people["henrik"].key
	data, err := json.Marshal(s.resolve(y.Set))
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(data, &c)
}

func (s *story) assess(r round) {
	s.write(s.at(r.made), "mara", r.as, func(tx *register.Tx) error {
		values := map[string]any{"title": r.title, "trigger": r.trigger, "scope_units": slices.Sorted(maps.Values(s.units)), "planned_on": s.date(r.planned), "owner": "@mara", "approver": "@henrik",
			"participants": []any{"@jonas", "@priya", "@daniel", "@tomas", "@sofia", "@elif", "@mateus", "@lena", "@henrik"}}
		e, err := tx.Create(risk.Assessments.Name, s.resolve(values), register.Note{})
		s.keys[r.as] = e.Key
		return err
	})
	if r.started == "" {
		return
	}
	s.changes(risk.Assessments.Name, r.as, []edit{{When: r.completed, By: "mara", Why: "summed up after the last talk", Set: map[string]any{"conclusion": r.conclusion}}},
		[]step{{When: r.started, By: "mara", Name: "start"}, {When: r.completed, By: "mara", Name: "complete"}, {When: r.approved, By: "henrik", Name: "approve", Reason: "gone through with Mara Lindqvist, what is high one by one"}})
}

// threaten writes a risk down, lets its owner judge it, and says which controls
// count before the second round.
func (s *story) threaten(i int, p peril, owner string) {
	from := cmp.Or(p.From, workshop)
	s.write(s.at(when(fmt.Sprintf("%dd %02d:%02d", from, 13+i/15, i%15*4))), "mara", "risk "+p.As, func(tx *register.Tx) error {
		values := s.resolve(p.Set)
		values["treating"] = treating(p.Treats, true)
		if from > secondRound {
			delete(values, "treating")
		}
		e, err := tx.Create(risk.Risks.Name, values, register.Note{Why: "risk workshop"})
		s.keys[p.As] = e.Key
		return err
	})
	if p.First != nil {
		s.judge(p.As, owner, "round 1", session(owner, firstRound, i), *p.First)
	}
	if p.Second != nil {
		s.declare(p, owner, secondRound+1, i, p.Declared == "")
		s.judge(p.As, owner, "round 2", session(owner, secondRound, i), *p.Second)
	}
	if p.Declared != "" {
		s.declare(p, owner, steps+1, i, true)
		again := *p.Second
		again.IL, again.Why = 0, p.Declared
		s.judge(p.As, owner, "", session(owner, steps, i), again)
	}
	for _, j := range p.Again {
		s.judge(p.As, owner, "", j.When, j)
	}
	s.changes(risk.Risks.Name, p.As, nil, p.Moves)
}

// declare says which controls treat a risk, and what each takes off or not yet.
func (s *story) declare(p peril, owner string, day, n int, withSteps bool) {
	rows := treating(p.Treats, withSteps)
	values := map[string]any{"treating": rows, "obligations": p.Duties}
	s.changes(risk.Risks.Name, p.As, []edit{{When: when(fmt.Sprintf("%dd %02d:%02d", day, 10+n/15, n%15*4)), By: owner, Why: "what stands, and what it does here", Set: values}}, nil)
}

// session is when an owner sits down to judge: all of theirs in a row.
func session(owner string, day, n int) when {
	return when(fmt.Sprintf("%dd %02d:%02d", day, 9+spread(owner, 7), n%30*2))
}

func treating(told map[string][]any, withSteps bool) []any {
	var rows []any
	for _, c := range framework.Controls() {
		effect, counts := told[c.ID]
		if !counts {
			continue
		}
		row := map[string]any{"control": framework.ControlPrefix + c.ID}
		if withSteps && len(effect) == 3 {
			row["lowers_likelihood"], row["lowers_consequence"], row["why"] = effect[0], effect[1], effect[2]
		}
		rows = append(rows, row)
	}
	return rows
}

func (s *story) judge(handle, owner, round string, at when, j judgement) {
	s.write(s.at(at), owner, "judge "+handle, func(tx *register.Tx) error {
		values := map[string]any{"risk": s.keys[handle], "rationale": j.Why, "confidence": cmp.Or(j.Sure, "medium")}
		if round != "" {
			values["assessment"] = s.keys[round]
		}
		for _, stage := range []struct {
			name string
			l    int
			c    map[string]int
		}{{risk.Inherent, j.IL, j.IC}, {risk.Current, j.L, j.C}} {
			if stage.l == 0 {
				continue
			}
			values["stage"], values["likelihood"], values["consequences"] = stage.name, stage.l, rated(stage.c)
			if stage.name == risk.Current {
				quantify(values, j)
			}
			if _, err := tx.Create(risk.Evaluations.Name, values, register.Note{}); err != nil {
				return fmt.Errorf("%s: %w", stage.name, err)
			}
		}
		return nil
	})
}

func rated(levels map[string]int) (rows []any) {
	for _, of := range slices.Sorted(maps.Keys(levels)) {
		rows = append(rows, map[string]any{"type": of, "level": levels[of]})
	}
	return rows
}

// quantify adds frequency and loss.
func quantify(values map[string]any, j judgement) {
	if j.Times == nil {
		return
	}
	values["frequency_shape"], values["frequency_low"], values["frequency_high"] = "lognormal", j.Times[0], j.Times[1]
	values["loss_shape"], values["loss_low"] = "lognormal", euros(j.Loss[0])
	if len(j.Loss) == 3 {
		values["loss_shape"], values["loss_mode"] = "pert", euros(j.Loss[1])
	}
	values["loss_high"] = euros(j.Loss[len(j.Loss)-1])
}

func euros(n float64) string { return fmt.Sprintf("%.2f EUR", n) }
