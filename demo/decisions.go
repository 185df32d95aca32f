// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"sextant/framework"
	"sextant/register"
	"sextant/risk"
)

// plan is a risk treatment: what is done, who signed it and how far it is.
type plan struct {
	As                                                string
	Made, Compared, Proposed, Started, Done, Verified when
	Signed                                            map[string]when   // by handle of the risk owner
	LeftOut                                           map[string]string `yaml:"left_out"` // why, by control
	Rest                                              string            // why the others usual for its risks are left out
	Result                                            string
	Set                                               map[string]any
	Edits                                             []edit
	Moves                                             []step
}

// consent is what a risk owner was asked to accept, and said.
type consent struct {
	As, Risk, Why            string
	Asked, Accepted, Refused when
	Set                      map[string]any
}

// entered is an entry told as it was typed.
type entered struct {
	As    string
	At    when
	Set   map[string]any
	Moves []step
}

// decisions tells what is done about the risks and what was accepted, by the
// owners of the risks.
func (s *story) decisions(owners map[string]string) error {
	var plans []plan
	var consents []consent
	if err := read("treatments.yaml", &plans); err != nil {
		return err
	}
	if err := read("acceptances.yaml", &consents); err != nil {
		return err
	}
	for _, p := range plans {
		s.treat(p)
	}
	for _, c := range consents {
		s.ask(c, owners[c.Risk])
	}
	s.write(s.at("3d 00:05"), "system", "acceptances that are over", lapse)
	return s.surroundings()
}

func (s *story) treat(p plan) {
	s.write(s.at(p.Made), "mara", "treatment "+p.As, func(tx *register.Tx) error {
		e, err := tx.Create(risk.Treatments.Name, s.naming(p.Set), register.Note{})
		s.keys[p.As] = e.Key
		return err
	})
	owner := strings.TrimPrefix(p.Set["owner"].(string), "@")
	if p.Compared != "" {
		s.write(s.at(p.Compared), "mara", "compare "+p.As, func(tx *register.Tx) error { return p.compare(tx, s.keys[p.As]) })
	}
	steps := []step{{When: p.Proposed, By: "mara", Name: "propose"}}
	for _, by := range slices.Sorted(maps.Keys(p.Signed)) {
		steps = append(steps, step{When: p.Signed[by], By: by, Name: "sign"})
	}
	steps = append(steps, step{When: p.Started, By: owner, Name: "start"}, step{When: p.Done, By: owner, Name: "finish", Set: map[string]any{"result": p.Result}},
		step{When: p.Verified, By: "mara", Name: "verify", Reason: "judged again since, and the control shows it"})
	steps = slices.DeleteFunc(steps, func(m step) bool { return m.When == "" })
	s.changes(risk.Treatments.Name, p.As, p.Edits, append(steps, p.Moves...))
}

// compare goes through the controls that are usual for its risks and are not in
// it, and says of each why it is left out (6.1.3 c).
func (p plan) compare(tx *register.Tx, key string) error {
	t, err := risk.Treatments.Get(tx, key)
	if err != nil {
		return err
	}
	usual, err := risk.Comparison(tx, t.Fields)
	if err != nil {
		return err
	}
	text := ""
	for _, c := range usual {
		id := framework.IDOf(c.Control)
		title := strings.TrimSpace(strings.TrimPrefix(tx.TitleOf("control", c.Control), id))
		text = risk.WithLeftOut(text, id, title, cmp.Or(p.LeftOut[id], p.Rest))
	}
	_, err = tx.Transition(risk.Treatments.Name, key, 0, "compare", map[string]any{"left_out": text}, register.Note{})
	return err
}

// naming resolves values, and the controls in them, which people write by their
// ids.
func (s *story) naming(values map[string]any) map[string]any {
	values = s.resolve(values)
	measures, _ := values["measures"].([]any)
	for _, m := range measures {
		if row := m.(map[string]any); row["control"] != nil {
			row["control"] = framework.ControlPrefix + row["control"].(string)
		}
	}
	for _, field := range []string{"controls", "suggested_controls"} {
		ids, _ := values[field].([]any)
		for i, id := range ids {
			ids[i] = framework.ControlPrefix + id.(string)
		}
	}
	return values
}

func (s *story) ask(c consent, owner string) {
	s.write(s.at(c.Asked), "mara", "ask "+c.As, func(tx *register.Tx) error {
		values := s.resolve(c.Set)
		values["risk"] = s.keys[c.Risk]
		e, err := tx.Create(risk.Acceptances.Name, values, register.Note{})
		s.keys[c.As] = e.Key
		return err
	})
	for _, said := range []step{{When: c.Accepted, Name: "accept"}, {When: c.Refused, Name: "refuse", Reason: c.Why}} {
		if said.When == "" {
			continue
		}
		said.By = owner
		s.changes(risk.Acceptances.Name, c.As, nil, []step{said})
	}
}

// lapse ends acceptances whose last day is over, as the program does each night.
func lapse(tx *register.Tx) error {
	due, err := tx.DueMoves()
	for _, m := range due {
		if err == nil && m.Entry.Register.Name == risk.Acceptances.Name {
			err = tx.MakeDue(m)
		}
	}
	return err
}

// surroundings are the risks and opportunities of the management system itself,
// and what the library of scenarios did not know.
func (s *story) surroundings() error {
	var told struct{ Opportunities, Threats, Vulnerabilities, Scenarios []entered }
	if err := read("opportunities.yaml", &told); err != nil {
		return err
	}
	for _, of := range []struct {
		name string
		all  []entered
	}{{risk.Opportunities.Name, told.Opportunities}, {risk.Threats.Name, told.Threats}, {risk.Vulnerabilities.Name, told.Vulnerabilities}, {risk.Scenarios.Name, told.Scenarios}} {
		for _, e := range of.all {
			s.write(s.at(e.At), "mara", of.name+" "+e.As, func(tx *register.Tx) error {
				made, err := tx.Create(of.name, s.naming(e.Set), register.Note{})
				s.keys[e.As] = made.Key
				return err
			})
			s.changes(of.name, e.As, nil, e.Moves)
		}
	}
	return nil
}
