// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"cmp"
	"fmt"
	"strings"

	"sextant/register"
)

// job is a task: once, or a chain of repetitions.
type job struct {
	As     string
	Made   int // days ago
	Clock  when
	By     string
	Set    map[string]any
	Start  when
	Cancel when
	Why    string
	Chain  []finish
	finish `yaml:",inline"`
	Edits  []edit
}

// finish is how a task, or one repetition of it, was done.
type finish struct {
	Ago      int
	Result   string
	Verified int
}

// permission is an exception.
type permission struct {
	As, By, Why               string
	Asked, Approved, Rejected when
	Set                       map[string]any
	Revoke                    struct {
		When    when
		By, Why string
	}
}

// work is tasks, exceptions, remarks and files.
func (s *story) work() error {
	var jobs []job
	var permissions []permission
	if err := read("tasks.yaml", &jobs); err != nil {
		return err
	}
	if err := read("exceptions.yaml", &permissions); err != nil {
		return err
	}
	for _, j := range jobs {
		s.job(j)
	}
	for _, p := range permissions {
		s.permit(p)
	}
	return s.remarks()
}

func (s *story) job(j job) {
	moment := when(fmt.Sprintf("%dd %02d:%02d", j.Made, 9+spread(j.As, 8), spread(j.As+"m", 60)))
	s.write(s.at(cmp.Or(j.Clock, moment)), j.writer(), "task "+j.As, func(tx *register.Tx) error {
		e, err := tx.Create("task", s.resolve(j.Set), register.Note{})
		s.keys[j.As] = e.Key
		return err
	})
	assignee := strings.TrimPrefix(fmt.Sprint(j.Set["assignee"]), "@")
	var moves []step
	if j.Start != "" {
		moves = append(moves, step{When: j.Start, By: assignee, Name: "start"})
	}
	if j.Cancel != "" {
		moves = append(moves, step{When: j.Cancel, By: "mara", Name: "cancel", Reason: j.Why})
	}
	s.changes("task", j.As, j.Edits, moves)
	chain := j.Chain
	if j.Result != "" {
		chain = []finish{j.finish}
	}
	for _, f := range chain {
		s.done(j, f, assignee)
	}
}

// writer is who may make a task: the manager makes those for other people.
func (j job) writer() string {
	if "@"+j.By == j.Set["assignee"] {
		return j.By
	}
	return "mara"
}

// done finishes a task. What repeats is followed by its next, which is what the
// handle means from then on.
func (s *story) done(j job, f finish, assignee string) {
	of := ""
	s.write(s.at(when(fmt.Sprintf("%dd %02d:%02d", f.Ago, 10+spread(f.Result, 7), spread(f.Result+"m", 60)))), assignee, "finish "+j.As, func(tx *register.Tx) error {
		of = s.keys[j.As]
		s.keys[j.As+" done"] = of
		if _, err := tx.Transition("task", of, 0, "finish", map[string]any{"result": f.Result, "outcome": "passed"}, register.Note{}); err != nil {
			return err
		}
		return s.follow(tx, j)
	})
	if f.Verified == 0 {
		return
	}
	reviewer := strings.TrimPrefix(fmt.Sprint(j.Set["reviewer"]), "@")
	if j.Set["reviewer"] == nil {
		return
	}
	s.write(s.at(when(fmt.Sprintf("%dd 16:%02d", f.Verified, spread(f.Result, 60)))), reviewer, "verify "+j.As, func(tx *register.Tx) error {
		_, err := tx.Transition("task", of, 0, "verify", nil, register.Note{Why: "read the record"})
		return err
	})
}

// follow finds the repetition the kernel has just planned.
func (s *story) follow(tx *register.Tx, j job) error {
	if j.Set["repeat_every"] == nil {
		return nil
	}
	open, err := tx.Select("task", register.Filter{Field: "state", Op: register.Is, Values: []string{"open"}})
	for _, e := range open {
		if e.Title() == j.Set["title"] {
			s.keys[j.As] = e.Key
		}
	}
	return err
}

func (s *story) permit(p permission) {
	s.write(s.at(p.Asked), p.By, "ask "+p.As, func(tx *register.Tx) error {
		e, err := tx.Create("exception", s.resolve(p.Set), register.Note{})
		if err != nil {
			return err
		}
		s.keys[p.As] = e.Key
		_, err = tx.Transition("exception", e.Key, 0, "request", nil, register.Note{})
		return err
	})
	approver := strings.TrimPrefix(fmt.Sprint(p.Set["approver"]), "@")
	var moves []step
	if p.Approved != "" {
		moves = append(moves, step{When: p.Approved, By: approver, Name: "approve", Reason: "for this time, with what is done instead"})
	}
	if p.Rejected != "" {
		moves = append(moves, step{When: p.Rejected, By: approver, Name: "reject", Reason: p.Why})
	}
	if p.Revoke.When != "" {
		moves = append(moves, step{When: p.Revoke.When, By: p.Revoke.By, Name: "revoke", Reason: p.Revoke.Why})
	}
	s.changes("exception", p.As, nil, moves)
}

// remarks writes comments and hangs files on entries.
func (s *story) remarks() error {
	var told struct {
		Comments []struct {
			When     when
			By, On   string
			Text     string
			Mentions []string
		}
		Files []struct {
			When                     when
			By, On, Name, Type, Text string
		}
	}
	if err := read("remarks.yaml", &told); err != nil {
		return err
	}
	for _, c := range told.Comments {
		s.write(s.at(c.When), c.By, "comment on "+c.On, func(tx *register.Tx) error {
			_, key := s.entry(c.On)
			_, err := tx.Create("comment", map[string]any{"subject": key, "text": c.Text, "author": s.people[c.By].key, "mentions": s.personKeys(c.Mentions)}, register.Note{})
			return err
		})
	}
	for _, f := range told.Files {
		s.event(s.at(f.When), "file on "+f.On, func() error {
			name, key := s.entry(f.On)
			_, err := s.Kernel.Attach(s.ctx, s.actor(f.By), name, key, f.Name, f.Type, strings.NewReader(f.Text))
			return err
		})
	}
	return nil
}

// entry finds what "task #retention" speaks of.
func (s *story) entry(text string) (name, key string) {
	name, handle, _ := strings.Cut(text, " ")
	return name, s.resolveText(handle)
}

func (s *story) personKeys(handles []string) []string {
	var keys []string
	for _, h := range handles {
		keys = append(keys, s.people[h].key)
	}
	return keys
}
