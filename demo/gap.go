// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sextant/framework"
	"sextant/gap"
	"sextant/register"
)

// gapStory is what was answered in two gap analyses.
type gapStory struct {
	First, Now map[string]map[string]any // by id of clause or control
	Takes      []string                  // controls of the running one whose proposal was taken
	Actions    []gapAction
}

// gapAction is a task that closes a gap.
type gapAction struct {
	For, As, Title, Assignee string
	DueOn                    string `yaml:"due_on"`
	Made                     int    // days ago
	After                    string
}

// gaps is the first look at where Northquay stands, closed after a month, and
// the one that runs before the certification audit.
func (s *story) gaps() error {
	var told gapStory
	if err := read("gap.yaml", &told); err != nil {
		return err
	}
	s.campaign("gap first", map[string]any{"title": "First readiness check", "clauses": []any{"4", "5", "6", "7", "8", "9", "10"}, "themes": []any{"organizational", "technological"}, "scope_units": "%whole",
		"starts_on": "~318", "due_on": "~290", "owner": "@mara", "assessors": "@mara"}, "319d 10:00", "318d 09:00")
	s.answers("gap first", "mara", "300d 15:00", told.First, nil)
	s.closing("gap first", "290d 16:30")
	s.campaign("gap now", map[string]any{"title": "Readiness 2026-Q4", "scope_units": "%whole", "previous": "#gap first", "starts_on": "~20", "due_on": "~-18", "owner": "@mara", "assessors": "@mara"}, "22d 11:00", "20d 09:00")
	s.delegate("gap now", "20d 10:00")
	s.answers("gap now", "mara", "12d 14:00", told.Now, told.Takes)
	for _, a := range told.Actions {
		s.gapAction("gap now", a)
	}
	return nil
}

func (s *story) campaign(handle string, values map[string]any, made, started when) {
	s.write(s.at(made), "mara", handle, func(tx *register.Tx) error {
		e, err := tx.Create(gap.Campaigns.Name, s.resolve(values), register.Note{})
		s.keys[handle] = e.Key
		return err
	})
	for n := range 3 {
		s.write(s.at(started).Add(minutes(n)), "mara", "lay out "+handle, func(tx *register.Tx) error {
			_, err := gap.Prepare(tx, s.keys[handle], gap.PrepareAtOnce)
			return err
		})
	}
	s.write(s.at(started).Add(minutes(4)), "mara", "start "+handle, func(tx *register.Tx) error {
		_, err := tx.Transition(gap.Campaigns.Name, s.keys[handle], 0, "start", nil, register.Note{})
		return err
	})
}

// answers takes what is told for some questions, and what is proposed for others.
func (s *story) answers(handle, by string, moment when, told map[string]map[string]any, takes []string) {
	s.write(s.at(moment), by, "answers of "+handle, func(tx *register.Tx) error {
		rows, err := gap.Rows(tx, s.keys[handle])
		if err != nil {
			return err
		}
		for _, a := range rows {
			id := framework.IDOf(a.Fields.Reference)
			values := maps.Clone(told[id])
			switch {
			case values != nil:
				if level, ok := values["maturity"].(int); ok {
					values["maturity"] = float64(level)
				}
			case a.Fields.Proposed != "" && (takes == nil || slices.Contains(takes, id)):
				if err := gap.Take(tx, a.Key, 0); err != nil {
					return fmt.Errorf("%s: %w", id, err)
				}
				continue
			case takes == nil:
				values = map[string]any{"answer": gap.NotMet, "maturity": 0.0, "observation": "Nobody had taken this up when we began."}
			default:
				continue
			}
			if _, err := tx.Transition(gap.Answers.Name, a.Key, 0, "answer", values, register.Note{}); err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
		}
		return nil
	})
}

func (s *story) closing(handle string, moment when) {
	s.write(s.at(moment), "mara", "close "+handle, func(tx *register.Tx) error {
		_, err := tx.Transition(gap.Campaigns.Name, s.keys[handle], 0, "close", map[string]any{"summary": "Good habits, little on paper. The method for risks comes first; without it the statement has no ground. Then the internal audit, which needs a quarter of lead time."}, register.Note{})
		return err
	})
}

// delegated are questions of the running campaign that others were asked.
var delegated = []struct {
	by, due string
	ids     []string
}{
	{"priya", "~-6", []string{"A.8.6", "A.8.14", "A.8.19", "A.8.26", "A.8.28"}},
	{"elif", "~-4", []string{"A.6.4", "A.6.6", "A.6.8"}},
	{"tomas", "~2", []string{"A.8.17", "A.8.21", "A.8.22"}},
}

func (s *story) delegate(handle string, moment when) {
	s.write(s.at(moment), "mara", "delegate "+handle, func(tx *register.Tx) error {
		rows, err := gap.Rows(tx, s.keys[handle])
		if err != nil {
			return err
		}
		for _, a := range rows {
			for _, d := range delegated {
				if slices.Contains(d.ids, strings.TrimPrefix(a.Fields.Reference, "iso27001:2022/")) {
					if _, err := tx.Edit(gap.Answers.Name, a.Key, 0, s.resolve(map[string]any{"assignee": "@" + d.by, "due_on": d.due}), register.Note{}); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

func (s *story) gapAction(handle string, a gapAction) {
	s.write(s.at(when(fmt.Sprintf("%dd 11:%02d", a.Made, spread(a.As, 60)))), "mara", "action "+a.As, func(tx *register.Tx) error {
		rows, err := gap.Rows(tx, s.keys[handle])
		if err != nil {
			return err
		}
		i := slices.IndexFunc(rows, func(r register.Of[gap.Answer]) bool { return r.Fields.Reference == "iso27001:2022/"+a.For })
		values := map[string]any{"title": a.Title, "kind": "gap_action", "subject": rows[i].Key, "assignee": a.Assignee, "requester": "@mara", "planned_on": a.DueOn, "due_on": a.DueOn}
		if a.After != "" {
			values["depends_on"] = "#" + a.After
		}
		task, err := tx.Create("task", s.resolve(values), register.Note{})
		if err != nil {
			return err
		}
		s.keys[a.As] = task.Key
		_, err = tx.Edit(gap.Answers.Name, rows[i].Key, 0, map[string]any{"actions": append(rows[i].Fields.Actions, task.Key)}, register.Note{})
		return err
	})
}
